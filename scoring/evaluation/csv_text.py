"""Columns to CSV bytes, whole columns at a time: RFC 4180 quoting only where a cell needs it, LF line ends, UTF-8.

A delivered word (a firm's name) that a spreadsheet program would run as a formula gets an apostrophe in front, which
`as_delivered` takes away again.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

SPECIAL = '[",\n\r]'
_ACTIVE = r"^'*[=+\-@\t\r]"
_NUMBER = r"^[+-]([0-9]+\.?[0-9]*|\.[0-9]+)$"


def csv_bytes(table: pa.Table) -> bytes:
    r"""The table as CSV with a header line; missing cells are empty.

    >>> csv_bytes(pa.table({"a": ["x", "y,z"], "n": [1, None]}))
    b'a,n\nx,1\n"y,z",\n'
    >>> csv_bytes(pa.table({"a": ["=1+1", "-6", "'a"]}))
    b"a\n'=1+1\n-6\n'a\n"
    """
    header = ",".join(_quoted(pa.chunked_array([[name]]))[0].as_py() for name in table.column_names)
    if table.num_rows == 0:
        return f"{header}\n".encode()
    cells = [_quoted(column) for column in table.columns]
    lines = pc.binary_join_element_wise(*cells, ",") if len(cells) > 1 else cells[0]
    body = "\n".join(lines.to_pylist())
    return f"{header}\n{body}\n".encode()


def _quoted(column: pa.ChunkedArray) -> pa.ChunkedArray:
    text = _inert(pc.fill_null(pc.cast(column, pa.string()), ""))
    special = pc.match_substring_regex(text, SPECIAL)
    if not pc.any(special).as_py():
        return text
    doubled = pc.replace_substring(text, '"', '""')
    return pc.if_else(special, pc.binary_join_element_wise('"', doubled, '"', ""), text)


def _inert(text: pa.ChunkedArray) -> pa.ChunkedArray:
    active = pc.and_(pc.match_substring_regex(text, _ACTIVE), pc.invert(pc.match_substring_regex(text, _NUMBER)))
    return pc.if_else(active, pc.binary_join_element_wise("'", text, ""), text) if pc.any(active).as_py() else text


def as_delivered(text: pa.ChunkedArray) -> pa.ChunkedArray:
    """The cells of a column that was read back, as they were before `csv_bytes`.

    >>> as_delivered(pa.chunked_array([["'=1+1", "''@a", "'a", "-6"]])).to_pylist()
    ['=1+1', "'@a", "'a", '-6']
    """
    return pc.replace_substring_regex(text, r"^'('*[=+\-@\t\r])", r"\1")
