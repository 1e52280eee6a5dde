"""The facts of one kind of unit, gathered: members from their table, records through the engine, the rest by formula."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from fractions import Fraction
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from data_contracts.expressions.resolve import aggregates_in
from data_contracts.expressions.terms import Aggregate, Column, Term, Type
from data_contracts.model import RECORD_ID
from scoring.exact import Numbers, round_fraction, total
from scoring.facts.engine import Engine, FactOverflowError
from scoring.facts.formula import (
    Context,
    Path,
    Scalar,
    Texts,
    Truths,
    Value,
    evaluate,
    numbers,
    one_row,
    scalar,
    truths,
)
from scoring.facts.query import FactQuery, fact_queries, members_query
from scoring.facts.sql import UNIT
from scoring.rulebook.relations import Schema
from scoring.rulebook.shape import Fact, UnitRules


class FactError(ValueError):
    """Records that the rulebook cannot judge: a key without a row, a refused value, a member without its unit."""


@dataclass(frozen=True)
class Members:
    """The units of one kind, sorted by key and record id.

    Attributes:
        record_ids: Record id of each unit's own row.
        values: Own columns (and columns over foreign keys) by path, one row per unit.
        belongs: record_id → unit_no for every row that is one of the units.
    """

    unit: UnitRules
    record_ids: pa.Array
    values: dict[Path, Value]
    belongs: pa.Table

    def __len__(self) -> int:
        return len(self.record_ids)


@dataclass(frozen=True)
class UnitFacts:
    """Members with their facts: everything a card reads.

    Attributes:
        values: Own columns and facts by path.
        sql: The texts that were run, in order, for the run's hash.
    """

    members: Members
    values: dict[Path, Value]
    sql: tuple[str, ...] = field(default=())

    @property
    def count(self) -> int:
        """Number of units."""
        return len(self.members)


def collect(
    engine: Engine, schema: Schema, unit: UnitRules, context: Context, belongs: Mapping[str, pa.Table]
) -> UnitFacts:
    """All facts of *unit*.

    Args:
        engine: Holds the accepted tables, look-ups and the units rated before.
        schema: Relations as they stood when the rulebook was read.
        belongs: `Members.belongs` of the units rated before, by name.

    Raises:
        FactError: Records that the rulebook cannot judge, by record id.
        FactOverflowError: A fact that leaves 64 bits, by name.
    """
    members = gather_members(engine, schema, unit, context, belongs)
    engine.load(f"members_{unit.name}", members.belongs)
    values = dict(members.values)
    sql = [members_query(schema, unit)[0]]
    for query in fact_queries(schema, unit):
        values |= _answers(engine, unit, query, len(members))
        sql.append(query.sql)
    for fact in unit.facts:
        values[(fact.name,)] = _fact(fact, values, len(members), context)
    return UnitFacts(members, values, tuple(sql))


def gather_members(
    engine: Engine, schema: Schema, unit: UnitRules, context: Context, belongs: Mapping[str, pa.Table]
) -> Members:
    """The units and which rows belong to each; `rated_as` sends several rows to one unit."""
    text, paths = members_query(schema, unit)
    rows = engine.run(text)
    names = {path: f"c{place}" for place, (path, _) in enumerate(paths)}
    order = [(names[(column,)], "ascending") for column in unit.key]
    rows = rows.take(pc.sort_indices(rows, sort_keys=[*order, (RECORD_ID, "ascending")]))
    values = {path: column_value(rows, names[path], kind) for path, kind in paths}
    targets = np.arange(rows.num_rows)
    if unit.rated_as is not None:
        targets = _targets(unit, values, rows, context)
    own = np.flatnonzero(targets == np.arange(rows.num_rows))
    place = np.full(rows.num_rows, -1)
    place[own] = np.arange(len(own))
    table = pa.table({RECORD_ID: rows[RECORD_ID], UNIT: pa.array(place[targets], pa.int64())})
    kept = {path: _rows_of(value, own) for path, value in values.items()}
    return Members(unit, rows[RECORD_ID].take(pa.array(own)).combine_chunks(), kept, _with_merged(unit, table, belongs))


def _targets(unit: UnitRules, values: Mapping[Path, Value], rows: pa.Table, context: Context) -> npt.NDArray[np.intp]:
    key = values[(unit.key[0],)]
    wanted = evaluate(cast("Any", unit.rated_as).term, values, rows.num_rows, context)
    places = {scalar(key, row): row for row in range(rows.num_rows)}
    targets = np.empty(rows.num_rows, np.intp)
    lost = []
    for row in range(rows.num_rows):
        target = scalar(wanted, row)
        targets[row] = places.get(target, row)
        if target is not None and target not in places:
            lost.append(f"{rows[RECORD_ID][row]} → {target}")
    if lost:
        raise FactError(f"{unit.name}: found rated_as {', '.join(lost[:5])}, allowed: a key of {unit.relation.table}")
    return targets


def _with_merged(unit: UnitRules, table: pa.Table, belongs: Mapping[str, pa.Table]) -> pa.Table:
    """For a unit made from a unit: rows merged there belong here too."""
    below = unit.relation.unit
    if below is None or below not in belongs:
        return table
    lower = belongs[below]
    own = (
        lower.join(table, keys=RECORD_ID, join_type="inner")
        .rename_columns([RECORD_ID, "lower", UNIT])
        .select(["lower", UNIT])
    )
    merged = lower.rename_columns([RECORD_ID, "lower"]).join(own, keys="lower", join_type="inner")
    return merged.select([RECORD_ID, UNIT]).sort_by(RECORD_ID)


def column_value(rows: pa.Table, name: str, kind: Type) -> Value:
    """A column of an engine's answer as exact values; days are whole numbers."""
    column = rows[name].combine_chunks() if rows[name].num_chunks != 1 else rows[name].chunk(0)
    missing = np.asarray(pc.is_null(column))
    if kind.kind == "text":
        return Texts(np.array(column.to_pylist(), object))
    if kind.kind == "truth":
        return Truths(np.asarray(pc.fill_null(column, False)), missing, np.zeros_like(missing))
    whole = np.asarray(pc.fill_null(column, 0)).astype(np.int64)
    if kind.scale is None and f"{name}_den" in rows.column_names:
        return Numbers.ratios(whole, np.asarray(pc.fill_null(rows[f"{name}_den"], 1)), missing)
    return Numbers.whole(whole, missing, 10 ** (kind.scale or 0))


def _rows_of(value: Value, rows: npt.NDArray[np.intp]) -> Value:
    match value:
        case Numbers():
            return value.take(rows)
        case Texts():
            return Texts(value.values[rows])
    return Truths(value.value[rows], value.missing[rows], value.lost[rows])


def _answers(engine: Engine, unit: UnitRules, query: FactQuery, count: int) -> dict[Path, Value]:
    for problem, guard in query.guards:
        found = engine.run(guard)
        if found.num_rows:
            shown = sorted(zip(found[RECORD_ID].to_pylist(), map(str, found["shown"].to_pylist()), strict=True))[:5]
            raise FactError(
                f"{query.name}: found {problem}: "
                + ", ".join(f"{value!r} in record {record}" for record, value in shown)
            )
    try:
        rows = engine.run(query.sql)
    except FactOverflowError as error:
        raise FactOverflowError(f"{query.name}: found a number beyond 64 bits ({error})") from None
    at = np.asarray(rows[UNIT]).astype(np.intp)
    values: dict[Path, Value] = {}
    for place, answer in enumerate(query.answers):
        empty = answer.kind == "number" and _zero_when_none(unit, answer.fact, answer.place)
        column = rows[f"n{place}"]
        if answer.kind == "text":
            texts = np.full(count, None, object)
            texts[at] = column.to_pylist()
            values[_answer_path(answer.fact, answer.place)] = Texts(texts)
            continue
        num, den, missing = np.zeros(count, np.int64), np.ones(count, np.int64), np.full(count, not empty)
        num[at] = np.asarray(pc.fill_null(column, 0))
        den[at] = np.asarray(pc.fill_null(rows[f"d{place}"], 0))
        missing[at] = np.asarray(pc.is_null(column))
        pair = Numbers.ratios(num, den, missing)
        values[_answer_path(answer.fact, answer.place)] = (
            pair * Numbers.of(Fraction(1, 10**answer.scale)) if answer.scale else pair
        )
    return values


def _zero_when_none(unit: UnitRules, fact: str, place: int) -> bool:
    found = next(one for one in unit.facts if one.name == fact)
    return aggregates_in(found.take.term)[place].function in ("count", "sum")


def _answer_path(fact: str, place: int) -> Path:
    return (f"#{fact}", str(place))


def _fact(fact: Fact, values: Mapping[Path, Value], count: int, context: Context) -> Value:
    if fact.across is not None:
        return _across(fact, values, count, context)
    term = fact.take.term if fact.view is None else _with_answers(fact)
    return evaluate(term, values, count, context)


def _with_answers(fact: Fact) -> Term:
    """The fact's formula with each aggregate replaced by its answer."""
    places = {id(found): place for place, found in enumerate(aggregates_in(fact.take.term))}
    return _replaced(fact.take.term, lambda part: Column(part.type, _answer_path(fact.name, places[id(part)])))


def _replaced(term: Term, answer: Any) -> Term:
    if isinstance(term, Aggregate):
        return cast("Term", answer(term))
    changed: dict[str, Any] = {}
    for part in fields(term):
        value = getattr(term, part.name)
        if isinstance(value, Term):
            changed[part.name] = _replaced(value, answer)
        elif isinstance(value, tuple) and any(isinstance(item, Term) for item in value):
            changed[part.name] = tuple(_replaced(item, answer) for item in value)
    return replace(term, **changed) if changed else term


def _across(fact: Fact, values: Mapping[Path, Value], count: int, context: Context) -> Numbers:
    """One exact number for each group of units, rounded to the fact's step."""
    groups = _groups([values[(column,)] for column in cast("tuple[str, ...]", fact.across)], count)
    found: list[Fraction | None] = [None] * count
    for rows in groups:
        answers: dict[Path, Scalar] = {}
        for place, aggregate in enumerate(aggregates_in(fact.take.term)):
            answers[_answer_path(fact.name, place)] = _over_units(aggregate, values, rows, count, context)
        value = one_row(_with_answers(fact), answers, context)
        rounded = None if value is None else round_fraction(cast("Fraction", value), cast("Fraction", fact.round))
        for row in rows:
            found[row] = rounded
    return Numbers.from_fractions(found)


def _groups(columns: list[Value], count: int) -> list[npt.NDArray[np.intp]]:
    if not columns:
        return [np.arange(count)]
    keys: dict[tuple[Scalar, ...], list[int]] = {}
    for row in range(count):
        keys.setdefault(tuple(scalar(column, row) for column in columns), []).append(row)
    return [np.array(rows) for rows in keys.values()]


def _over_units(
    aggregate: Aggregate, values: Mapping[Path, Value], rows: npt.NDArray[np.intp], count: int, context: Context
) -> Fraction | None:
    if aggregate.operand is None:
        return Fraction(len(rows))
    weight = Numbers.of(1).sized(count) if aggregate.by is None else numbers(aggregate.by, values, count, context)
    if aggregate.function == "share":
        test = truths(aggregate.operand, values, count, context)
        one = Numbers.whole(test.known_true.astype(np.int64), test.missing)
    else:
        one = numbers(aggregate.operand, values, count, context)
    if aggregate.function == "sum":
        return total(one.take(rows))
    if aggregate.function in ("min", "max"):
        known = [value for row in rows if (value := one.fraction(int(row))) is not None]
        return (min if aggregate.function == "min" else max)(known) if known else None
    weighted, weights = (
        (one * weight).take(rows),
        Numbers(weight.num, weight.den, weight.missing | one.missing, weight.lost).take(rows),
    )
    whole = total(weights)
    return total(weighted) / whole if whole else None


def texts_of(value: Value, count: int) -> list[str]:
    """A column as texts for keys, names and divisions: numbers without trailing zeros, empty where missing."""
    found: Iterable[Scalar] = (scalar(value, row) for row in range(count))
    return ["" if one is None else str(one) if not isinstance(one, Fraction) else f"{one}" for one in found]
