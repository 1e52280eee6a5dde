"""Persons in accepted rows: their columns emptied or turned into pseudonyms, free text searched for what leads to them.

Columns classified as personal are checked as delivered and only then emptied; one that says `pseudonym` keeps an HMAC,
so that one person can be told from another without being known. Without the key nobody can try names one by one.
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from collections.abc import Iterable
from typing import Final

import pyarrow as pa

from data_contracts.model import Column, Contract, Rule
from data_contracts.personal.masking import masked_cells

PSEUDONYM_LENGTH: Final = 24
_CODES: Final = ("enum", "check_digit")


def pseudonym(key: bytes, kind: str, value: str) -> str:
    """What stands for a person: the same for the same value and kind under one key, and for nothing else.

    Blanks, signs that nobody sees, full-width letters and small letters make no other person.

    >>> key = bytes(range(32))
    >>> pseudonym(key, "manager", "11010119900307123x") == pseudonym(key, "manager", "11010119900307123X ")
    True
    >>> pseudonym(key, "manager", "甲") == pseudonym(key, "secretary", "甲")
    False
    """
    seen = (sign for sign in unicodedata.normalize("NFKC", value).upper() if unicodedata.category(sign) != "Cf")
    plain = "".join("".join(seen).split())
    digest = hmac.new(key, f"{kind}\x1f{plain}".encode(), hashlib.sha256).hexdigest()
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
            rows = rows.set_column(at, column.name, masked_cells(rows[column.name]))
    return rows


def is_free_text(column: Column, contract: Contract) -> bool:
    """Whether anything may be written in the column: text that is no code, no key and no reference."""
    if column.type.kind != "text" or column.attributed or column.name in contract.key:
        return False
    return not is_closed(column, contract)


def is_closed(column: Column, contract: Contract) -> bool:
    """Whether a rule lets nothing but codes into the column. One that only warns, or asks only now and then, does not.

    A row with an empty part of a foreign key claims no parent: then anything may stand in its other parts.
    """
    return any(
        rule.severity == "error" and column.name in rule.columns and _closes(rule, column, contract)
        for rule in contract.rules
    )


def _closes(rule: Rule, column: Column, contract: Contract) -> bool:
    if rule.kind == "pattern":
        pattern = str(rule.limits["pattern"])
        return pattern.startswith("^") and pattern.endswith("$")
    if rule.kind == "foreign_key":
        others = (contract.column(name) for name in rule.columns if name != column.name)
        return not any(one is None or one.type.optional for one in others)
    return rule.kind in _CODES


def personal_columns(contract: Contract) -> frozenset[str]:
    """Names of the personal columns."""
    return frozenset(column.name for column in contract.columns if column.classification == "personal")


def pseudonym_columns(contract: Contract) -> frozenset[str]:
    """Names of the columns that keep a pseudonym, given the key."""
    return frozenset(column.name for column in contract.columns if column.pseudonym)


def _of_person(cells: pa.ChunkedArray, column: Column, key: bytes | None) -> pa.Array:
    if key is None or not column.pseudonym:
        return pa.nulls(len(cells), cells.type)
    found: Iterable[str | None] = cells.to_pylist()
    known = {value: pseudonym(key, column.pseudonym, value) for value in dict.fromkeys(found) if value is not None}
    return pa.array([None if value is None else known[value] for value in found], pa.string())
