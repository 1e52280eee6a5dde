"""The run again with one record removed, corrected or added: its effect on every unit, not only on its own.

The record takes the contract's types; whatever would not have passed them is refused before anything runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

from data_contracts.expressions.resolve import day_number, did_you_mean
from data_contracts.model import RECORD_ID, Column, Contract
from data_contracts.normalise import Normaliser
from data_contracts.parsing import MAX_STORED
from scoring.card.inputs import exact_of, shown
from scoring.evaluation.run import Evaluation, evaluate
from scoring.evaluation.whatif.accepted import filled, refusals, settled
from scoring.facts.engine import FactOverflowError
from scoring.facts.judging import FactError
from scoring.rulebook.shape import Rulebook

KINDS = ("remove", "correct", "add")


class RecordChangeError(ValueError):
    """A change that no accepted record could have."""


@dataclass(frozen=True)
class RecordChange:
    """One change.

    Attributes:
        kind: remove, correct or add.
        table: The delivered table.
        record: Record id; for add, the new one.
        values: Columns by name; for correct those that change, for add all that are not missing.
    """

    kind: Literal["remove", "correct", "add"]
    table: str
    record: str
    values: Mapping[str, Any] = field(default_factory=dict)


def evaluate_with(
    rulebook: Rulebook,
    tables: Mapping[str, pa.Table],
    change: RecordChange,
    earlier: Mapping[str, pa.Table] | None = None,
) -> Evaluation:
    """Rate everything with *change* made; compare with `moves`.

    Args:
        rulebook: The rules.
        tables: Accepted rows per table, as `OpenedResult.tables` gives them.
        change: What would be different.
        earlier: Earlier rounds, as the first run had them.

    Raises:
        RecordChangeError: An unknown table, record or column, or a value that does not fit or cannot be judged.
    """
    changed = tables_with(rulebook, tables, change)
    try:
        return evaluate(rulebook, changed, earlier=earlier)
    except (FactError, FactOverflowError) as error:
        raise RecordChangeError(f"{change.table}: {error}") from error


def tables_with(rulebook: Rulebook, tables: Mapping[str, pa.Table], change: RecordChange) -> dict[str, pa.Table]:
    """All tables with the change made, as intake would have left them; see `whatif.accepted`."""
    if change.kind not in KINDS or not isinstance(change.record, str):
        found, allowed = f"{change.kind!r} of {shown(change.record)}", f"{', '.join(KINDS)} of a record id"
        raise RecordChangeError(f"found {found}, allowed: {allowed}")
    if change.table not in tables:
        known = sorted(tables)
        hint = did_you_mean(change.table, known)
        raise RecordChangeError(f"found table {change.table!r}, allowed: {', '.join(known)}{hint}")
    table, contract = tables[change.table], rulebook.contracts[change.table]
    there = pc.equal(table[RECORD_ID], change.record)
    count = int(pc.sum(there).as_py() or 0)
    if (count == 0) is not (change.kind == "add"):
        allowed = "an id that is not there yet" if change.kind == "add" else f"a record id of {change.table}"
        raise RecordChangeError(f"found record {change.record!r} {count} times, allowed: {allowed}")
    values = _checked(contract, change)
    rest = table.filter(pc.invert(there))
    if change.kind == "remove":
        return settled(rulebook.contracts, tables, change.table, rest)
    old = table.filter(there).to_pylist()[0] if count else dict.fromkeys(table.column_names)
    row = _row(table.schema, {**old, **values, RECORD_ID: change.record})
    row = filled(contract, tables, row, values)
    made = pa.concat_tables([rest, row])
    if reasons := refusals(contract, {**tables, change.table: made}, rest.num_rows):
        raise RecordChangeError(f"{change.table}: {'; '.join(reasons)}")
    return settled(rulebook.contracts, tables, change.table, made)


def _row(schema: pa.Schema, row: Mapping[str, Any]) -> pa.Table:
    typed = {
        name: day_number(value) if isinstance(value, date) and not pa.types.is_date(schema.field(name).type) else value
        for name, value in row.items()
    }
    return pa.Table.from_pylist([typed], schema=schema)


def _checked(contract: Contract, change: RecordChange) -> dict[str, Any]:
    names = [column.name for column in contract.columns]
    for name in change.values:
        if name not in names:
            hint = did_you_mean(name, names)
            raise RecordChangeError(f"{contract.table}: found column {name!r}, allowed: {', '.join(names)}{hint}")
    columns = {column.name: column for column in contract.columns}
    found = {name: _stored(contract, columns[name], value) for name, value in change.values.items()}
    if change.kind == "add":
        absent = [
            column.name for column in contract.columns if not column.type.optional and found.get(column.name) is None
        ]
        if absent:
            raise RecordChangeError(f"{contract.table}: found no {', '.join(absent)}, allowed: a whole record")
    return found


def _stored(contract: Contract, column: Column, value: Any) -> Any:
    """A value as the lake stores it."""
    found = "no value" if value is None else shown(value)
    place = f"{contract.table}.{column.name}: found {found}"
    if value is None:
        if not column.type.optional:
            raise RecordChangeError(f"{place}, allowed: a value")
        return None
    match column.type.kind:
        case "day" if isinstance(value, date) and not isinstance(value, datetime):
            return value
        case "truth" if isinstance(value, bool):
            return value
        case "text" if isinstance(value, str) and (not column.labels or value in column.labels):
            return _as_delivered(contract, column, value, place)
        case "number" if (exact := exact_of(value)) is not None:
            whole = exact * 10 ** (column.type.scale or 0)
            if whole.denominator == 1 and abs(whole) <= MAX_STORED:
                return whole.numerator
    allowed = ", ".join(column.labels) if column.labels else f"{column.type.kind} of scale {column.type.scale}"
    raise RecordChangeError(f"{place}, allowed: {allowed}")


def _as_delivered(contract: Contract, column: Column, text: str, place: str) -> str:
    """A text that intake would leave as it is: not blank, trimmed, without full-width letters or control signs."""
    read = Normaliser(column, contract.language).normalise(pa.array([text], pa.string()))
    clean = read.values[0].as_py()
    if clean != text:
        allowed = [*read.messages.to_pylist(), "None for no value" if clean is None else repr(clean)][0]
        raise RecordChangeError(f"{place}, allowed: {allowed}")
    return text
