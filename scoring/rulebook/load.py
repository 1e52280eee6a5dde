"""A rulebook folder to a checked `Rulebook`: all its problems are reported together, before any data is read."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from importlib.resources.abc import Traversable
from pathlib import Path

from data_contracts.document import DocumentError, Entry, Fields, Problem, read_document
from data_contracts.expressions.resolve import Environment
from data_contracts.model import Contract
from data_contracts.odcs import load_contracts
from scoring.rulebook.folder import FILE, contract_folder, rule_texts
from scoring.rulebook.names import check_contracts
from scoring.rulebook.reading import Reading, day_in
from scoring.rulebook.records import Views
from scoring.rulebook.relations import Schema, relation_of
from scoring.rulebook.shape import Rulebook, Source, UnitRules
from scoring.rulebook.tables import TableReader
from scoring.rulebook.units import UnitReader

FIRST_YEAR, LAST_YEAR = 1900, 2100
_ID = re.compile(r"\w[\w.-]{0,59}")


def load_rulebook(folder: Path | Traversable, as_of: date | None = None) -> Rulebook:
    """Read and check the rulebook in *folder*.

    Args:
        folder: Holds rulebook.yaml; its `contracts/`, where it has them, stand in for the shipped ones.
        as_of: Day the rating speaks of; the last day of the period when not given.

    Raises:
        DocumentError: Every problem of the folder, by file and line.
        FileNotFoundError: There is no rulebook.yaml in the folder.
    """
    texts = rule_texts(folder)
    contracts = load_contracts([contract_folder(folder)])
    document = read_document(texts[FILE], FILE)
    book = _BookReader(texts, contracts, as_of).book(document)
    digests = {path: hashlib.sha256(text.encode()).hexdigest() for path, text in texts.items()}
    return replace(book, files=digests)


def problems_of(folder: Path | Traversable, as_of: date | None = None) -> list[Problem]:
    """All problems of a rulebook folder, none when it is fine."""
    try:
        load_rulebook(folder, as_of)
    except DocumentError as error:
        return error.problems
    return []


class _BookReader:
    """Reads the parts in the order they depend on each other."""

    def __init__(self, texts: dict[str, str], contracts: Mapping[str, Contract], as_of: date | None) -> None:
        self._texts = texts
        self._contracts = contracts
        self._as_of = as_of
        self._reading = Reading(Schema({name: relation_of(contract) for name, contract in contracts.items()}))

    def book(self, document: Entry) -> Rulebook:
        reading, fields = self._reading, self._reading.fields(document)
        if reading.problems:
            raise DocumentError(reading.problems)
        name, title = self._id(fields), reading.title(fields.get("title"))
        reading.official = fields.flag("official")
        reading.sources = {key: self._source(entry) for key, entry in fields.mapping("sources").items()}
        reading.cited.append(reading.citation(fields))
        first, last = self._period(fields)
        as_of = self._checked_as_of(fields, first, last)
        self._points_unit(fields)
        days = {("as_of",): as_of, ("period", "from"): first, ("period", "to"): last}
        reading.environment = Environment(named_days=days)
        reader = TableReader(reading, self._texts)
        working_days = reader.working_days(fields.get("working_days"))
        tables = {name: reader.table(name, entry) for name, entry in fields.mapping("tables").items()}
        reading.environment = replace(reading.environment, tables={key: table.type for key, table in tables.items()})
        kinds = fields.mapping("units")
        check_contracts(reading, self._contracts, list(kinds), list(tables))
        views = Views(reading, fields.mapping("records"), frozenset(kinds))
        units = tuple(self._units(fields, views, kinds))
        views.read_rest()
        consequences = self._consequences(fields, units)
        fields.done()
        warnings = self._uncited()
        if reading.problems:
            raise DocumentError(reading.problems)
        return Rulebook(
            name, title, reading.official, first, last, as_of, reading.unit, reading.sources, tables,
            views.read, units, self._contracts, consequences, reading.environment, reading.schema, {}, warnings,
            reading.cited[0], working_days,
        )  # fmt: skip

    def _id(self, fields: Fields) -> str:
        entry = fields.need("rulebook")
        if entry is not None and not (isinstance(entry.value, str) and _ID.fullmatch(entry.value)):
            fields.refuse(entry, "a name of letters, digits, -, _ and ., at most 60 characters")
        return "" if entry is None else str(entry.value)

    def _uncited(self) -> tuple[str, ...]:
        if self._reading.official:
            self._reading.problems += self._reading.uncited
            return ()
        return tuple(map(str, sorted(set(self._reading.uncited))))

    def _source(self, entry: Entry) -> Source:
        fields = self._reading.fields(entry)
        source = Source(fields.needed_text("title"), fields.text("url"), fields.text("note"))
        fields.done()
        return source

    def _period(self, fields: Fields) -> tuple[date, date]:
        fields.need("period")
        nested = fields.nested("period") or Fields(Entry({}, fields.at), [])
        before = len(self._reading.problems)
        first, last = self._day(nested, "from"), self._day(nested, "to")
        nested.done()
        if len(self._reading.problems) > before:
            return first, last
        if not (FIRST_YEAR <= first.year <= LAST_YEAR and FIRST_YEAR <= last.year <= LAST_YEAR):
            self._reading.refuse(nested.at, f"found {first} to {last}, allowed: years from {FIRST_YEAR} to {LAST_YEAR}")
        if first > last:
            self._reading.refuse(
                nested.at, f"found a period from {first} to {last}, allowed: from the first day to the last"
            )
        return first, last

    def _day(self, fields: Fields, key: str) -> date:
        entry = fields.need(key)
        day = None if entry is None else day_in(str(entry.value))
        if entry is not None and day is None:
            fields.refuse(entry, "a day as YYYY-MM-DD")
        return day or date(1970, 1, 1)

    def _checked_as_of(self, fields: Fields, first: date, last: date) -> date:
        as_of = self._as_of or last
        if first <= last and not first <= as_of <= last:
            at = (fields.get("period") or fields.entry).at
            self._reading.refuse(at, f"found as-of {as_of}, allowed: a day of the period, {first} to {last}")
        return as_of

    def _points_unit(self, fields: Fields) -> None:
        nested = fields.nested("points")
        fields.need("points")
        if nested is None:
            return
        entry = nested.need("unit")
        unit = None if entry is None else self._reading.number(entry)
        if entry is not None and unit is not None and unit <= 0:
            self._reading.refuse(entry.at, f"found unit {entry.value}, allowed: a number above 0")
            unit = None
        nested.done()
        if unit is not None:
            self._reading.unit = unit

    def _units(self, fields: Fields, views: Views, kinds: Mapping[str, Entry]) -> list[UnitRules]:
        if not kinds:
            self._reading.refuse(fields.at, "found no units, allowed: at least one kind of unit to rate")
        reader = UnitReader(self._reading, views, self._contracts)
        return [unit for name, entry in kinds.items() if (unit := reader.unit(name, entry)) is not None]

    def _consequences(self, fields: Fields, units: tuple[UnitRules, ...]) -> dict[str, dict[str, dict[str, str]]]:
        found: dict[str, dict[str, dict[str, str]]] = {}
        for name, entry in fields.mapping("consequences").items():
            if self._reading.name_in(replace(entry, value=name), [unit.name for unit in units], "unit") is None:
                continue
            unit = next(unit for unit in units if unit.name == name)
            order = unit.levels.order if unit.levels else ()
            levels = self._reading.fields(entry)
            for level, values in entry.value.items() if isinstance(entry.value, dict) else ():
                self._reading.name_in(replace(values, value=level), order, "level")
                inner = levels.nested(level)
                keys = list(values.value) if isinstance(values.value, dict) else []
                found.setdefault(name, {})[level] = {key: inner.text(key) for key in keys if inner is not None}
        return found
