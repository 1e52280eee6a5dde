"""Record back end: views and facts as SQL text in a small integer-only subset that every engine reads alike.

No quoting of names (they are kept plain), no division, rounding, dates or functions of an engine: days are numbers,
months and working days come from small tables, look-ups are joins. Joins follow foreign keys from many rows to one,
so a row is never multiplied. Whole numbers written in a formula are cast to BIGINT wherever they are computed with,
because engines take them for 32 bits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from fractions import Fraction

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
    walk,
)
from data_contracts.model import RECORD_ID
from scoring.exact import fits
from scoring.facts.days import CalendarError
from scoring.facts.one_row import one_row
from scoring.rulebook.relations import ForeignKey, Relation, Schema

UNIT = "unit_no"


@dataclass(frozen=True, slots=True)
class Guard:
    """A condition that no record may fulfil: a look-up without a row, a value outside its range.

    Attributes:
        condition: SQL that is true on such a record, and only where the value is really needed.
        shown: SQL and type of the values that the error names.
        problem: What was found.
        allowed: What is allowed.
    """

    condition: str
    shown: tuple[tuple[str, Type], ...]
    problem: str
    allowed: str


@dataclass(slots=True)
class Rows:
    """Rows of one relation under the alias `v`, with the joins that expressions on them need.

    Attributes:
        schema: All relations of the rulebook.
        relation: What the rows are rows of.
        joins: SQL of each join by its alias; made on first use.
        guards: Conditions found while rendering.
        names: Alias by what it was joined for.
    """

    schema: Schema
    relation: Relation
    joins: dict[str, str] = field(default_factory=dict)
    guards: list[Guard] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    _needed: list[str] = field(default_factory=list)

    def render(self, term: Term) -> str:
        """SQL of a core term over these rows, on scaled integers."""
        return self._sql(to_integers(term))

    @contextmanager
    def where(self, condition: str) -> Iterator[None]:
        """What is rendered inside is looked at only where *condition* holds; its guards speak of no other record."""
        before = self._needed
        self._needed = before if condition == "TRUE" else [*before, condition]
        try:
            yield
        finally:
            self._needed = before

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
            case Arithmetic():
                return f"({self._computed(term.left)} {term.operator} {self._computed(term.right)})"
            case Compare():
                return f"({self._sql(term.left)} {term.operator} {self._sql(term.right)})"
            case Logic():
                return self._logic(term)
            case Not():
                return f"(NOT {self._sql(term.operand)})"
            case Missing():
                return f"({self._sql(term.operand)} IS NULL)"
            case If():
                return self._if(term)
            case Coalesce():
                return self._coalesce(term)
            case Extreme():
                choices = [self._computed(choice) for choice in term.choices]
                known = " AND ".join(f"{choice} IS NOT NULL" for choice in choices)
                return f"(CASE WHEN {known} THEN {term.function.upper()}({', '.join(choices)}) END)"
            case Position():
                places = " ".join(f"WHEN {text_literal(level)} THEN {place}" for place, level in enumerate(term.order))
                return f"(CASE {self._sql(term.operand)} {places} END)"
        return self._beyond(term)

    def _beyond(self, term: Term) -> str:
        """Terms that look beyond the record: at a table, a calendar or other records."""
        match term:
            case TableValue():
                return self._table_value(term)
            case Given():
                return self._given(term)
            case SincePrevious():
                return self._since_previous(term)
            case Year() | AddMonths() | AddWorkingDays():
                return self._calendar(term)
        raise ExpressionError(f"found {type(term).__name__}, allowed: an expression over one record")

    def _computed(self, term: Term) -> str:
        """A number that is computed with: 64 bits wide also where it is written out."""
        sql = self._sql(term)
        return f"CAST({sql} AS BIGINT)" if isinstance(term, Constant) and isinstance(term.value, Fraction) else sql

    def _logic(self, term: Logic) -> str:
        left = self._sql(term.left)
        with self.where(f"COALESCE({left}, TRUE)" if term.operator == "and" else f"(NOT COALESCE({left}, FALSE))"):
            right = self._sql(term.right)
        return f"({left} {term.operator.upper()} {right})"

    def _if(self, term: If) -> str:
        test = self._sql(term.test)
        with self.where(test):
            then = self._computed(term.then)
        with self.where(f"(NOT {test})"):
            otherwise = self._computed(term.otherwise)
        return f"(CASE {test} WHEN TRUE THEN {then} WHEN FALSE THEN {otherwise} END)"

    def _coalesce(self, term: Coalesce) -> str:
        choices: list[str] = []
        with ExitStack() as stack:
            for choice in term.choices:
                choices.append(self._computed(choice))
                stack.enter_context(self.where(f"({choices[-1]} IS NULL)"))
        return f"COALESCE({', '.join(choices)})"

    def _given(self, term: Given) -> str:
        value = self._sql(term.value)
        self._guard(
            self._sql(term.refused),
            [(value, term.value.type)],
            "the given value",
            "within its range, and with a reason where it differs from the reference",
        )
        return value

    def _table_value(self, term: TableValue) -> str:
        keys = [self._sql(key) for key in term.keys]
        alias = self._alias(f"table {term.table} {keys}")
        matches = " AND ".join(f"{alias}.key_{place} = {key}" for place, key in enumerate(keys, start=1))
        self.joins.setdefault(alias, f"LEFT JOIN lookup_{term.table} AS {alias} ON {matches}")
        found = f"{alias}.found"
        known = " AND ".join(f"{key} IS NOT NULL" for key in keys)
        if term.otherwise is not None:
            return f"(CASE WHEN {known} THEN COALESCE({found}, {self._computed(term.otherwise)}) END)"
        shown = [(sql, key.type) for sql, key in zip(keys, term.keys, strict=True)]
        problem = f"a key that table {term.table!r} lacks:"
        self._guard(f"({known} AND {found} IS NULL)", shown, problem, "a key of the table, or `else:` in it")
        return found

    def _since_previous(self, term: SincePrevious) -> str:
        day, keys = self._sql(term.day), [self._sql(key) for key in term.keys]
        known = " AND ".join(f"{key} IS NOT NULL" for key in (*keys, day))
        window = f"PARTITION BY {', '.join(keys)}, ({day} IS NULL) ORDER BY {day}, v.{RECORD_ID}"
        return f"(CASE WHEN {known} THEN {day} - LAG({day}) OVER ({window}) END)"

    def _calendar(self, term: Year | AddMonths | AddWorkingDays) -> str:
        if all(isinstance(part, Constant | Arithmetic | AddMonths | Year) for part in walk(term)):
            with suppress(CalendarError):  # what lies outside is left to the guard, which asks whether it is needed
                return self._computed(Constant(term.type, one_row(term, {})))
        day = self._computed(term.day)
        match term:
            case Year():
                result = f"{self._joined('calendar_days', 'day', day)}.year"
                self._calendar_guard(f"{result} IS NULL", [(day, term.day.type)])
            case AddMonths():
                months = self._computed(term.months)
                start = self._joined("calendar_days", "day", day)
                month = self._joined("calendar_months", "month_no", f"({start}.month_no + {months})")
                same_day = f"{month}.first_day + {start}.day_of_month - 1"
                result = f"(CASE WHEN {same_day} < {month}.last_day THEN {same_day} ELSE {month}.last_day END)"
                shown = [(day, term.day.type), (months, term.months.type)]
                self._calendar_guard(f"{month}.last_day IS NULL", shown)
            case AddWorkingDays():
                days = self._computed(term.days)
                begin = self._joined("working_counts", "day", day)
                end = self._joined("working_days", "workday_no", f"({begin}.workday_no + {days})")
                result = f"(CASE WHEN {days} = 0 THEN {day} ELSE {end}.day END)"
                outside = f"({begin}.workday_no IS NULL OR ({days} <> 0 AND {end}.day IS NULL))"
                self._calendar_guard(outside, [(day, term.day.type), (days, term.days.type)], "working-day ")
        return result

    def _calendar_guard(self, outside: str, shown: list[tuple[str, Type]], which: str = "") -> None:
        known = " AND ".join(f"{sql} IS NOT NULL" for sql, _ in shown)
        what = "a day" if len(shown) == 1 else "a day and a count"
        problem = f"{what} outside the {which}calendar:"
        self._guard(f"({known} AND {outside})", shown, problem, "a year that the calendar knows")

    def _joined(self, table: str, column: str, value: str) -> str:
        alias = self._alias(f"{table} {value}")
        self.joins.setdefault(alias, f"LEFT JOIN {table} AS {alias} ON {alias}.{column} = {value}")
        return alias

    def _guard(self, condition: str, shown: list[tuple[str, Type]], problem: str, allowed: str) -> None:
        guard = Guard(" AND ".join([*self._needed, condition]), tuple(shown), problem, allowed)
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
    number = int(term.value)
    if not fits(number):
        raise ExpressionError(f"found {number}, allowed: numbers below 2^62 when records are compared")
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
