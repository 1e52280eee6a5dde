"""Unit back end: a typed core term over the columns of many units at once, exactly.

Both branches of an `if` are computed for all units, so a number too large for int64, a key its table lacks or a value
that is refused only marks the row as lost. `one_row` then does such a row again and has the last word on it: the same
exact answer, or the error, if the unit really needs it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from data_contracts.expressions.terms import (
    Arithmetic,
    Coalesce,
    Column,
    Compare,
    Constant,
    Extreme,
    Given,
    If,
    Logic,
    Missing,
    Not,
    Term,
    columns,
)
from scoring.exact import Flags, Ints, Numbers, choose, fits, sign_of_difference
from scoring.facts.days import CalendarError
from scoring.facts.one_row import Context, MissingKeyError, RefusedValueError, applied, arguments_of, one_row
from scoring.facts.values import Path, Scalar, Texts, Truths, Value, losing, row_of, scalar, sized, with_rows

__all__ = [
    "Context", "MissingKeyError", "Path", "RefusedValueError", "Scalar", "Texts", "Truths", "UnitError", "Value",
    "evaluate", "numbers", "one_row", "row_of", "scalar", "truths",
]  # fmt: skip


class UnitError(ValueError):
    """A unit that the rulebook cannot judge.

    Attributes:
        row: Which of the units.
    """

    def __init__(self, row: int, text: str) -> None:
        super().__init__(text)
        self.row = row


def evaluate(term: Term, values: Mapping[Path, Value], count: int, context: Context | None = None) -> Value:
    """*term* for each of *count* units.

    Args:
        term: A core term without aggregates.
        values: Columns by path, none of their rows lost; all columns of the term must be there.
        count: Number of units.
        context: Look-up tables and calendar; none when not given.

    Returns:
        *count* rows, none of them lost.

    Raises:
        UnitError: The first unit that cannot be judged: a key its table lacks, a refused value, a day without calendar.
        PointsOverflowError: A result that does not fit int64 even in lowest terms.
    """
    context = context or Context()
    value = sized(_Vector(values, count, context).value(term), count)
    rows = np.flatnonzero(value.lost)
    return with_rows(value, rows, [_again(term, values, int(row), context) for row in rows]) if len(rows) else value


def _again(term: Term, values: Mapping[Path, Value], row: int, context: Context) -> Scalar:
    try:
        return one_row(term, row_of(values, row, columns(term)), context)
    except (MissingKeyError, RefusedValueError, CalendarError) as error:
        raise UnitError(row, str(error)) from None


def truths(term: Term, values: Mapping[Path, Value], count: int, context: Context | None = None) -> Truths:
    """A truth-valued term for each unit; the literal null is unknown everywhere."""
    value = evaluate(term, values, count, context)
    return value if isinstance(value, Truths) else cast("Truths", sized(_UNKNOWN, count))


def numbers(term: Term, values: Mapping[Path, Value], count: int, context: Context | None = None) -> Numbers:
    """A number-valued term for each unit; the literal null is missing everywhere."""
    value = evaluate(term, values, count, context)
    return value if isinstance(value, Numbers) else Numbers.of(None).sized(count)


@dataclass(frozen=True, slots=True)
class _Vector:
    values: Mapping[Path, Value]
    count: int
    context: Context

    def value(self, term: Term) -> Value:
        match term:
            case Constant():
                return _constant(term)
            case Column():
                return self.values[term.path]
            case Arithmetic():
                return _ARITHMETIC[term.operator](self.number(term.left), self.number(term.right))
            case Compare():
                return self._compare(term)
            case Logic():
                return _logic(term.operator, self.truth(term.left), self.truth(term.right))
            case Not():
                operand = self.truth(term.operand)
                return Truths(operand.known_false, operand.missing, operand.lost)
            case Missing():
                found = self.value(term.operand)
                return Truths(found.missing, np.zeros_like(found.missing), found.lost)
            case If():
                test = self.truth(term.test)
                chosen = _choose(test.known_true, self.value(term.then), self.value(term.otherwise), term)
                return losing(chosen, test.lost, test.missing)
            case Coalesce():
                return self._coalesce(term)
            case Extreme():
                return self._extreme(term)
            case Given():
                refused = self.truth(term.refused)
                return losing(self.value(term.value), refused.lost | refused.known_true)
        return self._each(term)

    def number(self, term: Term) -> Numbers:
        value = self.value(term)
        return value if isinstance(value, Numbers) else Numbers.of(None)

    def truth(self, term: Term) -> Truths:
        value = self.value(term)
        return value if isinstance(value, Truths) else _UNKNOWN

    def _compare(self, term: Compare) -> Truths:
        left, right = self.value(term.left), self.value(term.right)
        if isinstance(left, Numbers) and isinstance(right, Numbers):
            signs, missing, lost = sign_of_difference(left, right)
            return Truths(_SIGNS[term.operator](signs) & ~missing, missing, lost)
        missing, lost = left.missing | right.missing, left.lost | right.lost
        equal = (_raw(left) == _raw(right)).astype(bool)
        return Truths((equal if term.operator == "=" else ~equal) & ~missing, missing, lost)

    def _coalesce(self, term: Coalesce) -> Value:
        found = self.value(term.choices[0])
        for choice in term.choices[1:]:
            found = losing(_choose(~found.missing, found, self.value(choice), term), found.lost)
        return found

    def _extreme(self, term: Extreme) -> Numbers:
        found = self.number(term.choices[0])
        for choice in term.choices[1:]:
            other = self.number(choice)
            signs, missing, lost = sign_of_difference(found, other)
            nearest = choose((signs < 0) if term.function == "least" else (signs > 0), found, other)
            found = Numbers(nearest.num, nearest.den, missing, lost)
        return found

    def _each(self, term: Term) -> Value:
        """Terms with a table or calendar behind them: once per distinct argument, in Python."""
        parts = [sized(self.value(part), self.count) for part in arguments_of(term)]
        lost = np.logical_or.reduce([part.lost for part in parts])
        known: dict[tuple[Scalar, ...], Scalar] = {}
        refused: set[tuple[Scalar, ...]] = set()
        results: list[Scalar] = [None] * self.count
        for row in np.flatnonzero(~lost):
            arguments = tuple(scalar(part, int(row)) for part in parts)
            if arguments not in known:
                known[arguments] = self._applied(term, arguments, refused)
            lost[row] = arguments in refused
            results[row] = known[arguments]
        return losing(_column(results, term), lost)

    def _applied(self, term: Term, arguments: tuple[Scalar, ...], refused: set[tuple[Scalar, ...]]) -> Scalar:
        try:
            found = applied(term, arguments, self.context)
        except (MissingKeyError, CalendarError):
            refused.add(arguments)
            return None
        if isinstance(found, Fraction) and not (fits(found.numerator) and fits(found.denominator)):
            refused.add(arguments)
            return None
        return found


def _constant(term: Constant) -> Value:
    if isinstance(term.value, str):
        return Texts.of([term.value])
    if isinstance(term.value, bool):
        return Truths.of([term.value])
    return Numbers.of(term.value)


def _column(results: list[Scalar], term: Term) -> Value:
    if term.type.kind == "text":
        return Texts.of(results)
    return Numbers.from_fractions(cast("list[Fraction | None]", results))


def _raw(value: Value) -> npt.NDArray[Any]:
    match value:
        case Texts():
            return value.values
        case Truths():
            return value.value
    return value.num


def _choose(test: Flags, then: Value, otherwise: Value, term: Term) -> Value:
    """Row by row the one or the other; a bare null counts as missing of the term's kind."""
    kind = term.type.kind
    if kind == "text":
        one, other = (part if isinstance(part, Texts) else _NO_TEXT for part in (then, otherwise))
        return Texts(np.where(test, one.values, other.values), np.where(test, one.lost, other.lost))
    if kind == "truth":
        left, right = (part if isinstance(part, Truths) else _UNKNOWN for part in (then, otherwise))
        pairs: Iterable[tuple[Flags, Flags]]
        pairs = ((left.value, right.value), (left.missing, right.missing), (left.lost, right.lost))
        return Truths(*(np.where(test, yes, no) for yes, no in pairs))
    numbers_ = [part if isinstance(part, Numbers) else Numbers.of(None) for part in (then, otherwise)]
    return choose(test, *numbers_)


def _logic(operator: str, left: Truths, right: Truths) -> Truths:
    both = operator == "and"
    true = left.known_true & right.known_true if both else left.known_true | right.known_true
    false = left.known_false | right.known_false if both else left.known_false & right.known_false
    return Truths(true, ~true & ~false, left.lost | right.lost)


_UNKNOWN = Truths.of([None])
_NO_TEXT = Texts.of([None])
_ARITHMETIC: dict[str, Callable[[Numbers, Numbers], Numbers]] = {
    "+": Numbers.__add__,
    "-": Numbers.__sub__,
    "*": Numbers.__mul__,
    "/": Numbers.__truediv__,
}
_SIGNS: dict[str, Callable[[Ints], Flags]] = {
    "=": lambda sign: sign == 0,
    "<>": lambda sign: sign != 0,
    "<": lambda sign: sign < 0,
    "<=": lambda sign: sign <= 0,
    ">": lambda sign: sign > 0,
    ">=": lambda sign: sign >= 0,
}
