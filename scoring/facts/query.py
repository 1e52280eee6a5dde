"""Facts of one unit as SQL: one query per view, and the same view listed record by record for explanations."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

from data_contracts.expressions.integers import to_integers
from data_contracts.expressions.resolve import aggregates_in
from data_contracts.expressions.terms import Aggregate, Term, Type
from data_contracts.model import RECORD_ID
from scoring.facts.sql import UNIT, Rows
from scoring.facts.views import GuardQuery, base, guard_queries, own_unit, rows_of
from scoring.rulebook.relations import Schema
from scoring.rulebook.shape import Expression, Fact, UnitRules, View

PARTS = ("counted", "among", "counted_with")


@dataclass(frozen=True, slots=True)
class Answer:
    """A column pair of a fact query: what aggregate *place* of *fact* is.

    Attributes:
        kind: number, day, text or truth; a text or truth is a single column.
        scale: Decimals of the quotient.
        zero: Whether a unit without records gets 0 and not a missing value.
    """

    fact: str
    place: int
    kind: str
    scale: int
    zero: bool


@dataclass(frozen=True, slots=True)
class FactQuery:
    """One SQL text that gives `unit_no` and a pair `n<i>`, `d<i>` per answer.

    Attributes:
        name: Unit and facts, for errors.
        guards: Queries that must find nothing, to be run before.
    """

    name: str
    sql: str
    answers: tuple[Answer, ...]
    guards: tuple[GuardQuery, ...]


def members_query(schema: Schema, unit: UnitRules) -> tuple[str, list[tuple[tuple[str, ...], Type]]]:
    """SQL that lists the rows a unit is made from, with every column that its expressions read.

    Returns:
        The text (record_id and columns c0, c1, …, a ratio with its c0_den) and path and type of each column.
    """
    rows = Rows(schema, unit.relation)
    found: list[tuple[tuple[str, ...], Type]] = []
    parts = [f"v.{RECORD_ID} AS {RECORD_ID}"]
    for place, path in enumerate(sorted(unit.columns)):
        column, kind = rows.column(path)
        parts.append(f"{column} AS c{place}")
        if kind.kind == "number" and kind.scale is None:
            parts.append(f"{column}__den AS c{place}_den")
        found.append((path, kind))
    source = base(unit.relation.table, own_unit(schema, unit.relation))
    return f"SELECT {', '.join(parts)}\nFROM {source}{rows.join_sql()}", found


def fact_queries(schema: Schema, unit: UnitRules) -> list[FactQuery]:
    """The queries of a unit's facts, facts that share a view and a way to the unit together."""
    groups: dict[str, list[Fact]] = {}
    for fact in unit.facts:
        if fact.view is not None:
            groups.setdefault(rows_of(schema, unit, fact.view, fact.link).sql, []).append(fact)
    queries = []
    for facts in groups.values():
        found = [_Item(fact, place, one) for fact in facts for place, one in enumerate(aggregates_in(fact.take.term))]
        plain = [item for item in found if item.aggregate.function not in ("first", "last")]
        if plain:
            queries.append(_aggregated(schema, unit, plain))
        queries += [_picked(schema, unit, item) for item in found if item not in plain]
    return queries


def records_query(schema: Schema, unit: UnitRules, fact: Fact) -> str:
    """SQL that lists the records behind *fact*: `unit_no`, `record_id`, `part`."""
    view = cast("View", fact.view)
    selected = rows_of(schema, unit, view, fact.link, keep_all=True)
    rows = Rows(schema, view.relation)
    part = _part(rows, fact, aggregates_in(fact.take.term))
    if selected.place:
        part = f"CASE WHEN v.{selected.place} > 1 AND ({part}) IS NOT NULL THEN 'counted_with' ELSE {part} END"
    body = f"FROM ({selected.sql}) AS v{rows.join_sql()}"
    inner = f"SELECT v.{UNIT} AS {UNIT}, v.{RECORD_ID} AS {RECORD_ID}, {part} AS part\n{body}"
    return f"SELECT {UNIT}, {RECORD_ID}, part FROM ({inner}) AS w WHERE part IS NOT NULL"


@dataclass(frozen=True, slots=True)
class _Item:
    fact: Fact
    place: int
    aggregate: Aggregate

    @property
    def view(self) -> View:
        return cast("View", self.fact.view)

    def answer(self, scale: int) -> Answer:
        zero = self.aggregate.function in ("count", "sum")
        return Answer(self.fact.name, self.place, self.aggregate.type.kind, scale, zero)


def _aggregated(schema: Schema, unit: UnitRules, items: list[_Item]) -> FactQuery:
    selected = rows_of(schema, unit, items[0].view, items[0].fact.link)
    rows = Rows(schema, items[0].view.relation)
    columns, answers = [f"v.{UNIT} AS {UNIT}"], []
    for number, item in enumerate(items):
        where = _where(rows, item.fact.where)
        with rows.where(where):
            num, den, scale = _aggregate(rows, item.aggregate, where)
        columns += [f"CAST({num} AS BIGINT) AS n{number}", f"CAST({den} AS BIGINT) AS d{number}"]
        answers.append(item.answer(scale))
    body = f"FROM ({selected.sql}) AS v{rows.join_sql()}"
    sql = f"SELECT {', '.join(columns)}\n{body}\nGROUP BY v.{UNIT}"
    name = f"{unit.name}: {', '.join(sorted({item.fact.name for item in items}))}"
    return FactQuery(name, sql, tuple(answers), (*selected.guards, *guard_queries(rows.guards, body)))


def _where(rows: Rows, where: Expression | None) -> str:
    return "TRUE" if where is None else rows.render(where.term)


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
    with rows.where(known):
        weight = f"CAST({rows.render(aggregate.by)} AS BIGINT)"
    return weight, f"{known} AND {weight} IS NOT NULL"


def _picked(schema: Schema, unit: UnitRules, item: _Item) -> FactQuery:
    """First and last: the operand of the record that comes first by the day or number given, then by record id."""
    selected = rows_of(schema, unit, item.view, item.fact.link)
    rows, aggregate = Rows(schema, item.view.relation), item.aggregate
    where = _where(rows, item.fact.where)
    with rows.where(where):
        operand, by = rows.render(cast("Term", aggregate.operand)), rows.render(cast("Term", aggregate.by))
    direction = "ASC" if aggregate.function == "first" else "DESC"
    window = f"ROW_NUMBER() OVER (PARTITION BY v.{UNIT} ORDER BY {by} {direction}, v.{RECORD_ID})"
    body = f"FROM ({selected.sql}) AS v{rows.join_sql()}"
    tests = f"{where} AND {operand} IS NOT NULL AND {by} IS NOT NULL"
    found = f"SELECT v.{UNIT} AS {UNIT}, {operand} AS found__, {window} AS place__\n{body}\nWHERE {tests}"
    number = "CAST(found__ AS BIGINT)" if aggregate.type.kind in ("number", "day") else "found__"
    sql = f"SELECT {UNIT}, {number} AS n0, CAST(1 AS BIGINT) AS d0 FROM ({found}) AS w WHERE place__ = 1"
    scale = to_integers(cast("Term", aggregate.operand)).type.scale or 0
    guards = (*selected.guards, *guard_queries(rows.guards, body))
    return FactQuery(f"{unit.name}: {item.fact.name}", sql, (item.answer(scale),), guards)


def _part(rows: Rows, fact: Fact, found: Iterable[Aggregate]) -> str:
    """Whether a record is counted, or only in the denominator, as a CASE; a record not behind the fact is null."""
    where = _where(rows, fact.where)
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
