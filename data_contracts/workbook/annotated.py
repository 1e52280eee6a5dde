"""A small original again, with its broken cells marked: every cell where its office put it.

It is written anew as text instead of being opened and changed: what stood in the original as a formula, a link or a
picture does not come back to anybody's desk.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from data_contracts.personal import MASK, masked
from data_contracts.readers import Sheet
from data_contracts.workbook.returned import Reason
from data_contracts.workbook.sheets import workbook, write_text

ANNOTATED_PREFIX: Final = "标注"
MAX_ROWS: Final = 5_000


def annotated_copy(
    sheet: Sheet, reasons: Mapping[int, Sequence[Reason]], personal: frozenset[str] = frozenset()
) -> bytes:
    """The bytes of an .xlsx that holds *sheet* with its broken cells painted and explained.

    Args:
        sheet: All delivered rows of one sheet; its header comes to stand right above the first of them.
        reasons: By row number as the office sees it.
        personal: Headers whose cells are masked.

    Raises:
        ValueError: More than 5,000 rows: a fix workbook serves better there.
    """
    if len(sheet) > MAX_ROWS:
        raise ValueError(f"{sheet.place}: found {len(sheet)} rows, allowed: at most {MAX_ROWS}")
    numbers = sheet.rows.to_pylist()
    header_row = max(numbers[0] - 2, 0) if numbers else 0
    with workbook(sheet.file) as (pages, data):
        page = pages.page(sheet.name or "Sheet1")
        for column, (header, cells) in enumerate(sheet.columns.items()):
            write_text(page, header_row, column, header, pages.looks["header"])
            for number, text in zip(numbers, cells.to_pylist(), strict=True):
                found = [reason for reason in reasons.get(number, ()) if header in reason.headers]
                look = "error" if any(one.severity == "error" for one in found) else "warning" if found else "text"
                shown = MASK if text and header in personal else masked(text or "")
                write_text(page, max(number - 1, header_row + 1), column, shown, pages.looks[look])
                if found:
                    said = "\n".join(reason.message for reason in found)
                    page.write_comment(max(number - 1, header_row + 1), column, said, {"x_scale": 2})
    return data.getvalue()
