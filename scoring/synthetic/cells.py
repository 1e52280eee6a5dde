"""Columns of a table, made from whole arrays: labels, identifiers, numbers, days, truth values.

Cells have the storage types of accepted records (numbers are whole numbers of the contract's last decimal), so that
one column can become an Excel sheet or a typed Parquet column without a float deciding anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]
Rows = Mapping[str, pa.Array]

_ZERO = ord("0")


def words(choices: Sequence[str], which: npt.NDArray[np.integer], missing: Flags | None = None) -> pa.Array:
    """The chosen word of each row, missing where *missing*."""
    return pa.array(choices, pa.string()).take(pa.array(which, mask=missing))


def same(word: str | None, count: int) -> pa.Array:
    """*count* rows of one word; None for an empty column."""
    return pa.nulls(count, pa.string()) if word is None else pa.repeat(pa.scalar(word, pa.string()), count)


def numbers(values: npt.NDArray[np.integer], missing: Flags | None = None) -> pa.Array:
    """Whole numbers."""
    return pa.array(values.astype(np.int64, copy=False), pa.int64(), mask=missing)


def days(values: npt.NDArray[np.integer], missing: Flags | None = None) -> pa.Array:
    """Days since 1970-01-01 as dates."""
    return pa.array(values.astype(np.int32), pa.int32(), mask=missing).cast(pa.date32())


def flags(values: Flags, missing: Flags | None = None) -> pa.Array:
    """Truth values."""
    return pa.array(values, pa.bool_(), mask=missing)


def digits(values: npt.NDArray[np.integer], width: int) -> Bytes:
    """Decimal digits as ASCII, shape (n, width).

    >>> digits(np.array([42]), 4).tobytes()
    b'0042'
    """
    powers = 10 ** np.arange(width - 1, -1, -1, dtype=np.int64)
    return (values.astype(np.int64)[:, None] // powers % 10 + _ZERO).astype(np.uint8)


def identifiers(*parts: str | Bytes, count: int, missing: Flags | None = None) -> pa.Array:
    """ASCII identifiers of one width, put together from constant and varying parts.

    >>> identifiers("T", digits(np.array([7, 12]), 3), count=2).to_pylist()
    ['T007', 'T012']
    """
    blocks = [
        np.broadcast_to(np.frombuffer(part.encode("ascii"), np.uint8), (count, len(part)))
        if isinstance(part, str)
        else part
        for part in parts
    ]
    matrix = np.ascontiguousarray(np.concatenate(blocks, axis=1)) if blocks else np.empty((count, 0), np.uint8)
    offsets = np.arange(count + 1, dtype=np.int32) * matrix.shape[1]
    made = pa.Array.from_buffers(pa.string(), count, [None, pa.py_buffer(offsets), pa.py_buffer(matrix)])
    return made if missing is None else pc.if_else(pa.array(missing), pa.scalar(None, pa.string()), made)


def glued(*parts: pa.Array | str) -> pa.Array:
    """Texts side by side, row by row."""
    return pc.binary_join_element_wise(*parts, "")


def chance(rng: np.random.Generator, share: float | Floats, count: int) -> Flags:
    """True with probability *share*, one number or one per row."""
    return np.asarray(rng.random(count) < share)


def pick(rng: np.random.Generator, weights: Sequence[float], count: int) -> Ints:
    """Positions in *weights*, drawn in their proportion."""
    edges = np.cumsum(weights) / np.sum(weights)
    return np.minimum(np.searchsorted(edges, rng.random(count), side="right"), len(weights) - 1).astype(np.int64)


def between(rng: np.random.Generator, low: npt.ArrayLike, high: npt.ArrayLike, count: int) -> Ints:
    """Whole numbers from *low* to *high*, both included; *low* where high is smaller."""
    lows = np.asarray(low, np.int64)
    room = np.maximum(np.asarray(high, np.int64) - lows + 1, 1)
    return np.asarray(lows + np.floor(rng.random(count) * room), np.int64)


def likely(odds: npt.ArrayLike) -> Floats:
    """The logistic curve: odds in log units to a probability."""
    return np.asarray(1 / (1 + np.exp(-np.asarray(odds, np.float64))), np.float64)


def counted(counts: Ints) -> tuple[Ints, Ints]:
    """For a number of children per parent: the parent of each child, and its place among its siblings from 0."""
    parents = np.repeat(np.arange(len(counts)), counts)
    starts = np.cumsum(counts) - counts
    return parents, np.arange(len(parents)) - starts[parents]


def stacked(parts: Sequence[Rows]) -> Rows:
    """Tables of the same columns, one below the other."""
    if len(parts) == 1:
        return parts[0]
    return {name: pa.concat_arrays([part[name] for part in parts]) for name in parts[0]}
