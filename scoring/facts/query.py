"""Facts of one unit as SQL: one query per view, the same view listed record by record for explanations.

A view is a chain of nested selects over one relation; every level keeps the relation's columns and the number of
the unit that the record belongs to. The text depends on the rulebook alone, so it can be hashed and sent verbatim.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

from data_contracts.expressions.integers import to_integers
from data_contracts.expressions.resolve import aggregates_in
from data_contracts.expressions.terms import TRUTH, Aggregate, Constant, Term, Type
from data_contracts.model import RECORD_ID
from scoring.facts.sql import UNIT, Guard, Rows
from scoring.rulebook.relations import ForeignKey, Relation, Schema
from scoring.rulebook.shape import Fact, UnitRules, View

PARTS = ("counted", "among", "counted_with")


@dataclass(frozen=True, slots=True)
class Answer:
    """A column pair of a fact query: what aggregate *place* of *fact* is, and the decimals of its numerator and denominator."""

    fact: str
    place: int
    kind: str
    scale: int


@dataclass(frozen=True, slots=True)
class FactQuery:
    """One SQL text that gives `unit_no` and a pair `n<i>`, `d<i>` per answer.

    Attributes:
        guards: Queries whose rows (record_id, shown) are errors, each with the problem it shows.
    """

    name: str
    sql: str
    answers: tuple[Answer, ...]
    guards: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Select:
    sql: str
    guards: tuple[tuple[str, str], ...]


def members_query(schema: Schema, unit: UnitRules) -> tuple[str, list[tuple[tuple[str, ...], Type]]]:
    """SQL that lists the rows a unit is made from, with every column that its expressions read.

    Returns:
        The text (record_id and columns c0, c1, …, a ratio with its c0_den) and path and type of each column.
    """
    rows = Rows(schema, unit.relation)
    paths = sorted(unit.columns)
    found: list[tuple[tuple[str, ...], Type]] = []
    parts = [f"v.{RECORD_ID} AS {RECORD_ID}"]
    for place, path in enumerate(paths):
        column, kind = rows.column(path)
        parts.append(f"{column} AS c{place}")
        if kind.kind == "number" and kind.scale is None:
            parts.append(f"{column}__den AS c{place}_den")
        found.append((path, kind))
    return (
        f"SELECT {', '.join(parts)}\nFROM {base(unit.relation.table, _own_unit(schema, unit.relation))}{rows.join_sql()}",
        found,
    )


def base(table: str, unit: str | None) -> str:
    """The rows of a relation under the alias `v`: all of a table, or those that a rated unit is known by."""
    if unit is None:
        return f"{table} AS v"
    return f"(SELECT t.* FROM {table} AS t JOIN rated_{unit} AS r ON t.{RECORD_ID} = r.{RECORD_ID}) AS v"


def fact_queries(schema: Schema, unit: UnitRules) -> list[FactQuery]:
    """The queries of a unit's facts, facts that share a view and a way to the unit together."""
    groups: dict[str, list[Fact]] = {}
    for fact in unit.facts:
        if fact.view is not None:
            groups.setdefault(_rows_sql(schema, unit, fact.view, fact.link).sql, []).append(fact)
    queries = []
    for facts in groups.values():
        ordered = [(fact, place, found) for fact in facts for place, found in enumerate(aggregates_in(fact.take.term))]
        plain = [item for item in ordered if item[2].function not in ("first", "last")]
        if plain:
            queries.append(_aggregated(schema, unit, facts[0], plain))
        queries += [_picked(schema, unit, *item) for item in ordered if item not in plain]
    return queries


def records_query(schema: Schema, unit: UnitRules, fact: Fact) -> str:
    """SQL that lists the records behind *fact*: `unit_no`, `record_id`, `part`."""
    view = cast("View", fact.view)
    select = _rows_sql(schema, unit, view, fact.link, keep_all=True)
    rows = Rows(schema, view.relation)
    part = _part(rows, fact, aggregates_in(fact.take.term))
    if view.once_per:
        part = f"CASE WHEN v.place_no > 1 THEN 'counted_with' ELSE {part} END"
    sql = f"SELECT v.{UNIT} AS {UNIT}, v.{RECORD_ID} AS {RECORD_ID}, {part} AS part\nFROM ({select.sql}) AS v{rows.join_sql()}"
    return f"SELECT {UNIT}, {RECORD_ID}, part FROM ({sql}) AS w WHERE part IS NOT NULL"


def _aggregated(schema: Schema, unit: UnitRules, first: Fact, items: list[tuple[Fact, int, Aggregate]]) -> FactQuery:
    view = cast("View", first.view)
    select = _rows_sql(schema, unit, view, first.link)
    rows = Rows(schema, view.relation)
    columns, answers = [f"v.{UNIT} AS {UNIT}"], []
    for number, (fact, place, aggregate) in enumerate(items):
        where = "TRUE" if fact.where is None else rows.render(fact.where.term)
        num, den, scale = _aggregate(rows, aggregate, where)
        columns += [f"CAST({num} AS BIGINT) AS n{number}", f"CAST({den} AS BIGINT) AS d{number}"]
        answers.append(Answer(fact.name, place, aggregate.type.kind, scale))
    body = f"FROM ({select.sql}) AS v{rows.join_sql()}"
    sql = f"SELECT {', '.join(columns)}\n{body}\nGROUP BY v.{UNIT}"
    name = f"{unit.name}: {', '.join(sorted({fact.name for fact, _, _ in items}))}"
    return FactQuery(name, sql, tuple(answers), (*select.guards, *_guards(rows.guards, body)))


def _aggregate(rows: Rows, aggregate: Aggregate, where: str) -> tuple[str, str, int]:
    """Numerator, denominator and decimals of the quotient."""
    if aggregate.operand is None:
        return f"SUM(CASE WHEN {where} THEN 1 ELSE 0 END)", "1", 0
    operand = rows.render(aggregate.operand)
    scale = to_integers(aggregate.operand).type.scale or 0
    match aggregate.function:
        case "sum":
            return f"COALESCE(SUM(CASE WHEN {where} THEN {operand} END), 0)", "1", scale
        case "mean":
            weight, known = _weight(rows, aggregate, f"{where} AND {operand} IS NOT NULL")
            times = operand if weight == "1" else f"{operand} * {weight}"
            return f"SUM(CASE WHEN {known} THEN {times} END)", f"SUM(CASE WHEN {known} THEN {weight} END)", scale
        case "share":
            weight, known = _weight(rows, aggregate, f"{where} AND ({operand}) IS NOT NULL")
            return (
                f"SUM(CASE WHEN {known} AND {operand} THEN {weight} WHEN {known} THEN 0 END)",
                f"SUM(CASE WHEN {known} THEN {weight} END)",
                0,
            )
    return f"{aggregate.function.upper()}(CASE WHEN {where} THEN {operand} END)", "1", scale


def _weight(rows: Rows, aggregate: Aggregate, known: str) -> tuple[str, str]:
    if aggregate.by is None:
        return "1", known
    weight = rows.render(aggregate.by)
    return weight, f"{known} AND {weight} IS NOT NULL"


def _picked(schema: Schema, unit: UnitRules, fact: Fact, place: int, aggregate: Aggregate) -> FactQuery:
    """First and last: the operand of the record that comes first by the day or number given, then by record id."""
    view = cast("View", fact.view)
    select = _rows_sql(schema, unit, view, fact.link)
    rows = Rows(schema, view.relation)
    operand, by = rows.render(cast("Term", aggregate.operand)), rows.render(cast("Term", aggregate.by))
    where = "TRUE" if fact.where is None else rows.render(fact.where.term)
    direction = "ASC" if aggregate.function == "first" else "DESC"
    body = f"FROM ({select.sql}) AS v{rows.join_sql()}"
    inner = (
        f"SELECT v.{UNIT} AS {UNIT}, {operand} AS n0, "
        f"ROW_NUMBER() OVER (PARTITION BY v.{UNIT} ORDER BY {by} {direction}, v.{RECORD_ID}) AS place_no\n"
        f"{body}\nWHERE {where} AND {operand} IS NOT NULL AND {by} IS NOT NULL"
    )
    scale = to_integers(cast("Term", aggregate.operand)).type.scale or 0
    sql = f"SELECT {UNIT}, n0, CAST(1 AS BIGINT) AS d0 FROM ({inner}) AS w WHERE place_no = 1"
    return FactQuery(
        f"{unit.name}: {fact.name}",
        sql,
        (Answer(fact.name, place, aggregate.type.kind, scale),),
        (*select.guards, *_guards(rows.guards, body)),
    )


def _part(rows: Rows, fact: Fact, found: Iterable[Aggregate]) -> str:
    """Whether a record is counted or only in the denominator, as a CASE without else: other records are not behind the fact."""
    where = "TRUE" if fact.where is None else rows.render(fact.where.term)
    counted, among = [], []
    for aggregate in found:
        if aggregate.operand is None:
            counted.append("TRUE")
        elif aggregate.function == "share":
            operand = rows.render(aggregate.operand)
            counted.append(operand)
            among.append(f"({operand}) IS NOT NULL")
        else:
            counted.append(f"{rows.render(aggregate.operand)} IS NOT NULL")
    tests = [f"WHEN {where} AND ({' OR '.join(counted)}) THEN 'counted'"]
    if among:
        tests.append(f"WHEN {where} AND ({' OR '.join(among)}) THEN 'among'")
    return f"CASE {' '.join(tests)} END"


def _rows_sql(
    schema: Schema, unit: UnitRules, view: View, link: tuple[ForeignKey, ...], keep_all: bool = False
) -> _Select:
    """The rows of *view* with the number of the unit that each belongs to."""
    if view.inner is not None and not (view.where or view.time or view.once_per):
        return _rows_sql(schema, unit, view.inner, link, keep_all)
    inner = _linked(schema, unit, view, link) if view.inner is None else _rows_sql(schema, unit, view.inner, link)
    rows = Rows(schema, view.relation)
    tests = [
        rows.render(test.term)
        for test in (view.where, view.time)
        if test is not None and test.term != Constant(TRUTH, True)
    ]
    sql, guards = inner.sql, inner.guards
    if tests:
        body = f"FROM ({sql}) AS v{rows.join_sql()}"
        guards = (*guards, *_guards(rows.guards, body))
        sql = _filtered(body, tests)
    if view.once_per:
        sql = _once(schema, view, sql, keep_all)
    return _Select(sql, guards)


def _linked(schema: Schema, unit: UnitRules, view: View, link: tuple[ForeignKey, ...]) -> _Select:
    rows = Rows(schema, view.relation)
    target = rows.follow(link)
    joins = rows.join_sql().replace("LEFT JOIN", "JOIN")
    member = f"\n  JOIN members_{unit.name} AS m ON m.{RECORD_ID} = {target}.{RECORD_ID}"
    return _Select(
        f"SELECT v.*, m.{UNIT} AS {UNIT}\nFROM {base(view.relation.table, _own_unit(schema, view.relation))}{joins}{member}",
        (),
    )


def _own_unit(schema: Schema, relation: Relation) -> str | None:
    """The unit whose rows a relation stands for; a rated table stands for all its rows."""
    return relation.unit if relation.name in schema.units else None


def _filtered(body: str, tests: list[str]) -> str:
    """A window cannot stand in WHERE, so a test that holds one becomes a column first."""
    if not any(" OVER (" in test for test in tests):
        return f"SELECT v.*\n{body}\nWHERE {' AND '.join(tests)}"
    named = ", ".join(f"{test} AS test_{place}" for place, test in enumerate(tests))
    kept = " AND ".join(f"w.test_{place}" for place in range(len(tests)))
    return f"SELECT w.* FROM (SELECT v.*, {named}\n{body}) AS w WHERE {kept}"


def _once(schema: Schema, view: View, sql: str, keep_all: bool) -> str:
    rows = Rows(schema, view.relation)
    keys = [f"v.{UNIT}", *(rows.render(key) for key in view.once_per)]
    term, highest = cast("tuple[Term, bool]", view.keep)
    keep = rows.render(term)
    order = f"CASE WHEN {keep} IS NULL THEN 1 ELSE 0 END, {keep} {'DESC' if highest else 'ASC'}, v.{RECORD_ID}"
    numbered = f"SELECT v.*, ROW_NUMBER() OVER (PARTITION BY {', '.join(keys)} ORDER BY {order}) AS place_no\nFROM ({sql}) AS v{rows.join_sql()}"
    return numbered if keep_all else f"SELECT w.* FROM ({numbered}) AS w WHERE w.place_no = 1"


def _guards(guards: list[Guard], body: str) -> tuple[tuple[str, str], ...]:
    return tuple(
        (guard.problem, f"SELECT v.{RECORD_ID} AS {RECORD_ID}, {guard.shown} AS shown\n{body}\nWHERE {guard.condition}")
        for guard in guards
    )
