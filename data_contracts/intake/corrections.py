"""Workbooks that come back: mended rows replace the rows they were made from, decisions hold for their tickets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from data_contracts.linking import CONFIRMED, EXAMPLE, TICKETS, Decisions, decisions_of
from data_contracts.personal import MASK, masked
from data_contracts.problems import UnreadableError
from data_contracts.readers import Delivered, Fence, Sheet, header_key, open_delivered
from data_contracts.workbook.queue import QUEUE_HEADERS, QUEUE_PREFIX
from data_contracts.workbook.returned import DROP, FIX_PREFIX, MEND, PLACE_HEADERS, PLACES_SHEET, REASON_HEADERS

SUFFIX = ".xlsx"
_TABLES = frozenset({SUFFIX, ".xls", ".xlsm", ".xlsb", ".ods", ".et", ".csv"})
MAX_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Correction:
    """One row as it should have been delivered.

    Attributes:
        source: The fix workbook and its sheet, for messages.
        table: Contract table whose rows it mends.
        file, sheet, row: Place of the row it replaces.
        cells: By delivered header; None takes the row out.
    """

    source: str
    table: str
    file: str
    sheet: str
    row: int
    cells: Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class Corrections:
    """What came back.

    Attributes:
        rows: In the order of files, sheets and rows.
        digests: Of each original file as it was when the fix workbooks were made.
        inputs: The fix workbooks: name, SHA-256 and size.
        problems: Of fix workbooks that cannot be used.
    """

    rows: tuple[Correction, ...] = ()
    digests: Mapping[str, str] = field(default_factory=dict)
    inputs: tuple[tuple[str, str, int, int], ...] = ()
    problems: tuple[UnreadableError, ...] = ()


def read_corrections(folder: Path, fence: Fence) -> Corrections:
    """Read every fix workbook of *folder* (or the one file it is)."""
    paths = _returned(folder, FIX_PREFIX)
    rows: list[Correction] = []
    digests: dict[str, str] = {}
    inputs: list[tuple[str, str, int, int]] = []
    problems: list[UnreadableError] = []
    for path in paths:
        try:
            delivered = open_delivered(path, path.name, fence)
            found, files = _read(delivered)
        except UnreadableError as error:
            problems.append(error)
            continue
        rows.extend(found)
        problems.extend(
            UnreadableError("correction.stale", path.name, found=file)
            for file, digest in files.items()
            if digests.setdefault(file, digest) != digest
        )
        inputs.append((path.name, delivered.sha256, delivered.size, len(found)))
    problems.extend(_twice(rows))
    return Corrections(tuple(rows), digests, tuple(inputs), tuple(problems))


def read_decisions(
    folder: Path, fence: Fence
) -> tuple[Decisions, list[tuple[str, str, int, int]], list[UnreadableError]]:
    """Read what clerks decided in the queue workbooks of *folder* (or in the one file it is).

    Returns:
        The decisions, each workbook's name, SHA-256, size and rows, and those that cannot be used.
    """
    answers: list[tuple[str, str, str, str]] = []
    inputs: list[tuple[str, str, int, int]] = []
    problems: list[UnreadableError] = []
    for path in _returned(folder, QUEUE_PREFIX):
        try:
            delivered = open_delivered(path, path.name, fence)
            sheet = _queue_sheet(delivered)
        except UnreadableError as error:
            problems.append(error)
            continue
        cells = (sheet.columns[header].to_pylist() for header in (CONFIRMED, TICKETS, EXAMPLE))
        answers += [
            (f"{path.name}:{row}", key or "", ids or "", example or "")
            for row, key, ids, example in zip(sheet.rows.to_pylist(), *cells, strict=True)
        ]
        inputs.append((path.name, delivered.sha256, delivered.size, len(sheet)))
    return decisions_of(answers), inputs, problems


def _queue_sheet(delivered: Delivered) -> Sheet:
    """The first sheet with the headers of a queue: offices put notes in front.

    Raises:
        UnreadableError: There is none.
    """
    for name in delivered.sheets:
        try:
            sheet = delivered.read(name, {header_key(header) for header in QUEUE_HEADERS})
        except UnreadableError:
            continue
        if {CONFIRMED, EXAMPLE, TICKETS} <= set(sheet.columns):
            return sheet
    raise UnreadableError("link.foreign", delivered.file, allowed="、".join(QUEUE_HEADERS))


def left_aside(folder: Path) -> list[str]:
    """Names of workbooks in *folder* that nobody can tell to be answers: renamed ones, or saved in another format."""
    kinds = (FIX_PREFIX, QUEUE_PREFIX)
    return [
        path.name
        for path in _files(folder)
        if path.suffix.lower() in _TABLES and not any(path in _returned(folder, kind) for kind in kinds)
    ]


def _returned(folder: Path, prefix: str) -> list[Path]:
    """Workbooks of one kind in *folder*, or *folder* itself when it is one; offices put words before our name."""
    return [path for path in _files(folder) if prefix in path.name and path.suffix.lower() == SUFFIX]


def _files(folder: Path) -> list[Path]:
    """Files in *folder*, without hidden ones and the lock files that office programs leave."""
    paths = [folder] if folder.is_file() else sorted(folder.iterdir())
    return [path for path in paths if path.is_file() and not path.name.startswith((".", "~$"))]


def corrected(sheet: Sheet, corrections: Sequence[Correction]) -> tuple[Sheet, list[tuple[int, str, str, str]]]:
    """*sheet* with its corrected rows, and each changed cell: row, header, before, after.

    Raises:
        UnreadableError: A row or a header that the sheet does not have.
    """
    at = {number: place for place, number in enumerate(sheet.rows.to_pylist())}
    delivered = {header: cells.to_pylist() for header, cells in sheet.columns.items()}
    columns = {header: list(cells) for header, cells in delivered.items()}
    damage = {header: dict(found) for header, found in sheet.damage.items()}
    dropped: set[int] = set()
    changed: list[tuple[int, str, str, str]] = []
    for one in corrections:
        if one.row not in at:
            raise UnreadableError("correction.unknown", one.source, found=f"{one.file} {one.row}")
        place = at[one.row]
        if one.cells is None:
            dropped.add(place)
            changed.append((one.row, "", "", DROP))
            continue
        for header, text in one.cells.items():
            if header not in columns:
                raise UnreadableError("correction.unknown", one.source, found=header)
            before = delivered[header][place] or ""
            if text in (before, MASK) or text == masked(before):
                continue  # an unchanged cell stays as damaged as it was
            columns[header][place] = text
            damage.get(header, {}).pop(place, None)
            changed.append((one.row, header, before, text))
    arrays = {header: pa.array(cells, pa.string()) for header, cells in columns.items()}
    return _without(replace(sheet, columns=arrays, damage=damage), dropped), changed


def _without(sheet: Sheet, dropped: set[int]) -> Sheet:
    if not dropped:
        return sheet
    kept = np.setdiff1d(np.arange(len(sheet)), np.array(sorted(dropped)))
    moved = {int(old): new for new, old in enumerate(kept)}
    columns = {header: cells.take(pa.array(kept)) for header, cells in sheet.columns.items()}
    damage = {
        header: {moved[place]: kind for place, kind in found.items() if place in moved}
        for header, found in sheet.damage.items()
    }
    cover = {
        header: {moved[place]: moved[first] for place, first in found.items() if place in moved and first in moved}
        for header, found in sheet.cover.items()
    }
    return replace(sheet, columns=columns, rows=sheet.rows.take(pa.array(kept)), damage=damage, cover=cover)


def _read(delivered: Delivered) -> tuple[list[Correction], dict[str, str]]:
    """Rows and digests of one fix workbook; its hidden sheet says which of its sheets hold rows, and of which files."""
    try:
        places = delivered.read(PLACES_SHEET, ())
    except UnreadableError:
        raise UnreadableError("correction.foreign", delivered.file) from None
    if list(places.columns)[:3] != ["kind", "name", "table or digest"]:
        raise UnreadableError("correction.foreign", delivered.file)
    kinds, names, words = (places.columns[name].to_pylist() for name in list(places.columns)[:3])
    listed = list(zip(kinds, names, words, strict=True))
    files = {name: word for kind, name, word in listed if kind == "file"}
    rows = [
        row
        for kind, name, table in listed
        if kind == "sheet" and name in delivered.sheets
        for row in _rows(delivered, name, table)
    ]
    return rows, files


def _rows(delivered: Delivered, name: str, table: str) -> Iterator[Correction]:
    sheet = delivered.read(name, {header_key(header) for header in PLACE_HEADERS})
    if missing := [header for header in PLACE_HEADERS if header not in sheet.columns]:
        listed = ", ".join(PLACE_HEADERS)
        raise UnreadableError("header.missing", sheet.place, column=missing[0], found="", allowed=listed)
    files, sheets, numbers, doings = (sheet.columns[header].to_pylist() for header in PLACE_HEADERS)
    own = [header for header in sheet.columns if header not in (*PLACE_HEADERS, *REASON_HEADERS)]
    cells = {header: sheet.columns[header].to_pylist() for header in own}
    for at, (file, of, number, doing) in enumerate(zip(files, sheets, numbers, doings, strict=True)):
        if not number or not number.isdecimal() or len(number) > MAX_DIGITS:
            continue  # the note below the last row
        if (doing or MEND) not in (MEND, DROP):
            raise UnreadableError("correction.unknown", sheet.place, found=doing)
        texts = None if doing == DROP else {header: cells[header][at] or "" for header in own}
        yield Correction(sheet.place, table, file or "", of or "", int(number), texts)


def _twice(rows: Sequence[Correction]) -> Iterator[UnreadableError]:
    """Two answers to one question are no answer."""
    seen: dict[tuple[str, str, str, int], str] = {}
    for row in rows:
        place = (row.table, row.file, row.sheet, row.row)
        if place in seen:
            yield UnreadableError("correction.twice", row.source, found=f"{row.file} {row.row}")
        seen[place] = row.source
