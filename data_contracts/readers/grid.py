"""A rectangle of text as it was delivered, and where in it the header stands.

A clerk's sheet begins with titles, units and notes, and may group its columns under a second row of headers. Which row
is the header follows from the words that a contract knows; a sheet in which none of them occurs begins with its first
row, so that the message can say what was found there.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import pyarrow as pa

from data_contracts.problems import UnreadableError
from data_contracts.readers.sheet import BLANKS, Damage, Sheet, header_key, sheet_of

TITLE_ROWS: Final = 20
MAX_COVERED: Final = 500_000


@dataclass(frozen=True, slots=True)
class Grid:
    """The cells of one sheet from its first row that is not blank.

    Attributes:
        columns: Arrays of string, all of one length; an empty text is an empty cell.
        first_row: Number of the first of these rows as the office sees it.
        damage: By row and column, both from 0 in this grid.
        merged: Blocks of merged cells: first row, first column, last row, last column.
    """

    columns: Sequence[pa.Array]
    first_row: int
    damage: Mapping[tuple[int, int], Damage] = field(default_factory=dict)
    merged: Sequence[tuple[int, int, int, int]] = ()

    def __len__(self) -> int:
        return len(self.columns[0]) if self.columns else 0

    def top(self, rows: int) -> list[list[str]]:
        """The trimmed texts of the first *rows* rows."""
        columns = [
            [(text or "").strip(BLANKS) for text in column.slice(0, rows).to_pylist()] for column in self.columns
        ]
        return [list(row) for row in zip(*columns, strict=True)]


def sheet_under_header(place: Sheet, grid: Grid, known: Collection[str]) -> Sheet:
    """The cells of *grid* under its header.

    Args:
        place: An empty sheet that says file and name.
        grid: As delivered.
        known: Keys (`header_key`) of all headers that some contract knows; empty: the first row is the header.

    Raises:
        UnreadableError: Repeated headers, too many columns, or not even a header. A header alone is a delivery of
            no rows: a county without penalties sends just that.
    """
    headers, used = header_of(grid.top(TITLE_ROWS + 1 if known else 1), frozenset(known))
    if len(grid) < used:
        raise UnreadableError("sheet.empty", place.place)
    cells = [column.slice(used) for column in grid.columns]
    damage: dict[int, dict[int, Damage]] = {}
    for (row, column), kind in grid.damage.items():
        if row >= used and column < len(cells):
            damage.setdefault(column, {})[row - used] = kind
    cover = _covered(place, grid, used)
    for column, rows in cover.items():
        damage.setdefault(column, {}).update(dict.fromkeys(rows, "merged"))
    return sheet_of(place, headers, cells, grid.first_row + used, damage, cover)


def header_of(top: Sequence[Sequence[str]], known: frozenset[str]) -> tuple[list[str], int]:
    """The headers, and how many rows they and the titles above them take.

    Args:
        top: The first rows.
        known: Keys of known headers.

    >>> header_of([["投诉工单汇总", ""], ["编号", "小区"], ["1", "翠湖苑"]], frozenset({"编号", "小区"}))
    (['编号', '小区'], 2)
    >>> header_of([["编号", "日期", ""], ["", "受理", "办结"], ["1", "a", "b"]], frozenset({"编号", "受理", "办结"}))
    (['编号', '受理', '办结'], 2)
    """
    counts = [sum(header_key(cell) in known for cell in row) for row in top]
    best = max(counts, default=0)
    if not best:
        return list(top[0]) if top else [], 1
    at = counts.index(best)
    for upper in (at - 1, at):
        if 0 <= upper < len(top) - 1 and counts[upper + 1] + counts[upper] > best:
            joined = _joined(top[upper], top[upper + 1], known)
            if sum(header_key(cell) in known for cell in joined) > best and _all_headers(
                top[upper + 1], known, top[upper]
            ):
                return joined, upper + 2
    return list(top[at]), at + 1


def _joined(upper: Sequence[str], lower: Sequence[str], known: frozenset[str]) -> list[str]:
    """One header per column: of the lower word, the upper and both together, the first that is known."""
    group, headers = "", []
    for above, below in zip(upper, lower, strict=True):
        group = above or group
        words = (below, above, group + below)
        fits = (word for word in words if header_key(word) in known)
        headers.append(next(fits, below or above))
    return headers


def _all_headers(lower: Sequence[str], known: frozenset[str], upper: Sequence[str]) -> bool:
    """Whether a row can be the second row of a header: a known column's own cell below its header would be data."""
    return all(
        not below or header_key(below) in known or header_key(above) not in known
        for below, above in zip(lower, upper, strict=True)
    )


def _covered(place: Sheet, grid: Grid, used: int) -> dict[int, dict[int, int]]:
    """By column and row below the header, the row whose text a merged cell shows."""
    cover: dict[int, dict[int, int]] = {}
    count = 0
    for top, left, bottom, right in grid.merged:
        columns = range(left, min(right + 1, len(grid.columns)))
        rows = range(max(top, used), min(bottom + 1, len(grid)))
        count += len(columns) * len(rows)
        if count > MAX_COVERED:
            raise UnreadableError("sheet.merged", place.place, found=MAX_COVERED, allowed=MAX_COVERED)
        for column in columns:
            for row in rows:
                if (row, column) != (top, left):
                    cover.setdefault(column, {})[row - used] = top - used if column == left and top >= used else -1
    return cover
