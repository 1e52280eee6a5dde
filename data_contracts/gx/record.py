"""Great Expectations' own results, filled from the counts of the row checks.

Running the rules a second time in Great Expectations on pandas costs ten times as much and says nothing new: that both
agree on every rule is what `oracle` shows in the tests.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
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
    results = [one for entry in tables.values() for one in entry["result"]["results"]]
    failed = Counter(one["expectation_config"]["severity"] for one in results if not one["success"])
    statistics = _statistics([one["success"] for one in results])
    statistics |= {f"unsuccessful_{severity}": failed[severity] for severity in SEVERITY.values()}
    return {"success": not failed, "statistics": statistics, "tables": tables}


def _table_record(contract: Contract, checked: Checked) -> dict[str, Any]:
    """Suite and result; a rule that a missing file left unjudged is in the suite alone."""
    suite = suite_of(contract)
    pairs = zip(contract.rules, suite.expectations, strict=True)
    results = [_result(rule, said, contract, checked) for rule, said in pairs if rule.id in checked.counts]
    accepted = pc.sum(checked.accepted).as_py() or 0
    outcome = ExpectationSuiteValidationResult(
        success=all(result.success for result in results),
        results=results,
        suite_name=suite.name,
        statistics=_statistics([bool(result.success) for result in results]),
        meta={
            "rows": len(checked.accepted),
            "accepted_rows": accepted,
            "refused_rows": len(checked.accepted) - accepted,
            "batch_refused": checked.refuses_batch,
        },
    )
    as_json = outcome.to_json_dict()  # type: ignore[no-untyped-call]
    return {"suite": without_ids(suite.to_json_dict()), "result": without_ids(as_json)}


def _statistics(passed: Sequence[bool]) -> dict[str, Any]:
    """How many expectations were evaluated and met, as Great Expectations counts them."""
    return {
        "evaluated_expectations": len(passed),
        "successful_expectations": sum(passed),
        "unsuccessful_expectations": len(passed) - sum(passed),
        "success_percent": sum(passed) / len(passed) * 100 if passed else None,
    }


def _result(rule: Rule, expectation: Expectation, contract: Contract, checked: Checked) -> ExpectationValidationResult:
    rows, broken = len(checked.accepted), checked.counts[rule.id]
    if rule.kind == "row_count":
        result: dict[str, Any] = {"observed_value": rows}
    elif rule.scope == "table":
        result = {"unexpected_count": broken, **_examples(rule, contract, checked)}
    else:
        result = {**_shares(rows, broken, checked.missing.get(rule.id)), **_examples(rule, contract, checked)}
    return ExpectationValidationResult(
        success=broken == 0, expectation_config=expectation.configuration, result=result, meta={"rule": rule.id}
    )


def _shares(rows: int, broken: int, missing: int | None) -> dict[str, Any]:
    """Counts and percentages under Great Expectations' own names; None where there is nothing to take a share of.

    Args:
        rows: Of the table.
        broken: Rows that break the rule.
        missing: Rows that it leaves alone for an empty cell; None for a rule that speaks of empty cells.
    """
    of_present = _percent(broken, rows - (missing or 0))
    shares = {"element_count": rows, "unexpected_count": broken, "unexpected_percent": of_present}
    if missing is None:
        return shares
    return shares | {
        "missing_count": missing,
        "missing_percent": _percent(missing, rows),
        "unexpected_percent_total": _percent(broken, rows),
        "unexpected_percent_nonmissing": of_present,
    }


def _percent(part: int, whole: int) -> float | None:
    return part / whole * 100 if whole else None


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
