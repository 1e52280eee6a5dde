"""Names of records: what a row is called from the day it is accepted, wherever it stood in the file.

A record id is its key, cell by cell, joined with `/`. Where a contract accepts repeated keys, every row of the table
carries the digest of its content and its number among equal rows as well, not only the rows that happen to repeat: a
second row delivered later must not rename the first.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

SEPARATOR: Final = "/"
DIGEST_LENGTH: Final = 12


def key_ids(cells: Sequence[pa.Array]) -> pa.Array:
    r"""Ids of rows whose keys do not repeat.

    Args:
        cells: The key's columns as canonical text, in key order; a missing cell counts as empty.

    >>> key_ids([pa.array(["1/2", "a"]), pa.array(["x", None])]).to_pylist()
    ['1\\/2/x', 'a/']
    """
    escaped = [_escaped(pc.fill_null(column, "")) for column in cells]
    return pc.binary_join_element_wise(*escaped, SEPARATOR) if len(escaped) > 1 else escaped[0]


def content_ids(keys: pa.Array, digests: Sequence[str]) -> pa.Array:
    """Ids of rows whose keys may repeat: `<key>#<digest>#<occurrence among equal rows, from 1>`.

    >>> content_ids(pa.array(["a", "a", "a"]), ["d1", "d2", "d1"]).to_pylist()
    ['a#d1#1', 'a#d2#1', 'a#d1#2']
    """
    seen: Counter[str] = Counter()
    ids = []
    for key, digest in zip(keys.to_pylist(), digests, strict=True):
        name = f"{key}#{digest}"
        seen[name] += 1
        ids.append(f"{name}#{seen[name]}")
    return pa.array(ids, pa.string())


def content_digests(cells: Sequence[pa.Array]) -> list[str]:
    """The first 12 hexadecimal digits of the SHA-256 of each row's cells, written as a JSON list.

    Args:
        cells: Columns as canonical text, in an order that the file cannot change.
    """
    rows: Iterable[Sequence[str | None]] = zip(*(column.to_pylist() for column in cells), strict=True)
    return [_digest(row) for row in rows]


def _digest(row: Sequence[str | None]) -> str:
    written = json.dumps(row, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()[:DIGEST_LENGTH]


def _escaped(cells: pa.Array) -> pa.Array:
    return pc.replace_substring(pc.replace_substring(cells, "\\", "\\\\"), "/", "\\/")
