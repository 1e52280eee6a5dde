"""One unit explained: its outcome, its lines, and the records behind each line with their columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from data_contracts.expressions.resolve import did_you_mean
from data_contracts.model import RECORD_ID, Column
from scoring.evaluation.reopen import NotAResultError, OpenedResult
from scoring.evaluation.run import evaluate
from scoring.evaluation.sheets import records
from scoring.exact import decimal_text

Behind = dict[str, list[dict[str, str]]]


@dataclass(frozen=True)
class Record:
    """A record behind a line: which table, which record, what part it plays, its columns as text, warnings about it."""

    table: str
    record: str
    part: str
    columns: dict[str, str]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class ExplainedLine:
    """A line of the sheet with its records."""

    line: str
    title: str
    amount: str
    points: str
    status: str
    reason: str
    clause: str
    records: tuple[Record, ...]


@dataclass(frozen=True)
class Explained:
    """One unit: its rating row and its lines."""

    unit: str
    rating: dict[str, str]
    lines: tuple[ExplainedLine, ...]


def explain(result: OpenedResult, unit: str, key: Sequence[str]) -> list[Explained]:
    """The unit named by *key*; several where the key repeats.

    Raises:
        NotAResultError: No such kind of unit, too few key values, or no unit with that key.
    """
    columns = result.key_columns(unit)
    if isinstance(key, str) or not all(isinstance(value, str) for value in key):
        raise NotAResultError(f"found the key {key!r}, allowed: a list of texts: {' '.join(columns)}")
    if len(key) != len(columns):
        raise NotAResultError(f"found {len(key)} key values, allowed: {len(columns)}: {' '.join(columns)}")
    ratings = result.ratings[unit]
    found = ratings.filter(_matches(ratings, columns, key))
    if found.num_rows == 0:
        known = pc.unique(ratings[columns[0]]).to_pylist()
        hint = did_you_mean(key[0], known) if key[0] not in known else ""
        raise NotAResultError(f"found no {unit} {' '.join(key)!r}, allowed: a key of ratings/{unit}.csv{hint}")
    lines = _split(result.lines(unit).filter(_matches(result.lines(unit), columns, key)), found.num_rows)
    facts = result.facts(unit)
    ids = facts.filter(_matches(facts, columns, key))[RECORD_ID].to_pylist()
    whole = "/".join(key)
    names = [whole] if len(ids) == 1 else [f"{whole} {record}" for record in ids]
    everything = all_records(result)
    return [
        _explained(result, unit, rating, rows, _records(everything, unit, name))
        for rating, rows, name in zip(found.to_pylist(), lines, names, strict=True)
    ]


def _explained(
    result: OpenedResult, unit: str, rating: dict[str, Any], rows: list[dict[str, Any]], behind: Behind
) -> Explained:
    shown = {name: str(value) for name, value in rating.items()}
    return Explained(unit, shown, tuple(_line(result, unit, row, behind) for row in rows))


def all_records(result: OpenedResult) -> pa.Table:
    """Records behind every line: as the run listed them, or found again from the accepted tables it kept."""
    if result.records is not None:
        return result.records
    return result.kept(
        "records found again", lambda: records(evaluate(result.rulebook, result.tables(), earlier=result.earlier()))
    )


def _matches(table: pa.Table, columns: Sequence[str], key: Sequence[str]) -> pa.ChunkedArray:
    mask = pc.equal(table[columns[0]], key[0])
    for column, value in zip(columns[1:], key[1:], strict=True):
        mask = pc.and_(mask, pc.equal(table[column], value))
    return mask


def _split(lines: pa.Table, units: int) -> list[list[dict[str, Any]]]:
    """Lines of several units that share a key stand one unit after the other; each begins with the same line."""
    rows = lines.to_pylist()
    starts = [place for place, row in enumerate(rows) if row["line"] == rows[0]["line"]] if rows else []
    if len(starts) != units:
        return [rows, *([] for _ in range(units - 1))]
    return [rows[start:end] for start, end in zip(starts, [*starts[1:], len(rows)], strict=True)]


def _records(table: pa.Table, unit: str, key: str) -> Behind:
    mine = table.filter(pc.and_(pc.equal(table["unit"], unit), pc.equal(table["key"], key)))
    found: Behind = {}
    for row in mine.to_pylist():
        found.setdefault(row["line"], []).append(row)
    return found


def _line(result: OpenedResult, unit: str, row: dict[str, Any], behind: Behind) -> ExplainedLine:
    title = titles(result, unit).get(row["line"], "")
    amount = f"{row['num']}/{row['den']}" if row["den"] not in ("", "1") else row["num"]
    found = [Record(item["table"], item["record"], item["part"], {}) for item in behind.get(row["line"], [])]
    filled = _with_columns(result, found)
    told = (row["points"], row["status"], row["reason"], row["clause"])
    return ExplainedLine(row["line"], title, amount, *told, tuple(filled))


def titles(result: OpenedResult, unit: str, language: str = "en") -> dict[str, str]:
    """Titles of a unit's lines and steps."""
    rules = result.rulebook.unit_named(unit)
    if rules is None:
        return {}
    found = {step.id: step.title.text(language) for step in (rules.levels.steps if rules.levels else ())}
    waiting = list(rules.card.lines)
    while waiting:
        line = waiting.pop()
        found[line.id] = line.title.text(language)
        waiting += line.lines
    return found


def _with_columns(result: OpenedResult, found: list[Record]) -> list[Record]:
    filled = []
    for table in dict.fromkeys(record.table for record in found):
        wanted = [record for record in found if record.table == table]
        ids = [record.record for record in wanted]
        rows, warned = _rows(result, table, ids), result.warnings(table, ids)
        filled += [
            Record(one.table, one.record, one.part, rows.get(one.record, {}), warned.get(one.record, ()))
            for one in wanted
        ]
    return filled


def _rows(result: OpenedResult, table: str, ids: list[str]) -> dict[str, dict[str, str]]:
    rules = result.rulebook.unit_named(table)
    if rules is not None:
        facts = result.facts(table)
        mine = facts.filter(pc.is_in(facts[RECORD_ID], pa.array(ids)))
        names = [*rules.key, "name", "points", "points__den", "level"]
        rows_ = mine.select(list(dict.fromkeys([RECORD_ID, *names]))).to_pylist()
        return {row[RECORD_ID]: _unit_row(row, rules.key) for row in rows_}
    contract = result.rulebook.contracts.get(table)
    if contract is None:
        return {}
    rows = result.table(table)
    shown = [column for column in contract.columns if column.classification != "personal"]
    mine = rows.filter(pc.is_in(rows[RECORD_ID], pa.array(ids)))
    return {
        row[RECORD_ID]: {column.name: text_of(row[column.name], column) for column in shown} for row in mine.to_pylist()
    }


def _unit_row(row: dict[str, Any], key: Sequence[str]) -> dict[str, str]:
    points = "" if row["points"] is None else str(Fraction(row["points"], row["points__den"]))
    return {
        **{column: row[column] for column in key},
        "name": row["name"],
        "points": points,
        "level": row["level"] or "",
    }


def text_of(value: object, column: Column) -> str:
    """A stored value as a person reads it: decimals in place, codes with their label.

    >>> from data_contracts.expressions import Type
    >>> text_of(1250, Column("area", "面积", Type("number", 2)))
    '12.50'
    """
    if value is None:
        return ""
    if column.type.kind == "number" and column.type.scale:
        return decimal_text(int(str(value)), Fraction(1, 10**column.type.scale))
    label = column.labels.get(str(value))
    return f"{value} {label}" if label and label != str(value) else str(value)
