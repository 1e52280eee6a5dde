"""Typed terms as SQL over whole numbers: a number is a numerator and a denominator above 0, so nothing is ever rounded.

DuckDB computes in HUGEINT and PostgreSQL in NUMERIC; both stop at a number too large. SQLite would quietly go over to
floats, so every number that a comparison hides is also listed in `hidden`, and a row with a float there is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple, cast

from data_contracts.expressions.terms import (
    AddMonths,
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
from scoring.card.export import ExportError
from scoring.card.export.sql_calendar import Dialect, months_later, year_of
from scoring.rulebook.shape import Row

WHOLE: Mapping[Dialect, str] = {"duckdb": "HUGEINT", "postgresql": "NUMERIC", "sqlite": "INTEGER"}


class Num(NamedTuple):
    """A number in SQL: numerator (NULL when missing) and denominator, a whole number known beforehand or a text."""

    num: str
    den: int | str


Sql = Num | str


@dataclass
class TermWriter:
    """Writes terms.

    Attributes:
        columns: What each column is in SQL.
        tables: Look-up tables.
        place: What is being written, for errors.
        hidden: Numbers that only a comparison has seen.
        outside: Tests that are true where a day lies outside the calendar.
    """

    dialect: Dialect
    columns: dict[tuple[str, ...], Sql]
    tables: Mapping[str, Mapping[tuple[str, ...], Fraction | str]]
    place: str = ""
    hidden: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)

    def number(self, term: Term) -> Num:
        """A number-valued term."""
        found = self.value(term)
        return found if isinstance(found, Num) else Num("NULL", 1)

    def text(self, term: Term) -> str:
        """A truth- or text-valued term."""
        found = self.value(term)
        return found.num if isinstance(found, Num) else found

    def value(self, term: Term) -> Sql:
        """Any term."""
        match term:
            case Constant():
                return self._constant(term)
            case Column():
                return self.columns[term.path]
            case Arithmetic():
                return self._arithmetic(term)
            case Compare():
                return self._compare(term)
            case Logic():
                return f"({self.text(term.left)} {term.operator.upper()} {self.text(term.right)})"
            case Not():
                return f"(NOT {self.text(term.operand)})"
            case Missing():
                return f"({self.text(term.operand)} IS NULL)"
            case If():
                return self._chosen(self.text(term.test), self.value(term.then), self.value(term.otherwise))
            case Coalesce():
                return self._coalesce([self.value(choice) for choice in term.choices])
            case Extreme():
                return self._extreme(term)
            case TableValue():
                return self._looked_up(term)
            case Position():
                return Num(self._position(term), 1)
            case Year() | AddMonths():
                return self._calendar(term)
            case Given():
                raise self.cannot("a value given by a person, which may have to be refused")
        raise self.cannot(f"the calendar of working days ({type(term).__name__})")

    def cannot(self, what: str) -> ExportError:
        """The error for something SQL cannot say here."""
        return ExportError(f"{self.place}: found {what}, allowed in SQL: arithmetic, comparisons, tables with else")

    def row_of(self, rows: Sequence[Row], on: Num, answers: Sequence[str]) -> str:
        """The answer of the first row that fits; NULL where a test before it is unknown, or none fits."""
        arms: list[str] = []
        for row, answer in zip(rows, answers, strict=True):
            tests = self._tests(row, on)
            if not tests:
                return f"CASE {' '.join(arms)} ELSE {answer} END" if arms else answer
            test = f"({' AND '.join(tests)})"
            arms += [f"WHEN {test} THEN {answer}", f"WHEN {test} IS NULL THEN NULL"]
        return f"CASE {' '.join(arms)} END"

    def _tests(self, row: Row, on: Num) -> list[str]:
        tests = []
        for edge, below in ((row.lower, False), (row.upper, True)):
            if edge is not None:
                sign = {(False, True): ">=", (False, False): ">", (True, True): "<=", (True, False): "<"}[
                    below, edge[1]
                ]
                tests.append(self._compared(on, sign, Num(self._whole(edge[0].numerator), edge[0].denominator)))
        if row.when is not None:
            tests.append(self.text(row.when.term))
        return tests

    def _constant(self, term: Constant) -> Sql:
        if isinstance(term.value, Fraction):
            return Num(self._whole(term.value.numerator), term.value.denominator)
        if isinstance(term.value, bool):
            return "TRUE" if term.value else "FALSE"
        if term.value is None:
            return Num("NULL", 1) if term.type.kind in ("number", "null", "day") else "NULL"
        return quoted(term.value)

    def _whole(self, value: int) -> str:
        """A constant in the dialect's widest whole number, so that no product of constants is cut to 32 bits."""
        written = f"({value})" if value < 0 else str(value)
        return written if self.dialect == "sqlite" else f"CAST({written} AS {WHOLE[self.dialect]})"

    def _arithmetic(self, term: Arithmetic) -> Num:
        left, right = self.number(term.left), self.number(term.right)
        match term.operator:
            case "*":
                return Num(_times(left.num, right.num), _dens(left.den, right.den))
            case "/":
                return self._quotient(left, right)
        if left.den == right.den and isinstance(left.den, int):
            return Num(f"({left.num} {term.operator} {right.num})", left.den)
        upper = f"({_times(left.num, right.den)} {term.operator} {_times(right.num, left.den)})"
        return Num(upper, _dens(left.den, right.den))

    def _quotient(self, left: Num, right: Num) -> Num:
        upper, lower = _times(left.num, right.den), f"NULLIF({right.num}, 0)"
        self.hidden += [upper, right.num]
        # where the divisor is missing or 0, the numerator must be missing too
        return Num(f"({upper} * SIGN({lower}))", _times(left.den, f"ABS({lower})"))

    def _compare(self, term: Compare) -> str:
        left, right = self.value(term.left), self.value(term.right)
        if isinstance(left, Num) and isinstance(right, Num):
            return self._compared(left, term.operator, right)
        one, other = (part.num if isinstance(part, Num) else part for part in (left, right))
        return f"({one} {term.operator} {other})"

    def _compared(self, left: Num, operator: str, right: Num) -> str:
        if left.den == right.den and isinstance(left.den, int):
            one, other = left.num, right.num
        else:
            one, other = _times(left.num, right.den), _times(right.num, left.den)
        self.hidden += [one, other]
        return f"({one} {operator} {other})"

    def _chosen(self, test: str, then: Sql, otherwise: Sql) -> Sql:
        if not isinstance(then, Num) or not isinstance(otherwise, Num):
            one, other = (part.num if isinstance(part, Num) else part for part in (then, otherwise))
            return f"CASE WHEN {test} THEN {one} WHEN NOT {test} THEN {other} END"
        num = f"CASE WHEN {test} THEN {then.num} WHEN NOT {test} THEN {otherwise.num} END"
        if then.den == otherwise.den and isinstance(then.den, int):
            return Num(num, then.den)
        return Num(num, f"CASE WHEN {test} THEN {then.den} ELSE {otherwise.den} END")

    def _coalesce(self, choices: list[Sql]) -> Sql:
        if not all(isinstance(choice, Num) for choice in choices):
            return f"COALESCE({', '.join(choice.num if isinstance(choice, Num) else choice for choice in choices)})"
        numbers = cast("list[Num]", choices)
        num = f"COALESCE({', '.join(number.num for number in numbers)})"
        if len({number.den for number in numbers}) == 1 and isinstance(numbers[0].den, int):
            return Num(num, numbers[0].den)
        arms = " ".join(f"WHEN {number.num} IS NOT NULL THEN {number.den}" for number in numbers)
        return Num(num, f"CASE {arms} END")

    def _extreme(self, term: Extreme) -> Num:
        found = self.number(term.choices[0])
        for choice in term.choices[1:]:
            other = self.number(choice)
            test = self._compared(found, "<=" if term.function == "least" else ">=", other)
            found = cast("Num", self._chosen(test, found, other))
        return found

    def _calendar(self, term: Year | AddMonths) -> Num:
        parts = [self.number(part) for part in ([term.day] if isinstance(term, Year) else [term.day, term.months])]
        if any(part.den != 1 for part in parts):
            raise self.cannot("a day or a number of months with decimals")
        numbers = [part.num for part in parts]
        found = year_of(self.dialect, *numbers) if isinstance(term, Year) else months_later(self.dialect, *numbers)
        self.hidden += numbers
        self.outside.append(f"({' AND '.join(f'{one} IS NOT NULL' for one in numbers)} AND {found} IS NULL)")
        return Num(found, 1)

    def _looked_up(self, term: TableValue) -> Sql:
        if term.otherwise is None:
            raise self.cannot(f"table {term.table!r} without else, where an unknown key is an error")
        keys = [self._key(key) for key in term.keys]
        arms: list[tuple[str, Fraction | str]] = []
        values = [*self.tables[term.table].items()]
        for key, value in values:
            test = " AND ".join(f"{one} = {quoted(part)}" for one, part in zip(keys, key, strict=True))
            arms.append((test, value))
        known = " AND ".join(f"{key} IS NOT NULL" for key in keys)
        if isinstance(term.otherwise.value, str):
            cases = " ".join(f"WHEN {test} THEN {quoted(str(value))}" for test, value in arms)
            return f"CASE {cases} WHEN {known} THEN {quoted(term.otherwise.value)} END"
        den = max((Fraction(value).denominator for _, value in arms), default=1)
        for _, value in arms:
            den = den * Fraction(value).denominator // _gcd(den, Fraction(value).denominator)
        other = Fraction(cast("Fraction", term.otherwise.value))
        den = den * other.denominator // _gcd(den, other.denominator)
        cases = " ".join(f"WHEN {test} THEN {self._whole(int(Fraction(value) * den))}" for test, value in arms)
        return Num(f"CASE {cases} WHEN {known} THEN {self._whole(int(other * den))} END", den)

    def _key(self, term: Term) -> str:
        found = self.value(term)
        if isinstance(found, Num):
            if found.den != 1:
                raise self.cannot("a table keyed by a number with decimals")
            return f"CAST({found.num} AS {'VARCHAR' if self.dialect == 'duckdb' else 'TEXT'})"
        return found

    def _position(self, term: Position) -> str:
        arms = " ".join(f"WHEN {quoted(level)} THEN {place}" for place, level in enumerate(term.order))
        return f"CASE {self.text(term.operand)} {arms} END"


def rounded(dialect: Dialect, num: str, den: int | str) -> str:
    """num/den to the nearest whole number, halves away from zero: (2·|num| + den) over (2·den), cut off."""
    upper, lower = f"(2 * ABS({num}) + {den})", f"(2 * {den})"
    whole = {
        "duckdb": f"({upper} // {lower})",
        "postgresql": f"DIV({upper}, {lower})",
        "sqlite": f"({upper} / {lower})",
    }
    return f"(CASE WHEN {num} < 0 THEN -1 ELSE 1 END * {whole[dialect]})"


def quoted(text: str) -> str:
    """A text literal.

    >>> quoted("it's")
    "'it''s'"
    """
    if "\x00" in text or "\\" in text:
        raise ExportError(f"found the text {text!r}, allowed in SQL: no backslash and no NUL")
    return "'" + text.replace("'", "''") + "'"


def named(name: str) -> str:
    """A quoted name.

    >>> named('a"b')
    '"a""b"'
    """
    if "\x00" in name or not name:
        raise ExportError(f"found the name {name!r}, allowed in SQL: names without NUL")
    return '"' + name.replace('"', '""') + '"'


def _times(one: int | str, other: int | str) -> str:
    if one == 1 or other == 1:
        return str(other if one == 1 else one)
    return f"({one} * {other})"


def _dens(one: int | str, other: int | str) -> int | str:
    return one * other if isinstance(one, int) and isinstance(other, int) else _times(one, other)


def _gcd(one: int, other: int) -> int:
    from math import gcd

    return gcd(one, other)
