"""Reading a card: lines with their amounts, tiers, bounds and what a missing value means."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Literal

from data_contracts.document import Entry, Fields
from data_contracts.expressions.terms import Type
from scoring.exact import decimals
from scoring.rulebook.edges import check_rows
from scoring.rulebook.facts import Facts
from scoring.rulebook.reading import Reading
from scoring.rulebook.shape import CardRules, Expression, Line, Row

EDGES = {"from": ("lower", True), "above": ("lower", False), "to": ("upper", True), "below": ("upper", False)}
Policy = Literal["zero", "full", "not_rated", "skip"]
POLICIES: tuple[Policy, ...] = ("zero", "full", "not_rated", "skip")


@dataclass(slots=True)
class CardReader:
    """Reads the card of one unit.

    Attributes:
        made: Columns that exist only after the lines, for the rows of levels: `points`.
        unsure: Whether a test of the rows read last could not be read, so that nothing can be said about gaps.
    """

    reading: Reading
    facts: Facts
    made: dict[str, Type] = field(default_factory=dict)
    unsure: bool = False

    def card(self, fields: Fields, ids: set[str]) -> CardRules:
        """start, full, not_rated_when and lines; *ids* takes the ids of the lines."""
        reading = self.reading
        start = reading.points(fields.get("start")) or 0
        full = reading.points(fields.get("full"))
        self._cite(fields)
        made = {"missing_full": Type("number", decimals(reading.unit))}
        not_rated = reading.expression(fields.get("not_rated_when"), self.facts.scope(**made), "truth")
        not_rated = self.facts.own(not_rated, made)
        entries = fields.items("lines")
        lines = tuple(self.line(entry, ids) for entry in reading.mappings(entries))
        if not entries:
            reading.refuse(fields.at, "found a card without lines, allowed: at least one line")
        citation = reading.cited.pop()
        fields.done()
        self._check_skips(fields, lines, full, not_rated)
        return CardRules(start, full, not_rated, lines, citation)

    def line(self, entry: Entry, ids: set[str]) -> Line:
        """One line, or a section of lines."""
        reading, fields = self.reading, self.reading.fields(entry)
        name = fields.needed_text("id")
        reading.new_id(entry.at, name, "line", ids)
        title = reading.title(fields.get("title"))
        self._cite(fields)
        citation = reading.cited[-1]
        parts = [key for key in ("points", "tiers", "lines") if fields.has(key)]
        if len(parts) != 1:
            found = " and ".join(parts) or "none of them"
            reading.refuse(entry.at, f"found {found}, allowed: exactly one of points, tiers, lines")
        when = self.facts.own(reading.test(fields, "when", self.facts.scope()))
        amount = self.facts.own(reading.expression(fields.get("points"), self.facts.scope(), "number"))
        on, tiers = self._tiers(fields)
        line = Line(
            id=name,
            title=title,
            citation=citation,
            points=amount,
            on=on,
            tiers=tiers,
            lines=tuple(self.line(part, ids) for part in reading.mappings(fields.items("lines"))),
            when=when,
            full=reading.points(fields.get("full")),
            missing=self._missing(fields),
            within=self._bounds(fields, "within"),
            total=self._bounds(fields, "total"),
            total_round=self._total_round(fields),
            stages=self._stages(fields),
            line=entry.at.line,
        )
        reading.cited.pop()
        fields.done()
        self._check_amount(entry, line)
        return line

    def rows(self, entries: list[Entry], fields_of_row: tuple[str, ...]) -> list[tuple[Fields, Row]]:
        """Decision rows: their tests read, their outcome left to the caller."""
        found = []
        for entry in self.reading.mappings(entries):
            fields = self.reading.fields(entry)
            found.append((fields, self._row(fields)))
            for key in fields_of_row:
                fields.has(key)
        return found

    def _row(self, fields: Fields) -> Row:
        edges: dict[str, tuple[Fraction, bool] | None] = {"lower": None, "upper": None}
        for key, (side, included) in EDGES.items():
            entry = fields.get(key)
            number = None if entry is None else self.reading.number(entry)
            self.unsure = self.unsure or (entry is not None and number is None)
            if number is not None and edges[side] is not None:
                self.reading.refuse(
                    fields.at,
                    f"found two {side} edges, allowed: one of {', '.join(k for k in EDGES if EDGES[k][0] == side)}",
                )
            if number is not None:
                edges[side] = (number, included)
        when = self.facts.own(self.reading.test(fields, "when", self.facts.scope(**self.made)), self.made)
        self.unsure = self.unsure or (when is None and fields.has("when"))
        title, citation = self.reading.title(fields.get("title")), self.reading.citation(fields)
        return Row(edges["lower"], edges["upper"], when, title=title, citation=citation, line=fields.at.line)

    def _tiers(self, fields: Fields) -> tuple[Expression | None, tuple[Row, ...]]:
        nested = fields.nested("tiers")
        if nested is None:
            return None, ()
        reading = self.reading
        on = self.facts.own(reading.expression(nested.need("on"), self.facts.scope(), "number"))
        rows: list[Row] = []
        self.unsure = False
        for row_fields, row in self.rows(nested.items("rows"), ("points",)):
            points = reading.points(row_fields.need("points"))
            row_fields.done()
            reading.check_cited(row.citation, row_fields.at, "tier")
            rows.append(replace(row, points=points or 0))
        nested.done()
        if on is not None and not self.unsure:
            check_rows(reading, nested.at, rows, _step(on.term.type))
        return on, tuple(rows)

    def _missing(self, fields: Fields) -> Policy | int | None:
        entry = fields.get("missing")
        if entry is None:
            return None
        for policy in POLICIES:
            if entry.value == policy:
                return policy
        if isinstance(entry.value, str) and entry.value.lstrip("-")[:1].isdigit():
            return self.reading.points(entry)
        self.reading.name_in(entry, POLICIES, "missing")
        return None

    def _bounds(self, fields: Fields, key: str) -> tuple[int | None, int | None] | None:
        entry = fields.get(key)
        if entry is None:
            return None
        if not isinstance(entry.value, list) or len(entry.value) != 2:
            self.reading.refuse(entry.at, f"found {entry.shown}, allowed: [lowest, highest], null for no bound")
            return None
        low, high = (self.reading.points(bound) if bound.value is not None else None for bound in entry.value)
        if low is not None and high is not None and low > high:
            self.reading.refuse(entry.at, "found bounds upside down, allowed: [lowest, highest]")
        return low, high

    def _total_round(self, fields: Fields) -> int | None:
        entry = fields.get("total_round")
        units = self.reading.points(entry)
        if entry is not None and units is not None and units <= 0:
            self.reading.refuse(entry.at, f"found {entry.value}, allowed: a step above 0")
            return None
        return units

    def _stages(self, fields: Fields) -> tuple[Fraction, ...]:
        entry = fields.get("round")
        if entry is None:
            return ()
        entries = entry.value if isinstance(entry.value, list) else [entry]
        stages = [number for item in entries if (number := self.reading.number(item)) is not None]
        if not stages or any(stage <= 0 for stage in stages) or (stages[-1] / self.reading.unit).denominator != 1:
            self.reading.refuse(
                entry.at,
                f"found round: {', '.join(str(item.value) for item in entries) or 'nothing'}, "
                "allowed: steps above 0, the last a multiple of the points unit",
            )
            return ()
        return tuple(stages)

    def _check_amount(self, entry: Entry, line: Line) -> None:
        reading = self.reading
        if line.is_section:
            if line.missing is not None or line.stages:
                reading.refuse(entry.at, "found missing or round on a section, allowed: on its lines")
            return
        reading.check_cited(line.citation, entry.at, f"line {line.id!r}")
        written = isinstance(entry.value, dict) and "missing" in entry.value
        if _can_be_missing(line) and not written:
            reading.refuse(
                entry.at,
                f"found an amount in {line.id!r} that can be missing, "
                f"allowed: missing: {', '.join(POLICIES)} or a number",
            )
        if line.missing in ("full", "skip") and (line.full is None or line.full <= 0):
            found = "without full" if line.full is None else "with full of 0 or less"
            reading.refuse(
                entry.at, f"found missing: {line.missing} {found}, allowed: full: the most the line can give"
            )

    def _check_skips(self, fields: Fields, lines: tuple[Line, ...], full: int | None, test: Expression | None) -> None:
        skipping = [line for line in leaves(lines) if line.missing == "skip"]
        if skipping and full is None:
            self.reading.refuse(
                fields.at,
                f"found missing: skip in {skipping[0].id!r} on a card without full, "
                "allowed: full: the points of a complete card",
            )
        if test is not None and not skipping:
            self.reading.refuse(
                fields.at, "found not_rated_when on a card whose lines are never skipped, allowed: with missing: skip"
            )

    def _cite(self, fields: Fields) -> None:
        self.reading.cited.append(self.reading.citation(fields))


def leaves(lines: tuple[Line, ...]) -> list[Line]:
    """All lines with an amount of their own, in order.

    >>> leaves(())
    []
    """
    return [leaf for line in lines for leaf in (leaves(line.lines) if line.is_section else [line])]


def _can_be_missing(line: Line) -> bool:
    if line.points is not None:
        return line.points.term.type.optional
    tests = [row.when for row in line.tiers if row.when is not None]
    if line.on is None:  # a fault that is reported already
        return False
    return line.on.term.type.optional or any(test.term.type.optional for test in tests)


def _step(type_: Type) -> Fraction | None:
    return None if type_.scale is None else Fraction(1, 10**type_.scale)
