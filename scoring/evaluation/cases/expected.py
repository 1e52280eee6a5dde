"""Reading what a case expects: outcomes per kind of unit and key, or of the only unit, as single comparisons."""

from __future__ import annotations

from dataclasses import dataclass

from data_contracts.document import Entry, Fields
from scoring.card.card import STATES
from scoring.evaluation.cases.shape import (
    ABSENT,
    NONE,
    OUTCOME,
    Check,
    GivenRecords,
    GivenUnits,
    fact_text,
    known_columns,
    line_names,
    step_names,
)
from scoring.evaluation.cases.values import Values
from scoring.rulebook.shape import UnitRules


@dataclass(frozen=True, slots=True)
class ExpectationReader:
    """Reads the `expect` of cases."""

    values: Values

    def checks(self, expect: Entry, given: GivenUnits | GivenRecords) -> tuple[Check, ...]:
        """Every comparison, in the order of the file."""
        fields = Fields(expect, self.values.problems)
        units = self.values.rulebook.units
        if isinstance(given, GivenUnits):
            checks = self._kind(fields, given.unit, several=not given.alone)
        elif len(units) == 1 and _keys(fields) and set(_keys(fields)) <= set(OUTCOME):
            checks = self._outcome(fields, units[0], None)
        else:
            nested = [(fields.nested(unit.name), unit) for unit in units]
            checks = [check for one, unit in nested if one is not None for check in self._whole_kind(one, unit)]
        fields.done()
        if not checks:
            self.values.refuse(expect, "found nothing expected, allowed: at least one outcome")
        return tuple(checks)

    def _whole_kind(self, fields: Fields, unit: UnitRules) -> list[Check]:
        single = bool(_keys(fields)) and set(_keys(fields)) <= set(OUTCOME)
        checks = self._kind(fields, unit, several=not single)
        fields.done()
        return checks

    def _kind(self, fields: Fields, unit: UnitRules, *, several: bool) -> list[Check]:
        if not several:
            return self._outcome(fields, unit, None)
        return [check for key in _keys(fields) for check in self._member(fields, unit, key)]

    def _member(self, fields: Fields, unit: UnitRules, key: str) -> list[Check]:
        entry = fields.get(key)
        if entry is not None and entry.value == ABSENT:
            return [Check(unit.name, key, ABSENT, "", ABSENT, entry.at)]
        nested = fields.nested(key)
        if nested is None:
            return []
        checks = self._outcome(nested, unit, key)
        nested.done()
        return checks

    def _outcome(self, fields: Fields, unit: UnitRules, key: str | None) -> list[Check]:
        found = []
        for what in ("points", "level", "status", "rank"):
            entry = fields.get(what)
            if entry is not None:
                found.append(Check(unit.name, key, what, "", self._plain(entry, what, unit), entry.at))
        columns = known_columns(self.values.rulebook, unit)
        for entries, names in (("lines", line_names(unit)), ("steps", step_names(unit)), ("facts", columns)):
            what = entries.removesuffix("s")
            for name, entry in fields.mapping(entries).items():
                if not self.values.named(entry, name, names, what):
                    continue
                if what == "fact":
                    expected = fact_text(self.values.scalar(entry, columns[name]), columns[name])
                else:
                    expected = self._line(entry) if what == "line" else self._step(entry, unit)
                found.append(Check(unit.name, key, what, name, expected, entry.at))
        return found

    def _plain(self, entry: Entry, what: str, unit: UnitRules) -> str:
        if entry.value is None:
            return NONE
        if what == "points":
            return self.values.points_text(entry)
        text = str(entry.value)
        if what == "level":
            self.values.named(entry, text, unit.levels.order if unit.levels else (), "level")
        if what == "rank" and not (text.isdigit() and int(text) > 0):
            self.values.refuse(entry, f"found {entry.shown}, allowed: a place from 1, or null for none")
        return text

    def _line(self, entry: Entry) -> str:
        return str(entry.value) if entry.value in STATES else self.values.points_text(entry)

    def _step(self, entry: Entry, unit: UnitRules) -> str:
        if entry.value is None:
            return NONE
        levels = [part.strip() for part in str(entry.value).replace("->", "→").split("→")]
        if len(levels) != 2:
            self.values.refuse(entry, f"found {entry.shown}, allowed: from → to, or null where it changes nothing")
        for level in levels:
            self.values.named(entry, level, (*(unit.levels.order if unit.levels else ()), NONE), "level")
        return " → ".join(levels)


def _keys(fields: Fields) -> list[str]:
    return list(fields.entry.value) if isinstance(fields.entry.value, dict) else []
