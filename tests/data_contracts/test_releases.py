"""A released contract keeps its promises, or its version says that it does not.

`datacontract` is the command of the standard's own tool, run in this process. Its `breaking` speaks for those who read
the records, and with `--perspective producer` for those who deliver; what it does not know is told here.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli.contracts import run_release
from data_contracts.odcs import load_contract
from data_contracts.publishing import breaking_changes, declares_break
from data_contracts.shelf import released_contracts, shipped_contracts

CONTRACTS, RELEASED = (Path(str(files("data_contracts") / name)) for name in ("contracts", "released"))
TABLES = sorted(shipped_contracts())


def datacontract(*arguments: str) -> tuple[str, int]:
    """What the command `datacontract` prints, and its exit code."""
    from datacontract.cli import app

    done = CliRunner().invoke(app, arguments)
    return done.output, done.exit_code


@pytest.mark.parametrize("table", TABLES)
def test_each_contract_passes_datacontract_lint(table):
    """Other tools read these files too, and refuse what we alone would understand."""
    said, code = datacontract("lint", "--all-errors", str(CONTRACTS / f"{table}.odcs.yaml"))

    assert code == 0, said


def test_datacontract_lint_is_not_asleep(tmp_path):
    """A check that never fails guards nothing."""
    (tmp_path / "a.odcs.yaml").write_text(SMALL.replace("logicalType: integer", "logicalType: whole"), encoding="utf-8")

    assert datacontract("lint", str(tmp_path / "a.odcs.yaml"))[1] == 1


def test_a_released_contract_is_not_broken_unnoticed():
    """An office filled in the template of May; in June its file must still be accepted, or the version must say so."""
    assert breaking_changes(released_contracts(), shipped_contracts()) == []


@pytest.mark.parametrize("table", TABLES)
def test_datacontract_breaking_finds_no_undeclared_break(table):
    """Who reads the records relies on what was released; files that did not change cannot break."""
    old, new = RELEASED / f"{table}.odcs.yaml", CONTRACTS / f"{table}.odcs.yaml"

    declared = declares_break(released_contracts()[table], shipped_contracts()[table])
    same = old.read_bytes() == new.read_bytes()
    said, code = ("", 0) if same or declared else datacontract("breaking", str(old), str(new))

    assert code == 0, said


def test_a_release_keeps_the_files_as_they_are(tmp_path):
    """What was promised is the file, not an extract of it."""
    (tmp_path / "gone.odcs.yaml").write_text("old", encoding="utf-8")

    run_release(tmp_path)

    shipped = files("data_contracts") / "contracts"
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        file.name: file.read_bytes() for file in shipped.iterdir()
    }


SMALL = """
apiVersion: v3.2.0
kind: DataContract
id: a
version: 1.0.0
status: active
customProperties: [{property: delivery, value: optional}]
schema:
  - name: complaints
    properties:
      - {name: ticket_id, businessName: 工单编号, logicalType: string, primaryKey: true, logicalTypeOptions: {pattern: '^T'}}
      - {name: kind, businessName: 类别, logicalType: string, enum: [{value: a, label: 甲}, {value: b, label: 乙}]}
      - {name: amount, logicalType: integer, logicalTypeOptions: {maximum: 10}}
      - {name: place, logicalType: string, synonyms: [{synonym: 地址}], customProperties: [{property: mergedCells, value: allowed}]}
      - {name: worth, logicalType: number, physicalType: 'DECIMAL(9,2)', required: true}
      - {name: phone, logicalType: string, classification: personal, customProperties: [{property: pseudonym, value: caller}]}
      - {name: came, logicalType: string, customProperties: [{property: header, value: optional}]}
      - {name: firm, logicalType: string, quality: [{type: custom, engine: property-credit, implementation: {checkDigit: GB 32100}}]}
      - {name: code, logicalType: string, quality: [{metric: invalidValues, arguments: {validValues: [x, y]}, mustBe: 0}]}
    quality:
      - {id: few, type: sql, query: SELECT COUNT(*) FROM complaints WHERE amount > 5, mustBe: 0, severity: warning}
      - {id: many, type: sql, query: SELECT COUNT(*) FROM complaints WHERE amount > 7, mustBe: 0}
"""  # noqa: E501


def changed(old: str, new: str) -> str:
    """The small contract with one change."""
    assert old in SMALL
    return SMALL.replace(old, new, 1)


def views(folder: Path, text: str) -> tuple[bool, bool]:
    """Whether `datacontract breaking` finds a break from the small contract, for readers and for those who deliver."""
    old, new = folder / "old.odcs.yaml", folder / "new.odcs.yaml"
    old.write_text(SMALL, encoding="utf-8")
    new.write_text(text, encoding="utf-8")
    consumer, producer = (
        datacontract("breaking", "--perspective", view, str(old), str(new))[1] for view in ("consumer", "producer")
    )
    return consumer == 1, producer == 1


READERS, OFFICES, BOTH, NOBODY = (True, False), (False, True), (True, True), (False, False)


@pytest.mark.parametrize(
    "old,new,told,tool",
    [
        ("{name: code, ", "{name: mark, ", "found no column code", BOTH),
        ("    quality:\n", "      - {name: fax, logicalType: string}\n    quality:\n", "found new column fax", OFFICES),
        ("{name: kind,", "{name: kind, required: true,", "found kind required, released: optional", OFFICES),
        ("{value: a, label: 甲}, ", "", "found no code a, 甲 of kind", OFFICES),
        ("label: 甲", "label: 丙", "found no code 甲 of kind", NOBODY),
        (
            "甲}, {value: b, label: 乙}",
            "乙}, {value: b, label: 甲}",
            "found 乙 for code a of kind",
            NOBODY,
        ),
        ("[x, y]", "[x]", "found rule complaints.code.enum without y", OFFICES),
        ("primaryKey: true", "required: true", "found key , released: ticket_id", BOTH),
        ("'^T'", "'^T1'", "found rule complaints.ticket_id.pattern with {'pattern': '^T1'}", NOBODY),
        ("maximum: 10", "maximum: 9", "found rule complaints.amount.range with {'maximum': '9'}", OFFICES),
        ("place, logicalType: string", "place, logicalType: date", "found type day of place, released: text", BOTH),
        ("DECIMAL(9,2)", "DECIMAL(9,1)", "found decimals 1 of worth, released: 2", BOTH),
        ("0, severity: warning", "0", "found new rule few", OFFICES),
        ("amount > 7", "amount > 6", "found rule many with {'text': 'amount > 6'}", NOBODY),
        ("businessName: 类别", "businessName: 类型", "found no header 类别 for kind", NOBODY),
        ("{name: place,", "{name: place, classification: public,", "found classification public of place", NOBODY),
        ("value: caller", "value: owner", "found pseudonym owner of phone, released: caller", NOBODY),
        ("{property: mergedCells, value: allowed}", "", "found place without merged cells", NOBODY),
        ("{property: header, value: optional}", "", "found came without an optional header", NOBODY),
        (
            ", quality: [{type: custom, engine: property-credit, implementation: {checkDigit: GB 32100}}]",
            "",
            "found no rule complaints.firm.check_digit",
            NOBODY,
        ),
        ("{property: delivery, value: optional}", "", "found a table that must be delivered", NOBODY),
    ],
)
def test_a_breaking_change_is_refused(tmp_path: Path, old: str, new: str, told: str, tool: tuple[bool, bool]):
    """An office's file of last year or a reader's program would fail: it is named, whatever the tool knows."""
    text = changed(old, new)

    found = breaking_changes({"a": load_contract(SMALL, "a.odcs.yaml")}, {"a": load_contract(text, "a.odcs.yaml")})

    assert [one for one in found if one.startswith(f"a 1.0.0: {told}") and one.endswith("allowed: with version 2.0.0")]
    assert views(tmp_path, text) == tool


@pytest.mark.parametrize(
    "old,new",
    [
        ("required: true", "required: false"),
        ("label: 乙}]", "label: 乙}, {value: c}]"),
        ("mustBe: 0}", "mustBe: 0, severity: warning}"),
    ],
)
def test_what_only_readers_run_into_is_refused_by_the_tool(tmp_path: Path, old: str, new: str):
    """A delivery has nothing to fear from a wider contract; a program that knows two codes has."""
    text = changed(old, new)

    assert views(tmp_path, text) == READERS


@pytest.mark.parametrize(
    "old,new",
    [
        ("businessName: 类别", "businessName: 类型, synonyms: [{synonym: 类别}]"),
        ("status: active", "status: active\nname: 投诉"),
    ],
)
def test_what_takes_nothing_from_anybody_breaks_nothing(tmp_path: Path, old: str, new: str):
    """A further header or a title is not worth a version."""
    text = changed(old, new)

    assert breaking_changes({"a": load_contract(SMALL, "a.odcs.yaml")}, {"a": load_contract(text, "a.odcs.yaml")}) == []
    assert views(tmp_path, text) == NOBODY


def test_a_declared_change_and_a_vanished_table_are_told_apart():
    """The first number of the version is the declaration; there is none for a table that is gone."""
    released = {"complaints": load_contract(SMALL, "a.odcs.yaml")}
    declared = changed("{name: kind,", "{name: sort,").replace("1.0.0", "2.0.0")

    assert breaking_changes(released, {"complaints": load_contract(declared, "a.odcs.yaml")}) == []
    assert breaking_changes(released, {}) == ["complaints: found no contract, allowed: the table that was released"]
