"""The cheapest changes in a unit's own facts that lift it to a better level, found exactly.

A fact moves in steps: one record for a count, one of its denominator's parts for a share, one for a sum or mean of
whole numbers, a switch for truth. The cost is the number of steps in all. Every combination of cost 1 is tried, then of
cost 2, and so on, so the first that lifts is the cheapest within the limits; facts across all units stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, product
from math import lcm

import numpy as np

from data_contracts.expressions.terms import Aggregate, walk
from scoring.card.card import score
from scoring.evaluation.run import Evaluation, UnitResult
from scoring.exact import Numbers
from scoring.facts.days import WorkingDays
from scoring.facts.formula import Context, evaluate
from scoring.facts.values import Path, Scalar, Texts, Truths, Value, scalar, taken
from scoring.rating.levels import rate
from scoring.rulebook.shape import Fact, Title, UnitRules

BLOCK = 20_000
FINE = 60
Combination = tuple[tuple[int, int], ...]


class NoLiftError(ValueError):
    """A unit that cannot be asked: no levels, already at the best, or rated by rank."""


@dataclass(frozen=True, slots=True)
class Change:
    """One fact that would be different.

    Attributes:
        fact: Name of the fact or own column.
        before, after: Exact values.
        steps: What it costs.
    """

    fact: str
    title: Title
    before: Scalar
    after: Scalar
    steps: int


@dataclass(frozen=True, slots=True)
class Lift:
    """One cheapest way up.

    Attributes:
        level: The level it would have.
        points: Units it would have.
        cost: Steps in all.
    """

    level: str
    points: int
    cost: int
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class _Lever:
    """A fact that can be moved: base + k·step, low ≤ value ≤ high; a truth value is switched."""

    path: Path
    title: Title
    base: Fraction | bool
    step: Fraction
    low: Fraction | None
    high: Fraction | None

    def moves(self, steps: int) -> Iterator[int]:
        """Signed steps of that cost that stay within bounds."""
        if isinstance(self.base, bool):
            if steps == 1:
                yield 1
            return
        for signed in (steps, -steps):
            value = self.base + signed * self.step
            if (self.low is None or value >= self.low) and (self.high is None or value <= self.high):
                yield signed

    def after(self, steps: int) -> Scalar:
        """Its value after so many steps."""
        return not self.base if isinstance(self.base, bool) else self.base + steps * self.step


def cheapest_lift(
    evaluation: Evaluation, unit: str, row: int, *, most: int = 2, highest_cost: int = 40, keep: Sequence[str] = ()
) -> list[Lift]:
    """All cheapest ways to a better level.

    Args:
        evaluation: A finished run.
        unit: Kind of unit.
        row: Which of them.
        most: How many facts may change.
        highest_cost: Steps to try at most.
        keep: Facts that cannot be changed.

    Returns:
        Every way of the lowest cost; empty when there is none within the limits.

    Raises:
        NoLiftError: No levels, already the best one, or a level by rank.
    """
    result = evaluation.units[unit]
    search = _Search(evaluation, result, row, set(keep))
    for cost in range(1, highest_cost + 1):
        found = [lift for block in search.blocks(cost, most) for lift in search.lifts(block, cost)]
        if found:
            return found
    return []


class _Search:
    def __init__(self, evaluation: Evaluation, result: UnitResult, row: int, keep: set[str]) -> None:
        levels = result.rules.levels
        if levels is None:
            raise NoLiftError(f"{result.rules.name}: found no levels, allowed: a unit with levels")
        for step in levels.steps:
            if step.enabled and step.rank is not None:
                raise NoLiftError(
                    f"step {step.id}: found a rank step, allowed: levels that do not depend on other units"
                )
        self._order, self._level = levels.order, result.rated.level[row]
        if self._level == self._order[0]:
            raise NoLiftError(f"found level {self._level}, allowed: a unit below the best level")
        self._result, self._rulebook = result, evaluation.rulebook
        self._context = Context({name: table.rows for name, table in evaluation.rulebook.tables.items()}, WorkingDays())
        self._base = {path: taken(value, np.array([row])) for path, value in result.facts.values.items()}
        if result.rules.division is not None:
            self._base["division",] = Texts.of([result.divisions[row] or None])
        self.levers = [lever for lever in _levers(result.rules, self._base) if ".".join(lever.path) not in keep]

    def blocks(self, cost: int, most: int) -> Iterator[list[Combination]]:
        """All combinations of exactly that cost, in blocks."""
        block: list[Combination] = []
        for combination in self._combinations(cost, most):
            block.append(combination)
            if len(block) == BLOCK:
                yield block
                block = []
        if block:
            yield block

    def _combinations(self, cost: int, most: int) -> Iterator[Combination]:
        for count in range(1, min(most, cost, len(self.levers)) + 1):
            for chosen in combinations(range(len(self.levers)), count):
                for parts in _splits(cost, count):
                    ways = [list(self.levers[place].moves(part)) for place, part in zip(chosen, parts, strict=True)]
                    for signed in product(*ways):
                        yield tuple(zip(chosen, signed, strict=True))

    def lifts(self, block: list[Combination], cost: int) -> Iterator[Lift]:
        """Those of a block that lift the unit."""
        values, count = self._values(block), len(block)
        rules = self._result.rules
        card = score(rules.card, values, count, self._rulebook.unit, self._context)
        rated = rate(rules, card, values, self._rulebook.unit, self._context)
        before = len(self._order) if self._level is None else self._order.index(self._level)
        for row, level in enumerate(rated.level):
            if level is not None and rated.status[row] is None and self._order.index(level) < before:
                yield Lift(level, int(card.points[row]), cost, tuple(self._change(*part) for part in block[row]))

    def _change(self, place: int, steps: int) -> Change:
        lever = self.levers[place]
        return Change(".".join(lever.path), lever.title, lever.base, lever.after(steps), abs(steps))

    def _values(self, block: list[Combination]) -> dict[Path, Value]:
        count = len(block)
        values = {path: taken(value, np.zeros(count, np.intp)) for path, value in self._base.items()}
        for place, lever in enumerate(self.levers):
            steps = np.array([dict(combination).get(place, 0) for combination in block], np.int64)
            if steps.any():
                values[lever.path] = _moved(lever, steps)
        for fact in self._result.rules.facts:
            if fact.view is None and fact.across is None:
                values[fact.name,] = evaluate(fact.take.term, values, count, self._context)
        return values


def _splits(cost: int, count: int) -> Iterator[tuple[int, ...]]:
    """All ways to write *cost* as *count* positive numbers in order."""
    if count == 1:
        yield (cost,)
        return
    for first in range(1, cost - count + 2):
        for rest in _splits(cost - first, count - 1):
            yield (first, *rest)


def _moved(lever: _Lever, steps: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Value:
    if isinstance(lever.base, bool):
        return Truths((steps != 0) ^ lever.base, np.zeros(len(steps), bool), np.zeros(len(steps), bool))
    den = lcm(lever.base.denominator, lever.step.denominator)
    return Numbers.whole(int(lever.base * den) + steps * int(lever.step * den), den=den)


def _levers(rules: UnitRules, base: Mapping[Path, Value]) -> Iterator[_Lever]:
    """Facts that count records, and truth values of the unit's own row; what is missing cannot be moved in steps."""
    facts = {fact.name: fact for fact in rules.facts}
    for fact in rules.facts:
        value = scalar(base[fact.name,], 0)
        if fact.view is not None and isinstance(value, Fraction) and fact.type.kind == "number":
            yield _lever(fact, value)
    read = {path for path in rules.columns if len(path) == 1 and path[0] not in facts}
    for path in sorted(read):
        value = scalar(base[path], 0)
        if isinstance(value, bool):
            yield _Lever(path, Title(path[0], path[0]), value, Fraction(1), None, None)


def _lever(fact: Fact, value: Fraction) -> _Lever:
    kinds = {part.function for part in walk(fact.take.term) if isinstance(part, Aggregate)}
    path = (fact.name,)
    if "share" in kinds:
        step = Fraction(1, value.denominator if 1 < value.denominator <= FINE else 100)
        return _Lever(path, fact.title, value, step, Fraction(0), Fraction(1))
    low = Fraction(0) if value >= 0 else None
    return _Lever(path, fact.title, value, Fraction(1), low, None)
