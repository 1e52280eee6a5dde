"""Comma-separated text: a byte-order mark, then strict UTF-8, then strict GB18030, and nothing is guessed.

Arrow reads the rows. A charset detector called a GB18030 file Korean, and a lenient reader pads or cuts a ragged row
into plausible cells: both are refused here instead, with the line.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection
from typing import Final

import pyarrow as pa
import pyarrow.csv as pa_csv

from data_contracts.problems import UnreadableError
from data_contracts.readers.grid import TITLE_ROWS, Grid, sheet_under_header
from data_contracts.readers.sheet import MAX_COLUMNS, Sheet, header_key

MAX_ROW_BYTES: Final = 1 << 24
MAX_RAGGED: Final = 1_000
_TITLE_BYTES: Final = 1 << 16
_BOM: Final = b"\xef\xbb\xbf"
_OTHER_MARKS: Final = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}
_SHOWN_BYTES: Final = 4


def delimited_sheet(data: bytes, file: str, known: Collection[str] = ()) -> Sheet:
    """Read comma-separated text.

    Args:
        data: As delivered.
        file: How it is named in messages.
        known: Keys of the headers to look for; without them the first line that is not blank is the header.

    Rows are counted as a spreadsheet program counts them: a quoted cell with line breaks is one row.

    Raises:
        UnreadableError: NUL bytes, another encoding, ragged rows, an open quotation mark, repeated headers, no rows.
    """
    text = _as_utf8(data, file)
    body = text.lstrip(b"\r\n")
    skipped = len(text[: len(text) - len(body)].replace(b"\r\n", b"\n"))
    titles = _title_lines(body, frozenset(known))
    for _ in range(titles):
        body = body[body.index(b"\n") + 1 :]
    skipped += titles
    if not body:
        raise UnreadableError("sheet.empty", file)
    _refuse_wide(body, file)
    table = _parse(body, file, skipped)
    if table.num_columns > MAX_COLUMNS:
        raise UnreadableError("sheet.wide", file, found=table.num_columns, allowed=MAX_COLUMNS)
    columns = [column.combine_chunks() for column in table.columns]
    place = Sheet(file, "", {}, pa.array([], pa.int64()))
    return sheet_under_header(place, Grid(columns, skipped + 1), known)


def _title_lines(body: bytes, known: frozenset[str]) -> int:
    """Lines above the header: titles have fewer cells than it, which would make every row below them ragged."""
    if not known:
        return 0
    lines = body[:_TITLE_BYTES].decode("utf-8", "ignore").split("\n")[:TITLE_ROWS]
    counts = [sum(header_key(cell.strip(' "\r')) in known for cell in line.split(",")) for line in lines]
    best = counts.index(max(counts)) if any(counts) else 0
    quoted = any('"' in line for line in lines[:best])
    return 0 if quoted or (best and counts[best - 1]) else best


def _as_utf8(data: bytes, file: str) -> bytes:
    for mark, name in _OTHER_MARKS.items():
        if data.startswith(mark):
            raise UnreadableError("file.encoding", file, line=1, found=name)
    if (at := data.find(b"\0")) >= 0:
        raise UnreadableError("file.nul", file, line=_line(data, at))
    data = data.removeprefix(_BOM)
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return _from_gb18030(data, error, file)
    return data


def _from_gb18030(data: bytes, fault: UnicodeDecodeError, file: str) -> bytes:
    """GB18030 accepts nearly every sequence of bytes, so text that began as UTF-8 is not offered to it."""
    begun = data[: fault.start].decode("utf-8")
    if sum("\u3000" <= character <= "\u9fff" for character in begun) < 2:
        try:
            return data.decode("gb18030").encode("utf-8")
        except UnicodeDecodeError as error:
            fault = max(fault, error, key=lambda one: one.start)
    shown = data[fault.start : fault.start + _SHOWN_BYTES].hex(" ")
    raise UnreadableError("file.encoding", file, line=_line(data, fault.start), found=shown)


def _line(data: bytes, at: int) -> int:
    return data.count(b"\n", 0, at) + 1


def _refuse_wide(body: bytes, file: str) -> None:
    """Arrow makes a column of each comma in the first line, and there may be millions."""
    end = body.find(b"\n")
    first = memoryview(body)[: end if end >= 0 else len(body)].tobytes()
    if b'"' not in first and (commas := first.count(b",")) >= MAX_COLUMNS:
        raise UnreadableError("sheet.wide", file, found=commas + 1, allowed=MAX_COLUMNS)


def _parse(text: bytes, file: str, skipped: int) -> pa.Table:
    ragged: list[pa_csv.InvalidRow] = []

    def note(row: pa_csv.InvalidRow) -> str:
        ragged.append(row)
        return "skip" if len(ragged) <= MAX_RAGGED else "error"

    try:
        table = pa_csv.read_csv(
            pa.BufferReader(text),
            read_options=pa_csv.ReadOptions(
                use_threads=False, autogenerate_column_names=True, block_size=min(len(text) + 1, MAX_ROW_BYTES)
            ),
            parse_options=pa_csv.ParseOptions(
                newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=note
            ),
            convert_options=pa_csv.ConvertOptions(
                check_utf8=False, column_types={f"f{place}": pa.string() for place in range(MAX_COLUMNS + 1)}
            ),
        )
    except pa.ArrowInvalid as error:
        if ragged:
            _refuse_open_quote(text, file, skipped)
            raise _ragged(ragged, file, skipped) from None
        if "straddling" in str(error):
            raise UnreadableError("row.long", file, allowed=MAX_ROW_BYTES) from None
        raise UnreadableError("file.unreadable", file, found=str(error).splitlines()[0], allowed=".csv") from None
    _refuse_open_quote(text, file, skipped)
    if ragged:
        raise _ragged(ragged, file, skipped)
    return table


def _ragged(rows: list[pa_csv.InvalidRow], file: str, skipped: int) -> UnreadableError:
    first, others = rows[0], len(rows) - 1
    return UnreadableError(
        "row.ragged",
        file,
        line=first.number + skipped,
        found=first.actual_columns,
        allowed=first.expected_columns,
        others=others if others < MAX_RAGGED else f"{others}+",
    )


def _refuse_open_quote(text: bytes, file: str, skipped: int) -> None:
    """An open quotation mark swallows the rest of the file into one cell without a complaint from Arrow."""
    if text.count(b'"') % 2 == 0:
        return
    rows = csv.reader(io.StringIO(text.decode("utf-8"), newline=""), strict=True)
    number = skipped
    try:
        for _ in rows:
            number += 1
    except csv.Error:
        raise UnreadableError("row.quote", file, line=number + 1) from None
