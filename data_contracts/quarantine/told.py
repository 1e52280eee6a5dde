"""One failure as one line for a terminal: place, column under its own header, value, reason, in the contract's words.

An officer knows the header of a column, not its name in code. Nothing of a person is shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from data_contracts.model import Contract
from data_contracts.personal import MASK, masked, personal_columns
from data_contracts.problems import shown

MAX_LINE: Final = 4_000

WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "zh": {
        "row": "{place}第 {row} 行",
        "line": "{place} {severity} {cell}{message}",
        "cell": "{headers}“{value}”:",
        "header": "{headers}:",
        "error": "退回",
        "warning": "提醒",
        "list": "、",
        "rows": "{title}:报送 {delivered} 行,退回 {refused} 行",
        "more": "……{title}还有 {count} 处同样的情况({rule})",
        "problems": "……还有 {count} 处同样的问题({code})",
        "unclaimed": "{name}:提醒 没有数据表对应该文件,未使用",
    },
    "en": {
        "row": "{place}:{row}",
        "line": "{place}: {severity}: {cell}{message}",
        "cell": "{headers} '{value}': ",
        "header": "{headers}: ",
        "error": "error",
        "warning": "warning",
        "list": ", ",
        "rows": "{title}: {delivered} delivered, {refused} refused",
        "more": "… and {count} more of {rule}",
        "problems": "… and {count} more of {code}",
        "unclaimed": "{name}: warning: found a file that no table claims, allowed: it is left aside",
    },
}


def failure_line(failure: Mapping[str, Any], contract: Contract) -> str:
    """A row of `Failures.table` as one line.

    Args:
        failure: One row of the table.
        contract: Of the failure's table; its language is the line's.
    """
    words = WORDS[contract.language]
    place = (failure["file"] or contract.title) + (f"[{failure['sheet']}]" if failure["sheet"] else "")
    if failure["row"]:
        place = words["row"].format(place=place, row=failure["row"])
    line = words["line"].format(
        place=place,
        severity=words[failure["severity"]],
        cell=_cell(failure, contract),
        message=failure["message"],
    )
    return shown(line, MAX_LINE)


def rows_line(contract: Contract, delivered: int, refused: int) -> str:
    """How many rows of a table came in and how many were refused."""
    return WORDS[contract.language]["rows"].format(title=contract.title, delivered=delivered, refused=refused)


def more_line(contract: Contract, rule: str, count: int) -> str:
    """That a rule was broken in more places than were shown."""
    return WORDS[contract.language]["more"].format(title=contract.title, rule=rule, count=count)


def more_problems_line(language: str, code: str, count: int) -> str:
    """That more files or sheets had a problem than were shown."""
    return WORDS[language]["problems"].format(code=code, count=count)


def unclaimed_line(language: str, name: str) -> str:
    """That a file was left aside."""
    return WORDS[language]["unclaimed"].format(name=shown(name, MAX_LINE))


def headers(columns: str, contract: Contract) -> str:
    """Names of columns, as a failure lists them, by the headers of the contract."""
    found = ((contract.column(name), name) for name in columns.split(", ") if name)
    return WORDS[contract.language]["list"].join(name if column is None else column.title for column, name in found)


def _cell(failure: Mapping[str, Any], contract: Contract) -> str:
    named = failure["column"] or ""
    if not named:
        return ""
    words, listed = WORDS[contract.language], headers(named, contract)
    if not failure["value"]:
        return words["header"].format(headers=listed)
    personal = personal_columns(contract).intersection(named.split(", "))
    return words["cell"].format(headers=listed, value=MASK if personal else shown(masked(failure["value"])))
