"""Every delivered file opened once, every sheet read once, and who needs it."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final

from data_contracts.intake.came_back import came_back, read_decisions
from data_contracts.intake.corrections import Correction, Corrections, corrected, read_corrections
from data_contracts.intake.left_over import left_over
from data_contracts.intake.persons import shown_names
from data_contracts.linking import Decisions
from data_contracts.mapping import TableMapping
from data_contracts.mapping.claims import claim, sheet_for
from data_contracts.model import Contract
from data_contracts.personal import masked
from data_contracts.problems import Problem, UnreadableError, shown
from data_contracts.readers import FOREIGN, SUFFIXES, Delivered, Fence, Sheet, header_key, open_delivered

Progress = Callable[[str, int, int], None]
CODES: Final = "codes"
MAX_DEPTH: Final = 50


@dataclass(frozen=True, slots=True)
class Input:
    """One delivered file that was read.

    Attributes:
        path: Relative to the delivered folder, with forward slashes; masked where it leads to a person.
        sha256: Of its bytes.
        bytes: Its size.
        rows: Delivered rows, headers and blank rows not counted; 0 where it could not be read.
    """

    path: str
    sha256: str
    bytes: int
    rows: int


@dataclass(slots=True)
class Batch:
    """What was read.

    Attributes:
        sheets: In the order of their files.
        feeds: Per table, places in *sheets*, in that order.
        inputs: Files that were opened, by path; the code lists of this package come last.
        unclaimed: Files that nothing claims.
        problems: Faults of files and sheets.
        incomplete: Tables that lack a file or sheet because of a problem.
        corrected: Cells that came back corrected: table, file, sheet, row, header, before, after.
        mended: By file, the fix workbooks that came back for it: name and SHA-256.
        decisions: Of clerks about the places that tickets tell in words.
    """

    sheets: list[Sheet] = field(default_factory=list)
    feeds: dict[str, list[int]] = field(default_factory=dict)
    inputs: tuple[Input, ...] = ()
    unclaimed: tuple[str, ...] = ()
    problems: list[Problem] = field(default_factory=list)
    incomplete: set[str] = field(default_factory=set)
    corrected: list[tuple[str, str, str, int, str, str, str]] = field(default_factory=list)
    mended: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    decisions: Decisions = field(default_factory=Decisions)

    def refuse(self, error: UnreadableError, contracts: Mapping[str, Contract], *tables: str) -> None:
        """Note a fault that *tables* suffer from, in the language of the first."""
        self.problems.append(error.problem(contracts[tables[0]].language, masked))
        self.incomplete.update(tables)


def gather(
    folder: Path,
    contracts: Mapping[str, Contract],
    mappings: Mapping[str, TableMapping],
    progress: Progress | None,
    corrections: Path | None = None,
) -> Batch:
    """Read what the tables claim of *folder*, with the rows that came back in *corrections*.

    Raises:
        NotADirectoryError: *folder* is not a folder.
    """
    if not folder.is_dir():
        raise NotADirectoryError(f"found no folder {folder}, allowed: a folder of delivered files")
    closed: list[UnreadableError] = []
    files = sorted(_files(folder, closed))
    claims, names = claim(files, contracts, mappings), shown_names(files)
    batch = Batch(feeds={table: [] for table in contracts}, unclaimed=tuple(names[file] for file in claims.unclaimed))
    for error in closed:  # what lies in there could be of any table
        batch.refuse(error, contracts, *contracts)
    for table, error in claims.problems:
        batch.refuse(error, contracts, table)
    users: dict[str, list[str]] = {}
    for table, found in claims.files.items():
        for file in found:
            users.setdefault(file, []).append(table)
    with Fence() as fence:
        named = {file: (names[file], tables) for file, tables in users.items()}
        inputs = list(_inputs(folder, named, batch, contracts, mappings, fence, progress))
        inputs += _references(batch, contracts, mappings, fence)
        if corrections is not None:
            returned = came_back(corrections, fence)
            for problem in returned.problems:
                batch.refuse(problem, contracts, next(iter(contracts)))
            inputs += _correct(batch, read_corrections(returned.fixes), inputs, contracts)
            inputs += _decide(batch, returned.queues, contracts)
    batch.inputs = tuple(inputs)
    return batch


def _inputs(
    folder: Path,
    users: Mapping[str, tuple[str, list[str]]],
    batch: Batch,
    contracts: Mapping[str, Contract],
    mappings: Mapping[str, TableMapping],
    fence: Fence,
    progress: Progress | None,
) -> Iterator[Input]:
    """Read the files that tables use, in the order of their paths; each with what it is called from here on."""
    for done, (file, (name, tables)) in enumerate(sorted(users.items())):
        if progress:
            progress("read", done, len(users))
        try:
            delivered = open_delivered(folder / file, name, fence)
        except UnreadableError as error:
            batch.refuse(error, contracts, *tables)
            continue
        rows = _read(delivered, tables, batch, contracts, mappings)
        yield Input(name, delivered.sha256, delivered.size, rows)
    if progress:
        progress("read", len(users), len(users))


def _correct(
    batch: Batch, corrections: Corrections, inputs: list[Input], contracts: Mapping[str, Contract]
) -> list[Input]:
    """Put the rows that came back in the place of those that were sent out; the fix workbooks are inputs too."""
    first = next(iter(contracts))
    for problem in corrections.problems:
        batch.refuse(problem, contracts, first)
    digests = {one.path: one.sha256 for one in inputs}
    by_place: dict[tuple[int, str, str], list[Correction]] = {}
    for one in corrections.rows:
        by_place.setdefault((one.turn, one.file, one.sheet), []).append(one)
    places = {(sheet.file, sheet.name): place for place, sheet in enumerate(batch.sheets)}
    for (_, file, name), rows in by_place.items():
        table = rows[0].table if rows[0].table in contracts else first
        try:
            _refuse_other_files(rows[0], (file, name) in places, corrections.digests.get(file) == digests.get(file))
            sheet, changed = corrected(batch.sheets[places[file, name]], rows)
        except UnreadableError as error:
            batch.refuse(error, contracts, table)
            continue
        batch.sheets[places[file, name]] = sheet
        batch.corrected.extend((table, file, name, *cell) for cell in changed)
    batch.mended = corrections.mended
    return [Input(masked(name), digest, size, rows) for name, digest, size, rows in corrections.inputs]


def _decide(batch: Batch, queues: list[Delivered], contracts: Mapping[str, Contract]) -> list[Input]:
    """Take over what clerks decided about places; their workbooks are inputs too."""
    batch.decisions, read, problems = read_decisions(queues)
    for problem in problems:
        batch.refuse(problem, contracts, next(iter(contracts)))
    return [Input(masked(name), digest, size, rows) for name, digest, size, rows in read]


def _refuse_other_files(one: Correction, known: bool, same: bool) -> None:
    if not known:
        raise UnreadableError("correction.unknown", one.source, found=f"{one.file} {one.sheet}".strip())
    if not same:
        raise UnreadableError("correction.stale", one.source, found=one.file)


def _references(
    batch: Batch, contracts: Mapping[str, Contract], mappings: Mapping[str, TableMapping], fence: Fence
) -> Iterator[Input]:
    """Read the code lists that tables are held in, unless the delivery brings a table of its own."""
    for table, contract in contracts.items():
        if contract.reference and not batch.feeds[table] and table not in batch.incomplete:
            with as_file(files("data_contracts") / CODES / contract.reference) as path:
                delivered = open_delivered(path, f"{CODES}/{contract.reference}", fence)
            rows = _read(delivered, [table], batch, contracts, mappings)
            yield Input(delivered.file, delivered.sha256, delivered.size, rows)


def _read(
    delivered: Delivered,
    tables: list[str],
    batch: Batch,
    contracts: Mapping[str, Contract],
    mappings: Mapping[str, TableMapping],
) -> int:
    """Read the sheets that *tables* need of one file; how many rows they have."""
    wanted: dict[str, list[str]] = {}
    for table in tables:
        mapping = mappings.get(table, TableMapping(table))
        try:
            sheet = sheet_for(delivered.sheets, delivered.file, contracts[table], mapping)
        except UnreadableError as error:
            batch.refuse(error, contracts, table)
            continue
        wanted.setdefault(sheet, []).append(table)
    rows = 0
    for name, users in wanted.items():
        try:
            known = {key for table in users for key in _headers(contracts[table], mappings.get(table))}
            sheet_read = delivered.read(name, known)
            sheet_read = replace(sheet_read, name=shown(masked(sheet_read.name)))
        except UnreadableError as error:
            batch.refuse(error, contracts, *users)
            continue
        for table in users:
            batch.feeds[table].append(len(batch.sheets))
        batch.sheets.append(sheet_read)
        rows += len(sheet_read)
    for table in tables if wanted else ():
        for fault in left_over(delivered, wanted, contracts[table], mappings.get(table, TableMapping(table))):
            batch.refuse(fault, contracts, table)
    return rows


def _headers(contract: Contract, mapping: TableMapping | None) -> Iterator[str]:
    """Keys of every header under which a column of the table may stand."""
    for column in contract.columns:
        yield from map(header_key, (column.title, column.name, *column.aliases))
    if mapping is not None:
        yield from (header_key(word) for words in mapping.columns.values() for word in words)
        if mapping.unpivot is not None:
            yield from map(header_key, (*mapping.unpivot.headers, *mapping.unpivot.all_but))


def _files(folder: Path, closed: list[UnreadableError]) -> Iterator[str]:
    """Files below *folder*, without hidden ones and the lock files that office programs leave.

    Args:
        folder: Of the delivery.
        closed: Takes the folders that cannot be looked into.
    """

    def note(error: OSError) -> None:
        found = "no permission" if error.errno == errno.EACCES else error.strerror
        place = masked(os.path.relpath(error.filename, folder))
        closed.append(UnreadableError("folder.unreadable", place, found=found))

    for at, folders, names in os.walk(folder, onerror=note, followlinks=False):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for path in [Path(at) / name for name in folders]:
            if (error := _refused(path, folder)) is not None:
                closed.append(error)
                folders.remove(path.name)
        for name in names:
            if not name.startswith((".", "~$")):
                yield (Path(at) / name).relative_to(folder).as_posix()


def _refused(path: Path, folder: Path) -> UnreadableError | None:
    """Why nobody looks into the folder *path* of the delivery, if so."""
    below = path.relative_to(folder)
    if path.suffix.lower() in (*SUFFIXES, *FOREIGN):
        return UnreadableError("file.special", masked(below.as_posix()), found="folder")
    found = "link" if path.is_symlink() else "too deep" if len(below.parts) > MAX_DEPTH else ""
    return UnreadableError("folder.unreadable", masked(below.as_posix()), found=found) if found else None
