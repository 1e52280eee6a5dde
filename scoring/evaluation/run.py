"""evaluate(): for each unit type in file order facts → card → rating, each result a table for the units after it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import cast

import numpy as np
import pyarrow as pa

from data_contracts.expressions import Type
from data_contracts.model import RECORD_ID
from scoring.card.card import CardResult, score
from scoring.exact import Ints, Numbers
from scoring.facts.collect import UnitFacts, collect, texts_of
from scoring.facts.days import month_tables, working_day_tables
from scoring.facts.duckdb import DuckDBEngine
from scoring.facts.engine import Engine
from scoring.facts.formula import Context
from scoring.facts.formula import evaluate as value_of
from scoring.facts.judging import judging
from scoring.facts.query import fact_queries, members_query
from scoring.facts.sql import UNIT
from scoring.facts.values import Path, Texts, Truths, Value
from scoring.rating.levels import Rated, rate
from scoring.rulebook.shape import Rulebook, Table, UnitRules

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class UnitResult:
    """All units of one kind: facts, card and rating, row by row in the same order.

    Attributes:
        names: What each unit is called; its key where the rulebook gives no name.
        divisions: Division of each unit, empty where the rulebook gives none.
    """

    rules: UnitRules
    facts: UnitFacts
    card: CardResult
    rated: Rated
    names: list[str]
    divisions: list[str]

    @property
    def count(self) -> int:
        """Number of units."""
        return self.facts.count


@dataclass(frozen=True)
class Evaluation:
    """One run of a rulebook.

    Attributes:
        engine: Name and version of what ran the SQL.
        sql: Every text that was run, in order.
        run_on: The engine, still holding the tables, for listing records.
    """

    rulebook: Rulebook
    units: Mapping[str, UnitResult]
    engine: str
    sql: tuple[str, ...]
    run_on: Engine


def evaluate(
    rulebook: Rulebook,
    tables: Mapping[str, pa.Table],
    engine: Engine | None = None,
    earlier: Mapping[str, pa.Table] | None = None,
    progress: Progress | None = None,
) -> Evaluation:
    """Rate every unit of *rulebook*.

    Args:
        rulebook: As `load_rulebook` gives it.
        tables: Accepted rows per contract table, with `record_id`, as `take_in` gives them.
        engine: What runs the SQL; an embedded DuckDB by default.
        earlier: Published rounds per unit: key columns, points, level, status, edition_year, rulebook, record_id.
        progress: Called with the stage, how many are done and how many there are.

    Raises:
        FactError: Records that the rulebook cannot judge.
        FactOverflowError, PointsOverflowError: A number beyond 64 bits, by name.
    """
    runner = engine or DuckDBEngine()
    context = Context.of(rulebook)
    _load(runner, rulebook, tables, earlier or {}, context)
    results: dict[str, UnitResult] = {}
    for place, unit in enumerate(rulebook.units):
        if progress is not None:
            progress(f"rate {unit.name}", place, len(rulebook.units))
        belongs = {name: result.facts.members.belongs for name, result in results.items()}
        facts = collect(runner, rulebook.schema, unit, context, belongs)
        results[unit.name] = _rated(rulebook, unit, facts, context)
        runner.load(f"rated_{unit.name}", rated_table(rulebook, results[unit.name]))
    sql = tuple(text for result in results.values() for text in result.facts.sql)
    return Evaluation(rulebook, results, runner.name, sql, runner)


def _rated(rulebook: Rulebook, unit: UnitRules, facts: UnitFacts, context: Context) -> UnitResult:
    values, count = facts.values, facts.count
    with judging(unit.name, facts.members.record_ids):
        names = _described(unit.label, values, count, context) or _keys(unit, facts)
        divisions = _described(unit.division, values, count, context) or [""] * count
        made: dict[Path, Value] = {("division",): Texts.of([one or None for one in divisions])} if unit.division else {}
        card = score(unit.card, values, count, rulebook.unit, context)
        rated = rate(unit, card, {**values, **made}, rulebook.unit, context)
    return UnitResult(unit, facts, card, rated, names, divisions)


def _described(expression: object, values: Mapping[Path, Value], count: int, context: Context) -> list[str]:
    term = getattr(expression, "term", None)
    return [] if term is None else texts_of(value_of(term, values, count, context), count)


def _keys(unit: UnitRules, facts: UnitFacts) -> list[str]:
    columns = [texts_of(facts.values[(column,)], facts.count) for column in unit.key]
    return ["/".join(parts) for parts in zip(*columns, strict=True)]


def _load(
    engine: Engine,
    rulebook: Rulebook,
    tables: Mapping[str, pa.Table],
    earlier: Mapping[str, pa.Table],
    context: Context,
) -> None:
    absent = {name: empty_table(relation.columns) for name, relation in rulebook.schema.tables.items()}
    for name, table in {**absent, **tables}.items():
        engine.load(name, table)
    for name, lookup in rulebook.tables.items():
        engine.load(f"lookup_{name}", lookup_table(lookup))
    for unit in rulebook.units:
        relation = rulebook.schema.earlier[f"earlier.{unit.name}"]
        engine.load(relation.table, earlier.get(unit.name) or empty_table(relation.columns))
    wanted = " ".join(sql_of(rulebook))
    calendars = month_tables() if "calendar_" in wanted else {}
    if "working_" in wanted:
        calendars |= working_day_tables(context.working)
    for name, table in calendars.items():
        engine.load(name, table)


def sql_of(rulebook: Rulebook) -> list[str]:
    """Every SQL text a run of *rulebook* sends, in order; it depends on the rulebook alone."""
    texts = []
    for unit in rulebook.units:
        texts.append(members_query(rulebook.schema, unit)[0])
        for query in fact_queries(rulebook.schema, unit):
            texts += [guard.sql for guard in query.guards] + [query.sql]
    return texts


def lookup_table(table: Table) -> pa.Table:
    """A look-up table for the engine: key_1, …, found."""
    keys = {}
    for place, kind in enumerate(table.type.keys):
        column = [row[place] for row in table.rows]
        keys[f"key_{place + 1}"] = (
            pa.array([int(key) for key in column], pa.int64())
            if kind.kind == "number"
            else pa.array(column, pa.string())
        )
    if table.type.value.kind == "number":
        factor = 10 ** (table.type.value.scale or 0)
        found = pa.array([int(cast("Fraction", value) * factor) for value in table.rows.values()], pa.int64())
    else:
        found = pa.array([str(value) for value in table.rows.values()], pa.string())
    return pa.table({**keys, "found": found})


def rated_table(rulebook: Rulebook, result: UnitResult) -> pa.Table:
    """A unit's results for the engine: unit_no, record_id, facts, points, level, status."""
    layer = result.rules.result.layers[-1]
    columns: dict[str, pa.Array] = {
        UNIT: pa.array(np.arange(result.count), pa.int64()),
        RECORD_ID: result.facts.members.record_ids,
    }
    for fact in result.rules.facts:
        columns |= fact_columns(fact.name, layer.columns[fact.name], result.facts.values[(fact.name,)])
    columns |= fact_columns("points", layer.columns["points"], points_of(rulebook, result))
    for name, values in (("level", result.rated.level), ("status", result.rated.status)):
        columns[name] = pa.array(list(values), pa.string())
    return pa.table(columns)


def points_of(rulebook: Rulebook, result: UnitResult) -> Numbers:
    """Points of each unit as exact numbers, missing where a status stands instead."""
    return Numbers.whole(result.card.points, ~result.rated.has_points) * Numbers.of(rulebook.unit)


def fact_columns(name: str, kind: Type, value: Value) -> dict[str, pa.Array]:
    """A fact for the engine: whole numbers of its decimals, a pair where it is a ratio, text or truth as it is."""
    match value:
        case Texts():
            return {name: pa.array(list(value.values), pa.string())}
        case Truths():
            return {name: pa.array(value.value, pa.bool_(), mask=np.asarray(value.missing))}
    mask = np.asarray(value.missing)
    if kind.kind == "number" and kind.scale is None:
        return {
            name: pa.array(value.num, pa.int64(), mask=mask),
            f"{name}__den": pa.array(value.den, pa.int64(), mask=mask),
        }
    whole = value * Numbers.of(10 ** (kind.scale or 0))
    return {name: pa.array(_exact_quotient(whole), pa.int64(), mask=mask)}


def _exact_quotient(value: Numbers) -> Ints:
    return np.where(value.missing, 0, value.num // value.den)


def empty_table(columns: Mapping[str, Type]) -> pa.Table:
    """No rows, with the columns and kinds a relation has."""
    kinds = {"text": pa.string(), "truth": pa.bool_()}
    return pa.table({name: pa.array([], kinds.get(kind.kind, pa.int64())) for name, kind in columns.items()})
