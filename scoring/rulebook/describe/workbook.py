"""A description as a workbook: one sheet for each kind of table, every cell a text.

Texts are written as texts: a title that begins with `=` must not become a formula on somebody's machine.
"""

from __future__ import annotations

import io
import unicodedata
from datetime import datetime
from typing import Any

from scoring.rulebook.describe.document import SHEETS, Document, Grid, Heading, Paragraph

WIDEST = 60


def workbook(document: Document) -> bytes:
    """The bytes of an .xlsx file; equal for equal documents."""
    import xlsxwriter

    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": document.title, "created": datetime.fromisoformat(document.dated)})
    formats = {
        "title": book.add_format({"bold": True, "font_size": 14}),
        "about": book.add_format({"bold": True}),
        "header": book.add_format({"bold": True, "bg_color": "#DDE6F0", "border": 1, "text_wrap": True}),
        "cell": book.add_format({"border": 1, "text_wrap": True, "valign": "top"}),
        "warns": book.add_format({"bold": True, "font_color": "#B00020", "text_wrap": True}),
        "text": book.add_format({"text_wrap": True}),
    }
    for sheet in SHEETS:
        grids = [block for block in document.blocks if isinstance(block, Grid) and block.sheet == sheet]
        if grids or sheet == "overview":
            page = book.add_worksheet(document.sheets[sheet])
            row = _opening(page, document, formats) if sheet == "overview" else 0
            _write(page, grids, row, formats)
    book.close()
    return target.getvalue()


def _opening(page: Any, document: Document, formats: dict[str, Any]) -> int:
    """Title and the paragraphs before the first chapter; the row after them."""
    page.write_string(0, 0, document.title, formats["title"])
    row = 1
    for block in document.blocks[1:]:
        if isinstance(block, Heading):
            break
        if isinstance(block, Paragraph):
            page.merge_range(row, 0, row, 1, "", formats["text"])
            page.write_string(row, 0, block.text, formats["warns" if block.warns else "text"])
            page.set_row(row, 15 * (1 + _width(block.text) // (WIDEST + 20)))
            row += 1
    return row + 1


def _write(page: Any, grids: list[Grid], row: int, formats: dict[str, Any]) -> None:
    widths: dict[int, int] = {}
    for grid in grids:
        if grid.about:
            page.write_string(row, 0, grid.about, formats["about"])
            row += 1
        for place, text in enumerate(grid.columns):
            page.write_string(row, place, text, formats["header"])
        for cells in grid.rows:
            row += 1
            for place, text in enumerate(cells):
                page.write_string(row, place, text, formats["cell"])
        for place in range(len(grid.columns)):
            texts = [grid.columns[place], *(cells[place] for cells in grid.rows)]
            widths[place] = max(widths.get(place, 8), *map(_width, texts))
        row += 2
    for place, width in widths.items():
        page.set_column(place, place, min(width + 2, WIDEST))


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
