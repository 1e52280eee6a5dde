"""Reason codes: which lines cost a unit points, most first.

A line is a reason when it gave strictly less than its full points; equal losses stand in line order; the list is
never padded. Full points are what the rule states, else its best tier, else 0: a pure deduction is measured against 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scoring.rulebook.shape import Line

if TYPE_CHECKING:
    from scoring.card.artefact import Card
    from scoring.card.one import Outcome


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason.

    Attributes:
        code: Id of the line.
        lost: Units below its full points, > 0.
        points, full: Units given and possible.
    """

    code: str
    lost: int
    points: int
    full: int


def full_points(line: Line) -> int:
    """The most a line can give, in units, as far as the rulebook says.

    >>> from scoring.rulebook.shape import Citation, Title
    >>> full_points(Line("X", Title(), Citation(), full=500))
    500
    """
    if line.full is not None:
        return line.full
    return max((row.points for row in line.tiers), default=0)


def reasons(card: Card, outcome: Outcome, most: int | None = None) -> list[Reason]:
    """The reasons of *outcome*, the greatest loss first.

    Args:
        card: The card it was made with.
        outcome: What the card said.
        most: How many at most; all by default.
    """
    lines = card.lines()
    found = []
    for lost, place in outcome.losses[:most]:
        full = full_points(lines[place])
        found.append(Reason(lines[place].id, lost, full - lost, full))
    return found
