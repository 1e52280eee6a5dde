"""One record through a card, in Python's own integers: points, level, lines and reasons without numpy.

The same meaning as `card.score` and `rating.levels.rate`, which do all units at once; tests hold the two equal. A
rank step needs the other units, so a card with one is refused here by name rather than scored without it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

from data_contracts.expressions.terms import Term
from scoring.card.artefact import (
    APPLIED,
    NO_DATA,
    NO_VALUE,
    NOT_APPLICABLE,
    NOT_RATED,
    STATES,
    Card,
)
from scoring.card.closures import Compiled, Compiler, Row, Run, half_away
from scoring.card.inputs import LIMIT, Inputs
from scoring.card.ladder import Ladder
from scoring.card.reasons import full_points
from scoring.rulebook.shape import Line, Step
from scoring.rulebook.shape import Row as Tier

Bounds = tuple[int | None, int | None]
MADE = ("points", "level", "status", "missing_full")


class RankStepError(ValueError):
    """A level that depends on the other units cannot be given to one record."""


class LineOutcome(NamedTuple):
    """One line of one unit.

    Attributes:
        id: The line, or what follows from a bound: `X:within`, `X:total`, `X:total_round`, `card:rescaled`.
        points: Whole units.
        state: Index into STATES.
        amount: The exact amount before rounding (for tiers: the tested number) as a pair, not reduced.
    """

    id: str
    points: int
    state: int
    amount: tuple[int, int] | None


class StepOutcome(NamedTuple):
    """A step that changed the level, or whose test was unknown (then both levels are the same)."""

    id: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a card says about one unit.

    Attributes:
        points: Whole units, start + Σ lines; also where a status stands instead, but then they are no result.
        level: None without one.
        status: None without one.
        lines: In the card's order; a line that follows from a bound only where it changes something.
        steps: Steps that bit or whose test was unknown.
        decided_by: Place of the status rule that applied, -1 where none did.
        losses: (units lost against the line's full points, place of the line among the card's lines), most first.
    """

    points: int
    level: str | None
    status: str | None
    lines: tuple[LineOutcome, ...]
    steps: tuple[StepOutcome, ...]
    decided_by: int
    losses: tuple[tuple[int, int], ...]

    def state(self, line: str) -> str:
        """applied, not_applicable, no_data or waived for the line of that id."""
        return next(STATES[one.state] for one in self.lines if one.id == line)


@dataclass(slots=True)
class _Sheet:
    """The running state of one record."""

    row: Row
    total: int
    lines: list[LineOutcome]
    losses: list[tuple[int, int]]
    skipped: int = 0
    not_rated: bool = False

    def follow(self, name: str, change: int) -> None:
        if change:
            self.lines.append(LineOutcome(name, change, APPLIED, None))
            self.total += change


class Scorer:
    """A compiled card."""

    def __init__(self, card: Card) -> None:
        self.card = card
        self._inputs = Inputs(card)
        self._blank: Row = [None] * len(MADE)
        self._compiler = Compiler(_slots(card), card.tables, lambda: card.context)
        self._statuses = [self._run(one.when.term) for one in card.statuses]
        self._places = 0
        self._parts = [self._part(line) for line in card.rules.lines]
        self._rescales = card.rules.full is not None and any(line.missing == "skip" for line in card.lines())
        test = card.rules.not_rated_when
        self._not_rated_when = None if test is None else self._run(test.term)
        self._points_slot, self._missing_slot = len(card.inputs), len(card.inputs) + MADE.index("missing_full")
        self._level_rows = None if card.levels is None else self._chooser(card.levels.rows, _points(card))
        self._steps = [_StepRun(step, self._step_test(step)) for step in (card.levels.steps if card.levels else ())]

    def score(self, values: Mapping[str, Any]) -> Outcome:
        """Points, level and lines of one unit; see `Card.score`."""
        card = self.card
        row = self._inputs.row(values) + self._blank
        decided = next((place for place, test in enumerate(self._statuses) if test(row)), -1)
        status = card.statuses[decided].status if decided >= 0 else None
        sheet = _Sheet(row, card.rules.start, [], [])
        if card.rules.start:
            unit = card.unit
            amount = (card.rules.start * unit.numerator, unit.denominator)
            sheet.lines.append(LineOutcome("card:start", card.rules.start, APPLIED, amount))
        for part in self._parts:
            part(sheet, APPLIED)
        if self._rescales and sheet.skipped:
            _rescale(sheet, card.rules.full or 0)
        if self._not_rated_when is not None:
            row[self._missing_slot] = sheet.skipped * card.unit.numerator
            sheet.not_rated = bool(self._not_rated_when(row)) or sheet.not_rated
        if status is None and sheet.not_rated:
            status = NOT_RATED
        level, status, steps = self._level(row, sheet.total, status)
        sheet.losses.sort(key=_most_first)
        return Outcome(sheet.total, level, status, tuple(sheet.lines), steps, decided, tuple(sheet.losses))

    def _level(
        self, row: Row, points: int, status: str | None
    ) -> tuple[str | None, str | None, tuple[StepOutcome, ...]]:
        if self._level_rows is None or self.card.levels is None:
            return None, status, ()
        level: str | None = None
        row[self._points_slot] = points * self.card.unit.numerator if status is None else None
        if status is None:
            place = self._level_rows(row)
            if place is None:
                status = NO_DATA
            elif place >= 0:
                fits = self.card.levels.rows[place]
                level, status = fits.level or None, fits.status or None
        row[self._points_slot + 1], row[self._points_slot + 2] = level, status
        taken = []
        for step in self._steps:
            if status is not None and status not in step.even:
                continue
            held = step.test(row)
            after = step.moved(self.card.levels.order, level) if held else level
            if held is None or after != level:
                taken.append(StepOutcome(step.id, level, after))
            level = row[self._points_slot + 1] = after
        return level, status, tuple(taken)

    def _run(self, term: Term) -> Run:
        return self._compiler.run(term)

    def _step_test(self, step: Step) -> Run:
        if step.when is None:
            raise RankStepError(
                f"step {step.id}: found a rank step, allowed for one record: steps with a test; "
                "rate all units together, or take card.points_only()"
            )
        return self._run(step.when.term)

    def _part(self, line: Line) -> Callable[[_Sheet, int], bool]:
        inner = self._section(line) if line.is_section else self._leaf(line)
        if line.when is not None:
            inner = _conditional(self._run(line.when.term), inner)
        if line.within is None and line.total is None and line.total_round is None:
            return inner
        return _bounded(line, inner)

    def _section(self, line: Line) -> Callable[[_Sheet, int], bool]:
        parts = [self._part(part) for part in line.lines]

        def section(sheet: _Sheet, state: int) -> bool:
            applied = False
            for part in parts:
                applied = part(sheet, state) or applied
            return applied

        return section

    def _leaf(self, line: Line) -> Callable[[_Sheet, int], bool]:
        place, full, name = self._places, full_points(line), line.id
        self._places += 1
        amount = self._tiers(line) if line.tiers else self._points(line)
        policy, make = _policy(line), LineOutcome

        def leaf(sheet: _Sheet, state: int) -> bool:
            exact, points = amount(sheet.row)
            if state:
                sheet.lines.append(make(name, 0, state, exact))
                return False
            if points is None:
                points = policy(sheet)
                state = NO_VALUE
            if not -LIMIT < points < LIMIT:
                raise _overflow(name, points)
            sheet.lines.append(make(name, points, state, exact))
            sheet.total += points
            if points < full:
                sheet.losses.append((full - points, place))
            return not state

        return leaf

    def _points(self, line: Line) -> Callable[[Row], tuple[tuple[int, int] | None, int | None]]:
        if line.points is None:
            raise TypeError(f"line {line.id}: found neither points nor tiers")
        compiled, unit, stages = self._compiler.of(line.points.term), self.card.unit, line.stages
        run, den = compiled
        if stages or den is None:
            paired = compiled.pairs

            def staged(row: Row) -> tuple[tuple[int, int] | None, int | None]:
                exact = paired(row)
                return exact, None if exact is None else _to_units(exact, unit, stages)

            return staged
        up, down = unit.denominator, (den or 1) * unit.numerator

        def scaled(row: Row) -> tuple[tuple[int, int] | None, int | None]:
            value = run(row)
            return (None, None) if value is None else ((value, den or 1), half_away(value * up, down))

        return scaled

    def _tiers(self, line: Line) -> Callable[[Row], tuple[tuple[int, int] | None, int | None]]:
        if line.on is None:
            raise TypeError(f"line {line.id}: found tiers without a number")
        on = self._compiler.of(line.on.term)
        paired, chosen = on.pairs, self._chooser(line.tiers, on)
        points = [row.points for row in line.tiers]

        def tiers(row: Row) -> tuple[tuple[int, int] | None, int | None]:
            place = chosen(row)
            return paired(row), None if place is None or place < 0 else points[place]

        return tiers

    def _chooser(self, rows: tuple[Tier, ...], on: Compiled) -> Callable[[Row], int | None]:
        """The place of the first row that fits, -1 for none, None where a test before it is unknown."""
        ladder, run, den = Ladder.of(rows), on.run, on.den
        if ladder is None:
            return _tested(rows, on.pairs, [None if row.when is None else self._run(row.when.term) for row in rows])
        if not ladder.cuts:
            return lambda _: ladder.rows[0]
        if den:
            cuts, answers = ladder.whole(den), ladder.rows

            def bisected(row: Row) -> int | None:
                value = run(row)
                return None if value is None else answers[bisect_right(cuts, value)]

            return bisected

        def climbed(row: Row) -> int | None:
            value = run(row)
            return None if value is None else ladder.row_of(*value)

        return climbed


class _StepRun:
    """A step ready to run."""

    __slots__ = ("_level", "_places", "action", "even", "id", "test")

    def __init__(self, step: Step, test: Run) -> None:
        self.id, self.action, self.even, self.test = step.id, step.action, step.even, test
        self._level, self._places = step.level, step.places

    def moved(self, order: tuple[str, ...], level: str | None) -> str | None:
        """The level after the step; only `set` gives one to a unit that has none."""
        if self.action == "set":
            return self._level
        if level is None:
            return None
        place = order.index(level)
        if self.action == "move":
            return order[min(max(place - self._places, 0), len(order) - 1)]
        target = order.index(self._level)
        return order[max(place, target) if self.action == "at_most" else min(place, target)]


def _slots(card: Card) -> dict[tuple[str, ...], tuple[int, int | None]]:
    slots = {one.path: (place, _den(one.type.kind, one.type.scale)) for place, one in enumerate(card.inputs)}
    unit = card.unit.denominator
    made = zip(MADE, (unit, 0, 0, unit), strict=True)
    return slots | {(name,): (len(slots) + place, den) for place, (name, den) in enumerate(made)}


def _den(kind: str, scale: int | None) -> int | None:
    if kind == "number":
        return None if scale is None else int(10**scale)
    return 1 if kind == "day" else 0


def _points(card: Card) -> Compiled:
    place, den = len(card.inputs), card.unit.denominator
    return Compiled(lambda row: row[place], den)


def _to_units(amount: tuple[int, int], unit: Fraction, stages: tuple[Fraction, ...]) -> int:
    num, den = amount
    for step in stages or (unit,):
        count = half_away(num * step.denominator, den * step.numerator)
        num, den = count * step.numerator, step.denominator
    return num * unit.denominator // (den * unit.numerator)


def _most_first(loss: tuple[int, int]) -> tuple[int, int]:
    return -loss[0], loss[1]


def _policy(line: Line) -> Callable[[_Sheet], int]:
    """What a missing amount is worth, in units."""
    full = line.full or 0
    if isinstance(line.missing, int):
        fixed = line.missing
        return lambda _: fixed
    if line.missing == "full":
        return lambda _: full
    if line.missing == "zero":
        return lambda _: 0

    def skip(sheet: _Sheet) -> int:
        sheet.skipped += full
        return 0

    def not_rated(sheet: _Sheet) -> int:
        sheet.not_rated = True
        return 0

    return skip if line.missing == "skip" else not_rated


def _conditional(test: Run, inner: Callable[[_Sheet, int], bool]) -> Callable[[_Sheet, int], bool]:
    def conditional(sheet: _Sheet, state: int) -> bool:
        if state == APPLIED:
            held = test(sheet.row)
            state = NO_VALUE if held is None else APPLIED if held else NOT_APPLICABLE
        return inner(sheet, state)

    return conditional


def _bounded(line: Line, inner: Callable[[_Sheet, int], bool]) -> Callable[[_Sheet, int], bool]:
    within, total, step = line.within, line.total, line.total_round
    names = tuple(f"{line.id}:{bound}" for bound in ("within", "total", "total_round"))

    def bounded(sheet: _Sheet, state: int) -> bool:
        before = sheet.total
        applied = inner(sheet, state)
        if within is not None and applied:
            own = sheet.total - before
            sheet.follow(names[0], _clipped(own, within) - own)
        if total is not None:
            sheet.follow(names[1], _clipped(sheet.total, total) - sheet.total)
        if step is not None:
            sheet.follow(names[2], half_away(sheet.total, step) * step - sheet.total)
        return applied

    return bounded


def _clipped(points: int, bounds: Bounds) -> int:
    low, high = bounds
    if low is not None and points < low:
        points = low
    return high if high is not None and points > high else points


def _rescale(sheet: _Sheet, full: int) -> None:
    rest = full - sheet.skipped
    if rest <= 0:
        sheet.not_rated = True
        return
    sheet.follow("card:rescaled", half_away(sheet.total * full, rest) - sheet.total)


def _tested(rows: tuple[Tier, ...], on: Run, tests: list[Run | None]) -> Callable[[Row], int | None]:
    """Rows with tests of their own, one after the other."""

    def chosen(row: Row) -> int | None:
        value = on(row)
        for place, (tier, test) in enumerate(zip(rows, tests, strict=True)):
            held = _within_edges(tier, value)
            if held is not False and test is not None:
                own = test(row)
                held = False if own is False else None if own is None else held
            if held is None:
                return None
            if held:
                return place
        return -1

    return chosen


def _within_edges(tier: Tier, value: tuple[int, int] | None) -> bool | None:
    if tier.lower is None and tier.upper is None:
        return True
    if value is None:
        return None
    number = Fraction(*value)
    above = tier.lower is None or number > tier.lower[0] or (tier.lower[1] and number == tier.lower[0])
    below = tier.upper is None or number < tier.upper[0] or (tier.upper[1] and number == tier.upper[0])
    return above and below


def _overflow(name: str, points: int) -> OverflowError:
    from scoring.exact import PointsOverflowError

    return PointsOverflowError(f"line {name}: found {points} units, allowed: fewer than 2^62")
