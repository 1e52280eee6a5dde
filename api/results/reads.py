"""What a rule reads about one unit, with its value: facts, columns of its own row, and what its foreign keys lead to.

A value that cannot be found again (a branch's own row behind the company it was rated as) is left out, never called
missing: missing is what the rulebook saw.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from api.results.cells import PERSONAL, cell, fact_value
from api.results.people import withheld_cells, withheld_facts
from api.results.queries import Result
from api.results.titles import column_title, text_of
from api.results.views import Reference
from api.results.wording import name_title
from data_contracts.model import RECORD_ID
from scoring.facts.formula import Path
from scoring.rulebook.relations import ForeignKey
from scoring.rulebook.shape import Fact, Title, UnitRules


@dataclass(frozen=True)
class Reads:
    """Names and values around one unit.

    Attributes:
        row: Of the unit, in ratings and facts.
        facts: Exact facts of the unit.
        own: The unit's own row as stored.
    """

    result: Result
    rules: UnitRules
    row: int
    facts: dict[str, Any]
    own: Mapping[str, Any]

    def reference(self, path: Path) -> Reference | None:
        """The value at *path*, withheld where it is about few people; None where it is personal or cannot be found."""
        name = ".".join(path)
        fact = next((one for one in self.rules.facts if path == (one.name,)), None)
        if fact is not None:
            return self._made(self.rules, self.row, self.facts, fact, name, fact.title)
        located = self.result.book.schema.locate(self.rules.relation, path)
        row = None if located is None else self._followed(located.hops)
        if located is None or row is None:
            return None
        if located.layer is not None:
            return self._rated(name, located.layer, located.column, row)
        contract = self.result.book.contracts.get(located.relation.table)
        column = contract.column(located.column) if contract else None
        if column is None or column.classification == PERSONAL:
            return None
        withheld = withheld_cells(contract, row).get(column.name) if contract else None
        text = "" if withheld else cell(row.get(column.name), column).text
        return Reference(name, column_title(column), text, None, withheld)

    def _made(
        self, rules: UnitRules, row: int, facts: dict[str, Any], fact: Fact, name: str, title: Title
    ) -> Reference:
        """A fact of this unit or of one rated before, unless the public may not see it."""
        withheld = withheld_facts(self.result, rules.name, row).get(fact.name)
        text, amount = ("", None) if withheld else fact_value(facts, fact.name, fact.type)
        return Reference(name, title, text, amount, withheld)

    def _followed(self, hops: tuple[ForeignKey, ...]) -> Mapping[str, Any] | None:
        """The row at the end of the foreign keys, from the unit's own row."""
        row: Mapping[str, Any] | None = self.own
        for hop in hops:
            row = None if row is None else self._target(hop, row)
        return row

    def _target(self, hop: ForeignKey, row: Mapping[str, Any]) -> Mapping[str, Any] | None:
        if hop.table not in self.result.manifest.get("lake", {}) or any(
            row.get(column) is None for column in hop.columns
        ):
            return None
        table = self.result.opened.table(hop.table)
        for column, target in zip(hop.columns, hop.targets, strict=True):
            value = pa.scalar(row[column], table[target].type)
            table = table.filter(pc.equal(table[target], value))
        found: list[dict[str, Any]] = table.slice(0, 1).to_pylist()
        return found[0] if found else None

    def _rated(self, name: str, unit: str, column: str, row: Mapping[str, Any]) -> Reference | None:
        """A fact, the points, level or status of a unit rated before on that row."""
        record = row.get(RECORD_ID)
        place = self.result.unit_rows(unit, [record]).get(record) if record is not None else None
        rules = self.result.book.unit_named(unit)
        if place is None or rules is None:
            return None
        facts = self.result.facts(unit, place)
        title = name_title(self.result.book, name, self.rules.relation, {})
        fact = next((one for one in rules.facts if one.name == column), None)
        if fact is not None:
            return self._made(rules, place, facts, fact, name, title)
        kind = rules.result.layers[-1].columns.get(column)
        if kind is None:
            return None
        text, amount = fact_value(facts, column, kind)
        return Reference(name, _of_unit(rules, column), text, amount)


def reads_of(result: Result, kind: str, row: int) -> Reads:
    """What can be read about one unit."""
    rules = result.units(kind).rules
    record = result.record_ids(kind)[row].as_py()
    own = result.rows(rules.relation.table, [record]).get(record, {})
    return Reads(result, rules, row, result.facts(kind, row), own)


def _of_unit(rules: UnitRules, column: str) -> Title:
    word = text_of(f"column.{column}") if column in ("points", "level", "status", "division") else Title(column, column)
    return Title(f"{rules.title.zh}{word.zh}", f"{rules.title.en} {word.en}".strip())
