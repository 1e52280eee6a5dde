"""What a rulebook is once it is read: frozen, typed, checked against the contracts.

Points stand here as whole numbers of the rulebook's unit, edges as exact fractions, expressions as typed terms.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Literal

from data_contracts.expressions import Term, Type
from data_contracts.expressions.resolve import Environment, LookupTable
from data_contracts.model import Contract
from scoring.rulebook.relations import ForeignKey, Relation, Schema

PointsBounds = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Title:
    """A text in Chinese and English; either may be empty."""

    zh: str = ""
    en: str = ""

    def text(self, language: str = "zh") -> str:
        """The text in *language*, or in the other one where it is not given."""
        return (self.zh or self.en) if language == "zh" else (self.en or self.zh)


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a rule comes from.

    Attributes:
        clause: Article or item of the published rule.
        source: Key into the rulebook's sources.
        basis: published, inferred or proposed; empty where the book does not say.
        analogue: Sources whose shape or number a proposed value is taken from.
    """

    clause: str = ""
    source: str = ""
    basis: str = ""
    analogue: tuple[str, ...] = ()
    note: Title = Title()


@dataclass(frozen=True, slots=True)
class Source:
    """A published text that rules cite."""

    title: str
    url: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Expression:
    """A typed term with its text and place, as errors and explanations show it."""

    text: str
    term: Term
    line: int


@dataclass(frozen=True, slots=True)
class Table:
    """A look-up table: rows by key, all values of one kind.

    Attributes:
        rows: Key texts to value; numbers exact.
        otherwise: Value for a key it lacks; None when that is an error.
        cited: Citation per key where rows carry their own.
    """

    name: str
    rows: Mapping[tuple[str, ...], Fraction | str]
    otherwise: Fraction | str | None
    type: LookupTable
    title: Title
    citation: Citation


@dataclass(frozen=True, slots=True)
class View:
    """Records that count: which rows, when, and how often.

    Attributes:
        name: Its name; the table's own for a fact that takes a table directly.
        source: The relation its rows come from, when it is not a view of a view.
        inner: The view it is a view of, if it is one.
        once_per: One record per unit and these keys, by *keep*, then the smaller record id.
        keep: What decides, and whether the highest comes first.
    """

    name: str
    relation: Relation
    inner: View | None
    where: Expression | None
    time: Expression | None
    once_per: tuple[Term, ...] = ()
    keep: tuple[Term, bool] | None = None
    line: int = 0
    title: Title = Title()
    citation: Citation = Citation()


@dataclass(frozen=True, slots=True)
class Fact:
    """One exact number (or text, day, truth value) per unit.

    Attributes:
        view: Records it is taken from; None for a fact of the unit's own columns and earlier facts.
        link: Foreign keys from a record to the unit's table, in order; empty when the record is the unit's own row.
        take: What is taken; with aggregates when *view* or *across* is given.
        across: None, or the columns units are grouped by (empty: all units).
        round: Step an `across` fact is rounded to.
    """

    name: str
    view: View | None
    link: tuple[ForeignKey, ...]
    where: Expression | None
    take: Expression
    across: tuple[str, ...] | None
    round: Fraction | None
    type: Type
    title: Title = Title()
    citation: Citation = Citation()


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a decision table: all tests given must hold; a row without tests is the else.

    Attributes:
        lower: Lower edge and whether it belongs to the row.
        upper: Upper edge and whether it belongs to the row.
        points: For tiers: whole units.
        level: For levels.
        status: For levels: a status instead of a level.
    """

    lower: tuple[Fraction, bool] | None
    upper: tuple[Fraction, bool] | None
    when: Expression | None
    points: int = 0
    level: str = ""
    status: str = ""
    title: Title = Title()
    citation: Citation = Citation()
    line: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """An amount of points with its clause: a `points` expression, a `tiers` table, or a section of lines.

    Attributes:
        full: The most it can give, in units: needed by `missing: full` and `skip`.
        missing: zero, full, not_rated, skip, or a number of units; None when the amount is never missing.
        within: Bounds of this line's own points (a section's: of the sum of its lines).
        total: Bounds of the running total after this line.
        total_round: Step the running total is rounded to after this line, in units.
        stages: Steps the amount is rounded through.
    """

    id: str
    title: Title
    citation: Citation
    points: Expression | None = None
    on: Expression | None = None
    tiers: tuple[Row, ...] = ()
    lines: tuple[Line, ...] = ()
    when: Expression | None = None
    full: int | None = None
    missing: Literal["zero", "full", "not_rated", "skip"] | int | None = None
    within: tuple[int | None, int | None] | None = None
    total: tuple[int | None, int | None] | None = None
    total_round: int | None = None
    stages: tuple[Fraction, ...] = ()
    line: int = 0

    @property
    def is_section(self) -> bool:
        """Whether its amount is the sum of its lines."""
        return bool(self.lines)


@dataclass(frozen=True, slots=True)
class Rank:
    """Which units a rank step takes.

    Attributes:
        which: The best n, the worst n, or those beyond the best n.
        count: A number of units, or a share of all units with points and no status.
        by: Criteria in order; True where the highest comes first.
        ties: all_in, all_out or by_key.
    """

    which: Literal["best", "worst", "beyond"]
    number: int | None
    share: Fraction | None
    rounding: Literal["up", "down", "half_up"]
    ties: Literal["all_in", "all_out", "by_key"]
    by: tuple[tuple[Term, bool], ...]
    among: Expression | None
    per: Expression | None
    one_per: Expression | None


@dataclass(frozen=True, slots=True)
class Step:
    """What happens to a level afterwards: set, cap, floor or move, when a test holds or by rank."""

    id: str
    action: Literal["set", "at_most", "at_least", "move"]
    level: str
    places: int
    when: Expression | None
    rank: Rank | None
    even: tuple[str, ...]
    enabled: bool
    title: Title
    citation: Citation
    line: int


@dataclass(frozen=True, slots=True)
class Levels:
    """Levels best first, the rows that give one, and the steps after."""

    order: tuple[str, ...]
    titles: Mapping[str, Title]
    rows: tuple[Row, ...]
    steps: tuple[Step, ...]
    citation: Citation = Citation()


@dataclass(frozen=True, slots=True)
class Status:
    """A status instead of a result, for units that fit *when*."""

    status: str
    when: Expression
    reason: Title
    citation: Citation


@dataclass(frozen=True, slots=True)
class CardRules:
    """The lines of a unit's card.

    Attributes:
        start: Points before the first line, in units.
        full: Points of a complete card, in units; None when no line is skipped.
        not_rated_when: Test on `missing_full` (in points) that makes the unit NOT_RATED.
    """

    start: int
    full: int | None
    not_rated_when: Expression | None
    lines: tuple[Line, ...]
    citation: Citation = Citation()


@dataclass(frozen=True, slots=True)
class UnitRules:
    """How one kind of unit is rated.

    Attributes:
        relation: The table (or unit rated before) its members are rows of.
        key: Columns that name it in every output.
        columns: Paths of all columns that its expressions read from its own row.
    """

    name: str
    title: Title
    relation: Relation
    key: tuple[str, ...]
    label: Expression | None
    division: Expression | None
    rated_as: Expression | None
    facts: tuple[Fact, ...]
    statuses: tuple[Status, ...]
    card: CardRules
    levels: Levels | None
    columns: frozenset[tuple[str, ...]]
    result: Relation
    citation: Citation = Citation()


@dataclass(frozen=True, slots=True)
class Rulebook:
    """A dated, cited scheme, ready to run.

    Attributes:
        unit: Value of one point unit, e.g. 1/100.
        citation: What parts without a citation of their own inherit, with the note on the whole book.
        files: Relative path to SHA-256 of every file of the folder that it was read from.
        warnings: What is not an error but should be seen: numbers without a source.
        working_days: Days that differ from the official calendar, and whether each is worked.
    """

    id: str
    title: Title
    official: bool
    period_from: date
    period_to: date
    as_of: date
    unit: Fraction
    sources: Mapping[str, Source]
    tables: Mapping[str, Table]
    views: Mapping[str, View]
    units: tuple[UnitRules, ...]
    contracts: Mapping[str, Contract]
    consequences: Mapping[str, Mapping[str, Mapping[str, str]]]
    environment: Environment
    schema: Schema
    files: Mapping[str, str]
    warnings: tuple[str, ...] = field(default=())
    citation: Citation = Citation()
    working_days: Mapping[date, bool] = field(default_factory=dict)

    def unit_named(self, name: str) -> UnitRules | None:
        """The unit of that name."""
        return next((unit for unit in self.units if unit.name == name), None)
