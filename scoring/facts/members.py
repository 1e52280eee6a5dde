"""The units of one kind: which rows they are made from, in which order, and which rows belong to each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from data_contracts.expressions import Type
from data_contracts.model import RECORD_ID
from scoring.exact import Numbers
from scoring.facts.engine import Engine
from scoring.facts.formula import Context, evaluate
from scoring.facts.judging import FactError, judging
from scoring.facts.query import members_query
from scoring.facts.sql import UNIT
from scoring.facts.values import Path, Scalar, Texts, Truths, Value, scalar, taken
from scoring.rulebook.relations import Schema
from scoring.rulebook.shape import Expression, UnitRules

Places = npt.NDArray[np.intp]
SHOWN = 5


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


def gather_members(
    engine: Engine, schema: Schema, unit: UnitRules, context: Context, belongs: Mapping[str, pa.Table]
) -> Members:
    """The units and which rows belong to each; `rated_as` sends several rows to one unit.

    Args:
        engine: Holds the accepted tables and the units rated before.
        schema: All relations of the rulebook.
        unit: What to gather.
        context: Look-up tables and calendar.
        belongs: `Members.belongs` of the units rated before, by name.

    Raises:
        FactError: A row whose unit is not there, by record id.
    """
    text, paths = members_query(schema, unit)
    rows = engine.run(text)
    names = {path: f"c{place}" for place, (path, _) in enumerate(paths)}
    order = [(names[(column,)], "ascending") for column in unit.key]
    rows = rows.take(pc.sort_indices(rows, sort_keys=[*order, (RECORD_ID, "ascending")]))
    values = {path: column_value(rows, names[path], kind) for path, kind in paths}
    targets = np.arange(rows.num_rows)
    if unit.rated_as is not None:
        targets = _targets(unit, unit.rated_as, values, rows[RECORD_ID].combine_chunks(), context)
    own = np.flatnonzero(targets == np.arange(rows.num_rows))
    place = np.full(rows.num_rows, -1)
    place[own] = np.arange(len(own))
    table = pa.table({RECORD_ID: rows[RECORD_ID], UNIT: pa.array(place[targets], pa.int64())})
    kept = {path: taken(value, own) for path, value in values.items()}
    ids = rows[RECORD_ID].take(pa.array(own)).combine_chunks()
    return Members(unit, ids, kept, _with_merged(unit, table, belongs))


def column_value(rows: pa.Table, name: str, kind: Type) -> Value:
    """A column of an engine's answer as exact values; days are whole numbers."""
    column = rows[name].combine_chunks()
    missing = np.asarray(pc.is_null(column))
    if kind.kind == "text":
        return Texts.of(column.to_pylist())
    if kind.kind == "truth":
        return Truths(np.asarray(pc.fill_null(column, False)), missing, np.zeros_like(missing))
    whole = np.asarray(pc.fill_null(column, 0)).astype(np.int64)
    if kind.scale is None:
        return Numbers.ratios(whole, np.asarray(pc.fill_null(rows[f"{name}_den"], 1)), missing)
    return Numbers.whole(whole, missing, 10**kind.scale)


def _targets(
    unit: UnitRules, rated_as: Expression, values: Mapping[Path, Value], ids: pa.Array, context: Context
) -> Places:
    """The row that each row is rated as; a row that is rated as another's row goes where that one goes."""
    key = values[(unit.key[0],)]
    with judging(f"{unit.name}: rated_as", ids):
        wanted = evaluate(rated_as.term, values, len(ids), context)
    places: dict[Scalar, int] = {}
    for row in range(len(ids)):
        name = scalar(key, row)
        if name in places:
            found = f"{unit.key[0]} {name} in records {ids[places[name]]} and {ids[row]}"
            raise FactError(f"{unit.name}: found {found}, allowed: one row for each, or rated_as cannot choose")
        places[name] = row
    targets = np.full(len(ids), -1, np.intp)
    lost = []
    for row in range(len(ids)):
        target = scalar(wanted, row)
        targets[row] = -1 if target is None else places.get(target, -1)
        if targets[row] < 0:
            lost.append(f"{'nothing' if target is None else target} in record {ids[row]}")
    if lost:
        raise FactError(f"{unit.name}: found rated_as {listed(lost)}, allowed: a key of {unit.relation.table}")
    return _followed(unit, targets, ids)


def _followed(unit: UnitRules, steps: Places, ids: pa.Array) -> Places:
    """Each row's last target: a branch of a branch belongs to the head."""
    targets = steps
    for _ in range(len(steps).bit_length()):
        targets = targets[targets]
    ends = steps[targets] == targets
    if not ends.all():
        circle = [str(ids[row]) for row in np.flatnonzero(~ends)]
        raise FactError(f"{unit.name}: found rated_as in a circle, records {listed(circle)}, allowed: an end")
    return targets


def listed(items: list[str]) -> str:
    """The first few, and how many more."""
    more = f" and {len(items) - SHOWN} more" if len(items) > SHOWN else ""
    return ", ".join(items[:SHOWN]) + more


def _with_merged(unit: UnitRules, table: pa.Table, belongs: Mapping[str, pa.Table]) -> pa.Table:
    """For a unit made from a unit: rows merged there belong here too."""
    below = unit.relation.unit
    if below is None or below not in belongs or unit.relation.name != below:
        return table
    lower = belongs[below].rename_columns([RECORD_ID, "lower"])
    own = lower.join(table, keys=RECORD_ID, join_type="inner").select(["lower", UNIT])
    merged = lower.join(own, keys="lower", join_type="inner")
    return merged.select([RECORD_ID, UNIT]).sort_by(RECORD_ID)
