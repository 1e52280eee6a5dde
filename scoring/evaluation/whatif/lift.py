"""The cheapest changes in a unit's own facts that lift it to a better level, found exactly.

The cost is the number of steps (`levers`) in all, of however many facts. The card is taken apart (`parts`): for levers
that act on their own every way up to a cost is tried with the card itself, ways that another one beats are dropped, and
what is left is put together again. Whatever is found is rated once more as a whole before it is told.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Final

import numpy as np

from scoring.card.card import CardResult, score
from scoring.evaluation.run import Evaluation, UnitResult
from scoring.evaluation.whatif.levers import Levers, Steps, levers_of
from scoring.evaluation.whatif.parts import Bounds, Component, Leaf, Test, components_of, leaves_of, rises, tests_of
from scoring.facts.formula import Context, evaluate
from scoring.facts.values import Path, Scalar, Texts, Value, scalar, taken, with_rows
from scoring.rating.levels import Rated, rate
from scoring.rulebook.shape import CardRules, Line, Title

WAYS: Final = 2_000  # tried of facts that act together, before they are taken apart by one of them
STATES: Final = 100_000  # kept while components are put together
EVERY: Final = 20_000  # tried once the lowest cost is known, to tell all ways of that cost
EVERY_BY_RANK: Final = 300
ALIKE: Final = 8  # ways told of those that are equal in everything
Sums = tuple[int, ...]
Signs = tuple[Hashable, ...]


class NoLiftError(ValueError):
    """A unit that cannot be asked: no levels, or already at the best."""


class LiftLimitError(NoLiftError):
    """Too many ways to try; the message says up to which cost there is certainly none."""


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
class _State:
    """What some changes come to: cost, points per sum, outcomes of tests, and the changes."""

    cost: int
    sums: Sums
    signs: tuple[Signs, ...]
    ways: tuple[Mapping[int, int], ...]

    def beats(self, other: _State) -> bool:
        better = all(own >= its for own, its in zip(self.sums, other.sums, strict=True))
        return better and self.cost <= other.cost and (self.cost, self.sums) != (other.cost, other.sums)


def cheapest_lift(
    evaluation: Evaluation, unit: str, row: int, *, highest_cost: int = 24, keep: Sequence[str] = ()
) -> list[Lift]:
    """Cheapest ways to a better level; all other units stay as they are.

    Args:
        evaluation: A finished run.
        unit: Kind of unit.
        row: Which of them.
        highest_cost: Steps to try at most, in all.
        keep: Facts that cannot be changed.

    Returns:
        All ways of the lowest cost, most points first; where there are more than 20,000 combinations to try (300 by
        rank), those that no other way of that cost beats in points, at most eight of equal ones. Empty when there is
        none of at most *highest_cost*.

    Raises:
        NoLiftError: No such unit or fact, no levels, or already the best one.
        LiftLimitError: More outcomes than can be compared (100,000).
    """
    if unit not in evaluation.units:
        raise NoLiftError(f"found unit {unit!r}, allowed: {', '.join(evaluation.units)}")
    if not 0 <= row < evaluation.units[unit].count:
        raise NoLiftError(f"found row {row}, allowed: 0 to {evaluation.units[unit].count - 1}, as in the ratings")
    search = _Search(evaluation, evaluation.units[unit], row, keep)
    cost, cleared = 1, 0
    while cleared < highest_cost:
        cost = min(cost, highest_cost)
        try:
            states = search.states(cost)
        except LiftLimitError as error:
            raise LiftLimitError(f"{error}; there is no way of at most {cleared} steps") from None
        for one in range(cleared + 1, cost + 1):
            if found := search.lifts(one, [way for state in states if state.cost == one for way in state.ways]):
                return sorted(search.every(one) or found, key=search.order)
        cleared, cost = cost, cost * 2
    return []


class _Search:
    def __init__(self, evaluation: Evaluation, result: UnitResult, row: int, keep: Sequence[str]) -> None:
        levels = result.rules.levels
        if levels is None:
            raise NoLiftError(f"{result.rules.name}: found no levels, allowed: a unit with levels")
        self._order, self._level = levels.order, result.rated.level[row]
        if self._level == self._order[0] and result.rated.status[row] is None:
            raise NoLiftError(f"found level {self._level}, allowed: a unit below the best level")
        self._result, self._row, self._unit = result, row, evaluation.rulebook.unit
        self._all = dict(result.facts.values)
        if result.rules.division is not None:
            self._all["division",] = Texts.of([name or None for name in result.divisions])
        base = {path: taken(value, np.array([row])) for path, value in self._all.items()}
        every = list(levers_of(evaluation.rulebook, result.rules, base))
        known = {fact.name for fact in result.rules.facts} | {*map(".".join, result.rules.columns)}
        known |= set(result.rules.relation.columns)
        if odd := [name for name in keep if name not in known]:
            raise NoLiftError(f"found facts to keep {odd}, allowed: {', '.join(sorted(known))}")
        moved = tuple(one for one in every if ".".join(one.path) not in keep)
        self._levers = Levers(result.rules, base, moved, Context.of(evaluation.rulebook))
        self._leaves, self._bounds = leaves_of(result.rules.card, self._levers)
        self._tests = tests_of(result.rules, self._levers)
        self._every_test = tuple(range(len(self._tests)))
        self._sums = list(
            dict.fromkeys(leaf.sum[:size] for leaf in self._leaves for size in range(1, len(leaf.sum) + 1))
        )
        self._cards: dict[tuple[int, ...], CardRules] = {}
        self._by_points = rises(levels)
        self._by_rank = any(step.enabled and step.rank is not None for step in levels.steps)

    def states(self, most: int) -> list[_State]:
        """Everything at most *most* steps can come to, without what is beaten."""
        whole = Component(tuple(range(len(self._levers.all))), tuple(range(len(self._leaves))), self._every_test)
        return self._together(whole, most, {})

    def _together(self, whole: Component, most: int, held: Mapping[int, int]) -> list[_State]:
        """What the levers of *whole* can come to, taken apart, with those of *held* moved already."""
        parts = components_of(whole, self._leaves, self._tests)
        moved = {place for one in parts for place in one.leaves}
        asked = {place for one in parts for place in one.tests}
        rest = Component(
            (),
            tuple(place for place in whole.leaves if place not in moved),
            tuple(place for place in whole.tests if place not in asked),
        )
        found = self._tried(rest, [()], held)
        for at, one in enumerate(parts):
            options = self._options(one, most, held)
            found = self._kept(
                _State(
                    state.cost + option.cost,
                    tuple(map(sum, zip(state.sums, option.sums, strict=True))),
                    state.signs + option.signs,
                    tuple({**way, **other} for way, other in product(state.ways, option.ways))[:ALIKE],
                )
                for state in found
                for option in options
                if state.cost + option.cost <= most
            )
            if not held:
                later = {self._leaves[place].sum for other in parts[at + 1 :] for place in other.leaves}
                found = self._kept(self._folded(state, later) for state in found)
        return found

    def _options(self, one: Component, most: int, held: Mapping[int, int]) -> list[_State]:
        """What the levers of one component come to: every way where they are few, else by its busiest lever."""
        moves = [self._levers.all[place].moves(most) for place in one.levers]
        ways = _within(moves, most)
        if ways is not None:
            return self._kept(iter(self._tried(one, ways, held)))
        busiest = max(one.levers, key=lambda place: sum(place in self._leaves[leaf].levers for leaf in one.leaves))
        others = Component(tuple(place for place in one.levers if place != busiest), one.leaves, one.tests)
        found = []
        for move in self._levers.all[busiest].moves(most):
            for state in self._together(others, most - abs(move), {**held, busiest: move}):
                ways_so_far = tuple({**way, busiest: move} if move else way for way in state.ways)
                found.append(_State(state.cost + abs(move), state.sums, state.signs, ways_so_far))
        return self._kept(iter(found))

    def _tried(self, one: Component, ways: Sequence[Steps], held: Mapping[int, int]) -> list[_State]:
        """What each way to move the levers of *one* comes to, by the card itself."""
        steps = [self._steps({**held, **dict(zip(one.levers, way, strict=True))}) for way in ways]
        values = self._levers.values(steps)
        card = score(self._card_of(one.leaves), values, len(ways), self._unit, self._levers.context)
        points = _points(card, [self._leaves[place] for place in one.leaves])
        states = {line.id: line.state for line in card.lines if line.line is not None}
        tests = [self._answers(self._tests[place], steps, values) for place in one.tests]
        found = []
        for at, way in enumerate(ways):
            told = tuple(int(states[self._leaves[place].id][at]) for place in one.leaves)
            signs: Signs = (told, *(test[at] for test in tests))
            change = {place: moved for place, moved in zip(one.levers, way, strict=True) if moved}
            found.append(_State(sum(map(abs, way)), self._added(points[at], one.leaves), (signs,), (change,)))
        return found

    def _card_of(self, leaves: tuple[int, ...]) -> CardRules:
        """The card with these leaves only, which have their points whatever stands around them."""
        if leaves not in self._cards:
            named = {self._leaves[place].id for place in leaves}
            lines = _only(self._result.rules.card.lines, named)
            self._cards[leaves] = replace(self._result.rules.card, lines=lines, full=None, not_rated_when=None)
        return self._cards[leaves]

    def _answers(self, test: Test, ways: Sequence[Steps], values: Mapping[Path, Value]) -> list[Hashable]:
        """What *test* comes to after each way; the steps themselves where only the whole unit can tell."""
        if not test.of_facts:
            return [tuple(way[place] for place in sorted(test.levers)) for way in ways]
        found = evaluate(test.term, values, len(ways), self._levers.context)
        return [scalar(found, at) for at in range(len(ways))]

    def _added(self, points: np.ndarray[tuple[int], np.dtype[np.int64]], leaves: Sequence[int]) -> Sums:
        sums = dict.fromkeys(self._sums, 0)
        for at, place in enumerate(leaves):
            sums[self._leaves[place].sum] += int(points[at])
        return tuple(sums.values())

    def _folded(self, state: _State, later: set[tuple[int | str, ...]]) -> _State:
        """Bounded sums to which nothing is added any more become part of the sum around them."""
        sums = dict(zip(self._sums, state.sums, strict=True))
        for one in sorted(sums, key=len, reverse=True):
            bounds = self._bounds.get(str(one[-1])) if len(one) > 1 else None
            open_still = any(other[: len(one)] == one for other in later)
            if bounds is not None and not open_still and _clips_nothing_to_nothing(bounds):
                sums[one[:-1]] += _clipped(sums[one], bounds)
                sums[one] = 0
        return _State(state.cost, tuple(sums.values()), state.signs, state.ways)

    def _kept(self, states: Iterator[_State]) -> list[_State]:
        """States that no other with the same signs beats; equal ones become one with the ways of both."""
        equal: dict[tuple[tuple[Signs, ...], int, Sums], list[Mapping[int, int]]] = {}
        for state in states:
            ways = equal.setdefault((state.signs, state.cost, state.sums), [])
            ways += [way for way in state.ways if len(ways) < ALIKE and way not in ways]
            if len(equal) > STATES:
                raise LiftLimitError(f"found more than {STATES} outcomes to compare, allowed: fewer facts (keep=)")
        by_signs: dict[tuple[Signs, ...], list[_State]] = {}
        for (signs, cost, sums), ways in sorted(
            equal.items(), key=lambda item: (item[0][1], [-one for one in item[0][2]])
        ):
            kept = by_signs.setdefault(signs, [])
            state = _State(cost, sums, signs, tuple(ways[:ALIKE]))
            if not any(one.beats(state) if self._by_points else one.sums == sums for one in kept):
                kept.append(state)
        return [state for kept in by_signs.values() for state in kept]

    def every(self, cost: int) -> list[Lift]:
        """All ways of exactly that cost that lift; empty where there are too many to try each of them."""
        moves = [lever.moves(cost) for lever in self._levers.all]
        ways = _within(moves, cost, EVERY_BY_RANK if self._by_rank else EVERY) or []
        told = [{place: move for place, move in enumerate(way) if move} for way in ways if sum(map(abs, way)) == cost]
        return self.lifts(cost, told)

    def order(self, lift: Lift) -> tuple[int, list[int]]:
        """Most points first, then facts as the rulebook names them."""
        places = [".".join(lever.path) for lever in self._levers.all]
        return -lift.points, [places.index(change.fact) for change in lift.changes]

    def lifts(self, cost: int, ways: Sequence[Mapping[int, int]]) -> list[Lift]:
        """Those of *ways*, each of that cost, that lift the unit."""
        if not ways:
            return []
        before = len(self._order) if self._level is None else self._order.index(self._level)
        found = []
        for way, (rated, at) in zip(ways, self._rated([self._steps(way) for way in ways]), strict=True):
            level = rated.level[at]
            if level is not None and rated.status[at] is None and self._order.index(level) < before:
                changes = tuple(self._change(place, way[place]) for place in sorted(way))
                found.append(Lift(level, int(rated.points[at]), cost, changes))
        return found

    def _rated(self, ways: Sequence[Steps]) -> Iterator[tuple[Rated, int]]:
        """The unit after each way; by rank, among all the others."""
        values, rules = self._levers.values(ways), self._result.rules
        card = score(rules.card, values, len(ways), self._unit, self._levers.context)
        alone = rate(rules, card, values, self._unit, self._levers.context)
        row = np.array([self._row])
        for at in range(len(ways)):
            if not self._by_rank or alone.status[at] is not None:
                yield alone, at
                continue
            among = {path: with_rows(value, row, [scalar(values[path], at)]) for path, value in self._all.items()}
            points, not_rated = self._result.card.points.copy(), self._result.card.not_rated.copy()
            points[row], not_rated[row] = card.points[at], card.not_rated[at]
            whole = replace(self._result.card, points=points, not_rated=not_rated)
            yield rate(rules, whole, among, self._unit, self._levers.context), self._row

    def _steps(self, way: Mapping[int, int]) -> Steps:
        steps = [0] * len(self._levers.all)
        for place, moved in way.items():
            steps[place] = moved
        return tuple(steps)

    def _change(self, place: int, steps: int) -> Change:
        lever = self._levers.all[place]
        return Change(".".join(lever.path), lever.title, lever.base, lever.after(steps), abs(steps))


def _only(lines: Sequence[Line], named: set[str]) -> tuple[Line, ...]:
    """The lines of these ids, in their sections."""
    sections = ((line, _only(line.lines, named)) for line in lines)
    return tuple(replace(line, lines=kept) for line, kept in sections if kept or line.id in named)


def _points(card: CardResult, leaves: Sequence[Leaf]) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    """(ways × leaves): points of each leaf within its own bounds."""
    lines = {line.id: line.points for line in card.lines}
    own = [lines[leaf.id] + lines.get(f"{leaf.id}:within", 0) for leaf in leaves]
    return np.stack(own, axis=1).astype(np.int64) if own else np.zeros((len(card.points), 0), np.int64)


def _within(moves: Sequence[Sequence[int]], most: int, allowed: int = WAYS) -> list[Steps] | None:
    """All combinations of at most that cost; None where there are too many to try them."""
    ways: list[tuple[int, Steps]] = [(0, ())]
    for one in moves:
        ways = [(cost + abs(move), (*way, move)) for cost, way in ways for move in one if cost + abs(move) <= most]
        if len(ways) > allowed and len(moves) > 1:
            return None
    return [way for _, way in ways]


def _clips_nothing_to_nothing(bounds: Bounds) -> bool:
    low, high = bounds
    return (low is None or low <= 0) and (high is None or high >= 0)


def _clipped(points: int, bounds: Bounds) -> int:
    low, high = bounds
    points = points if low is None else max(points, low)
    return points if high is None else min(points, high)
