"""The key of the pseudonyms on the command line: made, given, refused, and said to be missing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from data_contracts.personal import key_id, pseudonym

CONTRACT = """
apiVersion: v3.2.0
kind: DataContract
id: heads
version: 1.0.0
status: active
schema:
  - name: heads
    businessName: 项目负责人
    properties:
      - {name: firm, businessName: 企业, logicalType: string, primaryKey: true}
      - {name: name, businessName: 姓名, logicalType: string, classification: personal}
      - name: person
        businessName: 身份证号
        logicalType: string
        classification: personal
        customProperties: [{property: pseudonym, value: head}]
"""
RULEBOOK = """
rulebook: heads
title: {en: Heads}
period: {from: 2024-01-01, to: 2024-12-31}
points: {unit: 1}
units:
  firm:
    from: heads
    key: [firm]
    card: {lines: [{id: L, points: "POINTS"}]}
"""
READS = "if(person is null, 0, 1)"
ROWS = "企业,姓名,身份证号\nA,某甲,53010219900307123x\nB,某乙,530102199003071213\n"


@pytest.fixture
def city(tmp_path: Path) -> Path:
    """A rulebook about nobody, its delivery, and a key beside them."""
    written = {
        "book/contracts/heads.odcs.yaml": CONTRACT,
        "book/rulebook.yaml": RULEBOOK.replace("POINTS", "1"),
        "data/heads.csv": ROWS,
    }
    for path, text in written.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, "utf-8")
    assert run(tmp_path, "person-key", "--out", "person.key").returncode == 0
    return tmp_path


def run(folder: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """One command, as from a terminal."""
    code = "from api.cli.main import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *words],
        cwd=folder, env={"PATH": "/usr/bin:/bin", **variables}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def evaluate(folder: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Rate the firms of *folder*."""
    return run(folder, "evaluate", "book", "--data", "data", "--out", "out", *words, **variables)


def persons(folder: Path) -> list[str | None]:
    """What stands for the persons in the lake."""
    (path,) = (folder / "out" / "lake" / "heads").glob("*.parquet")
    found: list[str | None] = pq.read_table(path)["person"].to_pylist()
    return found


def test_with_the_key_persons_are_pseudonyms_and_the_manifest_names_the_key(city):
    """Two years can be linked by whoever holds the key, and only under the same one."""
    key = (city / "person.key").read_bytes()

    done = evaluate(city, "--person-key", "person.key")

    assert done.returncode == 0, done.stderr
    assert persons(city) == [pseudonym(key, "head", "53010219900307123X"), pseudonym(key, "head", "530102199003071213")]
    manifest = (city / "out" / "manifest.json").read_text("utf-8")
    assert json.loads(manifest)["person_key"] == key_id(key)
    assert key.hex() not in manifest


def test_the_environment_can_name_the_key(city):
    """A yearly job does not type options."""
    done = evaluate(city, PROPERTY_CREDIT_PERSON_KEY=str(city / "person.key"))

    assert done.returncode == 0, done.stderr
    assert None not in persons(city)


def test_without_a_key_columns_of_persons_are_empty_and_it_is_said(city):
    """Silence would look like a delivery without persons."""
    done = evaluate(city)

    assert done.returncode == 0
    assert "人员列置空 / no --person-key given: columns of persons are left empty: heads.person" in done.stderr
    assert persons(city) == [None, None]
    assert json.loads((city / "out" / "manifest.json").read_text("utf-8"))["person_key"] is None


@pytest.mark.parametrize("command,ends", [("evaluate", 1), ("validate", 0)])
def test_rules_that_need_pseudonyms_are_said_not_to_be_evaluated(city, command, ends):
    """Without the key such a rule sees nobody: 0 instead of unknown would be a wrong rating."""
    (city / "book" / "rulebook.yaml").write_text(RULEBOOK.replace("POINTS", READS), "utf-8")

    done = run(city, command, "book", "--data", "data", *(["--out", "out"] if command == "evaluate" else []))

    assert done.returncode == ends
    assert "未评价 / not evaluated, for they need --person-key: firm" in done.stderr
    assert not (city / "out").exists()
    assert evaluate(city, "--person-key", "person.key").returncode == 0


def test_a_rule_cannot_name_a_column_that_is_emptied(city):
    """It would compare with nothing, every year."""
    (city / "book" / "rulebook.yaml").write_text(RULEBOOK.replace("POINTS", "if(name is null, 0, 1)"), "utf-8")

    done = run(city, "rulebook", "check", "book")

    assert done.returncode == 1
    assert "found 'name', allowed:" in done.stdout + done.stderr


@pytest.mark.parametrize("inside", ["data", "out"])
def test_a_key_within_data_or_results_is_refused_in_both_languages(city, inside):
    """Whoever copies the folder would copy the key along."""
    assert evaluate(city).returncode == 0
    path = city / inside / "person.key"
    path.write_bytes((city / "person.key").read_bytes())
    path.chmod(0o600)

    done = evaluate(city, "--person-key", str(path))

    assert done.returncode == 2
    assert f"密钥位于 {inside} 之内;应放在数据和结果之外" in done.stderr
    assert f"found the key within {inside}, allowed: outside data and results" in done.stderr


@pytest.mark.parametrize("command", ["validate", "fixes"])
def test_a_key_within_an_earlier_result_is_refused(city, command):
    """Results are handed on from year to year, to whoever compares them."""
    assert evaluate(city).returncode == 0
    path = city / "out" / "person.key"
    path.write_bytes((city / "person.key").read_bytes())
    path.chmod(0o600)
    more = ["--out", "fixes"] if command == "fixes" else []

    done = run(city, command, "book", "--data", "data", "--earlier", "out", "--person-key", str(path), *more)

    assert done.returncode == 2
    assert "密钥位于 out 之内;应放在数据和结果之外" in done.stderr


@pytest.mark.parametrize("command", ["validate", "fixes"])
def test_every_command_that_takes_a_delivery_checks_the_key(city, command):
    """A key that others can read is a key that others have."""
    (city / "person.key").chmod(0o644)
    more = ["--out", "fixes"] if command == "fixes" else []

    done = run(city, command, "book", "--data", "data", "--person-key", "person.key", *more)

    assert done.returncode == 2
    assert "他人可读取密钥" in done.stderr
    assert "found a key that others can read (0644)" in done.stderr


def test_a_key_is_not_made_twice(city):
    """A typing error must not cut the years apart."""
    before = (city / "person.key").read_bytes()

    done = run(city, "person-key", "--out", "person.key")

    assert done.returncode == 2
    assert "文件已存在" in done.stderr
    assert (city / "person.key").read_bytes() == before


def test_one_person_at_two_firms_is_refused_without_a_key_and_without_naming_them(city):
    """Rules of contracts look at cells as delivered: they need no pseudonym, and what they say quotes nobody."""
    days = "".join(f"      - {{name: {name}, logicalType: date}}\n" for name in ("since", "until"))
    rule = "{noOverlap: {per: [person], from: since, to: until}}"
    quality = (
        f"    quality:\n      - {{type: custom, engine: property-credit, implementation: {rule}, severity: error}}\n"
    )
    (city / "book" / "contracts" / "heads.odcs.yaml").write_text(CONTRACT + days + quality, "utf-8")
    rows = "企业,姓名,身份证号,since,until\n"
    rows += "A,某甲,53010219900307123X,2024-01-01,\nB,某甲,53010219900307123X,2024-03-01,\n"
    (city / "data" / "heads.csv").write_text(rows + "C,某乙,530102199003071213,2024-01-01,\n", "utf-8")

    done = run(city, "validate", "book", "--data", "data")

    assert done.returncode == 1
    assert "报送 3 行,退回 2 行" in done.stdout
    assert "重叠" in done.stderr
    assert "530102" not in done.stderr + done.stdout
    assert "某甲" not in done.stderr + done.stdout
