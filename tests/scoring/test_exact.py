"""Exact numbers against Python's own fractions, up to the ends of 64 bits."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from operator import add, mul, sub, truediv

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from scoring.exact import (
    Numbers,
    PointsOverflowError,
    choose,
    decimal_text,
    decimals,
    fits,
    fraction_to_units,
    round_fraction,
    round_half_away,
    sign_of_difference,
    to_units,
    total,
    whole_sum,
)

LARGEST = 2**63 - 1
EDGES = [0, 1, -1, 2, 3, 5, 10**9, 2**31, 2**32, 2**61, 2**62 - 1, 2**62, 2**62 + 1, LARGEST]
int64 = st.one_of(
    st.integers(-100, 100),
    st.integers(-(2**63), LARGEST),
    st.sampled_from([*EDGES, *(-edge for edge in EDGES), -(2**63)]),
)
fitting = int64.filter(fits)
fractions = st.builds(Fraction, fitting, fitting.filter(bool)).filter(lambda value: fits(value.denominator))
maybe = st.none() | fractions
columns = st.lists(st.tuples(maybe, maybe), min_size=1, max_size=8)
units = st.sampled_from([Fraction(text) for text in ("1", "5", "0.1", "0.01", "0.25", "0.001")])


def numbers_of(values: list[Fraction | None]) -> Numbers:
    """A column."""
    return Numbers.from_fractions(values)


def redone(result: Numbers, exact: list[Fraction | None]) -> list[Fraction | None]:
    """What a caller ends up with: lost rows taken from Python's integers."""
    return [exact[row] if result.lost[row] else result.fraction(row) for row in range(len(result))]


def exactly(operation: Callable[[Fraction, Fraction], Fraction], one: Fraction | None, other: Fraction | None):
    """The rule for one row: missing with missing is missing, and so is a division by zero."""
    if one is None or other is None or (operation is truediv and other == 0):
        return None
    return operation(one, other)


@pytest.mark.parametrize("operation", [add, sub, mul, truediv])
@given(pairs=columns)
def test_arithmetic_on_columns_is_the_arithmetic_of_fractions(operation: Callable[..., Numbers], pairs):
    """A point must not depend on whether a firm was computed alone or in a column of a million."""
    left, right = numbers_of([one for one, _ in pairs]), numbers_of([other for _, other in pairs])

    result = operation(left, right)

    expected = [exactly(operation, one, other) for one, other in pairs]  # type: ignore[arg-type]
    assert redone(result, expected) == expected


@pytest.mark.parametrize("operation", [add, sub, mul, truediv])
@given(one=st.fractions(-1000, 1000, max_denominator=1000), other=st.fractions(-1000, 1000, max_denominator=1000))
def test_everyday_numbers_are_never_redone(operation: Callable[..., Numbers], one: Fraction, other: Fraction):
    """The slow way is for the few: a city of ordinary numbers stays in 64 bits."""
    result = operation(Numbers.of(one), Numbers.of(other))

    assert not result.lost.any()


@given(values=st.lists(fractions, min_size=1, max_size=6))
def test_a_chain_of_sums_and_products_stays_exact_where_it_is_not_lost(values: list[Fraction]):
    """Loss must never be forgotten on the way: a garbled row that looks sound would become a rating."""
    column = Numbers.of(1).sized(2)
    exact = Fraction(1)

    for place, value in enumerate(values):
        operation = (add, mul, sub)[place % 3]
        column, exact = operation(column, Numbers.of(value)), operation(exact, value)

    assert all(column.lost[row] or column.fraction(row) == exact for row in range(2))


@given(num=int64, den=int64)
def test_pairs_from_an_engine_keep_their_value_or_are_refused(num: int, den: int):
    """An engine hands over any two 64-bit numbers, also the lowest one, whose negative does not exist."""
    if den and not (abs(num) < 2**62 and abs(den) < 2**62):
        with pytest.raises(PointsOverflowError):
            Numbers.ratios([num], [den], [False])
        return

    pair = Numbers.ratios([num], [den], [False])

    assert pair.fraction(0) == (Fraction(num, den) if den else None)
    assert pair.den[0] > 0


@given(num=int64)
def test_any_64_bit_number_can_be_negated_and_divided_by(num: int):
    """-(-2^63) does not fit; the row is redone instead of wrapping to the wrong sign."""
    column = Numbers.whole([num])

    negated, inverse = -column, Numbers.of(1) / column

    assert redone(negated, [Fraction(-num)]) == [-num]
    assert redone(inverse, [1 / Fraction(num) if num else None]) == [1 / Fraction(num) if num else None]


@given(pairs=columns)
def test_comparison_cross_multiplies(pairs):
    """3.499999… is below an edge of 3.5, whatever its numerator and denominator."""
    left, right = numbers_of([one for one, _ in pairs]), numbers_of([other for _, other in pairs])

    signs, missing, lost = sign_of_difference(left, right)

    for row, (one, other) in enumerate(pairs):
        assert missing[row] == (one is None or other is None)
        if one is not None and other is not None and not lost[row]:
            assert signs[row] == (one > other) - (one < other)


@given(pairs=columns, test=st.booleans())
def test_choosing_takes_whole_rows(pairs, test: bool):
    """Numerator, denominator and missing mark of a unit come from the same side."""
    left, right = numbers_of([one for one, _ in pairs]), numbers_of([other for _, other in pairs])
    flags = np.array([test != bool(row % 2) for row in range(len(pairs))])

    chosen = choose(flags, left, right)

    assert [chosen.fraction(row) for row in range(len(pairs))] == [
        pair[0] if flag else pair[1] for flag, pair in zip(flags, pairs, strict=True)
    ]


# Rounding.


@given(num=fitting, den=fitting.filter(lambda value: value > 0))
def test_halves_are_rounded_away_from_zero(num: int, den: int):
    """四舍五入: 2.5 points are 3, and a deduction of 2.5 is 3 as well."""
    exact = Fraction(num, den)

    rounded = int(round_half_away(np.array([num]), np.array([den]))[0])

    assert abs(rounded - exact) <= Fraction(1, 2)
    assert abs(rounded - exact) < Fraction(1, 2) or abs(rounded) > abs(exact)


@pytest.mark.parametrize(
    "amount, expected",
    [
        ("2.4999", 2),
        ("2.5", 3),
        ("2.5001", 3),
        ("-2.4999", -2),
        ("-2.5", -3),
        ("-2.5001", -3),
        ("0.5", 1),
        ("-0.5", -1),
    ],
)
def test_the_half_itself_goes_up_in_size(amount: str, expected: int):
    """Below, on and above the half, for points and for deductions."""
    exact = Fraction(amount)

    points, lost = to_units(numbers_of([exact]), Fraction(1))

    assert (int(points[0]), bool(lost[0])) == (expected, False)
    assert fraction_to_units(exact, Fraction(1)) == expected
    assert round_fraction(exact, Fraction(1)) == expected


@pytest.mark.parametrize(
    "amount, stages, expected",
    [
        ("64.4949", ["0.01", "1"], 64),
        ("64.495", ["0.01", "1"], 65),
        ("64.495", ["1"], 64),
        ("64.4951", ["0.01", "1"], 65),
        ("-64.495", ["0.01", "1"], -65),
    ],
)
def test_stages_round_one_after_the_other(amount: str, stages: list[str], expected: int):
    """A city that first prints two decimals and then rounds what it printed is followed to the letter."""
    steps = [Fraction(stage) for stage in stages]

    points, _ = to_units(numbers_of([Fraction(amount)]), Fraction(1), steps)

    assert int(points[0]) == expected
    assert fraction_to_units(Fraction(amount), Fraction(1), steps) == expected


@given(values=st.lists(maybe, min_size=1, max_size=6), unit=units, factors=st.lists(st.integers(1, 50), max_size=3))
def test_a_column_becomes_units_as_one_amount_does(values: list[Fraction | None], unit: Fraction, factors: list[int]):
    """A unit that was lost and redone alone has the same points as its neighbours in the column."""
    stages = [unit / factor for factor in factors] + [unit * 2] if factors else []

    counts, lost = to_units(numbers_of(values), unit, stages)

    for row, value in enumerate(values):
        if value is None:
            assert (counts[row], lost[row]) == (0, False)
        elif not lost[row]:
            assert counts[row] == fraction_to_units(value, unit, stages)


@given(value=fractions, unit=units)
def test_an_amount_is_never_further_than_half_a_unit_from_its_points(value: Fraction, unit: Fraction):
    """No line can hide more than half a point unit."""
    assume(fits(int(value / unit) + 1))

    points = fraction_to_units(value, unit)

    assert abs(points * unit - value) <= unit / 2


def test_more_units_than_64_bits_are_refused():
    """A result that cannot be stored is an error and not a wrapped number."""
    with pytest.raises(PointsOverflowError, match=r"found 4611686018427387904 points, allowed"):
        fraction_to_units(Fraction(2**62), Fraction(1))


def test_a_value_that_does_not_fit_is_refused_with_its_size():
    """The message stays readable however large the number grew."""
    with pytest.raises(PointsOverflowError, match="found a number of 301 digits, allowed"):
        Numbers.from_fractions([Fraction(10**300)])


# Sums and texts.


@given(values=st.lists(maybe, max_size=12))
def test_a_total_passes_over_missing_rows_and_nothing_else(values: list[Fraction | None]):
    """A city rate is a sum over all units, exactly, however different their denominators."""
    result = total(numbers_of(values))

    assert result == sum((value for value in values if value is not None), Fraction(0))


@given(values=st.lists(int64, max_size=30))
def test_a_sum_of_64_bit_numbers_cannot_overflow(values: list[int]):
    """Twenty of the largest numbers still add up."""
    assert whole_sum(np.array(values, np.int64)) == sum(values)


@given(count=st.integers(-(10**12), 10**12), unit=units)
def test_points_print_as_what_they_are(count: int, unit: Fraction):
    """The sheet shows the number itself, with the unit's decimals and no negative zero."""
    text = decimal_text(count, unit)

    assert Fraction(text) == count * unit
    assert len(text.partition(".")[2]) == decimals(unit)
    assert not (count == 0 and text.startswith("-"))


def test_a_number_without_a_decimal_form_is_refused():
    """A point unit of a third cannot be printed."""
    with pytest.raises(ValueError, match="found 1/3, allowed: a decimal number"):
        decimals(Fraction(1, 3))


@given(pairs=columns, data=st.data())
def test_replaced_rows_are_sound_again(pairs, data: st.DataObject):
    """What Python's integers redid takes the place of the lost row, and of no other."""
    column = numbers_of([one for one, _ in pairs])
    row = data.draw(st.integers(0, len(pairs) - 1))

    fixed = column.with_values(np.array([row]), [pairs[row][1]])

    expected = [other if place == row else one for place, (one, other) in enumerate(pairs)]
    assert [fixed.fraction(place) for place in range(len(pairs))] == expected


def test_a_replacement_that_does_not_fit_is_refused():
    """A lost row whose true value is beyond 64 bits stops the run."""
    with pytest.raises(PointsOverflowError):
        Numbers.of(1).sized(2).with_values(np.array([1]), [Fraction(2**70)])
