"""What every part of a rulebook is read with: places, problems, titles, citations, points and typed expressions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction

from data_contracts.document import Entry, Fields, Place, Problem, decimal_number
from data_contracts.expressions import ExpressionError, parse, resolve
from data_contracts.expressions.resolve import Environment, Scope, did_you_mean
from data_contracts.expressions.terms import Kind
from scoring.exact import decimal_text
from scoring.rulebook.record_terms import check_record_term
from scoring.rulebook.relations import Schema
from scoring.rulebook.shape import Citation, Expression, Source, Title

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
BASES = ("published", "inferred", "proposed")
DECIMALS = 9
MOST_UNITS = 10**15


@dataclass(slots=True)
class Reading:
    """The state of one reading: what is known so far and every problem found.

    Attributes:
        uncited: What cites nothing: problems of an official book, else warnings.
        repeating: Earlier rounds whose key does not name one row.
        later: Facts of the unit at hand that stand further down.
        cited: The citation that parts without one of their own inherit, innermost last.
    """

    schema: Schema
    environment: Environment = field(default_factory=Environment)
    unit: Fraction = Fraction(1)
    official: bool = False
    sources: dict[str, Source] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    uncited: list[Problem] = field(default_factory=list)
    repeating: set[str] = field(default_factory=set)
    later: list[str] = field(default_factory=list)
    cited: list[Citation] = field(default_factory=list)

    def refuse(self, at: Place, text: str) -> None:
        """Add a problem."""
        self.problems.append(at.problem(text))

    def mappings(self, entries: Iterable[Entry]) -> list[Entry]:
        """Those of a list that are mappings; others are reported."""
        found = []
        for entry in entries:
            if isinstance(entry.value, dict):
                found.append(entry)
            else:
                self.refuse(entry.at, f"found {entry.shown}, allowed: a mapping of keys")
        return found

    def fields(self, entry: Entry) -> Fields:
        """The keys of *entry*, with this reading's problems."""
        return Fields(entry, self.problems)

    def expression(
        self,
        entry: Entry | None,
        scope: Scope,
        *kinds: Kind,
        aggregates: bool = False,
        windows: bool = False,
        records: bool = False,
    ) -> Expression | None:
        """The typed expression that *entry* writes; None, with a problem, when it cannot be read.

        Args:
            entry: Text of the expression; None is none.
            scope: The names it may use.
            kinds: What it may be; anything when none is given.
            aggregates: Whether it may hold aggregates.
            windows: Whether it may look at the record before.
            records: Whether it is evaluated per record, in SQL.
        """
        if entry is None:
            return None
        if not isinstance(entry.value, str):
            self.refuse(entry.at, f"found {entry.shown}, allowed: an expression")
            return None
        environment = replace(self.environment, aggregates=aggregates, windows=windows)
        try:
            term = resolve(parse(entry.value), scope, environment)
            if records:
                check_record_term(term)
        except ExpressionError as error:
            later = [name for name in self.later if f"found {name!r}" in str(error)]
            hint = f"; {later[0]!r} stands further down" if later else ""
            self.refuse(entry.at, f"in {entry.value!r} at {error.at + 1}: {error}{hint}")
            return None
        if kinds and term.type.kind not in (*kinds, "null"):
            self.refuse(entry.at, f"in {entry.value!r}: found a {term.type.kind}, allowed: {' or '.join(kinds)}")
            return None
        return Expression(entry.value, term, entry.at.line)

    def test(self, fields: Fields, key: str, scope: Scope) -> Expression | None:
        """An optional truth-valued expression over one unit."""
        return self.expression(fields.get(key), scope, "truth")

    def title(self, entry: Entry | None) -> Title:
        """A text, or texts per language."""
        if entry is None or entry.value is None:
            return Title()
        if isinstance(entry.value, str):
            return Title(entry.value, entry.value) if entry.value.isascii() else Title(zh=entry.value)
        fields = self.fields(entry)
        title = Title(fields.text("zh"), fields.text("en"))
        fields.done()
        return title

    def citation(self, fields: Fields) -> Citation:
        """clause, source, basis, analogue and note of a part; what it lacks comes from the part around it."""
        outer = self.cited[-1] if self.cited else Citation()
        basis = fields.choice("basis", BASES, "published") if fields.has("basis") else outer.basis
        own = Citation(
            clause=fields.text("clause") or outer.clause,
            source=fields.text("source") or outer.source,
            basis=basis,
            analogue=fields.texts("analogue") or outer.analogue,
            note=self.title(fields.get("note")),
        )
        for key in (*fields.texts("source"), *fields.texts("analogue")):
            if key not in self.sources:
                known = sorted(self.sources)
                at = (fields.get("source") or fields.entry).at
                self.refuse(
                    at,
                    f"found source {key!r}, allowed: {', '.join(known) or 'none are listed'}{did_you_mean(key, known)}",
                )
        return own

    def check_cited(self, citation: Citation, at: Place, what: str) -> None:
        """Note a number that cites nothing: an error in an official book, else a warning."""
        if not (citation.clause or citation.source or citation.analogue or citation.basis == "proposed"):
            self.uncited.append(
                at.problem(f"found {what} without clause or source, allowed: clause, source, or basis: proposed")
            )

    def new_id(self, at: Place, name: str, what: str, ids: set[str]) -> None:
        """Note the id of a line or step; a sheet lists both, so no two of a unit may be alike."""
        if name and name in ids:
            self.refuse(at, f"found {what} {name!r} twice, allowed: once")
        if ":" in name:
            self.refuse(
                at, f"found {what} {name!r}, allowed: an id without ':', which stands for what follows of a line"
            )
        ids.add(name)

    def points(self, entry: Entry | None) -> int | None:
        """A number of points as whole units; finer than the unit is refused."""
        if entry is None:
            return None
        number = self.number(entry)
        if number is None:
            return None
        units = number / self.unit
        if units.denominator != 1:
            shown = decimal_text(1, self.unit)
            self.refuse(entry.at, f"found {entry.value}, allowed: a multiple of the points unit {shown}")
            return None
        if abs(units) > MOST_UNITS:
            self.refuse(entry.at, f"found {entry.value}, allowed: at most {MOST_UNITS} points units")
            return None
        return units.numerator

    def number(self, entry: Entry) -> Fraction | None:
        """An exact decimal number."""
        number = decimal_number(entry.value)
        if number is None:
            self.refuse(entry.at, f"found {entry.shown}, allowed: a decimal number")
        elif abs(number) > MOST_UNITS or (number * 10**DECIMALS).denominator != 1:
            self.refuse(entry.at, f"found {entry.value}, allowed: at most 15 digits, then at most {DECIMALS} decimals")
            return None
        return number

    def name_in(self, entry: Entry, known: Iterable[str], what: str) -> str | None:
        """A text that must be one of *known*."""
        words = sorted(known)
        if isinstance(entry.value, str) and entry.value in words:
            return entry.value
        hint = did_you_mean(str(entry.value), words)
        self.refuse(entry.at, f"found {what} {entry.shown}, allowed: {', '.join(words) or 'nothing'}{hint}")
        return None


def day_in(text: str) -> date | None:
    """The day that *text* writes as YYYY-MM-DD, None when it writes none.

    >>> day_in("2024-02-29"), day_in("2024-02-30"), day_in("20240229")
    (datetime.date(2024, 2, 29), None, None)
    """
    if not _DAY.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
