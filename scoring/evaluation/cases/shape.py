"""What a case is once it is read: what is given, and what is expected as single comparisons of texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import pyarrow as pa

from data_contracts.document import Place
from data_contracts.expressions import Type
from scoring.facts.days import day_of
from scoring.facts.values import Path, Scalar
from scoring.rulebook.shape import Line, Rulebook, UnitRules

OUTCOME = ("points", "level", "status", "rank", "lines", "steps", "facts")
ABSENT, NONE = "absent", "-"


@dataclass(frozen=True, slots=True)
class Stated:
    """One unit as a case states it.

    Attributes:
        name: What the case calls it; empty for a unit by itself.
        points: Units of points that stand for the whole card and its statuses; None when the card is computed.
        facts: Own columns and facts by path.
    """

    name: str
    points: int | None
    facts: Mapping[Path, Scalar]


@dataclass(frozen=True, slots=True)
class GivenUnits:
    """Units of one kind without records.

    Attributes:
        unit: Their rules.
        units: At least one, sorted by name.
        alone: Whether it is one unit by itself: then no rank step applies, which needs others.
    """

    unit: UnitRules
    units: tuple[Stated, ...]
    alone: bool


@dataclass(frozen=True, slots=True)
class GivenRecords:
    """Accepted tables and earlier rounds."""

    tables: Mapping[str, pa.Table]
    earlier: Mapping[str, pa.Table]


@dataclass(frozen=True, slots=True)
class Check:
    """One comparison.

    Attributes:
        unit: Kind of unit.
        key: Key of the unit; None for the only one.
        what: One of OUTCOME in the singular, or ABSENT.
        name: Line, step or fact.
        expected: As `Outcome.text` says it, NONE for nothing.
        at: Where it stands.
    """

    unit: str
    key: str | None
    what: str
    name: str
    expected: str
    at: Place


@dataclass(frozen=True, slots=True)
class Case:
    """One case.

    Attributes:
        title: The sentence that an officer signs.
        clause: Of the published rule.
        as_of: Day the rating speaks of; the rulebook's own where None.
        given: What it is about.
        checks: What is expected.
        refused: Part of the message that the run must be refused with; empty when it must not be.
        at: Where it stands.
    """

    title: str
    clause: str
    as_of: date | None
    given: GivenUnits | GivenRecords
    checks: tuple[Check, ...]
    refused: str
    at: Place


def known_columns(rulebook: Rulebook, unit: UnitRules) -> dict[str, Type]:
    """Own columns that the unit's rules read, and its facts, with their types."""
    found = {}
    for path in sorted(unit.columns):
        located = rulebook.schema.locate(unit.relation, path) or rulebook.schema.locate(unit.relation, path[1:])
        if located is not None:
            found[".".join(path)] = located.type
    return {**found, **{fact.name: fact.type for fact in unit.facts}}


def all_lines(lines: Sequence[Line]) -> list[Line]:
    """Lines and sections, each section before its lines."""
    return [part for line in lines for part in (line, *all_lines(line.lines))]


def following(line: str) -> tuple[str, ...]:
    """What may follow from a line's bounds."""
    return tuple(f"{line}:{bound}" for bound in ("within", "total", "total_round"))


def line_names(unit: UnitRules) -> list[str]:
    """Every line and section, and what may follow from it."""
    names = [line.id for line in all_lines(unit.card.lines)]
    return [*names, *(follow for name in names for follow in following(name)), "card:start", "card:rescaled"]


def step_names(unit: UnitRules) -> list[str]:
    """The steps that are switched on."""
    return [step.id for step in unit.levels.steps if step.enabled] if unit.levels else []


def fact_text(value: Scalar, kind: Type) -> str:
    """A fact as cases compare it: numbers in lowest terms, days as YYYY-MM-DD, truth as true and false.

    >>> fact_text(True, Type("truth")), fact_text(None, Type("text")), fact_text(Fraction(1), Type("day"))
    ('true', '-', '1970-01-02')
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Fraction) and kind.kind == "day":
        return day_of(int(value)).isoformat()
    return NONE if value is None else str(value)
