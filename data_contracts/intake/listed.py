"""Automatic changes in words: what stood in a cell, what it became and why, under the header that the office knows."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Final

import pyarrow as pa

from data_contracts.model import Contract
from data_contracts.quarantine import headers, inert

COLUMNS: Final = ("table", "file", "sheet", "row", "column", "header", "raw", "clean", "reason", "says")
REASONS: Final[Mapping[str, Mapping[str, str]]] = {
    "zh": {
        "blanks": "去掉前后空格",
        "quoted": "去掉表格软件的文本记号",
        "width": "全角字符改为半角",
        "missing": "视为空白",
        "grouping": "去掉千分位逗号",
        "percent": "百分数化为小数",
        "date": "统一日期写法",
        "serial": "表格软件的日期序号改为日期",
        "serial_1904": "1904 日期系统的日期序号改为日期",
        "time_dropped": "去掉时刻",
        "truth": "统一是否的写法",
        "label": "名称改为代码",
        "name": "统一名称写法",
        "capitals": "代码中的字母改为大写",
        "correction": "按交回的修改表更正",
        "linked.confirmed": "经办人确认的小区",
        "linked.id": "按编号对应小区",
        "linked.name": "按名称对应小区",
        "linked.name+address": "按名称和地址对应小区",
        "linked.address": "按地址对应小区",
        "linked.typo+address": "按相近名称和地址对应小区",
        "linked.typo": "按相近名称对应小区",
    },
    "en": {
        "blanks": "blanks around it dropped",
        "quoted": "text mark of a spreadsheet program dropped",
        "width": "full-width characters narrowed",
        "missing": "taken for an empty cell",
        "grouping": "separators of thousands dropped",
        "percent": "percentage turned into a fraction",
        "date": "date written year, month, day",
        "serial": "day number of a spreadsheet turned into a date",
        "serial_1904": "day number that counts from 1904 turned into a date",
        "time_dropped": "time of day dropped",
        "truth": "word turned into true or false",
        "label": "label turned into its code",
        "name": "name brought to one spelling",
        "capitals": "letters of a code turned into capitals",
        "correction": "corrected by a workbook that came back",
        "linked.confirmed": "place confirmed by a clerk",
        "linked.id": "place found by its id",
        "linked.name": "place found by name",
        "linked.name+address": "place found by name and address",
        "linked.address": "place found by address",
        "linked.typo+address": "place found by a similar name and address",
        "linked.typo": "place found by a similar name",
    },
}


def changes_csv(changes: pa.Table, contracts: Mapping[str, Contract]) -> Iterator[str]:
    """The lines of a CSV file, header first, in the order of the files and rows.

    Args:
        changes: As `Intake.changes` holds them: nothing of a person in them.
        contracts: By table name; say the header and the language.
    """
    yield _line(COLUMNS)
    order = [(name, "ascending") for name in ("table", "file", "sheet", "row", "column")]
    plain = changes.cast(pa.schema([(one.name, _plain(one.type)) for one in changes.schema])).sort_by(order)
    for batch in plain.to_batches(max_chunksize=10_000):
        for row in batch.to_pylist():
            contract = contracts[row["table"]]
            row["header"] = headers(row["column"], contract)
            row["says"] = reason_in_words(row["reason"], contract.language)
            yield _line(tuple("" if row[name] is None else inert(str(row[name])) for name in COLUMNS))


def reason_in_words(reason: str, language: str) -> str:
    """What a reason means, without its confidence.

    >>> reason_in_words("linked.name.100", "en")
    'place found by name'
    """
    kind, _, last = reason.rpartition(".")
    return REASONS[language].get(kind if last.isdigit() else reason, reason)


def _plain(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _line(cells: tuple[str, ...]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue()
