"""Columns to CSV bytes, whole columns at a time: RFC 4180 quoting only where a cell needs it, LF line ends, UTF-8."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

SPECIAL = '[",\n\r]'


def csv_bytes(table: pa.Table) -> bytes:
    r"""The table as CSV with a header line; missing cells are empty.

    >>> csv_bytes(pa.table({"a": ["x", "y,z"], "n": [1, None]}))
    b'a,n\nx,1\n"y,z",\n'
    """
    header = ",".join(_quoted(pa.chunked_array([[name]]))[0].as_py() for name in table.column_names)
    if table.num_rows == 0:
        return f"{header}\n".encode()
    cells = [_quoted(column) for column in table.columns]
    lines = pc.binary_join_element_wise(*cells, ",") if len(cells) > 1 else cells[0]
    body = "\n".join(lines.to_pylist())
    return f"{header}\n{body}\n".encode()


def _quoted(column: pa.ChunkedArray) -> pa.ChunkedArray:
    text = pc.fill_null(pc.cast(column, pa.string()), "")
    special = pc.match_substring_regex(text, SPECIAL)
    if not pc.any(special).as_py():
        return text
    doubled = pc.replace_substring(text, '"', '""')
    return pc.if_else(special, pc.binary_join_element_wise('"', doubled, '"', ""), text)
