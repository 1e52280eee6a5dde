"""The Great Expectations record: same rules, same counts, same bytes."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_contracts import gx
from data_contracts.check import Checked, Origin, Parent, check
from data_contracts.gx.suites import without_ids
from data_contracts.model import Contract
from data_contracts.odcs import load_contract

CONTRACT = """\
apiVersion: v3.2.0
kind: DataContract
id: visits
version: 1.0.0
status: active
schema:
  - name: visits
    properties:
      - {name: rsn, logicalType: string, primaryKey: true, primaryKeyPosition: 1, logicalTypeOptions: {pattern: '^[0-9]$'}}
      - {name: day, logicalType: date, primaryKey: true, primaryKeyPosition: 2, logicalTypeOptions: {minimum: '2024-01-02', exclusiveMaximum: '2024-01-05'}}
      - {name: score, logicalType: integer, required: true, logicalTypeOptions: {minimum: 0, maximum: 3}}
      - {name: area, logicalType: number, physicalType: 'DECIMAL(9,2)', logicalTypeOptions: {exclusiveMinimum: 0.05, maximum: 1.1}}
      - {name: kind, logicalType: string, enum: [{value: lift, label: 电梯}, {value: leak}], logicalTypeOptions: {minLength: 2, maxLength: 4}}
      - {name: grade, logicalType: integer, enum: [{value: 1}, {value: 2}]}
      - {name: ticket, logicalType: string, unique: true}
      - {name: upheld, logicalType: boolean, required: true}
      - name: phone
        logicalType: string
        classification: personal
        logicalTypeOptions: {minLength: 3}
      - name: code
        logicalType: string
        quality: [{type: custom, engine: property-credit, implementation: {checkDigit: GB 32100}}]
    quality:
      - {metric: rowCount, mustBeBetween: [2, 6]}
      - {id: seen, type: sql, query: SELECT COUNT(*) FROM visits WHERE score > 2 and not upheld, mustBe: 0, severity: warning, description: 请核对, customProperties: [{property: legalBasis, value: 示例办法第三条}]}
"""  # noqa: E501


@pytest.fixture(scope="module")
def contract() -> Contract:
    """A contract with every kind of rule that Great Expectations has a word for, and two it has not."""
    return load_contract(CONTRACT, "v.odcs.yaml")


def checked_of(contract: Contract, table: pa.Table) -> Checked:
    """The row checks' outcome for rows of one file."""
    rows = table.num_rows
    origin = Origin(pa.array(["v.csv"] * rows, pa.string()), pa.nulls(rows, pa.string()), pa.array(range(2, rows + 2)))
    return check(contract, table, origin, {}, {})


STORAGE = {"number": pa.int64(), "text": pa.string(), "day": pa.date32(), "truth": pa.bool_()}


def table_of(contract: Contract, rows: list[dict[str, object]]) -> pa.Table:
    """Typed columns of rows; a key left out is missing."""
    return pa.table(
        {
            column.name: pa.array([row.get(column.name) for row in rows], STORAGE[column.type.kind])
            for column in contract.columns
        }
    )


GOOD = {
    "rsn": "1",
    "day": date(2024, 1, 2),
    "score": 3,
    "area": 110,
    "kind": "lift",
    "grade": 1,
    "ticket": "t1",
    "upheld": True,
    "phone": "13800000000",
    "code": "91110000600037341L",
}
BROKEN = GOOD | {"score": 4, "kind": "电", "ticket": "t2", "rsn": "x", "upheld": False, "phone": "1", "code": "9111"}

rows = st.lists(
    st.fixed_dictionaries(
        {
            "rsn": st.none() | st.sampled_from(["1", "2", "x", "12"]),
            "day": st.none() | st.sampled_from([date(2024, 1, day) for day in (1, 2, 4, 5)]),
            "score": st.none() | st.integers(-1, 4),
            "area": st.none() | st.sampled_from([4, 5, 6, 109, 110, 111]),
            "kind": st.none() | st.sampled_from(["lift", "leak", "电梯", "x", "lifts"]),
            "grade": st.none() | st.integers(0, 3),
            "ticket": st.none() | st.sampled_from(["a", "b", "c"]),
            "upheld": st.none() | st.booleans(),
        }
    ),
    min_size=1,
    max_size=8,
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(rows)
def test_great_expectations_itself_counts_the_same(contract: Contract, many: list[dict[str, object]]):
    """The record is filled from the fast checks, so both must agree on every rule, missing cells and edges included."""
    table = table_of(contract, many)

    counts = {rule: result["unexpected_count"] for rule, result in gx.oracle(contract, table).items()}

    assert counts == {rule: checked_of(contract, table).counts[rule] for rule in counts}


@pytest.mark.parametrize("many", [[], [0, 1], [0, 0, 1, 2, 2], [3] * 4], ids=len)
def test_statistics_are_those_of_great_expectations(contract: Contract, many: list[int]):
    """Counts and percentages of rows that are there, missing and wrong, under the names that its tools look for."""
    bare = {"rsn": "1", "day": date(2024, 1, 2), "ticket": None}
    table = table_of(contract, [[GOOD, BROKEN, bare, {}][one] for one in many])

    record = gx.record({"visits": checked_of(contract, table)}, {"visits": contract})

    for rule, theirs in gx.oracle(contract, table).items():
        ours = result_of(record, rule)["result"]
        own = {"partial_unexpected_list", "partial_unexpected_index_list"}  # places and masked words instead of values
        if "observed_value" in theirs:
            own.add("unexpected_count")  # the oracle's own addition
        assert (rule, without(ours, own)) == (rule, without(theirs, own))


def test_a_kept_record_opens_as_great_expectations_own_result(contract: Contract):
    """An auditor goes on with its tools: a checkpoint, a validation definition per table, suites and statistics."""
    table = table_of(contract, [GOOD, BROKEN])
    kept = json.loads(json.dumps(gx.record({"visits": checked_of(contract, table)}, {"visits": contract})))

    opened = gx.reopened(kept)

    visits = kept["tables"]["visits"]
    (result,) = opened.run_results.values()
    (definition,) = opened.checkpoint_config.validation_definitions
    assert without_ids(result.to_json_dict()) == visits["result"]
    assert without_ids(definition.suite.to_json_dict()) == visits["suite"]
    told = opened.describe_dict()
    assert (told["success"], told["statistics"]["unsuccessful_validations"]) == (False, 1)
    assert told["validation_results"][0]["statistics"] == visits["result"]["statistics"]


def test_a_rule_that_was_not_judged_is_in_the_suite_alone(contract: Contract):
    """With a file missing, what points to it is not judged: the record of the refused batch says so by its silence."""
    judged = replace(contract, rules=tuple(rule for rule in contract.rules if rule.kind != "row_count"))

    record = gx.record({"visits": checked_of(judged, table_of(contract, [GOOD]))}, {"visits": contract})

    visits = record["tables"]["visits"]
    assert len(visits["suite"]["expectations"]) == len(visits["result"]["results"]) + 1 == len(contract.rules)


def test_every_rule_with_a_built_in_expectation_is_held_against_the_oracle(contract: Contract):
    """A rule that slips out of the comparison would no longer be proved."""
    left_out = {rule.kind for rule in contract.rules} - {
        rule.kind for rule in contract.rules if rule.id in gx.oracle(contract, table_of(contract, [GOOD]))
    }

    assert left_out == {"type", "check_digit", "expression"}


def test_the_record_of_good_rows_succeeds(contract: Contract):
    """One expectation per rule, all of them met."""
    table = table_of(contract, [GOOD, GOOD | {"rsn": "2", "ticket": "t2"}])

    record = gx.record({"visits": checked_of(contract, table)}, {"visits": contract})

    count = len(contract.rules)
    assert record["success"] is True
    assert record["statistics"] == {
        "evaluated_expectations": count,
        "successful_expectations": count,
        "unsuccessful_expectations": 0,
        "success_percent": 100.0,
        "unsuccessful_critical": 0,
        "unsuccessful_warning": 0,
    }
    assert len(record["tables"]["visits"]["suite"]["expectations"]) == count


def without(result: dict[str, Any], names: set[str]) -> dict[str, Any]:
    """The result but for some of its entries."""
    return {name: value for name, value in result.items() if name not in names}


def result_of(record: dict[str, Any], rule: str) -> dict[str, Any]:
    """The record's result for one rule."""
    return next(result for result in record["tables"]["visits"]["result"]["results"] if result["meta"]["rule"] == rule)


def test_a_broken_rule_is_recorded_with_severity_count_and_places(contract: Contract):
    """The auditor reads how many, how grave and where, without the delivery at hand."""
    table = table_of(contract, [GOOD, BROKEN])

    record = gx.record({"visits": checked_of(contract, table)}, {"visits": contract})

    result = result_of(record, "visits.score.range")
    assert result["success"] is False
    assert result["expectation_config"]["type"] == "expect_column_values_to_be_between"
    assert result["expectation_config"]["severity"] == "critical"
    assert result["result"] == {
        "element_count": 2,
        "missing_count": 0,
        "missing_percent": 0.0,
        "partial_unexpected_index_list": [{"file": "v.csv", "row": 3, "sheet": None}],
        "partial_unexpected_list": ["4"],
        "unexpected_count": 1,
        "unexpected_percent": 50.0,
        "unexpected_percent_nonmissing": 50.0,
        "unexpected_percent_total": 50.0,
    }
    assert record["tables"]["visits"]["result"]["meta"] == {
        "accepted_rows": 1,
        "batch_refused": False,
        "refused_rows": 1,
        "rows": 2,
    }


def test_a_warning_is_recorded_as_one_with_its_words_and_clause(contract: Contract):
    """Severity, wording and legal basis are what makes the record official."""
    table = table_of(contract, [GOOD, BROKEN])

    record = gx.record({"visits": checked_of(contract, table)}, {"visits": contract})

    config = result_of(record, "seen")["expectation_config"]
    assert record["statistics"]["unsuccessful_warning"] == 1
    assert config["type"] == "expect_rows_to_keep_contract_rule"
    assert (config["severity"], config["description"]) == ("warning", "请核对")
    assert config["meta"] == {"legal_basis": "示例办法第三条", "rule": "seen"}
    assert config["kwargs"]["statement"] == "score > 2 and not upheld"


def test_limits_are_recorded_in_units_and_as_days(contract: Contract):
    """The suite is read by people: 1.1 square meters and not 110, a day and not 19724."""
    table = table_of(contract, [GOOD])

    record = gx.record({"visits": checked_of(contract, table)}, {"visits": contract})

    area = result_of(record, "visits.area.range")["expectation_config"]["kwargs"]
    day = result_of(record, "visits.day.range")["expectation_config"]["kwargs"]
    assert area == {"column": "area", "min_value": 0.05, "max_value": 1.1, "strict_min": True}
    assert (day["min_value"], day["max_value"]) == ("2024-01-02T00:00:00", "2024-01-05T00:00:00")


def test_at_most_twenty_examples_are_kept(contract: Contract):
    """The record stays small however bad the delivery; the full list is the fix list's."""
    table = table_of(contract, [BROKEN] * 30)

    record = gx.record({"visits": checked_of(contract, table)}, {"visits": contract})

    result = result_of(record, "visits.kind.length")["result"]
    assert (result["unexpected_count"], len(result["partial_unexpected_list"])) == (30, 20)
    assert [place["row"] for place in result["partial_unexpected_index_list"]] == list(range(2, 22))
    assert result_of(record, "visits.row_count")["result"] == {"observed_value": 30}


def test_personal_values_stay_out_of_the_record(contract: Contract):
    """The record is published with the run; where the cell stands is enough for whoever holds the delivery."""
    table = table_of(contract, [BROKEN])

    record = gx.record({"visits": checked_of(contract, table)}, {"visits": contract})

    result = result_of(record, "visits.phone.length")["result"]
    assert (result["unexpected_count"], result["partial_unexpected_list"]) == (1, [])
    assert result["partial_unexpected_index_list"] == [{"file": "v.csv", "row": 2, "sheet": None}]


def test_the_same_rows_give_the_same_record(contract: Contract):
    """A record with a clock or a random id in it could not be compared byte for byte."""
    table = table_of(contract, [GOOD, BROKEN])

    first, second = (
        json.dumps(gx.record({"visits": checked_of(contract, table)}, {"visits": contract}), ensure_ascii=False)
        for _ in range(2)
    )

    assert first == second


def test_a_missing_division_is_recorded_by_its_code():
    """Which county kept the round waiting is part of the record."""
    text = (
        CONTRACT[: CONTRACT.index("      - {name: rsn")]
        + "      - {name: division, logicalType: string, relationships: [{to: divisions.code, id: reporting}]}\n"
        + "    quality:\n"
        + "      - id: all\n"
        + "        type: custom\n"
        + "        engine: property-credit\n"
        + "        implementation: {covers: {column: division, table: divisions}}\n"
    )
    contract = load_contract(text, "v.odcs.yaml")
    divisions = pa.table({"code": ["530102", "530103"]})
    origin = Origin(pa.array(["v.csv"]), pa.nulls(1, pa.string()), pa.array([2]))
    parents = {"divisions": Parent(divisions, divisions.slice(0, 0))}
    checked = check(contract, pa.table({"division": ["530102"]}), origin, {}, parents)

    record = gx.record({"visits": checked}, {"visits": contract})

    result = result_of(record, "all")["result"]
    assert (result["unexpected_count"], result["partial_unexpected_list"]) == (1, ["530103"])


def test_nothing_is_written_outside(contract: Contract, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """An office PC has no folder of Great Expectations afterwards."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)

    gx.oracle(contract, table_of(contract, [GOOD]))

    assert list(tmp_path.iterdir()) == []
