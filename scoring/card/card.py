"""Lines of a card for many units at once: amounts become whole units, bounds and rescaling become lines of their own.

The sum of all lines is the unit's points, always: whatever a bound, a rescaling or a rounding takes or gives is
itself a line (`INS:within`, `BAD-01:total`, `card:rescaled`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import cast

import numpy as np
import numpy.typing as npt

from scoring.card.artefact import APPLIED, NOT_APPLICABLE, STATES
from scoring.card.artefact import NO_VALUE as NO_DATA
from scoring.card.core import places
from scoring.card.ladder import Ladder
from scoring.exact import (
    Flags,
    Ints,
    Numbers,
    PointsOverflowError,
    fraction_to_units,
    round_half_away,
    sign_of_difference,
    to_units,
)
from scoring.facts.formula import Context, numbers, truths
from scoring.facts.judging import naming
from scoring.facts.values import Path, Value
from scoring.rulebook.cards import leaves
from scoring.rulebook.shape import CardRules, Expression, Line, Row

__all__ = ["STATES", "CardResult", "LinePoints", "first_row", "score"]

States = npt.NDArray[np.int8]

LIMIT = 2**62


@dataclass(frozen=True)
class LinePoints:
    """One line for all units.

    Attributes:
        id: The line's id; `X:within`, `X:total`, `X:total_round`, `card:rescaled` for what follows from a bound.
        line: The rule, None for a line that follows.
        points: int64 units.
        state: Index into STATES.
        amount: The exact amount before rounding (for tiers: the number that was tested).
    """

    id: str
    line: Line | None
    points: Ints
    state: States
    amount: Numbers

    @property
    def follows(self) -> bool:
        """Whether it only appears where it changes something."""
        return self.line is None


@dataclass(frozen=True)
class CardResult:
    """Lines and points of all units.

    Attributes:
        points: int64 units: start + Σ lines.
        not_rated: Units without a result because a value that is needed is missing.
        missing_full: Full points, in units, of skipped lines.
    """

    lines: tuple[LinePoints, ...]
    points: Ints
    not_rated: Flags
    missing_full: Ints


@dataclass
class _Sheet:
    """The running state while lines are added up."""

    values: Mapping[Path, Value]
    count: int
    unit: Fraction
    context: Context
    total: Ints
    not_rated: Flags
    skipped: Ints
    lines: list[LinePoints] = field(default_factory=list)

    def add(self, line: Line, outer: States | None = None) -> Flags:
        """Add one line or section, with what its bounds take or give.

        Args:
            line: The line.
            outer: State of the section around it, APPLIED where its lines count.

        Returns:
            Units for which the line, or a line of the section, was applied.
        """
        before = self.total
        with naming(f"line {line.id}"):
            states = self._states(line, outer)
        if line.is_section:
            applied = np.zeros(self.count, bool)
            for part in line.lines:
                applied = applied | self.add(part, states)
        else:
            with naming(f"line {line.id}"):
                applied = self._leaf(line, states)
        if line.within is not None:
            own = self.total - before
            self._follow(f"{line.id}:within", np.where(applied, _clipped(own, line.within) - own, 0))
        if line.total is not None:
            self._follow(f"{line.id}:total", _clipped(self.total, line.total) - self.total)
        if line.total_round is not None:
            step = np.full(self.count, line.total_round)
            self._follow(f"{line.id}:total_round", round_half_away(self.total, step) * line.total_round - self.total)
        return applied

    def rescale(self, full: int) -> None:
        """Points × full / (full − skipped) where lines were skipped."""
        rest = full - self.skipped
        some = (self.skipped > 0) & (rest > 0)
        self.not_rated = self.not_rated | ((self.skipped > 0) & (rest <= 0))
        scaled = Numbers.whole(self.total) * Numbers.of(full) / Numbers.whole(np.where(some, rest, full))
        points, lost = to_units(scaled, Fraction(1))
        with naming("card:rescaled"):
            for row in np.flatnonzero(lost & some):
                points[row] = fraction_to_units(Fraction(int(self.total[row]) * full, int(rest[row])), Fraction(1))
        self._follow("card:rescaled", np.where(some, points - self.total, 0))

    def _states(self, line: Line, outer: States | None) -> States:
        states = np.full(self.count, APPLIED, np.int8) if outer is None else outer
        if line.when is None:
            return states
        test = truths(line.when.term, self.values, self.count, self.context)
        own = np.where(test.missing, NO_DATA, np.where(test.known_true, APPLIED, NOT_APPLICABLE))
        return np.where(states == APPLIED, own, states).astype(np.int8)

    def _leaf(self, line: Line, states: States) -> Flags:
        applies: Flags = states == APPLIED
        amount, points, missing = self._tiers(line) if line.tiers else self._points(line, applies)
        gone = applies & missing
        points = np.where(gone, self._policy(line, gone), points)
        states = np.where(gone, NO_DATA, states).astype(np.int8)
        self.lines.append(LinePoints(line.id, line, np.where(applies, points, 0), states, amount))
        self._count(self.lines[-1].points)
        return applies & ~gone

    def _policy(self, line: Line, gone: Flags) -> int:
        match line.missing:
            case int():
                return line.missing
            case "full":
                return line.full or 0
            case "skip":
                self.skipped = self.skipped + np.where(gone, line.full or 0, 0)
            case "not_rated" | None:
                self.not_rated = self.not_rated | gone
        return 0

    def _points(self, line: Line, applies: Flags) -> tuple[Numbers, Ints, Flags]:
        term = cast("Expression", line.points).term
        amount = numbers(term, self.values, self.count, self.context)
        points, lost = to_units(amount, self.unit, line.stages)
        for row in np.flatnonzero(lost & applies):
            points[row] = fraction_to_units(cast("Fraction", amount.fraction(int(row))), self.unit, line.stages)
        return amount, points, amount.missing

    def _tiers(self, line: Line) -> tuple[Numbers, Ints, Flags]:
        on = numbers(cast("Expression", line.on).term, self.values, self.count, self.context)
        chosen, unknown = first_row(line.tiers, on, self.values, self.count, self.context)
        points = np.array([row.points for row in line.tiers], np.int64)
        return on, np.where(chosen >= 0, points[chosen], 0), unknown | (chosen < 0)

    def _follow(self, name: str, change: Ints) -> None:
        nothing = Numbers.of(None).sized(self.count)
        self.lines.append(LinePoints(name, None, change, np.full(self.count, APPLIED, np.int8), nothing))
        self._count(change)

    def _count(self, points: Ints) -> None:
        """Add to the running total, which both before and after is below 2^62."""
        self.total = self.total + points
        for row in np.flatnonzero(np.abs(self.total) >= LIMIT):
            text = f"line {self.lines[-1].id}: found a total of {self.total[row]} units, allowed: fewer than 2^62"
            raise PointsOverflowError(text)


def score(card: CardRules, values: Mapping[Path, Value], count: int, unit: Fraction, context: Context) -> CardResult:
    """All lines of *card* for *count* units.

    Args:
        card: The lines.
        values: Own columns and facts by path.
        count: Number of units.
        unit: Value of one point unit.
        context: Look-up tables and calendar.

    Returns:
        Lines in the card's order; Σ lines = points for every unit, a start other than 0 being the first line.

    Raises:
        UnitError: A unit that cannot be judged, by row, naming the line.
        PointsOverflowError: Points beyond 64 bits, naming the line.
    """
    zeros = np.zeros(count, np.int64)
    sheet = _Sheet(values, count, unit, context, zeros + card.start, np.zeros(count, bool), zeros)
    if card.start:
        start = Numbers.whole(sheet.total) * Numbers.of(unit)
        sheet.lines.append(LinePoints("card:start", None, sheet.total, np.full(count, APPLIED, np.int8), start))
    for line in card.lines:
        sheet.add(line)
    if card.full is not None and any(leaf.missing == "skip" for leaf in leaves(card.lines)):
        sheet.rescale(card.full)
    if card.not_rated_when is not None:
        skipped: dict[Path, Value] = {("missing_full",): Numbers.whole(sheet.skipped) * Numbers.of(unit)}
        test = truths(card.not_rated_when.term, {**values, **skipped}, count, context)
        sheet.not_rated = sheet.not_rated | test.known_true
    return CardResult(tuple(sheet.lines), sheet.total, sheet.not_rated, sheet.skipped)


def first_row(
    rows: tuple[Row, ...], on: Numbers, values: Mapping[Path, Value], count: int, context: Context
) -> tuple[npt.NDArray[np.intp], Flags]:
    """The first row that fits each unit, -1 for none, and the units where a test before it was unknown."""
    ladder = Ladder.of(rows)
    fast = None if ladder is None or on.lost.any() else places(ladder, on)
    if fast is not None and len(fast) == count:
        return fast, on.missing & bool(ladder and ladder.cuts)
    chosen, unknown = np.full(count, -1), np.zeros(count, bool)
    for place, row in enumerate(rows):
        fits, unsure = _fit(row, on, values, count, context)
        unknown |= unsure & (chosen < 0)
        chosen = np.where((chosen < 0) & fits & ~unknown, place, chosen)
    return chosen, unknown


def _fit(row: Row, on: Numbers, values: Mapping[Path, Value], count: int, context: Context) -> tuple[Flags, Flags]:
    true, false = np.ones(count, bool), np.zeros(count, bool)
    for edge, direction in ((row.lower, 1), (row.upper, -1)):
        if edge is None:
            continue
        sign, missing, lost = sign_of_difference(on, Numbers.of(edge[0]))
        for at in np.flatnonzero(lost):
            value = on.fraction(int(at)) or Fraction(0)
            sign[at] = (value > edge[0]) - (value < edge[0])
        holds = (sign * direction >= 0) if edge[1] else (sign * direction > 0)
        true, false = true & holds & ~missing, false | (~holds & ~missing)
    if row.when is not None:
        test = truths(row.when.term, values, count, context)
        true, false = true & test.known_true, false | test.known_false
    return true, ~true & ~false


def _clipped(points: Ints, bounds: tuple[int | None, int | None]) -> Ints:
    low, high = bounds
    points = points if low is None else np.maximum(points, low)
    return points if high is None else np.minimum(points, high)
