"""What lies in the folder of workbooks that came back: every one of them is used or refused, whatever it is called."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from data_contracts.linking import CONFIRMED, EXAMPLE, TICKETS, Decisions, decisions_of
from data_contracts.problems import UnreadableError
from data_contracts.readers import FOREIGN, SUFFIXES, Delivered, Fence, Sheet, header_key, open_delivered
from data_contracts.workbook.annotated import is_untouched
from data_contracts.workbook.queue import QUEUE_HEADERS, QUEUE_PREFIX

_TABLES: Final = {*SUFFIXES, *FOREIGN} - {".json", ".parquet"}


@dataclass(frozen=True, slots=True)
class CameBack:
    """The workbooks of a folder.

    Attributes:
        fixes: Rows that were mended.
        queues: Tickets whose place a clerk has named.
        problems: Workbooks that are neither, or cannot be opened.
    """

    fixes: list[Delivered] = field(default_factory=list)
    queues: list[Delivered] = field(default_factory=list)
    problems: list[UnreadableError] = field(default_factory=list)

    def add(self, book: Delivered) -> None:
        """Put a workbook where it belongs; an annotated copy is no answer, and may not look like one."""
        untouched = is_untouched(book)
        if untouched is None:
            (self.queues if _is_queue(book) else self.fixes).append(book)
        elif not untouched:
            self.problems.append(UnreadableError("correction.annotated", book.file))


def came_back(folder: Path, fence: Fence) -> CameBack:
    """Open every workbook in *folder* and the folders in it (or the one file it is); one that is there twice, once."""
    found = CameBack()
    seen: set[str] = set()
    for path, name in sorted(_tables(folder), key=lambda one: one[1]):
        try:
            book = open_delivered(path, name, fence)
        except UnreadableError as error:
            found.problems.append(error)
            continue
        if book.sha256 not in seen:
            seen.add(book.sha256)
            found.add(book)
    return found


def _is_queue(book: Delivered) -> bool:
    """By the name of a sheet or its own: a clerk changes the one or the other, or puts notes in front."""
    return QUEUE_PREFIX in book.sheets or QUEUE_PREFIX in book.file.rpartition("/")[2]


def _tables(folder: Path) -> Iterator[tuple[Path, str]]:
    """Files that may hold answers, and what messages call them; reports and notes beside them are none."""
    if folder.is_file():
        yield folder, folder.name
        return
    for at, folders, names in os.walk(folder, followlinks=False):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            if Path(name).suffix.lower() in _TABLES and not name.startswith((".", "~$")):
                yield Path(at) / name, (Path(at) / name).relative_to(folder).as_posix()


def read_decisions(books: list[Delivered]) -> tuple[Decisions, list[tuple[str, str, int, int]], list[UnreadableError]]:
    """Read what clerks decided in the queue workbooks.

    Returns:
        The decisions, each workbook's name, SHA-256, size and rows, and those that cannot be used.
    """
    answers: list[tuple[str, str, str, str]] = []
    inputs: list[tuple[str, str, int, int]] = []
    problems: list[UnreadableError] = []
    for book in books:
        try:
            sheet = _queue_sheet(book)
        except UnreadableError as error:
            problems.append(error)
            continue
        cells = (sheet.columns[header].to_pylist() for header in (CONFIRMED, TICKETS, EXAMPLE))
        answers += [
            (f"{book.file}:{row}", key or "", ids or "", example or "")
            for row, key, ids, example in zip(sheet.rows.to_pylist(), *cells, strict=True)
        ]
        inputs.append((book.file, book.sha256, book.size, len(sheet)))
    return decisions_of(answers), inputs, problems


def _queue_sheet(book: Delivered) -> Sheet:
    """The first sheet with the headers of a queue: offices put notes in front.

    Raises:
        UnreadableError: There is none.
    """
    for name in book.sheets:
        try:
            sheet = book.read(name, {header_key(header) for header in QUEUE_HEADERS})
        except UnreadableError:
            continue
        if {CONFIRMED, EXAMPLE, TICKETS} <= set(sheet.columns):
            return sheet
    raise UnreadableError("link.foreign", book.file, allowed="、".join(QUEUE_HEADERS))
