"""The rulebook as a document: everything it says, in its order, each part with its clause, source and basis."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from api.results.cells import plain
from api.results.queries import Result
from api.results.sheet import tier_of
from api.results.titles import cited
from api.results.views import Bounds, Cited, Formula, Tier
from api.results.wording import bounds, criterion, formula, unit_formula
from scoring.exact import decimal_text
from scoring.rulebook.relations import Relation
from scoring.rulebook.shape import Fact, Line, Rank, Row, Rulebook, Status, Step, Table, Title, UnitRules, View

SHOWN_ROWS = 200


@dataclass(frozen=True, slots=True)
class BookSource:
    """A published text that the rulebook cites."""

    key: str
    title: str
    url: str
    note: str


@dataclass(frozen=True, slots=True)
class BookTable:
    """A look-up table: key texts to value."""

    name: str
    title: Title
    rows: tuple[tuple[str, str], ...]
    total: int
    otherwise: str | None
    cited: Cited


@dataclass(frozen=True, slots=True)
class BookView:
    """A view of records: which rows count, when, and how often."""

    name: str
    title: Title
    source: Title
    where: Formula | None
    time: Formula | None
    once_per: bool
    cited: Cited


@dataclass(frozen=True, slots=True)
class BookFact:
    """A fact: what is taken from which records."""

    name: str
    title: Title
    of: Title
    where: Formula | None
    take: Formula
    across: bool
    round: str
    cited: Cited


@dataclass(frozen=True, slots=True)
class BookStatus:
    """A status instead of a result, and when it is given."""

    status: str
    when: Formula
    reason: Title
    cited: Cited


@dataclass(frozen=True, slots=True)
class BookLine:
    """A line or section of a card."""

    id: str
    title: Title
    depth: int
    section: bool
    full: str | None
    formula: Formula | None
    when: Formula | None
    missing: str
    within: Bounds | None
    total: Bounds | None
    rounded: str
    tiers: tuple[Tier, ...]
    cited: Cited


@dataclass(frozen=True, slots=True)
class BookLevel:
    """A row of the level table."""

    level: str
    status: str
    title: Title
    row: Tier
    cited: Cited


@dataclass(frozen=True, slots=True)
class BookRank:
    """Which units a rank step takes."""

    which: str
    number: str
    per: Formula | None
    one_per: Formula | None
    among: Formula | None
    by: tuple[Title, ...]
    ties: str


@dataclass(frozen=True, slots=True)
class BookStep:
    """What happens to a level afterwards."""

    id: str
    title: Title
    action: str
    level: str
    level_title: Title
    places: int
    when: Formula | None
    rank: BookRank | None
    even: tuple[str, ...]
    enabled: bool
    cited: Cited


@dataclass(frozen=True, slots=True)
class BookUnit:
    """How one kind of unit is rated."""

    name: str
    title: Title
    source: Title
    start: str
    full: str | None
    not_rated_when: Formula | None
    rated_as: Formula | None
    note: Title
    facts: tuple[BookFact, ...]
    statuses: tuple[BookStatus, ...]
    lines: tuple[BookLine, ...]
    levels: tuple[BookLevel, ...]
    steps: tuple[BookStep, ...]
    consequences: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Book:
    """The rulebook of the run.

    Attributes:
        bases: How many lines, rows, steps, statuses and tables are published, inferred, proposed or silent ("").
        warnings: Numbers without a source.
    """

    id: str
    title: Title
    note: Title
    official: bool
    period_from: str
    period_to: str
    as_of: str
    points_unit: str
    bases: Mapping[str, int]
    sources: tuple[BookSource, ...]
    tables: tuple[BookTable, ...]
    views: tuple[BookView, ...]
    units: tuple[BookUnit, ...]
    warnings: tuple[str, ...]


def book_of(result: Result) -> Book:
    """The document of the rulebook of a result."""
    return result.kept("book", lambda: document(result.book))


def document(book: Rulebook) -> Book:
    """A rulebook as a document."""
    units = tuple(_unit(book, rules) for rules in book.units)
    tables = tuple(_table(table) for table in book.tables.values())
    return Book(
        book.id, book.title, book.citation.note, book.official,
        book.period_from.isoformat(), book.period_to.isoformat(), book.as_of.isoformat(),
        plain(book.unit), dict(Counter(_bases(units, tables))),
        tuple(BookSource(key, one.title, one.url, one.note) for key, one in book.sources.items()),
        tables,
        tuple(_view(book, view) for view in book.views.values()),
        units, book.warnings,
    )  # fmt: skip


def _bases(units: tuple[BookUnit, ...], tables: tuple[BookTable, ...]) -> Iterator[str]:
    for unit in units:
        parts: list[Any] = [line for line in unit.lines if not line.section]
        for part in (*parts, *unit.statuses, *unit.levels, *unit.steps):
            yield part.cited.basis
    yield from (table.cited.basis for table in tables)


def _unit(book: Rulebook, rules: UnitRules) -> BookUnit:
    levels = rules.levels
    return BookUnit(
        rules.name,
        Title(rules.title.zh or rules.name, rules.title.en or rules.name),
        _relation_title(book, rules.relation),
        decimal_text(rules.card.start, book.unit),
        None if rules.card.full is None else decimal_text(rules.card.full, book.unit),
        unit_formula(book, rules.card.not_rated_when, rules),
        unit_formula(book, rules.rated_as, rules),
        rules.citation.note,
        tuple(_fact(book, rules, fact) for fact in rules.facts),
        tuple(_status(book, rules, status) for status in rules.statuses),
        tuple(one for line in rules.card.lines for one in _lines(book, rules, line, 0)),
        tuple(_level(book, rules, row) for row in (levels.rows if levels else ())),
        tuple(_step(book, rules, step) for step in (levels.steps if levels else ())),
        book.consequences.get(rules.name, {}),
    )


def _lines(book: Rulebook, rules: UnitRules, line: Line, depth: int) -> Iterator[BookLine]:
    yield BookLine(
        line.id, line.title, depth, line.is_section,
        None if line.full is None else decimal_text(line.full, book.unit),
        unit_formula(book, line.points or line.on, rules), unit_formula(book, line.when, rules),
        _missing(book, line), bounds(line.within, book), bounds(line.total, book),
        "" if line.total_round is None else decimal_text(line.total_round, book.unit),
        tuple(tier_of(book, row, rules) for row in line.tiers),
        cited(line.citation),
    )  # fmt: skip
    for part in line.lines:
        yield from _lines(book, rules, part, depth + 1)


def _missing(book: Rulebook, line: Line) -> str:
    if line.missing is None:
        return ""
    return decimal_text(line.missing, book.unit) if isinstance(line.missing, int) else line.missing


def _level(book: Rulebook, rules: UnitRules, row: Row) -> BookLevel:
    title = _level_title(rules, row.level, row.title)
    return BookLevel(row.level, row.status, title, tier_of(book, row, rules), cited(row.citation))


def _step(book: Rulebook, rules: UnitRules, step: Step) -> BookStep:
    return BookStep(
        step.id, step.title, step.action, step.level, _level_title(rules, step.level, Title()), step.places,
        unit_formula(book, step.when, rules), None if step.rank is None else _rank(book, rules, step.rank),
        step.even, step.enabled, cited(step.citation),
    )  # fmt: skip


def _rank(book: Rulebook, rules: UnitRules, rank: Rank) -> BookRank:
    share = "" if rank.share is None else f"{plain(rank.share * 100)} %"
    by = []
    for term, highest in rank.by:
        title = criterion(book, term, rules)
        by.append(title if highest else Title(f"{title.zh}↑", f"{title.en} ↑"))
    number = share if rank.number is None else str(rank.number)
    per, one_per, among = (unit_formula(book, one, rules) for one in (rank.per, rank.one_per, rank.among))
    return BookRank(rank.which, number, per, one_per, among, tuple(by), rank.ties)


def _fact(book: Rulebook, rules: UnitRules, fact: Fact) -> BookFact:
    own = {one.name: one.title for one in rules.facts}
    relation, names = (fact.view.relation, {}) if fact.view else (rules.relation, own)
    return BookFact(
        fact.name, fact.title, _view_title(book, fact.view) if fact.view else Title(),
        formula(book, fact.where, relation, names), _certain(formula(book, fact.take, relation, names)),
        fact.across is not None, "" if fact.round is None else plain(fact.round), cited(fact.citation),
    )  # fmt: skip


def _status(book: Rulebook, rules: UnitRules, status: Status) -> BookStatus:
    return BookStatus(
        status.status, _certain(unit_formula(book, status.when, rules)), status.reason, cited(status.citation)
    )


def _certain(found: Formula | None) -> Formula:
    return found or Formula("", Title())


def _table(table: Table) -> BookTable:
    rows = tuple((" / ".join(key), _value(value)) for key, value in list(table.rows.items())[:SHOWN_ROWS])
    otherwise = None if table.otherwise is None else _value(table.otherwise)
    return BookTable(table.name, table.title, rows, len(table.rows), otherwise, cited(table.citation))


def _view(book: Rulebook, view: View) -> BookView:
    source = _view_title(book, view.inner) if view.inner else _relation_title(book, view.relation)
    where, time = (formula(book, one, view.relation, {}) for one in (view.where, view.time))
    return BookView(view.name, view.title, source, where, time, bool(view.once_per), cited(view.citation))


def _view_title(book: Rulebook, view: View) -> Title:
    if view.title != Title():
        return Title(view.title.zh or view.name, view.title.en or view.name)
    return _relation_title(book, view.relation) if view.name == view.relation.name else Title(view.name, view.name)


def _relation_title(book: Rulebook, relation: Relation) -> Title:
    rules, contract = book.unit_named(relation.name), book.contracts.get(relation.table)
    spelled = relation.name.replace("_", " ")
    if rules is not None:
        return Title(rules.title.zh or spelled, rules.title.en or spelled)
    return Title(contract.title if contract else spelled, spelled)


def _level_title(rules: UnitRules, level: str, own: Title) -> Title:
    return own if own != Title() or rules.levels is None else rules.levels.titles.get(level, Title())


def _value(value: Fraction | str) -> str:
    return value if isinstance(value, str) else plain(value)
