"""From the words of a contract to its one list of rules.

Row checks, the Great Expectations suites, templates and documentation are all made from this list, so that none can
check something the others do not. What a column's own keys say (required, enum, …) and what a `quality` entry says
become the same kind of rule; an entry that repeats a column's key takes its place, with its severity and wording.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from data_contracts.document import Entry, Fields, Place, Problem
from data_contracts.model import Column, Relationship, Rule, Severity
from data_contracts.rules.quality import QualityReader
from data_contracts.rules.values import COLUMN_PROPERTIES, custom_entries, custom_properties, options_of

_COLUMN_ORDER = ("type", "required", "enum", "length", "pattern", "range", "check_digit", "unique")
_REPLACED = ("required", "unique")


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
    _from_keys: list[Rule] = field(default_factory=list)
    _stated: list[tuple[Rule, Place]] = field(default_factory=list)

    def add_column(self, column: Column, fields: Fields) -> None:
        """The rules of one column: its keys, then its `quality` entries."""
        clause = custom_entries(fields, COLUMN_PROPERTIES).get("legalBasis")
        basis = "" if clause is None else str(clause.value)
        for kind, limits in self._said_by_keys(column, fields):
            self._from_keys.append(replace(self._reader.rule(kind, (column.name,), limits), legal_basis=basis))
        for entry in fields.items("quality"):
            self._add_stated(entry, column)
        parent = next((one for one in self.relationships if one.columns == (column.name,)), None)
        if column.attributed is not None and parent is not None and parent.table == column.attributed.table:
            names = (column.name, column.attributed.match, column.attributed.day)
            limits = {"table": parent.table, "target": parent.targets[0], "by": column.attributed}
            rule = Rule(f"{self.table}.{column.name}.span", "span", names, limits=limits, legal_basis=basis)
            self._from_keys.append(rule)

    def add_table(self, key: tuple[str, ...], fields: Fields) -> None:
        """The rules of rows and of the table as a whole: the key, then the table's `quality` entries."""
        if key:
            self._from_keys.append(self._reader.rule("unique", key, {"key": True}))
        for entry in fields.items("quality"):
            self._add_stated(entry, None)

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
        self._from_keys.append(rule)

    def done(self) -> tuple[Rule, ...]:
        """All rules: column by column, then keys, foreign keys and rules across columns, then the whole table."""
        stated = [self._merged(rule) for rule, _ in self._stated]
        replaced = {(rule.kind, frozenset(rule.columns)) for rule in stated if rule.kind in _REPLACED}
        kept = [rule for rule in self._from_keys if (rule.kind, frozenset(rule.columns)) not in replaced]
        seen = {rule.id for rule in kept}
        for rule, at in self._stated:
            if rule.id in seen:
                self.problems.append(at.problem(f"found a second rule {rule.id!r}, allowed: an id of its own"))
            seen.add(rule.id)
        return tuple(sorted([*kept, *stated], key=self._place))

    def reporting_column(self) -> str:
        """The column in which everyone who should report has to stand; empty where nothing says so."""
        stated = (rule for rule, _ in self._stated)
        return next((rule.columns[0] for rule in stated if rule.kind == "covers"), "")

    @property
    def _reader(self) -> QualityReader:
        alone = {one.columns[0]: one for one in self.relationships if len(one.columns) == 1}
        return QualityReader(self.table, self.columns, alone, self.problems)

    def _said_by_keys(self, column: Column, fields: Fields) -> Iterable[tuple[str, dict[str, object]]]:
        yield "type", {}
        if not column.type.optional:
            yield "required", {}
        if column.labels:
            yield "enum", {"values": self._reader.values(column, [(code, fields.entry) for code in column.labels])}
        if (options := fields.nested("logicalTypeOptions")) is not None:
            yield from options_of(column, options)
        if fields.flag("unique"):
            yield "unique", {}

    def _add_stated(self, entry: Entry, column: Column | None) -> None:
        rule = self._reader.rule_of(Fields(entry, self.problems), column)
        if rule is not None:
            self._stated.append((rule, entry.at))

    def _merged(self, rule: Rule) -> Rule:
        """A stated rule that repeats `required`, `unique` or the key takes over its columns and limits."""
        for other in self._from_keys:
            if rule.kind in _REPLACED and (other.kind, set(other.columns)) == (rule.kind, set(rule.columns)):
                return replace(rule, columns=other.columns, limits={**other.limits, **rule.limits})
        return rule

    def _place(self, rule: Rule) -> tuple[int, int, int]:
        if rule.scope == "table":
            return (2, 0, 0)
        if rule.kind in _COLUMN_ORDER and len(rule.columns) == 1 and not rule.limits.get("key"):
            return (0, list(self.columns).index(rule.columns[0]), _COLUMN_ORDER.index(rule.kind))
        return (1, 0 if rule.limits.get("key") else 1, 0)
