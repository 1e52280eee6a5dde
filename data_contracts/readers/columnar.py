"""Parquet: typed columns printed back to text, so that every delivery goes through the same checks."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from data_contracts.problems import UnreadableError
from data_contracts.readers.sheet import MAX_COLUMNS, Sheet, sheet_of

MAX_CELLS: Final = 500_000_000
MAX_UNPACKED: Final = 1 << 32


def parquet_sheet(data: bytes, file: str, _: Collection[str] = ()) -> Sheet:
    """Read a Parquet file; row 1 is its first record.

    Raises:
        UnreadableError: Broken, too large, nested columns, no rows.
    """
    try:
        source = pq.ParquetFile(pa.BufferReader(data))
        rows, width = source.metadata.num_rows, source.metadata.num_columns
        unpacked = sum(source.metadata.row_group(at).total_byte_size for at in range(source.metadata.num_row_groups))
        if width > MAX_COLUMNS:
            raise UnreadableError("sheet.wide", file, found=width, allowed=MAX_COLUMNS)
        if rows * width > MAX_CELLS:
            raise UnreadableError("sheet.large", file, found=f"{rows} x {width}", allowed=MAX_CELLS)
        if unpacked > MAX_UNPACKED:
            raise UnreadableError("file.unpacked", file, found=unpacked, allowed=MAX_UNPACKED)
        table = source.read()
        table.validate(full=True)
        headers = table.column_names
        columns = zip(headers, table.columns, strict=True)
        cells = [_texts(name, column.combine_chunks(), file) for name, column in columns]
    except pa.ArrowMemoryError:
        raise
    except (pa.ArrowException, OSError, UnicodeError, OverflowError) as error:
        raise UnreadableError("file.unreadable", file, found=_first_line(error), allowed=".parquet") from None
    return sheet_of(Sheet(file, "", {}, pa.array([], pa.int64())), headers, cells, first_row=1)


def _texts(name: str, values: pa.Array, file: str) -> pa.Array:
    kind = values.type.value_type if pa.types.is_dictionary(values.type) else values.type
    if pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        raise UnreadableError("record.nested", file, line=1, column=name, found=str(kind))
    if pa.types.is_floating(kind):
        return _printed(values)
    if pa.types.is_timestamp(kind):
        values = pc.cast(values, pa.timestamp("s", kind.tz), safe=False)
    return pc.cast(values, pa.string())


def _printed(values: pa.Array) -> pa.Array:
    """Floating numbers in full, without an exponent; each distinct one is printed once."""
    encoded = values if pa.types.is_dictionary(values.type) else values.dictionary_encode()
    texts = [None if value is None else _number(value) for value in encoded.dictionary.to_pylist()]
    return pa.array(texts, pa.string()).take(encoded.indices)


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() else f"{Decimal(repr(value)):f}"


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
