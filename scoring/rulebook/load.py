"""A rulebook folder to a checked `Rulebook`: all its problems are reported together, before any data is read."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from importlib.resources import files as package_files
from importlib.resources.abc import Traversable
from pathlib import Path

from data_contracts.document import DocumentError, Entry, Fields, Problem, read_document
from data_contracts.expressions import NUMBER, TEXT, Type
from data_contracts.expressions.resolve import Environment
from data_contracts.model import RECORD_ID, Contract
from data_contracts.odcs import load_contracts
from scoring.exact import decimals
from scoring.rulebook.cards import CardReader
from scoring.rulebook.facts import Facts, Views
from scoring.rulebook.levels import LevelReader, level_type
from scoring.rulebook.reading import Reading
from scoring.rulebook.relations import ForeignKey, Layer, Relation, Schema, relation_of
from scoring.rulebook.shape import Expression, Rulebook, Source, Table, UnitRules
from scoring.rulebook.tables import TableReader

FILE, CASES = "rulebook.yaml", "cases.yaml"


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
    contracts = load_contracts([_contract_folder(folder)])
    document = read_document(texts[FILE], FILE)
    book = _BookReader(texts, contracts, as_of).book(document)
    digests = {path: hashlib.sha256(text.encode()).hexdigest() for path, text in texts.items()}
    return replace(book, files=digests)


def rule_texts(folder: Path | Traversable) -> dict[str, str]:
    """Texts of everything that a rating by the rulebook in *folder* follows from, by relative path.

    Contracts are among them even where they are the shipped ones: a result keeps what it was made with.

    Raises:
        FileNotFoundError: There is no rulebook.yaml in the folder.
    """
    texts = _texts(folder)
    if FILE not in texts:
        raise FileNotFoundError(f"found no {FILE} in {folder}, allowed: a rulebook folder")
    if not (folder / "contracts").is_dir():
        texts |= _texts(_contract_folder(folder), "contracts/", 1)
    return dict(sorted(texts.items()))


def _contract_folder(folder: Path | Traversable) -> Path | Traversable:
    own = folder / "contracts"
    return own if own.is_dir() else package_files("data_contracts") / "contracts"


def _texts(folder: Path | Traversable, prefix: str = "", depth: int = 0) -> dict[str, str]:
    """Texts of the folder's own files: what its digest is taken over. `sample/` and cases are not rules."""
    found: dict[str, str] = {}
    for item in sorted(folder.iterdir(), key=lambda item: item.name):
        path = f"{prefix}{item.name}"
        if item.is_dir() and depth < 2 and item.name in ("contracts", "mappings", "tables"):
            found |= _texts(item, f"{path}/", depth + 1)
        elif item.is_file() and item.name != CASES and item.name.rpartition(".")[2] in ("yaml", "csv"):
            found[path] = item.read_bytes().decode("utf-8", errors="strict")
    return found


class _BookReader:
    """Reads the parts in the order they depend on each other."""

    def __init__(self, texts: dict[str, str], contracts: Mapping[str, Contract], as_of: date | None) -> None:
        self._texts = texts
        self._contracts = contracts
        self._as_of = as_of
        self._reading = Reading(Schema({name: relation_of(contract) for name, contract in contracts.items()}))

    def book(self, document: Entry) -> Rulebook:
        reading, fields = self._reading, self._reading.fields(document)
        name, title = fields.needed_text("rulebook"), reading.title(fields.get("title"))
        reading.official = fields.flag("official")
        reading.sources = {key: self._source(entry) for key, entry in fields.mapping("sources").items()}
        reading.cited.append(reading.citation(fields))
        first, last = self._period(fields)
        as_of = self._checked_as_of(fields, first, last)
        self._points_unit(fields)
        days = {("as_of",): as_of, ("period", "from"): first, ("period", "to"): last}
        reading.environment = Environment(named_days=days)
        tables = self._tables(fields)
        reading.environment = replace(reading.environment, tables={key: table.type for key, table in tables.items()})
        views = Views(reading, fields.mapping("records"))
        units = tuple(self._units(fields, views))
        views.read_rest()
        consequences = self._consequences(fields, units)
        fields.done()
        warnings = self._uncited()
        if reading.problems:
            raise DocumentError(reading.problems)
        return Rulebook(
            name, title, reading.official, first, last, as_of, reading.unit, reading.sources, tables,
            views.read, units, self._contracts, consequences, reading.environment, reading.schema, {}, warnings,
            reading.cited[0],
        )  # fmt: skip

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
        nested = fields.nested("period") or Fields(Entry({}, fields.at), [])
        if not fields.has("period"):
            fields.need("period")
        first, last = self._day(nested, "from"), self._day(nested, "to")
        nested.done()
        if first > last:
            self._reading.refuse(
                nested.at, f"found a period from {first} to {last}, allowed: from the first day to the last"
            )
        return first, last

    def _day(self, fields: Fields, key: str) -> date:
        entry = fields.need(key)
        try:
            return date.fromisoformat(str(entry.value)) if entry else date(1970, 1, 1)
        except ValueError:
            fields.refuse(entry or fields.entry, "a day as YYYY-MM-DD")
            return date(1970, 1, 1)

    def _checked_as_of(self, fields: Fields, first: date, last: date) -> date:
        as_of = self._as_of or last
        if not first <= as_of <= last:
            at = (fields.get("period") or fields.entry).at
            self._reading.refuse(at, f"found as-of {as_of}, allowed: a day of the period, {first} to {last}")
        return as_of

    def _points_unit(self, fields: Fields) -> None:
        nested = fields.nested("points")
        if nested is None:
            fields.need("points")
            return
        entry = nested.need("unit")
        unit = None if entry is None else self._reading.number(entry)
        if entry is not None and unit is not None and unit <= 0:
            self._reading.refuse(entry.at, f"found unit {entry.value}, allowed: a number above 0")
            unit = None
        nested.done()
        if unit is not None:
            self._reading.unit = unit

    def _tables(self, fields: Fields) -> dict[str, Table]:
        reader = TableReader(self._reading, self._texts)
        return {name: reader.table(name, entry) for name, entry in fields.mapping("tables").items()}

    def _units(self, fields: Fields, views: Views) -> list[UnitRules]:
        entries = fields.mapping("units")
        if not entries:
            self._reading.refuse(fields.at, "found no units, allowed: at least one kind of unit to rate")
        found = [self._unit(name, entry, views) for name, entry in entries.items()]
        return [unit for unit in found if unit is not None]

    def _unit(self, name: str, entry: Entry, views: Views) -> UnitRules | None:
        reading, fields = self._reading, self._reading.fields(entry)
        source = fields.need("from")
        relation = None if source is None else reading.schema.relation(str(source.value))
        if relation is None:
            if source is not None:
                reading.name_in(source, reading.schema.names(), "table")
            return None
        if name in reading.schema.tables or name in reading.schema.units:
            reading.refuse(entry.at, f"found unit {name!r}, which is also a table or another unit, allowed: a new name")
        title = reading.title(fields.get("title"))
        reading.cited.append(reading.citation(fields))
        key = self._key(fields, relation)
        order = _order(fields)
        self._announce_earlier(name, relation, key, order)
        facts = Facts(reading, views, relation, name)
        facts.paths |= {(column,) for column in key}
        label, division = self._described(fields, facts, "name"), self._described(fields, facts, "division")
        rated_as = facts.own(reading.expression(fields.get("rated_as"), facts.scope(), "text", "number"))
        if rated_as is not None and len(key) != 1:
            reading.refuse(fields.at, f"found rated_as with a key of {len(key)} columns, allowed: a key of one column")
        read = [facts.fact(fact, item) for fact, item in fields.mapping("facts").items()]
        made = self._made(has_division=division is not None, order=order)
        levels = LevelReader(reading, facts, made)
        statuses = levels.status_rules(fields.items("statuses"))
        card_fields = fields.nested("card")
        if card_fields is None:
            fields.need("card")
            return None
        card = CardReader(reading, facts).card(card_fields)
        level_fields = fields.nested("levels")
        level_rules = None if level_fields is None else levels.levels(level_fields, order)
        citation = reading.cited.pop()
        fields.done()
        layer = Layer(name, {**facts.known, **{key: made[key] for key in ("points", "level", "status") if key in made}})
        result = relation.with_layer(name, layer)
        reading.schema.rated(result)
        return UnitRules(
            name, title, relation, key, label, division, rated_as, tuple(fact for fact in read if fact is not None),
            statuses, card, level_rules, frozenset(facts.paths), result, citation,
        )  # fmt: skip

    def _key(self, fields: Fields, relation: Relation) -> tuple[str, ...]:
        key = fields.texts("key")
        entry = fields.need("key")
        for column in key:
            if entry is not None and column not in relation.columns:
                self._reading.name_in(replace(entry, value=column), relation.columns, "key column")
        return tuple(column for column in key if column in relation.columns)

    def _described(self, fields: Fields, facts: Facts, key: str) -> Expression | None:
        return facts.own(self._reading.expression(fields.get(key), facts.scope(), "text", "number"))

    def _made(self, *, has_division: bool, order: tuple[str, ...]) -> dict[str, Type]:
        points = Type("number", decimals(self._reading.unit), optional=True)
        made = {"points": points, "status": TEXT.maybe()}
        if order:
            made["level"] = level_type(order)
        if has_division:
            made["division"] = TEXT.maybe()
        return made

    def _announce_earlier(self, name: str, relation: Relation, key: tuple[str, ...], order: tuple[str, ...]) -> None:
        """Earlier rounds of this unit: its key, points, level, status and the year of the edition."""
        columns = {column: relation.columns[column] for column in key}
        made = self._made(has_division=False, order=order)
        link = ForeignKey(name, key, relation.table, key, optional=True)
        self._reading.schema.earlier[f"earlier.{name}"] = Relation(
            f"earlier.{name}",
            f"earlier_{name}",
            {**columns, **made, "edition_year": NUMBER, "rulebook": TEXT, RECORD_ID: TEXT},
            {name: link},
        )

    def _consequences(self, fields: Fields, units: tuple[UnitRules, ...]) -> dict[str, dict[str, dict[str, str]]]:
        found: dict[str, dict[str, dict[str, str]]] = {}
        for name, entry in fields.mapping("consequences").items():
            unit = next((unit for unit in units if unit.name == name), None)
            order = unit.levels.order if unit and unit.levels else ()
            levels = self._reading.fields(entry)
            for level, values in entry.value.items() if isinstance(entry.value, dict) else ():
                self._reading.name_in(replace(values, value=level), order, "level")
                inner = levels.nested(level)
                keys = list(values.value) if isinstance(values.value, dict) else []
                found.setdefault(name, {})[level] = {key: inner.text(key) for key in keys if inner is not None}
        return found


def _order(fields: Fields) -> tuple[str, ...]:
    levels = fields.get("levels")
    if levels is None or not isinstance(levels.value, dict):
        return ()
    return Fields(levels, []).texts("order")


def problems_of(folder: Path | Traversable, as_of: date | None = None) -> list[Problem]:
    """All problems of a rulebook folder, none when it is fine."""
    try:
        load_rulebook(folder, as_of)
    except DocumentError as error:
        return error.problems
    return []
