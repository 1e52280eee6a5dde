"""Rows below the records: a total, or who filled the sheet in. One reason each instead of one per empty cell.

Such a row is only known once it is refused and lacks what a record must have, so nothing is left out on a guess.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from data_contracts.failures import SCHEMA, Failures
from data_contracts.intake.reasons import place_keys
from data_contracts.model import Contract
from data_contracts.readers import Sheet, header_key

SENTENCES: Final[Mapping[str, Mapping[str, str]]] = {
    "zh": {
        "total": "这是合计行,不是一条记录:请删除此行(在修改表中把“处理”改为“删除”)",
        "foot": "这是表尾的说明,不是一条记录:请删除此行(在修改表中把“处理”改为“删除”)",
    },
    "en": {
        "total": "a row of totals is no record: delete it",
        "foot": "a note below the records is no record: delete it",
    },
}
_WORDS: Final = {
    "total": re.compile(r".{0,8}(?:合计|总计|小计|共计|累计)数?:?|(?:sub|grand)?total:?"),
    "foot": re.compile(
        r"(?:注|备注|说明|填表说明|(?:填表|制表|填报|经办|审核|复核|报送|联系|负责)人|(?:制表|审核|复核)"
        r"|单位负责人|填报单位|(?:填表|制表|填报|报送)?日期|note|preparedby):.*"
    ),
}
Place = tuple[str, str, int]


def with_one_reason(failures: Failures, sheets: Sequence[Sheet], contracts: Mapping[str, Contract]) -> Failures:
    """*failures*, with one for each row of totals or notes in the place of all others of that row."""
    lacking = [rule.id for contract in contracts.values() for rule in contract.rules if rule.kind == "required"]
    table = failures.table
    empty = table.filter(
        pc.and_(pc.equal(table["severity"], "error"), pc.is_in(table["rule"], pa.array(lacking, pa.string())))
    )
    rows: dict[tuple[str, str], set[int]] = {}
    for place in _distinct(empty):
        rows.setdefault(place[:2], set()).add(place[2])
    found = {
        (sheet.file, sheet.name, row): (kind, header)
        for sheet in sheets
        for row, kind, header in _odd_rows(sheet, rows.get((sheet.file, sheet.name), set()))
    }
    if not found:
        return failures
    told = pa.array("\x1f".join((file, sheet, str(row))) for file, sheet, row in found)
    concerned = pc.is_in(place_keys(table["file"], table["sheet"], table["row"]), told)
    first: dict[tuple[str, Place], dict[str, object]] = {}
    for one in table.filter(concerned).to_pylist():
        if one["severity"] == "error":
            first.setdefault((one["table"], (one["file"], one["sheet"] or "", one["row"])), one)
    reasons = [_reason(one, *found[place], contracts[name]) for (name, place), one in first.items()]
    others = table.filter(pc.invert(concerned))
    return Failures(pa.concat_tables([others, pa.Table.from_pylist(reasons, SCHEMA)])).sorted()


def _distinct(table: pa.Table) -> Iterator[Place]:
    places = table.select(["file", "sheet", "row"]).group_by(["file", "sheet", "row"], use_threads=False).aggregate([])
    return ((one["file"], one["sheet"] or "", one["row"]) for one in places.to_pylist())


def _odd_rows(sheet: Sheet, rows: Iterable[int]) -> Iterator[tuple[int, str, str]]:
    """Of *rows* those that begin with a word of totals or notes: number, kind, and the header above that word."""
    at = pc.index_in(pa.array(sorted(rows), pa.int64()), sheet.rows)
    lines = pa.table({header: cells.take(at) for header, cells in sheet.columns.items()})
    for row, line in zip(sorted(rows), lines.to_pylist(), strict=True):
        header, text = next(
            ((header, plain) for header, cell in line.items() if (plain := _plain(cell or ""))), ("", "")
        )
        kind = next((kind for kind, word in _WORDS.items() if word.fullmatch(text)), "")
        if kind:
            yield row, kind, header


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def _reason(one: Mapping[str, object], kind: str, header: str, contract: Contract) -> dict[str, object]:
    """The one failure of such a row, at the cell that says what it is; what stands there may name a person."""
    column = next(
        (one.name for one in contract.columns if header_key(header) in _headers(one.title, *one.aliases)), None
    )
    rule, message = f"{contract.table}.{kind}_row", SENTENCES[contract.language][kind]
    return {**one, "rule": rule, "column": column, "value": None, "message": message}


def _headers(*words: str) -> set[str]:
    return set(map(header_key, words))
