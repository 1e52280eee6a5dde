"""One `quality` entry of a contract becomes one rule: a library metric, a query in SQL, or a check digit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import cast

from data_contracts.document import Entry, Fields, Problem, decimal_number
from data_contracts.expressions import ExpressionError, parse, resolve
from data_contracts.expressions.flags import flag_expression
from data_contracts.expressions.resolve import ColumnScope, did_you_mean
from data_contracts.expressions.terms import Column as ColumnTerm
from data_contracts.expressions.terms import Term, walk
from data_contracts.model import Column, Relationship, Rule, Severity
from data_contracts.rules.custom import custom_rule
from data_contracts.rules.values import allowed_form, custom_properties, pattern_of, stored

METRICS = ("nullValues", "missingValues", "invalidValues", "duplicateValues", "rowCount")
OPERATORS = {
    "mustBe": ("least", "most"),
    "mustBeGreaterThan": ("least",),
    "mustBeGreaterOrEqualTo": ("least",),
    "mustBeLessThan": ("most",),
    "mustBeLessOrEqualTo": ("most",),
    "mustBeBetween": ("least", "most"),
}
_REFUSED_OPERATORS = ("mustNotBe", "mustNotBeBetween")
_QUERY = re.compile(r"\s*SELECT\s+COUNT\(\s*\*\s*\)\s+FROM\s+(\S+)\s+WHERE\s+", re.IGNORECASE)
_SHAPE = "SELECT COUNT(*) FROM {} WHERE <what is wrong with the row>"


@dataclass(frozen=True, slots=True)
class QualityReader:
    """Reads the quality entries of one table.

    Attributes:
        table: Name of the table.
        columns: Its columns by name.
        relationships: Its foreign keys of one column, by column.
        problems: Shared list that every fault is added to.
    """

    table: str
    columns: Mapping[str, Column]
    relationships: Mapping[str, Relationship]
    problems: list[Problem]

    def rule_of(self, fields: Fields, column: Column | None) -> Rule | None:
        """The rule that an entry states.

        Args:
            fields: The entry.
            column: The column it stands on; None on the table.

        Returns:
            None for a text entry, which is for people alone, and where the entry has a fault.
        """
        match fields.choice("type", ("library", "sql", "custom", "text"), "library"):
            case "library":
                made = self._library(fields, column)
            case "sql":
                made = self._sql(fields, column)
            case "custom":
                made = custom_rule(self.table, self.columns, self.relationships, fields, column)
            case _:
                return None
        return None if made is None else self._with_words(made, fields)

    def rule(self, kind: str, columns: tuple[str, ...], limits: Mapping[str, object]) -> Rule:
        """A rule under its own id."""
        return Rule(f"{self.table}.{'+'.join(columns)}.{kind}", kind, columns, limits=limits)

    def values(self, column: Column, texts: Iterable[tuple[str, Entry]]) -> tuple[object, ...]:
        """Allowed values in the column's storage type."""
        values = []
        for text, entry in texts:
            value = stored(text, column.type)
            if value is None:
                self._refuse(entry, f"found value {text!r}, allowed: {allowed_form(column.type)}")
            values.append(value)
        return tuple(values)

    def _with_words(self, rule: Rule, fields: Fields) -> Rule:
        custom = custom_properties(fields, ("message", "legalBasis"))
        name = fields.text("id")
        if rule.kind == "expression" and not name:
            self._refuse(fields.entry, "found no 'id', allowed: a rule in SQL has a short id of its own")
        return replace(
            rule,
            id=name or rule.id,
            severity=cast("Severity", fields.choice("severity", ("error", "warning"), "error")),
            message=custom.get("message") or fields.text("description"),
            legal_basis=custom.get("legalBasis", ""),
        )

    def _library(self, fields: Fields, column: Column | None) -> Rule | None:
        metric = fields.choice("metric", METRICS)
        if fields.text("unit") not in ("", "rows"):
            self._refuse(fields.entry, f"found unit {fields.text('unit')!r}, allowed: rows")
        arguments = fields.nested("arguments")
        made: Rule | None
        if metric == "rowCount":
            made = self._row_count(fields, column)
        elif metric == "duplicateValues":
            made = self._unique(fields, arguments, column)
        elif column is None:
            self._refuse(fields.entry, f"found {metric} on the table, allowed: {metric} on a column")
            return None
        elif metric == "invalidValues":
            made = self._invalid(fields, arguments, column)
        else:
            made = self._required(metric, arguments, column)
        if arguments is not None:
            arguments.done()
        if metric != "rowCount":
            self._needs_zero(fields)
        return made

    def _required(self, metric: str, arguments: Fields | None, column: Column) -> Rule:
        limits: dict[str, object] = {}
        if metric == "missingValues" and arguments is not None:
            listed = [entry for entry in arguments.items("missingValues") if entry.value not in (None, "", "null")]
            if listed and column.type.kind != "text":
                self._refuse(listed[0], "found missing values on a column that is not text, allowed: nothing but null")
            limits["missing"] = tuple(str(entry.value) for entry in listed)
        return self.rule("required", (column.name,), limits)

    def _invalid(self, fields: Fields, arguments: Fields | None, column: Column) -> Rule | None:
        if arguments is None or arguments.has("validValues") == arguments.has("pattern"):
            self._refuse(
                fields.entry, "found invalidValues without its argument, allowed: arguments: validValues or pattern"
            )
            return None
        if arguments.has("pattern"):
            return self.rule("pattern", (column.name,), dict(pattern_of(column, arguments)))
        listed = [(str(entry.value), entry) for entry in arguments.items("validValues")]
        return self.rule("enum", (column.name,), {"values": self.values(column, listed)})

    def _unique(self, fields: Fields, arguments: Fields | None, column: Column | None) -> Rule | None:
        names = () if arguments is None else arguments.texts("properties")
        if not names and column is not None:
            names = (column.name,)
        if not names:
            self._refuse(
                fields.entry, "found duplicateValues without columns, allowed: arguments: {properties: [column, …]}"
            )
            return None
        for name in names:
            if name not in self.columns:
                hint = did_you_mean(name, self.columns)
                self._refuse(fields.entry, f"found column {name!r}, allowed: {', '.join(self.columns)}{hint}")
                return None
        return self.rule("unique", names, {})

    def _row_count(self, fields: Fields, column: Column | None) -> Rule | None:
        if column is not None:
            self._refuse(fields.entry, "found rowCount on a column, allowed: rowCount on the table")
            return None
        limits: dict[str, object] = {}
        for operator, names in OPERATORS.items():
            entry = fields.get(operator)
            if entry is None:
                continue
            parts = entry.value if isinstance(entry.value, list) else [entry] * len(names)
            for name, part in zip(names, parts, strict=False):
                limits[name] = self._whole(part) + _shift(operator)
        if not limits:
            allowed = ", ".join(OPERATORS)
            self._refuse(fields.entry, f"found no bound for rowCount, allowed: {allowed}")
            return None
        return replace(self.rule("row_count", (), limits), id=f"{self.table}.row_count", scope="table")

    def _sql(self, fields: Fields, column: Column | None) -> Rule | None:
        entry = fields.need("query")
        self._needs_zero(fields)
        if entry is None or not isinstance(entry.value, str):
            return None
        text = entry.value.replace("${table}", self.table)
        text = text.replace("${column}", column.name) if column is not None else text
        head = _QUERY.match(text)
        if head is None or head.group(1) != self.table:
            shown = text if len(text) <= 60 else text[:60] + "…"
            self._refuse(entry, f"found query {shown!r}, allowed: {_SHAPE.format(self.table)}")
            return None
        bad = text[head.end() :].rstrip().rstrip(";").rstrip()
        in_block = "\n" in entry.value and not entry.quoted  # `query: |` begins on the line below its key
        term = self._term(bad, entry, text.count("\n", 0, head.end()) + in_block)
        if term is None:
            return None
        rule = self.rule("expression", _columns_of(term), {"text": bad})
        return replace(rule, bad=term)

    def _term(self, text: str, entry: Entry, lines_before: int) -> Term | None:
        scope = ColumnScope({name: column.type for name, column in self.columns.items()})
        try:
            return _test(text, scope)
        except ExpressionError as error:
            line = entry.at.line + lines_before + text.count("\n", 0, error.at)
            self.problems.append(Problem(entry.at.source, line, f"in {text!r}: {error}"))
            return None

    def _needs_zero(self, fields: Fields) -> None:
        zero = fields.get("mustBe")
        others = [name for name in (*OPERATORS, *_REFUSED_OPERATORS) if name != "mustBe" and fields.has(name)]
        if others or zero is None or zero.value != "0":
            self._refuse(
                fields.entry,
                f"found {', '.join(others) or 'no mustBe: 0'}, allowed: mustBe: 0 (each broken row is named)",
            )

    def _whole(self, entry: Entry) -> int:
        number = decimal_number(entry.value)
        if number is None or number.denominator != 1:
            self._refuse(entry, f"found {entry.shown}, allowed: a whole number of rows")
            return 0
        return int(number)

    def _refuse(self, entry: Entry, text: str) -> None:
        self.problems.append(entry.at.problem(text))


def _test(text: str, scope: ColumnScope) -> Term:
    term = resolve(parse(text), scope)
    if term.type.kind != "truth":
        raise ExpressionError(f"found a {term.type.kind}, allowed: a test that is true on a wrong row")
    if not _columns_of(term):
        raise ExpressionError("found no column, allowed: a test of the row's columns")
    flag_expression(term)
    return term


def _columns_of(term: Term) -> tuple[str, ...]:
    """Columns that *term* reads, in reading order, each once."""
    return tuple(dict.fromkeys(part.path[0] for part in walk(term) if isinstance(part, ColumnTerm)))


def _shift(operator: str) -> int:
    """More than 5 rows are at least 6."""
    return {"mustBeGreaterThan": 1, "mustBeLessThan": -1}.get(operator, 0)
