"""JSON records: a list of objects whose values are single. Numbers stay as they are written, digit for digit."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection
from typing import Any

import pyarrow as pa

from data_contracts.problems import UnreadableError
from data_contracts.readers.sheet import MAX_COLUMNS, Sheet, sheet_of

_KINDS = {list: "list", dict: "object", str: "text", bool: "truth value", type(None): "null"}


def record_sheet(data: bytes, file: str, _: Collection[str] = ()) -> Sheet:
    """Read a list of JSON objects; row 1 is the first. A key that some objects leave out is empty there.

    Raises:
        UnreadableError: Not UTF-8, not JSON, not a list of objects, nested values, repeated keys, no rows.
    """
    records = _records(data, file)
    headers = list(dict.fromkeys(key for record in records for key in record))
    if len(headers) > MAX_COLUMNS:  # before as many cells are made for each record
        raise UnreadableError("sheet.wide", file, found=len(headers), allowed=MAX_COLUMNS)
    try:
        cells = [pa.array([_text(record.get(key)) for record in records], pa.string()) for key in headers]
    except UnicodeEncodeError:
        raise UnreadableError("file.encoding", file, line=1, found="\\ud800") from None
    return sheet_of(Sheet(file, "", {}, pa.array([], pa.int64()), sparse=True), headers, cells, first_row=1)


def _records(data: bytes, file: str) -> list[dict[str, Any]]:
    try:
        found = json.loads(
            data.removeprefix(b"\xef\xbb\xbf").decode("utf-8"),
            parse_int=str,
            parse_float=str,
            parse_constant=_refuse_constant,
            object_pairs_hook=lambda pairs: _object(pairs, file),
        )
    except UnicodeDecodeError as error:
        shown = error.object[error.start : error.start + 4].hex(" ")
        line = data.count(b"\n", 0, error.start) + 1
        raise UnreadableError("file.encoding", file, line=line, found=shown) from None
    except json.JSONDecodeError as error:
        raise UnreadableError("file.unreadable", f"{file}:{error.lineno}", found=error.msg, allowed=".json") from None
    except _ConstantError as error:
        raise UnreadableError("file.unreadable", file, found=str(error), allowed=".json") from None
    except RecursionError:
        raise UnreadableError("file.unreadable", file, found="too deep", allowed=".json") from None
    if not isinstance(found, list):
        raise UnreadableError("record.shape", file, line=1, found=_KINDS.get(type(found), "number"))
    for place, record in enumerate(found, start=1):
        if not isinstance(record, dict):
            raise UnreadableError("record.shape", file, line=place, found=_KINDS.get(type(record), "number"))
        for key, value in record.items():
            if isinstance(value, list | dict):
                kind = _KINDS[type(value)]
                raise UnreadableError("record.nested", file, line=place, column=key, found=kind)
    return found


class _ConstantError(ValueError):
    """NaN and Infinity are no JSON."""


def _refuse_constant(name: str) -> object:
    raise _ConstantError(name)


def _object(pairs: list[tuple[str, Any]], file: str) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) < len(pairs):
        repeated = Counter(name for name, _ in pairs).most_common(1)[0][0]
        raise UnreadableError("header.repeated", file, found=repeated)
    return record


def _text(value: str | bool | None) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value
