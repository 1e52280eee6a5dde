"""How a table is delivered: its file name, headers, labels and types, all read from the contracts.

Nothing about a column is written down a second time: a table whose columns are not those of its contract is an error
here, before any office could notice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import pyarrow as pa

from data_contracts.model import Column, Contract
from scoring.synthetic.cells import Rows


class LayoutError(ValueError):
    """Made columns that a contract does not know, or contract columns that nobody made."""


@dataclass(frozen=True, slots=True)
class Layout:
    """A delivered table.

    Attributes:
        table: Its name; title: what offices call it.
        columns: The columns that offices deliver, in the contract's order.
    """

    table: str
    title: str
    columns: tuple[Column, ...]

    @property
    def schema(self) -> pa.Schema:
        """Types of a Parquet file of the table."""
        return pa.schema([(column.name, _storage(column)) for column in self.columns])

    def shaped(self, rows: Rows, division: str) -> pa.Table:
        """*rows* of one office, in order and typed.

        Raises:
            LayoutError: Columns that are missing or unknown.
        """
        count = len(next(iter(rows.values())))
        made = {"division_code": pa.repeat(division, count), **rows}
        wanted = [column.name for column in self.columns]
        if set(made) != set(wanted):
            lacking, unknown = sorted(set(wanted) - set(made)), sorted(set(made) - set(wanted))
            raise LayoutError(f"{self.table}: lacking {lacking}, unknown {unknown}, allowed: {wanted}")
        return pa.table([_stored(made[column.name], column) for column in self.columns], self.schema)


@cache
def delivered_layouts() -> Mapping[str, Layout]:
    """Layouts of the tables that offices deliver; the tables of codes ship with the package."""
    from data_contracts.odcs import load_contracts  # half a second that processes which only write need not spend

    contracts = load_contracts([files("data_contracts") / "contracts"])
    return {table: _layout(contract) for table, contract in contracts.items() if not contract.reference}


def _layout(contract: Contract) -> Layout:
    columns = tuple(column for column in contract.columns if column.attributed is None)
    return Layout(contract.table, contract.title, columns)


def _storage(column: Column) -> pa.DataType:
    match column.type.kind:
        case "number":
            scale = column.type.scale or 0
            return pa.decimal128(18, scale) if scale else pa.int64()
        case "truth":
            return pa.bool_()
        case "day":
            return pa.date32()
    return pa.string()


def _stored(cells: pa.Array, column: Column) -> pa.Array:
    """Cells as their contract types them: a scaled whole number becomes the decimal that it stands for."""
    storage = _storage(column)
    if not pa.types.is_decimal(storage):
        return cells if cells.type == storage else cells.cast(storage)
    low = cells.fill_null(0).to_numpy(zero_copy_only=False)
    halves = np.stack([low, low >> 63], axis=1)
    missing = None if cells.null_count == 0 else cells.is_valid().buffers()[1]
    return pa.Array.from_buffers(storage, len(cells), [missing, pa.py_buffer(np.ascontiguousarray(halves))])
