"""One table between its files and its rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa

from data_contracts.check import Origin, Unreadable
from data_contracts.failures import Failures

CHANGES = pa.schema(
    [
        ("table", pa.dictionary(pa.int32(), pa.string())),
        ("column", pa.dictionary(pa.int32(), pa.string())),
        ("file", pa.dictionary(pa.int32(), pa.string())),
        ("sheet", pa.dictionary(pa.int32(), pa.string())),
        ("row", pa.int64()),
        ("raw", pa.dictionary(pa.int32(), pa.string())),
        ("clean", pa.dictionary(pa.int32(), pa.string())),
        ("reason", pa.dictionary(pa.int32(), pa.string())),
    ]
)


@dataclass(frozen=True, slots=True)
class Made:
    """One table before its rules are looked at.

    Attributes:
        table: record_id, then the contract's columns, typed.
        origin: Where each row stands.
        delivered: Per row, the number of the delivered row within the batch: equal for rows made of one.
        raw: Delivered text by column.
        unreadable: Cells that did not become their type.
        headers: Per row, the delivered header of its value, for a wide sheet.
        changes: See `CHANGES`.
        repeated: A warning about each row that was left out because it equals another.
    """

    table: pa.Table
    origin: Origin
    delivered: np.ndarray
    raw: Mapping[str, pa.ChunkedArray]
    unreadable: Unreadable
    headers: pa.Array | None
    changes: pa.Table
    repeated: Failures = field(default_factory=Failures.empty)

    def take(self, rows: np.ndarray) -> Made:
        """Those rows only; what speaks of other rows goes with them."""
        places = pa.array(rows)
        origin = Origin(*(array.take(places) for array in (self.origin.file, self.origin.sheet, self.origin.row)))
        raw = {name: cells.take(places) for name, cells in self.raw.items()}
        cells = {name: mask.take(places) for name, mask in self.unreadable.cells.items()}
        unreadable = replace(self.unreadable, cells=cells)
        headers = None if self.headers is None else self.headers.take(places)
        taken = {"raw": raw, "unreadable": unreadable, "headers": headers, "delivered": self.delivered[rows]}
        return replace(self, table=self.table.take(places), origin=origin, **taken)

    def with_changes(self, changes: pa.Table) -> Made:
        """The same rows with other *changes*."""
        return replace(self, changes=changes)

    def with_column(self, name: str, values: pa.Array | pa.ChunkedArray) -> Made:
        """The same rows with other *values* in one column."""
        return replace(self, table=self.table.set_column(self.table.column_names.index(name), name, values))
