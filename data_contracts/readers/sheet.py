"""One delivered sheet as text: columns under their headers, rows under the numbers an office sees."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data_contracts.problems import UnreadableError

MAX_COLUMNS: Final = 1_000
MAX_LETTERS: Final = 32_767  # what a cell of a spreadsheet can hold
T = TypeVar("T")
BLANKS: Final = " \t\r\n\f\v\u00a0\u2002\u2003\u2009\u200b\u3000\ufeff"
Damage = Literal["digits_lost", "error_value", "no_result", "merged", "from_1904"]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The cells of one sheet, all text.

    Attributes:
        file: Path relative to the delivered folder.
        name: Sheet of a workbook, empty for any other file.
        columns: Header (trimmed) to its cells; arrays of string, all of one length; an empty or missing text is an
            empty cell. Columns without a header are left out, rows without any cell too.
        rows: int64, 1 = first line of the sheet (the header's), or the first record where there is no header line.
        damage: By header and position: what the spreadsheet program has done to the cell; `from_1904` marks a number
            that means a later day than elsewhere, should its column hold days.
        cover: By header and position of a cell below the first of a merged block, the position of that first cell;
            its `damage` is `merged`.
        sparse: Whether records name their own keys, so that a column nobody names is empty and not forgotten.
    """

    file: str
    name: str
    columns: Mapping[str, pa.Array]
    rows: pa.Array
    damage: Mapping[str, Mapping[int, Damage]] = field(default_factory=dict)
    sparse: bool = False
    cover: Mapping[str, Mapping[int, int]] = field(default_factory=dict)

    @property
    def place(self) -> str:
        """File and sheet, as messages name them."""
        return f"{self.file}[{self.name}]" if self.name else self.file

    def __len__(self) -> int:
        return len(self.rows)


def header_key(header: str) -> str:
    """What makes two headers the same: letters without width, case and blanks.

    >>> header_key("投诉 编号 ") == header_key("投诉编号"), header_key("Year Built"), header_key("ID")
    (True, 'yearbuilt', 'id')
    """
    return "".join(unicodedata.normalize("NFKC", header).casefold().split()).strip("\u200b\ufeff")


def sheet_of(
    place: Sheet,
    headers: Sequence[str],
    cells: Sequence[pa.Array],
    first_row: int,
    damage: Mapping[int, Mapping[int, Damage]] | None = None,
    cover: Mapping[int, Mapping[int, int]] | None = None,
) -> Sheet:
    """Put *cells* under *headers*.

    Args:
        place: An empty sheet that says file, name and whether it is sparse.
        headers: As delivered; blank ones are passed over with their cells.
        cells: One array of text per header.
        first_row: Number of the first row of cells.
        damage: By place of the column and of the cell.
        cover: By place of the column and of the cell, the place of the first cell of its merged block.

    Raises:
        UnreadableError: Repeated headers, too many columns, a cell too long, or no header at all.
    """
    if len(headers) > MAX_COLUMNS:
        raise UnreadableError("sheet.wide", place.place, found=len(headers), allowed=MAX_COLUMNS)
    named = [(index, header.strip(BLANKS)) for index, header in enumerate(headers) if header.strip(BLANKS)]
    _refuse_repeats(place, [header for _, header in named])
    for index, header in named:
        _refuse_long(place, header, cells[index], first_row)
    spoiled = _spoiled_rows([(damage or {}).get(index, {}) for index, _ in named])
    kept = np.union1d(_rows_with_cells([cells[index] for index, _ in named]), spoiled)
    if not named:
        raise UnreadableError("sheet.empty", place.place)
    whole = len(kept) == len(cells[0])
    columns = {header: cells[index] if whole else cells[index].take(pa.array(kept)) for index, header in named}
    moved = {int(old): new for new, old in enumerate(kept)} if damage else {}
    damaged = {header: _moved((damage or {}).get(index, {}), moved) for index, header in named}
    covered = {
        header: {
            at: moved[first] for at, first in _moved((cover or {}).get(index, {}), moved).items() if first in moved
        }
        for index, header in named
    }
    return Sheet(
        place.file,
        place.name,
        columns,
        pa.array(kept + first_row),
        {header: found for header, found in damaged.items() if found},
        place.sparse,
        {header: found for header, found in covered.items() if found},
    )


def _refuse_long(place: Sheet, header: str, cells: pa.Array, first_row: int) -> None:
    """A cell that no spreadsheet can hold; looking for its like among words would take minutes."""
    if (pc.max(pc.binary_length(cells)).as_py() or 0) <= MAX_LETTERS:  # bytes are told without looking at them
        return
    letters = pc.utf8_length(cells)
    if (most := pc.max(letters).as_py()) > MAX_LETTERS:
        line = first_row + pc.index(letters, most).as_py()
        raise UnreadableError("cell.long", place.place, line=line, column=header, found=most, allowed=MAX_LETTERS)


def _spoiled_rows(damage: Sequence[Mapping[int, Damage]]) -> np.ndarray:
    """Rows that count as filled because of what happened to a cell; the foot of a merged block is none."""
    rows = {row for found in damage for row, kind in found.items() if kind != "merged"}
    return np.array(sorted(rows), dtype=np.int64)


def _moved(found: Mapping[int, T], moved: Mapping[int, int]) -> dict[int, T]:
    """By new position, without the rows that are left out."""
    return {moved[old]: value for old, value in found.items() if old in moved}


def _refuse_repeats(place: Sheet, headers: Sequence[str]) -> None:
    seen: dict[str, str] = {}
    for header in headers:
        if header_key(header) in seen:
            raise UnreadableError("header.repeated", place.place, found=header)
        seen[header_key(header)] = header


def _rows_with_cells(cells: Sequence[pa.Array]) -> np.ndarray:
    """Positions of the rows that are not blank from end to end; most are told by their first cells."""
    if not cells:
        return np.empty(0, dtype=np.int64)
    undecided = np.arange(len(cells[0]))
    for column in cells:
        blank = pc.equal(pc.utf8_trim(column.take(pa.array(undecided)), characters=BLANKS), "")
        undecided = undecided[pc.fill_null(blank, True).to_numpy(zero_copy_only=False)]
        if len(undecided) == 0:
            break
    kept = np.ones(len(cells[0]), dtype=bool)
    kept[undecided] = False
    return np.flatnonzero(kept)
