"""Cells of an .xlsx workbook that show an error or never got their result: the fast reader gives both as empty.

An empty cell may be allowed where #N/A must not pass, so the sheet's own XML is searched for them. It is searched as
bytes and never parsed: there is nothing in it to expand.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Final

from data_contracts.readers.sheet import Damage

_ERROR: Final = re.compile(rb'<(?:\w+:)?c\s[^>]*?\bt="e"[^>]*>')
_NO_RESULT: Final = re.compile(
    rb"<(?:\w+:)?c\s[^>]*><(?:\w+:)?f(?:\s[^>]*)?(?:/>|>[^<]*</(?:\w+:)?f>)(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?</(?:\w+:)?c>"
)
_EMPTY_TEXT: Final = b't="str"'  # calculated, to a text of no letters
_PLACE: Final = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
_FROM_1904: Final = re.compile(rb'<(?:\w+:)?workbookPr\s[^>]*?\bdate1904="(?:1|true)"')
_SHEET: Final = re.compile(rb"<(?:\w+:)?sheet\s[^>]*>")
_LINK: Final = re.compile(rb"<Relationship\s[^>]*>")


def spoiled_cells(parts: Mapping[str, bytes], sheet: str) -> dict[tuple[int, int], Damage]:
    """Row and column, both from 0, of each spoiled cell; empty where the sheet's part cannot be found.

    Args:
        parts: The unpacked workbook.
        sheet: Name of the sheet.
    """
    xml = parts.get(dict(_sheet_parts(parts)).get(sheet, ""), b"")
    found: dict[tuple[int, int], Damage] = {}
    if b"<f" in xml or b":f" in xml:
        found |= dict.fromkeys(_places(_NO_RESULT, xml, unless=_EMPTY_TEXT), "no_result")
    if b't="e"' in xml:
        found |= dict.fromkeys(_places(_ERROR, xml), "error_value")
    return found


def counts_from_1904(parts: Mapping[str, bytes]) -> bool:
    """Whether the numbers of days in an .xlsx workbook count from 1904: every one is 1,462 less than elsewhere."""
    return _FROM_1904.search(parts.get("xl/workbook.xml", b"")) is not None


def _places(pattern: re.Pattern[bytes], xml: bytes, unless: bytes = b"\0") -> Iterator[tuple[int, int]]:
    for cell in pattern.finditer(xml):
        if unless not in cell[0].partition(b">")[0] and (place := _PLACE.search(cell[0])):
            yield int(place[2]) - 1, _column(place[1].decode())


def _column(letters: str) -> int:
    """A is 0, AA is 26.

    >>> _column("A"), _column("AA"), _column("XFD")
    (0, 26, 16383)
    """
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _sheet_parts(parts: Mapping[str, bytes]) -> Iterator[tuple[str, str]]:
    """Name of each sheet and the part of the archive that holds it."""
    book, links = parts.get("xl/workbook.xml", b""), parts.get("xl/_rels/workbook.xml.rels", b"")
    targets = {_attribute(link[0], "Id"): _attribute(link[0], "Target") for link in _LINK.finditer(links)}
    for sheet in _SHEET.finditer(book):
        target = targets.get(_attribute(sheet[0], "id"), "")
        yield _attribute(sheet[0], "name"), posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")


def _attribute(tag: bytes, name: str) -> str:
    found = re.search(rf'[\s:]{name}="([^"]*)"'.encode(), tag)
    return unescape(found[1].decode("utf-8", "replace")) if found else ""
