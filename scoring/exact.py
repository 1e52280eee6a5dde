"""Exact numbers: int64 numerator and denominator per row, and the only place where anything is rounded.

A `Numbers` holds one exact ratio per row. Operations run on whole columns in int64; a row whose intermediate
result might leave int64 is marked *lost* and its owner redoes it with Python integers, so the answer is exact
either way. Floats appear only to estimate magnitudes, never in a value. A lost row's numerator, denominator and
missing mark mean nothing: whatever is made from it is lost too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

LIMIT = 2.0**62
_SMALL = 2.0**30
_LOWEST = np.iinfo(np.int64).min


class PointsOverflowError(OverflowError):
    """An exact result that does not fit int64 even in lowest terms."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """One exact number per row.

    Attributes:
        num: Numerators, shape (n,) or (1,) for a constant.
        den: Denominators, > 0, same shape.
        missing: Rows without a value.
        lost: Rows to redo in Python integers.
    """

    num: Ints
    den: Ints
    missing: Flags
    lost: Flags

    @classmethod
    def of(cls, value: Fraction | int | None) -> Numbers:
        """A constant, shape (1,).

        >>> Numbers.of(Fraction(1, 2)).fraction(0)
        Fraction(1, 2)
        """
        exact = Fraction(value or 0)
        lost = not (fits(exact.numerator) and fits(exact.denominator))
        num, den = (0, 1) if lost else (exact.numerator, exact.denominator)
        return cls(_ints([num]), _ints([den]), np.array([value is None]), np.array([lost]))

    @classmethod
    def whole(cls, num: npt.ArrayLike, missing: npt.ArrayLike | None = None, den: int = 1) -> Numbers:
        """Whole numbers of 1/*den*; what stands under a missing mark does not matter."""
        numerators = np.asarray(num, np.int64)
        absent = np.zeros(len(numerators), bool) if missing is None else np.asarray(missing, bool)
        return cls(numerators, np.full(len(numerators), den, np.int64), absent, np.zeros(len(numerators), bool))

    @classmethod
    def ratios(cls, num: npt.ArrayLike, den: npt.ArrayLike, missing: npt.ArrayLike) -> Numbers:
        """Pairs as they left an engine; a denominator of 0 is missing, a negative one turns the sign.

        Raises:
            PointsOverflowError: A number that does not `fits`.
        """
        numerators, denominators = np.asarray(num, np.int64), np.asarray(den, np.int64)
        absent = np.asarray(missing, bool) | (denominators == 0)
        large = ~absent & ~(_fit(numerators) & _fit(denominators))
        if large.any():
            row = int(np.flatnonzero(large)[0])
            raise PointsOverflowError(f"found {numerators[row]}/{denominators[row]}, allowed: numbers below 2^62")
        sign = np.sign(denominators)
        return cls(
            np.where(absent, 0, numerators * sign),
            np.where(absent, 1, np.abs(denominators)),
            absent,
            np.zeros_like(absent),
        )

    @classmethod
    def from_fractions(cls, values: Sequence[Fraction | None]) -> Numbers:
        """One row per value, None for missing.

        Raises:
            PointsOverflowError: A value that does not fit.
        """
        exact = [value or Fraction(0) for value in values]
        for value in exact:
            if not (fits(value.numerator) and fits(value.denominator)):
                raise PointsOverflowError(f"found {shown(value)}, allowed: numbers below 2^62")
        absent = np.array([value is None for value in values], bool)
        num, den = _ints([value.numerator for value in exact]), _ints([value.denominator for value in exact])
        return cls(num, den, absent, np.zeros(len(exact), bool))

    def __len__(self) -> int:
        return len(self.num)

    def fraction(self, row: int) -> Fraction | None:
        """The value of one row as Python's own exact type; None when missing."""
        return None if self.missing[row] else Fraction(int(self.num[row]), int(self.den[row]))

    def take(self, rows: npt.NDArray[np.intp] | Flags) -> Numbers:
        """The chosen rows."""
        return Numbers(self.num[rows], self.den[rows], self.missing[rows], self.lost[rows])

    def sized(self, count: int) -> Numbers:
        """The same with *count* rows, a constant repeated."""
        shape = (count,)
        return Numbers(
            np.broadcast_to(self.num, shape),
            np.broadcast_to(self.den, shape),
            np.broadcast_to(self.missing, shape),
            np.broadcast_to(self.lost, shape),
        )

    def with_values(self, rows: npt.NDArray[np.intp], values: Sequence[Fraction | None]) -> Numbers:
        """The same with the chosen rows replaced, and no longer lost.

        Raises:
            PointsOverflowError: A value that does not fit.
        """
        num, den, missing, lost = self.num.copy(), self.den.copy(), self.missing.copy(), self.lost.copy()
        new = Numbers.from_fractions(values)
        num[rows], den[rows], missing[rows], lost[rows] = new.num, new.den, new.missing, False
        return Numbers(num, den, missing, lost)

    def __neg__(self) -> Numbers:
        lowest = self.num == _LOWEST
        return Numbers(-np.where(lowest, 0, self.num), self.den, self.missing, self.lost | lowest)

    def __add__(self, other: Numbers) -> Numbers:
        if (self.den == other.den).all():
            num, lost = _add(self.num, other.num)
            return Numbers(num, np.broadcast_to(self.den, num.shape), *_masks(self, other, lost))
        left, lost_left = _multiply(self.num, other.den)
        right, lost_right = _multiply(other.num, self.den)
        den, lost_den = _multiply(self.den, other.den)
        num, lost = _add(left, right)
        return Numbers(
            num, np.where(lost_den, 1, den), *_masks(self, other, lost | lost_left | lost_right | lost_den)
        )._reduced()

    def __sub__(self, other: Numbers) -> Numbers:
        return self + -other

    def __mul__(self, other: Numbers) -> Numbers:
        num, lost_num = _multiply(self.num, other.num)
        den, lost_den = _multiply(self.den, other.den)
        return Numbers(num, np.where(lost_den, 1, den), *_masks(self, other, lost_num | lost_den))._reduced()

    def __truediv__(self, other: Numbers) -> Numbers:
        sign, lowest = np.sign(other.num), other.num == _LOWEST
        inverse = Numbers(
            other.den * np.where(sign == 0, 1, sign),
            np.where((sign == 0) | lowest, 1, np.abs(other.num)),
            other.missing | (sign == 0),
            other.lost | lowest,
        )
        return self * inverse

    def _reduced(self) -> Numbers:
        """Lowest terms where numbers have grown, so that chains of products stay within int64."""
        if len(self.num) == 0 or max(_magnitude(self.num).max(), _magnitude(self.den).max()) < _SMALL:
            return self
        divisor = np.maximum(np.gcd(self.num, self.den), 1)
        return Numbers(self.num // divisor, self.den // divisor, self.missing, self.lost)


def sign_of_difference(left: Numbers, right: Numbers) -> tuple[Ints, Flags, Flags]:
    """-1, 0 or 1 per row for left against right, by cross-multiplication.

    Returns:
        signs, missing, lost.
    """
    one, lost_one = _multiply(left.num, right.den)
    other, lost_other = _multiply(right.num, left.den)
    signs = (one > other).astype(np.int64) - (one < other)
    return signs, *_masks(left, right, lost_one | lost_other)


def choose(test: Flags, then: Numbers, otherwise: Numbers) -> Numbers:
    """Row by row the one or the other."""
    pairs = (
        (then.num, otherwise.num),
        (then.den, otherwise.den),
        (then.missing, otherwise.missing),
        (then.lost, otherwise.lost),
    )
    return Numbers(*(np.where(test, one, other) for one, other in pairs))


def round_half_away(num: Ints, den: Ints) -> Ints:
    """num/den to the nearest whole number, halves away from zero (四舍五入).

    >>> [int(n) for n in round_half_away(np.array([5, -5, 7]), np.array([2, 2, 2]))]
    [3, -3, 4]
    """
    size = np.abs(num)
    quotient, rest = size // den, size % den
    return np.sign(num) * (quotient + (rest >= den - rest))


def round_fraction(value: Fraction, step: Fraction) -> Fraction:
    """The multiple of *step* nearest to *value*, halves away from zero.

    >>> round_fraction(Fraction("2.345"), Fraction("0.01"))
    Fraction(47, 20)
    """
    parts = abs(value) / step
    whole, rest = divmod(parts.numerator, parts.denominator)
    whole += rest * 2 >= parts.denominator
    return whole * step * (1 if value >= 0 else -1)


def to_units(amount: Numbers, unit: Fraction, stages: Sequence[Fraction] = ()) -> tuple[Ints, Flags]:
    """Amounts as whole numbers of *unit*, rounded through *stages* in turn (default: straight to the unit).

    Args:
        amount: Exact amounts; a missing row becomes 0.
        unit: Value of one point unit, > 0.
        stages: Steps to round to, one after the other, the last a multiple of *unit*.

    Returns:
        int64 counts of the unit, and the rows that were lost on the way.
    """
    current, lost = amount, amount.lost
    counts = np.zeros(len(amount), np.int64)
    for step in stages or (unit,):
        factor = Numbers.of(step)
        scaled = current / factor
        counts = np.where(scaled.missing, 0, round_half_away(scaled.num, scaled.den))
        current = Numbers.whole(counts) * factor
        lost = lost | scaled.lost | current.lost
    units = Numbers.whole(counts) * Numbers.of((stages or (unit,))[-1] / unit)
    return units.num, (lost | units.lost) & ~amount.missing


def fraction_to_units(amount: Fraction, unit: Fraction, stages: Sequence[Fraction] = ()) -> int:
    """`to_units` for one amount in Python integers: the oracle, and the way out for lost rows.

    Raises:
        PointsOverflowError: More units than `fits`.
    """
    for step in stages or (unit,):
        amount = round_fraction(amount, step)
    units = amount / unit
    if not fits(units.numerator):
        raise PointsOverflowError(f"found {shown(amount)} points, allowed: fewer than 2^62 times {unit}")
    return units.numerator


def total(values: Numbers) -> Fraction:
    """The exact sum over all rows that are not missing, in Python integers.

    Rows of one denominator are added as whole numbers, then the few fractions pairwise, so that their
    denominators grow only near the end.

    >>> total(Numbers.from_fractions([Fraction(1, 2), None, Fraction(1, 3)]))
    Fraction(5, 6)
    """
    known = ~values.missing
    num, den = values.num[known], values.den[known]
    order = np.argsort(den, kind="stable")
    divisors, starts = np.unique(den[order], return_index=True)
    parts = np.split(num[order], starts[1:])
    sums = [Fraction(whole_sum(part), int(divisor)) for part, divisor in zip(parts, divisors, strict=False)]
    while len(sums) > 1:
        sums = [sum(sums[place : place + 2], Fraction(0)) for place in range(0, len(sums), 2)]
    return sums[0] if sums else Fraction(0)


def whole_sum(values: Ints) -> int:
    """Sum of int64 values that cannot overflow: high and low halves are added apart."""
    return (int((values >> 32).sum()) << 32) + int((values & 0xFFFFFFFF).sum())


def fits(value: int) -> bool:
    """Whether *value* leaves room to be used in int64.

    >>> fits(2**62), fits(2**61)
    (False, True)
    """
    return abs(value) < 2**62


def shown(value: Fraction) -> str:
    """A number as errors show it: whole, or numerator/denominator, cut short when it is very long.

    >>> shown(Fraction(1, 3)), shown(Fraction(10**60))
    ('1/3', 'a number of 61 digits')
    """
    if value.numerator.bit_length() + value.denominator.bit_length() < 160:
        return str(value)
    return f"a number of {len(str(abs(int(value))))} digits"


def decimal_text(units: int, unit: Fraction) -> str:
    """Points as printed: *units* times *unit* with the unit's own decimals.

    >>> decimal_text(8050, Fraction("0.01"))
    '80.50'
    """
    value = units * unit
    digits = decimals(unit)
    scaled = value * 10**digits
    text = str(abs(scaled.numerator)).rjust(digits + 1, "0")
    sign = "-" if value < 0 else ""
    return f"{sign}{text[:-digits]}.{text[-digits:]}" if digits else f"{sign}{text}"


def decimals(value: Fraction) -> int:
    """How many decimals write *value* in full.

    Raises:
        ValueError: A number without a finite decimal form.

    >>> decimals(Fraction("0.25"))
    2
    """
    for count in range(19):
        if (value * 10**count).denominator == 1:
            return count
    raise ValueError(f"found {value}, allowed: a decimal number of at most 18 places")


def _ints(values: Sequence[int]) -> Ints:
    return np.array(values, np.int64)


def _magnitude(values: Ints) -> npt.NDArray[np.float64]:
    return np.abs(values.astype(np.float64))


def _fit(values: Ints) -> Flags:
    return (values < 2**62) & (values > -(2**62))


def _multiply(one: Ints, other: Ints) -> tuple[Ints, Flags]:
    lost = _magnitude(one) * _magnitude(other) >= LIMIT
    if lost.any():
        return np.where(lost, 0, one) * np.where(lost, 1, other), lost
    return one * other, lost


def _add(one: Ints, other: Ints) -> tuple[Ints, Flags]:
    lost = _magnitude(one) + _magnitude(other) >= LIMIT
    if lost.any():
        return np.where(lost, 0, one) + np.where(lost, 0, other), lost
    return one + other, lost


def _masks(one: Numbers, other: Numbers, lost: Flags) -> tuple[Flags, Flags]:
    return one.missing | other.missing, one.lost | other.lost | lost
