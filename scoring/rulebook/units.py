"""Reading `units`: how each kind of unit is rated, in file order, each one known to those after it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from data_contracts.document import Entry, Fields
from data_contracts.expressions import NUMBER, TEXT, Type
from data_contracts.model import RECORD_ID, Contract
from scoring.exact import decimals
from scoring.rulebook.cards import CardReader
from scoring.rulebook.facts import Facts
from scoring.rulebook.levels import LevelReader, level_type
from scoring.rulebook.names import MADE, check_name
from scoring.rulebook.reading import Reading
from scoring.rulebook.records import Views
from scoring.rulebook.relations import ForeignKey, Layer, Relation
from scoring.rulebook.shape import Expression, Fact, UnitRules


@dataclass(slots=True)
class UnitReader:
    """Reads the units of one rulebook.

    Attributes:
        reading: Takes the problems, and every unit once it is read.
        views: The records that facts are taken from.
        contracts: By table name.
    """

    reading: Reading
    views: Views
    contracts: Mapping[str, Contract]

    def unit(self, name: str, entry: Entry) -> UnitRules | None:
        """One unit; None, with problems, when there is nothing it is made from."""
        reading, fields = self.reading, self.reading.fields(entry)
        self._check_name(name, entry)
        source = fields.need("from")
        relation = None if source is None else self._source(source)
        if relation is None:
            return None
        title = reading.title(fields.get("title"))
        reading.cited.append(reading.citation(fields))
        key, order = self._key(fields, relation), _order(fields)
        self._announce_earlier(name, relation, key, order)
        facts = Facts(reading, self.views, relation, name)
        facts.paths |= {(column,) for column in key}
        label, division = self._described(fields, facts, "name"), self._described(fields, facts, "division")
        rated_as = self._rated_as(fields, facts, key)
        read = self._facts(facts, fields.mapping("facts"))
        made = self._made(has_division=division is not None, order=order)
        ids: set[str] = set()
        levels = LevelReader(reading, facts, made, ids)
        statuses = levels.status_rules(fields.items("statuses"))
        fields.need("card")
        card = CardReader(reading, facts).card(fields.nested("card") or Fields(Entry({}, entry.at), []), ids)
        level_fields = fields.nested("levels")
        level_rules = None if level_fields is None else levels.levels(level_fields, order)
        citation = reading.cited.pop()
        fields.done()
        result = relation.with_layer(name, Layer(name, {**facts.known, **_kept(made)}))
        reading.schema.rated(result)
        return UnitRules(
            name, title, relation, key, label, division, rated_as, _found(read),
            statuses, card, level_rules, frozenset(facts.paths), result, citation,
        )  # fmt: skip

    def _facts(self, facts: Facts, entries: Mapping[str, Entry]) -> list[Fact | None]:
        names, found = list(entries), []
        for place, (name, entry) in enumerate(entries.items()):
            self.reading.later = names[place:]
            found.append(facts.fact(name, entry))
        self.reading.later = []
        return found

    def _check_name(self, name: str, entry: Entry) -> None:
        check_name(self.reading, entry.at, name, "unit")
        if name in self.reading.schema.tables:
            self.reading.refuse(entry.at, f"found unit {name!r}, which is also a table, allowed: a new name")

    def _source(self, source: Entry) -> Relation | None:
        """The table or unit that a unit is made from."""
        reading, schema = self.reading, self.reading.schema
        relation = schema.units.get(str(source.value)) or schema.tables.get(str(source.value))
        if relation is None and str(source.value) in self.views.units:
            reading.refuse(source.at, f"found {source.shown}, which is rated later, allowed: units above this one")
        elif relation is None:
            reading.name_in(source, {*schema.units, *schema.tables}, "table")
        elif taken := [name for name in MADE if name in schema.tables[relation.table].columns]:
            text = f"found table {relation.table!r} with a column {taken[0]!r}, which rating makes"
            reading.refuse(source.at, f"{text}, allowed: another name in its contract")
        return relation

    def _key(self, fields: Fields, relation: Relation) -> tuple[str, ...]:
        key = fields.texts("key")
        entry = fields.need("key")
        for column in key:
            if entry is not None and column not in relation.columns:
                self.reading.name_in(replace(entry, value=column), relation.columns, "key column")
        if entry is not None and (not key or len(set(key)) != len(key)):
            self.reading.refuse(entry.at, f"found key: {', '.join(key) or 'nothing'}, allowed: each key column once")
        return tuple(column for column in dict.fromkeys(key) if column in relation.columns)

    def _described(self, fields: Fields, facts: Facts, key: str) -> Expression | None:
        return facts.own(self.reading.expression(fields.get(key), facts.scope(), "text", "number"))

    def _rated_as(self, fields: Fields, facts: Facts, key: tuple[str, ...]) -> Expression | None:
        entry = fields.get("rated_as")
        kinds = {facts.relation.columns[column].kind for column in key[:1]}
        expression = facts.own(self.reading.expression(entry, facts.scope(), *(kinds or {"text"})))
        if entry is not None and len(key) != 1:
            text = f"found rated_as with a key of {len(key)} columns, allowed: a key of one column"
            self.reading.refuse(entry.at, text)
        return expression

    def _made(self, *, has_division: bool, order: tuple[str, ...]) -> dict[str, Type]:
        points = Type("number", decimals(self.reading.unit), optional=True)
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
        self.reading.schema.earlier[f"earlier.{name}"] = Relation(
            f"earlier.{name}",
            f"earlier_{name}",
            {**columns, **made, "edition_year": NUMBER, "rulebook": TEXT, RECORD_ID: TEXT},
            {name: link},
        )
        contract = self.contracts[relation.table]
        if contract.key_repeats or set(key) != set(contract.key):
            self.reading.repeating.add(f"earlier.{name}")


def _order(fields: Fields) -> tuple[str, ...]:
    levels = fields.get("levels")
    if levels is None or not isinstance(levels.value, dict):
        return ()
    return Fields(levels, []).texts("order")


def _kept(made: dict[str, Type]) -> dict[str, Type]:
    return {key: kind for key, kind in made.items() if key in MADE}


def _found(facts: list[Fact | None]) -> tuple[Fact, ...]:
    return tuple(fact for fact in facts if fact is not None)
