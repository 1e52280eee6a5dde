"""Two runs compared unit by unit: whose points, level or status moved, and by which lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from scoring.evaluation.run import Evaluation, UnitResult
from scoring.evaluation.sheets import unit_keys
from scoring.exact import decimal_text
from scoring.rulebook.shape import Rulebook

Outcome = tuple[str | None, str | None, str | None]


@dataclass(frozen=True, slots=True)
class Move:
    """One unit that moved.

    Attributes:
        unit: Kind of unit.
        key: Its key columns, joined with `/`.
        before, after: Points as text (None without), level, status; None where the unit is not in that run.
        lines: Lines whose points differ, with both values as text; then steps that moved it in one run only.
    """

    unit: str
    key: str
    name: str
    before: Outcome | None
    after: Outcome | None
    lines: Mapping[str, tuple[str, str]]

    @property
    def changes_level(self) -> bool:
        """Whether its level or status is another one."""
        return (self.before or (None,) * 3)[1:] != (self.after or (None,) * 3)[1:]


def moves(before: Evaluation, after: Evaluation) -> list[Move]:
    """Every unit that one run rates differently, in the rulebook's order of units and then by key."""
    found: list[Move] = []
    for name in [*before.units, *(name for name in after.units if name not in before.units)]:
        one = _Side.of(before.rulebook, before.units.get(name))
        other = _Side.of(after.rulebook, after.units.get(name))
        found += _moved(name, one, other)
    return found


@dataclass(frozen=True)
class _Side:
    """One kind of unit in one run, by key."""

    rows: Mapping[str, int]
    names: list[str]
    outcomes: list[Outcome]
    lines: Mapping[str, list[Any]]
    texts: Rulebook | None

    @classmethod
    def of(cls, rulebook: Rulebook, result: UnitResult | None) -> _Side:
        if result is None:
            return cls({}, [], [], {}, None)
        unit, rated = rulebook.unit, result.rated
        points = [
            decimal_text(int(one), unit) if has else None
            for one, has in zip(rated.points, rated.has_points, strict=True)
        ]
        outcomes = list(zip(points, rated.level.tolist(), rated.status.tolist(), strict=True))
        lines = {line.id: [decimal_text(int(one), unit) for one in line.points] for line in result.card.lines}
        for step in rated.steps:
            pairs = zip(step.before, step.after, strict=True)
            lines[step.step.id] = [f"{old or '-'} → {new or '-'}" if old != new else "" for old, new in pairs]
        rows = {key: row for row, key in enumerate(unit_keys(rulebook, result))}
        return cls(rows, result.names, outcomes, lines, rulebook)

    def line(self, name: str, row: int | None) -> str:
        return self.lines[name][row] if row is not None and name in self.lines else ""


def _moved(unit: str, one: _Side, other: _Side) -> Iterator[Move]:
    names = [*one.lines, *(name for name in other.lines if name not in one.lines)]
    for key in sorted({*one.rows, *other.rows}):
        old, new = one.rows.get(key), other.rows.get(key)
        before = None if old is None else one.outcomes[old]
        after = None if new is None else other.outcomes[new]
        pairs = {name: (one.line(name, old), other.line(name, new)) for name in names}
        changed = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
        if before != after or changed:
            title = one.names[old] if old is not None else other.names[new or 0]
            yield Move(unit, key, title, before, after, changed)
