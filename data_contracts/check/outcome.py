"""What a check is given besides the table, and what it gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import pyarrow as pa

from data_contracts.failures import Failures


@dataclass(frozen=True, slots=True)
class Origin:
    """Where each row stands in the delivery; three arrays parallel to the table.

    Attributes:
        file: Name of the delivered file (text, dictionary-encoded or not).
        sheet: Sheet in it, missing where the file has none.
        row: int64 as the office sees it, 1 = first line.
    """

    file: pa.Array
    sheet: pa.Array
    row: pa.Array


@dataclass(frozen=True, slots=True)
class Parent:
    """What foreign keys of other tables may point to.

    Attributes:
        keys: Accepted rows: at least the target columns (the key, or `record_id`).
        refused: Refused rows: the same columns.
    """

    keys: pa.Table
    refused: pa.Table


@dataclass(frozen=True, slots=True)
class Compared:
    """What a delivery is held against besides its contract.

    Attributes:
        before: Accepted rows of a year before, for rules on volume and drift; without them these say nothing.
        as_of: Day that the delivery should reach, for rules on freshness; without it these say nothing.
    """

    before: pa.Table | None = None
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Cells that did not become their column's type: missing in the table, already reported.

    Attributes:
        failures: One failure per such cell, made where the cell was read (rule `<table>.<column>.type`).
        cells: By column, a boolean mask parallel to the table; columns without such cells may be left out.
    """

    failures: Failures = field(default_factory=Failures.empty)
    cells: Mapping[str, pa.Array] = field(default_factory=dict)


WARNED = pa.schema([("place", pa.int64()), ("rule", pa.string()), ("column", pa.string()), ("message", pa.string())])


@dataclass(frozen=True, slots=True)
class Checked:
    """The outcome for one table.

    Attributes:
        accepted: Boolean mask, parallel to the table: rows without an error.
        failures: Sorted; includes the unreadable cells.
        refuses_batch: Whether a rule of the table as a whole is broken: then no row counts, whatever *accepted* says.
        counts: Broken rows per rule id, 0 included (1 for a broken table rule).
        missing: Rows per rule id that a rule of rows says nothing about, because a cell it looks at is empty; without
            the rules that speak of empty cells themselves.
        warned: Warnings about rows (see `WARNED`), by the row's place in the table from 0.
    """

    accepted: pa.Array
    failures: Failures
    refuses_batch: bool
    counts: Mapping[str, int]
    missing: Mapping[str, int]
    warned: pa.Table = field(default_factory=WARNED.empty_table)
