"""What the service answers with: frozen values that JSON and pages are both written from.

Points and other exact numbers travel as decimal text, never as floats; titles carry both languages, so one JSON answer
serves every reader. Empty text means that the rulebook says nothing; None that there is no value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from scoring.rulebook.shape import Title

LineKind = Literal["section", "line", "follows", "step", "together"]


@dataclass(frozen=True, slots=True)
class Cited:
    """Where a rule comes from.

    Attributes:
        basis: published, inferred or proposed; empty where the rulebook does not say.
        analogue: Sources whose shape or number a proposed value follows.
    """

    clause: str = ""
    source: str = ""
    basis: str = ""
    analogue: tuple[str, ...] = ()
    note: Title = field(default_factory=Title)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A level or a status, how it is called and how many units have it."""

    code: str
    title: Title
    count: int


@dataclass(frozen=True, slots=True)
class KeyColumn:
    """A column that names a unit: contract name, and title as offices write it."""

    name: str
    title: str


@dataclass(frozen=True, slots=True)
class Division:
    """A division and its name; the code again where no table names it."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class UnitKind:
    """One kind of rated unit.

    Attributes:
        levels: Best first.
        quota: Whether places are limited in each division (a list of candidates).
    """

    name: str
    title: Title
    count: int
    key: tuple[KeyColumn, ...]
    levels: tuple[Outcome, ...]
    statuses: tuple[Outcome, ...]
    divisions: tuple[Division, ...]
    quota: bool
    links: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One unit as a row of a list.

    Attributes:
        key: Contract column to value.
        points: Decimal text; None where a status stands instead.
        rank: 1 for the most points; None without a rank.
    """

    unit: str
    key: Mapping[str, str]
    name: str
    division: str
    division_name: str
    points: str | None
    level: str | None
    level_title: Title
    status: str | None
    status_title: Title
    rank: int | None
    links: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class LevelName:
    """A level and how it is called."""

    code: str
    title: Title


@dataclass(frozen=True, slots=True)
class Bounds:
    """Lowest and highest points, None where there is no bound."""

    low: str | None
    high: str | None


@dataclass(frozen=True, slots=True)
class Formula:
    """An expression as the rulebook writes it, and with its names and words as people read them."""

    code: str
    readable: Title


@dataclass(frozen=True, slots=True)
class Amount:
    """An exact number: the pair, and its decimal text, rounded for reading where it has no end."""

    num: int
    den: int
    text: str
    exact: bool


@dataclass(frozen=True, slots=True)
class Reference:
    """A fact, or a column of the unit's own row, that a rule reads, with its value.

    Attributes:
        withheld: What stands for a value that the public may not see.
    """

    name: str
    title: Title
    text: str
    amount: Amount | None
    withheld: Title | None = None


@dataclass(frozen=True, slots=True)
class RecordColumn:
    """A column of listed records.

    Attributes:
        own: Whether every row only names the unit itself here.
    """

    name: str
    title: str
    numeric: bool
    own: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """A value of a record: as stored, as text, and the page of the unit it names, if it names one.

    Attributes:
        withheld: What stands for a value that the public may not see.
    """

    value: str | int | bool | None
    text: str
    page: str = ""
    withheld: Title | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """One record behind a line.

    Attributes:
        part: counted, among (in the denominator only) or counted_with.
        warnings: What its contract remarks about it, in the contract's language.
    """

    record: str
    part: str
    cells: Mapping[str, Cell]
    links: Mapping[str, str]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RecordGroup:
    """Records of one table behind one line.

    Attributes:
        unit: Whether they are units rated before.
        counts: Number by part, of all records, listed or not.
        items: Those of the page asked for.
    """

    table: str
    title: Title
    unit: bool
    counts: Mapping[str, int]
    total: int
    columns: tuple[RecordColumn, ...]
    items: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class Tier:
    """A row of tiers: its edges as text and what it gives."""

    lower: str
    lower_included: bool
    upper: str
    upper_included: bool
    when: Formula | None
    points: str
    title: Title
    cited: Cited


@dataclass(frozen=True, slots=True)
class SheetLine:
    """A section, line, consequence of a bound, or level step of one unit, or the sum of lines told together.

    Attributes:
        depth: 0 at the top; a section's lines are one deeper.
        points: Decimal text; of a section, the sum of its lines; empty where they are only told together with others.
        full: The most it can give, where the rulebook states it.
        amount: The exact amount before rounding; for tiers the number tested.
        tier: The row of tiers that fitted.
        bounds: For what follows from a bound: the bounds.
        change: For a level step: the level before and after, empty codes where there was none.
        withheld: Why its points stand only in the line `together` of its section.
    """

    kind: LineKind
    id: str
    title: Title
    depth: int
    points: str
    full: str | None
    amount: Amount | None
    status: str
    bounds: Bounds | None
    change: tuple[LevelName, LevelName] | None
    formula: Formula | None
    tiered: bool
    tier: Tier | None
    missing: str
    reads: tuple[Reference, ...]
    cited: Cited
    records: tuple[RecordGroup, ...] = ()
    withheld: Title | None = None


@dataclass(frozen=True, slots=True)
class Why:
    """Why a unit has its status: the rules that give it.

    Attributes:
        certain: Whether the first is known to be the one that decided; else any of them may be.
    """

    reasons: tuple[Title, ...]
    clauses: tuple[str, ...]
    tests: tuple[Formula, ...]
    basis: str
    certain: bool


@dataclass(frozen=True, slots=True)
class UnitSheet:
    """One unit with everything that leads to its result.

    Attributes:
        records_listed: Whether the run listed the records behind lines.
        counted_in: Other units with a line that this one stands behind.
    """

    row: UnitRow
    kind: Title
    ranked: int
    why: Why | None
    lines: tuple[SheetLine, ...]
    facts: tuple[Reference, ...]
    own: RecordGroup | None
    counted_in: tuple[UnitRow, ...]
    records_listed: bool


@dataclass(frozen=True, slots=True)
class SiteRow:
    """A candidate with its yes or no.

    Attributes:
        verdict: nominated, reserve or refused.
        cause: Why: ranked, quota_filled, one_each, not_among, status.
        holder: Whom places are counted for (at most one each), with the page of that unit.
    """

    row: UnitRow
    holder: Cell
    verdict: str
    cause: str
    place: int | None
    why: Why | None


@dataclass(frozen=True, slots=True)
class SiteDivision:
    """Candidates of one division: the nominated first, then the reserve, then those refused."""

    division: Division
    places: int
    filled: int
    candidates: tuple[SiteRow, ...]


@dataclass(frozen=True, slots=True)
class Sites:
    """Every candidate of every division, with the rule that limits the places.

    Attributes:
        one_per: What a division has at most one candidate of; empty where nothing limits that.
        order: What candidates are ordered by.
    """

    unit: str
    title: Title
    step: str
    step_title: Title
    places: int
    one_per: Title
    order: tuple[Title, ...]
    cited: Cited
    divisions: tuple[SiteDivision, ...]
    totals: Mapping[str, int]
