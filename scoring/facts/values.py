"""Columns of exact numbers, texts and truth values: what formulas compute with, one row per unit.

Truth is three-valued: a value and a mask of unknowns. A row is *lost* where the fast way cannot answer (a number left
int64, a table lacks the key); nothing else about such a row means anything until it has been redone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from scoring.exact import Flags, Numbers

Path = tuple[str, ...]
Scalar = Fraction | str | bool | None
Objects = npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Texts:
    """One text per row; None where missing."""

    values: Objects
    lost: Flags

    @classmethod
    def of(cls, values: Sequence[Scalar] | Objects) -> Texts:
        """Texts as given, none of them lost."""
        column = np.empty(len(values), object)
        column[:] = values
        return cls(column, np.zeros(len(values), bool))

    @property
    def missing(self) -> Flags:
        """Rows without a text."""
        return absent(self.values)


@dataclass(frozen=True, slots=True)
class Truths:
    """One truth value per row; *missing* where unknown."""

    value: Flags
    missing: Flags
    lost: Flags

    @classmethod
    def of(cls, values: Sequence[bool | None]) -> Truths:
        """Truth values as given, None for unknown."""
        unknown = np.array([value is None for value in values], bool)
        return cls(np.array([bool(value) for value in values], bool), unknown, np.zeros(len(values), bool))

    @property
    def known_true(self) -> Flags:
        """Rows that are true for certain."""
        return self.value & ~self.missing

    @property
    def known_false(self) -> Flags:
        """Rows that are false for certain."""
        return ~self.value & ~self.missing


Value = Numbers | Texts | Truths


def absent(values: Objects) -> Flags:
    """Where a column of objects holds None.

    >>> [bool(flag) for flag in absent(np.array(["a", None], object))]
    [False, True]
    """
    return np.fromiter((value is None for value in values), bool, len(values))


def scalar(value: Value, row: int) -> Scalar:
    """One row of a column as a Python value."""
    match value:
        case Numbers():
            return value.fraction(row)
        case Texts():
            return cast("Scalar", value.values[row])
    return None if value.missing[row] else bool(value.value[row])


def row_of(values: Mapping[Path, Value], row: int, paths: set[Path]) -> dict[Path, Scalar]:
    """The scalar values of one unit."""
    return {path: scalar(values[path], row) for path in paths}


def sized(value: Value, count: int) -> Value:
    """The same with *count* rows, a constant repeated."""
    shape = (count,)
    match value:
        case Numbers():
            return value.sized(count)
        case Texts():
            return Texts(np.broadcast_to(value.values, shape), np.broadcast_to(value.lost, shape))
    return Truths(*(np.broadcast_to(part, shape) for part in (value.value, value.missing, value.lost)))


def taken(value: Value, rows: npt.NDArray[np.intp]) -> Value:
    """The chosen rows."""
    match value:
        case Numbers():
            return value.take(rows)
        case Texts():
            return Texts(value.values[rows], value.lost[rows])
    return Truths(value.value[rows], value.missing[rows], value.lost[rows])


def with_rows(value: Value, rows: npt.NDArray[np.intp], values: Sequence[Scalar]) -> Value:
    """The same with the chosen rows replaced, and no longer lost.

    Raises:
        PointsOverflowError: A number that does not fit.
    """
    if isinstance(value, Numbers):
        return value.with_values(rows, cast("Sequence[Fraction | None]", values))
    lost = value.lost.copy()
    lost[rows] = False
    if isinstance(value, Texts):
        texts = value.values.copy()
        texts[rows] = values
        return Texts(texts, lost)
    truth, missing = value.value.copy(), value.missing.copy()
    truth[rows], missing[rows] = [bool(one) for one in values], [one is None for one in values]
    return Truths(truth, missing, lost)


def losing(value: Value, lost: Flags, missing: Flags | None = None) -> Value:
    """The same with further rows lost, and further rows missing."""
    gone = np.zeros_like(lost) if missing is None else missing
    match value:
        case Numbers():
            return Numbers(*_broadcast(value.num, value.den, value.missing | gone, value.lost | lost))
        case Texts():
            texts: Any = value.values
            return Texts(*_broadcast(np.where(gone, cast("Any", None), texts), value.lost | lost))
    return Truths(*_broadcast(value.value, value.missing | gone, value.lost | lost))


def _broadcast(*arrays: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], ...]:
    return np.broadcast_arrays(*arrays)
