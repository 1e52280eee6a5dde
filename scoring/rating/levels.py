"""Statuses, level rows and level steps for many units at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

import numpy as np
import numpy.typing as npt

from scoring.card.card import CardResult, first_row
from scoring.exact import Flags, Ints, Numbers
from scoring.facts.formula import Context, truths
from scoring.facts.judging import naming
from scoring.facts.values import Objects, Path, Scalar, Texts, Value, absent
from scoring.rating.ranks import competition_ranks, take
from scoring.rulebook.shape import Levels, Status, Step

NOT_RATED, NO_DATA = "NOT_RATED", "NO_DATA"


@dataclass(frozen=True)
class StepTaken:
    """What a step did: from which level to which, for the units where it bit.

    Attributes:
        before: Level per unit before the step.
        after: Level per unit after it; the same where the step changed nothing.
        no_data: Units whose test was unknown.
        places: For a rank step: number of places per group.
    """

    step: Step
    before: Objects
    after: Objects
    no_data: Flags
    places: Mapping[Scalar, int]

    @property
    def bit(self) -> Flags:
        """Units whose level it changed."""
        return np.array(self.before != self.after, bool)


@dataclass(frozen=True)
class Rated:
    """The outcome for all units.

    Attributes:
        points: int64 units; only where *has_points*.
        level: Level code, None without one.
        status: Status code, None without one.
        rank: 1 for the most points among units with points and no status; 0 without one.
        decided_by: Index of the status rule that applied, -1 where none.
    """

    points: Ints
    has_points: Flags
    level: Objects
    status: Objects
    rank: Ints
    steps: tuple[StepTaken, ...]
    decided_by: npt.NDArray[np.intp]


class Judged(Protocol):
    """What has statuses and levels: a rulebook's unit, or a frozen card."""

    @property
    def statuses(self) -> tuple[Status, ...]:
        """Statuses that stand instead of a result."""

    @property
    def levels(self) -> Levels | None:
        """Rows and steps; None where only points are given."""


def rate(unit: Judged, card: CardResult, values: Mapping[Path, Value], point: Fraction, context: Context) -> Rated:
    """Statuses, then rows, then steps in order.

    Args:
        unit: Statuses, rows and steps.
        card: Lines and points of all units.
        values: Own columns, facts and, as text, `division`.
        point: Value of one point unit.
        context: Look-up tables and calendar.
    """
    count = len(card.points)
    status, decided_by = _statuses(unit.statuses, values, count, context)
    status[absent(status) & card.not_rated] = NOT_RATED
    has_points = absent(status)
    level = np.full(count, None, object)
    steps: list[StepTaken] = []
    if unit.levels is not None:
        points = Numbers.whole(card.points, ~has_points) * Numbers.of(point)
        made = {**values, ("points",): points}
        with naming("levels"):
            _apply_rows(unit.levels, points, made, level, status, has_points, context)
        for step in unit.levels.steps:
            if step.enabled:
                with naming(f"step {step.id}"):
                    steps.append(_take_step(unit.levels, step, made, level, status, has_points, context))
                level = steps[-1].after.copy()
    rated = has_points & absent(status)
    return Rated(
        card.points, has_points, level, status, competition_ranks(card.points, rated), tuple(steps), decided_by
    )


def _statuses(
    rules: tuple[Status, ...], values: Mapping[Path, Value], count: int, context: Context
) -> tuple[Objects, npt.NDArray[np.intp]]:
    status, decided_by = np.full(count, None, object), np.full(count, -1)
    for place, rule in enumerate(rules):
        with naming(f"status {rule.status}"):
            fits = truths(rule.when.term, values, count, context).known_true & (decided_by < 0)
        status[fits], decided_by[fits] = rule.status, place
    return status, decided_by


def _apply_rows(
    levels: Levels,
    points: Numbers,
    values: Mapping[Path, Value],
    level: Objects,
    status: Objects,
    has_points: Flags,
    context: Context,
) -> None:
    chosen, unknown = first_row(levels.rows, points, values, len(level), context)
    status[has_points & unknown] = NO_DATA
    for place, row in enumerate(levels.rows):
        fits = has_points & ~unknown & (chosen == place)
        if row.level:
            level[fits] = row.level
        else:
            status[fits] = row.status


def _take_step(
    levels: Levels,
    step: Step,
    values: Mapping[Path, Value],
    level: Objects,
    status: Objects,
    has_points: Flags,
    context: Context,
) -> StepTaken:
    count = len(level)
    now = {**values, ("level",): Texts.of(level), ("status",): Texts.of(status)}
    open_to = np.fromiter((one is None or one in step.even for one in status), bool, count)
    no_data: Flags = np.zeros(count, bool)
    places: Mapping[Scalar, int] = {}
    if step.rank is not None:
        taken = take(step.rank, has_points & absent(status), now, context)
        applies, places = taken.members, taken.places
    else:
        test = truths(step.when.term, now, count, context)  # type: ignore[union-attr]  # a step without rank has a test
        applies, no_data = test.known_true, test.missing
    after = level.copy()
    for row in np.flatnonzero(applies & open_to):
        after[row] = _moved(levels, step, level[row])
    return StepTaken(step, level, after, no_data & open_to, places)


def _moved(levels: Levels, step: Step, level: str | None) -> str | None:
    """The level after the step; only `set` gives one to a unit that has none."""
    if step.action == "set":
        return step.level
    if level is None:
        return None
    order = levels.order
    place, target = order.index(level), order.index(step.level) if step.level else 0
    match step.action:
        case "at_most":
            return order[max(place, target)]
        case "at_least":
            return order[min(place, target)]
    return order[min(max(place - step.places, 0), len(order) - 1)]
