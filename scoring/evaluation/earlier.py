"""Earlier rounds: what `earlier.<unit>` in a rulebook reads, and the records that a delivery is compared with."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from fractions import Fraction

import pyarrow as pa

from data_contracts.expressions import Type
from data_contracts.expressions.resolve import day_number
from data_contracts.intake import compared_tables
from data_contracts.model import RECORD_ID
from scoring.evaluation.reopen import OpenedResult
from scoring.exact import decimals
from scoring.rulebook.shape import Rulebook, UnitRules


class EarlierResultError(ValueError):
    """An earlier result that does not fit the rulebook."""


def earlier_tables(rulebook: Rulebook, results: Iterable[OpenedResult]) -> dict[str, pa.Table]:
    """Published results per unit: key columns, points, level, status, edition_year, rulebook, record_id.

    Raises:
        EarlierResultError: A key column is missing there, or points are finer than this rulebook's unit.
    """
    rows: dict[str, list[dict[str, object]]] = {unit.name: [] for unit in rulebook.units}
    for result in results:
        for unit in rulebook.units:
            if unit.name in result.manifest["units"]:
                rows[unit.name] += _rows(rulebook, unit, result)
    return {unit.name: _table(rulebook, unit, rows[unit.name]) for unit in rulebook.units}


def year_before(rulebook: Rulebook, results: Iterable[OpenedResult]) -> dict[str, pa.Table]:
    """Accepted records of the latest of *results* that ended before the rulebook's period, where a contract compares.

    A result of the same period is another run of this year: held against it, nothing would ever have changed.
    """
    begin = rulebook.period_from.isoformat()
    older = [one for one in results if one.manifest["period"]["to"] < begin]
    if not older:
        return {}
    last = max(older, key=lambda one: str(one.manifest["period"]["to"]))
    known = last.manifest["lake"]
    return {name: last.table(name) for name in compared_tables(rulebook.contracts) if name in known}


def _rows(rulebook: Rulebook, unit: UnitRules, result: OpenedResult) -> list[dict[str, object]]:
    table = result.facts(unit.name)
    for column in unit.key:
        if column not in table.column_names:
            place = f"{result.folder}: its {unit.name} results"
            raise EarlierResultError(f"{place}: found no column {column!r}, allowed: {', '.join(unit.key)}")
    year = date.fromisoformat(result.manifest["period"]["to"]).year
    columns = rulebook.schema.earlier[f"earlier.{unit.name}"].columns
    found = []
    for row in table.select([*unit.key, "points", "points__den", "level", "status", RECORD_ID]).to_pylist():
        keys = {column: _typed(row[column], columns[column]) for column in unit.key}
        exact = None if row["points"] is None else Fraction(row["points"], row["points__den"])
        points = None if exact is None else _points(rulebook, exact, result)
        other = {"points": points, "level": row["level"], "status": row["status"], "edition_year": year}
        record = f"{result.manifest['rulebook_id']}/{row[RECORD_ID]}"
        found.append({**keys, **other, "rulebook": result.manifest["rulebook_id"], RECORD_ID: record})
    return found


def _typed(text: str, kind: Type) -> object:
    if not text:
        return None
    if kind.kind == "day":
        return day_number(date.fromisoformat(text))
    if kind.kind == "number":
        return int(Fraction(text) * 10 ** (kind.scale or 0))
    return text == "true" if kind.kind == "truth" else text


def _points(rulebook: Rulebook, points: Fraction, result: OpenedResult) -> int:
    scaled = points * 10 ** decimals(rulebook.unit)
    if scaled.denominator != 1:
        raise EarlierResultError(f"{result.folder}: found {points} points, allowed: multiples of {rulebook.unit}")
    return int(scaled)


def _table(rulebook: Rulebook, unit: UnitRules, rows: list[dict[str, object]]) -> pa.Table:
    columns = rulebook.schema.earlier[f"earlier.{unit.name}"].columns
    kinds = {"text": pa.string(), "truth": pa.bool_()}
    schema = pa.schema([(name, kinds.get(kind.kind, pa.int64())) for name, kind in columns.items()])
    return pa.Table.from_pylist([{name: row.get(name) for name in columns} for row in rows], schema=schema)
