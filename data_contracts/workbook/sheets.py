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
    "text": {"num_format": "@"},
    "day": {"num_format": "yyyy-mm-dd"},
    "error": {"num_format": "@", "bg_color": "#F8B4AE"},
    "warning": {"num_format": "@", "bg_color": "#FCE8A6"},
    "fixed": {"font_color": "#777777", "num_format": "@"},
    "wrapped": {"text_wrap": True, "valign": "top"},
}
MAX_NAME: Final = 31
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
        return self.book.add_worksheet(name)

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


def write_text(sheet: Any, row: int, column: int, text: str, look: Any = None) -> None:
    """One cell of text; what is longer than a cell can be is cut."""
    sheet.write_string(row, column, text[:MAX_CELL], look)
