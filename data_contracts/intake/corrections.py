"""Fix workbooks that come back: each mended row replaces the row it was made from, and no other.

Offices answer in rounds: what was still wrong goes out again, in a workbook that names those it was made after. It is
laid over them, so that every round may be kept in one folder.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa

from data_contracts.personal import MASK, masked
from data_contracts.problems import UnreadableError
from data_contracts.readers import Delivered, Sheet, header_key
from data_contracts.readers.sheet import BLANKS, Damage
from data_contracts.workbook.returned import DROP, MEND, PLACE_HEADERS, PLACES_SHEET, REASON_HEADERS, Origins

Answer = Mapping[str, tuple[str, Damage | None]]
MAX_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Correction:
    """One row as it should have been delivered.

    Attributes:
        source: The fix workbook and its sheet, for messages.
        table: Contract table whose rows it mends.
        file, sheet, row: Place of the row it replaces.
        cells: By delivered header; None takes the row out.
        damage: By header, what the spreadsheet program has done to a cell on its way back.
        turn: 0 in a workbook that was made from the delivery alone, one more with each that it was made after.
    """

    source: str
    table: str
    file: str
    sheet: str
    row: int
    cells: Mapping[str, str] | None
    damage: Mapping[str, Damage] = field(default_factory=dict)
    turn: int = 0


@dataclass(frozen=True, slots=True)
class Corrections:
    """What came back.

    Attributes:
        rows: In the order of turns, files, sheets and rows.
        digests: Of each original file as it was when the fix workbooks were made.
        mended: By original file, the fix workbooks that speak of it: name and SHA-256.
        inputs: The fix workbooks: name, SHA-256, size and rows.
        problems: Of fix workbooks that cannot be used.
    """

    rows: tuple[Correction, ...] = ()
    digests: Mapping[str, str] = field(default_factory=dict)
    mended: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    inputs: tuple[tuple[str, str, int, int], ...] = ()
    problems: tuple[UnreadableError, ...] = ()


def read_corrections(books: Iterable[Delivered]) -> Corrections:
    """Read every fix workbook."""
    found: dict[str, tuple[Delivered, Origins, list[Correction]]] = {}
    digests: dict[str, str] = {}
    mended: dict[str, list[tuple[str, str]]] = {}
    problems: list[UnreadableError] = []
    for book in books:
        try:
            origins = _origins(book)
            rows = [row for name, table in origins.sheets.items() for row in _rows(book, name, table, origins)]
        except UnreadableError as error:
            problems.append(error)
            continue
        found[book.sha256] = book, origins, rows
        for file, digest in origins.files.items():
            mended.setdefault(file, []).append((masked(book.file), book.sha256))
            if digests.setdefault(file, digest) != digest:
                problems.append(UnreadableError("correction.stale", book.file, found=file))
    turns = _turns({digest: origins for digest, (_, origins, _) in found.items()})
    for book, origins, _ in found.values():
        problems += [
            UnreadableError("correction.earlier", book.file, found=name)
            for digest, name in origins.after.items()
            if digest not in found
        ]
    numbered = [replace(row, turn=turns[digest]) for digest, (_, _, rows) in found.items() for row in rows]
    return Corrections(
        tuple(sorted(numbered, key=lambda row: row.turn)),
        digests,
        {file: tuple(names) for file, names in mended.items()},
        tuple((book.file, book.sha256, book.size, len(rows)) for book, _, rows in found.values()),
        tuple(problems),
    )


def _turns(books: Mapping[str, Origins]) -> dict[str, int]:
    """For each workbook how many came before it; none can name one that was made later."""
    turns: dict[str, int] = {}
    for digest in sorted(books, key=lambda one: len(books[one].after)):
        turns[digest] = max((turns.get(before, 0) + 1 for before in books[digest].after), default=0)
    return turns


def corrected(sheet: Sheet, corrections: Sequence[Correction]) -> tuple[Sheet, list[tuple[int, str, str, str]]]:
    """*sheet* with its corrected rows, and each changed cell: row, header, before, after.

    Args:
        sheet: As delivered, or as the turn before left it.
        corrections: Of one turn. A row that comes back as it was sent is no answer; equal answers are one.

    Raises:
        UnreadableError: A row or a header that the sheet does not have, or two answers to one question.
    """
    at = {number: place for place, number in enumerate(sheet.rows.to_pylist())}
    columns = {header: cells.to_pylist() for header, cells in sheet.columns.items()}
    damage = {header: dict(found) for header, found in sheet.damage.items()}
    dropped: set[int] = set()
    changed: list[tuple[int, str, str, str]] = []
    for row, answer in _answers(sheet, columns, corrections, at).items():
        place = at[row]
        if answer is None:
            dropped.add(place)
            changed.append((row, "", "", DROP))
            continue
        for header, (text, spoiled) in answer.items():
            changed.append((row, header, columns[header][place] or "", text))
            columns[header][place] = text
            damage.setdefault(header, {}).pop(place, None)
            if spoiled is not None:
                damage[header][place] = spoiled
    arrays = {header: pa.array(cells, pa.string()) for header, cells in columns.items()}
    return _without(replace(sheet, columns=arrays, damage=damage), dropped), changed


def _answers(
    sheet: Sheet,
    columns: Mapping[str, list[str | None]],
    corrections: Sequence[Correction],
    at: Mapping[int, int],
) -> dict[int, Answer | None]:
    """By row, the cells that were changed; None for a row that is taken out."""
    answers: dict[int, Answer | None] = {}
    given: dict[tuple[int, str], Answer | None] = {}
    for one in corrections:
        if one.row not in at:
            raise UnreadableError("correction.unknown", one.source, found=f"{one.file} {one.row}")
        answer = None if one.cells is None else _changed(sheet, columns, one, at[one.row])
        if answer == {}:
            continue
        known = answers.get(one.row, {})
        if given.setdefault((one.row, one.table), answer) != answer or _disagree(known, answer):
            raise UnreadableError("correction.twice", one.source, found=f"{one.file} {one.row}")
        answers[one.row] = None if answer is None or known is None else {**known, **answer}
    return answers


def _disagree(known: Answer | None, answer: Answer | None) -> bool:
    """Whether two tables made of one row want different texts in one cell."""
    if known is None or answer is None:
        return False
    return any(known[header] != cell for header, cell in answer.items() if header in known)


def _changed(sheet: Sheet, columns: Mapping[str, list[str | None]], one: Correction, place: int) -> Answer:
    """Cells that do not come back as they were sent; an unchanged cell stays as damaged as it was."""
    answer: dict[str, tuple[str, Damage | None]] = {}
    for header, text in (one.cells or {}).items():
        if header not in columns:
            raise UnreadableError("correction.unknown", one.source, found=header)
        before, spoiled = columns[header][place] or "", one.damage.get(header)
        as_sent = text in (before, MASK, masked(before))
        if not as_sent or (spoiled is not None and place not in sheet.damage.get(header, {})):
            answer[header] = text, spoiled
    return answer


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


def _origins(book: Delivered) -> Origins:
    """What the hidden sheet says the workbook was made from."""
    try:
        places = book.read(PLACES_SHEET, ())
    except UnreadableError:
        raise UnreadableError("correction.foreign", book.file) from None
    origins = Origins.of(places.columns)
    if origins is None:
        raise UnreadableError("correction.foreign", book.file)
    return origins


def _rows(book: Delivered, name: str, table: str, origins: Origins) -> Iterator[Correction]:
    if name not in book.sheets:
        raise UnreadableError("sheet.missing", book.file, found=name, allowed=", ".join(book.sheets))
    sheet = book.read(name, {header_key(header) for header in PLACE_HEADERS})
    if missing := [header for header in PLACE_HEADERS if header not in sheet.columns]:
        listed = ", ".join(PLACE_HEADERS)
        raise UnreadableError("header.missing", sheet.place, column=missing[0], found="", allowed=listed)
    own = [header for header in sheet.columns if header not in (*PLACE_HEADERS, *REASON_HEADERS)]
    lines = {header: [text or "" for text in cells.to_pylist()] for header, cells in sheet.columns.items()}
    for at, line in enumerate(sheet.rows.to_pylist()):
        file, of, number, doing = (lines[header][at].strip(BLANKS) for header in PLACE_HEADERS)
        cells = {header: lines[header][at] for header in own}
        if not number and not any(cells.values()):
            continue  # the note below the last row
        if not number.isdecimal() or len(number) > MAX_DIGITS:
            raise UnreadableError("correction.row", sheet.place, line=line, found=number)
        if int(number) not in origins.rows.get((file, of), ()):
            raise UnreadableError("correction.unknown", sheet.place, found=f"{file} {number}")
        if (doing or MEND) not in (MEND, DROP):
            raise UnreadableError("correction.unknown", sheet.place, found=doing)
        damage = {header: sheet.damage[header][at] for header in own if at in sheet.damage.get(header, {})}
        yield Correction(sheet.place, table, file, of, int(number), None if doing == DROP else cells, damage)
