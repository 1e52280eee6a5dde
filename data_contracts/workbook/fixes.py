"""「需修改的行」: for each office one workbook with exactly the rows it has to mend, and why.

Every row carries its place in the original (file, sheet, row number). The hidden sheet holds the digests of the files,
so that a workbook that comes back can replace those rows and no others, and only in the files it was made from.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from data_contracts.model import Contract
from data_contracts.personal import MASK, masked
from data_contracts.workbook.returned import (
    DROP,
    FIX_PREFIX,
    MEND,
    PLACE_HEADERS,
    PLACES_SHEET,
    REASON_HEADERS,
    Origins,
    Reason,
    ReturnedRows,
)
from data_contracts.workbook.sheets import Pages, height_of, width_of, workbook, write_text

MAX_ROWS: Final = 5_000
MAX_COMMENTS: Final = 2_000
MAX_CODE: Final = 6
LONG_CODES: Final = (9, 12)
UNKNOWN: Final = "单位不明"
COUNTS_SHEET: Final = "统计"
COUNTS_HEADERS: Final = ("表", "规则", "程度", "次数", "问题(示例)", "依据")
_COUNTS_WIDTHS: Final = (20, 40, 8, 8, 60, 40)
SEVERITIES: Final = {"error": "须改正", "warning": "提醒"}
_REASON_WIDTH: Final = 50
_HELP: Final = (
    "请改正标色的单元格,原因见批注和“问题”列;整行作废的,把“处理”改为“删除”。"
    "原文件、原工作表、原行号和表头不得改动,也不要增加行列;改好后原样交回。"
)
_MORE: Final = "另有 {count} 行未列入本工作簿:先改正以上各行后重新检查"


def fix_workbooks(
    returned: Sequence[ReturnedRows], contracts: Mapping[str, Contract], offices: Mapping[str, str] | None = None
) -> dict[str, bytes]:
    """The workbooks by file name; none for an office without a refused row.

    Args:
        returned: Refused rows of a batch.
        contracts: By table, for their titles, ids and versions.
        offices: Name of each office by its code, for the file's name.
    """
    by_office: dict[str, list[ReturnedRows]] = {}
    for rows in returned:
        by_office.setdefault(rows.office, []).append(rows)
    books: dict[str, bytes] = {}
    for office, parts in sorted(by_office.items()):
        books[_free_name(office, offices or {}, books)] = _book(parts, contracts)
    return books


def _free_name(office: str, names: Mapping[str, str], taken: Collection[str]) -> str:
    """Named after the office; what stands in the place of a code, a person perhaps, is none."""
    told = (office, names.get(office, "")) if office in names or _is_code(office) else (UNKNOWN,)
    parts = "_".join(filter(None, (FIX_PREFIX, *map(_plain, told))))
    name, number = parts, 2
    while f"{name}.xlsx" in taken:
        name, number = f"{parts}_{number}", number + 1
    return f"{name}.xlsx"


def _is_code(office: str) -> bool:
    """Whether a code that nobody registered can be shown: of six signs at most, or of nine or twelve digits.

    >>> _is_code("530121"), _is_code("13900001111"), _is_code("65550000"), _is_code("某某某"), _is_code("")
    (True, False, False, False, True)
    """
    short = office.isalnum() and len(office) <= MAX_CODE
    long = office.isdigit() and len(office) in LONG_CODES
    return not office or (office.isascii() and (short or long) and masked(office) == office)


def _book(returned: Sequence[ReturnedRows], contracts: Mapping[str, Contract]) -> bytes:
    with workbook(FIX_PREFIX) as (pages, data):
        by_table: dict[str, list[ReturnedRows]] = {}
        for rows in returned:
            by_table.setdefault(rows.table, []).append(rows)
        origins = Origins()
        counts = pages.page(COUNTS_SHEET)
        for table, parts in sorted(by_table.items()):
            sheet = pages.page(contracts[table].title)
            _fill(pages, sheet, parts)
            origins.sheets[sheet.get_name()] = table
            origins.versions[table] = contracts[table].version, contracts[table].digest
            for rows in parts:
                origins.files[rows.sheet.file] = rows.sha256
                origins.after.update((digest, name) for name, digest in rows.after)
                sent = origins.rows.setdefault((rows.sheet.file, rows.sheet.name), set())
                sent.update(rows.sheet.rows.to_pylist())
        _count(pages, counts, by_table, contracts)
        pages.hidden(PLACES_SHEET, origins.lines())
    return data.getvalue()


def _fill(pages: Pages, sheet: Any, parts: Sequence[ReturnedRows]) -> None:
    """The rows of one table: places, then the cells under their own headers, then the reasons."""
    headers = list(dict.fromkeys(header for rows in parts for header in rows.sheet.columns))
    titles = (*PLACE_HEADERS, *headers, *REASON_HEADERS)
    for place, title in enumerate(titles):
        write_text(sheet, 0, place, title, pages.looks["header"])
    sheet.write_comment(0, PLACE_HEADERS.index("处理"), _HELP, {"x_scale": 3, "y_scale": 2})
    files = (rows.sheet.file for rows in parts)
    names = (rows.sheet.name for rows in parts)
    for place, texts in enumerate((files, names, (), ())):
        sheet.set_column(place, place, width_of((titles[place], *texts)))
    for place, header in enumerate(headers, start=len(PLACE_HEADERS)):
        sheet.set_column(place, place, width_of((header, *_shown(parts, header))))
    sheet.set_column(len(titles) - len(REASON_HEADERS), len(titles) - 1, _REASON_WIDTH)
    sheet.freeze_panes(1, len(PLACE_HEADERS))
    writer = _Rows(pages, sheet, {header: place + len(PLACE_HEADERS) for place, header in enumerate(headers)})
    for rows in parts:
        writer.add(rows)
    if writer.left_out:
        write_text(sheet, writer.row, 0, _MORE.format(count=writer.left_out), pages.looks["error"])
    choice = {"validate": "list", "source": [MEND, DROP]}
    sheet.data_validation(1, PLACE_HEADERS.index("处理"), max(writer.row, 1), PLACE_HEADERS.index("处理"), choice)


def _shown(parts: Sequence[ReturnedRows], header: str) -> Iterator[str]:
    """The cells below *header*, for its width."""
    for rows in parts:
        if header in rows.sheet.columns and header not in rows.personal:
            yield from (text or "" for text in rows.sheet.columns[header].slice(0, MAX_ROWS).to_pylist())


class _Rows:
    """Writes rows one below the other."""

    def __init__(self, pages: Pages, sheet: Any, columns: Mapping[str, int]) -> None:
        self._pages, self._sheet, self._columns = pages, sheet, columns
        self.row, self.left_out, self._comments = 1, 0, 0

    def add(self, rows: ReturnedRows) -> None:
        cells = {header: array.to_pylist() for header, array in rows.sheet.columns.items()}
        for at, number in enumerate(rows.sheet.rows.to_pylist()):
            if self.row > MAX_ROWS:
                self.left_out += len(rows.sheet) - at
                return
            place = (rows.sheet.file, rows.sheet.name, str(number), MEND)
            for column, text in enumerate(place):
                write_text(self._sheet, self.row, column, text, self._pages.looks["fixed"])
            reasons = rows.reasons.get(number, ())
            self._cells({header: texts[at] or "" for header, texts in cells.items()}, reasons, rows.personal)
            self._reasons(reasons)
            self.row += 1

    def _cells(self, cells: Mapping[str, str], reasons: Sequence[Reason], personal: frozenset[str]) -> None:
        looks: dict[str, str] = {}
        for reason in sorted(reasons, key=lambda one: one.severity, reverse=True):  # an error paints over a warning
            looks |= dict.fromkeys(reason.headers, reason.severity)
        for header, text in cells.items():
            shown = MASK if text and header in personal else masked(text)
            look = self._pages.looks[looks.get(header, "text")]
            write_text(self._sheet, self.row, self._columns[header], shown, look)
        for header in looks:
            if header in self._columns and self._comments < MAX_COMMENTS:
                said = "\n".join(reason.message for reason in reasons if header in reason.headers)
                self._sheet.write_comment(self.row, self._columns[header], said, {"x_scale": 2})
                self._comments += 1

    def _reasons(self, reasons: Sequence[Reason]) -> None:
        after = len(PLACE_HEADERS) + len(self._columns)
        said = "\n".join(dict.fromkeys(_said(reason) for reason in reasons))
        basis = "\n".join(dict.fromkeys(reason.legal_basis for reason in reasons if reason.legal_basis))
        self._sheet.set_row(self.row, height_of((said, _REASON_WIDTH), (basis, _REASON_WIDTH)))
        for place, text in enumerate((said, basis)):
            write_text(self._sheet, self.row, after + place, text, self._pages.looks["wrapped"])


def _said(reason: Reason) -> str:
    named = "、".join(reason.headers)
    return f"{named}:{reason.message}" if named else reason.message


def _count(
    pages: Pages, sheet: Any, by_table: Mapping[str, Sequence[ReturnedRows]], contracts: Mapping[str, Contract]
) -> None:
    """How often each rule was broken, the most frequent first."""
    for place, title in enumerate(COUNTS_HEADERS):
        write_text(sheet, 0, place, title, pages.looks["header"])
    for place, width in enumerate(_COUNTS_WIDTHS):
        sheet.set_column(place, place, width)
    sheet.freeze_panes(1, 0)
    row = 1
    for table, parts in sorted(by_table.items()):
        reasons = [reason for rows in parts for of_row in rows.reasons.values() for reason in of_row]
        examples = {reason.rule: reason for reason in reversed(reasons)}
        for rule, count in _most_common(reason.rule for reason in reasons):
            one = examples[rule]
            texts = (contracts[table].title, rule, SEVERITIES[one.severity], "", _said(one), one.legal_basis)
            for place, text in enumerate(texts):
                write_text(sheet, row, place, text, pages.looks["wrapped"])
            sheet.set_row(row, height_of(*zip(texts, _COUNTS_WIDTHS, strict=True)))
            sheet.write_number(row, COUNTS_HEADERS.index("次数"), count, pages.looks["wrapped"])
            row += 1
    write_text(sheet, row + 1, 0, "填写说明:" + _HELP)


def _most_common(words: Iterable[str]) -> list[tuple[str, int]]:
    return sorted(Counter(words).items(), key=lambda item: (-item[1], item[0]))


def _plain(name: str) -> str:
    """*name* as a part of a file's name."""
    return "".join(sign for sign in name if sign.isalnum())[:40]
