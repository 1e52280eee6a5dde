"""Run a contract's rules over one delivered table: every broken cell named, every accepted row known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pyarrow as pa

from data_contracts.failures import Failures
from data_contracts.model import Contract


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
class Unreadable:
    """Cells that did not become their column's type: missing in the table, already reported.

    Attributes:
        failures: One failure per such cell, made where the cell was read (rule `<table>.<column>.type`).
        cells: By column, a boolean mask parallel to the table; columns without such cells may be left out.
    """

    failures: Failures = field(default_factory=Failures.empty)
    cells: Mapping[str, pa.Array] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Checked:
    """The outcome for one table.

    Attributes:
        accepted: Boolean mask, parallel to the table: rows without an error.
        failures: Sorted; includes the unreadable cells.
        refuses_batch: Whether a rule of the table as a whole is broken: then no row counts, whatever *accepted* says.
        counts: Broken rows per rule id, 0 included (1 for a broken table rule).
    """

    accepted: pa.Array
    failures: Failures
    refuses_batch: bool
    counts: Mapping[str, int]


def check(
    contract: Contract,
    table: pa.Table,
    origin: Origin,
    raw: Mapping[str, pa.ChunkedArray],
    parents: Mapping[str, Parent],
    language: str | None = None,
    unreadable: Unreadable | None = None,
) -> Checked:
    """Check one table against its contract.

    Args:
        contract: What is allowed.
        table: The contract's columns, typed: numbers int64 scaled by the column's decimals, text string, truth
            bool, day date32; plus `record_id` when it is its own parent.
        origin: Where the rows stand.
        raw: Delivered text by column, shown as the failure's value; the typed value stands in for a column left out.
        parents: By table name, every table a foreign key points to, except this one.
        language: zh or en; the contract's own by default.
        unreadable: Cells that are missing because they could not be read; `required` does not report them again.

    Raises:
        ValueError: A column or parent that the contract needs is not given.
    """
    raise NotImplementedError
