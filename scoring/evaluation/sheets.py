"""An evaluation as tables: ratings, lines, facts and records, with units under their contract's key columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from data_contracts.expressions import Type
from scoring.card.card import STATES, LinePoints
from scoring.evaluation.run import Evaluation, UnitResult, fact_columns, points_of
from scoring.exact import Ints, decimal_text
from scoring.facts.days import day_of
from scoring.facts.formula import Texts, Value, scalar
from scoring.rating.explain import records_of
from scoring.rating.levels import StepTaken
from scoring.rulebook.shape import Rulebook


@dataclass(frozen=True)
class _Part:
    """Rows of the line sheet that one line or step gives: which units, and what each row says."""

    rows: npt.NDArray[np.intp]
    line: str
    num: pa.Array
    den: pa.Array
    points: Ints
    status: pa.Array
    reason: pa.Array
    clause: str


def key_columns(rulebook: Rulebook, result: UnitResult) -> dict[str, pa.Array]:
    """Key of each unit as texts under its contract names; days as YYYY-MM-DD."""
    contract = rulebook.contracts[result.rules.relation.table]
    kinds = {column.name: column.type for column in contract.columns}
    found = {}
    for name in result.rules.key:
        found[name] = pa.array(_texts(result.facts.values[(name,)], kinds.get(name), result.count), pa.string())
    return found


def ratings(rulebook: Rulebook, result: UnitResult) -> pa.Table:
    """One row per unit: key columns, name, division, points, level, status, rank."""
    rated = result.rated
    points = _points_text(result.card.points, rulebook.unit)
    return pa.table(
        {
            **key_columns(rulebook, result),
            "name": pa.array(result.names, pa.string()),
            "division": pa.array(result.divisions, pa.string()),
            "points": pc.if_else(pa.array(rated.has_points), points, None),
            "level": pa.array(list(rated.level), pa.string()),
            "status": pa.array(list(rated.status), pa.string()),
            "rank": pa.array(rated.rank, pa.int64(), mask=rated.rank == 0),
        }
    )


def lines(rulebook: Rulebook, result: UnitResult) -> pa.Table:
    """One row per unit and line, in the card's order: key columns, line, num, den, points, status, reason, clause."""
    parts = [*_card_parts(result), *_step_parts(result)]
    unit = np.concatenate([part.rows for part in parts])
    place = np.concatenate([np.full(len(part.rows), number) for number, part in enumerate(parts)])
    order = pa.array(np.lexsort((place, unit)))
    columns = {
        "line": pa.concat_arrays([_repeated(part.line, len(part.rows)) for part in parts]),
        "num": pa.concat_arrays([part.num for part in parts]),
        "den": pa.concat_arrays([part.den for part in parts]),
        "points": pa.concat_arrays([_points_text(part.points, rulebook.unit) for part in parts]),
        "status": pa.concat_arrays([part.status for part in parts]),
        "reason": pa.concat_arrays([part.reason for part in parts]),
        "clause": pa.concat_arrays([_repeated(part.clause, len(part.rows)) for part in parts]),
    }
    keys = {name: column.take(pa.array(unit)) for name, column in key_columns(rulebook, result).items()}
    return pa.table({**keys, **columns}).take(order)


def facts(rulebook: Rulebook, result: UnitResult) -> pa.Table:
    """One row per unit: key columns, name, division, record_id, exact facts as pairs, points, level, status.

    A fact is two columns, `<fact>` and `<fact>__den`, unless it is a text or truth; a day is its day number over 1.
    `status_rule` says which of the rulebook's statuses decided, 1 for the first.
    """
    exact = Type("number", None)
    columns: dict[str, pa.Array] = {**key_columns(rulebook, result)}
    columns["name"], columns["division"] = pa.array(result.names, pa.string()), pa.array(result.divisions, pa.string())
    columns["record_id"] = result.facts.members.record_ids
    for fact in result.rules.facts:
        kind = exact if fact.type.kind in ("number", "day") else fact.type
        columns |= fact_columns(fact.name, kind, result.facts.values[(fact.name,)])
    columns |= fact_columns("points", exact, points_of(rulebook, result))
    columns["level"] = pa.array(list(result.rated.level), pa.string())
    columns["status"] = pa.array(list(result.rated.status), pa.string())
    decided = result.rated.decided_by
    columns["status_rule"] = pa.array(decided + 1, pa.int64(), mask=decided < 0)
    return pa.table(columns)


def records(evaluation: Evaluation) -> pa.Table:
    """Every record behind every line: unit, key, line, table, record, part; units in their order."""
    tables = []
    for name, result in evaluation.units.items():
        found = records_of(evaluation.run_on, evaluation.rulebook.schema, result.rules, result.facts.members.record_ids)
        keys = pa.array(unit_keys(evaluation.rulebook, result), pa.string())
        unit_no = found["unit_no"].combine_chunks()
        named = {"unit": _repeated(name, found.num_rows), "key": keys.take(unit_no)}
        tables.append(pa.table({**named, **{column: found[column] for column in ("line", "table", "record", "part")}}))
    return pa.concat_tables(tables).combine_chunks()


def unit_keys(rulebook: Rulebook, result: UnitResult) -> list[str]:
    """Key of each unit as one text, its columns joined with `/`; followed by the record id where the key repeats."""
    columns = [column.to_pylist() for column in key_columns(rulebook, result).values()]
    keys = ["/".join(parts) for parts in zip(*columns, strict=True)]
    times = Counter(keys)
    records_ = result.facts.members.record_ids.to_pylist()
    return [key if times[key] == 1 else f"{key} {record}" for key, record in zip(keys, records_, strict=True)]


def _card_parts(result: UnitResult) -> Iterator[_Part]:
    for line in result.card.lines:
        rows = np.flatnonzero(line.points != 0) if line.follows else np.arange(result.count)
        yield _line_part(line, rows)


def _line_part(line: LinePoints, rows: npt.NDArray[np.intp]) -> _Part:
    amount = line.amount.take(rows)
    mask = np.asarray(amount.missing)
    states = pa.array(STATES, pa.string()).take(pa.array(line.state[rows]))
    reason = pa.nulls(len(rows), pa.string())
    if line.line is not None and line.line.missing is not None:
        policy = pa.scalar(f"missing: {line.line.missing}", pa.string())
        reason = pc.if_else(pc.equal(states, "no_data"), policy, reason)
    clause = line.line.citation.clause if line.line is not None else ""
    return _Part(
        rows, line.id, pa.array(amount.num, pa.int64(), mask=mask), pa.array(amount.den, pa.int64(), mask=mask),
        line.points[rows], states, reason, clause,
    )  # fmt: skip


def _step_parts(result: UnitResult) -> Iterator[_Part]:
    for step in result.rated.steps:
        rows = np.flatnonzero(step.bit | step.no_data)
        nothing = pa.nulls(len(rows), pa.int64())
        states = ["applied" if step.bit[row] else "no_data" for row in rows]
        reasons = [_from_to(step, int(row)) for row in rows]
        yield _Part(
            rows, step.step.id, nothing, nothing, np.zeros(len(rows), np.int64),
            pa.array(states, pa.string()), pa.array(reasons, pa.string()), step.step.citation.clause,
        )  # fmt: skip


def _from_to(step: StepTaken, row: int) -> str | None:
    if not step.bit[row]:
        return None
    return f"{step.before[row] or '-'} → {step.after[row] or '-'}"


def _points_text(points: Ints, unit: Fraction) -> pa.Array:
    """Points as printed, each distinct value written once."""
    distinct, places = np.unique(points, return_inverse=True)
    texts = pa.array([decimal_text(int(value), unit) for value in distinct], pa.string())
    return texts.take(pa.array(places))


def _texts(value: Value, kind: Type | None, count: int) -> list[str]:
    if isinstance(value, Texts):
        return ["" if one is None else str(one) for one in value.values]
    found = []
    for row in range(count):
        one = scalar(value, row)
        if one is None:
            found.append("")
        elif kind is not None and kind.kind == "day":
            found.append(day_of(int(one)).isoformat())
        else:
            found.append(_number_text(one, kind))
    return found


def _number_text(value: object, kind: Type | None) -> str:
    if isinstance(value, bool) or not isinstance(value, Fraction):
        return str(value).lower()
    scale = kind.scale if kind is not None and kind.scale else 0
    return decimal_text(int(value * 10**scale), Fraction(1, 10**scale))


def _repeated(text: str, count: int) -> pa.Array:
    return pa.repeat(pa.scalar(text, pa.string()), count)
