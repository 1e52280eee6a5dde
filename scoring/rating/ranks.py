"""Which units a rank step takes: the best n, the worst n, or those beyond the best n, with a stated rule for ties."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from scoring.exact import Flags, Ints, Numbers
from scoring.facts.formula import Context, evaluate, truths
from scoring.facts.values import Path, Scalar, Value, scalar
from scoring.rulebook.shape import Expression, Rank

Rows = npt.NDArray[np.intp]


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
        values: Columns incl. points and level as they stand; units stand in the order of their keys.
        context: Look-up tables and calendar.
    """
    count = len(rated)
    candidates = rated.copy()
    if rank.among is not None:
        candidates &= truths(rank.among.term, values, count, context).known_true
    singles = None if rank.one_per is None else _keys(rank.one_per, values, count, context)
    orders = [_order(evaluate(term, values, count, context), highest) for term, highest in rank.by]
    members, places = np.zeros(count, bool), {}
    for group, rows in _groups(_keys(rank.per, values, count, context), rated).items():
        places[group] = _places(rank, len(rows))
        tied = _tied(rows[candidates[rows]], orders, worst=rank.which == "worst")
        members[_chosen(rank, tied, places[group], singles)] = True
    return Taken(members, places)


def competition_ranks(points: Ints, rated: Flags) -> Ints:
    """1 for the most points; equal points share a rank; 0 without one.

    >>> [int(rank) for rank in competition_ranks(np.array([5, 9, 5, 1]), np.array([True, True, True, False]))]
    [2, 1, 2, 0]
    """
    known = np.sort(points[rated])
    above = len(known) - np.searchsorted(known, points, side="right")
    return np.where(rated, above + 1, 0).astype(np.int64)


def _keys(key: Expression | None, values: Mapping[Path, Value], count: int, context: Context) -> list[Scalar]:
    if key is None:
        return [None] * count
    column = evaluate(key.term, values, count, context)
    return [scalar(column, row) for row in range(count)]


def _groups(keys: list[Scalar], rated: Flags) -> dict[Scalar, Rows]:
    found: dict[Scalar, list[int]] = {}
    for row in np.flatnonzero(rated):
        found.setdefault(keys[row], []).append(int(row))
    return {key: np.array(rows, np.intp) for key, rows in found.items()}


def _places(rank: Rank, rated: int) -> int:
    if rank.number is not None:
        return rank.number
    exact = (rank.share or Fraction(0)) * rated
    whole, rest = divmod(exact.numerator, exact.denominator)
    if rank.rounding == "up":
        return whole + (rest > 0)
    return whole + (rank.rounding == "half_up" and rest * 2 >= exact.denominator)


def _order(column: Value, highest: bool) -> Ints:
    """Place of each unit's value among the distinct values, 0 for what comes first; -1 where it is missing."""
    if not isinstance(column, Numbers):
        return np.full(len(column.missing), -1)
    known = np.flatnonzero(~column.missing)
    num, den = column.num[known], column.den[known]
    if (den == den[:1]).all():
        places = np.unique(num, return_inverse=True)[1].astype(np.int64)
    else:
        values = [Fraction(int(upper), int(lower)) for upper, lower in zip(num, den, strict=True)]
        at = {value: place for place, value in enumerate(sorted(set(values)))}
        places = np.array([at[value] for value in values], np.int64)
    result = np.full(len(column), -1)
    result[known] = places.max(initial=0) - places if highest else places
    return result


def _tied(rows: Rows, orders: list[Ints], *, worst: bool) -> list[list[int]]:
    """Rows in order, those equal in every criterion together; missing values last, also among the worst."""
    last = np.iinfo(np.int64).max
    keys = [np.where(order[rows] < 0, last, -order[rows] if worst else order[rows]) for order in orders]
    sequence = np.lexsort(keys[::-1])
    changes = np.zeros(max(len(rows) - 1, 0), bool)
    for key in keys:
        changes |= np.diff(key[sequence]) != 0
    return [part.tolist() for part in np.split(rows[sequence], np.flatnonzero(changes) + 1) if len(part)]


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
