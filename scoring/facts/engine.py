"""The port to whatever runs the SQL: load named tables, run a text, get Arrow back."""

from __future__ import annotations

from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc


class FactOverflowError(OverflowError):
    """A sum or product that leaves 64 bits inside the engine; the message names the fact."""


class Engine(Protocol):
    """Runs the integer subset; two engines must give equal answers on equal tables."""

    @property
    def name(self) -> str:
        """Name and version, recorded with a run."""

    def load(self, name: str, table: pa.Table) -> None:
        """Make *table* known under *name*; days arrive as whole numbers (`day_columns_as_numbers`)."""

    def run(self, sql: str) -> pa.Table:
        """The answer of one query.

        Raises:
            FactOverflowError: A number left 64 bits.
        """


def day_columns_as_numbers(table: pa.Table) -> pa.Table:
    """Days as int64 days since 1970-01-01 and whole numbers as int64: what the SQL computes with."""
    return pa.table([_as_number(column) for column in table.columns], names=table.column_names)


def _as_number(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_date32(column.type):
        return pc.cast(pc.cast(column, pa.int32()), pa.int64())
    if pa.types.is_integer(column.type) and column.type != pa.int64():
        return pc.cast(column, pa.int64())
    return pc.cast(column, pa.string()) if pa.types.is_dictionary(column.type) else column
