"""Formulas over many units against the same formula read for one unit at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

import narwhals as nw
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, assume, given, reject, settings
from hypothesis import strategies as st

from data_contracts.expressions import ExpressionError, Term, Type
from data_contracts.expressions.flags import flag_expression
from data_contracts.expressions.terms import (
    Arithmetic,
    Coalesce,
    Column,
    Compare,
    Constant,
    Extreme,
    If,
    columns,
    walk,
)
from scoring.exact import Numbers, PointsOverflowError, fits
from scoring.facts.days import CalendarError, WorkingDays, add_months, day_of, year_of
from scoring.facts.formula import UnitError, evaluate, numbers, truths
from scoring.facts.one_row import Context, MissingKeyError, RefusedValueError, one_row
from scoring.facts.values import Path, Scalar, Texts, Truths, Value, scalar

REFUSALS = (MissingKeyError, RefusedValueError, CalendarError)
RATIO = Type("number", None, optional=True)


def column(values: Sequence[Scalar], kind: str) -> Value:
    """Scalars as a column of the kind."""
    if kind == "text":
        return Texts.of(values)
    if kind == "truth":
        return Truths.of([None if value is None else bool(value) for value in values])
    return Numbers.from_fractions([value if isinstance(value, Fraction) else None for value in values])


def expected(term: Term, rows: Sequence[Mapping[Path, Scalar]], context: Context) -> list[Any]:
    """What each row means, or the error it deserves."""
    found: list[Any] = []
    for row in rows:
        try:
            found.append(one_row(term, row, context))
        except REFUSALS as error:
            found.append(error)
    return found


def fitting(values: list[Any]) -> bool:
    """Whether every number of the answer can be stored."""
    exact = [value for value in values if isinstance(value, Fraction)]
    return all(fits(value.numerator) and fits(value.denominator) for value in exact)


def assert_agrees(term: Term, rows: Sequence[Mapping[Path, Scalar]], context: Context) -> None:
    """The whole column, the first refused row, or the number that does not fit."""
    values = {path: column([row[path] for row in rows], kind) for path, kind in kinds_of(term).items()}
    wanted = expected(term, rows, context)
    refused = [place for place, value in enumerate(wanted) if isinstance(value, Exception)]
    if refused:
        with pytest.raises(UnitError) as caught:
            evaluate(term, values, len(rows), context)
        assert (caught.value.row, str(caught.value)) == (refused[0], str(wanted[refused[0]]))
    elif not fitting(wanted):
        with pytest.raises(PointsOverflowError):
            evaluate(term, values, len(rows), context)
    else:
        found = evaluate(term, values, len(rows), context)
        assert [scalar(found, row) for row in range(len(rows))] == wanted
        assert not found.lost.any()


def kinds_of(term: Term) -> dict[Path, str]:
    """Kind of every column of a term."""
    return {part.path: part.type.kind for part in walk(term) if isinstance(part, Column)}


@settings(max_examples=400)
@given(data=st.data())
def test_a_column_of_units_means_what_each_unit_means_alone(unit_language, data: st.DataObject):
    """A firm's points must be the same in the yearly run and when its sheet is computed again for an objection."""
    text = data.draw(unit_language.anything(3))
    rows = data.draw(unit_language.rows())

    assert_agrees(unit_language.term(text), rows, unit_language.context)


huge = st.one_of(
    st.integers(-5, 5), st.integers(-(2**61), 2**61), st.sampled_from([2**61, -(2**61), 2**31, 3**38, 10**18])
)
ratios = st.none() | st.builds(Fraction, huge, st.integers(1, 2**61))


def big_terms(depth: int) -> st.SearchStrategy[Term]:
    """Arithmetic on three columns of huge ratios."""
    plain = st.sampled_from([Column(RATIO, (name,)) for name in "abc"]) | st.builds(
        lambda value: Constant(RATIO, value), ratios.filter(bool)
    )
    if not depth:
        return plain
    below = big_terms(depth - 1)
    signs = st.sampled_from(["=", "<>", "<", "<=", ">", ">="])
    tests = st.builds(Compare, st.just(Type("truth", optional=True)), signs, below, below)
    return st.one_of(
        plain,
        st.builds(Arithmetic, st.just(RATIO), st.sampled_from("+-*/"), below, below),
        st.builds(If, st.just(RATIO), tests, below, below),
        st.builds(Coalesce, st.just(RATIO), st.tuples(below, below)),
        st.builds(Extreme, st.just(RATIO), st.just("least"), st.tuples(below, below)),
    )


@settings(max_examples=400)
@given(term=big_terms(3), rows=st.lists(st.tuples(ratios, ratios, ratios), min_size=1, max_size=5))
def test_numbers_beyond_64_bits_are_redone_and_never_wrapped(term: Term, rows):
    """A shrunken rate of a large city may pass through a huge product: its value is still exact, or refused."""
    assert_agrees(term, [{(name,): value for name, value in zip("abc", row, strict=True)} for row in rows], Context())


@settings(max_examples=150, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(data=st.data())
def test_row_checks_mean_what_formulas_mean(unit_language, data: st.DataObject):
    """A rule that a contract checks and a rulebook counts by has one meaning.

    Rows that a formula refuses are left out: a check must say of every row whether it holds, also of one from 1899.
    """
    term = unit_language.term(data.draw(unit_language.truths(2)))
    assume(columns(term) and not any(isinstance(part, Constant) and part.value is None for part in walk(term)))
    try:
        expression = flag_expression(term)
    except ExpressionError:
        reject()
    rows = data.draw(unit_language.rows())

    table = nw.from_native(stored(unit_language.columns, rows), eager_only=True)
    found = table.select(expression.alias("flag"))["flag"].to_list()

    formula = expected(term, rows, unit_language.context)
    judged = [row for row, value in enumerate(formula) if not isinstance(value, Exception)]
    assert [found[row] for row in judged] == [formula[row] for row in judged]


def stored(kinds: Mapping[str, Type], rows: Sequence[Mapping[Path, Any]]) -> pa.Table:
    """Rows as a contract stores them: scaled whole numbers, day as date."""
    arrow = {"number": pa.int64(), "text": pa.string(), "truth": pa.bool_(), "day": pa.date32()}
    cells: dict[str, list[object]] = {}
    for name, kind in kinds.items():
        values = [row[(name,)] for row in rows]
        if kind.kind == "number":
            values = [None if value is None else int(value * 10 ** (kind.scale or 0)) for value in values]
        if kind.kind == "day":
            values = [None if value is None else day_of(int(value)) for value in values]
        cells[name] = values
    return pa.table({name: pa.array(cells[name], arrow[kind.kind]) for name, kind in kinds.items()})


# Edges that a random search may pass by.


def test_division_by_zero_is_missing(unit_language):
    """A rate per area of a compound without area is unknown, not infinite and not zero."""
    term = unit_language.term("always / n")
    rows: list[dict[Path, Scalar]] = [{("always",): Fraction(3), ("n",): Fraction(n)} for n in (-1, 0, 1)]

    assert expected(term, rows, Context()) == [-3, None, 3]
    assert_agrees(term, rows, Context())


def test_what_is_not_needed_is_not_looked_up(unit_language):
    """`if(kind = 'lift', days[kind], 5)` asks nothing of the table for other kinds."""
    term = unit_language.term("if(kind = 'lift', weight[kind], 5)")
    rows: list[dict[Path, Scalar]] = [{("kind",): kind} for kind in ("lift", "roof", None)]

    assert expected(term, rows, unit_language.context) == [Fraction(3, 2), 5, None]
    assert_agrees(term, rows, unit_language.context)


def test_a_missing_key_names_table_key_and_what_is_there(unit_language):
    """The clerk who must extend the table reads which key and which table."""
    term = unit_language.term("weight[kind]")
    values: dict[Path, Value] = {("kind",): Texts.of(["lift", "roof"])}

    with pytest.raises(UnitError) as caught:
        evaluate(term, values, 2, unit_language.context)

    assert (caught.value.row, str(caught.value)) == (1, "found key 'roof' for table 'weight', allowed: lift, 电梯")


@pytest.mark.parametrize(
    "value, reason, refused",
    [(0, "seen", True), (1, None, True), (1, "seen", False), (5, None, False), (10, "seen", False), (11, "seen", True)],
)
def test_a_given_value_needs_its_range_and_a_reason(unit_language, value: int, reason: str | None, refused: bool):
    """An officer may give 1 to 10 points; off the reference of 5 only with a reason."""
    term = unit_language.term("given(n, 1, 10, 5, kind)")
    row: dict[Path, Scalar] = {("n",): Fraction(value), ("kind",): reason}

    if refused:
        with pytest.raises(RefusedValueError, match=f"found the given value {value}, allowed: within its range"):
            one_row(term, row)
    else:
        assert one_row(term, row) == value


def test_no_units_give_no_rows(unit_language):
    """A district without a single firm is rated without an error."""
    term = unit_language.term("coalesce(sla[kind], 1) + n / area")
    values = {path: column([], kind) for path, kind in kinds_of(term).items()}

    assert len(numbers(term, values, 0, unit_language.context)) == 0


def test_the_literal_null_is_missing_everywhere():
    """`if(answers >= 30, opinion, null)` relies on it."""
    nothing = Constant(Type("null", optional=True), None)

    assert numbers(nothing, {}, 2).missing.tolist() == [True, True]
    assert truths(nothing, {}, 2).missing.tolist() == [True, True]


def test_a_level_that_the_order_lacks_is_missing(unit_language):
    """An earlier round may have known other levels; they are neither worse nor better."""
    term = unit_language.term("worse(level, '3A')")

    assert one_row(term, {("level",): "5A"}) is None
    assert_agrees(term, [{("level",): "5A"}, {("level",): "A"}], Context())


# The calendar.


@pytest.mark.parametrize(
    "start, months, end",
    [
        ("2024-01-30", 1, "2024-02-29"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2023-01-31", 1, "2023-02-28"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-03-31", -1, "2024-02-29"),
        ("2024-12-31", -36, "2021-12-31"),
        ("2024-12-31", 0, "2024-12-31"),
        ("2024-12-01", 1, "2025-01-01"),
    ],
)
def test_months_end_on_the_last_day_where_the_month_is_shorter(start: str, months: int, end: str):
    """A penalty of 31 January is in force for a month until the end of February."""
    first = (date.fromisoformat(start) - date(1970, 1, 1)).days

    assert day_of(add_months(first, months)) == date.fromisoformat(end)


@pytest.mark.parametrize("day", [date(1899, 12, 31), date(2101, 1, 1)])
def test_days_outside_the_calendar_are_refused(day: date):
    """A year 0024 in a delivery is a slip, not an old record."""
    number = (day - date(1970, 1, 1)).days

    with pytest.raises(CalendarError, match="allowed: days from 1900 to 2100"):
        year_of(number)
    with pytest.raises(CalendarError, match="allowed: days from 1900 to 2100"):
        add_months(number, 1)


def test_months_cannot_leave_the_calendar():
    """The far end is as firm as the near one."""
    with pytest.raises(CalendarError, match="found 2100-12-31 plus 1 months, allowed: days from 1900 to 2100"):
        add_months((date(2100, 12, 31) - date(1970, 1, 1)).days, 1)


@pytest.mark.parametrize(
    "start, days, end",
    [
        ("2024-02-08", 1, "2024-02-09"),
        ("2024-02-09", 1, "2024-02-18"),
        ("2024-02-10", 1, "2024-02-18"),
        ("2024-09-13", 1, "2024-09-14"),
        ("2024-09-14", 1, "2024-09-18"),
        ("2024-02-10", 0, "2024-02-10"),
        ("2024-02-18", -1, "2024-02-09"),
        ("2025-12-08", 5, "2025-12-15"),
    ],
)
def test_working_days_follow_the_official_calendar(start: str, days: int, end: str):
    """Spring Festival 2024 ran from 10 to 17 February, and Sunday the 18th was worked; so was Saturday 14 September."""
    first = (date.fromisoformat(start) - date(1970, 1, 1)).days

    assert day_of(WorkingDays().add(first, days)) == date.fromisoformat(end)


def test_an_override_takes_precedence_over_the_shipped_calendar():
    """A city's typhoon day off moves every answer that was due across it."""
    friday = (date(2024, 7, 5) - date(1970, 1, 1)).days
    working = WorkingDays({date(2024, 7, 8): False})

    assert day_of(WorkingDays().add(friday, 1)) == date(2024, 7, 8)
    assert day_of(working.add(friday, 1)) == date(2024, 7, 9)


def test_a_year_named_in_the_overrides_is_known():
    """The order of the State Council for the next year can be typed in before the package has it."""
    last = (date(2026, 12, 31) - date(1970, 1, 1)).days

    with pytest.raises(CalendarError, match="found 2026-12-31 plus 1 working days, allowed: 2004-01-01 to 2026-12-31"):
        WorkingDays().add(last, 1)
    assert day_of(WorkingDays({date(2027, 1, 1): False}).add(last, 1)) == date(2027, 1, 4)


def test_the_columns_a_term_reads_are_all_it_needs(unit_language):
    """`row_of` hands over no more than these."""
    term = unit_language.term("if(n > area, kind, owner)")

    assert columns(term) == {("n",), ("area",), ("kind",), ("owner",)}


def test_texts_keep_their_missing_rows():
    """A missing text is neither equal nor unequal to anything."""
    texts = Texts.of(["a", None])

    assert texts.missing.tolist() == [False, True]
    assert np.array_equal(texts.lost, [False, False])
