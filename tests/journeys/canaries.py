"""Canaries: made-up numbers and addresses of nobody, planted wherever a clerk could write a person's."""

from __future__ import annotations

import re
import unicodedata
from base64 import b64encode
from collections.abc import Iterator, Sequence
from itertools import cycle
from pathlib import Path
from urllib.parse import quote

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
    "139\u200d8765\ufeff4321", "一三九八七六五四三二一", "1 3 9 8 7 6 5 4 3 2 1", "139/8765/4321", f"聯絡人：{NAME}",
    "七棟二單元一八零三", f"联 系 人：{NAME}", "5 3 0 1 0 2 1 9 9 0 0 3 0 7 1 2 1 3",
    "530102 19900307 1213", OLD_CARD, BANK, "6222 0212 3456 7890 123", MAIL, FLAT, f"联系人:{NAME}",
)  # fmt: skip
ALL = f"投诉人:{NAME},电话139-8765-4321,身份证{CARD},卡{BANK},{MAIL},住{FLAT}"
UNKNOWN_TO_ALL = "投诉人电话13987654321"


_ESCAPED = re.compile(r"\\u([0-9a-f]{4})")
_BETWEEN = re.compile("[-/\u00ad\u200b-\u200f\u2060\ufeff]")
_ONE_SIGN = str.maketrans("零一二三四五六七八九棟單", "0123456789栋单")


def squeezed(text: str) -> str:
    """*text* with every sign at half width and without what people put between digits: canaries in one spelling."""
    seen = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    return "".join(_BETWEEN.sub("", unicodedata.normalize("NFKC", seen).translate(_ONE_SIGN)).split())


def found_in(text: str) -> list[str]:
    """Canaries that stand in *text*, however written or encoded."""
    plain = squeezed(text)
    return [needle for needle in NEEDLES if squeezed(needle) in plain or any(one in text for one in _encoded(needle))]


def _encoded(needle: str) -> tuple[str, ...]:
    """As an address or a mail might carry it; three beginnings, for base64 takes three bytes at a time."""
    wrapped = (b64encode(b" " * lead + needle.encode())[4 * (lead > 0) : -4].decode() for lead in range(3))
    return (quote(needle), needle.encode("utf-16-le").decode("latin-1"), *wrapped)


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


def contradict(path: Path, compounds: Path) -> None:
    """Tickets that say a compound's whole name, with a person in the place of its number; persons' header reworded."""
    page = openpyxl.load_workbook(compounds).worksheets[0]
    known = dict(zip((cell.value for cell in page[1]), (cell.value for cell in page[page.max_row // 2]), strict=True))
    book = openpyxl.load_workbook(path)
    page = book.worksheets[0]
    columns = {cell.value: cell.column for cell in page[1]}
    for row in range(3, 40, 3):
        page.cell(row, columns["小区编号"]).value = PHONE
        page.cell(row, columns["地址或小区名称"]).value = f"{known['小区名称']} {known['坐落']}"
    page.cell(1, columns["地址或小区名称"]).value = "诉求 地址"
    book.save(path)


def misplace(path: Path, contract: Contract) -> None:
    """A file whose office is a person: the number of a telephone stands in every cell of its code."""
    columns = [column for column in contract.columns if column.attributed is None]
    cells = (PHONE if column.name == "division_code" else _cell(column, 7, "1") for column in columns)
    path.write_text("\n".join((",".join(column.title for column in columns), ",".join(cells))), "utf-8")


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
