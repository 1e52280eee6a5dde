"""Tables, units rated before and the foreign keys between them: what a name in an expression can reach.

A row's own columns come from a delivered table. When a unit has been rated from that table, its facts, points,
level and status are a *layer* over the same rows; a unit made from a unit puts a second layer on top.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from data_contracts.expressions import TEXT, Type
from data_contracts.expressions.terms import Column
from data_contracts.model import RECORD_ID, Contract


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """From many rows to one: *columns* here equal *targets* of *table*.

    Attributes:
        optional: Whether it can be missing, or lead nowhere.
        checked: Whether every accepted row is known to lead somewhere; a warning of the contract is no such knowledge.
    """

    name: str
    columns: tuple[str, ...]
    table: str
    targets: tuple[str, ...]
    optional: bool
    checked: bool = True


@dataclass(frozen=True, slots=True)
class Layer:
    """What rating a unit has added to its rows: facts, points, level, status."""

    unit: str
    columns: Mapping[str, Type]


@dataclass(frozen=True, slots=True)
class Relation:
    """Rows that can be counted or rated.

    Attributes:
        name: Name in the rulebook: a table, a unit, or `earlier.<unit>`.
        table: The delivered table its rows belong to.
        layers: Results of units rated on these rows, the topmost last.
    """

    name: str
    table: str
    columns: Mapping[str, Type]
    keys: Mapping[str, ForeignKey]
    layers: tuple[Layer, ...] = ()

    def with_layer(self, name: str, layer: Layer) -> Relation:
        """The same rows, rated as unit *name*."""
        return replace(self, name=name, layers=(*self.layers, layer))

    @property
    def unit(self) -> str | None:
        """The unit whose results lie on top; None for a table that is not rated."""
        return self.layers[-1].unit if self.layers else None


@dataclass(frozen=True, slots=True)
class Located:
    """Where a path leads: over *hops* to a column of the table itself (*layer* None) or of a rated layer."""

    hops: tuple[ForeignKey, ...]
    relation: Relation
    layer: str | None
    column: str
    type: Type


@dataclass(slots=True)
class Schema:
    """All relations known so far; a table gains its layer when its unit has been read.

    Attributes:
        tables: Delivered tables by name; foreign keys lead here.
        units: Rated units by name.
        earlier: Published rounds by `earlier.<unit>`.
    """

    tables: dict[str, Relation]
    units: dict[str, Relation] = field(default_factory=dict)
    earlier: dict[str, Relation] = field(default_factory=dict)

    def relation(self, name: str) -> Relation | None:
        """A unit, else a table, else an earlier round of that name."""
        return self.units.get(name) or self.tables.get(name) or self.earlier.get(name)

    def names(self) -> list[str]:
        """Everything a view may be made from."""
        return sorted({*self.units, *self.tables, *self.earlier})

    def rated(self, result: Relation) -> None:
        """Make a unit's results known; the first unit made from a table is what its foreign keys reach."""
        self.units[result.name] = result
        if len(result.layers) == 1:
            self.tables[result.table] = replace(self.tables[result.table], layers=result.layers)

    def locate(self, relation: Relation, path: tuple[str, ...]) -> Located | None:
        """Follow *path* from a row of *relation*; None when it leads nowhere."""
        hops: list[ForeignKey] = []
        optional = False
        while len(path) > 1 and path[0] in relation.keys:
            hop = relation.keys[path[0]]
            hops.append(hop)
            optional = optional or hop.optional
            relation, path = self.tables[hop.table], path[1:]
        found = _column_of(relation, path)
        if found is None:
            return None
        layer, column, kind = found
        return Located(tuple(hops), relation, layer, column, kind.maybe(optional))

    def links(self, start: Relation, table: str) -> list[tuple[ForeignKey, ...]]:
        """All shortest paths of foreign keys from *start* to *table*; one empty path when it is that table."""
        paths: list[tuple[tuple[ForeignKey, ...], Relation]] = [((), start)]
        seen = {start.table}
        while paths:
            arrived = [path for path, relation in paths if relation.table == table]
            if arrived:
                return arrived
            longer = [
                ((*path, key), self.tables[key.table])
                for path, relation in paths
                for key in relation.keys.values()
                if key.table in self.tables and key.table not in seen
            ]
            seen |= {relation.table for _, relation in longer}
            paths = longer
        return []


@dataclass(frozen=True, slots=True)
class RowScope:
    """Names in an expression about one row of a relation.

    Attributes:
        aliases: Words that may stand before a path and mean the row itself.
        extra: Columns that are made on the way: facts so far, `points`, `missing_full`.
    """

    schema: Schema
    relation: Relation
    aliases: frozenset[str] = frozenset()
    extra: Mapping[str, Type] = field(default_factory=dict)

    def find(self, path: tuple[str, ...]) -> Column | None:
        """The typed column at *path*; its path is kept as the one place it is known by."""
        if len(path) == 1 and path[0] in self.extra:
            return Column(self.extra[path[0]], path)
        located = self.schema.locate(self.relation, path)
        if located is None and len(path) > 1 and path[0] in self.aliases:
            return self.find(path[1:])
        return None if located is None else Column(located.type, path)

    def names(self, prefix: tuple[str, ...]) -> Iterable[str]:
        """Columns and foreign keys after *prefix*."""
        relation = self.relation
        for step in prefix:
            key = relation.keys.get(step)
            if key is None:
                layer = next((layer for layer in relation.layers if layer.unit == step), None)
                return sorted(layer.columns) if layer else ()
            relation = self.schema.tables[key.table]
        own = {name for layer in relation.layers for name in layer.columns}
        return sorted({*relation.columns, *relation.keys, *own, *(() if prefix else self.extra)})


def relation_of(contract: Contract) -> Relation:
    """A delivered table as a relation, with its implicit `record_id`.

    A personal column is emptied at intake, so no rule can name it; one that keeps a pseudonym may be empty all over.
    """
    columns = {column.name: column.type.maybe(bool(column.pseudonym)) for column in contract.columns}
    lax = {rule.limits["name"] for rule in contract.rules if rule.kind == "foreign_key" and rule.severity == "warning"}
    keys = {}
    for link in contract.relationships:
        optional = link.name in lax or any(columns[column].optional for column in link.columns)
        checked = link.name not in lax
        keys[link.name] = ForeignKey(link.name, link.columns, link.table, link.targets, optional, checked)
    emptied = {
        column.name for column in contract.columns if column.classification == "personal" and not column.pseudonym
    }
    reaching = {name: kind for name, kind in columns.items() if name not in emptied}
    return Relation(contract.table, contract.table, {**reaching, RECORD_ID: TEXT}, keys)


def _column_of(relation: Relation, path: tuple[str, ...]) -> tuple[str | None, str, Type] | None:
    layers = {layer.unit: layer.columns for layer in relation.layers}
    if len(path) == 2 and path[0] in layers:
        kind = layers[path[0]].get(path[1]) or relation.columns.get(path[1])
        layer = path[0] if path[1] in layers[path[0]] else None
        return None if kind is None else (layer, path[1], kind)
    if len(path) != 1:
        return None
    for unit in reversed(layers):
        if path[0] in layers[unit]:
            return unit, path[0], layers[unit][path[0]]
    kind = relation.columns.get(path[0])
    return None if kind is None else (None, path[0], kind)
