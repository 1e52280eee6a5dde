"""Reading `records`: views over delivered tables, units rated before, earlier rounds and other views."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from data_contracts.document import Entry, Fields
from data_contracts.expressions import Term
from scoring.rulebook.names import check_name
from scoring.rulebook.reading import Reading
from scoring.rulebook.relations import RowScope
from scoring.rulebook.shape import Expression, View

KEEP = {"highest": True, "latest": True, "lowest": False, "earliest": False}


@dataclass(slots=True)
class Views:
    """The rulebook's views, typed when a fact first needs them: a view of a unit waits until the unit is rated.

    Attributes:
        reading: Takes the problems.
        entries: What is written under `records`.
        units: All units of the rulebook, also those that are rated later.
        read: Views read so far.
    """

    reading: Reading
    entries: Mapping[str, Entry]
    units: frozenset[str] = frozenset()
    read: dict[str, View] = field(default_factory=dict)
    _open: set[str] = field(default_factory=set)
    _broken: set[str] = field(default_factory=set)

    def named(self, entry: Entry) -> View | None:
        """The view (or bare table or unit) that *entry* names; None, with a problem, when there is none."""
        name = str(entry.value)
        if name in self.read:
            return self.read[name]
        if name in self.entries:
            return self._view(name, self.entries[name])
        relation = self.reading.schema.relation(name)
        if name in self.reading.repeating:
            text = (
                f"found {name!r}, whose key does not name one row of its table, allowed: units with the table's own key"
            )
            self.reading.refuse(entry.at, text)
            return None
        if relation is not None:
            return View(name, relation, None, None, None, line=0)
        known = {*self.entries, *self.reading.schema.names()}
        if name in self.units or name.removeprefix("earlier.") in self.units:
            self.reading.refuse(entry.at, f"found {name!r}, which is rated later, allowed: units above this one")
        else:
            self.reading.name_in(entry, known, "records")
        return None

    def read_rest(self) -> None:
        """Type the views that no fact has used."""
        for name, entry in self.entries.items():
            check_name(self.reading, entry.at, name, "records")
            if name in self.reading.schema.tables or name in self.units:
                self.reading.refuse(entry.at, f"found records {name!r}, also a table or a unit, allowed: a new name")
            if name not in self.read:
                self._view(name, entry)

    def _view(self, name: str, entry: Entry) -> View | None:
        if name in self._open:
            self.reading.refuse(
                entry.at, f"found view {name!r} inside itself, allowed: views of tables, units or other views"
            )
        if name in self._open or name in self._broken:
            return None
        self._open.add(name)
        view = self._make(name, self.reading.fields(entry))
        self._open.discard(name)
        if view is None:
            self._broken.add(name)
        else:
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
        where = reading.expression(fields.get("where"), scope, "truth", windows=True, records=True)
        when = self._time(time, scope)
        keys = _entries(fields, "once_per")
        once = [reading.expression(key, scope, records=True) for key in keys]
        keep = self._keep(fields.get("keep"), scope)
        title, citation = reading.title(fields.get("title")), reading.citation(fields)
        if bool(keys) != fields.has("keep"):
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

    def _time(self, entry: Entry | None, scope: RowScope) -> Expression | None:
        if entry is None or entry.value == "any":
            return None
        return self.reading.expression(entry, scope, "truth", records=True)

    def _keep(self, entry: Entry | None, scope: RowScope) -> tuple[Term, bool] | None:
        if entry is None:
            return None
        word, _, rest = str(entry.value).strip().partition(" ")
        if word not in KEEP or not rest:
            self.reading.refuse(
                entry.at, f"found {entry.shown}, allowed: highest, lowest, latest or earliest, then an expression"
            )
            return None
        expression = self.reading.expression(replace(entry, value=rest), scope, "number", "day", records=True)
        return None if expression is None else (expression.term, KEEP[word])


def aliases(view: View) -> set[str]:
    """Words that mean the row itself in a view's expressions."""
    names = {view.name, view.relation.name, view.relation.table}
    return names | (aliases(view.inner) if view.inner else set())


def _entries(fields: Fields, key: str) -> list[Entry]:
    entry = fields.get(key)
    if entry is None:
        return []
    return entry.value if isinstance(entry.value, list) else [entry]
