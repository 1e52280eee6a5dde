"""The rule list of a contract: what each key and quality entry becomes, and what a wrong entry is told."""

from __future__ import annotations

import pytest

from data_contracts.model import Contract, Rule
from data_contracts.odcs import ContractError, load_contract

HEAD = """\
apiVersion: v3.2.0
kind: DataContract
id: visits
version: 1.0.0
status: active
schema:
  - name: visits
    properties:
      - {name: id, logicalType: string, primaryKey: true}
      - {name: units, logicalType: integer}
      - {name: area, logicalType: number, physicalType: 'DECIMAL(9,2)'}
      - {name: begun, logicalType: date}
      - {name: ended, logicalType: date}
      - {name: place, logicalType: string, relationships: [{to: places.code}]}
"""


def contract_of(column: str = "", table: str = "") -> Contract:
    """The contract with one more column and with more about the table."""
    return load_contract(HEAD + column + table, "v.odcs.yaml")


def rule_of(column: str = "", table: str = "") -> Rule:
    """The one rule that comes on top of what the contract has anyway."""
    known = {rule.id for rule in contract_of().rules} | {"visits.kind.type"}
    [rule] = [rule for rule in contract_of(column, table).rules if rule.id not in known]
    return rule


def problems_of(column: str = "", table: str = "") -> list[str]:
    """What is said about an entry that is refused, without its place."""
    with pytest.raises(ContractError) as caught:
        contract_of(column, table)
    return [problem.text for problem in caught.value.problems]


def on_column(entry: str, kind: str = "string") -> str:
    """A column `kind` with one quality entry."""
    return f"      - name: kind\n        logicalType: {kind}\n        quality: [{entry}]\n"


def on_table(entry: str) -> str:
    """One quality entry of the table."""
    return f"    quality: [{entry}]\n"


def option(options: str, column: str = "string") -> str:
    """A column `kind` with options of its type."""
    return f"      - {{name: kind, logicalType: {column}, logicalTypeOptions: {{{options}}}}}\n"


# What becomes of a column's own keys.


def test_rules_come_column_by_column_then_across_then_for_the_table():
    """Messages, suites and documentation are read in this order."""
    contract = contract_of("", on_table("{metric: rowCount, mustBeGreaterThan: 0}"))

    kinds = [(rule.kind, rule.columns) for rule in contract.rules]

    assert kinds[:3] == [("type", ("id",)), ("required", ("id",)), ("type", ("units",))]
    assert kinds[-3:] == [("unique", ("id",)), ("foreign_key", ("place",)), ("row_count", ())]


def test_every_rule_has_an_id_of_its_own():
    """Counts and reports are kept by rule id."""
    ids = [rule.id for rule in contract_of().rules]

    assert len(ids) == len(set(ids))
    assert "visits.id.required" in ids
    assert "visits.place.foreign_key" in ids


@pytest.mark.parametrize(
    "column, kind, limits",
    [
        (option("minLength: 2, maxLength: 6"), "length", {"least": 2, "most": 6}),
        (option("pattern: '^[a-z]+$'"), "pattern", {"pattern": "^[a-z]+$"}),
        (option("minimum: 1, maximum: 5", "integer"), "range", {"minimum": 1, "maximum": 5}),
        (option("exclusiveMinimum: 0, exclusiveMaximum: 9", "integer"), "range", {"above": 0, "below": 9}),
        (option("minimum: '1970-01-02'", "date"), "range", {"minimum": 1}),
    ],
)
def test_options_of_a_type_become_one_rule(column: str, kind: str, limits: dict[str, object]):
    """Limits are stored as the column is: days as day numbers."""
    rule = rule_of(column)

    assert (rule.kind, dict(rule.limits), rule.severity, rule.scope) == (kind, limits, "error", "row")


def test_limits_are_scaled_with_their_column():
    """0.5 in a column of hundredths is 50, so no check ever compares a fraction."""
    column = (
        "      - {name: kind, logicalType: number, physicalType: 'DECIMAL(5,2)', logicalTypeOptions: {minimum: 0.5}}\n"
    )

    assert dict(rule_of(column).limits) == {"minimum": 50}


def test_listed_values_become_codes_in_storage_type():
    """A list of grades is a list of numbers where the column is one."""
    text = rule_of("      - {name: kind, logicalType: string, enum: [{value: 01, label: 电梯}, {value: x}]}\n")
    number = rule_of("      - {name: kind, logicalType: integer, enum: [{value: 1}, {value: 2}]}\n")

    assert (text.limits["values"], number.limits["values"]) == (("01", "x"), (1, 2))


def test_a_foreign_key_is_a_rule_with_its_own_severity_and_words():
    """Some links are only asked after: a ticket without a project is no reason to refuse it."""
    contract = contract_of(
        "      - name: owner\n"
        "        logicalType: string\n"
        "        relationships:\n"
        "          - to: firms.credit_code\n"
        "            customProperties: [{property: severity, value: warning}, {property: message, value: 请核对}]\n"
    )

    rule = next(rule for rule in contract.rules if rule.id == "visits.owner.foreign_key")

    assert (rule.severity, rule.message) == ("warning", "请核对")
    assert dict(rule.limits) == {"name": "owner", "table": "firms", "targets": ("credit_code",)}


# What becomes of quality entries.


@pytest.mark.parametrize(
    "entry, kind, limits",
    [
        ("{metric: nullValues, mustBe: 0}", "required", {}),
        (
            "{metric: missingValues, arguments: {missingValues: [null, '', 无]}, mustBe: 0}",
            "required",
            {"missing": ("无",)},
        ),
        ("{metric: invalidValues, arguments: {validValues: [a, b]}, mustBe: 0}", "enum", {"values": ("a", "b")}),
        ("{metric: invalidValues, arguments: {pattern: '^a'}, mustBe: 0}", "pattern", {"pattern": "^a"}),
        ("{metric: duplicateValues, mustBe: 0}", "unique", {}),
        (
            "{type: custom, engine: property-credit, implementation: {checkDigit: GB 32100}}",
            "check_digit",
            {"scheme": "GB 32100"},
        ),
    ],
)
def test_a_metric_of_a_column_becomes_a_rule(entry: str, kind: str, limits: dict[str, object]):
    """The standard's own metrics are enough for most of what a bureau asks."""
    rule = rule_of(on_column(entry))

    assert (rule.kind, rule.columns, dict(rule.limits)) == (kind, ("kind",), limits)


@pytest.mark.parametrize(
    "bound, limits",
    [
        ("mustBe: 12", {"least": 12, "most": 12}),
        ("mustBeGreaterThan: 5", {"least": 6}),
        ("mustBeGreaterOrEqualTo: 5", {"least": 5}),
        ("mustBeLessThan: 5", {"most": 4}),
        ("mustBeLessOrEqualTo: 5", {"most": 5}),
        ("mustBeBetween: [5, 9]", {"least": 5, "most": 9}),
    ],
)
def test_row_counts_are_bounded_on_both_sides(bound: str, limits: dict[str, int]):
    """The delivery that shrank to six rows overnight is refused as a whole."""
    rule = rule_of(table=on_table(f"{{metric: rowCount, {bound}}}"))

    assert (rule.kind, rule.scope, dict(rule.limits)) == ("row_count", "table", limits)


def test_a_query_becomes_the_expression_of_its_condition():
    """A rule across columns stays standard SQL that other tools can run, and still names each row."""
    query = "{id: order, type: sql, query: 'select count(*) from ${table} where ended < begun', mustBe: 0}"

    rule = rule_of(table=on_table(query))

    assert (rule.id, rule.kind, rule.columns) == ("order", "expression", ("ended", "begun"))
    assert rule.bad is not None
    assert rule.limits["text"] == "ended < begun"


def test_spans_that_must_not_overlap_become_a_rule():
    """Two projects cannot serve one compound on one day."""
    entry = "{type: custom, engine: property-credit, implementation: {noOverlap: {per: [id], from: begun, to: ended}}}"

    rule = rule_of(table=on_table(entry))

    assert (rule.kind, rule.scope, rule.columns) == ("overlap", "row", ("id", "begun", "ended"))


def test_a_reference_that_must_be_covered_becomes_a_rule_of_the_table():
    """Every division has to report before anything is rated."""
    entry = (
        "{type: custom, engine: property-credit, "
        "implementation: {covers: {column: place, table: places, where: {kind: county}}}}"
    )

    rule = rule_of(table=on_table(entry))

    assert (rule.kind, rule.scope, rule.columns) == ("covers", "table", ("place",))
    assert dict(rule.limits) == {"table": "places", "target": "code", "where": {"kind": "county"}}


def test_severity_words_and_clause_travel_with_the_rule():
    """The office reads the bureau's own sentence and the clause behind it."""
    entry = (
        "{id: own, metric: nullValues, mustBe: 0, severity: warning, description: 请补填, "
        "customProperties: [{property: legalBasis, value: 示例办法第三条}]}"
    )

    rule = rule_of(on_column(entry))

    assert (rule.id, rule.severity, rule.message, rule.legal_basis) == ("own", "warning", "请补填", "示例办法第三条")


def test_a_stated_rule_takes_the_place_of_the_keys_own():
    """The same empty cell is not reported twice, once in the bureau's words and once in ours."""
    entry = "{metric: nullValues, mustBe: 0, severity: warning, description: 请补填}"
    column = f"      - {{name: kind, logicalType: string, required: true, quality: [{entry}]}}\n"

    rules = [rule for rule in contract_of(column).rules if rule.columns == ("kind",) and rule.kind == "required"]

    assert [(rule.id, rule.severity, rule.message) for rule in rules] == [("visits.kind.required", "warning", "请补填")]


def test_a_stated_key_rule_keeps_what_the_key_means():
    """Whatever the order of the columns in the entry, it is still the key."""
    rule = next(
        rule
        for rule in contract_of(
            "", on_table("{id: once, metric: duplicateValues, arguments: {properties: [id]}, mustBe: 0}")
        ).rules
        if rule.kind == "unique"
    )

    assert (rule.id, rule.columns, rule.limits["key"]) == ("once", ("id",), True)


def test_text_for_people_is_no_rule():
    """Contracts may explain themselves."""
    contract = contract_of("", on_table("{type: text, description: 每月五日前报送}"))

    assert contract.rules == contract_of().rules


# Wrong entries.


@pytest.mark.parametrize(
    "entry, message",
    [
        (
            "{metric: nulValues, mustBe: 0}",
            (
                "found 'nulValues', allowed: nullValues, missingValues, invalidValues, duplicateValues, rowCount; "
                "did you mean 'nullValues'?"
            ),
        ),
        ("{metric: nullValues}", "found no mustBe: 0, allowed: mustBe: 0 (each broken row is named)"),
        (
            "{metric: nullValues, mustBeLessThan: 5}",
            "found mustBeLessThan, allowed: mustBe: 0 (each broken row is named)",
        ),
        ("{metric: nullValues, mustBe: 0, unit: percent}", "found unit 'percent', allowed: rows"),
        (
            "{metric: invalidValues, mustBe: 0}",
            "found invalidValues without its argument, allowed: arguments: validValues or pattern",
        ),
        (
            "{metric: invalidValues, arguments: {validvalues: [a]}, mustBe: 0}",
            "found 'validvalues', allowed: pattern, validValues; did you mean 'validValues'?",
        ),
        ("{metric: rowCount, mustBe: 0}", "found rowCount on a column, allowed: rowCount on the table"),
        (
            "{type: custom, engine: soda, implementation: {checkDigit: GB 32100}}",
            "found 'soda', allowed: property-credit",
        ),
        (
            "{type: custom, engine: property-credit, implementation: {checkDigit: GB 1}}",
            "found 'GB 1', allowed: GB 32100, GB 11643; did you mean 'GB 32100'?",
        ),
        ("{metric: nullValues, mustBe: 0, severity: info}", "found 'info', allowed: error, warning"),
    ],
)
def test_a_wrong_entry_of_a_column_is_told_what_is_allowed(entry: str, message: str):
    """A check that could not be understood must not look like one that passed."""
    assert message in problems_of(on_column(entry))


@pytest.mark.parametrize(
    "entry, message",
    [
        ("{metric: nullValues, mustBe: 0}", "found nullValues on the table, allowed: nullValues on a column"),
        (
            "{metric: duplicateValues, mustBe: 0}",
            "found duplicateValues without columns, allowed: arguments: {properties: [column, …]}",
        ),
        (
            "{metric: duplicateValues, arguments: {properties: [unit]}, mustBe: 0}",
            "found column 'unit', allowed: id, units, area, begun, ended, place; did you mean 'units'?",
        ),
        (
            "{metric: rowCount}",
            (
                "found no bound for rowCount, allowed: mustBe, mustBeGreaterThan, mustBeGreaterOrEqualTo, "
                "mustBeLessThan, mustBeLessOrEqualTo, mustBeBetween"
            ),
        ),
        ("{metric: rowCount, mustBe: 1.5}", "found '1.5', allowed: a whole number of rows"),
        (
            "{id: x, type: sql, query: SELECT 1, mustBe: 0}",
            "found query 'SELECT 1', allowed: SELECT COUNT(*) FROM visits WHERE <what is wrong with the row>",
        ),
        (
            "{id: x, type: sql, query: SELECT COUNT(*) FROM others WHERE units > 1, mustBe: 0}",
            (
                "found query 'SELECT COUNT(*) FROM others WHERE units > 1', "
                "allowed: SELECT COUNT(*) FROM visits WHERE <what is wrong with the row>"
            ),
        ),
        (
            "{type: sql, query: SELECT COUNT(*) FROM visits WHERE units > 1, mustBe: 0}",
            "found no 'id', allowed: a rule in SQL has a short id of its own",
        ),
        (
            "{id: x, type: sql, query: SELECT COUNT(*) FROM visits WHERE unit > 1, mustBe: 0}",
            ("in 'unit > 1': found 'unit', allowed: area, begun, ended, id, place, units; did you mean 'units'?"),
        ),
        (
            "{id: x, type: sql, query: SELECT COUNT(*) FROM visits WHERE units + 1, mustBe: 0}",
            "in 'units + 1': found a number, allowed: a test that is true on a wrong row",
        ),
        (
            "{id: x, type: sql, query: SELECT COUNT(*) FROM visits WHERE 1 = 2, mustBe: 0}",
            "in '1 = 2': found no column, allowed: a test of the row's columns",
        ),
        (
            "{id: x, type: sql, query: SELECT COUNT(*) FROM visits WHERE units / 2 > 1, mustBe: 0}",
            "in 'units / 2 > 1': found a division per record, allowed: + - * here; divide on the unit",
        ),
        (
            "{type: custom, engine: property-credit, implementation: {checkDigit: GB 32100}}",
            "found none of its keys, allowed: noOverlap, covers, volume, drift on a table",
        ),
        (
            "{type: custom, engine: property-credit, implementation: {noOverlap: {per: [id], from: begun, to: units}}}",
            "found 'units', allowed: a date column",
        ),
        (
            "{type: custom, engine: property-credit, implementation: {noOverlap: {from: begun, to: ended}}}",
            "found no column under 'per', allowed: per: [column, …]",
        ),
        (
            "{type: custom, engine: property-credit, implementation: {covers: {column: id, table: places}}}",
            "found no relationship from 'id' to 'places', allowed: a column with one",
        ),
    ],
)
def test_a_wrong_entry_of_a_table_is_told_what_is_allowed(entry: str, message: str):
    """The same for rules across columns and rows."""
    assert message in problems_of(table=on_table(entry))


def test_a_check_digit_needs_a_text():
    """A number has lost its leading zeros already."""
    entry = "{type: custom, engine: property-credit, implementation: {checkDigit: GB 32100}}"

    assert problems_of(on_column(entry, "integer")) == ["found a check digit on a number, allowed: on a string"]


def test_two_rules_cannot_share_an_id():
    """Their counts would be added up into one."""
    query = "{id: x, type: sql, query: SELECT COUNT(*) FROM visits WHERE units > 1, mustBe: 0}"

    assert problems_of(table=on_table(f"{query}, {query}")) == ["found a second rule 'x', allowed: an id of its own"]


def test_a_fault_in_a_long_query_is_placed_on_its_line():
    """A condition over ten lines is searched in the right one."""
    table = (
        "    quality:\n"
        "      - id: x\n"
        "        type: sql\n"
        "        mustBe: 0\n"
        "        query: |\n"
        "          SELECT COUNT(*) FROM visits WHERE\n"
        "            ended < begun\n"
        "            and unit > 1\n"
    )

    with pytest.raises(ContractError) as caught:
        contract_of(table=table)

    assert [problem.line for problem in caught.value.problems] == [22]
