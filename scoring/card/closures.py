"""Typed terms as Python closures over one record: compiled once when a card is loaded, without eval or exec.

A number is a whole number over a denominator known beforehand wherever decimals are declared, else a pair
(numerator, denominator > 0) that is never reduced: integers of Python cannot overflow, and a Fraction costs ten times
as much. Reading is lazy from left to right as in `facts.one_row`, the oracle this is tested against.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from operator import eq, ge, gt, le, lt, ne
from typing import TYPE_CHECKING, Any, NamedTuple

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

if TYPE_CHECKING:
    from scoring.facts.one_row import Context

Row = list[Any]
Run = Callable[[Row], Any]
Tables = Mapping[str, Mapping[tuple[str, ...], Fraction | str]]


class Compiled(NamedTuple):
    """A term ready to run.

    Attributes:
        run: Row to value: text, truth, whole number of 1/den, or a pair; None when missing.
        den: Denominator of every value; None when values are pairs, 0 when they are not numbers.
    """

    run: Run
    den: int | None

    @property
    def pairs(self) -> Run:
        """The number as a pair."""
        run, den = self.run, self.den
        if den is None:
            return run

        def paired(row: Row) -> tuple[int, int] | None:
            value = run(row)
            return None if value is None else (value, den)

        return paired

    def scaled(self, den: int) -> Run:
        """A number of known denominator as a whole number of 1/den, a multiple of it."""
        run, factor = self.run, den // (self.den or 1)
        if factor == 1:
            return run

        def scaled(row: Row) -> int | None:
            value = run(row)
            return None if value is None else value * factor

        return scaled


@dataclass(frozen=True)
class Compiler:
    """Compiles the terms of one card.

    Attributes:
        slots: Place of each column in a row, and its denominator as in `Compiled`.
        tables: Look-up tables.
        context: Gives tables and calendar for terms that count days; asked only when there is one.
    """

    slots: Mapping[tuple[str, ...], tuple[int, int | None]]
    tables: Tables
    context: Callable[[], Context]

    def of(self, term: Term) -> Compiled:
        """*term* as a closure."""
        match term:
            case Constant():
                return _constant(term)
            case Column():
                place, den = self.slots[term.path]
                return Compiled(lambda row: row[place], den)
            case Arithmetic():
                return _ARITHMETIC[term.operator](self.of(term.left), self.of(term.right))
            case Compare():
                return Compiled(_compared(term.operator, self.of(term.left), self.of(term.right)), 0)
            case Logic():
                return Compiled(_logic(term.operator == "or", self.run(term.left), self.run(term.right)), 0)
            case Not():
                return Compiled(_negated(self.run(term.operand)), 0)
            case Missing():
                operand = self.run(term.operand)
                return Compiled(lambda row: operand(row) is None, 0)
            case If():
                return self._if(term)
            case Coalesce() | Extreme():
                runs, den = _alike([self.of(choice) for choice in term.choices])
                return Compiled(_first(runs) if isinstance(term, Coalesce) else _extreme(term, runs, den), den)
            case Given():
                return self._given(term)
            case TableValue():
                return self._looked_up(term)
            case Position():
                operand, places = self.run(term.operand), {level: place for place, level in enumerate(term.order)}
                return Compiled(lambda row: places.get(operand(row)), 1)
        return self._calendar(term)

    def run(self, term: Term) -> Run:
        """*term* as a closure whose value is no number, or whose decimals do not matter."""
        return self.of(term).run

    def _if(self, term: If) -> Compiled:
        test = self.run(term.test)
        (then, otherwise), den = _alike([self.of(term.then), self.of(term.otherwise)])

        def chosen(row: Row) -> Any:
            held = test(row)
            if held is None:
                return None
            return then(row) if held else otherwise(row)

        return Compiled(chosen, den)

    def _given(self, term: Given) -> Compiled:
        value, refused = self.of(term.value), self.run(term.refused)

        def given(row: Row) -> Any:
            found = value.run(row)
            if refused(row):
                from scoring.facts.one_row import RefusedValueError

                raise RefusedValueError(
                    f"found the given value {found}, allowed: within its range, and with a reason where it differs"
                )
            return found

        return Compiled(given, value.den)

    def _looked_up(self, term: TableValue) -> Compiled:
        rows, keys = self.tables[term.table], [self.of(key) for key in term.keys]
        numbers = [Fraction(value) for value in rows.values() if isinstance(value, Fraction)]
        other = term.otherwise.value if term.otherwise is not None else None
        if isinstance(other, Fraction):
            numbers.append(other)
        den = lcm(*(number.denominator for number in numbers)) if numbers else 0
        found = {key: _whole(value, den) for key, value in rows.items()}
        fallback, name = _whole(other, den), term.table

        def looked_up(row: Row) -> Any:
            key = []
            for part in keys:
                value = part.run(row)
                if value is None:
                    return None
                key.append(str(value) if part.den == 0 else str(_fraction(value, part.den)))
            named = tuple(key)
            if named not in found and term.otherwise is None:
                from scoring.facts.one_row import MissingKeyError

                allowed = ", ".join("/".join(known) for known in list(found)[:12])
                raise MissingKeyError(f"found key {'/'.join(named)!r} for table {name!r}, allowed: {allowed}")
            return found.get(named, fallback)

        return Compiled(looked_up, den)

    def _calendar(self, term: Term) -> Compiled:
        """Terms with a calendar behind them: seldom, so they go through the oracle itself."""
        if not isinstance(term, Year | AddMonths | AddWorkingDays):
            raise TypeError(f"found {type(term).__name__}, allowed: terms over one unit")
        parts = [term.day, *([term.months] if isinstance(term, AddMonths) else [])]
        parts += [term.days] if isinstance(term, AddWorkingDays) else []
        runs = [self.of(part).pairs for part in parts]

        def applied_to(row: Row) -> int | None:
            from scoring.facts.one_row import applied

            arguments = [run(row) for run in runs]
            if None in arguments:
                return None
            return int(applied(term, tuple(Fraction(*one) for one in arguments), self.context()))  # type: ignore[arg-type]  # a day

        return Compiled(applied_to, 1)


def half_away(num: int, den: int) -> int:
    """num/den (den > 0) to the nearest whole number, halves away from zero: `exact.round_half_away` for one number.

    >>> half_away(5, 2), half_away(-5, 2), half_away(7, 3)
    (3, -3, 2)
    """
    whole, rest = divmod(num if num >= 0 else -num, den)
    whole += rest * 2 >= den
    return whole if num >= 0 else -whole


def _fraction(value: Any, den: int | None) -> Fraction:
    return Fraction(*value) if den is None else Fraction(value, den or 1)


def _whole(value: Fraction | str | bool | None, den: int) -> Any:
    return int(value * den) if isinstance(value, Fraction) else value


def _constant(term: Constant) -> Compiled:
    value: Any = term.value
    if isinstance(value, Fraction):
        num = value.numerator
        return Compiled(lambda _: num, value.denominator)
    return Compiled(lambda _: value, 1 if value is None else 0)


def _alike(parts: list[Compiled]) -> tuple[list[Run], int | None]:
    """The same values with one denominator, or all as pairs."""
    if any(part.den is None for part in parts):
        return [part.pairs for part in parts], None
    numbers = [part.den for part in parts if part.den]
    if any(part.den == 0 for part in parts):
        return [part.run for part in parts], 0
    den = lcm(*numbers)
    return [part.scaled(den) for part in parts], den


def _sum(left: Compiled, right: Compiled, sign: int = 1) -> Compiled:
    (one, other), den = _alike([left, right])

    def whole(row: Row) -> int | None:
        first, second = one(row), other(row)
        return None if first is None or second is None else first + sign * second

    def paired(row: Row) -> tuple[int, int] | None:
        first, second = one(row), other(row)
        if first is None or second is None:
            return None
        return first[0] * second[1] + sign * second[0] * first[1], first[1] * second[1]

    return Compiled(paired if den is None else whole, den)


def _difference(left: Compiled, right: Compiled) -> Compiled:
    return _sum(left, right, -1)


def _product(left: Compiled, right: Compiled) -> Compiled:
    if left.den is not None and right.den is not None:
        one, other = left.run, right.run

        def whole(row: Row) -> int | None:
            first, second = one(row), other(row)
            return None if first is None or second is None else first * second

        return Compiled(whole, left.den * right.den)
    one, other = left.pairs, right.pairs

    def paired(row: Row) -> tuple[int, int] | None:
        first, second = one(row), other(row)
        return None if first is None or second is None else (first[0] * second[0], first[1] * second[1])

    return Compiled(paired, None)


def _quotient(left: Compiled, right: Compiled) -> Compiled:
    one, other = left.pairs, right.pairs

    def paired(row: Row) -> tuple[int, int] | None:
        first, second = one(row), other(row)
        if first is None or second is None or second[0] == 0:
            return None
        num, den = first[0] * second[1], first[1] * second[0]
        return (num, den) if den > 0 else (-num, -den)

    return Compiled(paired, None)


def _compared(operator: str, left: Compiled, right: Compiled) -> Run:
    test = _COMPARE[operator]
    (one, other), den = _alike([left, right])

    def plain(row: Row) -> bool | None:
        first, second = one(row), other(row)
        if first is None or second is None:
            return None
        held: bool = test(first, second)
        return held

    def crossed(row: Row) -> bool | None:
        first, second = one(row), other(row)
        if first is None or second is None:
            return None
        held: bool = test(first[0] * second[1], second[0] * first[1])
        return held

    return crossed if den is None else plain


def _logic(decisive: bool, left: Run, right: Run) -> Run:
    def combined(row: Row) -> bool | None:
        one: bool | None = left(row)
        if one is decisive:
            return one
        other: bool | None = right(row)
        return other if one is not None or other is decisive else None

    return combined


def _negated(operand: Run) -> Run:
    def negated(row: Row) -> bool | None:
        found = operand(row)
        return None if found is None else not found

    return negated


def _first(runs: list[Run]) -> Run:
    def first(row: Row) -> Any:
        for run in runs:
            found = run(row)
            if found is not None:
                return found
        return None

    return first


def _extreme(term: Extreme, runs: list[Run], den: int | None) -> Run:
    pick: Callable[..., Any] = min if term.function == "least" else max

    def whole(row: Row) -> int | None:
        found = [run(row) for run in runs]
        return None if None in found else pick(found)

    def paired(row: Row) -> Any:
        found = [run(row) for run in runs]
        return None if None in found else pick(found, key=lambda one: Fraction(*one))

    return paired if den is None else whole


_ARITHMETIC: dict[str, Callable[[Compiled, Compiled], Compiled]] = {
    "+": _sum,
    "-": _difference,
    "*": _product,
    "/": _quotient,
}
_COMPARE: dict[str, Callable[[Any, Any], Any]] = {"=": eq, "<>": ne, "<": lt, "<=": le, ">": gt, ">=": ge}
