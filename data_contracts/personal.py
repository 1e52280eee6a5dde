"""Personal data stay at the door: what an accepted record keeps of a person is nothing, or a keyed pseudonym.

Columns classified as personal are checked as delivered and then emptied; one that says `pseudonym` keeps an HMAC, so
that one person can be told from another without being known. Free text is searched for numbers of telephones, identity
cards and bank cards and for mail addresses. The key lies outside the lake: without it nobody can try names one by one.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from data_contracts.model import Column, Contract

MASK: Final = "***"
KEY_BYTES: Final = 32
PSEUDONYM_LENGTH: Final = 24
_NUMBERS: Final = (
    r"\b[1-9][0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9Xx]\b",  # identity card
    r"\b62[0-9]{14,17}\b",  # bank card
    r"(?:\+86[ -]?|\b86[ -]?|\b)1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4}\b",  # mobile telephone
    r"\b0[1-9][0-9]{1,2}[ -]?[0-9]{7,8}\b",  # telephone with its area's number
    r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+",  # mail
)
_ANY: Final = "|".join(f"(?:{pattern})" for pattern in _NUMBERS)
_SEARCH: Final = re.compile(_ANY, re.ASCII)
_TELLING_RULES: Final = ("pattern", "check_digit", "foreign_key", "unique")


class KeyFileError(ValueError):
    """A key that cannot be used, or lies where it must not."""


def masked(text: str) -> str:
    """*text* without numbers and addresses that lead to a person.

    >>> masked("请回电13800001111或 0871-65550000,尾号 8888")
    '请回电***或 ***,尾号 8888'
    """
    return _SEARCH.sub(MASK, text)


def load_key(path: Path, *data: Path) -> bytes:
    """The key of the pseudonyms.

    Args:
        path: A file of at least 32 random bytes that only its owner can read.
        data: Folders of data and results, in which the key must not lie.

    Raises:
        KeyFileError: No such file, too short, readable by others, or beside the data.
    """
    if not path.is_file():
        raise KeyFileError(f"{path}: found no file, allowed: a key of {KEY_BYTES} random bytes")
    for folder in data:
        if path.resolve().is_relative_to(folder.resolve()):
            raise KeyFileError(f"{path}: found the key within {folder}, allowed: outside data and results")
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise KeyFileError(f"{path}: found a key that others can read, allowed: its owner alone (chmod 600)")
    key = path.read_bytes()
    if len(key) < KEY_BYTES:
        raise KeyFileError(f"{path}: found {len(key)} bytes, allowed: at least {KEY_BYTES}")
    return key


def pseudonym(key: bytes, kind: str, value: str) -> str:
    """What stands for a person: the same for the same value and kind under one key, and for nothing else.

    >>> pseudonym(b"k" * 32, "manager", "甲") == pseudonym(b"k" * 32, "manager", "甲")
    True
    >>> pseudonym(b"k" * 32, "manager", "甲") == pseudonym(b"k" * 32, "secretary", "甲")
    False
    """
    digest = hmac.new(key, f"{kind}\x1f{value}".encode(), hashlib.sha256).hexdigest()
    return digest[:PSEUDONYM_LENGTH]


def without_persons(rows: pa.Table, contract: Contract, key: bytes | None = None) -> pa.Table:
    """Accepted *rows* as they may be kept: personal columns empty or pseudonyms, free text masked.

    Args:
        rows: Typed rows, the contract's columns among them.
        contract: Says which columns are personal, and which of those keep a pseudonym.
        key: Of the pseudonyms; without it such columns are emptied as well.
    """
    for column in contract.columns:
        at = rows.column_names.index(column.name)
        if column.classification == "personal":
            rows = rows.set_column(at, column.name, _of_person(rows[column.name], column, key))
        elif is_free_text(column, contract):
            rows = rows.set_column(at, column.name, _masked(rows[column.name]))
    return rows


def is_free_text(column: Column, contract: Contract) -> bool:
    """Whether anything may be written in the column: text that is no code, no key and no reference."""
    if column.type.kind != "text" or column.labels or column.attributed:
        return False
    told = (rule.columns for rule in contract.rules if rule.kind in _TELLING_RULES)
    return not any(column.name in columns for columns in told)


def personal_columns(contract: Contract) -> frozenset[str]:
    """Names of the personal columns."""
    return frozenset(column.name for column in contract.columns if column.classification == "personal")


def _of_person(cells: pa.ChunkedArray, column: Column, key: bytes | None) -> pa.Array:
    if key is None or not column.pseudonym:
        return pa.nulls(len(cells), cells.type)
    found: Iterable[str | None] = cells.to_pylist()
    return pa.array(
        [None if value is None else pseudonym(key, column.pseudonym, value) for value in found], pa.string()
    )


def _masked(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.replace_substring_regex(cells, pattern=_ANY, replacement=MASK)
