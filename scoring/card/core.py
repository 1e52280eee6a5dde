"""The numpy core: numbers to rows of a table, and whole line matrices from coded columns.

A line that reads one value is a staircase over whole numbers: sorted cuts, and points between them. A code is the
number in its own decimals, a category's place, 1 and 0 for truth, or MISSING, which lies below every cut.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from data_contracts.expressions.terms import Column, columns
from scoring.card.artefact import Card, Input
from scoring.card.ladder import Ladder
from scoring.exact import Ints, Numbers
from scoring.rulebook.shape import Line

Places = npt.NDArray[np.intp]
MISSING = int(np.iinfo(np.int64).min)
BLOCK = 1 << 14
FEW = 12
_NARROW = (np.int8, np.int16, np.int32, np.int64)


class NotCodedError(ValueError):
    """A line that is no staircase over one coded column."""


@dataclass(frozen=True)
class Staircase:
    """Points of one line as a step function of one coded column.

    Attributes:
        line: Id of the line.
        input: Name of the column.
        cuts: Ascending; the first is the lowest code that is not MISSING where the value may be missing.
        points: Units between the cuts, len(cuts) + 1.
    """

    line: str
    input: str
    cuts: tuple[int, ...]
    points: tuple[int, ...]


def places(ladder: Ladder, on: Numbers) -> Places | None:
    """The row that fits each number, -1 for none or missing; None when their denominators differ."""
    if len(on) == 0 or not (on.den == on.den[0]).all():
        return None
    cuts = ladder.whole(int(on.den[0]))
    if any(abs(cut) >= 2**63 for cut in cuts):
        return None
    found = np.array(ladder.rows, np.intp)[np.searchsorted(np.array(cuts, np.int64), on.num, side="right")]
    return np.where(on.missing, -1, found) if cuts else found


def staircases(card: Card) -> tuple[Staircase, ...]:
    """All lines of *card* as staircases.

    Raises:
        NotCodedError: The first line that is not a table over one value, by name.
    """
    return tuple(staircase(card, line) for line in card.lines())


def line_matrix(stairs: Sequence[Staircase], coded: Mapping[str, Ints]) -> npt.NDArray[np.signedinteger[Any]]:
    """Points of every line for every row.

    Args:
        stairs: As `staircases` gives them.
        coded: int64 columns by name, all of one length.

    Returns:
        (rows × lines), in units, in the narrowest integer that holds them; each column contiguous.
    """
    count = len(coded[stairs[0].input]) if stairs else 0
    kind = _narrowest(point for stair in stairs for point in stair.points)
    matrix = np.empty((count, len(stairs)), kind, order="F")
    steps = [_steps(stair, kind) for stair in stairs]
    for start in range(0, count, BLOCK):
        rows = slice(start, start + BLOCK)
        for place, (stair, (cuts, first, rises)) in enumerate(zip(stairs, steps, strict=True)):
            column, out = coded[stair.input][rows], matrix[rows, place]
            if len(cuts) > FEW:
                np.take(np.array(stair.points, kind), np.searchsorted(cuts, column, side="right"), out=out)
                continue
            out[:] = first
            for cut, rise in zip(cuts, rises, strict=True):
                out += (column >= cut).view(np.int8) * rise
    return matrix


def _steps(
    stair: Staircase, kind: type[np.signedinteger[Any]]
) -> tuple[Ints, np.signedinteger[Any], list[np.signedinteger[Any]]]:
    rises = [kind(after - before) for before, after in zip(stair.points, stair.points[1:], strict=False)]
    return np.array(stair.cuts, np.int64), kind(stair.points[0]), rises


def _narrowest(points: Iterable[int]) -> type[np.signedinteger[Any]]:
    """The narrowest integer for points and for the differences between them."""
    known = list(points) or [0]
    reach = max(0, *known) - min(0, *known)
    return next(kind for kind in _NARROW if reach <= np.iinfo(kind).max)


def staircase(card: Card, line: Line) -> Staircase:
    """One line as a staircase.

    Raises:
        NotCodedError: It is not a table over one value, by name.
    """
    terms = [part.term for part in (line.points, line.on, line.when) if part is not None]
    read = {path for term in terms for path in columns(term)}
    one = next((one for one in card.inputs if {one.path} == read), None)
    if one is None or line.when is not None:
        raise NotCodedError(f"line {line.id}: found {len(read)} values or a test, allowed: a table over one value")
    if line.on is not None:
        return _of_tiers(card, line, one)
    return _of_points(card, line, one)


def _of_tiers(card: Card, line: Line, one: Input) -> Staircase:
    ladder = Ladder.of(line.tiers)
    scale = one.type.scale
    if ladder is None or line.on is None or not isinstance(line.on.term, Column) or scale is None:
        allowed = "tiers on a number of known decimals"
        raise NotCodedError(f"line {line.id}: found a ratio, a formula or tests, allowed: {allowed}")
    points = [line.tiers[row].points if row >= 0 else missing_points(line) for row in ladder.rows]
    return _with_missing(card, line, one, ladder.whole(10**scale), points)


def _of_points(card: Card, line: Line, one: Input) -> Staircase:
    values: Sequence[object] = one.categories if one.type.kind == "text" else (False, True)
    if one.type.kind not in ("text", "truth") or not values:
        raise NotCodedError(f"line {line.id}: found a formula over a number, allowed: over truth or categories")
    points = [_points_at(card, line, one, value) for value in values]
    return _with_missing(card, line, one, list(range(1, len(values))), points)


def _points_at(card: Card, line: Line, one: Input, value: object) -> int:
    """What the card itself gives for one value of the line's only input."""
    rules = replace(
        card.rules, start=0, not_rated_when=None, full=None, lines=(replace(line, within=None, total=None),)
    )
    alone = replace(card, inputs=(one,), rules=rules, statuses=(), levels=None)
    return alone.score({one.name: value}).lines[0].points


def points_without(card: Card, line: Line, one: Input) -> int:
    """Points of a line whose only input is missing: not always its policy, `if(kind is null, 1, 2)` has an amount."""
    return _points_at(card, line, one, None) if one.type.optional else missing_points(line)


def _with_missing(card: Card, line: Line, one: Input, cuts: list[int], points: list[int]) -> Staircase:
    if not one.type.optional:
        return Staircase(line.id, one.name, tuple(cuts), tuple(points))
    return Staircase(line.id, one.name, (MISSING + 1, *cuts), (points_without(card, line, one), *points))


def missing_points(line: Line) -> int:
    """What a missing value is worth in units; 0 where the line is skipped or the unit not rated."""
    if isinstance(line.missing, int):
        return line.missing
    return (line.full or 0) if line.missing == "full" else 0
