"""What the names in an expression are called by people: titles of columns, facts, units and codes.

A name that nobody has given a title keeps its code; a guess would be read as the rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from data_contracts.expressions.terms import Kind
from scoring.rulebook.relations import Located, Relation
from scoring.rulebook.shape import Fact, Rulebook, UnitRules
from scoring.rulebook.wording.naming import DAYS, MADE, Named
from scoring.rulebook.wording.words import Words


@dataclass(frozen=True, slots=True)
class Names:
    """Titles as they are understood in one place: on a row of *relation*, with *facts* of the unit where it is one."""

    book: Rulebook
    words: Words
    relation: Relation
    facts: Mapping[str, Fact] = field(default_factory=dict)
    unit: UnitRules | None = None

    def find(self, path: tuple[str, ...]) -> Named | None:
        """What the column at *path* is called; None where the path leads nowhere."""
        if len(path) == 1 and path[0] in self.facts:
            return self._fact(self.facts[path[0]])
        if len(path) == 1 and self.unit is not None and path[0] in MADE and path[0] != "record_id":
            return self._made(path[0], self.unit)
        located = self.book.schema.locate(self.relation, path)
        if located is None and path in DAYS:
            return Named(self._either(DAYS[path]), "day")
        if located is None:
            return self.find(path[1:]) if len(path) > 1 else None
        own = self._located(located)
        over = "".join(self._over(path, hop) for hop in range(len(located.hops)))
        return Named(over + own.text, own.kind, own.labels)

    def table(self, name: str) -> str:
        """Title of a look-up table."""
        table = self.book.tables.get(name)
        return (table.title.text(self.words.language) if table else "") or name

    def table_kind(self, name: str) -> Kind:
        """Kind of the values of a look-up table."""
        table = self.book.tables.get(name)
        return table.type.value.kind if table else "number"

    def relation_title(self, relation: Relation) -> str:
        """Title of a unit or delivered table."""
        unit = self.book.unit_named(relation.name)
        if unit is not None:
            return unit.title.text(self.words.language) or unit.name
        if relation.name.startswith("earlier."):
            before = self.book.unit_named(relation.name.removeprefix("earlier."))
            title = (before.title.text(self.words.language) if before else "") or relation.name
            return f"往期评价结果：{title}" if self.words.language == "zh" else f"earlier rounds: {title}"
        contract = self.book.contracts.get(relation.table)
        return self._in_language(contract.title, relation.table, contract.language) if contract else relation.name

    def _either(self, pair: tuple[str, str]) -> str:
        return pair[0] if self.words.language == "zh" else pair[1]

    def _in_language(self, title: str, name: str, language: str) -> str:
        """A contract's title where it is in the reader's language, else its English name in words."""
        return title if self.words.language in ("zh", language) else name.replace("_", " ")

    def _fact(self, fact: Fact) -> Named:
        return Named(fact.title.text(self.words.language) or fact.name, fact.type.kind)

    def _made(self, name: str, unit: UnitRules) -> Named:
        titles = unit.levels.titles if unit.levels else {}
        labels = {code: title.text(self.words.language) for code, title in titles.items()} if name == "level" else {}
        kind: Kind = "number" if name in ("points", "missing_full", "edition_year") else "text"
        return Named(self._either(MADE[name]), kind, labels)

    def _located(self, located: Located) -> Named:
        unit = self.book.unit_named(located.layer or located.relation.name.removeprefix("earlier."))
        if located.layer is not None and unit is not None:
            fact = next((fact for fact in unit.facts if fact.name == located.column), None)
            if fact is not None:
                return self._fact(fact)
        if located.column in MADE and unit is not None:
            return self._made(located.column, unit)
        contract = self.book.contracts.get(located.relation.table)
        column = contract.column(located.column) if contract else None
        if contract is None or column is None:
            return Named(located.column, located.type.kind)
        title = self._in_language(column.title, column.name, contract.language)
        own = self.words.language in ("zh", contract.language)
        return Named(title, column.type.kind, column.labels if own else {})

    def _over(self, path: tuple[str, ...], hop: int) -> str:
        """`project.` on the way to a column."""
        relation = self.relation
        for step in path[: hop + 1]:
            relation = self.book.schema.tables[relation.keys[step].table]
        title = self.relation_title(relation) if relation.name in self.book.contracts else path[hop]
        return f"所属{title}的" if self.words.language == "zh" else f"{title}: "
