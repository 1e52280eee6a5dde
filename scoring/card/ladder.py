"""Rows of one tested number as a ladder: sorted cuts, and which row fits between two of them.

One ladder serves the numpy core (searchsorted), the single record (bisect) and the exports, so all agree on every edge.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from scoring.rulebook.shape import Row

Cut = tuple[Fraction, bool]


@dataclass(frozen=True, slots=True)
class Ladder:
    """Which row fits a number.

    Attributes:
        cuts: Where the answer changes, ascending: (number, whether the number itself still belongs below).
        rows: For each of the len(cuts) + 1 gaps the place of the first row that fits, -1 for none.
    """

    cuts: tuple[Cut, ...]
    rows: tuple[int, ...]

    @classmethod
    def of(cls, rows: Sequence[Row]) -> Ladder | None:
        """The ladder of *rows*; None when a row has a test of its own.

        >>> Ladder.of([Row((Fraction(5), True), None, None), Row(None, None, None)])
        Ladder(cuts=((Fraction(5, 1), False),), rows=(1, 0))
        """
        if any(row.when is not None for row in rows):
            return None
        edges: set[Cut] = set()
        for row in rows:
            if row.lower is not None:
                edges.add((row.lower[0], not row.lower[1]))
            if row.upper is not None:
                edges.add(row.upper)
        cuts = tuple(sorted(edges))
        gaps = tuple(_first(rows, cuts, gap) for gap in range(len(cuts) + 1))
        return cls(cuts, gaps)

    def whole(self, den: int) -> list[int]:
        """For numbers n/den: the smallest n above each cut.

        >>> Ladder(((Fraction(1, 2), False), (Fraction(1, 2), True)), (0, 1, 2)).whole(10)
        [5, 6]
        """
        found = []
        for edge, below in self.cuts:
            whole, rest = divmod(edge.numerator * den, edge.denominator)
            found.append(whole + (below or rest > 0))
        return found

    def row_of(self, num: int, den: int) -> int:
        """The row that fits num/den (den > 0)."""
        for place, (edge, below) in enumerate(self.cuts):
            left, right = num * edge.denominator, edge.numerator * den
            if left < right or (below and left == right):
                return self.rows[place]
        return self.rows[-1]

    def row_in(self, cuts: list[int], num: int) -> int:
        """The row that fits num/den, given the cuts of `whole(den)`."""
        return self.rows[bisect_right(cuts, num)]


def _first(rows: Sequence[Row], cuts: tuple[Cut, ...], gap: int) -> int:
    """The first row that fits the numbers of a gap: those above cuts[gap - 1] and below cuts[gap]."""
    for place, row in enumerate(rows):
        low = -1 if row.lower is None else cuts.index((row.lower[0], not row.lower[1]))
        high = len(cuts) if row.upper is None else cuts.index(row.upper)
        if low < gap <= high:
            return place
    return -1
