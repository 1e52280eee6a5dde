"""From the words of a contract to its one list of rules.

Row checks, the Great Expectations suites, templates and documentation are all made from this list, so that none can
check something the others do not. What a column's own keys say (required, enum, …) and what a `quality` entry says
become the same kind of rule; an entry that repeats a column's key takes its place, with its severity and wording.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from data_contracts.document import Fields, Problem
from data_contracts.model import Column, Relationship, Rule, Severity
from data_contracts.rules.quality import QualityReader
from data_contracts.rules.values import custom_entries, custom_properties, options_of

_COLUMN_ORDER = ("type", "required", "enum", "length", "pattern", "range", "check_digit", "unique")


@dataclass(slots=True)
class RuleList:
    """The rules of one table while they are gathered.

    Attributes:
        table: Name of the table.
        columns: Its columns by name.
        relationships: Its foreign keys.
        problems: Shared list that every fault is added to.
    """

    table: str
    columns: Mapping[str, Column]
    relationships: Sequence[Relationship]
    problems: list[Problem]
    _rules: list[Rule] = field(default_factory=list)
    _stated: set[str] = field(default_factory=set)

    def add_column(self, column: Column, fields: Fields) -> None:
        """The rules of one column: its keys, then its `quality` entries."""
        entry = custom_entries(fields, ("legalBasis", "attributed")).get("legalBasis")
        basis = "" if entry is None else str(entry.value)
        for kind, limits in self._implied(column, fields):
            self._rules.append(replace(self._reader.rule(kind, (column.name,), limits), legal_basis=basis))
        for entry in fields.items("quality"):
            self._add_stated(Fields(entry, self.problems), column)

    def add_table(self, key: tuple[str, ...], fields: Fields) -> None:
        """The rules of rows and of the table as a whole: the key, then the table's `quality` entries."""
        if key:
            self._rules.append(self._reader.rule("unique", key, {"key": True}))
        for entry in fields.items("quality"):
            self._add_stated(Fields(entry, self.problems), None)

    def add_relationship(self, relationship: Relationship, fields: Fields) -> None:
        """The rule that each row's parent must be there."""
        custom = custom_properties(fields, ("severity", "message", "legalBasis"))
        severity = custom.get("severity", "error")
        if severity not in ("error", "warning"):
            self.problems.append(fields.at.problem(f"found severity {severity!r}, allowed: error, warning"))
        limits = {"name": relationship.name, "table": relationship.table, "targets": relationship.targets}
        rule = Rule(
            id=f"{self.table}.{relationship.name}.foreign_key",
            kind="foreign_key",
            columns=relationship.columns,
            severity=cast("Severity", severity),
            limits=limits,
            message=custom.get("message", ""),
            legal_basis=custom.get("legalBasis", ""),
        )
        self._rules.append(rule)

    def done(self) -> tuple[Rule, ...]:
        """All rules: column by column, then keys, foreign keys and rules across columns, then the whole table."""
        places = {name: place for place, name in enumerate(self.columns)}

        def place(rule: Rule) -> tuple[int, int, int]:
            if rule.scope == "table":
                return (2, 0, 0)
            if rule.kind in _COLUMN_ORDER and len(rule.columns) == 1 and not rule.limits.get("key"):
                return (0, places.get(rule.columns[0], 0), _COLUMN_ORDER.index(rule.kind))
            return (1, 0, 0)

        return tuple(sorted(self._rules, key=place))

    @property
    def _reader(self) -> QualityReader:
        alone = {one.columns[0]: one for one in self.relationships if len(one.columns) == 1}
        return QualityReader(self.table, self.columns, alone, self.problems)

    def _implied(self, column: Column, fields: Fields) -> Iterable[tuple[str, dict[str, object]]]:
        yield "type", {}
        if not column.type.optional:
            yield "required", {}
        if column.labels:
            yield "enum", {"values": self._reader.values(column, [(code, fields.entry) for code in column.labels])}
        if (options := fields.nested("logicalTypeOptions")) is not None:
            yield from options_of(column, options)
        if fields.flag("unique"):
            yield "unique", {}

    def _add_stated(self, fields: Fields, column: Column | None) -> None:
        """A stated rule; one that repeats `required`, `unique` or the key takes the implied rule's place."""
        rule = self._reader.rule_of(fields, column)
        if rule is None:
            return
        if rule.id in self._stated:
            self.problems.append(fields.at.problem(f"found a second rule {rule.id!r}, allowed: an id of its own"))
        self._stated.add(rule.id)
        for place, other in enumerate(self._rules):
            same = (other.kind, sorted(other.columns)) == (rule.kind, sorted(rule.columns))
            if same and other.id not in self._stated and rule.kind in ("required", "unique"):
                self._rules[place] = replace(rule, columns=other.columns, limits={**other.limits, **rule.limits})
                return
        self._rules.append(rule)
