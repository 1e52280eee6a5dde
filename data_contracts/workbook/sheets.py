"""The looks that all workbooks for offices share, and the hidden sheet that says what they were made from."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final

import xlsxwriter

_CREATED: Final = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
_FORMATS: Final = {
    "header": {"bold": True, "bg_color": "#DDE7F0", "border": 1, "text_wrap": True, "valign": "vcenter"},
    "needed": {"bold": True, "bg_color": "#F6D9C9", "border": 1, "text_wrap": True, "valign": "vcenter"},
    "text": {"num_format": "@", "valign": "top"},
    "day": {"num_format": "yyyy-mm-dd"},
    "error": {"num_format": "@", "bg_color": "#F8B4AE", "valign": "top"},
    "warning": {"num_format": "@", "bg_color": "#FCE8A6", "valign": "top"},
    "fixed": {"font_color": "#777777", "num_format": "@", "valign": "top"},
    "wrapped": {"text_wrap": True, "valign": "top"},
}
A4: Final = 9
LINE: Final = 15.0  # points
MAX_LINES: Final = 20
MAX_NAME: Final = 31
WIDTHS: Final = (8, 40)  # of a column, in signs
_WIDE: Final = 0x2E80  # from here on signs are Chinese and take two places
MAX_CELL: Final = 32_767


class Pages:
    """A workbook while it is written.

    Attributes:
        book: XlsxWriter's workbook.
        looks: Its formats by name.
    """

    def __init__(self, book: Any) -> None:  # XlsxWriter has no types
        self.book = book
        self.looks = {name: book.add_format(look) for name, look in _FORMATS.items()}

    def page(self, title: str) -> Any:
        """A new sheet of that title, within what a spreadsheet program allows."""
        plain = "".join("_" if sign in "[]:*?/\\'" else sign for sign in title)[:MAX_NAME]
        taken = {sheet.get_name().casefold() for sheet in self.book.worksheets()}
        name, number = plain, 2
        while name.casefold() in taken:
            name, number = f"{plain[: MAX_NAME - 4]}({number})", number + 1
        sheet = self.book.add_worksheet(name)
        sheet.set_paper(A4)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        return sheet

    def hidden(self, title: str, rows: Iterable[Sequence[str]]) -> Any:
        """A sheet for this program alone."""
        sheet = self.page(title)
        for at, row in enumerate(rows):
            for place, text in enumerate(row):
                write_text(sheet, at, place, text)
        sheet.very_hidden()
        return sheet


@contextmanager
def workbook(title: str) -> Iterator[tuple[Pages, io.BytesIO]]:
    """A workbook in memory; its bytes are there when the context ends, and the same content gives the same bytes."""
    data = io.BytesIO()
    options = {"in_memory": True, "strings_to_urls": False, "strings_to_formulas": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(data, options)
    book.set_properties({"title": title, "created": _CREATED})
    yield Pages(book), data
    book.close()


def width_of(texts: Iterable[str]) -> int:
    """How wide a column has to be for *texts*, within limits.

    >>> width_of(["T5301022024000000001"]), width_of(["渠道", "12345热线"]), width_of(["是"])
    (22, 11, 8)
    """
    return min(max(max(map(_signs, texts), default=0) + 2, WIDTHS[0]), WIDTHS[1])


def height_of(*cells: tuple[str, int]) -> float:
    """How high a row has to be for texts that are wrapped in columns of those widths.

    >>> height_of(("渠道:不在允许的取值之中", 40)), height_of(("渠道:不在允许的取值之中", 10), ("是", 10))
    (15.0, 45.0)
    """
    lines = (sum(max(-(-_signs(line) // width), 1) for line in text.split("\n")) for text, width in cells)
    return LINE * min(max(lines, default=1), MAX_LINES)


def _signs(text: str) -> int:
    """Places that *text* takes in a line; a Chinese sign takes two."""
    return len(text) + sum(ord(sign) >= _WIDE for sign in text)


def write_text(sheet: Any, row: int, column: int, text: str, look: Any = None) -> None:
    """One cell of text; what is longer than a cell can be is cut."""
    sheet.write_string(row, column, text[:MAX_CELL], look)
