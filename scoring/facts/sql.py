"""Record back end: views and facts as SQL text in a small integer-only subset that every engine reads alike.

No quoting of names (contracts keep them plain), no division, rounding, dates or functions of an engine: days are
numbers, months and working days come from small tables, look-ups are joins. Joins follow foreign keys from many
rows to one, so a row is never multiplied.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import cast

from data_contracts.expressions import ExpressionError
from data_contracts.expressions.integers import to_integers
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
    SincePrevious,
    TableValue,
    Term,
    Type,
    Year,
)
from data_contracts.model import RECORD_ID
from scoring.facts.days import add_months
from scoring.rulebook.relations import ForeignKey, Relation, Schema

UNIT = "unit_no"


@dataclass(frozen=True, slots=True)
class Guard:
    """A condition that no record may fulfil: a look-up without a row, a value outside its range."""

    condition: str
    shown: str
    problem: str


@dataclass(slots=True)
class Rows:
    """Rows of one relation under the alias `v`, with the joins that expressions on them need.

    Attributes:
        joins: SQL of each join by what it is for; made on first use.
        guards: Conditions found while rendering.
    """

    schema: Schema
    relation: Relation
    joins: dict[str, str] = field(default_factory=dict)
    guards: list[Guard] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)

    def render(self, term: Term) -> str:
        """SQL of a core term over these rows, on scaled integers."""
        return self._sql(to_integers(term))

    def join_sql(self) -> str:
        """All joins, in the order they were needed."""
        return "".join(f"\n  {join}" for join in self.joins.values())

    def follow(self, hops: Sequence[ForeignKey]) -> str:
        """Alias of the row that *hops* lead to; the row itself for none."""
        alias = "v"
        for place, hop in enumerate(hops):
            key = ".".join(step.name for step in hops[: place + 1])
            target = self._alias(f"fk {key}")
            matches = " AND ".join(
                f"{alias}.{own} = {target}.{other}" for own, other in zip(hop.columns, hop.targets, strict=True)
            )
            self.joins.setdefault(target, f"LEFT JOIN {hop.table} AS {target} ON {matches}")
            alias = target
        return alias

    def _alias(self, purpose: str) -> str:
        return self.names.setdefault(purpose, f"j{len(self.names) + 1}")

    def column(self, path: tuple[str, ...]) -> tuple[str, Type]:
        """SQL and type of the column at *path*."""
        located = self.schema.locate(self.relation, path)
        if located is None:
            located = self.schema.locate(self.relation, path[1:])
            path = path[1:]
        if located is None:
            raise ExpressionError(f"found {'.'.join(path)!r}, allowed: a column of {self.relation.name}")
        alias = self.follow(located.hops)
        if located.layer is not None:
            alias = self._layer(alias, located.hops, located.layer)
        return f"{alias}.{located.column}", located.type

    def _layer(self, alias: str, hops: Sequence[ForeignKey], unit: str) -> str:
        """Join the results of *unit* for the row at *alias*: over its members, since several rows may be one unit."""
        where = ".".join(hop.name for hop in hops)
        rated = self._alias(f"rated {unit} {where}")
        if not hops:
            self.joins.setdefault(
                rated, f"LEFT JOIN rated_{unit} AS {rated} ON {alias}.{RECORD_ID} = {rated}.{RECORD_ID}"
            )
            return rated
        member = self._alias(f"member {unit} {where}")
        self.joins.setdefault(
            member, f"LEFT JOIN members_{unit} AS {member} ON {alias}.{RECORD_ID} = {member}.{RECORD_ID}"
        )
        self.joins.setdefault(rated, f"LEFT JOIN rated_{unit} AS {rated} ON {member}.{UNIT} = {rated}.{UNIT}")
        return rated

    def _sql(self, term: Term) -> str:
        match term:
            case Constant():
                return literal(term)
            case Column():
                return self.column(term.path)[0]
            case Arithmetic() | Compare():
                return f"({self._sql(term.left)} {term.operator} {self._sql(term.right)})"
            case Logic():
                return f"({self._sql(term.left)} {term.operator.upper()} {self._sql(term.right)})"
            case Not():
                return f"(NOT {self._sql(term.operand)})"
            case Missing():
                return f"({self._sql(term.operand)} IS NULL)"
            case If():
                test, then, otherwise = self._sql(term.test), self._sql(term.then), self._sql(term.otherwise)
                return f"(CASE WHEN {test} THEN {then} WHEN NOT {test} THEN {otherwise} END)"
            case Coalesce():
                return f"COALESCE({', '.join(self._sql(choice) for choice in term.choices)})"
            case Extreme():
                choices = [self._sql(choice) for choice in term.choices]
                known = " AND ".join(f"{choice} IS NOT NULL" for choice in choices)
                return f"(CASE WHEN {known} THEN {term.function.upper()}({', '.join(choices)}) END)"
            case Position():
                operand = self._sql(term.operand)
                places = " ".join(f"WHEN {text_literal(level)} THEN {place}" for place, level in enumerate(term.order))
                return f"(CASE {operand} {places} END)"
            case TableValue():
                return self._table_value(term)
            case Given():
                value = self._sql(term.value)
                self._guard(self._sql(term.refused), value, "a given value outside its range, or without its reason")
                return value
            case SincePrevious():
                return self._since_previous(term)
            case Year() | AddMonths() | AddWorkingDays():
                return self._calendar(term)
        raise ExpressionError(f"found {type(term).__name__}, allowed: an expression over one record")

    def _table_value(self, term: TableValue) -> str:
        keys = [self._sql(key) for key in term.keys]
        alias = self._alias(f"table {term.table} {keys}")
        matches = " AND ".join(f"{alias}.key_{place} = {key}" for place, key in enumerate(keys, start=1))
        self.joins.setdefault(alias, f"LEFT JOIN lookup_{term.table} AS {alias} ON {matches}")
        found = f"{alias}.found"
        known = " AND ".join(f"{key} IS NOT NULL" for key in keys)
        if term.otherwise is not None:
            return f"(CASE WHEN {known} THEN COALESCE({found}, {literal(term.otherwise)}) END)"
        self._guard(f"{known} AND {found} IS NULL", keys[0], f"a key that table {term.table!r} lacks")
        return found

    def _since_previous(self, term: SincePrevious) -> str:
        day, keys = self._sql(term.day), [self._sql(key) for key in term.keys]
        if not keys:
            return f"({day} - LAG({day}) OVER (ORDER BY {day}, v.{RECORD_ID}))"
        known = " AND ".join(f"{key} IS NOT NULL" for key in (*keys, day))
        window = f"PARTITION BY {', '.join(keys)}, ({day} IS NULL) ORDER BY {day}, v.{RECORD_ID}"
        return f"(CASE WHEN {known} THEN {day} - LAG({day}) OVER ({window}) END)"

    def _calendar(self, term: Year | AddMonths | AddWorkingDays) -> str:
        day = self._sql(term.day)
        match term:
            case Year():
                found = self._joined("calendar_days", "day", day)
                result = f"{found}.year"
            case AddMonths(day=Constant(value=Fraction() as start), months=Constant(value=Fraction() as months)):
                return str(add_months(int(start), int(months)))
            case AddMonths():
                start_ = self._joined("calendar_days", "day", day)
                month = self._joined("calendar_months", "month_no", f"({start_}.month_no + {self._sql(term.months)})")
                last = f"{month}.first_day + {start_}.day_of_month - 1"
                result = f"(CASE WHEN {last} < {month}.last_day THEN {last} ELSE {month}.last_day END)"
                self._guard(f"{day} IS NOT NULL AND {month}.last_day IS NULL", day, "a day outside the calendar")
                return result
            case AddWorkingDays():
                count = self._sql(term.days)
                begin = self._joined("working_counts", "day", day)
                end = self._joined("working_days", "workday_no", f"({begin}.workday_no + {count})")
                result = f"(CASE WHEN {count} = 0 THEN {day} ELSE {end}.day END)"
                self._guard(
                    f"{day} IS NOT NULL AND {count} IS NOT NULL AND {end}.day IS NULL",
                    day,
                    "a day outside the years of the working-day calendar",
                )
                return result
        self._guard(f"{day} IS NOT NULL AND {result} IS NULL", day, "a day outside the calendar")
        return result

    def _joined(self, table: str, column: str, value: str) -> str:
        alias = self._alias(f"{table} {value}")
        self.joins.setdefault(alias, f"LEFT JOIN {table} AS {alias} ON {alias}.{column} = {value}")
        return alias

    def _guard(self, condition: str, shown: str, problem: str) -> None:
        guard = Guard(condition, shown, problem)
        if guard not in self.guards:
            self.guards.append(guard)


def literal(term: Constant) -> str:
    """A constant as SQL."""
    match term.value:
        case None:
            return "NULL"
        case bool():
            return "TRUE" if term.value else "FALSE"
        case str():
            return text_literal(term.value)
    number = int(cast("Fraction", term.value))
    return f"({number})" if number < 0 else str(number)


def text_literal(text: str) -> str:
    """A text as SQL that every engine reads alike.

    Raises:
        ExpressionError: A quote or backslash, which engines escape in different ways.
    """
    if "'" in text or "\\" in text:
        raise ExpressionError(
            f"found the text {text!r}, allowed: texts without quotes and backslashes when records are compared"
        )
    return f"'{text}'"
