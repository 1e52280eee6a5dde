"""Reading statuses, levels and the steps that follow them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, cast

from data_contracts.document import Entry, Fields, decimal_number
from data_contracts.expressions import Term
from data_contracts.expressions.terms import TEXT, Type
from scoring.rulebook.cards import CardReader
from scoring.rulebook.edges import check_rows
from scoring.rulebook.facts import Facts
from scoring.rulebook.reading import Reading
from scoring.rulebook.relations import RowScope
from scoring.rulebook.shape import Expression, Levels, Rank, Row, Status, Step

ACTIONS = ("set", "at_most", "at_least", "move")
RANKS = ("best", "worst", "beyond")
BUILT_IN_STATUSES = ("NOT_RATED", "NO_DATA")


@dataclass(slots=True)
class LevelReader:
    """Reads statuses, level rows and steps of one unit.

    Attributes:
        made: Columns that exist once the lines are added up: points, level, status, division.
        ids: Ids of lines and steps so far.
        statuses: Statuses so far.
    """

    reading: Reading
    facts: Facts
    made: dict[str, Type]
    ids: set[str] = field(default_factory=set)
    statuses: set[str] = field(default_factory=set)

    def status_rules(self, entries: list[Entry]) -> tuple[Status, ...]:
        """Statuses in order; the first that fits is the unit's."""
        found = []
        for entry in self.reading.mappings(entries):
            fields = self.reading.fields(entry)
            name = fields.needed_text("status")
            when = self.facts.own(self.reading.expression(fields.need("when"), self.facts.scope(), "truth"))
            reason, citation = self.reading.title(fields.get("reason")), self.reading.citation(fields)
            fields.done()
            self.reading.check_cited(citation, entry.at, f"status {name!r}")
            self.statuses.add(name)
            if when is not None:
                found.append(Status(name, when, reason, citation))
        return tuple(found)

    def levels(self, fields: Fields, order: tuple[str, ...]) -> Levels:
        """order, titles, rows and steps."""
        reading = self.reading
        fields.get("order")
        if len(set(order)) != len(order) or not order:
            reading.refuse(
                fields.at, f"found order: {', '.join(order) or 'nothing'}, allowed: every level once, the best first"
            )
        titles = {name: reading.title(entry) for name, entry in self._titles(fields, order)}
        reading.cited.append(reading.citation(fields))
        rows = self._rows(fields, order)
        steps = tuple(self._step(entry, order) for entry in reading.mappings(fields.items("steps")))
        citation = reading.cited.pop()
        fields.done()
        return Levels(order, titles, rows, steps, citation)

    def _titles(self, fields: Fields, order: tuple[str, ...]) -> list[tuple[str, Entry]]:
        titles = fields.mapping("titles")
        for name, entry in titles.items():
            self.reading.name_in(replace(entry, value=name), order, "level")
        return list(titles.items())

    def _rows(self, fields: Fields, order: tuple[str, ...]) -> tuple[Row, ...]:
        reading, rows = self.reading, []
        before = {name: kind for name, kind in self.made.items() if name not in ("level", "status")}
        reader = CardReader(reading, self.facts, before)
        for row_fields, row in reader.rows(fields.items("rows"), ("level", "status")):
            level, status = row_fields.get("level"), row_fields.text("status")
            if (level is None) == (status == ""):
                reading.refuse(row_fields.at, "found a row with both or none of level and status, allowed: one of them")
            name = "" if level is None or not order else reading.name_in(level, order, "level") or ""
            row_fields.done()
            reading.check_cited(row.citation, row_fields.at, "level row")
            self.statuses |= {status} - {""}
            rows.append(replace(row, level=name, status=status))
        at = (fields.get("rows") or fields.entry).at
        if not reader.unsure:
            check_rows(reading, at, rows, reading.unit)
        return tuple(rows)

    def _step(self, entry: Entry, order: tuple[str, ...]) -> Step:
        reading, fields = self.reading, self.reading.fields(entry)
        name, title = fields.needed_text("id"), reading.title(fields.get("title"))
        citation = reading.citation(fields)
        reading.new_id(entry.at, name, "step", self.ids)
        reading.check_cited(citation, entry.at, f"step {name!r}")
        actions = [key for key in ACTIONS if fields.has(key)]
        ranks = [key for key in RANKS if fields.has(key)]
        when, tests = self._test(fields.get("when")), [*(["when"] if fields.has("when") else []), *ranks]
        if len(actions) != 1:
            reading.refuse(
                entry.at, f"found {' and '.join(actions) or 'no action'}, allowed: exactly one of {', '.join(ACTIONS)}"
            )
            actions = actions or ["set"]
        if len(tests) != 1:
            reading.refuse(
                entry.at, f"found {' and '.join(tests) or 'no test'}, allowed: exactly one of when, {', '.join(RANKS)}"
            )
        level, places = self._target(fields, actions[0], order)
        rank = self._rank(fields, ranks[0]) if ranks else None
        even, enabled = fields.texts("even"), fields.flag("enabled", default=True)
        for status in even:
            if status not in self.statuses and status not in BUILT_IN_STATUSES:
                reading.name_in(replace(entry, value=status), {*self.statuses, *BUILT_IN_STATUSES}, "status")
        fields.done()
        return Step(
            name, cast("Any", actions[0]), level, places, when, rank, even, enabled, title, citation, entry.at.line
        )

    def _target(self, fields: Fields, action: str, order: tuple[str, ...]) -> tuple[str, int]:
        entry = fields.get(action)
        if entry is None:
            return "", 0
        if action != "move":
            return self.reading.name_in(entry, order, "level") or "", 0
        number = decimal_number(str(entry.value).removeprefix("+"))
        if number is None or number.denominator != 1 or number == 0:
            self.reading.refuse(
                entry.at,
                f"found move: {entry.shown}, allowed: a whole number of levels such as -1 (worse) or +1 (better)",
            )
            return "", 0
        return "", int(number)

    def _rank(self, fields: Fields, which: str) -> Rank:
        reading = self.reading
        number, share = self._count(fields.get(which))
        rounding = fields.choice("count", ("up", "down", "half_up"), None if share is not None else "down")
        one_per = self._key(fields.get("one_per"))
        ties = fields.choice("ties", ("all_in", "all_out", "by_key"))
        if one_per is not None and ties != "by_key":
            reading.refuse(fields.at, f"found ties: {ties} with one_per, allowed: by_key")
        by = fields.get("by")
        entries = [] if by is None else by.value if isinstance(by.value, list) else [by]
        criteria = tuple(found for item in entries if (found := self._criterion(item)) is not None)
        if not criteria:
            points = self._test(Entry("points", fields.at), "number")
            criteria = () if points is None else ((points.term, True),)
        return Rank(
            cast("Any", which), number, share, cast("Any", rounding), cast("Any", ties), criteria,
            self._test(fields.get("among")), self._key(fields.get("per")), one_per,
        )  # fmt: skip

    def _count(self, entry: Entry | None) -> tuple[int | None, Fraction | None]:
        text = "" if entry is None else str(entry.value).strip()
        number = decimal_number(text.removesuffix("%").strip())
        if number is not None and text.endswith("%") and 0 <= number <= 100:
            return None, number / 100
        if number is not None and not text.endswith("%") and number.denominator == 1 and number >= 0:
            return int(number), None
        if entry is not None:
            self.reading.refuse(
                entry.at, f"found {entry.shown}, allowed: a whole number of units or a percentage such as 10 %"
            )
        return 0, None

    def _criterion(self, entry: Entry) -> tuple[Term, bool] | None:
        text = str(entry.value).strip()
        ascending = text.startswith("asc ")
        found = self._test(replace(entry, value=text.removeprefix("asc ")), "number", "day")
        return None if found is None else (found.term, not ascending)

    def _test(self, entry: Entry | None, *kinds: Any) -> Expression | None:
        return self.facts.own(self.reading.expression(entry, self._scope, *(kinds or ("truth",))), self.made)

    def _key(self, entry: Entry | None) -> Expression | None:
        """A grouping key: a column, or a foreign key standing for its column."""
        if entry is None:
            return None
        key = self.facts.relation.keys.get(str(entry.value))
        if key is not None and len(key.columns) == 1 and str(entry.value) not in {*self.made, *self.facts.known}:
            entry = replace(entry, value=key.columns[0])
        return self._test(entry, "text", "number", "truth", "day")

    @property
    def _scope(self) -> RowScope:
        return self.facts.scope(**self.made)


def level_type(order: tuple[str, ...]) -> Type:
    """The type of a level column: text with an order, missing where a unit has a status."""
    return replace(TEXT, optional=True, order=order)
