"""Great Expectations' own results, filled from the counts of the row checks.

Running the rules a second time in Great Expectations on pandas costs ten times as much and says nothing new: that both
agree on every rule is what `oracle` shows in the tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow.compute as pc
from great_expectations.core import ExpectationSuiteValidationResult, ExpectationValidationResult
from great_expectations.expectations.expectation import Expectation

from data_contracts.check import Checked
from data_contracts.gx.suites import SEVERITY, suite_of, without_ids
from data_contracts.model import Contract, Rule
from data_contracts.personal import masked

MAX_EXAMPLES = 20


def record(checked: Mapping[str, Checked], contracts: Mapping[str, Contract]) -> dict[str, Any]:
    """The official record of a run.

    Args:
        checked: Outcome of the row checks by table.
        contracts: Their contracts.

    Returns:
        What `validation.json` holds: success, statistics and per table (in name order) the suite and its result, both
        in Great Expectations' own form. No times, no random ids: the same data give the same record.
    """
    tables = {table: _table_record(contracts[table], checked[table]) for table in sorted(checked)}
    results = [entry["result"] for entry in tables.values()]
    names = ("evaluated_expectations", "successful_expectations", "unsuccessful_expectations")
    statistics = {name: sum(result["statistics"][name] for result in results) for name in names}
    for severity in SEVERITY.values():
        statistics[f"unsuccessful_{severity}"] = sum(_failed(result, severity) for result in results)
    return {"success": all(result["success"] for result in results), "statistics": statistics, "tables": tables}


def _failed(result: Mapping[str, Any], severity: str) -> int:
    configs = [one["expectation_config"] for one in result["results"] if not one["success"]]
    return sum(config["severity"] == severity for config in configs)


def _table_record(contract: Contract, checked: Checked) -> dict[str, Any]:
    suite = suite_of(contract)
    pairs = zip(contract.rules, suite.expectations, strict=True)
    results = [_result(rule, expectation, contract, checked) for rule, expectation in pairs]
    passed = sum(bool(result.success) for result in results)
    accepted = pc.sum(checked.accepted).as_py() or 0
    outcome = ExpectationSuiteValidationResult(
        success=passed == len(results),
        results=results,
        suite_name=suite.name,
        statistics={
            "evaluated_expectations": len(results),
            "successful_expectations": passed,
            "unsuccessful_expectations": len(results) - passed,
            "success_percent": 100 * passed / len(results) if results else None,
        },
        meta={
            "rows": len(checked.accepted),
            "accepted_rows": accepted,
            "refused_rows": len(checked.accepted) - accepted,
            "batch_refused": checked.refuses_batch,
        },
    )
    as_json = outcome.to_json_dict()  # type: ignore[no-untyped-call]
    return {"suite": without_ids(suite.to_json_dict()), "result": without_ids(as_json)}


def _result(rule: Rule, expectation: Expectation, contract: Contract, checked: Checked) -> ExpectationValidationResult:
    rows, broken = len(checked.accepted), checked.counts[rule.id]
    if rule.kind == "row_count":
        result: dict[str, Any] = {"observed_value": rows}
    elif rule.scope == "table":
        result = {"unexpected_count": broken, **_examples(rule, contract, checked)}
    else:
        result = {
            "element_count": rows,
            "unexpected_count": broken,
            "unexpected_percent_total": 100 * broken / rows if rows else None,
            **_examples(rule, contract, checked),
        }
    return ExpectationValidationResult(
        success=broken == 0, expectation_config=expectation.configuration, result=result, meta={"rule": rule.id}
    )


def _examples(rule: Rule, contract: Contract, checked: Checked) -> dict[str, Any]:
    """Where up to twenty broken cells stand, and their values unless they are personal."""
    table = checked.failures.table
    mine = table.filter(pc.equal(table["rule"], rule.id)) if checked.counts[rule.id] else table.slice(0, 0)
    mine = mine.slice(0, MAX_EXAMPLES)
    columns = [contract.column(name) for name in rule.columns]
    personal = any(column is not None and column.classification == "personal" for column in columns)
    return {
        "partial_unexpected_list": [] if personal else [value and masked(value) for value in mine["value"].to_pylist()],
        "partial_unexpected_index_list": mine.select(["file", "sheet", "row"]).to_pylist(),
    }
