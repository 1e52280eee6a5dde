"""A DataFrame of facts as the columns a card computes with, refused with a reason before anything is computed.

A frame has exactly the card's inputs as columns, in their order; a number may have its denominator in `x__den` beside
it. Picking columns out of a wider frame is a step of its own (`select`), so that a wrong column is never read by luck.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Protocol, cast

import numpy as np
import numpy.typing as npt

from scoring.card.artefact import Card, Input
from scoring.card.inputs import ALONE, DEN, LIMIT, InputError, Slot, lonely, reader_of, refused
from scoring.exact import Flags, Numbers
from scoring.facts.values import Path, Texts, Truths, Value

SHOWN = 5


class Frame(Protocol):
    """What is asked of a DataFrame: pandas' fits."""

    @property
    def columns(self) -> Any:
        """Names of the columns."""

    def __getitem__(self, name: Any) -> Any:
        """One column, or a frame of several."""

    def __len__(self) -> int:
        """Number of rows."""


def framed(table: Any) -> Any:
    """*table* where it is a DataFrame.

    Raises:
        InputError: Anything else: columns are read by name, never by place.
    """
    if not hasattr(table, "columns") or not hasattr(table, "iloc"):
        raise InputError(
            f"found {type(table).__name__}, allowed: a DataFrame; columns are read by name, never by place"
        )
    return table


def select(card: Card, frame: Frame) -> Any:
    """The card's inputs out of a wider frame, in their order, each with its denominator where the frame has one.

    Raises:
        InputError: Inputs the frame lacks.
    """
    there = set(framed(frame).columns)
    absent = [one.name for one in card.inputs if one.name not in there]
    if absent:
        raise InputError(f"found no {', '.join(absent)}, allowed: every input of {card.id}")
    wanted = [name for one in card.inputs for name in (one.name, one.name + DEN)]
    return frame[[name for name in wanted if name in there]]


def values_of(card: Card, frame: Frame) -> dict[Path, Value]:
    """The columns of *frame* by path.

    Raises:
        InputError: Columns that are unknown, absent, repeated or in another order; values of the wrong kind.
    """
    names = _checked_names(card, list(framed(frame).columns))
    return {one.path: _column(one, frame, paired=one.name + DEN in names) for one in card.inputs}


def _checked_names(card: Card, names: Sequence[Any]) -> set[str]:
    numbers = {one.name + DEN for one in card.inputs if one.type.kind == "number"}
    expected = [one.name for one in card.inputs]
    own = [name for name in names if name not in numbers]
    odd = [str(name) for name in own if name not in expected]
    absent = [name for name in expected if name not in own]
    if odd or absent:
        parts = ([f"columns {_listed(odd)}"] if odd else []) + ([f"no {_listed(absent)}"] if absent else [])
        found = " and ".join(parts)
        raise InputError(f"found {found}, allowed: {', '.join(expected)}; `select` picks them out of a wider frame")
    if len(set(names)) != len(names):
        twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
        raise InputError(f"found columns {_listed(twice)} more than once, allowed: each once")
    if own != expected:
        raise InputError(f"found columns in the order {_listed(own)}, allowed: {', '.join(expected)}")
    return set(names)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:SHOWN]) + (", …" if len(names) > SHOWN else "")


def _column(one: Input, frame: Frame, *, paired: bool) -> Value:
    column = frame[one.name]
    missing = np.asarray(column.isna(), bool)
    if missing.any() and not one.type.optional:
        raise _at(frame, int(np.flatnonzero(missing)[0]), refused(one, None, _allowed(one)))
    if one.type.kind == "text":
        return _texts(one, frame, missing)
    if one.type.kind == "truth":
        if str(column.dtype) not in ("bool", "boolean") and not _objects(column):
            raise refused(one, column.dtype, "a column of True and False")
        return Truths.of(_read(one, frame, missing))
    if one.type.kind == "day" and str(column.dtype).startswith("datetime64"):
        return _days(one, frame, missing)
    if not _is_whole(column):
        if not _objects(column):
            raise refused(one, column.dtype, _allowed(one))
        return _each(one, frame, missing, paired=paired)
    return _whole(one, frame, missing, paired=paired)


def _days(one: Input, frame: Frame, missing: Flags) -> Numbers:
    """Timestamps that are days: without a time of day and without a zone, in which it might be another day."""
    moments = np.asarray(frame[one.name])
    if moments.dtype.kind != "M" or getattr(frame[one.name].dtype, "tz", None) is not None:
        raise refused(one, frame[one.name].dtype, _allowed(one))
    days = moments.astype("datetime64[D]")
    odd = ~missing & (days != moments)
    if odd.any():
        row = int(np.flatnonzero(odd)[0])
        raise _at(frame, row, refused(one, str(moments[row]), f"{_allowed(one)}, without a time"))
    return Numbers.whole(np.where(missing, 0, days.astype(np.int64)), missing)


def _whole(one: Input, frame: Frame, missing: Flags, *, paired: bool) -> Numbers:
    num = _ints(one, frame[one.name], missing, frame)
    if not paired:
        factor = 10 ** (one.type.scale or 0)
        if bool((np.abs(num) >= LIMIT // factor).any()):
            return _each(one, frame, missing, paired=False)
        return Numbers.whole(num * factor, missing, factor)
    lower = frame[one.name + DEN]
    if not _is_whole(lower):
        raise refused(one, lower.dtype, f"whole numbers in {one.name}{DEN}")
    without = np.asarray(lower.isna(), bool)
    if (without & ~missing).any():
        raise _at(frame, int(np.flatnonzero(without & ~missing)[0]), lonely(one))
    if one.type.scale is not None:
        return _each(one, frame, missing, paired=True)
    den = _ints(one, lower, without, frame)
    gone = ~missing & (den == 0)
    if gone.any() and not one.type.optional:
        raise _at(frame, int(np.flatnonzero(gone)[0]), refused(one, None, _allowed(one)))
    return Numbers.ratios(num, den, missing)


def _ints(one: Input, column: Any, missing: Flags, frame: Frame) -> npt.NDArray[np.int64]:
    raw = column.fillna(0) if missing.any() else column
    values = np.asarray(raw)
    large = (values >= LIMIT) | (values <= -LIMIT)
    if large.any():
        row = int(np.flatnonzero(large)[0])
        raise _at(frame, row, refused(one, values[row], "numbers below 2^62"))
    return values.astype(np.int64)


def _each(one: Input, frame: Frame, missing: Flags, *, paired: bool) -> Numbers:
    """Objects and decimals, one after the other, as a single record is read."""
    read, factor = reader_of(one), 10 ** (one.type.scale or 0)
    values = list(frame[one.name])
    dens = _with_none(frame[one.name + DEN]) if paired else [ALONE] * len(values)
    found: list[Fraction | None] = []
    for row, (value, den) in enumerate(zip(values, dens, strict=True)):
        try:
            slot = None if missing[row] else read(value, den)
        except InputError as error:
            raise _at(frame, row, error) from None
        found.append(_fraction(slot, factor))
    if one.type.scale is None or any(value is not None and abs(value) * factor >= LIMIT for value in found):
        return Numbers.from_fractions(found)
    return Numbers.whole([0 if value is None else int(value * factor) for value in found], missing, factor)


def _with_none(column: Any) -> list[Any]:
    return [None if gone else value for value, gone in zip(column, np.asarray(column.isna(), bool), strict=True)]


def _fraction(slot: Slot, factor: int) -> Fraction | None:
    if slot is None:
        return None
    return Fraction(*slot) if isinstance(slot, tuple) else Fraction(cast("int", slot), factor)


def _texts(one: Input, frame: Frame, missing: Flags) -> Texts:
    return Texts.of(_read(one, frame, missing))


def _read(one: Input, frame: Frame, missing: Flags) -> list[Any]:
    read = reader_of(one)
    known: dict[Any, Any] = {}
    values = list(frame[one.name])
    for row, value in enumerate(values):
        try:
            if not missing[row] and (type(value), value) not in known:
                known[type(value), value] = read(value, ALONE)
        except InputError as error:
            raise _at(frame, row, error) from None
        except TypeError:  # no text and no truth value: such as a list, which cannot be looked up
            raise _at(frame, row, refused(one, value, _allowed(one))) from None
    return [None if gone else known[(type(value), value)] for value, gone in zip(values, missing, strict=True)]


def row_name(frame: Frame, row: int) -> str:
    """The label of a row, as errors name it."""
    return str(getattr(frame, "index", range(len(frame)))[row])


def _at(frame: Frame, row: int, error: InputError) -> InputError:
    return InputError(f"row {row_name(frame, row)}: {error}")


def _allowed(one: Input) -> str:
    match one.type.kind:
        case "text":
            return ", ".join(one.categories) or "texts"
        case "truth":
            return "True or False"
        case "day":
            return "days: dates, or whole days since 1970-01-01"
    return f"whole numbers (with {one.name}{DEN} beside them for ratios), Decimal or Fraction; no floats"


def _is_whole(column: Any) -> bool:
    return getattr(column.dtype, "kind", "") in "iu"


def _objects(column: Any) -> bool:
    return str(column.dtype) == "object"
