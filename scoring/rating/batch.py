"""A whole DataFrame of facts through a card: the same numpy core that rates a rulebook's units, without its records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from scoring.card.artefact import Card
from scoring.card.card import CardResult, LinePoints, score
from scoring.card.frames import Frame, row_name, values_of
from scoring.exact import Ints
from scoring.facts.formula import UnitError
from scoring.facts.judging import naming
from scoring.rating.levels import Rated, rate


@dataclass(frozen=True)
class Batch:
    """Lines, points, levels and statuses of all rows."""

    card: Card
    result: CardResult
    rated: Rated

    @property
    def points(self) -> Ints:
        """Whole units per row."""
        return self.result.points

    @property
    def lines(self) -> tuple[LinePoints, ...]:
        """Every line, also those that follow from bounds."""
        return self.result.lines

    @property
    def level(self) -> npt.NDArray[Any]:
        """Level per row, None without one."""
        return self.rated.level

    @property
    def status(self) -> npt.NDArray[Any]:
        """Status per row, None without one."""
        return self.rated.status

    def matrix(self) -> npt.NDArray[np.int64]:
        """Units of every line, (rows × lines)."""
        return np.column_stack([line.points for line in self.lines]) if self.lines else np.empty((0, 0), np.int64)


def rate_frame(card: Card, frame: Frame) -> Batch:
    """Rate every row of *frame*; rank steps count its rows as the whole population.

    Args:
        card: What to rate with.
        frame: The card's inputs in their order; see `scoring.card.frames`.

    Raises:
        InputError: A frame the card cannot read, before anything is computed.
        UnitError: A row the card cannot judge, by its label.
        PointsOverflowError: Points beyond 64 bits.
    """
    values, count = values_of(card, frame), len(frame)
    context = card.context
    try:
        with naming(card.id):
            result = score(card.rules, values, count, card.unit, context)
            return Batch(card, result, rate(card, result, values, card.unit, context))
    except UnitError as error:
        raise UnitError(error.row, f"row {row_name(frame, error.row)}: {error}") from None
