"""Syntax tree to typed core: every name gets its column, every type is checked, day functions are expanded.

A *Scope* says which columns there are; an *Environment* holds what is the same everywhere in one run: the days of
the period, the rulebook's tables and the working-day calendar's reach. Errors name what was found and allowed.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from functools import reduce
from typing import Any, Protocol, cast

from data_contracts.expressions.syntax import (
    Binary,
    Call,
    ExpressionError,
    In,
    IsNull,
    Literal,
    LookUp,
    Name,
    Node,
    Unary,
)
from data_contracts.expressions.terms import (
    DAY,
    NULL,
    NUMBER,
    TEXT,
    TRUTH,
    AddMonths,
    AddWorkingDays,
    Aggregate,
    Aggregation,
    Arithmetic,
    Coalesce,
    Column,
    Compare,
    Comparison,
    Constant,
    Extreme,
    Given,
    If,
    Kind,
    Logic,
    Missing,
    Not,
    Position,
    SincePrevious,
    TableValue,
    Term,
    Type,
    Year,
    parts,
    walk,
)

EPOCH = date(1970, 1, 1)
MAX_SIZE = 20_000
_TOO_LARGE = "found an expression that repeats its parts too often, allowed: less nesting of in, between, if and least"


class Scope(Protocol):
    """The columns an expression may name."""

    def find(self, path: tuple[str, ...]) -> Column | None:
        """The column at *path*, or None when there is none."""

    def names(self, prefix: tuple[str, ...]) -> Iterable[str]:
        """What may stand after *prefix*, for the hint of an error."""


@dataclass(frozen=True, slots=True)
class ColumnScope:
    """A scope of plain columns, without foreign keys: one table on its own."""

    columns: Mapping[str, Type]

    def find(self, path: tuple[str, ...]) -> Column | None:
        """The column of that name."""
        kind = self.columns.get(path[0]) if len(path) == 1 else None
        return None if kind is None else Column(kind, path)

    def names(self, prefix: tuple[str, ...]) -> Iterable[str]:
        """All column names."""
        return () if prefix else self.columns


@dataclass(frozen=True, slots=True)
class LookupTable:
    """Type of a rulebook table: its keys, its value and what stands in for a key it lacks."""

    keys: tuple[Type, ...]
    value: Type
    otherwise: Constant | None = None


@dataclass(frozen=True, slots=True)
class Environment:
    """What every expression of one run shares.

    Attributes:
        named_days: `as_of`, `period.from`, `period.to` as paths; empty in contracts.
        tables: The rulebook's look-up tables.
        aggregates: Whether an aggregate may stand here (only in `take`).
        windows: Whether `days_since_previous` may stand here (only in a view's `where`).
    """

    named_days: Mapping[tuple[str, ...], date] = field(default_factory=dict)
    tables: Mapping[str, LookupTable] = field(default_factory=dict)
    aggregates: bool = False
    windows: bool = False

    def without_aggregates(self) -> Environment:
        """The same, for the inside of an aggregate."""
        return replace(self, aggregates=False, windows=False)


def resolve(node: Node, scope: Scope, environment: Environment | None = None) -> Term:
    """Give *node* its types.

    Raises:
        ExpressionError: An unknown name, a wrong number of arguments, types that do not fit, or an expression that
            grows out of hand: `between` and `in` repeat their operand, so nesting them multiplies it.
    """
    term = _Resolver(scope, environment or Environment(), _Visits()).term(node)
    if expanded_size(term) > MAX_SIZE:
        raise ExpressionError(_TOO_LARGE)
    return term


def day_number(day: date) -> int:
    """Days since 1970-01-01.

    >>> day_number(date(1970, 1, 2))
    1
    """
    return (day - EPOCH).days


def did_you_mean(found: str, allowed: Iterable[str]) -> str:
    """`; did you mean 'x'?` for the nearest of *allowed*, or nothing.

    >>> did_you_mean("caps", ["cap", "floor"])
    "; did you mean 'cap'?"
    """
    near = difflib.get_close_matches(found, list(allowed), n=1, cutoff=0.6)
    return f"; did you mean {near[0]!r}?" if near else ""


def constant(value: Fraction | int | str | bool | date | None, decimals: int = 0) -> Constant:
    """A constant term with the type of *value*."""
    match value:
        case None:
            return Constant(NULL, None)
        case bool():
            return Constant(TRUTH, value)
        case str():
            return Constant(TEXT, value)
        case date():
            return Constant(DAY, Fraction(day_number(value)))
        case _:
            return Constant(Type("number", scale=decimals), Fraction(value))


@dataclass(slots=True)
class _Visits:
    """How many parts have been resolved so far."""

    count: int = 0

    def one_more(self, at: int) -> None:
        self.count += 1
        if self.count > MAX_SIZE:
            raise ExpressionError(_TOO_LARGE, at)


@dataclass(frozen=True, slots=True)
class _Resolver:
    scope: Scope
    environment: Environment
    visits: _Visits

    def term(self, node: Node) -> Term:
        self.visits.one_more(node.at)
        match node:
            case Literal():
                return constant(node.value, node.decimals)
            case Name():
                return self._column(node)
            case Unary(operator="not"):
                operand = self._of(node.operand, "truth")
                return Not(operand.type, operand)
            case Unary():
                return self._arithmetic(node, "-", constant(0), self._of(node.operand, "number"))
            case Binary(operator="and" | "or"):
                left, right = self._of(node.left, "truth"), self._of(node.right, "truth")
                return Logic(_either(TRUTH, left, right), cast(Any, node.operator), left, right)
            case Binary(operator="+" | "-" | "*" | "/"):
                left, right = self._of(node.left, "number", "day"), self._of(node.right, "number", "day")
                return self._arithmetic(node, node.operator, left, right)
            case Binary():
                return self._compare(node, node.operator, self.term(node.left), self.term(node.right))
            case In():
                return self._within(node)
            case IsNull():
                missing = Missing(TRUTH, self.term(node.operand))
                return Not(TRUTH, missing) if node.negated else missing
            case LookUp():
                return self._table_value(node)
            case Call():
                return self._call(node)
        raise TypeError(node)

    def _of(self, node: Node, *kinds: Kind) -> Term:
        term = self.term(node)
        if term.type.kind not in (*kinds, "null"):
            raise ExpressionError(f"found a {term.type.kind}, allowed: {' or '.join(kinds)}", node.at)
        return term

    def _column(self, node: Name) -> Term:
        column = self.scope.find(node.path)
        if column is not None:
            return column
        if (day := self.environment.named_days.get(node.path)) is not None:
            return constant(day)
        known = 0
        while known < len(node.path) - 1 and node.path[known] in set(self.scope.names(node.path[:known])):
            known += 1
        words = sorted({*self.scope.names(node.path[:known]), *self._words(known)})
        found = ".".join(node.path)
        raise ExpressionError(
            f"found {found!r}, allowed: {_listed(words)}{did_you_mean(node.path[known], words)}", node.at
        )

    def _words(self, known: int) -> Iterable[str]:
        return [".".join(path) for path in self.environment.named_days] if known == 0 else []

    def _arithmetic(self, node: Node, operator: str, left: Term, right: Term) -> Term:
        days = (left.type.kind == "day") + (right.type.kind == "day")
        kind: Kind = "day" if days == 1 else "number"
        if days and operator not in ("+", "-"):
            raise ExpressionError(f"found a day with {operator!r}, allowed: + or - on days", node.at)
        if days == 2 and operator == "+":
            raise ExpressionError("found two days added, allowed: the difference of two days", node.at)
        number = right if left.type.kind == "day" else left
        if days == 1 and number.type.kind == "number" and number.type.scale != 0:
            raise ExpressionError("found a part of a day, allowed: a day plus or minus a whole number", node.at)
        if (left.type.kind, right.type.kind, operator) == ("number", "day", "-"):
            raise ExpressionError("found a number minus a day, allowed: a day minus a number", node.at)
        scales = [0 if side.type.kind == "null" else side.type.scale for side in (left, right)]
        scale = None
        if None not in scales and operator != "/":
            one, other = cast("tuple[int, int]", scales)
            scale = one + other if operator == "*" else max(one, other)
        optional = left.type.optional or right.type.optional or (operator == "/" and not _nonzero(right))
        return Arithmetic(Type(kind, scale, optional), cast(Any, operator), left, right)

    def _compare(self, node: Node, operator: str, left: Term, right: Term) -> Term:
        kinds = {left.type.kind, right.type.kind} - {"null"}
        if len(kinds) > 1:
            raise ExpressionError(
                f"found a {left.type.kind} {operator} a {right.type.kind}, allowed: two of one kind", node.at
            )
        if operator not in ("=", "<>") and kinds & {"text", "truth"}:
            hint = "worse(…) or better(…) for levels, = or <>" if "text" in kinds else "= or <>"
            raise ExpressionError(f"found {operator!r} between {kinds.pop()} values, allowed: {hint}", node.at)
        for one, other in ((left, right), (right, left)):
            if one.type.order and isinstance(other, Constant) and other.value not in one.type.order:
                levels = one.type.order
                raise ExpressionError(
                    f"found {other.value!r}, allowed: {_listed(levels)}{did_you_mean(str(other.value), levels)}",
                    node.at,
                )
        return Compare(_either(TRUTH, left, right), cast("Comparison", operator), left, right)

    def _within(self, node: In) -> Term:
        if not node.choices:
            raise ExpressionError("found an empty list, allowed: at least one value", node.at)
        operand = self.term(node.operand)
        tests = [self._compare(node, "=", operand, self.term(choice)) for choice in node.choices]
        while len(tests) > 1:  # pairwise, so that a long list does not become a deep term
            tests = [_any_of(tests[place : place + 2]) for place in range(0, len(tests), 2)]
        return Not(tests[0].type, tests[0]) if node.negated else tests[0]

    def _table_value(self, node: LookUp) -> Term:
        table = self.environment.tables.get(node.table)
        if table is None:
            names = sorted(self.environment.tables)
            raise ExpressionError(
                f"found table {node.table!r}, allowed: {_listed(names)}{did_you_mean(node.table, names)}", node.at
            )
        if len(node.keys) != len(table.keys):
            raise ExpressionError(
                f"found {len(node.keys)} keys for {node.table!r}, allowed: {len(table.keys)}", node.at
            )
        keys = tuple(self._of(key, expected.kind) for key, expected in zip(node.keys, table.keys, strict=True))
        for key, written in zip(keys, node.keys, strict=True):
            if key.type.kind == "number" and key.type.scale != 0:
                raise ExpressionError("found a key with decimals, allowed: text or a whole number", written.at)
        optional = any(key.type.optional for key in keys)
        return TableValue(table.value.maybe(optional), node.table, keys, table.otherwise)

    def _call(self, node: Call) -> Term:
        function = _FUNCTIONS.get(node.function)
        if function is not None:
            function.check(node)
            return function.make(self, node)
        if node.function in _AGGREGATES:
            return self._aggregate(node)
        names = sorted({*_FUNCTIONS, *(_AGGREGATES if self.environment.aggregates else ())})
        raise ExpressionError(
            f"found function {node.function!r}, allowed: {_listed(names)}{did_you_mean(node.function, names)}", node.at
        )

    def _aggregate(self, node: Call) -> Term:
        if not self.environment.aggregates:
            raise ExpressionError(
                f"found {node.function}(…), allowed: an aggregate only in 'take' of records or across units, "
                "never inside another",
                node.at,
            )
        function = _AGGREGATES[node.function]
        function.check(node)
        inner = _Resolver(self.scope, self.environment.without_aggregates(), self.visits)
        name = cast("Aggregation", node.function)
        if name == "count":
            return Aggregate(NUMBER, name, None)
        operand = inner._of(node.arguments[0], *_AGGREGATED[name])
        weighted = name in ("mean", "share")
        ordering: tuple[Kind, ...] = ("number",) if weighted else ("number", "day")
        by = inner._of(node.arguments[1], *ordering) if len(node.arguments) == 2 else None
        if weighted:
            return Aggregate(Type("number", None, optional=True), name, operand, by)
        return Aggregate(replace(operand.type, optional=name != "sum"), name, operand, by)

    # The functions, in the order of the table below.

    def if_(self, node: Call) -> Term:
        test = self._of(node.arguments[0], "truth")
        branches = self._alike(node, node.arguments[1:])
        return If(_joined(branches).maybe(test.type.optional), test, *branches)

    def coalesce(self, node: Call) -> Term:
        choices = self._alike(node, node.arguments)
        joined = _joined(choices)
        return Coalesce(replace(joined, optional=all(choice.type.optional for choice in choices)), choices)

    def extreme(self, node: Call) -> Term:
        choices = self._alike(node, node.arguments, "number", "day")
        return Extreme(_joined(choices), cast(Any, node.function), choices)

    def _alike(self, node: Call, arguments: Iterable[Node], *kinds: Kind) -> tuple[Term, ...]:
        terms = tuple(self._of(argument, *(kinds or ("number", "text", "truth", "day"))) for argument in arguments)
        found = {term.type.kind for term in terms} - {"null"}
        if len(found) > 1:
            raise ExpressionError(
                f"found {' and '.join(sorted(found))} in {node.function}(…), allowed: values of one kind", node.at
            )
        return terms

    def ranked(self, node: Call) -> Term:
        left, right = self._of(node.arguments[0], "text"), self._of(node.arguments[1], "text")
        order = left.type.order or right.type.order
        if order is None:
            raise ExpressionError(
                f"found {node.function}(…) on a text, allowed: on a level, which has an order", node.at
            )
        self._compare(node, "=", left, right)
        operator: Comparison = ">" if node.function == "worse" else "<"
        places = [Position(NUMBER.maybe(side.type.optional), side, order) for side in (left, right)]
        return Compare(_either(TRUTH, left, right), operator, places[0], places[1])

    def year(self, node: Call) -> Term:
        day = self._of(node.arguments[0], "day")
        return Year(NUMBER.maybe(day.type.optional), day)

    def add_days(self, node: Call) -> Term:
        return self._arithmetic(node, "+", *self._day_and_count(node))

    def add_months(self, node: Call) -> Term:
        day, months = self._day_and_count(node)
        return AddMonths(_either(DAY, day, months), day, months)

    def add_working_days(self, node: Call) -> Term:
        day, days = self._day_and_count(node)
        return AddWorkingDays(_either(DAY, day, days), day, days)

    def _day_and_count(self, node: Call) -> tuple[Term, Term]:
        day, count = self._of(node.arguments[0], "day"), self._of(node.arguments[1], "number")
        if count.type.scale != 0:
            raise ExpressionError("found a number with decimals, allowed: a whole number", node.arguments[1].at)
        return day, count

    def in_period(self, node: Call) -> Term:
        day = self._of(node.arguments[0], "day")
        return _both(_compare(day, ">=", self._named("period", "from")), _compare(day, "<=", self._named("as_of")))

    def in_force(self, node: Call) -> Term:
        begin, end = (self._of(argument, "day") for argument in node.arguments)
        as_of = self._named("as_of")
        open_end = Logic(_either(TRUTH, end), "or", Missing(TRUTH, end), _compare(as_of, "<=", end))
        return _both(_compare(begin, "<=", as_of), open_end)

    def within_months(self, node: Call) -> Term:
        day, months = self._day_and_count(node)
        as_of = self._named("as_of")
        back = Arithmetic(NUMBER.maybe(months.type.optional), "-", constant(0), months)
        start = AddMonths(_either(DAY, months), as_of, back)
        return _both(_compare(day, ">", start), _compare(day, "<=", as_of))

    def overlaps(self, node: Call) -> Term:
        begin, end = (self._of(argument, "day") for argument in node.arguments)
        first, last = self._named("period", "from"), self._named("period", "to")
        return _both(_compare(begin, "<=", last), _compare(Coalesce(DAY, (end, last)), ">=", first))

    def days_in_period(self, node: Call) -> Term:
        begin, end = (self._of(argument, "day") for argument in node.arguments)
        first, last = self._named("period", "from"), self._named("period", "to")
        until = Extreme(DAY, "least", (Coalesce(DAY, (end, last)), last))
        since = Extreme(_either(DAY, begin), "greatest", (begin, first))
        span = Arithmetic(NUMBER.maybe(begin.type.optional), "-", until, since)
        days = Arithmetic(span.type, "+", span, constant(1))
        return Extreme(days.type, "greatest", (days, constant(0)))

    def days_since_previous(self, node: Call) -> Term:
        if not self.environment.windows:
            raise ExpressionError("found days_since_previous(…), allowed: only in the 'where' of a view", node.at)
        day, *keys = node.arguments
        found = self._of(day, "day"), tuple(self.term(key) for key in keys)
        return SincePrevious(NUMBER.maybe(), *found)

    def given(self, node: Call) -> Term:
        value, low, high, reference = (self._of(argument, "number") for argument in node.arguments[:4])
        reason = self._of(node.arguments[4], "text")
        outside = Logic(TRUTH.maybe(), "or", _compare(value, "<", low), _compare(value, ">", high))
        unexplained = _both(_compare(value, "<>", reference), Missing(TRUTH, reason))
        return Given(value.type, value, Logic(TRUTH.maybe(), "or", outside, unexplained))

    def _named(self, *path: str) -> Term:
        day = self.environment.named_days.get(path)
        if day is None:
            raise ExpressionError(
                f"found a function that needs {'.'.join(path)!r}, allowed: only where a period is given"
            )
        return constant(day)


@dataclass(frozen=True, slots=True)
class _Function:
    least: int
    most: int
    make: Callable[[_Resolver, Call], Term]

    def check(self, node: Call) -> None:
        found = len(node.arguments)
        if not self.least <= found <= self.most:
            allowed = str(self.least) if self.least == self.most else f"{self.least} to {self.most}"
            raise ExpressionError(f"found {found} arguments for {node.function}(…), allowed: {allowed}", node.at)


_FUNCTIONS: dict[str, _Function] = {
    "if": _Function(3, 3, _Resolver.if_),
    "coalesce": _Function(2, 20, _Resolver.coalesce),
    "least": _Function(2, 20, _Resolver.extreme),
    "greatest": _Function(2, 20, _Resolver.extreme),
    "worse": _Function(2, 2, _Resolver.ranked),
    "better": _Function(2, 2, _Resolver.ranked),
    "year": _Function(1, 1, _Resolver.year),
    "add_days": _Function(2, 2, _Resolver.add_days),
    "add_months": _Function(2, 2, _Resolver.add_months),
    "add_working_days": _Function(2, 2, _Resolver.add_working_days),
    "in_period": _Function(1, 1, _Resolver.in_period),
    "in_force": _Function(2, 2, _Resolver.in_force),
    "within_months": _Function(2, 2, _Resolver.within_months),
    "overlaps": _Function(2, 2, _Resolver.overlaps),
    "days_in_period": _Function(2, 2, _Resolver.days_in_period),
    "days_since_previous": _Function(2, 9, _Resolver.days_since_previous),
    "given": _Function(5, 5, _Resolver.given),
}
_AGGREGATES: dict[str, _Function] = {
    name: _Function(least, most, _Resolver._aggregate)
    for name, least, most in (
        ("count", 0, 0),
        ("sum", 1, 1),
        ("mean", 1, 2),
        ("share", 1, 2),
        ("min", 1, 1),
        ("max", 1, 1),
        ("first", 2, 2),
        ("last", 2, 2),
    )
}
_AGGREGATED: dict[str, tuple[Kind, ...]] = {
    "sum": ("number",),
    "mean": ("number",),
    "share": ("truth",),
    "min": ("number", "day"),
    "max": ("number", "day"),
    "first": ("number", "day", "text", "truth"),
    "last": ("number", "day", "text", "truth"),
}
FUNCTIONS = tuple(_FUNCTIONS)
AGGREGATES = tuple(_AGGREGATES)


def aggregates_in(term: Term) -> list[Aggregate]:
    """The aggregates of *term*, in reading order."""
    return [part for part in walk(term) if isinstance(part, Aggregate)]


def expanded_size(term: Term) -> int:
    """How many parts *term* has once everything that it shares or that a back end writes twice is written out."""
    sizes: dict[int, int] = {}

    def size(part: Term) -> int:
        if id(part) not in sizes:
            times = 2 if isinstance(part, Extreme | AddMonths | AddWorkingDays | SincePrevious) else 1
            sizes[id(part)] = 1 + times * sum(size(below) for below in parts(part))
        return sizes[id(part)]

    return size(term)


def _either(base: Type, *terms: Term) -> Type:
    return base.maybe(any(term.type.optional for term in terms))


def _compare(left: Term, operator: Comparison, right: Term) -> Term:
    return Compare(_either(TRUTH, left, right), operator, left, right)


def _any_of(tests: list[Term]) -> Term:
    return reduce(lambda one, other: Logic(_either(TRUTH, one, other), "or", one, other), tests)


def _both(left: Term, right: Term) -> Term:
    return Logic(_either(TRUTH, left, right), "and", left, right)


def _joined(terms: Iterable[Term]) -> Type:
    """The type of a value that is one of *terms*: the widest scale, missing where any can be."""
    found = [term.type for term in terms]
    kinds = [kind for kind in found if kind.kind != "null"] or [NULL]
    scales = [kind.scale for kind in kinds]
    scale = None if None in scales else max(cast("list[int]", scales))
    order = kinds[0].order if all(kind.order == kinds[0].order for kind in kinds) else None
    return Type(kinds[0].kind, scale, any(kind.optional for kind in found), order)


def _nonzero(term: Term) -> bool:
    return isinstance(term, Constant) and bool(term.value)


def _listed(words: Iterable[str]) -> str:
    shown = list(words)
    return ", ".join(shown[:12]) + (", …" if len(shown) > 12 else "") if shown else "nothing"
