"""Spreadsheet workbooks: raw typed cells turned to text without losing an id.

A spreadsheet keeps 15 significant digits. A whole number of at most 15 is printed in full; a longer one was an id
whose last digits are gone, so it is marked as damaged instead of passed on as a plausible wrong code.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Final

import pyarrow as pa
import python_calamine as calamine

from data_contracts.problems import UnreadableError
from data_contracts.readers.sheet import MAX_COLUMNS, Damage, Sheet, sheet_of
from data_contracts.readers.spoiled import Spoiled

EXACT_BELOW: Final = 10**15
MAX_CELLS: Final = 30_000_000
MAX_ENTRIES: Final = 2_000
MAX_UNPACKED: Final = 1 << 30
MAX_RATIO: Final = 300
_SMALL: Final = 1 << 25
KINDS: Final = ".xlsx, .xls, .ods"
_ZIPPED: Final = (".xlsx", ".ods")

Cell = int | float | str | bool | time | date | datetime | timedelta


@dataclass(frozen=True, slots=True)
class Workbook:
    """An opened workbook.

    Attributes:
        file: Path relative to the delivered folder.
        sheets: Visible worksheets, in their order.
    """

    file: str
    sheets: tuple[str, ...]
    _book: calamine.CalamineWorkbook
    _spoiled: Spoiled | None

    @classmethod
    def of(cls, data: bytes, file: str, suffix: str) -> Workbook:
        """Open the bytes of a workbook.

        Raises:
            UnreadableError: Broken, encrypted, or packed beyond measure.
        """
        if suffix in _ZIPPED:
            _refuse_bomb(data, file)
        with _broken_named(file):
            book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
            spoiled = Spoiled(data) if suffix == ".xlsx" else None
        visible, worksheet = calamine.SheetVisibleEnum.Visible, calamine.SheetTypeEnum.WorkSheet
        names = (sheet.name for sheet in book.sheets_metadata if (sheet.visible, sheet.typ) == (visible, worksheet))
        return cls(file, tuple(names), book, spoiled)

    def read(self, name: str) -> Sheet:
        """The cells of one sheet; its first row that is not blank is the header.

        Raises:
            UnreadableError: No rows, too many cells, repeated headers, a broken sheet.
        """
        empty = Sheet(self.file, name, {}, pa.array([], pa.int64()))
        with _broken_named(empty.place):
            rows, top, left = self._rows(empty)
            spoiled = {} if self._spoiled is None else self._spoiled.cells(name)
        headers = [_text(cell) for cell in rows[0]]
        columns = [_column(values) for values in zip(*rows[1:], strict=True)]
        damage = {index: dict(lost) for index, (_, lost) in enumerate(columns)}
        for (row, column), kind in spoiled.items():
            if 0 < row - top < len(rows) and 0 <= column - left < len(columns):
                damage[column - left][row - top - 1] = kind
        return sheet_of(empty, headers, [texts for texts, _ in columns], top + 2, damage)

    def _rows(self, empty: Sheet) -> tuple[Sequence[Sequence[Cell]], int, int]:
        """Rows from the header on; the header's row and the first column, both from 0."""
        sheet = self._book.get_sheet_by_name(empty.name)
        if sheet.start is None:
            raise UnreadableError("sheet.empty", empty.place)
        if sheet.width > MAX_COLUMNS or sheet.width * sheet.height > MAX_CELLS:
            found, allowed = f"{sheet.height} x {sheet.width}", f"{MAX_COLUMNS} columns, {MAX_CELLS} cells"
            raise UnreadableError("sheet.large", empty.place, found=found, allowed=allowed)
        rows = sheet.to_python(skip_empty_area=True)
        first = next((place for place, row in enumerate(rows) if any(cell != "" for cell in row)), len(rows))
        if len(rows) - first < 2:
            raise UnreadableError("sheet.empty", empty.place)
        return rows[first:], sheet.start[0] + first, sheet.start[1]


@contextmanager
def _broken_named(place: str) -> Iterator[None]:
    """Whatever a damaged archive makes the libraries raise is one refusal, with its place."""
    try:
        yield
    except UnreadableError:
        raise
    except calamine.PasswordError:
        raise UnreadableError("file.encrypted", place) from None
    except (
        calamine.CalamineError,
        zipfile.BadZipFile,
        zlib.error,
        RuntimeError,
        OSError,
        EOFError,
        ValueError,
    ) as error:
        raise UnreadableError("file.unreadable", place, found=_first_line(error), allowed=KINDS) from None


def _refuse_bomb(data: bytes, file: str) -> None:
    """What the archive declares; a lying archive is stopped by the limits of the process that unpacks it."""
    with _broken_named(file):
        entries = zipfile.ZipFile(io.BytesIO(data)).infolist()
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > MAX_ENTRIES:
        raise UnreadableError("file.packed", file, found=f"{len(entries)} entries", allowed=MAX_ENTRIES)
    if unpacked > MAX_UNPACKED or (unpacked > _SMALL and unpacked > MAX_RATIO * len(data)):
        allowed = f"{MAX_UNPACKED} bytes, {MAX_RATIO} x"
        raise UnreadableError("file.packed", file, found=f"{unpacked} bytes", allowed=allowed)


def _column(values: Sequence[Cell]) -> tuple[pa.Array, dict[int, Damage]]:
    """Each distinct cell is printed once; True equals 1, so a column with truth values is printed cell by cell."""
    kinds = set(map(type, values))
    if kinds <= {str}:
        return pa.array(values, pa.string()), {}
    if bool in kinds:
        return pa.array([_text(value) for value in values], pa.string()), dict(_lost_digits(values))
    distinct = set(values)
    texts = {value: _text(value) for value in distinct}
    damaged = any(True for _ in _lost_digits(distinct))
    return pa.array([texts[value] for value in values], pa.string()), dict(_lost_digits(values)) if damaged else {}


def _lost_digits(values: Iterable[Cell]) -> Iterator[tuple[int, Damage]]:
    for place, value in enumerate(values):
        if isinstance(value, float | int) and abs(value) >= EXACT_BELOW:
            yield place, "digits_lost"


def _text(value: Cell) -> str:
    """One cell as an office would type it.

    >>> _text(45.0), _text(81.10000000000001), _text(True), _text(datetime(2024, 3, 5)), _text(1e-7)
    ('45', '81.1', 'TRUE', '2024-03-05', '0.0000001')
    """
    match value:
        case bool():
            return "TRUE" if value else "FALSE"
        case float():
            return _number(value)
        case datetime():
            at_midnight = value.time() == time()
            return value.date().isoformat() if at_midnight else value.isoformat(" ", "seconds")
        case date() | time():
            return value.isoformat()
    return str(value)


def _number(value: float) -> str:
    if value.is_integer():
        return str(int(value))
    return f"{Decimal(f'{value:.15g}'):f}"


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
