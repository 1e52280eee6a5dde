"""Rulebooks that cannot be meant: every fault is found when the book is read, with its place and what is allowed."""

from __future__ import annotations

import re
import tempfile
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_contracts.document import DocumentError
from data_contracts.expressions import NUMBER, TEXT, Environment, ExpressionError, parse, resolve
from data_contracts.expressions.resolve import ColumnScope
from scoring.evaluation import Evaluation, evaluate
from scoring.facts.engine import FactOverflowError
from scoring.facts.judging import FactError
from scoring.rulebook import Rulebook, load_rulebook

FAULTS = Path(__file__).parents[1] / "rulebooks" / "many_faults"
BOOKS = sorted(path.stem for path in FAULTS.glob("*.yaml"))
MORE = {
    "pairs": "pair* text, one text -> firms.code, other text -> firms.code",
    "islands": "island* text, size number0?",
    "graded": "code* text, points number0?",
}


@pytest.mark.parametrize("name", BOOKS)
def test_all_faults_of_a_rulebook_are_reported_together(make_book: Any, name: str):
    """Whoever wrote it reads where it breaks, what stands there and what may, all at once."""
    text = (FAULTS / f"{name}.yaml").read_text("utf-8")

    found = make_book("", head=text, **MORE).problems()

    assert found == (FAULTS / f"{name}.txt").read_text("utf-8").splitlines()


def test_an_as_of_day_outside_the_period_is_refused(make_book: Any):
    """A rating of last year as of next year would mix two schemes."""
    book = make_book("units: {firm: {from: firms, key: code, card: {lines: [{id: A, points: 1}]}}}\n")

    assert book.load(date(2024, 1, 1)).as_of == date(2024, 1, 1)
    assert book.load(date(2024, 12, 31)).as_of == date(2024, 12, 31)
    for outside in (date(2023, 12, 31), date(2025, 1, 1)):
        assert book.problems(outside) == [
            f"rulebook.yaml:4: found as-of {outside}, allowed: a day of the period, 2024-01-01 to 2024-12-31"
        ]


@pytest.mark.parametrize(
    "table, columns, problem",
    [
        ("order", "code* text", "contracts/order:1: found table 'order', allowed: a name that is no word of SQL"),
        ("rated_firm", "code* text", "contracts/rated_firm:1: found table 'rated_firm', which an evaluation makes"),
        (
            "working_days",
            "day* text",
            "contracts/working_days:1: found table 'working_days', which an evaluation makes",
        ),
        (
            "plain",
            "code* text, a__b text",
            "contracts/plain:1: found column 'a__b', allowed: other than unit_no, no __",
        ),
        ("plain", "code* text, unit_no text", "contracts/plain:1: found column 'unit_no', allowed: other than unit_no"),
    ],
)
def test_a_contract_whose_names_collide_with_an_evaluation_is_refused(
    make_book: Any, table: str, columns: str, problem: str
):
    """Names stand in SQL without quotes, beside tables that a run makes itself."""
    book = make_book(
        "units: {firm: {from: firms, key: code, card: {lines: [{id: A, points: 1}]}}}\n", **{table: columns}
    )

    assert book.problems()[0].startswith(problem)


# Hostile rulebooks: refused quickly, never a crash.

SOUND_FOLDER = Path(__file__).parents[1] / "rulebooks" / "everything"
SOUND = (SOUND_FOLDER / "rulebook.yaml").read_text("utf-8")


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "{a: " * 50_000,
        "- " * 50_000 + "x",
        "a: &a [x]\nb: [" + "*a, " * 10_000 + "*a]\n",
        "a: &a {b: *a}\n",
        "? [a]\n: b\n",
        "a: !!python/object/apply:os.system ['echo']\n",
        "a: \x00\n",
        "rulebook: " + "x" * 1_000_000,
        "a: 1\n---\nb: 2\n",
        "points: {unit: " + "9" * 5000 + "}\n",
        "points: {unit: 0." + "0" * 5000 + "1}\n",
        "%YAML 9.9\n---\na: 1\n",
        "\ufeff",
    ],
)  # fmt: skip
def test_a_hostile_document_ends_in_a_message(text: str):
    """A file from outside may hold anything; the answer is a line with a place."""
    with pytest.raises(DocumentError) as caught:
        book_of(text)

    assert all(problem.line >= 1 for problem in caught.value.problems)


def book_of(text: str) -> Rulebook:
    """The rulebook that a text writes, on the contracts and tables of the book that uses everything."""
    with tempfile.TemporaryDirectory() as folder:
        for shared in ("contracts", "tables"):
            (Path(folder) / shared).symlink_to(SOUND_FOLDER / shared)
        (Path(folder) / "rulebook.yaml").write_bytes(text.encode("utf-8", "surrogatepass"))
        return load_rulebook(Path(folder))


WORDS = re.findall(r"[A-Za-z_0-9.]+|[^\sA-Za-z_0-9.]", SOUND)
words = st.sampled_from(sorted(set(WORDS))) | st.sampled_from(
    [
        "null",
        "''",
        "~",
        "[]",
        "{}",
        "-1",
        "0",
        "1e5",
        "0.001",
        "[1, 2]",
        "{a: 1}",
        "\n",
        "  ",
        "if(",
        ")",
        "'",
        "#",
        "&a",
        "*a",
    ]
)


@st.composite
def mutations(draw: st.DrawFn) -> str:
    """The sound book with a few pieces taken out, put in, or put elsewhere."""
    text = SOUND
    for _ in range(draw(st.integers(1, 4))):
        spans = [match.span() for match in re.finditer(r"[A-Za-z_0-9.]+|[^\sA-Za-z_0-9.]", text)]
        start, end = spans[draw(st.integers(0, len(spans) - 1))]
        text = text[:start] + draw(words | st.just("")) + text[end:]
    return text


@settings(max_examples=250)
@given(text=mutations())
def test_a_damaged_book_is_read_or_refused_but_never_crashes(text: str):
    """Whatever a slip of the keyboard leaves behind, the answer is a place and a sentence."""
    problems: list[str] = []
    with suppress(FactError, FactOverflowError):
        try:
            run(book_of(text))
        except DocumentError as error:
            problems = [str(problem) for problem in error.problems]

    assert all(": found " in problem or ": in " in problem for problem in problems)


def run(rulebook: Rulebook) -> Evaluation:
    """The book on a few rows of each table."""
    return evaluate(rulebook, {name: rows_of(rulebook, name) for name in rulebook.contracts})


def test_the_book_that_is_damaged_is_sound():
    """Otherwise the damage would hide behind an error of the rows."""
    assert [len(result.names) for result in run(book_of(SOUND)).units.values()] == [3, 3]


def rows_of(rulebook: Rulebook, table: str) -> pa.Table:
    """Three rows of a table: all ones, all twos, and one where everything that may be missing is."""
    columns: dict[str, pa.Array] = {"record_id": pa.array(["1", "2", "3"])}
    for column in rulebook.contracts[table].columns:
        kinds = {"number": pa.int64(), "text": pa.string(), "truth": pa.bool_(), "day": pa.date32()}
        unit, words = 10 ** (column.type.scale or 0), [*column.labels, "1", "2"]
        cells: list[Any] = {
            "number": [unit, 2 * unit, None],
            "text": [*words[:2], None],
            "truth": [True, False, None],
            "day": [date(2024, 1, 1), date(2024, 12, 31), None],
        }[column.type.kind]
        named = column.type.kind == "text" and not column.labels
        last = cells[2] if column.type.optional else "3" if named else cells[0]
        columns[column.name] = pa.array([*cells[:2], last], kinds[column.type.kind])
    return pa.table(columns)


NAMED = "staff kind a.b sla count sum if coalesce given date 'x' '' 1 0.5 null true and or not in is between 电梯"
SIGNS = [*"()[],.+-*/=<>'\"%#! \n\x00", "<=", "<>", "9" * 50]
pieces = st.sampled_from([*NAMED.split(), *SIGNS])


@settings(max_examples=500)
@given(text=st.lists(pieces, max_size=30).map(" ".join) | st.text(max_size=60))
def test_any_text_is_an_expression_or_an_error_with_its_place(text: str):
    """No eval, no way to the machine: a text is read by the grammar or refused."""
    scope = ColumnScope({"staff": NUMBER, "kind": TEXT.maybe()})
    at, problem = 0, "found nothing wrong"
    try:
        resolve(parse(text), scope, Environment(aggregates=True))
    except ExpressionError as error:
        at, problem = error.at, str(error)

    assert 0 <= at <= len(text)
    assert problem.startswith("found ")
