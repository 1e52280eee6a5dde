"""A template per contract: the headers with what they mean, lists to choose from, codes kept as text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from data_contracts.failures import Wording
from data_contracts.model import Column, Contract
from data_contracts.workbook.returned import CONTRACT_SHEET
from data_contracts.workbook.sheets import Pages, width_of, workbook, write_text

ROWS: Final = 5_000
_WIDTH: Final = 12
_ID_WIDTH: Final = 22  # a credit code or the number of a ticket can be read at a glance
LISTS_SHEET: Final = "_lists"
TRUTH: Final = {"zh": ("是", "否"), "en": ("yes", "no")}
WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "zh": {
        "required": "必填",
        "optional": "可不填",
        "text": "文本",
        "whole": "整数",
        "number": "数字,最多 {scale} 位小数",
        "day": "日期,如 2024-03-05",
        "truth": "是或否",
        "choose": "可填:{values}",
        "note": "请从下拉列表中选择",
    },
    "en": {
        "required": "required",
        "optional": "may be left empty",
        "text": "text",
        "whole": "a whole number",
        "number": "a number with at most {scale} decimals",
        "day": "a date such as 2024-03-05",
        "truth": "yes or no",
        "choose": "allowed: {values}",
        "note": "choose from the list",
    },
}


def template_name(contract: Contract) -> str:
    """The name of its file.

    >>> template_name(Contract("t", "投诉工单", "1.0.0", (), (), False, (), (), "zh", ""))
    '模板_投诉工单.xlsx'
    """
    return f"模板_{contract.title}.xlsx"


def template_workbook(contract: Contract) -> bytes:
    """The bytes of an empty .xlsx for one contract.

    One sheet named after the table; a header per delivered column with a comment, lists for labelled columns, text
    format for text; contract id, version and digest in a hidden sheet. The same contract gives the same bytes.
    """
    columns = [column for column in contract.columns if column.attributed is None]
    with workbook(contract.title) as (pages, data):
        sheet = pages.page(contract.title)
        lists: dict[str, tuple[str, ...]] = {}
        for place, column in enumerate(columns):
            look = "header" if column.type.optional else "needed"
            write_text(sheet, 0, place, column.title, pages.looks[look])
            sheet.write_comment(0, place, header_note(column, contract.language), {"x_scale": 2, "y_scale": 1.5})
            words = _choices(column, contract.language)
            least = _ID_WIDTH if column.type.kind == "text" and not words else _WIDTH
            sheet.set_column(place, place, max(least, width_of((column.title,))), pages.looks[_look(column)])
            if words:
                lists[f"{place}"] = words
        sheet.freeze_panes(1, 0)
        _add_lists(pages, sheet, lists, contract.language)
        pages.hidden(
            CONTRACT_SHEET,
            [("contract", contract.table), ("version", contract.version), ("digest", contract.digest)],
        )
    return data.getvalue()


def header_note(column: Column, language: str) -> str:
    """What a header's comment says: whether it must be filled in, its form, its values, its meaning."""
    words = WORDS[language]
    kind = "whole" if column.type.kind == "number" and not column.type.scale else column.type.kind
    parts = [
        words["optional" if column.type.optional else "required"],
        words[kind].format(scale=column.type.scale),
    ]
    if column.labels:
        parts.append(words["choose"].format(values=Wording(language).listed(list(column.labels.values()))))
    if column.description:
        parts.append(column.description)
    return "\n".join(parts)


def _look(column: Column) -> str:
    return {"text": "text", "day": "day", "truth": "text"}.get(column.type.kind, "wrapped")


def _choices(column: Column, language: str) -> tuple[str, ...]:
    if column.type.kind == "truth":
        return TRUTH[language]
    return tuple(column.labels.values())


def _add_lists(pages: Pages, sheet: Any, lists: Mapping[str, tuple[str, ...]], language: str) -> None:
    """Lists stand in a hidden sheet, because a list written into a cell rule ends at 255 characters."""
    if not lists:
        return
    longest = max(map(len, lists.values()))
    rows = [[words[at] if at < len(words) else "" for words in lists.values()] for at in range(longest)]
    hidden = pages.hidden(LISTS_SHEET, rows)
    for at, (place, words) in enumerate(lists.items()):
        letter = _letters(at)
        source = f"='{hidden.get_name()}'!${letter}$1:${letter}${len(words)}"
        rule = {"validate": "list", "source": source, "error_message": WORDS[language]["note"]}
        sheet.data_validation(1, int(place), ROWS, int(place), rule)


def _letters(column: int) -> str:
    """0 is A, 26 is AA.

    >>> _letters(0), _letters(26)
    ('A', 'AA')
    """
    text, number = "", column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(ord("A") + rest) + text
    return text
