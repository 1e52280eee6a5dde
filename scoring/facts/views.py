"""Views as SQL: a chain of nested selects over one relation, each with the unit that a record belongs to.

The text depends on the rulebook alone, so it can be hashed and sent verbatim. Columns made on the way have two
underscores in their names, which no name of a rulebook or contract has.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import cast

import pyarrow as pa

from data_contracts.expressions.terms import TRUTH, Constant, Term, Type
from data_contracts.model import RECORD_ID
from scoring.exact import decimal_text
from scoring.facts.days import day_of
from scoring.facts.sql import UNIT, Guard, Rows
from scoring.rulebook.relations import ForeignKey, Relation, Schema
from scoring.rulebook.shape import Expression, UnitRules, View

SHOWN = 5


@dataclass(frozen=True, slots=True)
class GuardQuery:
    """A query whose rows (record_id, shown__0, …) are errors.

    Attributes:
        sql: Lists the first few such records, by record id.
        kinds: Type of each shown value.
    """

    sql: str
    problem: str
    allowed: str
    kinds: tuple[Type, ...]

    def message(self, found: pa.Table) -> str:
        """What to tell: the values and records found, and what is allowed."""
        rows = found.to_pylist()
        shown = [f"{self._values(row)} in record {row[RECORD_ID]}" for row in rows[:SHOWN]]
        more = ", …" if len(rows) > SHOWN else ""
        return f"found {self.problem} {', '.join(shown)}{more}, allowed: {self.allowed}"

    def _values(self, row: dict[str, object]) -> str:
        return "/".join(_text(row[f"shown__{place}"], kind) for place, kind in enumerate(self.kinds))


@dataclass(frozen=True, slots=True)
class Selected:
    """Rows of a view.

    Attributes:
        sql: A select with the relation's columns, `unit_no`, and *place* where rows that count with another are kept.
        guards: Queries that must find nothing.
        place: Column that numbers the records of one key, from 1; empty when only the first are there.
    """

    sql: str
    guards: tuple[GuardQuery, ...]
    place: str = ""


def rows_of(
    schema: Schema, unit: UnitRules, view: View, link: tuple[ForeignKey, ...], *, keep_all: bool = False
) -> Selected:
    """The rows of *view* with the number of the unit that each belongs to.

    Args:
        schema: All relations of the rulebook.
        unit: The unit they belong to.
        view: Which rows.
        link: Foreign keys from a row to the unit's table.
        keep_all: Whether to keep the rows that `once_per` counts with another, as long as nothing after it would
            be counted differently.
    """
    windowed = view.where is not None and " OVER (" in Rows(schema, view.relation).render(view.where.term)
    if view.inner is None:
        inner = _linked(schema, unit, view, link)
    else:
        inner = rows_of(schema, unit, view.inner, link, keep_all=keep_all and not view.once_per and not windowed)
    rows = Rows(schema, view.relation)
    tests = _tests(rows, view)
    sql, guards = inner.sql, inner.guards
    if tests:
        body = f"FROM ({sql}) AS v{rows.join_sql()}"
        guards = (*guards, *guard_queries(rows.guards, body))
        sql = _filtered(body, tests, _depth(view))
    if not view.once_per:
        return Selected(sql, guards, inner.place)
    return _once(schema, view, Selected(sql, guards), keep_all=keep_all)


def base(table: str, unit: str | None) -> str:
    """The rows of a relation under the alias `v`: all of a table, or those that a rated unit is known by."""
    if unit is None:
        return f"{table} AS v"
    return f"(SELECT t.* FROM {table} AS t JOIN rated_{unit} AS r ON t.{RECORD_ID} = r.{RECORD_ID}) AS v"


def own_unit(schema: Schema, relation: Relation) -> str | None:
    """The unit whose rows a relation stands for; a rated table stands for all its rows."""
    return relation.unit if relation.name in schema.units else None


def guard_queries(guards: Iterable[Guard], body: str) -> tuple[GuardQuery, ...]:
    """Each guard as a query over *body*; a window cannot stand in WHERE, so the condition becomes a column."""
    return tuple(_guard_query(guard, body) for guard in guards)


def _guard_query(guard: Guard, body: str) -> GuardQuery:
    shown = "".join(f", {sql} AS shown__{place}" for place, (sql, _) in enumerate(guard.shown))
    names = "".join(f", shown__{place}" for place in range(len(guard.shown)))
    inner = f"SELECT v.{RECORD_ID} AS {RECORD_ID}{shown}, {guard.condition} AS broken__\n{body}"
    sql = f"SELECT {RECORD_ID}{names} FROM ({inner}) AS w WHERE broken__ ORDER BY {RECORD_ID} LIMIT {SHOWN + 1}"
    return GuardQuery(sql, guard.problem, guard.allowed, tuple(kind for _, kind in guard.shown))


def _tests(rows: Rows, view: View) -> list[str]:
    """Time first: what lies outside it is not looked at."""
    time = _rendered(rows, view.time)
    if not time:
        return _rendered(rows, view.where)
    with rows.where(time[0]):
        return [*time, *_rendered(rows, view.where)]


def _rendered(rows: Rows, test: Expression | None) -> list[str]:
    return [] if test is None or test.term == Constant(TRUTH, True) else [rows.render(test.term)]


def _linked(schema: Schema, unit: UnitRules, view: View, link: tuple[ForeignKey, ...]) -> Selected:
    rows = Rows(schema, view.relation)
    target = rows.follow(link)
    source = base(view.relation.table, own_unit(schema, view.relation))
    guards = [] if all(hop.checked for hop in link) else [_orphan(link, rows)]
    joins = rows.join_sql()
    member = f"\n  JOIN members_{unit.name} AS m ON m.{RECORD_ID} = {target}.{RECORD_ID}"
    sql = f"SELECT v.*, m.{UNIT} AS {UNIT}\nFROM {source}{joins.replace('LEFT JOIN', 'JOIN')}{member}"
    return Selected(sql, guard_queries(guards, f"FROM {source}{joins}"))


def _orphan(link: tuple[ForeignKey, ...], rows: Rows) -> Guard:
    """A key that is written but leads to no row."""
    broken = []
    for place, hop in enumerate(link):
        alias, target = rows.follow(link[:place]), rows.follow(link[: place + 1])
        known = " AND ".join(f"{alias}.{column} IS NOT NULL" for column in hop.columns)
        broken.append(f"({known} AND {target}.{RECORD_ID} IS NULL)")
    shown = tuple((f"v.{column}", rows.relation.columns[column]) for column in link[0].columns)
    return Guard(
        f"({' OR '.join(broken)})", shown, f"a {link[0].name} that leads nowhere:", f"a row of {link[-1].table}"
    )


def _filtered(body: str, tests: list[str], depth: int) -> str:
    """A window cannot stand in WHERE, so a test that holds one becomes a column first."""
    if not any(" OVER (" in test for test in tests):
        return f"SELECT v.*\n{body}\nWHERE {' AND '.join(tests)}"
    names = [f"test__{depth}_{place}" for place in range(len(tests))]
    made = ", ".join(f"{test} AS {name}" for test, name in zip(tests, names, strict=True))
    kept = " AND ".join(f"w.{name}" for name in names)
    return f"SELECT w.* FROM (SELECT v.*, {made}\n{body}) AS w WHERE {kept}"


def _once(schema: Schema, view: View, selected: Selected, *, keep_all: bool) -> Selected:
    """One record per unit and key; a record without a key counts for itself."""
    rows, place = Rows(schema, view.relation), f"place__{_depth(view)}"
    keys = [rows.render(key) for key in view.once_per]
    alone = f"CASE WHEN {' OR '.join(f'{key} IS NULL' for key in keys)} THEN v.{RECORD_ID} END"
    term, highest = cast("tuple[Term, bool]", view.keep)
    keep = rows.render(term)
    order = f"CASE WHEN {keep} IS NULL THEN 1 ELSE 0 END, {keep} {'DESC' if highest else 'ASC'}, v.{RECORD_ID}"
    window = f"PARTITION BY v.{UNIT}, {', '.join(keys)}, {alone} ORDER BY {order}"
    body = f"FROM ({selected.sql}) AS v{rows.join_sql()}"
    numbered = f"SELECT v.*, ROW_NUMBER() OVER ({window}) AS {place}\n{body}"
    guards = (*selected.guards, *guard_queries(rows.guards, body))
    if keep_all:
        return Selected(numbered, guards, place)
    return Selected(f"SELECT w.* FROM ({numbered}) AS w WHERE w.{place} = 1", guards)


def _depth(view: View) -> int:
    return 0 if view.inner is None else 1 + _depth(view.inner)


def _text(value: object, kind: Type) -> str:
    if isinstance(value, int) and kind.kind == "day":
        shown: date | str = day_of(value) if abs(value) < 10**6 else f"day number {value}"
        return str(shown)
    if isinstance(value, int) and kind.kind == "number":
        return decimal_text(value, Fraction(1, 10 ** (kind.scale or 0)))
    return repr(value)
