from __future__ import annotations

import csv
import json
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from typer.testing import CliRunner

from api.cli.evaluate import run_evaluate
from api.cli.main import app
from scoring.card.sentences import Explainer
from scoring.evaluation import evaluate, explained
from scoring.evaluation.reopen import NotAResultError, OpenedResult, open_result
from scoring.evaluation.told import SheetMismatchError, tell
from scoring.rulebook.wording.words import Language

SAMPLE = Path(__file__).parents[2] / "scoring/rulebook/books/toronto/rentsafeto-2023/sample"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Toronto's sample, rated."""
    out = tmp_path_factory.mktemp("told") / "out"
    run_evaluate("toronto/rentsafeto-2023", SAMPLE, out, None, [], with_records=True)
    return out


@pytest.fixture
def result(folder: Path) -> OpenedResult:
    """The same, opened."""
    return open_result(folder)


@pytest.mark.parametrize("unit", ["building", "firm"])
def test_every_unit_is_told_with_the_points_it_was_given(result, unit: str):
    """Σ lines = points, for whoever reads the JSON instead of the sheet."""
    for row in result.ratings[unit].slice(0, 40).to_pylist():
        key = [row[column] for column in result.key_columns(unit)]

        for told in tell(result, unit, key):
            said = told.as_json()
            points = sum(Decimal(line["points"]) for line in said["lines"])
            assert "points" not in said["rating"] or points == Decimal(said["rating"]["points"])


def test_the_command_prints_codes_sentences_and_records(result, folder):
    """Another program reads what a person reads, without taking sentences apart."""
    row = result.ratings["building"].to_pylist()[0]

    done = CliRunner().invoke(app, ["explain", str(folder), "building", row["rsn"], row["evaluated_on"], "--json"])

    (said,) = json.loads(done.stdout)
    assert said["rating"]["rsn"] == row["rsn"]
    assert len(said["card"]["sha256"]) == 64
    first = said["lines"][0]
    assert (first["line"], first["code"]) == ("proactive", "line.applied")
    assert first["zh"].startswith("主动检查得分:")
    assert first["en"].startswith("Proactive score: ")
    assert {record["table"] for record in first["records"]} == {"grades"}
    cited = {name for line in said["lines"] for name in (line["source"], *line["analogue"]) if name}
    assert cited == set(said["sources"]) > set()
    assert said["sources"]["CITY"]["title"].startswith("City of Toronto")


@pytest.mark.parametrize(
    "language, heading, start, of",
    [("zh", "得分 ", "主动检查得分:", "grades: "), ("en", "points ", "Proactive score: ", "Grades: ")],
)
def test_the_command_says_a_sheet_in_sentences(result, folder, language: Language, heading: str, start: str, of: str):
    """An officer at the counter reads it aloud; each sentence is followed by its records."""
    row = result.ratings["building"].to_pylist()[0]
    key = [row["rsn"], row["evaluated_on"]]

    done = CliRunner().invoke(app, ["explain", str(folder), "building", *key, "--language", language])

    first, second, third, *_ = done.stdout.splitlines()
    assert heading + row["points"] in first
    assert second.split(maxsplit=1)[1].startswith(start)
    assert third.strip().startswith(of)
    (told,) = tell(result, "building", key)
    assert all(Explainer(told.card).text(one, language) in done.stdout for one in told.statements)


def test_a_step_by_rank_is_told_as_the_run_wrote_it(result):
    """One building alone cannot know that it was among the lowest."""
    ratings = result.ratings["building"]
    row = ratings.filter(pc.equal(ratings["level"], "audit")).to_pylist()[0]

    (told,) = tell(result, "building", [row["rsn"], row["evaluated_on"]])

    (step,) = [one for one in told.statements if one.line == "AUDIT"]
    assert (step.code, step.arguments["before"], step.arguments["after"]) == ("step.moved", "pass", "audit")
    text = Explainer(told.card).text(step, "zh")
    assert "排在末2.5%" in text
    assert "由 pass 调整为 audit" in text


def test_records_that_the_run_did_not_list_are_found_again_once(result, folder, tmp_path, monkeypatch):
    """A notebook that tells every unit must not rate the whole city for each of them."""
    copy, counted = tmp_path / "copy", Mock(wraps=evaluate)
    shutil.copytree(folder, copy)
    (copy / "records.parquet").unlink()
    plain = open_result(copy)
    monkeypatch.setattr(explained, "evaluate", counted)
    keys = [[row["rsn"], row["evaluated_on"]] for row in result.ratings["building"].slice(0, 3).to_pylist()]

    told = [tell(plain, "building", key)[0].explained for key in keys]

    assert told == [tell(result, "building", key)[0].explained for key in keys]
    assert counted.call_count == 1


@pytest.mark.parametrize("key", ["5157423", [5157423, "2023-01-01"], [None, "x"]])
def test_a_key_that_is_no_list_of_texts_is_refused(result, key: Any):
    """A notebook that reads a code as a number asks for nobody."""
    with pytest.raises(NotAResultError, match=r"found the key .*, allowed: a list of texts: rsn evaluated_on"):
        tell(result, "building", key)


BRANCHES = """
units:
  firm:
    from: firms
    key: [code]
    rated_as: coalesce(head, code)
    facts: {count: {of: records, time: any, by: firm, take: count()}}
    card: {lines: [{id: COUNT, points: count}]}
  project:
    from: projects
    key: [project]
    card: {lines: [{id: FIRM, points: firm.points + firm.count, missing: zero}]}
"""


def test_a_project_of_a_branch_is_told_with_what_its_head_was_given(make_book, tmp_path):
    """A branch is not rated itself; the run looks at its head, and so must whoever explains."""
    book, data = make_book(BRANCHES), tmp_path / "data"
    given: dict[str, list[dict[str, str]]] = {
        "firms": [{"code": "H"}, {"code": "B", "head": "H"}, {"code": "C", "head": "B"}],
        "records": [{"record": "r1", "firm": "H"}, {"record": "r2", "firm": "C"}],
        "projects": [{"project": "P", "firm": "C"}, {"project": "Q", "firm": "H"}],
    }
    data.mkdir()
    for name, contract in book.load().contracts.items():
        with (data / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, [column.name for column in contract.columns])
            writer.writeheader()
            writer.writerows(given.get(name, []))
    run_evaluate(str(book.folder), data, tmp_path / "out", None, [], with_records=True)
    result = open_result(str(tmp_path / "out"))

    found = [told for key in "PQ" for told in tell(result, "project", [key])]

    assert [told.explained.rating["points"] for told in found] == ["4.00", "4.00"]
    assert [told.values["firm.points"] for told in found] == [2, 2]


@pytest.mark.parametrize(
    "name, content, message",
    [
        (
            "ratings/building.csv",
            b"\x80\x04N.",
            "found a file with the SHA-256 .*, allowed: the file",
        ),
        ("lines/building.csv", b"", "lines/building.csv: found a file with the SHA-256"),
        ("facts/building.parquet", b"\x80\x04N.", "facts/building.parquet: found a file with the SHA-256"),
        ("records.parquet", b"PAR1", "records.parquet: found a file with the SHA-256"),
        ("rulebook/rulebook.yaml", b"!!python/object/apply:os.getcwd []", "rulebook/rulebook.yaml: found a file with"),
        ("rulebook/more.yaml", b"", "rulebook/more.yaml: found a file .* .it wrote none of that name"),
        ("ratings/building.csv", None, "ratings/building.csv: found no such file"),
        ("manifest.json", b"[]", "found another manifest.json"),
        ("manifest.json", b"\x80\x04N.", "found no readable manifest.json"),
    ],
)
def test_a_file_that_the_run_did_not_write_is_never_read(folder, tmp_path, name: str, content: bytes | None, message):
    """Neither a level written in by hand nor a pickle dropped into the folder gets as far as a parser."""
    row, copy = open_result(folder).ratings["building"].to_pylist()[0], tmp_path / "copy"
    key = [row["rsn"], row["evaluated_on"]]
    shutil.copytree(folder, copy)
    if content is None:
        (copy / name).unlink()
    else:
        (copy / name).write_bytes(content)

    with pytest.raises(NotAResultError, match=message):
        tell(open_result(copy), "building", key)


def test_a_sheet_that_was_changed_afterwards_is_not_explained(folder):
    """A folder that does not fit together must not be defended with sentences."""
    result = open_result(folder)
    ratings = result.ratings["building"]
    higher = pa.array(["99" if text else text for text in ratings["points"].to_pylist()])
    changed = ratings.set_column(ratings.column_names.index("points"), "points", higher)
    result.__dict__["ratings"] = {**result.ratings, "building": changed}
    row = next(row for row in changed.to_pylist() if row["points"])

    with pytest.raises(SheetMismatchError, match="found 99 points, the card says"):
        tell(result, "building", [row["rsn"], row["evaluated_on"]])
