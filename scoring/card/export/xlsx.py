"""A card as a workbook: the same tables, every cell a text, so that nothing in a title becomes a formula."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import xlsxwriter

from scoring.card.artefact import Card
from scoring.card.export.tables import sheets
from scoring.rulebook.wording.words import Language

WIDEST = 60


def to_xlsx(card: Card, language: Language = "zh") -> bytes:
    """The workbook's bytes; the same card gives the same bytes."""
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True})
    book.set_properties({"title": card.id, "comments": card.digest, "created": datetime(2000, 1, 1, tzinfo=UTC)})
    bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
    for sheet in sheets(card, language):
        page = book.add_worksheet(sheet.title)
        page.freeze_panes(1, 0)
        for column, name in enumerate(sheet.header):
            page.write_string(0, column, name, bold)
            longest = max([len(name), *(len(row[column]) for row in sheet.rows)])
            page.set_column(column, column, min(longest + 4, WIDEST))
        for place, row in enumerate(sheet.rows, start=1):
            for column, cell in enumerate(row):
                page.write_string(place, column, cell, wrapped)
    book.close()
    return content.getvalue()
