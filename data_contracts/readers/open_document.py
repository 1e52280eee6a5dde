"""Cells of an .ods sheet that show an error or have no result: the fast reader gives both as empty.

The document is searched as bytes and never parsed: there is nothing in it to expand. Runs of equal cells are counted,
not written out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from typing import Final

from data_contracts.readers.sheet import MAX_COLUMNS, Damage

_PART: Final = re.compile(
    rb"<table:(table-row|table-cell|covered-table-cell)\b([^>]*?)(/?)>(?:\s*<text:p[^>]*>([^<]*)</text:p>)?"
)
_REPEATED: Final = re.compile(rb'\btable:number-(?:rows|columns)-repeated="(\d{1,9})"')
_SHOWN: Final = re.compile(rb"#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!)|Err:\d{3}")


def spoiled_cells(content: bytes, sheet: str) -> dict[tuple[int, int], Damage]:
    """Row and column, both from 0, of each spoiled cell.

    Args:
        content: The part `content.xml`.
        sheet: Name of the sheet.
    """
    table = _table(content, sheet)
    return dict(_spoiled(table)) if b"table:formula=" in table or b'="error"' in table else {}


def _table(content: bytes, sheet: str) -> bytes:
    name = re.escape(escape(sheet).encode())
    begin = re.search(rb'<table:table\s[^>]*?\btable:name="' + name + rb'"[^>]*>', content)
    if begin is None:
        return b""
    end = content.find(b"</table:table>", begin.end())
    return content[begin.end() : end if end >= 0 else len(content)]


def _spoiled(table: bytes) -> Iterator[tuple[tuple[int, int], Damage]]:
    row, next_row, column = 0, 0, 0
    for part in _PART.finditer(table):
        kind, attributes, _, text = part.groups()
        repeated = _REPEATED.search(attributes)
        times = int(repeated[1]) if repeated else 1
        if kind == b"table-row":
            row, next_row, column = next_row, next_row + times, 0
            continue
        if damage := _damage(attributes, text or b""):
            for place in range(column, min(column + times, MAX_COLUMNS)):
                yield (row, place), damage
        column += times


def _damage(attributes: bytes, text: bytes) -> Damage | None:
    formula = b"table:formula=" in attributes
    if b'calcext:value-type="error"' in attributes or (formula and _SHOWN.fullmatch(text.strip())):
        return "error_value"
    return "no_result" if formula and b"office:value-type=" not in attributes else None
