"""From the words of a contract to its one list of rules.

Row checks, the Great Expectations suites, templates and documentation are all made from this list, so that none can
check something the others do not. What a column's own keys say (required, enum, …) and what a `quality` entry says
become the same kind of rule; an entry that repeats a column's key takes its place, with its severity and wording.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from typing import cast

import pyarrow as pa
import pyarrow.compute as pc

from data_contracts.check_digits import SCHEMES
from data_contracts.document import Entry, Fields, Problem, decimal_number
from data_contracts.expressions import ExpressionError, parse, resolve
from data_contracts.expressions.flags import flag_expression
from data_contracts.expressions.resolve import ColumnScope, day_number, did_you_mean
from data_contracts.expressions.terms import Column as ColumnTerm
from data_contracts.expressions.terms import Term, Type, walk
from data_contracts.model import Column, Relationship, Rule, Severity

ENGINE = "property-credit"
_METRICS = ("nullValues", "missingValues", "invalidValues", "duplicateValues", "rowCount")
_OPERATORS = {
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
_COLUMN_ORDER = ("type", "required", "enum", "length", "pattern", "range", "check_digit", "unique")


@dataclass(slots=True)
class RuleList:
    """The rules of one table while they are gathered.

    Attributes:
        table: Name of the table.
        columns: Its columns by name.
        problems: Shared list that every fault is added to.
    """

    table: str
    columns: Mapping[str, Column]
    problems: list[Problem]
    _rules: list[Rule] = field(default_factory=list)
    _stated: set[str] = field(default_factory=set)

    def add_column(self, column: Column, fields: Fields) -> None:
        """The rules of one column: its keys, then its `quality` entries."""
        basis = custom_properties(fields, ("legalBasis",)).get("legalBasis", "")
        for kind, limits in self._implied(column, fields):
            self._rules.append(replace(self._rule(kind, (column.name,), limits), legal_basis=basis))
        for entry in fields.items("quality"):
            self._add_stated(entry, column)

    def add_table(self, key: tuple[str, ...], fields: Fields) -> None:
        """The rules of rows and of the table as a whole: the key, then the table's `quality` entries."""
        if key:
            self._rules.append(self._rule("unique", key, {"key": True}))
        for entry in fields.items("quality"):
            self._add_stated(entry, None)

    def add_relationship(self, relationship: Relationship, fields: Fields) -> None:
        """The rule that each row's parent must be there."""
        custom = custom_properties(fields, ("severity", "message", "legalBasis"))
        severity = custom.get("severity", "error")
        if severity not in ("error", "warning"):
            self._refuse(fields.entry, f"found severity {severity!r}, allowed: error, warning")
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

    # What a column's own keys imply.

    def _implied(self, column: Column, fields: Fields) -> Iterable[tuple[str, dict[str, object]]]:
        yield "type", {}
        if not column.type.optional:
            yield "required", {}
        if column.labels:
            yield "enum", {"values": self._values(column, [(code, fields.entry) for code in column.labels])}
        if (options := fields.nested("logicalTypeOptions")) is not None:
            yield from _options(column, options)
        if fields.flag("unique"):
            yield "unique", {}

    def _values(self, column: Column, texts: Iterable[tuple[str, Entry]]) -> tuple[object, ...]:
        """Allowed values in the column's storage type."""
        values = []
        for text, entry in texts:
            value = stored(text, column.type)
            if value is None:
                self._refuse(entry, f"found value {text!r}, allowed: {allowed_form(column.type)}")
            values.append(value)
        return tuple(values)

    # What a quality entry states.

    def _add_stated(self, entry: Entry, column: Column | None) -> None:
        fields = Fields(entry, self.problems)
        kind = fields.choice("type", ("library", "sql", "custom", "text"), "library")
        if kind == "text":
            return
        made = {"library": self._library, "sql": self._sql, "custom": self._custom}[kind](fields, column)
        if made is not None:
            self._place(self._with_words(made, fields, own_id_needed=kind == "sql"), fields)

    def _with_words(self, rule: Rule, fields: Fields, own_id_needed: bool) -> Rule:
        custom = custom_properties(fields, ("message", "legalBasis"))
        name = fields.text("id")
        if own_id_needed and not name:
            self._refuse(fields.entry, "found no 'id', allowed: a rule in SQL has a short id of its own")
        return replace(
            rule,
            id=name or rule.id,
            severity=cast("Severity", fields.choice("severity", ("error", "warning"), "error")),
            message=custom.get("message") or fields.text("description"),
            legal_basis=custom.get("legalBasis", ""),
        )

    def _place(self, rule: Rule, fields: Fields) -> None:
        if rule.id in self._stated:
            self._refuse(fields.entry, f"found a second rule {rule.id!r}, allowed: an id of its own")
        self._stated.add(rule.id)
        for place, other in enumerate(self._rules):
            same = (other.kind, sorted(other.columns)) == (rule.kind, sorted(rule.columns))
            if same and other.id not in self._stated and rule.kind in ("required", "unique"):
                self._rules[place] = replace(rule, columns=other.columns, limits={**other.limits, **rule.limits})
                return
        self._rules.append(rule)

    def _library(self, fields: Fields, column: Column | None) -> Rule | None:
        metric = fields.choice("metric", _METRICS)
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
        return self._rule("required", (column.name,), limits)

    def _invalid(self, fields: Fields, arguments: Fields | None, column: Column) -> Rule | None:
        if arguments is None or arguments.has("validValues") == arguments.has("pattern"):
            self._refuse(
                fields.entry, "found invalidValues without its argument, allowed: arguments: validValues or pattern"
            )
            return None
        if arguments.has("pattern"):
            return self._rule("pattern", (column.name,), dict(_pattern(column, arguments)))
        listed = [(str(entry.value), entry) for entry in arguments.items("validValues")]
        return self._rule("enum", (column.name,), {"values": self._values(column, listed)})

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
        return self._rule("unique", names, {})

    def _row_count(self, fields: Fields, column: Column | None) -> Rule | None:
        if column is not None:
            self._refuse(fields.entry, "found rowCount on a column, allowed: rowCount on the table")
            return None
        limits: dict[str, object] = {}
        for operator, names in _OPERATORS.items():
            entry = fields.get(operator)
            if entry is None:
                continue
            parts = entry.value if isinstance(entry.value, list) else [entry] * len(names)
            for name, part in zip(names, parts, strict=False):
                limits[name] = self._whole(part) + _shift(operator)
        if not limits:
            allowed = ", ".join(_OPERATORS)
            self._refuse(fields.entry, f"found no bound for rowCount, allowed: {allowed}")
            return None
        return replace(self._rule("row_count", (), limits), id=f"{self.table}.row_count", scope="table")

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
        term = self._term(bad, entry, text.count("\n", 0, head.end()))
        if term is None:
            return None
        rule = self._rule("expression", _columns_of(term), {"text": bad})
        return replace(rule, bad=term)

    def _term(self, text: str, entry: Entry, lines_before: int) -> Term | None:
        scope = ColumnScope({name: column.type for name, column in self.columns.items()})
        try:
            return _test(text, scope)
        except ExpressionError as error:
            line = entry.at.line + lines_before + text.count("\n", 0, error.at)
            self.problems.append(Problem(entry.at.source, line, f"in {text!r}: {error}"))
            return None

    def _custom(self, fields: Fields, column: Column | None) -> Rule | None:
        fields.choice("engine", (ENGINE,))
        implementation = fields.nested("implementation")
        if implementation is None or column is None:
            self._refuse(
                fields.entry, "found a custom rule, allowed: on a column, with implementation: {checkDigit: …}"
            )
            return None
        scheme = implementation.choice("checkDigit", SCHEMES)
        implementation.done()
        if column.type.kind != "text":
            self._refuse(fields.entry, f"found a check digit on a {column.type.kind}, allowed: on a string")
        return self._rule("check_digit", (column.name,), {"scheme": scheme})

    # Small parts.

    def _rule(self, kind: str, columns: tuple[str, ...], limits: Mapping[str, object]) -> Rule:
        return Rule(f"{self.table}.{'+'.join(columns)}.{kind}", kind, columns, limits=limits)

    def _needs_zero(self, fields: Fields) -> None:
        zero = fields.get("mustBe")
        others = [name for name in (*_OPERATORS, *_REFUSED_OPERATORS) if name != "mustBe" and fields.has(name)]
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


def custom_properties(fields: Fields, allowed: tuple[str, ...]) -> dict[str, str]:
    """Texts of the custom properties that mean something here; those of another vendor are left alone."""
    found: dict[str, str] = {}
    for entry in fields.items("customProperties"):
        one = Fields(entry, fields.problems)
        if one.text("vendor", ENGINE) != ENGINE:
            continue
        name = one.needed_text("property")
        if name not in allowed:
            words = ", ".join((*allowed, "any that states its vendor"))
            text = f"found custom property {name!r}, allowed: {words}{did_you_mean(name, allowed)}"
            fields.problems.append(entry.at.problem(text))
        found[name] = one.needed_text("value")
    return found


def stored(text: str, kind: Type) -> str | int | bool | None:
    """*text* of a contract as the column stores it: scaled whole number, day number, truth or text; None if it cannot.

    >>> stored("1.5", Type("number", scale=2)), stored("1.5", Type("number", scale=0))
    (150, None)
    """
    match kind.kind:
        case "number":
            number = decimal_number(text)
            scaled = None if number is None else number * 10 ** (kind.scale or 0)
            return (
                int(scaled)
                if scaled is not None and scaled.denominator == 1 and abs(scaled) < Fraction(2**63)
                else None
            )
        case "day":
            try:
                return day_number(date.fromisoformat(text)) if len(text) == len("2024-01-31") else None
            except ValueError:
                return None
        case "truth":
            return {"true": True, "false": False}.get(text)
    return text


def allowed_form(kind: Type) -> str:
    """How a value of that type is written in a contract."""
    match kind.kind:
        case "number":
            return f"a number with at most {kind.scale} decimals" if kind.scale else "a whole number"
        case "day":
            return "a day YYYY-MM-DD"
        case "truth":
            return "true or false"
    return "text"


def _options(column: Column, options: Fields) -> Iterable[tuple[str, dict[str, object]]]:
    """The rules in `logicalTypeOptions`; options that nothing here checks are unknown keys."""
    if column.type.kind == "text":
        made = [("length", dict(_bounds(options, Type("number", scale=0), _LENGTHS)))]
        made.append(("pattern", dict(_pattern(column, options))))
    elif column.type.kind in ("number", "day"):
        made = [("range", dict(_bounds(options, column.type, _RANGES)))]
    else:
        made = []
    options.done()
    return [(kind, limits) for kind, limits in made if limits]


_LENGTHS = {"minLength": "least", "maxLength": "most"}
_RANGES = {"minimum": "minimum", "maximum": "maximum", "exclusiveMinimum": "above", "exclusiveMaximum": "below"}


def _bounds(options: Fields, kind: Type, names: Mapping[str, str]) -> Iterable[tuple[str, object]]:
    for key, limit in names.items():
        entry = options.get(key)
        if entry is None:
            continue
        value = stored(str(entry.value), kind)
        if value is None:
            options.refuse(entry, allowed_form(kind))
        yield limit, value


def _pattern(column: Column, options: Fields) -> Iterable[tuple[str, object]]:
    entry = options.get("pattern")
    if entry is None:
        return
    if column.type.kind != "text":
        options.refuse(entry, "a pattern on a string column")
        return
    try:
        pc.match_substring_regex(pa.array([""]), str(entry.value))
    except pa.ArrowInvalid:
        options.refuse(entry, "a regular expression without look-around or back-references (RE2)")
    yield "pattern", str(entry.value)


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
