"""Reading `cases.yaml`: every key and name is checked against the rulebook, all faults are reported together."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources.abc import Traversable
from pathlib import Path

from data_contracts.document import DocumentError, Entry, Fields, Problem, read_document
from scoring.evaluation.cases.expected import ExpectationReader
from scoring.evaluation.cases.records import RecordReader, Rows
from scoring.evaluation.cases.shape import Case, Check, GivenRecords, GivenUnits, Stated, known_columns
from scoring.evaluation.cases.values import Values
from scoring.facts.values import Path as ColumnPath
from scoring.facts.values import Scalar
from scoring.rulebook.folder import CASES
from scoring.rulebook.shape import Rulebook, UnitRules


class NoCasesError(LookupError):
    """A rulebook folder without cases.yaml."""


def read_cases(folder: Path | Traversable, rulebook: Rulebook) -> list[Case]:
    """The cases beside a rulebook, in order.

    Raises:
        DocumentError: Every fault of the file, by line.
        NoCasesError: There is no cases.yaml in the folder.
    """
    file = folder / CASES
    if not file.is_file():
        raise NoCasesError(f"{folder}: found no {CASES}, allowed: a rulebook folder with cases")
    problems: list[Problem] = []
    document = read_document(file.read_bytes().decode("utf-8"), CASES)
    cases = _CaseReader(rulebook, problems).cases(document)
    if problems:
        raise DocumentError(problems)
    return cases


class _CaseReader:
    def __init__(self, rulebook: Rulebook, problems: list[Problem]) -> None:
        self._rulebook = rulebook
        self._problems = problems
        self._values = Values(rulebook, problems)
        self._records = RecordReader(rulebook, problems)

    def cases(self, document: Entry) -> list[Case]:
        fields = self._fields(document)
        background = self._rows(fields, "background", self._rulebook.contracts)
        found = [self._case(entry, background) for entry in fields.items("cases")]
        if not found:
            self._values.refuse(document, "found no cases, allowed: at least one under 'cases'")
        fields.done()
        return found

    def _fields(self, entry: Entry) -> Fields:
        return Fields(entry, self._problems)

    def _case(self, entry: Entry, background: Rows) -> Case:
        fields = self._fields(entry)
        title, clause = fields.needed_text("case"), fields.needed_text("clause")
        day = fields.get("as_of")
        as_of = None if day is None else self._values.day(day)
        given_fields = fields.nested("given") or self._fields(Entry({}, entry.at))
        given = self._given(given_fields, background)
        given_fields.done()
        refused, checks = self._expected(fields.need("expect"), given)
        fields.done()
        return Case(title, clause, as_of, given, checks, refused, entry.at)

    def _expected(self, expect: Entry | None, given: GivenUnits | GivenRecords) -> tuple[str, tuple[Check, ...]]:
        if expect is None:
            return "", ()
        if not isinstance(expect.value, dict) or "refused" not in expect.value:
            return "", ExpectationReader(self._values).checks(expect, given)
        fields = self._fields(expect)
        text = fields.needed_text("refused")
        fields.done()
        return text, ()

    def _rows(self, fields: Fields, key: str, known: Iterable[str]) -> Rows:
        nested = fields.nested(key)
        if nested is None:
            return {}
        entries = fields.mapping(key)
        return {
            name: nested.items(name)
            for name, entry in entries.items()
            if self._values.named(entry, name, known, "table")
        }

    def _given(self, fields: Fields, background: Rows) -> GivenUnits | GivenRecords:
        if not any(fields.has(key) for key in ("unit", "points", "facts", "units")):
            tables = self._rows(fields, "tables", self._rulebook.contracts)
            earlier = self._rows(fields, "earlier", [unit.name for unit in self._rulebook.units])
            return GivenRecords(self._records.tables(background, tables), self._records.earlier(earlier))
        unit, points = self._unit(fields), fields.get("points")
        facts, units = self._facts(unit, fields.get("facts")), fields.mapping("units")
        if points is not None and isinstance(points.value, dict):
            return GivenUnits(unit, self._several(unit, points.value, facts, units), alone=False)
        if units:
            if points is not None:
                self._values.refuse(
                    points, f"found points {points.shown} beside units, allowed: points of each by name"
                )
            return GivenUnits(unit, self._several(unit, {}, facts, units), alone=False)
        if points is None and not facts:
            self._values.refuse(fields.entry, "found none of points, facts and units, allowed: at least one of them")
        return GivenUnits(unit, (Stated("", self._points(points), facts),), alone=True)

    def _several(
        self, unit: UnitRules, points: dict[str, Entry], facts: dict[ColumnPath, Scalar], units: dict[str, Entry]
    ) -> tuple[Stated, ...]:
        """Units by name: the facts of all of them, then those of each."""
        for name, entry in units.items():
            self._values.named(entry, name, points or units, "unit")
        names = sorted(points or units)
        each = {name: {**facts, **self._facts(unit, units.get(name))} for name in names}
        return tuple(Stated(name, self._points(points.get(name)), each[name]) for name in names)

    def _points(self, entry: Entry | None) -> int | None:
        return None if entry is None else self._values.points(entry)

    def _unit(self, fields: Fields) -> UnitRules:
        units = {unit.name: unit for unit in self._rulebook.units}
        if len(units) == 1 and not fields.has("unit"):
            return self._rulebook.units[0]
        return units[fields.choice("unit", units)]

    def _facts(self, unit: UnitRules, entry: Entry | None) -> dict[ColumnPath, Scalar]:
        if entry is None:
            return {}
        self._fields(entry)
        known = known_columns(self._rulebook, unit)
        found: dict[ColumnPath, Scalar] = {}
        for name, value in entry.value.items() if isinstance(entry.value, dict) else ():
            if self._values.named(value, name, known, "fact or column"):
                found[tuple(name.split("."))] = self._values.scalar(value, known[name])
        return found
