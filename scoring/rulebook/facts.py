"""Reading `facts`: what units take from records, from units rated before and from each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from data_contracts.document import Entry, Fields
from data_contracts.expressions import Type
from data_contracts.expressions.resolve import aggregates_in
from data_contracts.expressions.terms import NULL, Column, columns, walk
from scoring.exact import decimals
from scoring.rulebook.names import MADE, check_name
from scoring.rulebook.reading import DECIMALS, Reading
from scoring.rulebook.records import Views, aliases
from scoring.rulebook.relations import ForeignKey, Relation, RowScope
from scoring.rulebook.shape import Expression, Fact, View


@dataclass(slots=True)
class Facts:
    """Reads the facts of one unit in file order; each may use those before it."""

    reading: Reading
    views: Views
    relation: Relation
    unit: str
    known: dict[str, Type] = field(default_factory=dict)
    paths: set[tuple[str, ...]] = field(default_factory=set)

    def scope(self, **extra: Type) -> RowScope:
        """Names a unit's own expressions may use so far."""
        words = frozenset({self.unit, self.relation.name})
        return RowScope(self.reading.schema, self.relation, words, {**self.known, **extra})

    def own(self, expression: Expression | None, made: Iterable[str] = ()) -> Expression | None:
        """Remember which of the unit's own columns *expression* reads, leaving out those *made* on the way."""
        if expression is not None:
            made = {*self.known, *made}
            self.paths |= {path for path in columns(expression.term) if not (len(path) == 1 and path[0] in made)}
        return expression

    def fact(self, name: str, entry: Entry) -> Fact | None:
        """One fact; None, with problems, when it cannot be read."""
        reading = self.reading
        fields = reading.fields(entry)
        of, across = fields.get("of"), fields.get("across")
        take = fields.need("take")
        title, citation = reading.title(fields.get("title")), reading.citation(fields)
        self._check_name(name, entry)
        if of is not None and across is not None:
            reading.refuse(entry.at, "found both of and across, allowed: one of them")
            fields.get("round")
        if of is not None:
            fact = self._of(name, fields, of, take)
        else:
            fact = self._across(name, fields, across, take) if across is not None else self._own(name, take)
        fields.done()
        self.known[name] = NULL if fact is None else fact.type  # a broken fact is reported once, not at every use
        if fact is None:
            return None
        return replace(fact, title=title, citation=citation)

    def _check_name(self, name: str, entry: Entry) -> None:
        reading, relation = self.reading, self.relation
        check_name(reading, entry.at, name, "fact")
        layers = {column: layer.unit for layer in relation.layers for column in layer.columns}
        if name in relation.columns:
            owner = f"a column of {relation.table!r}"
        elif name in MADE or name in ("division", "missing_full"):
            owner = "made when the unit is rated"
        elif name in layers:
            owner = f"a fact of {layers[name]!r}"
        elif name in relation.keys:
            owner = f"a foreign key of {relation.table!r}"
        else:
            return
        reading.refuse(entry.at, f"found fact {name!r}, which is {owner}, allowed: a new name")

    def _own(self, name: str, take: Entry | None) -> Fact | None:
        expression = self.own(self.reading.expression(take, self.scope()))
        if expression is None:
            return None
        return Fact(name, None, (), None, expression, None, None, _stored(expression.term.type))

    def _across(self, name: str, fields: Fields, across: Entry, take: Entry | None) -> Fact | None:
        reading = self.reading
        step_entry = fields.need("round")
        step = None if step_entry is None else reading.number(step_entry)
        if step is not None and step <= 0 and step_entry is not None:
            reading.refuse(step_entry.at, f"found round: {step_entry.value}, allowed: a number above 0")
        expression = reading.expression(take, self.scope(), "number", aggregates=True)
        groups = () if across.value == "all" else fields.texts("across")
        for group in groups:
            if reading.schema.locate(self.relation, (group,)) is None:
                reading.name_in(replace(across, value=group), {"all", *self.relation.columns}, "group")
        if expression is None or step is None or step <= 0:
            return None
        for aggregate in aggregates_in(expression.term):
            if aggregate.function in ("first", "last"):
                reading.refuse(
                    across.at, f"found {aggregate.function}(…) across units, allowed: count sum mean share min max"
                )
        self._only_aggregated(expression, across)
        self.own(expression)
        self.paths |= {(group,) for group in groups}
        kind = Type("number", decimals(step), expression.term.type.optional)
        return Fact(name, None, (), None, expression, groups, step, kind)

    def _of(self, name: str, fields: Fields, of: Entry, take: Entry | None) -> Fact | None:
        reading = self.reading
        view = self.views.named(of)
        time, by = fields.get("time"), fields.get("by")
        where_entry = fields.get("where")
        if view is None:
            return None
        scope = RowScope(reading.schema, view.relation, frozenset({view.name, *aliases(view)}))
        where = reading.expression(where_entry, scope, "truth", records=True)
        view = self._timed(view, of, time, scope)
        expression = reading.expression(take, scope, aggregates=True, records=True)
        link = self._link(view, of, by)
        if expression is None or link is None:
            return None
        self._only_aggregated(expression, of)
        return Fact(name, view, link, where, expression, None, None, _stored(expression.term.type))

    def _timed(self, view: View, of: Entry, time: Entry | None, scope: RowScope) -> View:
        """A table taken directly says its time here; a view has said it, a unit rated before is of this round."""
        reading, bare = self.reading, view.name not in self.views.entries
        if time is None:
            if bare and view.relation.name not in reading.schema.units:
                allowed = "allowed: time: in_period(…), in_force(…), …, or any"
                reading.refuse(of.at, f"found records {view.name!r} without time, {allowed}")
            return view
        if time.value == "any":
            return view
        if not bare:
            reading.refuse(time.at, f"found time for {view.name!r}, which says its own, allowed: no time here, or any")
            return view
        return replace(view, time=reading.expression(time, scope, "truth", records=True))

    def _only_aggregated(self, expression: Expression, entry: Entry) -> None:
        """Refuse a column outside every aggregate: it would have many values."""
        inside = {id(part) for found in aggregates_in(expression.term) for part in walk(found)}
        loose = [part for part in walk(expression.term) if isinstance(part, Column) and id(part) not in inside]
        if loose:
            self.reading.refuse(
                entry.at,
                f"in {expression.text!r}: found {'.'.join(loose[0].path)!r} outside an aggregate, "
                "allowed: count() sum mean share min max",
            )
        if not aggregates_in(expression.term):
            self.reading.refuse(
                entry.at,
                f"in {expression.text!r}: found no aggregate, allowed: count() sum mean share min max first last",
            )

    def _link(self, view: View, of: Entry, by: Entry | None) -> tuple[ForeignKey, ...] | None:
        schema, target = self.reading.schema, self.relation.table
        paths = schema.links(view.relation, target)
        if by is not None:
            words = str(by.value).split(".")
            paths = [path for path in _all_links(schema.tables, view.relation, target) if _matches(path, words)]
            paths = [path for path in paths if len(path) == len(words)] or paths
        if len(paths) == 1:
            return paths[0]
        found = [".".join(key.name for key in path) for path in paths]
        keys = sorted(view.relation.keys)
        if by is not None and not paths:
            self.reading.refuse(
                by.at,
                f"found by: {by.shown}, allowed: a foreign key of {view.relation.name!r} that leads to {target!r}: "
                f"{', '.join(keys) or 'it has none'}",
            )
        elif not paths:
            self.reading.refuse(
                of.at,
                f"found records {view.name!r} that do not lead to {target!r}, "
                "allowed: records with a foreign key to it",
            )
        else:
            self.reading.refuse(
                of.at,
                f"found {len(paths)} ways from {view.name!r} to {target!r}, allowed: by: one of {', '.join(found)}",
            )
        return None


def _stored(kind: Type) -> Type:
    """The type of a fact once it is kept: one with too many decimals for 64 bits is kept as a pair."""
    return replace(kind, scale=None) if kind.scale is not None and kind.scale > DECIMALS else kind


def _all_links(
    tables: Mapping[str, Relation], start: Relation, target: str, depth: int = 3
) -> list[tuple[ForeignKey, ...]]:
    """Every path of at most *depth* foreign keys to *target*."""
    if depth == 0:
        return []
    found: list[tuple[ForeignKey, ...]] = []
    for key in start.keys.values():
        if key.table == target:
            found.append((key,))
        elif key.table in tables:
            found += [(key, *rest) for rest in _all_links(tables, tables[key.table], target, depth - 1)]
    return found


def _matches(path: tuple[ForeignKey, ...], words: list[str]) -> bool:
    """Whether *words* name the path: by foreign keys, or its last step by its column."""
    if len(words) == 1:
        return words[0] in (path[-1].name, *path[-1].columns)
    return len(words) == len(path) and all(
        word in (key.name, *key.columns) for word, key in zip(words, path, strict=True)
    )
