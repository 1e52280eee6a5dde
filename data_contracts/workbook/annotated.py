"""A small original again, with its broken cells marked: every cell where its office put it.

It is written anew as text instead of being opened and changed: what stood in the original as a formula, a link or a
picture does not come back to anybody's desk.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from data_contracts.personal import MASK, masked
from data_contracts.problems import UnreadableError
from data_contracts.readers import Delivered, Sheet
from data_contracts.workbook.returned import Reason, ReturnedRows
from data_contracts.workbook.sheets import width_of, workbook, write_text

ANNOTATED_PREFIX: Final = "标注"
COPY_SHEET: Final = "_copy"
MAX_ROWS: Final = 1_000


def annotated_copies(returned: Sequence[ReturnedRows]) -> dict[str, bytes]:
    """A copy of each small sheet with a refused row, by file name; tables that share a sheet share its copy."""
    by_sheet: dict[tuple[str, str], list[ReturnedRows]] = {}
    for rows in returned:
        if rows.whole is not None and len(rows.whole) <= MAX_ROWS:
            by_sheet.setdefault((rows.sheet.file, rows.sheet.name), []).append(rows)
    copies: dict[str, bytes] = {}
    for (file, name), parts in sorted(by_sheet.items()):
        reasons: dict[int, list[Reason]] = {}
        for rows in parts:
            for number, found in rows.reasons.items():
                reasons.setdefault(number, []).extend(found)
        unasked = frozenset.intersection(*(rows.unasked for rows in parts))
        personal = unasked.union(*(rows.personal for rows in parts))
        whole = parts[0].whole or parts[0].sheet
        copies[_free_name(file, name, copies)] = annotated_copy(whole, reasons, personal)
    return copies


def _free_name(file: str, sheet: str, taken: Collection[str]) -> str:
    """Named after the original, and after the sheet where the file's name does not say it."""
    stem = file.rpartition(".")[0].replace("/", "_")
    parts = [ANNOTATED_PREFIX, stem, *([_plain(sheet)] if _plain(sheet) not in stem else [])]
    name, number = "_".join(parts), 2
    while f"{name}.xlsx" in taken:
        name, number = f"{'_'.join(parts)}_{number}", number + 1
    return f"{name}.xlsx"


def _plain(name: str) -> str:
    return "".join(sign for sign in name if sign.isalnum())[:40]


def annotated_copy(
    sheet: Sheet, reasons: Mapping[int, Sequence[Reason]], personal: frozenset[str] = frozenset()
) -> bytes:
    """The bytes of an .xlsx that holds *sheet* with its broken cells painted and explained.

    Args:
        sheet: All delivered rows of one sheet; its header comes to stand right above the first of them.
        reasons: By row number as the office sees it.
        personal: Headers whose cells are masked.

    Raises:
        ValueError: More than 1,000 rows: a fix workbook serves better there.
    """
    if len(sheet) > MAX_ROWS:
        raise ValueError(f"{sheet.place}: found {len(sheet)} rows, allowed: at most {MAX_ROWS}")
    numbers = sheet.rows.to_pylist()
    header_row = max(numbers[0] - 2, 0) if numbers else 0
    places = [number - 1 + (numbers[0] == 1) for number in numbers]  # records without a header line begin with 1
    shown = {
        header: [MASK if text and header in personal else masked(text or "") for text in cells.to_pylist()]
        for header, cells in sheet.columns.items()
    }
    titles = [masked(header) for header in shown]
    with workbook(sheet.file) as (pages, data):
        page = pages.page(sheet.name or "Sheet1")
        for column, (header, texts) in enumerate(shown.items()):
            write_text(page, header_row, column, titles[column], pages.looks["header"])
            page.set_column(column, column, width_of((titles[column], *texts)))
            for number, place, text in zip(numbers, places, texts, strict=True):
                found = [reason for reason in reasons.get(number, ()) if header in reason.headers]
                look = "error" if any(one.severity == "error" for one in found) else "warning" if found else "text"
                write_text(page, place, column, text, pages.looks[look])
                if found:
                    said = "\n".join(reason.message for reason in found)
                    page.write_comment(place, column, said, {"x_scale": 2})
        pages.hidden(COPY_SHEET, [("digest",), (_digest(titles, list(shown.values())),)])
    return data.getvalue()


def is_untouched(copy: Delivered) -> bool | None:
    """Whether an annotated copy still says what it said when it was made; None for any other workbook."""
    try:
        made = copy.read(COPY_SHEET, ()).columns["digest"].to_pylist()
    except (UnreadableError, KeyError):
        return None
    try:
        columns = copy.read(copy.sheets[0], ()).columns
    except UnreadableError:
        return False
    cells = [[text or "" for text in one.to_pylist()] for one in columns.values()]
    return bool(made == [_digest(list(columns), cells)])


def _digest(titles: Sequence[str], columns: Sequence[Sequence[str]]) -> str:
    """Of the words of a sheet, blanks and blank rows left out: another program may write those otherwise."""
    lines = (("".join(text.split()) for text in line) for line in (titles, *zip(*columns, strict=True)))
    words = "\x1e".join(line for texts in lines if (line := "\x1f".join(texts)).strip("\x1f"))
    return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()
