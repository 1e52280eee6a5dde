from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from data_contracts.intake import take_in
from data_contracts.mapping import load_mappings
from scoring.evaluation import evaluate
from scoring.evaluation.cases import run_cases
from scoring.evaluation.csv_text import csv_bytes
from scoring.evaluation.sheets import ratings
from scoring.rulebook import load_rulebook
from scoring.rulebook.compare import compare
from scoring.rulebook.describe import describe, markdown
from scoring.rulebook.load import problems_of

INVENTED = Path(__file__).parents[1] / "rulebooks" / "invented"
SCHEMES = sorted(folder.name for folder in INVENTED.iterdir() if folder.is_dir())


@pytest.fixture(params=SCHEMES)
def folder(request: pytest.FixtureRequest) -> Path:
    """A scheme that resembles no shipped book, written from the docs alone."""
    return INVENTED / str(request.param)


def test_an_invented_scheme_is_sound(folder: Path):
    """If the docs had led its author astray, the check would say so."""
    assert problems_of(folder) == []


def test_every_case_of_an_invented_scheme_holds(folder: Path):
    """Its rules were worked out by hand before they were run."""
    results = run_cases(folder)

    assert len(results) >= 8
    assert [mismatch for result in results for mismatch in result.mismatches] == []


def test_its_delivered_files_give_the_ratings_worked_out_by_hand(folder: Path):
    """From odd headers and wide sheets to points and levels, through the whole intake."""
    book = load_rulebook(folder)
    mappings = load_mappings([folder / "mappings"], book.contracts)

    intake = take_in(folder / "delivered", book.contracts, mappings)
    evaluation = evaluate(book, intake.tables)

    assert not intake.refuses_batch
    assert intake.failures.table.num_rows == 0
    for file in sorted((folder / "expected").iterdir()):
        found = csv_bytes(ratings(book, evaluation.units[file.stem])).decode("utf-8")
        assert found == file.read_text("utf-8"), file.name


def test_an_invented_scheme_can_be_described_and_compared(folder: Path):
    """What people read of a book must not depend on which constructs it uses."""
    book = load_rulebook(folder)

    for language in ("zh", "en"):
        assert "as_written" not in markdown(describe(book, language))
    assert compare(book, load_rulebook(folder)) == []


def test_the_slips_its_author_made_are_told_how_to_mend(tmp_path: Path):
    """Brackets inside braces and an open bound were the two things that a reader of the docs got wrong at first."""
    shutil.copytree(INVENTED / "event-based", tmp_path / "book")
    file = tmp_path / "book" / "rulebook.yaml"
    sound = file.read_text("utf-8")

    file.write_text(sound.replace('"cost[kind] >= 8"', "cost[kind] >= 8"), "utf-8")
    unquoted = [problem.text for problem in problems_of(tmp_path / "book")]
    file.write_text(sound.replace("total: [0, null]", "total: [0, ]"), "utf-8")
    one_bound = [problem.text for problem in problems_of(tmp_path / "book")]

    assert [text.partition("; ")[2] for text in unquoted] == [
        "inside {…} or […], text with , : [ ] { } stands in quotes"
    ]
    assert one_bound == ["found a list, allowed: [lowest, highest], null for no bound"]
