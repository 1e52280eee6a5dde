"""The official validation record: the same rules and counts as Great Expectations suites and results.

The results are Great Expectations' own objects, filled from the counts of the row checks: running them a second time in
Great Expectations on pandas costs ten times as much and says nothing new. That both agree on every rule is what
`oracle` is for, in the tests. This is the only room that imports great_expectations (seconds); import it late.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, ClassVar

import great_expectations as gx
import great_expectations.expectations as gxe
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from great_expectations.core import ExpectationSuite, ExpectationSuiteValidationResult, ExpectationValidationResult
from great_expectations.data_context.types.base import ProgressBarsConfig
from great_expectations.expectations.expectation import BatchExpectation, Expectation

from data_contracts.check import Checked
from data_contracts.model import Contract, Rule

MAX_EXAMPLES = 20
_SEVERITY = {"error": "critical", "warning": "warning"}


class ExpectRowsToKeepContractRule(BatchExpectation):
    """No row breaks a rule of the contract that no built-in expectation can say.

    These are unreadable cells, check digits, foreign keys and conditions across columns. The rule is evaluated by
    `data_contracts.check`, not by an execution engine; a suite that holds one serves as the record of that run.

    Attributes:
        rule: Id of the rule in the contract.
        kind: type, required, check_digit, foreign_key or expression.
        column_list: Columns it looks at.
        statement: What it says: the expression, the scheme of the check digit, the table pointed to.
    """

    rule: str
    kind: str
    column_list: list[str]
    statement: str = ""

    domain_keys: ClassVar[tuple[str, ...]] = ("batch_id", "column_list")
    success_keys: ClassVar[tuple[str, ...]] = ("rule", "kind", "statement")
    args_keys: ClassVar[tuple[str, ...]] = ("rule", "kind", "column_list", "statement")

    def _validate(self, *_: object, **__: object) -> Any:
        raise NotImplementedError(f"found rule {self.rule} in a native run, allowed: built-in expectations")


def suite_of(contract: Contract) -> ExpectationSuite:
    """The contract as an expectation suite, one expectation per rule in the contract's order."""
    return ExpectationSuite(
        name=f"{contract.table}-{contract.version}",
        expectations=[expectation_of(rule, contract) for rule in contract.rules],
        meta={"contract": contract.digest, "table": contract.table, "version": contract.version},
    )


def expectation_of(rule: Rule, contract: Contract) -> Expectation:
    """The built-in expectation that says the same as *rule*, else ExpectRowsToKeepContractRule."""
    words: dict[str, Any] = {"severity": _SEVERITY[rule.severity], "meta": {"rule": rule.id}}
    if rule.legal_basis:
        words["meta"]["legal_basis"] = rule.legal_basis
    if rule.message:
        words["description"] = rule.message
    built_in = _built_in(rule, contract, words)
    if built_in is not None:
        return built_in
    statement = str(rule.limits.get("text") or rule.limits.get("scheme") or rule.limits.get("table") or "")
    words |= {"rule": rule.id, "kind": rule.kind, "column_list": list(rule.columns), "statement": statement}
    return ExpectRowsToKeepContractRule(**words)


def _built_in(rule: Rule, contract: Contract, words: dict[str, Any]) -> Expectation | None:
    column = contract.column(rule.columns[0]) if rule.columns else None
    limits = rule.limits
    match rule.kind:
        case "required" if not limits.get("missing"):
            return gxe.ExpectColumnValuesToNotBeNull(column=rule.columns[0], **words)
        case "unique" if len(rule.columns) == 1:
            return gxe.ExpectColumnValuesToBeUnique(column=rule.columns[0], **words)
        case "unique":
            ignored = "any_value_is_missing"
            return gxe.ExpectCompoundColumnsToBeUnique(column_list=list(rule.columns), ignore_row_if=ignored, **words)
        case "pattern":
            return gxe.ExpectColumnValuesToMatchRegex(column=rule.columns[0], regex=str(limits["pattern"]), **words)
        case "length":
            least, most = _whole(limits.get("least")), _whole(limits.get("most"))
            column_name = rule.columns[0]
            return gxe.ExpectColumnValueLengthsToBeBetween(column=column_name, min_value=least, max_value=most, **words)
        case "row_count":
            least, most = _whole(limits.get("least")), _whole(limits.get("most"))
            return gxe.ExpectTableRowCountToBeBetween(min_value=least, max_value=most, **words)
        case "enum" if column is not None:
            values = limits["values"] if isinstance(limits["values"], tuple) else ()
            listed = [_natural(value, column.type.kind, column.type.scale) for value in values]
            return gxe.ExpectColumnValuesToBeInSet(column=column.name, value_set=listed, **words)
        case "range" if column is not None:
            return gxe.ExpectColumnValuesToBeBetween(column=column.name, **_between(rule, contract), **words)
    return None


def _between(rule: Rule, contract: Contract) -> dict[str, Any]:
    column = contract.column(rule.columns[0])
    if column is None:
        return {}
    natural = {name: _natural(value, column.type.kind, column.type.scale) for name, value in rule.limits.items()}
    return {
        "min_value": natural.get("minimum", natural.get("above")),
        "max_value": natural.get("maximum", natural.get("below")),
        "strict_min": "above" in natural,
        "strict_max": "below" in natural,
    }


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _natural(value: object, kind: str, scale: int | None) -> Any:
    """A stored limit as Great Expectations compares it: a day as a timestamp, hundredths as units."""
    if kind == "day" and isinstance(value, int):
        return pd.Timestamp(value, unit="D")
    if kind == "number" and isinstance(value, int) and scale:
        exact = Fraction(value, 10**scale)
        return int(exact) if exact.denominator == 1 else float(exact)
    return value


# The record.


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
    return {"success": all(result["success"] for result in results), "statistics": statistics, "tables": tables}


def _table_record(contract: Contract, checked: Checked) -> dict[str, Any]:
    suite = suite_of(contract)
    results = [
        _result(rule, expectation, checked) for rule, expectation in zip(contract.rules, suite.expectations, strict=True)
    ]
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
    return {"suite": _without_ids(suite.to_json_dict()), "result": _without_ids(outcome.to_json_dict())}


def _result(rule: Rule, expectation: Expectation, checked: Checked) -> ExpectationValidationResult:
    rows, broken = len(checked.accepted), checked.counts[rule.id]
    if rule.scope == "table":
        result: dict[str, Any] = {"observed_value": rows}
    else:
        result = {
            "element_count": rows,
            "unexpected_count": broken,
            "unexpected_percent_total": 100 * broken / rows if rows else None,
            **_examples(rule, checked, broken),
        }
    return ExpectationValidationResult(
        success=broken == 0, expectation_config=expectation.configuration, result=result, meta={"rule": rule.id}
    )


def _examples(rule: Rule, checked: Checked, broken: int) -> dict[str, Any]:
    """Up to twenty broken cells: their values, and where they stand."""
    if not broken:
        return {"partial_unexpected_list": [], "partial_unexpected_index_list": []}
    table = checked.failures.table
    mine = table.filter(pc.equal(table["rule"], rule.id)).slice(0, MAX_EXAMPLES)
    places = mine.select(["file", "sheet", "row"]).to_pylist()
    return {"partial_unexpected_list": mine["value"].to_pylist(), "partial_unexpected_index_list": places}


def _without_ids(value: Any) -> Any:
    """Nothing random and nothing empty-by-accident: ids and rendered content are left to whoever stores the record."""
    if isinstance(value, dict):
        return {key: _without_ids(value[key]) for key in sorted(value) if key not in ("id", "rendered_content")}
    return [_without_ids(item) for item in value] if isinstance(value, list) else value


# The oracle.


def oracle(contract: Contract, table: pa.Table) -> dict[str, int]:
    """Count broken rows per rule in Great Expectations itself, on pandas.

    Args:
        contract: Its rules with a built-in expectation are run, the others are left out.
        table: Typed columns, as for `check`.

    Returns:
        Broken rows by rule id (1 for a broken table rule).
    """
    rules = {rule.id: rule for rule in contract.rules if _built_in(rule, contract, {}) is not None}
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    batch = context.data_sources.add_pandas("oracle").read_dataframe(_frame(contract, table))
    suite = ExpectationSuite(name="oracle", expectations=[expectation_of(rule, contract) for rule in rules.values()])
    outcome = batch.validate(suite, result_format="BASIC")
    if raised := [result.exception_info for result in outcome.results if "unexpected_count" not in result.result]:
        wrong = [info for info in raised if info and info.get("raised_exception")]
        if wrong:
            raise RuntimeError(str(wrong[0]))
    return {
        result.expectation_config.meta["rule"]: int(result.result.get("unexpected_count", not result.success))
        for result in outcome.results
        if result.expectation_config is not None and result.expectation_config.meta is not None
    }


def _frame(contract: Contract, table: pa.Table) -> pd.DataFrame:
    """Columns as Great Expectations expects them: numbers in units, days as timestamps."""
    series: dict[str, Any] = {}
    for column in contract.columns:
        array = table[column.name].combine_chunks()
        if column.type.kind == "day":
            series[column.name] = pd.Series(pd.to_datetime(array.cast(pa.timestamp("ns")).to_pandas()))
        elif column.type.kind == "number":
            series[column.name] = array.to_pandas().astype("float64") / 10 ** (column.type.scale or 0)
        else:
            series[column.name] = array.to_pandas().astype("object")
    return pd.DataFrame(series)
