"""Reading `records` and `facts`: views over tables, and the numbers that units take from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from data_contracts.document import Entry, Fields
from data_contracts.expressions import Term, Type
from data_contracts.expressions.resolve import aggregates_in
from data_contracts.expressions.terms import Column, columns, walk
from scoring.exact import decimals
from scoring.rulebook.reading import Reading
from scoring.rulebook.relations import ForeignKey, Relation, RowScope
from scoring.rulebook.shape import Expression, Fact, View

KEEP = {"highest": True, "latest": True, "lowest": False, "earliest": False}


@dataclass(slots=True)
class Views:
    """The rulebook's views, typed when a fact first needs them: a view of a unit waits until the unit is rated."""

    reading: Reading
    entries: Mapping[str, Entry]
    read: dict[str, View] = field(default_factory=dict)
    _open: set[str] = field(default_factory=set)

    def named(self, entry: Entry) -> View | None:
        """The view (or bare table or unit) that *entry* names; None, with a problem, when there is none."""
        name = str(entry.value)
        if name in self.read:
            return self.read[name]
        if name in self.entries:
            return self._view(name, self.entries[name])
        relation = self.reading.schema.relation(name)
        if relation is None:
            self.reading.name_in(entry, {*self.entries, *self.reading.schema.names()}, "records")
            return None
        return View(name, relation, None, None, None, line=0)

    def read_rest(self) -> None:
        """Type the views that no fact has used."""
        for name, entry in self.entries.items():
            if name not in self.read:
                self._view(name, entry)

    def _view(self, name: str, entry: Entry) -> View | None:
        if name in self._open:
            self.reading.refuse(
                entry.at, f"found view {name!r} inside itself, allowed: views of tables, units or other views"
            )
            return None
        self._open.add(name)
        view = self._make(name, self.reading.fields(entry))
        self._open.discard(name)
        if view is not None:
            self.read[name] = view
        return view

    def _make(self, name: str, fields: Fields) -> View | None:
        reading = self.reading
        source = fields.need("from")
        inner = None if source is None else self.named(source)
        time = fields.need("time")
        if inner is None:
            return None
        scope = RowScope(reading.schema, inner.relation, frozenset({name, *aliases(inner)}))
        where = reading.test(fields, "where", scope, windows=True)
        when = None if time is None or time.value == "any" else reading.expression(time, scope, "truth")
        once = [reading.expression(key, scope) for key in _entries(fields, "once_per")]
        keep = self._keep(fields.get("keep"), scope)
        title, citation = reading.title(fields.get("title")), reading.citation(fields)
        if bool(once) != (keep is not None) and (once or fields.has("keep")):
            reading.refuse(fields.at, "found one of once_per and keep, allowed: both or neither")
        fields.done()
        return View(
            name,
            inner.relation,
            inner if inner.name in self.entries else None,
            where,
            when,
            tuple(key.term for key in once if key is not None),
            keep,
            fields.at.line,
            title,
            citation,
        )

    def _keep(self, entry: Entry | None, scope: RowScope) -> tuple[Term, bool] | None:
        if entry is None:
            return None
        word, _, rest = str(entry.value).strip().partition(" ")
        if word not in KEEP or not rest:
            self.reading.refuse(
                entry.at, f"found {entry.shown}, allowed: highest, lowest, latest or earliest, then an expression"
            )
            return None
        expression = self.reading.expression(replace(entry, value=rest), scope, "number", "day")
        return None if expression is None else (expression.term, KEEP[word])


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
        if name in self.relation.columns:
            reading.refuse(
                entry.at, f"found fact {name!r}, which is a column of {self.relation.table!r}, allowed: a new name"
            )
        if of is not None and across is not None:
            reading.refuse(entry.at, "found both of and across, allowed: one of them")
            fields.get("where"), fields.get("time"), fields.get("by"), fields.get("round")
        fact = None
        if of is None:
            fact = self._across(name, fields, across, take) if across is not None else self._own(name, take)
        else:
            fact = self._of(name, fields, of, take)
        fields.done()
        if fact is None:
            return None
        self.known[name] = fact.type
        return replace(fact, title=title, citation=citation)

    def _own(self, name: str, take: Entry | None) -> Fact | None:
        expression = self.own(self.reading.expression(take, self.scope()))
        if expression is None:
            return None
        return Fact(name, None, (), None, expression, None, None, expression.term.type)

    def _across(self, name: str, fields: Fields, across: Entry, take: Entry | None) -> Fact | None:
        reading = self.reading
        step_entry = fields.need("round")
        step = None if step_entry is None else reading.number(step_entry)
        if step is not None and step <= 0:
            reading.refuse(fields.at, f"found round: {step}, allowed: a number above 0")
        expression = reading.expression(take, self.scope(), "number", aggregates=True)
        groups = () if across.value == "all" else fields.texts("across")
        for group in groups:
            if reading.schema.locate(self.relation, (group,)) is None:
                reading.name_in(replace(across, value=group), self.relation.columns, "group")
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
        scale = decimals(step)
        return Fact(name, None, (), None, expression, groups, step, Type("number", scale, optional=True))

    def _of(self, name: str, fields: Fields, of: Entry, take: Entry | None) -> Fact | None:
        reading = self.reading
        view = self.views.named(of)
        time, by = fields.get("time"), fields.get("by")
        if view is None:
            fields.get("where")
            return None
        scope = RowScope(reading.schema, view.relation, frozenset({view.name, *aliases(view)}))
        where = reading.test(fields, "where", scope)
        if (
            time is None
            and view.line == 0
            and view.relation.name in reading.schema.tables
            and view.relation.name not in reading.schema.units
        ):
            reading.refuse(
                of.at, f"found records {view.name!r} without time, allowed: time: in_period(…), in_force(…), …, or any"
            )
        if time is not None and time.value != "any":
            when = reading.expression(time, scope, "truth")
            view = replace(view, time=when) if view.time is None else view
        expression = reading.expression(take, scope, aggregates=True)
        link = self._link(view, of, by)
        if expression is None or link is None:
            return None
        self._only_aggregated(expression, of)
        return Fact(name, view, link, where, expression, None, None, expression.term.type)

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


def aliases(view: View) -> set[str]:
    """Words that mean the row itself in a view's expressions."""
    names = {view.name, view.relation.name, view.relation.table}
    return names | (aliases(view.inner) if view.inner else set())


def _entries(fields: Fields, key: str) -> list[Entry]:
    entry = fields.get(key)
    if entry is None:
        return []
    return entry.value if isinstance(entry.value, list) else [entry]


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
