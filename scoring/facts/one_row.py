"""The meaning of a formula, for one unit, in Python's unbounded integers: the oracle of every other back end.

Reading is lazy from left to right, and that is part of the meaning: what `if`, `coalesce`, `and` and `or` do not need
is not looked at, so `if(kind = 'lift', days[kind], 5)` asks nothing of the table for other kinds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any, cast

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
)
from scoring.exact import shown
from scoring.facts.days import WorkingDays, add_months, year_of
from scoring.facts.values import Path, Scalar

if TYPE_CHECKING:
    from scoring.rulebook.shape import Rulebook


class MissingKeyError(LookupError):
    """A look-up table without a row for a key, and without `else`."""


class RefusedValueError(ValueError):
    """A value given by a person outside its range, or without the reason it needs."""


@dataclass(frozen=True)
class Context:
    """What formulas need besides columns: look-up tables and the working-day calendar."""

    tables: Mapping[str, Mapping[tuple[str, ...], Fraction | str]] = field(default_factory=dict)
    working: WorkingDays = field(default_factory=WorkingDays)

    @classmethod
    def of(cls, rulebook: Rulebook) -> Context:
        """What the formulas of *rulebook* need."""
        tables = {name: table.rows for name, table in rulebook.tables.items()}
        return cls(tables, WorkingDays(rulebook.working_days))


def one_row(term: Term, row: Mapping[Path, Scalar], context: Context | None = None) -> Scalar:
    """*term* for one unit.

    Raises:
        MissingKeyError: A table without a row for a key that is needed; the message names both.
        RefusedValueError: A given value outside its range or without its reason.
        CalendarError: A day outside the calendar.

    >>> one_row(Constant(Term, Fraction(3)), {})
    Fraction(3, 1)
    """
    return cast("Scalar", _OneRow(row, context or Context()).value(term))


@dataclass(frozen=True, slots=True)
class _OneRow:
    row: Mapping[Path, Scalar]
    context: Context

    def value(self, term: Term) -> Any:
        match term:
            case Constant():
                return term.value
            case Column():
                return self.row[term.path]
            case Arithmetic():
                return _arithmetic(term.operator, self.value(term.left), self.value(term.right))
            case Compare():
                return _compare(term.operator, self.value(term.left), self.value(term.right))
            case Logic():
                return self._logic(term)
            case Not():
                operand = self.value(term.operand)
                return None if operand is None else not operand
            case Missing():
                return self.value(term.operand) is None
            case If() | Coalesce():
                return self._chosen(term)
            case Extreme():
                choices = [self.value(choice) for choice in term.choices]
                return None if None in choices else (min if term.function == "least" else max)(choices)
            case Given():
                return self._given(term)
        return applied(term, tuple(self.value(part) for part in arguments_of(term)), self.context)

    def _logic(self, term: Logic) -> bool | None:
        decisive = term.operator == "or"
        left: bool | None = self.value(term.left)
        if left is decisive:
            return decisive
        right: bool | None = self.value(term.right)
        return right if left is not None or right is decisive else None

    def _chosen(self, term: If | Coalesce) -> Scalar:
        if isinstance(term, Coalesce):
            return next((found for choice in term.choices if (found := self.value(choice)) is not None), None)
        test = self.value(term.test)
        return None if test is None else cast("Scalar", self.value(term.then if test else term.otherwise))

    def _given(self, term: Given) -> Scalar:
        value = self.value(term.value)
        if self.value(term.refused):
            raise RefusedValueError(
                f"found the given value {shown(value)}, "
                "allowed: within its range, and with a reason where it differs from the reference"
            )
        return cast("Scalar", value)


def arguments_of(term: Term) -> tuple[Term, ...]:
    """What a term with a table or calendar behind it is applied to."""
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


def applied(term: Term, arguments: tuple[Scalar, ...], context: Context) -> Scalar:
    """A term with a table or calendar behind it, at its arguments; missing when one of them is."""
    if None in arguments:
        return None
    match term:
        case TableValue():
            return _looked_up(term, arguments, context)
        case Position():
            return Fraction(term.order.index(str(arguments[0]))) if arguments[0] in term.order else None
    days = [int(cast("Fraction", argument)) for argument in arguments]
    match term:
        case Year():
            return Fraction(year_of(*days))
        case AddMonths():
            return Fraction(add_months(*days))
        case AddWorkingDays():
            return Fraction(context.working.add(*days))
    raise TypeError(term)


def _looked_up(term: TableValue, arguments: tuple[Scalar, ...], context: Context) -> Scalar:
    key = tuple(str(part) for part in arguments)
    found = context.tables[term.table].get(key)
    if found is None and term.otherwise is not None:
        return term.otherwise.value
    if found is None:
        known = ["/".join(row) for row in context.tables[term.table]]
        allowed = ", ".join(known[:12]) + (", …" if len(known) > 12 else "")
        raise MissingKeyError(f"found key {'/'.join(key)!r} for table {term.table!r}, allowed: {allowed}")
    return found


def _arithmetic(operator: str, left: Fraction | None, right: Fraction | None) -> Fraction | None:
    if left is None or right is None or (operator == "/" and right == 0):
        return None
    return _ARITHMETIC[operator](left, right)


def _compare(operator: str, left: Scalar, right: Scalar) -> bool | None:
    return None if left is None or right is None else _COMPARE[operator](left, right)


_ARITHMETIC: dict[str, Callable[[Fraction, Fraction], Fraction]] = {
    "+": Fraction.__add__,
    "-": Fraction.__sub__,
    "*": Fraction.__mul__,
    "/": Fraction.__truediv__,
}
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda one, other: one == other,
    "<>": lambda one, other: one != other,
    "<": lambda one, other: one < other,
    "<=": lambda one, other: one <= other,
    ">": lambda one, other: one > other,
    ">=": lambda one, other: one >= other,
}
