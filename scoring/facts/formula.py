"""Unit back end: a typed core term over the columns of many units at once, exactly.

Numbers are int64 pairs; a row that would leave int64 is done again by `one_row`, which computes with Python's
fractions and is also the oracle of the tests. Truth follows three-valued logic: a value and a mask of unknowns.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from data_contracts.expressions.terms import (
    AddMonths,
    AddWorkingDays,
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
    Position,
    TableValue,
    Term,
    Year,
    columns,
)
from scoring.exact import Flags, Numbers, choose, sign_of_difference
from scoring.facts.days import WorkingDays, add_months, day_of

Path = tuple[str, ...]
Scalar = Fraction | str | bool | None


class MissingKeyError(LookupError):
    """A look-up table without a row for a key, and without `else`."""


class RefusedValueError(ValueError):
    """A value given by a person outside its range, or without the reason it needs."""


@dataclass(frozen=True, slots=True)
class Texts:
    """One text per row; None where missing."""

    values: npt.NDArray[np.object_]

    @property
    def missing(self) -> Flags:
        """Rows without a text."""
        return np.equal(self.values, None)  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class Truths:
    """One truth value per row; *missing* where unknown, *lost* where it hangs on a lost number."""

    value: Flags
    missing: Flags
    lost: Flags

    @property
    def known_true(self) -> Flags:
        """Rows that are true for certain."""
        return self.value & ~self.missing


Value = Numbers | Texts | Truths


@dataclass(frozen=True)
class Context:
    """What formulas need besides columns: look-up tables and the working-day calendar."""

    tables: Mapping[str, Mapping[tuple[str, ...], Fraction | str]] = field(default_factory=dict)
    working: WorkingDays = field(default_factory=WorkingDays)


def evaluate(term: Term, values: Mapping[Path, Value], count: int, context: Context | None = None) -> Value:
    """*term* for each of *count* units.

    Args:
        term: A core term without aggregates.
        values: Columns by path; all columns of the term must be there.
        count: Number of units.

    Raises:
        MissingKeyError, RefusedValueError, CalendarError, PointsOverflowError: See there; the message names the key or value.
    """
    context = context or Context()
    result = _Vector(values, context).value(term)
    return _repaired(_sized(result, count), term, values, context)


def truths(term: Term, values: Mapping[Path, Value], count: int, context: Context | None = None) -> Truths:
    """A truth-valued term for each unit."""
    return cast("Truths", evaluate(term, values, count, context))


def numbers(term: Term, values: Mapping[Path, Value], count: int, context: Context | None = None) -> Numbers:
    """A number-valued term for each unit; the literal null is missing everywhere."""
    value = evaluate(term, values, count, context)
    return value if isinstance(value, Numbers) else Numbers.of(None).sized(count)


def row_of(values: Mapping[Path, Value], row: int, paths: set[Path]) -> dict[Path, Scalar]:
    """The scalar values of one unit."""
    return {path: scalar(values[path], row) for path in paths}


def scalar(value: Value, row: int) -> Scalar:
    """One row of a column as a Python value."""
    match value:
        case Numbers():
            return value.fraction(row if len(value) > 1 else 0)
        case Texts():
            return cast("Scalar", value.values[row])
    return None if value.missing[row] else bool(value.value[row])


def _sized(value: Value, count: int) -> Value:
    match value:
        case Numbers():
            return value.sized(count)
        case Texts():
            return Texts(np.broadcast_to(value.values, (count,)))
    return Truths(*(np.broadcast_to(part, (count,)) for part in (value.value, value.missing, value.lost)))


def _repaired(value: Value, term: Term, values: Mapping[Path, Value], context: Context) -> Value:
    if isinstance(value, Texts) or not value.lost.any():
        return value
    rows, paths = np.flatnonzero(value.lost), columns(term)
    again = [one_row(term, row_of(values, int(row), paths), context) for row in rows]
    if isinstance(value, Numbers):
        fixed = Numbers.from_fractions(cast("list[Fraction | None]", again))
        parts = [np.array(part) for part in (value.num, value.den, value.missing, value.lost)]
        for part, new in zip(parts, (fixed.num, fixed.den, fixed.missing, fixed.lost), strict=True):
            part[rows] = new
        return Numbers(*parts)
    truth, missing = np.array(value.value), np.array(value.missing)
    truth[rows], missing[rows] = [bool(one) for one in again], [one is None for one in again]
    return Truths(truth, missing, np.zeros_like(missing))


@dataclass(frozen=True, slots=True)
class _Vector:
    values: Mapping[Path, Value]
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
                one = self.truth(term.operand)
                return Truths(~one.value & ~one.missing, one.missing, one.lost)
            case Missing():
                one_ = self.value(term.operand)
                lost = np.zeros_like(one_.missing) if isinstance(one_, Texts) else one_.lost
                return Truths(one_.missing, np.zeros_like(one_.missing), lost)
            case If():
                return self._if(term)
            case Coalesce():
                return self._coalesce(term)
            case Extreme():
                return self._extreme(term)
            case Given():
                return self._given(term)
        return self._each(term)

    def number(self, term: Term) -> Numbers:
        value = self.value(term)
        return value if isinstance(value, Numbers) else Numbers.of(None)

    def truth(self, term: Term) -> Truths:
        value = self.value(term)
        if isinstance(value, Truths):
            return value
        return Truths(np.array([False]), np.array([True]), np.array([False]))

    def _compare(self, term: Compare) -> Truths:
        left, right = self.value(term.left), self.value(term.right)
        if isinstance(left, Numbers) and isinstance(right, Numbers):
            signs, missing, lost = sign_of_difference(left, right)
            return Truths(_SIGNS[term.operator](signs) & ~missing, missing, lost)
        missing = _missing(left) | _missing(right)
        one, other = _raw(left), _raw(right)
        equal = np.equal(one, other).astype(bool) & ~missing
        lost = np.zeros_like(equal)
        return Truths(equal if term.operator == "=" else ~equal & ~missing, np.broadcast_to(missing, equal.shape), lost)

    def _if(self, term: If) -> Value:
        test = self.truth(term.test)
        chosen = _choose(test.known_true, self.value(term.then), self.value(term.otherwise), term)
        return _hidden(chosen, test.missing, test.lost)

    def _coalesce(self, term: Coalesce) -> Value:
        found = self.value(term.choices[0])
        for choice in term.choices[1:]:
            found = _choose(~_missing(found), found, self.value(choice), term)
        return found

    def _extreme(self, term: Extreme) -> Numbers:
        found = self.number(term.choices[0])
        missing, lost = found.missing, found.lost
        for choice in term.choices[1:]:
            other = self.number(choice)
            signs, unknown, unsure = sign_of_difference(found, other)
            missing, lost = missing | unknown, lost | unsure
            found = choose((signs < 0) if term.function == "least" else (signs > 0), found, other)
        return Numbers(found.num, found.den, missing, lost)

    def _given(self, term: Given) -> Value:
        refused = self.truth(term.refused).known_true
        if refused.any():
            shown = scalar(self.value(term.value), int(np.flatnonzero(refused)[0]))
            raise RefusedValueError(
                f"found the given value {shown}, allowed: within its range, and with a reason where it differs from the reference"
            )
        return self.value(term.value)

    def _each(self, term: Term) -> Value:
        """Terms with a table behind them: once per distinct argument, in Python."""
        parts = [self.value(part) for part in _arguments(term)]
        count = max(len(_missing(part)) for part in parts)
        sized = [_sized(part, count) for part in parts]
        known: dict[tuple[Scalar, ...], Scalar] = {}
        results: list[Scalar] = []
        for row in range(count):
            arguments = tuple(scalar(part, row) for part in sized)
            if arguments not in known:
                known[arguments] = _apply(term, arguments, self.context)
            results.append(known[arguments])
        if term.type.kind == "text":
            return Texts(np.array(results, object))
        return Numbers.from_fractions(cast("list[Fraction | None]", results))


def one_row(term: Term, row: Mapping[Path, Scalar], context: Context | None = None) -> Scalar:
    """*term* for one unit, in Python's unbounded integers.

    >>> one_row(Constant(Term, Fraction(3)), {})
    Fraction(3, 1)
    """
    context = context or Context()

    def value(part: Term) -> Any:
        return one_row(part, row, context)

    match term:
        case Constant():
            return term.value
        case Column():
            return row[term.path]
        case Arithmetic():
            left, right = value(term.left), value(term.right)
            if left is None or right is None or (term.operator == "/" and right == 0):
                return None
            return cast(
                "Scalar",
                {"+": left.__add__, "-": left.__sub__, "*": left.__mul__, "/": left.__truediv__}[term.operator](right),
            )
        case Compare():
            left, right = value(term.left), value(term.right)
            if left is None or right is None:
                return None
            return _COMPARE[term.operator](left, right)
        case Logic():
            return _logic_one(term.operator, value(term.left), value(term.right))
        case Not():
            operand = value(term.operand)
            return None if operand is None else not operand
        case Missing():
            return value(term.operand) is None
        case If():
            test = value(term.test)
            return None if test is None else value(term.then if test else term.otherwise)  # type: ignore[no-any-return]
        case Coalesce():
            return next((found for choice in term.choices if (found := value(choice)) is not None), None)
        case Extreme():
            choices = [value(choice) for choice in term.choices]
            return None if None in choices else cast("Scalar", (min if term.function == "least" else max)(choices))
        case Given():
            if value(term.refused):
                raise RefusedValueError(
                    f"found the given value {value(term.value)}, allowed: within its range, with a reason"
                )
            return cast("Scalar", value(term.value))
    return _apply(term, tuple(value(part) for part in _arguments(term)), context)


def _apply(term: Term, arguments: tuple[Scalar, ...], context: Context) -> Scalar:
    if None in arguments:
        return None
    match term:
        case TableValue():
            return _looked_up(term, arguments, context)
        case Position():
            return Fraction(term.order.index(cast("str", arguments[0])))
        case Year():
            return Fraction(day_of(int(cast("Fraction", arguments[0]))).year)
        case AddMonths():
            return Fraction(add_months(*(int(cast("Fraction", part)) for part in arguments)))
        case AddWorkingDays():
            return Fraction(context.working.add(*(int(cast("Fraction", part)) for part in arguments)))
    raise TypeError(term)


def _looked_up(term: TableValue, arguments: tuple[Scalar, ...], context: Context) -> Scalar:
    key = tuple(str(part) for part in arguments)
    found = context.tables[term.table].get(key)
    if found is None and term.otherwise is not None:
        return term.otherwise.value
    if found is None:
        known = ", ".join("/".join(row) for row in list(context.tables[term.table])[:12])
        raise MissingKeyError(f"found key {'/'.join(key)!r} for table {term.table!r}, allowed: {known}")
    return found


def _arguments(term: Term) -> tuple[Term, ...]:
    match term:
        case TableValue():
            return term.keys
        case Position():
            return (term.operand,)
        case Year():
            return (term.day,)
        case AddMonths():
            return (term.day, term.months)
        case AddWorkingDays():
            return (term.day, term.days)
    raise TypeError(f"found {type(term).__name__}, allowed: terms over one unit")


def _constant(term: Constant) -> Value:
    if isinstance(term.value, str):
        return Texts(np.array([term.value], object))
    if isinstance(term.value, bool):
        return Truths(np.array([term.value]), np.array([False]), np.array([False]))
    return Numbers.of(term.value)


def _missing(value: Value) -> Flags:
    return value.missing


def _raw(value: Value) -> npt.NDArray[Any]:
    match value:
        case Texts():
            return value.values
        case Truths():
            return value.value
    return value.num


def _choose(test: Flags, then: Value, otherwise: Value, term: Term) -> Value:
    kind = term.type.kind
    if kind == "text":
        one, other = (
            part.values if isinstance(part, Texts) else np.array([None], object) for part in (then, otherwise)
        )
        return Texts(np.where(test, one, other))
    if kind == "truth":
        nothing = Truths(np.array([False]), np.array([True]), np.array([False]))
        left, right = (part if isinstance(part, Truths) else nothing for part in (then, otherwise))
        pairs = ((left.value, right.value), (left.missing, right.missing), (left.lost, right.lost))
        return Truths(*(np.where(test, one, other) for one, other in pairs))
    numbers_ = [part if isinstance(part, Numbers) else Numbers.of(None) for part in (then, otherwise)]
    return choose(test, *numbers_)


def _hidden(value: Value, missing: Flags, lost: Flags) -> Value:
    match value:
        case Numbers():
            return Numbers(*np.broadcast_arrays(value.num, value.den, value.missing | missing, value.lost | lost))
        case Texts():
            return Texts(np.where(missing, None, value.values))
    return Truths(*np.broadcast_arrays(value.value & ~missing, value.missing | missing, value.lost | lost))


def _logic(operator: str, left: Truths, right: Truths) -> Truths:
    left_true, right_true = left.value & ~left.missing, right.value & ~right.missing
    left_false, right_false = ~left.value & ~left.missing, ~right.value & ~right.missing
    true = left_true & right_true if operator == "and" else left_true | right_true
    false = left_false | right_false if operator == "and" else left_false & right_false
    return Truths(true, ~true & ~false, left.lost | right.lost)


def _logic_one(operator: str, left: bool | None, right: bool | None) -> bool | None:
    decisive = operator == "or"
    if decisive in (left, right):
        return decisive
    return None if left is None or right is None else not decisive


_ARITHMETIC: dict[str, Callable[[Numbers, Numbers], Numbers]] = {
    "+": Numbers.__add__,
    "-": Numbers.__sub__,
    "*": Numbers.__mul__,
    "/": Numbers.__truediv__,
}
_SIGNS: dict[str, Callable[[npt.NDArray[np.int64]], Flags]] = {
    "=": lambda sign: sign == 0,
    "<>": lambda sign: sign != 0,
    "<": lambda sign: sign < 0,
    "<=": lambda sign: sign <= 0,
    ">": lambda sign: sign > 0,
    ">=": lambda sign: sign >= 0,
}
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda one, other: one == other,
    "<>": lambda one, other: one != other,
    "<": lambda one, other: one < other,
    "<=": lambda one, other: one <= other,
    ">": lambda one, other: one > other,
    ">=": lambda one, other: one >= other,
}
