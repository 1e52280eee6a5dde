"""Spreadsheet workbooks: raw typed cells turned to text without losing an id.

This runs in the fenced child process. A spreadsheet keeps 15 significant digits. A whole number of at most 15 is
printed in full; a longer one was an id whose last digits are gone, so it is marked as damaged instead of passed on as
a plausible wrong code.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from itertools import islice
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import python_calamine as calamine

from data_contracts.problems import UnreadableError
from data_contracts.readers import open_document
from data_contracts.readers.archive import unpacked
from data_contracts.readers.binary import BinaryBook
from data_contracts.readers.grid import Grid
from data_contracts.readers.sheet import MAX_COLUMNS, Damage
from data_contracts.readers.spoiled import counts_from_1904, spoiled_cells

EXACT_BELOW: Final = 10**15
MAX_CELLS: Final = 30_000_000
BLOCK: Final = 8_192
KINDS: Final = ".xlsx, .xls, .ods"
_ZIPPED: Final = (".xlsx", ".ods")
_PANIC: Final = "pyo3_runtime"  # what the fast reader raises where its own code is at fault is no Exception
_MACRO_STORAGE: Final = "_VBA_PROJECT".encode("utf-16-le")

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
    _parts: Mapping[str, bytes]
    _spoiled: Callable[[str], Mapping[tuple[int, int], Damage]]
    _from_1904: bool
    _most_written: int = MAX_CELLS  # cells with something in them: none is shorter than a byte

    @classmethod
    def of(cls, data: bytes, file: str, suffix: str) -> Workbook:
        """Open the bytes of a workbook.

        Raises:
            UnreadableError: Broken, encrypted, with macros, or packed beyond measure.
        """
        with _broken_named(file):
            if suffix not in _ZIPPED and _MACRO_STORAGE in data:
                raise UnreadableError("file.macros", file)
            parts = unpacked(data, file) if suffix in _ZIPPED else {}
            book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        visible, worksheet = calamine.SheetVisibleEnum.Visible, calamine.SheetTypeEnum.WorkSheet
        names = (sheet.name for sheet in book.sheets_metadata if (sheet.visible, sheet.typ) == (visible, worksheet))
        if suffix == ".xls":
            binary = BinaryBook.of(data)
            return cls(file, tuple(names), book, {}, binary.errors, binary.counts_from_1904)
        if suffix == ".ods":
            content = parts.get("content.xml", b"")
            spoiled = partial(open_document.spoiled_cells, content)
            return cls(file, tuple(names), book, {}, spoiled, False, len(content))
        return cls(file, tuple(names), book, parts, lambda name: spoiled_cells(parts, name), counts_from_1904(parts))

    def read(self, name: str) -> Grid:
        """The cells of one sheet, from its first row that is not blank.

        Raises:
            UnreadableError: No rows, too many cells, a broken sheet.
        """
        place = f"{self.file}[{name}]"
        with _broken_named(place):
            sheet = self._book.get_sheet_by_name(name)
            if sheet.start is None:
                raise UnreadableError("sheet.empty", place)
            if sheet.width > MAX_COLUMNS:
                raise UnreadableError("sheet.wide", place, found=sheet.width, allowed=MAX_COLUMNS)
            if sheet.width * sheet.height > MAX_CELLS:
                raise UnreadableError("sheet.large", place, found=f"{sheet.height} x {sheet.width}", allowed=MAX_CELLS)
            (top, left), width = sheet.start, sheet.width
            columns, damage, skipped = _columns(sheet, width, top, _Written(place, self._most_written))
            spoiled = self._spoiled(name)
            merged = (sheet.merged_cell_ranges or []) if self._may_merge() else []
        top += skipped
        size = len(columns[0]) if columns else 0
        if self._from_1904:
            damage |= {place: "from_1904" for place in _five_digits(columns) if place not in damage}
        for (row, column), kind in spoiled.items():
            if 0 <= row - top < size and 0 <= column - left < width:
                damage[row - top, column - left] = kind
        blocks = [(a - top, b - left, c - top, d - left) for (a, b), (c, d) in merged if c >= top and b >= left]
        return Grid(columns, top + 1, damage, blocks)

    def _may_merge(self) -> bool:
        """Asking for merged cells reads the sheet again."""
        return not self._parts or any(b"mergeCell" in part for part in self._parts.values())


def _five_digits(columns: Sequence[pa.Array]) -> Iterator[tuple[int, int]]:
    """Row and column of each cell that could be the number of a day."""
    for place, column in enumerate(columns):
        for row in np.flatnonzero(
            pc.match_substring_regex(column, "^[0-9]{5}$").to_numpy(zero_copy_only=False)
        ).tolist():
            yield row, place


@dataclass(slots=True)
class _Written:
    """Counts cells with something in them: in an .ods one row can stand for a million."""

    place: str
    most: int
    count: int = 0

    def add(self, texts: pa.Array) -> None:
        """Count one column of a block.

        Raises:
            UnreadableError: There are more than the file has bytes for.
        """
        self.count += pc.sum(pc.not_equal(texts, "")).as_py() or 0
        if self.count > self.most:
            raise UnreadableError("sheet.repeated", self.place, found=self.count, allowed=self.most)


def _columns(
    sheet: calamine.CalamineSheet, width: int, top: int, written: _Written
) -> tuple[list[pa.Array], dict[tuple[int, int], Damage], int]:
    """Columns as text, cells whose digits are lost, and how many blank rows there were before.

    Rows are taken in blocks, so that the cells of a large sheet are never all Python objects at once.
    """
    rows: Iterator[Sequence[Cell]] = islice(iter(sheet.iter_rows()), top, None)
    skipped = 0
    parts: list[list[pa.Array]] = []
    damage: dict[tuple[int, int], Damage] = {}
    done = 0
    while block := list(islice(rows, BLOCK)):
        if not parts:
            blank = next((at for at, row in enumerate(block) if any(cell != "" for cell in row)), len(block))
            skipped, block = skipped + blank, block[blank:]
            if not block:
                continue
        made = [_column(values) for values in zip(*block, strict=True)][-width:]
        parts.append([texts for texts, _ in made])
        for texts in parts[-1]:
            written.add(texts)
        damage |= {(done + row, place): kind for place, (_, lost) in enumerate(made) for row, kind in lost.items()}
        done += len(block)
    return (
        [pa.concat_arrays([part[place] for part in parts]) for place in range(width)] if parts else [],
        damage,
        skipped,
    )


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
    except BaseException as error:
        if type(error).__module__ != _PANIC:
            raise
        raise UnreadableError("file.unreadable", place, found=_first_line(error), allowed=KINDS) from None


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


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
