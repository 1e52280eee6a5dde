"""One unit's sheet in the order of its card: sections, lines with what they read, what bounds took, level steps.

The rulebook says what stands where, the result says what came out; a line is never computed again here, so the sheet
cannot disagree with the rating.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from typing import Final

import pyarrow as pa

from api.results.cells import amount_of, plain
from api.results.people import LEAST, OF_FEW
from api.results.queries import Result
from api.results.reads import Reads, reads_of
from api.results.records import Window, groups
from api.results.titles import cited, level_title, text_of
from api.results.together import is_companion, told_together, without_value
from api.results.views import Amount, Bounds, Cited, LevelName, LineKind, RecordGroup, Reference, SheetLine, Tier
from api.results.wording import bounds, unit_formula
from data_contracts.expressions.terms import Column as ColumnTerm
from data_contracts.expressions.terms import columns as columns_of
from scoring.exact import decimal_text
from scoring.facts.formula import Path
from scoring.rating.explain import terms_of
from scoring.rulebook.cards import leaves
from scoring.rulebook.shape import Line, Row, Rulebook, Step, Title, UnitRules

FOLLOWS: Final = ("within", "total", "total_round")
MADE: Final = ("points", "level", "status", "division", "missing_full")


@dataclass(frozen=True)
class Sheet:
    """What one unit's lines are written from.

    Attributes:
        stored: Lines and steps as in lines/<unit>.csv, by id.
        reads: What its lines read: facts, and columns of its own row and of those that its foreign keys name.
        behind: Records behind its lines; None when the run did not list them.
    """

    result: Result
    rules: UnitRules
    stored: Mapping[str, dict[str, str]]
    reads: Reads
    behind: pa.Table | None
    window: Window

    def lines(self) -> list[SheetLine]:
        """All lines in the sheet's order, then the steps that bit; points on few people only together with others."""
        return told_together(list(self._every_line()), self.result.book.unit, partial(readers, self.result, self.rules))

    def _every_line(self) -> Iterator[SheetLine]:
        yield from self._following("card:start", 0, text_of("line.start"))
        for line in self.rules.card.lines:
            yield from self._line(line, 0)
        yield from self._following("card:rescaled", 0, text_of("line.rescaled"))
        for step in self.rules.levels.steps if self.rules.levels else ():
            yield from self._step(step)

    def references(self, lines: Sequence[SheetLine]) -> tuple[Reference, ...]:
        """Every fact of the unit with its value, but where one of *lines* does not show it."""
        hidden = {one.name for line in lines if is_companion(line) for one in line.reads}
        found = (self.reads.reference((fact.name,)) for fact in self.rules.facts)
        return tuple(without_value(one) if one.name in hidden else one for one in found if one is not None)

    def _line(self, line: Line, depth: int) -> Iterator[SheetLine]:
        if line.is_section:
            inner = [one for part in line.lines for one in self._line(part, depth + 1)]
            inner += [one for suffix in FOLLOWS for one in self._bound(line, suffix, depth + 1)]
            yield self._section(line, inner, depth)
            yield from inner
            return
        stored = self.stored.get(line.id)
        if stored is not None:
            yield self._leaf(line, stored, depth)
        for suffix in FOLLOWS:
            yield from self._bound(line, suffix, depth)

    def _section(self, line: Line, inner: list[SheetLine], depth: int) -> SheetLine:
        deeper = depth + 1
        total = sum((Fraction(one.points) for one in inner if one.depth == deeper), Fraction(0))
        units = total / self.result.book.unit
        return replace(
            self._bare("section", line.id, line.title, depth),
            points=decimal_text(int(units), self.result.book.unit),
            full=self._full(line),
            cited=cited(line.citation),
        )

    def _full(self, line: Line) -> str | None:
        """What a line can give at most: as stated, or the upper bound of its own points."""
        most = line.full if line.full is not None else line.within[1] if line.within else None
        return None if most is None else decimal_text(most, self.result.book.unit)

    def _leaf(self, line: Line, stored: dict[str, str], depth: int) -> SheetLine:
        amount, reads = _amount(stored), self._reads(line)
        tier = self._tier(line, amount, stored)
        few = any(one.withheld for one in reads)
        return replace(
            self._bare("line", line.id, line.title, depth),
            points=stored["points"],
            full=self._full(line),
            amount=None if few else amount,
            status=stored["status"],
            formula=unit_formula(self.result.book, line.points or line.on, self.rules),
            tiered=bool(line.tiers),
            tier=None if tier is None else tier_of(self.result.book, tier, self.rules),
            missing=str(line.missing) if line.missing is not None and stored["status"] == "no_data" else "",
            reads=reads,
            cited=cited(line.citation),
            records=self._records(line.id),
            withheld=text_of("people.points") if few and _tells(line, stored, reads, tier) else None,
        )

    def _bound(self, line: Line, suffix: str, depth: int) -> Iterator[SheetLine]:
        yield from self._following(f"{line.id}:{suffix}", depth, text_of(f"line.{suffix}"), line)

    def _following(self, name: str, depth: int, title: Title, line: Line | None = None) -> Iterator[SheetLine]:
        stored = self.stored.get(name)
        if stored is None:
            return
        found = replace(
            self._bare("follows", name, title, depth),
            points=stored["points"],
            status=stored["status"],
            bounds=self._bounds(line, name),
        )
        yield replace(found, cited=cited(line.citation)) if line else found

    def _bounds(self, line: Line | None, name: str) -> Bounds | None:
        pair = None if line is None else line.within if name.endswith(":within") else line.total
        return bounds(pair, self.result)

    def _step(self, step: Step) -> Iterator[SheetLine]:
        stored = self.stored.get(step.id)
        if stored is None:
            return
        yield replace(
            self._bare("step", step.id, step.title, 0),
            points=stored["points"],
            status=stored["status"],
            change=self._change(stored["reason"]),
            formula=unit_formula(self.result.book, step.when, self.rules),
            reads=self._reads(step),
            cited=cited(step.citation),
            records=self._records(step.id),
        )

    def _change(self, remark: str) -> tuple[LevelName, LevelName] | None:
        """Levels before and after, as the sheet remarks them: `4A → A`, `-` for none."""
        before, arrow, after = remark.partition(" → ")
        if not arrow:
            return None
        codes = ("" if code == "-" else code for code in (before, after))
        one, other = (LevelName(code, level_title(self.rules, code)) for code in codes)
        return one, other

    def _bare(self, kind: LineKind, name: str, title: Title, depth: int) -> SheetLine:
        return SheetLine(kind, name, title, depth, "", None, None, "", None, None, None, False, None, "", (), Cited())

    def _records(self, line: str) -> tuple[RecordGroup, ...]:
        return () if self.behind is None else groups(self.result, self.rules.name, self.behind, line, self.window)

    def _tier(self, line: Line, amount: Amount | None, stored: dict[str, str]) -> Row | None:
        """The row that fitted: the first one with the number inside its edges that gives the points given."""
        if amount is None or stored["status"] != "applied":
            return None
        value, unit = Fraction(amount.num, amount.den), self.result.book.unit
        fitting = (row for row in line.tiers if _inside(row, value))
        return next((row for row in fitting if row.points * unit == Fraction(stored["points"])), None)

    def _reads(self, item: Line | Step) -> tuple[Reference, ...]:
        paths = dict.fromkeys(path for term in terms_of(item) for path in sorted(columns_of(term)))
        found = (self.reads.reference(path) for path in paths if path[0] not in MADE)
        return tuple(one for one in found if one is not None)


def readers(result: Result, rules: UnitRules, name: str) -> int:
    """How many other rules of the book read what a line reads; a section is read by nobody."""
    counts = result.kept("readers", lambda: Counter(path[-1] for path in _read_anywhere(result.book)))
    line = next((one for one in leaves(rules.card.lines) if one.id == name), None)
    paths = {path for term in (terms_of(line) if line else ()) for path in columns_of(term)}
    return sum(counts[path[-1]] - 1 for path in paths)


def _read_anywhere(book: Rulebook) -> Iterator[Path]:
    """The names that each line, step, status and fact made of others reads, once for each."""
    for rules in book.units:
        items: list[Line | Step] = [*leaves(rules.card.lines), *(rules.levels.steps if rules.levels else ())]
        read = [{path for term in terms_of(item) for path in columns_of(term)} for item in items]
        read += [columns_of(status.when.term) for status in rules.statuses]
        read += [columns_of(fact.take.term) for fact in rules.facts if fact.view is None]
        yield from (path for paths in read for path in paths)


def _tells(line: Line, stored: dict[str, str], reads: Sequence[Reference], tier: Row | None) -> bool:
    """Whether points tell a withheld figure: a formula may, a tier does where it fits but one number of few people."""
    withheld = {one.name: one.withheld for one in reads if one.withheld is not None}
    if line.when is not None and any(".".join(path) in withheld for path in columns_of(line.when.term)):
        return True
    if stored["status"] != "applied":
        return False
    tested = line.on.term if line.on is not None else None
    if tier is None or not isinstance(tested, ColumnTerm) or any(row.when is not None for row in line.tiers):
        return True
    if withheld != {".".join(tested.path): text_of(OF_FEW)}:
        return True
    first = [next((row for row in line.tiers if _inside(row, Fraction(count))), None) for count in range(1, LEAST)]
    return sum(row is tier for row in first) < 2


def sheet_of(result: Result, kind: str, row: int, window: Window) -> Sheet:
    """The sheet of one unit, read from the result."""
    rules = result.units(kind).rules
    stored = {line["line"]: line for line in result.lines(kind, row)}
    return Sheet(result, rules, stored, reads_of(result, kind, row), result.behind(kind, row), window)


def tier_of(book: Rulebook, row: Row, rules: UnitRules) -> Tier:
    """A row of tiers, or of the level table, as it is answered."""
    lower, upper = row.lower, row.upper
    return Tier(
        plain(lower[0]) if lower else "",
        lower[1] if lower else False,
        plain(upper[0]) if upper else "",
        upper[1] if upper else False,
        unit_formula(book, row.when, rules),
        decimal_text(row.points, book.unit),
        row.title,
        cited(row.citation),
    )


def _inside(row: Row, value: Fraction) -> bool:
    if row.lower is not None and not (value > row.lower[0] or (row.lower[1] and value == row.lower[0])):
        return False
    return row.upper is None or value < row.upper[0] or (row.upper[1] and value == row.upper[0])


def _amount(stored: dict[str, str]) -> Amount | None:
    return amount_of(int(stored["num"]), int(stored["den"])) if stored["num"] else None
