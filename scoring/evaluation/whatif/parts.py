"""A card taken apart: which levers act on which lines and tests, and which lines simply add up.

Levers that meet in no line and no test act on their own. Points of lines add up until a bound comes: lines under the
same bounds, between the same bounds of the running total, are one *sum*, and more of a sum is never fewer points.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise, product
from typing import Final, cast

from data_contracts.expressions.terms import Column, Logic, Not, Term, columns
from scoring.evaluation.whatif.levers import Levers
from scoring.rulebook.shape import CardRules, Levels, Line, Rank, Row, Step, UnitRules

Bounds = tuple[int | None, int | None]
POINTS: Final = ("points",)
LEVEL: Final = ("level",)
RATED: Final = frozenset({POINTS, LEVEL, ("status",)})
MANY_ROWS: Final = 6  # of a test each: more are not looked through


@dataclass(frozen=True, slots=True)
class Leaf:
    """A line with an amount of its own.

    Attributes:
        levers: That act on it, also through the tests of the sections around it.
        sum: Where its points are added, outermost first: a number that grows with each bound of the running total,
            then the bounded sections around it.
    """

    id: str
    levers: frozenset[int]
    sum: tuple[int | str, ...]


@dataclass(frozen=True, slots=True)
class Test:
    """A comparison that levels or statuses ask for, and the levers it depends on."""

    term: Term
    levers: frozenset[int]

    @property
    def of_facts(self) -> bool:
        """Whether facts alone decide it; otherwise its answer is known only once the whole unit is rated."""
        return not columns(self.term) & RATED


@dataclass(frozen=True, slots=True)
class Component:
    """Levers that act together, with the lines and tests they act on."""

    levers: tuple[int, ...]
    leaves: tuple[int, ...]
    tests: tuple[int, ...]


def leaves_of(card: CardRules, levers: Levers) -> tuple[list[Leaf], dict[str, Bounds]]:
    """All leaves in order, and the bounds of the sections in their sums that hold no bound of the running total."""
    found: list[Leaf] = []
    bounds: dict[str, Bounds] = {}
    stretch = 0

    def read(line: Line) -> frozenset[int]:
        terms = [part.term for part in (line.points, line.on, line.when) if part is not None]
        return levers.read_by(*terms, *(row.when.term for row in line.tiers if row.when is not None))

    def add(line: Line, outer: frozenset[int], inside: tuple[str, ...]) -> None:
        nonlocal stretch
        own, before = outer | read(line), stretch
        if line.is_section:
            deeper = inside if line.within is None else (*inside, line.id)
            for part in line.lines:
                add(part, own, deeper)
            if line.within is not None and stretch == before:
                bounds[line.id] = line.within
        else:
            found.append(Leaf(line.id, own, (stretch, *inside)))
        stretch += line.total is not None or line.total_round is not None

    for line in card.lines:
        add(line, frozenset(), ())
    return found, bounds


def tests_of(rules: UnitRules, levers: Levers) -> list[Test]:
    """What levels and statuses ask of a unit, down to single comparisons."""
    asked: list[Term] = [status.when.term for status in rules.statuses]
    for row in rules.levels.rows if rules.levels else ():
        asked += [] if row.when is None else [row.when.term]
    for step in rules.levels.steps if rules.levels else ():
        if step.enabled and step.when is not None:
            asked.append(step.when.term)
        if step.enabled and step.rank is not None:
            asked += [term for term, _ in step.rank.by if columns(term) != {POINTS}]
            asked += [one.term for one in (step.rank.among, step.rank.per, step.rank.one_per) if one is not None]
    single = dict.fromkeys(one for term in asked for one in _single(term, levers))
    return [Test(term, read) for term in single if (read := levers.read_by(term))]


def _single(term: Term, levers: Levers) -> Iterator[Term]:
    if isinstance(term, Logic):
        yield from _single(term.left, levers)
        yield from _single(term.right, levers)
    elif isinstance(term, Not):
        yield from _single(term.operand, levers)
    elif isinstance(term, Column) and term.type.kind == "truth" and (made := levers.made(term.path)) is not None:
        yield from _single(made, levers)
    else:
        yield term


def components_of(whole: Component, leaves: Sequence[Leaf], tests: Sequence[Test]) -> list[Component]:
    """The levers of *whole* joined wherever they meet in one of its lines or tests; those of the same sums in turn."""
    head = {place: place for place in whole.levers}

    def top(place: int) -> int:
        while head[place] != place:
            place = head[place]
        return place

    asked = {place: tests[place].levers & head.keys() for place in whole.tests}
    acted = {place: leaves[place].levers & head.keys() for place in whole.leaves}
    for met in (*acted.values(), *asked.values()):
        for one, other in pairwise(sorted(met)):
            head[top(other)] = top(one)
    groups: dict[int, list[int]] = {}
    for place in whole.levers:
        groups.setdefault(top(place), []).append(place)
    found = []
    for members in groups.values():
        own = frozenset(members)
        lines = tuple(place for place, met in acted.items() if met & own)
        answers = tuple(place for place, met in asked.items() if met & own)
        if lines or answers:
            found.append(Component(tuple(members), lines, answers))
    return sorted(found, key=lambda one: ([str(leaves[place].sum) for place in one.leaves], one.levers))


def rises(levels: Levels) -> bool:
    """Whether more points never mean a worse level, whatever the tests of rows and steps say."""
    steps = [step for step in levels.steps if step.enabled]
    tests = [row.when.term for row in levels.rows if row.when is not None]
    tests += [step.when.term for step in steps if step.when is not None]
    if any(RATED & columns(term) for term in tests):
        return False
    return all(_rank_rises(step, levels.order) for step in steps if step.rank is not None) and _rows_rise(levels)


def _rank_rises(step: Step, order: Sequence[str]) -> bool:
    """Whether it is better to rank higher, and more points rank higher: the best are lifted, or the others lowered."""
    rank = cast("Rank", step.rank)
    asked = [term for term, _ in rank.by if term.type.kind == "number"]
    asked += [one.term for one in (rank.among, rank.per, rank.one_per) if one is not None]
    if any(RATED & columns(term) for term in asked if columns(term) != {POINTS}):
        return False
    if any(columns(term) == {POINTS} and not highest for term, highest in rank.by):
        return False
    if rank.which == "best":
        return step.action == "at_least" or step.places > 0 or (step.action == "set" and step.level == order[0])
    return step.action == "at_most" or step.places < 0 or (step.action == "set" and step.level == order[-1])


def _rows_rise(levels: Levels) -> bool:
    """Points below, on and above every edge, with every combination of answers to the rows' own tests."""
    asked = sum(row.when is not None for row in levels.rows)
    edges = sorted({edge[0] for row in levels.rows for edge in (row.lower, row.upper) if edge is not None})
    between = [(one + other) / 2 for one, other in pairwise(edges)]
    points = sorted([*edges, *between, *(edges[0] - 1, edges[-1] + 1)]) if edges else [Fraction(0)]
    if asked > MANY_ROWS:
        return False
    for answers in product((True, False, None), repeat=asked):
        places = [_place(levels, at, answers) for at in points]
        if any(one < other for one, other in pairwise(places)):
            return False
    return True


def _place(levels: Levels, points: Fraction, answers: Sequence[bool | None]) -> int:
    """Place of the level at *points*, the last for none; an unknown test gives none."""
    told, worst = iter(answers), len(levels.order)
    for row in levels.rows:
        answer = next(told) if row.when is not None else True
        if answer is not False and _within_edges(row, points):
            return worst if answer is None or not row.level else levels.order.index(row.level)
    return worst


def _within_edges(row: Row, points: Fraction) -> bool:
    over = row.lower is None or points > row.lower[0] or (row.lower[1] and points == row.lower[0])
    under = row.upper is None or points < row.upper[0] or (row.upper[1] and points == row.upper[0])
    return over and under
