"""Which units a rank step takes: the best n, the worst n, or those beyond the best n, with a stated rule for ties."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cmp_to_key

import numpy as np
import numpy.typing as npt

from scoring.exact import Flags, Ints
from scoring.facts.formula import Context, Path, Scalar, Value, evaluate, scalar, truths
from scoring.rulebook.shape import Rank


@dataclass(frozen=True)
class Taken:
    """Units that a rank step takes.

    Attributes:
        members: One flag per unit.
        places: Number of places per group, as counted from the percentage.
    """

    members: Flags
    places: Mapping[Scalar, int]


def take(rank: Rank, rated: Flags, values: Mapping[Path, Value], context: Context) -> Taken:
    """The units that *rank* takes.

    Args:
        rank: The step's rank.
        rated: Units with points and no status; they are counted for percentages and only they can be taken.
        values: Columns incl. points and level as they stand.
    """
    count = len(rated)
    candidates = rated.copy()
    if rank.among is not None:
        candidates &= truths(rank.among.term, values, count, context).known_true
    groups = _keys(rank.per, values, count, context)
    singles = None if rank.one_per is None else _keys(rank.one_per, values, count, context)
    criteria = [(evaluate(term, values, count, context), highest) for term, highest in rank.by]
    members, places = np.zeros(count, bool), {}
    for group in dict.fromkeys(groups[row] for row in np.flatnonzero(rated)):
        inside = (
            np.array([groups[row] == group for row in range(count)], bool)
            if rank.per is not None
            else np.ones(count, bool)
        )
        places[group] = _places(rank, int((rated & inside).sum()))
        rows = np.flatnonzero(candidates & inside)
        chosen = _chosen(rank, _ordered(rows, criteria, rank.which == "worst"), places[group], singles)
        members[chosen] = True
    return Taken(members, places)


def competition_ranks(points: Ints, rated: Flags) -> Ints:
    """1 for the most points; equal points share a rank; 0 without one.

    >>> [int(rank) for rank in competition_ranks(np.array([5, 9, 5, 1]), np.array([True, True, True, False]))]
    [2, 1, 2, 0]
    """
    known = np.sort(points[rated])
    above = len(known) - np.searchsorted(known, points, side="right")
    return np.where(rated, above + 1, 0).astype(np.int64)


def _keys(key: object, values: Mapping[Path, Value], count: int, context: Context) -> list[Scalar]:
    term = getattr(key, "term", None)
    if term is None:
        return [None] * count
    column = evaluate(term, values, count, context)
    return [scalar(column, row) for row in range(count)]


def _places(rank: Rank, rated: int) -> int:
    if rank.number is not None:
        return rank.number
    exact = (rank.share or Fraction(0)) * rated
    whole, rest = divmod(exact.numerator, exact.denominator)
    if rank.rounding == "up":
        return whole + (rest > 0)
    return whole + (rank.rounding == "half_up" and rest * 2 >= exact.denominator)


def _ordered(rows: npt.NDArray[np.intp], criteria: list[tuple[Value, bool]], worst: bool) -> list[list[int]]:
    """Rows in order, those equal in every criterion together; missing values last."""

    def compare(one: tuple[Scalar, ...], other: tuple[Scalar, ...]) -> int:
        for left, right, (_, highest) in zip(one, other, criteria, strict=True):
            if left == right:
                continue
            if left is None or right is None:
                return 1 if left is None else -1
            higher_first = highest != worst
            return -1 if (left > right) == higher_first else 1  # type: ignore[operator]  # both are numbers
        return 0

    keyed: dict[tuple[Scalar, ...], list[int]] = {}
    for row in rows:
        keyed.setdefault(tuple(scalar(column, int(row)) for column, _ in criteria), []).append(int(row))
    return [keyed[key] for key in sorted(keyed, key=cmp_to_key(compare))]


def _chosen(rank: Rank, ordered: list[list[int]], places: int, singles: list[Scalar] | None) -> list[int]:
    """The rows taken; `all_in` and `all_out` speak of the rows the step takes, so `beyond` turns them round."""
    if singles is not None:
        return _one_each(rank, [row for tied in ordered for row in tied], places, singles)
    keep_tied = rank.ties == ("all_out" if rank.which == "beyond" else "all_in")
    best: list[int] = []
    for tied in ordered:
        room = places - len(best)
        if room <= 0:
            break
        if len(tied) <= room or keep_tied:
            best += tied
        elif rank.ties == "by_key":
            best += tied[:room]
        else:
            break
    if rank.which != "beyond":
        return best
    taken = set(best)
    return [row for tied in ordered for row in tied if row not in taken]


def _one_each(rank: Rank, rows: list[int], places: int, singles: list[Scalar]) -> list[int]:
    taken: list[int] = []
    used: set[Scalar] = set()
    for row in rows:
        if len(taken) < places and singles[row] not in used:
            taken.append(row)
            used.add(singles[row])
    return [row for row in rows if row not in set(taken)] if rank.which == "beyond" else taken
