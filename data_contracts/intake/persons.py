"""What leaves an intake about persons: nothing but places and reasons, whatever cell, name or sheet they stood in.

Cells are masked where they leave, not where they are written down: what comes later cannot forget it. A key names its
record in every output, so one that leads to a person refuses its row instead of being masked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data_contracts.check import Checked
from data_contracts.failures import SCHEMA, Failures
from data_contracts.intake.made import Made
from data_contracts.model import Column, Contract
from data_contracts.personal import (
    MASK,
    is_closed,
    leads_to_person,
    masked,
    masked_cells,
    masked_words,
    personal_columns,
)
from data_contracts.problems import shown

SENTENCES: Final = {
    "text": {
        "zh": "编号含有证件号、电话、邮箱或住址,将随记录公开:请改用不指向个人的编号",
        "en": "holds a number or address of a person and would be shown with the record: use an id that names nobody",
    },
    "number": {
        "zh": "此处应为数量,不得填写证件号或银行卡号",
        "en": "holds the number of a person's card, allowed: how much or how many",
    },
}
_LONG: Final = 10**14  # from here on a number has as many digits as one that holds a birthday


def without_persons_in_keys(checked: Checked, contract: Contract, made: Made) -> Checked:
    """*checked*, with the rows refused whose key or quantity leads to a person; rule `<table>.<column>.person`."""
    for column in (*_open_keys(contract), *_long_numbers(contract, made)):
        cells = made.table[column.name].cast(pa.string())
        found = leads_to_person(cells)
        if not found:
            continue
        rows = np.flatnonzero(pc.is_in(cells, pa.array(found)).to_numpy())
        told = _failures(contract, column, made, rows)
        accepted = checked.accepted.to_numpy(zero_copy_only=False).copy()
        accepted[rows] = False
        rule = f"{contract.table}.{column.name}.person"
        checked = replace(
            checked,
            accepted=pa.array(accepted),
            failures=Failures.concat([checked.failures, told]).sorted(),
            counts={**checked.counts, rule: len(rows)},
        )
    return checked


def without_personal_values(failures: Failures, contracts: Mapping[str, Contract]) -> Failures:
    """Values of personal columns masked, others and all messages searched for what leads to a person."""
    table = failures.table
    hidden = pa.array(
        [
            value is not None and bool(personal & set((column or "").split(", ")))
            for personal, column, value in zip(
                (personal_columns(contracts[name]) for name in table["table"].to_pylist()),
                table["column"].to_pylist(),
                table["value"].to_pylist(),
                strict=True,
            )
        ],
        pa.bool_(),
    )
    shown = pc.if_else(hidden, MASK, masked_cells(table["value"]))
    for name, cells in (("value", shown), ("message", masked_words(table["message"]))):
        table = table.set_column(SCHEMA.get_field_index(name), SCHEMA.field(name), cells)
    return Failures(table)


def without_personal_changes(changes: pa.Table, contracts: Mapping[str, Contract]) -> pa.Table:
    """Changes of personal columns stay listed, with their place and reason but without the cells."""
    personal = pa.array([False] * changes.num_rows, pa.bool_())
    for table, contract in contracts.items():
        names = personal_columns(contract)
        words = [*names, *(column.title for column in contract.columns if column.name in names)]
        mine = pc.is_in(changes["column"].cast(pa.string()), pa.array(words, pa.string()))
        personal = pc.or_(personal, pc.and_(pc.equal(changes["table"], table), mine))
    for cell in ("raw", "clean"):
        at = changes.column_names.index(cell)
        shown = pc.if_else(personal, MASK, masked_cells(changes[cell].cast(pa.string())))
        changes = changes.set_column(at, changes.field(at), shown.cast(changes.field(at).type))
    return changes


def shown_names(files: Iterable[str]) -> dict[str, str]:
    """What each delivered file is called from here on: its path, masked and fit to be printed; equal ones are numbered.

    >>> shown_names(["A/投诉13900001111.xlsx", "A/投诉13900002222.xlsx", "B.xlsx"])
    {'A/投诉13900001111.xlsx': 'A/投诉***.xlsx', 'A/投诉13900002222.xlsx': 'A/投诉***(2).xlsx', 'B.xlsx': 'B.xlsx'}
    """
    found: dict[str, str] = {}
    times: dict[str, int] = {}
    for file in files:
        name = shown(masked(file), len(file) + 1)
        times[name] = times.get(name, 0) + 1
        path = PurePosixPath(name)
        number = f"({times[name]})" if times[name] > 1 else ""
        found[file] = str(path.with_name(f"{path.stem}{number}{path.suffix}")) if number else name
    return found


def _open_keys(contract: Contract) -> list[Column]:
    """Text columns of the key in which anything may be written."""
    keys = (contract.column(name) for name in contract.key)
    return [one for one in keys if one is not None and one.type.kind == "text" and not is_closed(one, contract)]


def _long_numbers(contract: Contract, made: Made) -> list[Column]:
    """Columns of whole numbers of which one is as long as the number of a card."""
    whole = (column for column in contract.columns if column.type.kind == "number" and not column.type.scale)
    return [column for column in whole if (pc.max(made.table[column.name]).as_py() or 0) >= _LONG]


def _failures(contract: Contract, column: Column, made: Made, rows: np.ndarray) -> Failures:
    places, size = pa.array(rows), len(rows)
    fixed = {
        "table": contract.table,
        "rule": f"{contract.table}.{column.name}.person",
        "severity": "error",
        "column": column.name,
        "value": MASK,
        "message": SENTENCES[column.type.kind][contract.language],
        "legal_basis": "",
    }
    arrays = {name: pa.repeat(pa.scalar(text, pa.string()), size) for name, text in fixed.items()}
    arrays |= {name: getattr(made.origin, name).take(places).cast(pa.string()) for name in ("file", "sheet")}
    arrays["row"] = made.origin.row.take(places)
    return Failures(pa.table([arrays[name] for name in SCHEMA.names], schema=SCHEMA))
