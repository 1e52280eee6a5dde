"""Decision tables: rows that can never fit, and numbers that no row fits, found before any number is seen."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_contracts.document import Place
from data_contracts.expressions import TRUTH
from data_contracts.expressions.terms import Constant
from scoring.rulebook.edges import check_rows
from scoring.rulebook.reading import Reading
from scoring.rulebook.relations import Schema
from scoring.rulebook.shape import Expression, Row

ALWAYS = Expression("true", Constant(TRUTH, True), 1)
Edge = tuple[int, bool] | None


def row(lower: Edge = None, upper: Edge = None, *, when: bool = False, line: int = 0) -> Row:
    """A row between two edges; True where the edge belongs to it."""
    low, high = (None if edge is None else (Fraction(edge[0]), edge[1]) for edge in (lower, upper))
    return Row(low, high, ALWAYS if when else None, line=line)


def problems(rows: list[Row], step: int | str | None) -> list[str]:
    """What is wrong with the rows."""
    reading = Reading(Schema({}))
    check_rows(reading, Place("book", 1), rows, None if step is None else Fraction(step))
    return [str(problem) for problem in reading.problems]


NEVER = "found a row that can never fit, allowed: rows that earlier rows leave room for"


@pytest.mark.parametrize(
    "rows, step, expected",
    [
        ([row()], None, []),
        ([row((5, True)), row()], None, []),
        ([row((5, True)), row(None, (5, False))], None, []),
        ([row((5, False)), row(None, (5, True))], None, []),
        ([row((5, True)), row(None, (5, True))], None, []),
        ([row((5, False)), row(None, (5, False))], None, ["equal to 5"]),
        ([row((5, True))], None, ["below 5"]),
        ([row((5, False))], None, ["to 5"]),
        ([row(None, (5, True))], None, ["above 5"]),
        ([row(None, (5, False))], None, ["from 5"]),
        ([row((5, True), when=True)], None, ["at all"]),
        ([row((9, True)), row((5, True), (7, False)), row(None, (5, False))], None, ["from 7 below 9"]),
        ([row((9, False)), row((5, True), (7, True)), row(None, (5, False))], None, ["above 7 to 9"]),
        # Whole numbers leave no gap between 89 and 90, halves do.
        ([row((90, True)), row((60, True), (89, True)), row(None, (59, True))], 1, []),
        ([row((90, True)), row((60, True), (89, True)), row(None, (60, False))], "0.5", ["from 89.5 below 90"]),
        ([row((90, True)), row((60, True), (89, True)), row(None, (60, False))], None, ["above 89 below 90"]),
        ([row((89, False)), row(None, (90, False))], 1, []),
    ],
)
def test_every_number_needs_a_row(rows: list[Row], step: int | str | None, expected: list[str]):
    """With 60-89 and 90-119 a firm with 89.5 would have no level."""
    gaps = [
        f"found no row for numbers {gap}, allowed: rows that cover every number, the last without a test"
        for gap in expected
    ]

    assert problems(rows, step) == [f"book:1: {gap}" for gap in gaps]


@pytest.mark.parametrize(
    "rows, step",
    [
        ([row(), row(line=7)], None),
        ([row((5, True)), row((5, True), line=7), row()], None),
        ([row((5, True)), row((5, False), line=7), row()], None),
        ([row((5, True), (3, True), line=7), row()], None),
        ([row((5, False), (5, True), line=7), row()], None),
        ([row((5, False), (6, False), line=7), row()], 1),
        ([row((3, True)), row((5, True), when=True, line=7), row()], None),
        ([row((3, True)), row(None, (3, False)), row(line=7)], None),
    ],
)
def test_a_row_that_can_never_fit_is_a_slip(rows: list[Row], step: int | None):
    """Whoever wrote it believes that it does something."""
    assert problems(rows, step) == [f"book:7: {NEVER}"]


@pytest.mark.parametrize(
    "rows",
    [
        [row((5, True), when=True), row((5, True)), row()],
        [row((5, True), (5, True)), row()],
        [row((5, True), when=True), row((3, True), when=True), row()],
    ],
)
def test_a_row_with_a_condition_takes_nothing_for_certain(rows: list[Row]):
    """The same edge may stand again behind it."""
    assert problems(rows, None) == []


def test_a_table_without_rows_is_a_slip():
    """Nothing would ever fit."""
    assert problems([], None) == ["book:1: found no rows, allowed: at least one row"]


edges = st.none() | st.tuples(st.integers(-3, 3), st.booleans())


def fits(one: Row, number: Fraction) -> bool:
    """Whether the edges of a row hold the number."""
    low = one.lower is None or (number >= one.lower[0] if one.lower[1] else number > one.lower[0])
    return low and (one.upper is None or (number <= one.upper[0] if one.upper[1] else number < one.upper[0]))


@given(spans=st.lists(st.tuples(edges, edges), min_size=1, max_size=5), halves=st.booleans())
def test_what_is_reported_is_what_trying_every_number_shows(spans: list[tuple[Edge, Edge]], halves: bool):
    """On steps of a half, all numbers near the edges are tried; beyond them nothing changes."""
    step = Fraction(1, 2) if halves else Fraction(1)
    rows = [row(low, high, line=place + 2) for place, (low, high) in enumerate(spans)]
    numbers = [step * count for count in range(-20, 21)]
    first = [next((place for place, one in enumerate(rows) if fits(one, number)), None) for number in numbers]

    found = problems(rows, str(step))

    assert {text.partition(": ")[0] for text in found if NEVER in text} == {
        f"book:{place + 2}" for place in range(len(rows)) if place not in first
    }
    assert any("found no row for numbers" in text for text in found) == (None in first)
