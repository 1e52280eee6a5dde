"""What holds of every card that was made from a rulebook, asked of one that comes from a file.

A digest only says that a file is whole: whoever forges a card can seal it too. What the loader of rulebooks would never
let through (a unit of 0, a bound the wrong way round, a name that leads nowhere) is refused before anything is scored.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from data_contracts.expressions.terms import Column, TableValue, Term, walk
from scoring.card.inputs import DEN, LIMIT
from scoring.rulebook.shape import Expression, Levels, Line, Step

if TYPE_CHECKING:
    from scoring.card.artefact import Card

RATED = frozenset({("points",), ("level",), ("status",)})
SKIPPED = frozenset({("missing_full",)})
NOTHING: frozenset[tuple[str, ...]] = frozenset()
Test = tuple[str, Term, frozenset[tuple[str, ...]]]


def faults(card: Card) -> Iterator[str]:
    """Everything about *card* that no card of a rulebook has."""
    yield from _unit(card.unit)
    yield from _names(card)
    for line in _every(card.rules.lines):
        yield from (f"line {line.id}: {one}" for one in _line(line, card))
    if card.levels is not None:
        yield from _levels(card.levels)
    yield from _terms(card)


def _unit(unit: Fraction) -> Iterator[str]:
    rest = unit.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    if unit <= 0 or rest != 1:
        yield f"found the points unit {unit}, allowed: a decimal number above 0"


def _names(card: Card) -> Iterator[str]:
    names = [name for one in card.inputs for name in (one.name, one.name + DEN)]
    made = [".".join(path) for path in RATED | SKIPPED]
    yield from _twice("inputs", [*names, *made])
    for one in card.inputs:
        yield from _twice(f"categories of {one.name}", one.categories)
    steps = card.levels.steps if card.levels is not None else ()
    ids = [*(line.id for line in _every(card.rules.lines)), *(step.id for step in steps)]
    yield from _twice("lines and steps", ids)
    if odd := [name for name in ids if not name or ":" in name]:
        yield f"found the lines and steps {odd}, allowed: names without a colon"


def _twice(what: str, names: Iterable[str]) -> Iterator[str]:
    if again := [name for name, count in Counter(names).items() if count > 1]:
        yield f"found {what} {', '.join(again)} more than once, allowed: once"


def _line(line: Line, card: Card) -> Iterator[str]:
    amounts = [bool(line.lines), line.points is not None, bool(line.tiers)]
    if amounts.count(True) != 1 or bool(line.tiers) is (line.on is None):
        yield "found no amount or several, allowed: points, or tiers on a number, or lines"
    if any(stage <= 0 for stage in line.stages) or (line.stages and not _is_multiple(line.stages[-1], card.unit)):
        stages = ", ".join(map(str, line.stages))
        yield f"found the stages {stages}, allowed: above 0, the last a multiple of {card.unit}"
    for low, high in (bounds for bounds in (line.within, line.total) if bounds is not None):
        if low is not None and high is not None and low > high:
            yield f"found the bounds {low} to {high}, allowed: the lower first"
    if (line.total_round is not None and line.total_round <= 0) or (line.full is not None and line.full < 0):
        yield "found a step of rounding or full points below 0, allowed: above"
    if line.missing in ("full", "skip") and line.full is None:
        yield f"found {line.missing} for a missing amount, allowed: with full points"
    if line.missing == "skip" and card.rules.full is None:
        yield "found skip for a missing amount, allowed: on a card with full points"
    if any(abs(units) >= LIMIT for units in _units(line)):
        yield "found points of 2^62 units or more, allowed: fewer"


def _is_multiple(stage: Fraction, unit: Fraction) -> bool:
    return unit > 0 and (stage / unit).denominator == 1


def _units(line: Line) -> Iterator[int]:
    """All numbers of points that a line states."""
    missing = line.missing if isinstance(line.missing, int) else None
    stated = (line.full, line.total_round, missing, *(line.within or ()), *(line.total or ()))
    yield from (units for units in stated if units is not None)
    yield from (row.points for row in line.tiers)


def _levels(levels: Levels) -> Iterator[str]:
    yield from _twice("levels", levels.order)
    for row in levels.rows:
        if bool(row.level) is bool(row.status) or (row.level and row.level not in levels.order):
            yield f"found a row for {row.level or row.status!r}, allowed: one of {', '.join(levels.order)}, or a status"
    yield from (f"step {step.id}: {one}" for step in levels.steps for one in _step(step, levels))


def _step(step: Step, levels: Levels) -> Iterator[str]:
    if (step.when is None) is (step.rank is None):
        yield "found no test and no rank, or both, allowed: one of them"
    if step.action != "move" and step.level not in levels.order:
        yield f"found the level {step.level!r}, allowed: {', '.join(levels.order)}"


def _terms(card: Card) -> Iterator[str]:
    """Terms that read what the card does not have, or read it as another kind."""
    types = {one.path: one.type for one in card.inputs}
    for place, term, made in _tests(card):
        for part in walk(term):
            if isinstance(part, TableValue) and part.table not in card.tables:
                yield f"{place}: found the table {part.table}, allowed: {', '.join(card.tables) or 'none'}"
            if isinstance(part, Column) and part.path not in made and types.get(part.path) != part.type:
                yield f"{place}: found {'.'.join(part.path)}, allowed: an input, as the kind that it is"


def _tests(card: Card) -> Iterator[Test]:
    """Every term with its place and the names beside inputs that it may read."""
    for line in _every(card.rules.lines):
        tests = [line.points, line.on, line.when, *(row.when for row in line.tiers)]
        yield from _all(f"line {line.id}", tests, NOTHING)
    yield from _all("not_rated_when", [card.rules.not_rated_when], SKIPPED)
    for status in card.statuses:
        yield from _all(f"status {status.status}", [status.when], NOTHING)
    if card.levels is not None:
        yield from _all("levels", [row.when for row in card.levels.rows], RATED)
        for step in card.levels.steps:
            place, rank = f"step {step.id}", step.rank
            yield from _all(place, [step.when], RATED)
            if rank is not None:
                yield from ((place, term, RATED) for term, _ in rank.by)
                yield from _all(place, [rank.among, rank.per, rank.one_per], RATED)


def _all(place: str, tests: Iterable[Expression | None], made: frozenset[tuple[str, ...]]) -> Iterator[Test]:
    yield from ((place, test.term, made) for test in tests if test is not None)


def _every(lines: tuple[Line, ...]) -> list[Line]:
    return [part for line in lines for part in (line, *_every(line.lines))]
