"""Canaries: made-up numbers and addresses of nobody, planted wherever a clerk could write a person's."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from itertools import cycle
from pathlib import Path

import openpyxl
from openpyxl.comments import Comment
from openpyxl.worksheet.worksheet import Worksheet

from data_contracts.model import Column, Contract
from data_contracts.workbook import template_workbook

PHONE, CARD, OLD_CARD, BANK = "13987654321", "530102199003071213", "530102900307123", "6222021234567890123"
MAIL, FLAT, NAME = "canary@example.com", "7栋2单元1803", "金丝雀甲"
NEEDLES = (PHONE, CARD, OLD_CARD, BANK, MAIL, FLAT, NAME)
WRITTEN = (  # each as people write it
    PHONE, "139-8765-4321", "139 8765 4321", "+86 13987654321", "tel13987654321", "１３９８７６５４３２１", CARD,
    "530102 19900307 1213", OLD_CARD, BANK, "6222 0212 3456 7890 123", MAIL, FLAT, f"联系人:{NAME}",
)  # fmt: skip
ALL = f"投诉人:{NAME},电话139-8765-4321,身份证{CARD},卡{BANK},{MAIL},住{FLAT}"
UNKNOWN_TO_ALL = "投诉人电话13987654321"


def squeezed(text: str) -> str:
    """*text* with every sign at half width and without what people put between digits: canaries in one spelling."""
    return "".join(unicodedata.normalize("NFKC", text).replace("-", "").split())


def found_in(text: str) -> list[str]:
    """Canaries that stand in *text*, however written."""
    plain = squeezed(text)
    return [needle for needle in NEEDLES if squeezed(needle) in plain]


def plant(path: Path, contract: Contract) -> None:
    """Canaries in every column of a delivered workbook, and around its cells: header, sheet, comments, properties."""
    book = openpyxl.load_workbook(path)
    page = book.worksheets[0]
    columns = {cell.value: cell.column for cell in page[1]}
    spelled = cycle(WRITTEN)
    known = [column for column in contract.columns if column.title in columns]
    last = page.max_row
    for column in known:
        if _takes_text(column, contract):
            for row in range(2, last + 1, 3):
                page.cell(row, columns[column.title]).value = next(spelled)
    for column in known:  # a row that breaks its rules, so that it is quoted: without a key, with persons in one cell
        page.append([cell.value for cell in page[2]])
        for key in contract.key:
            page.cell(page.max_row, columns[_title(contract, key)]).value = None
        page.cell(page.max_row, columns[column.title]).value = ALL
    _around(page)
    book.properties.creator = book.properties.title = f"{NAME} {PHONE}"
    book.save(path)


def deliver_one_row(path: Path, contract: Contract) -> None:
    """A table that the made-up city leaves out: two rows, as far as they can be filled in without knowing it."""
    path.write_bytes(template_workbook(contract))
    book = openpyxl.load_workbook(path)
    columns = [column for column in contract.columns if column.attributed is None]
    for number, text in enumerate((WRITTEN[1], ALL)):
        book[contract.title].append([_cell(column, number, text) for column in columns])
    _around(book[contract.title])
    book.save(path)


def _around(page: Worksheet) -> None:
    """A column that no contract knows, under a telling header, in a telling sheet, with a comment."""
    page.cell(1, page.max_column + 1).value = UNKNOWN_TO_ALL
    for row in range(2, page.max_row + 1):
        page.cell(row, page.max_column).value = NAME
    page.cell(2, 1).comment = Comment(ALL, NAME)
    page.title = f"{page.title} {PHONE}"[:31]


def _title(contract: Contract, name: str) -> str:
    return next(column.title for column in contract.columns if column.name == name)


def _takes_text(column: Column, contract: Contract) -> bool:
    """Whether a row with any text in the column may be accepted: no code, no reference, no key."""
    closed = {name for rule in contract.rules if rule.kind in ("pattern", "foreign_key") for name in rule.columns}
    free = column.type.kind == "text" and not column.labels and column.name not in {*closed, *contract.key}
    return free and "credit_code" not in column.name and "head_code" not in column.name


_KNOWN = {"division_code": "530102", "subdistrict_code": "530102001", "community_code": "530102001001"}


def _cell(column: Column, number: int, text: str) -> str:
    match column.type.kind:
        case "number":
            return "1"
        case "day":
            return "2024-03-05"
        case "truth":
            return "是"
    if column.labels:
        return next(iter(column.labels.values()))
    if column.name.endswith("_id"):
        return f"X{number}" if not column.type.optional else ""
    return _KNOWN.get(column.name, text)


def leaks(outputs: Iterator[tuple[str, str]] | Sequence[tuple[str, str]]) -> list[str]:
    """Where canaries stand: output and canary."""
    return [f"{name}: {needle}" for name, text in outputs for needle in found_in(text)]
