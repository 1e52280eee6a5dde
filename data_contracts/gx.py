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
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from great_expectations import expectations
from great_expectations.core import ExpectationSuite, ExpectationSuiteValidationResult, ExpectationValidationResult
from great_expectations.data_context.types.base import ProgressBarsConfig
from great_expectations.expectations.expectation import BatchExpectation, Expectation

from data_contracts.check import Checked
from data_contracts.expressions import Type
from data_contracts.model import Column, Contract, Rule
from data_contracts.personal import masked

MAX_EXAMPLES = 20
_SEVERITY = {"error": "critical", "warning": "warning"}


class ExpectRowsToKeepContractRule(BatchExpectation):
    """No row breaks a rule of the contract that no built-in expectation can say.

    These are unreadable cells, check digits, overlapping spans, foreign keys, divisions that have not reported and
    conditions across columns. The rule is evaluated by `data_contracts.check`, not by an execution engine; a suite that
    holds one serves as the record of that run.

    Attributes:
        rule: Id of the rule in the contract.
        kind: type, required, check_digit, overlap, foreign_key, covers or expression.
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


def suite_document(contract: Contract) -> dict[str, Any]:
    """The suite as it is kept in the repository: the same for every version of Great Expectations that loads it."""
    document = _without_ids(suite_of(contract).to_json_dict())
    document["meta"].pop("great_expectations_version", None)
    found: dict[str, Any] = document
    return found


def expectation_of(rule: Rule, contract: Contract) -> Expectation:
    """The built-in expectation that says the same as *rule*, else ExpectRowsToKeepContractRule."""
    words: dict[str, Any] = {"severity": _SEVERITY[rule.severity], "meta": {"rule": rule.id}}
    if rule.legal_basis:
        words["meta"]["legal_basis"] = rule.legal_basis
    if rule.message:
        words["description"] = rule.message
    if built_in := _built_in(rule, contract):
        name, arguments = built_in
        made: Expectation = getattr(expectations, name)(**arguments, **words)
        return made
    statement = str(rule.limits.get("text") or rule.limits.get("scheme") or rule.limits.get("table") or "")
    words |= {"rule": rule.id, "kind": rule.kind, "column_list": list(rule.columns), "statement": statement}
    return ExpectRowsToKeepContractRule(**words)


def _built_in(rule: Rule, contract: Contract) -> tuple[str, dict[str, Any]] | None:
    """Class and arguments of the built-in expectation; None where there is none."""
    column = contract.column(rule.columns[0]) if len(rule.columns) == 1 else None
    if column is not None:
        return _of_column(rule, column)
    if rule.kind == "unique":
        arguments = {"column_list": list(rule.columns), "ignore_row_if": "any_value_is_missing"}
        return "ExpectCompoundColumnsToBeUnique", arguments
    if rule.kind == "row_count":
        return "ExpectTableRowCountToBeBetween", _least_and_most(rule)
    return None


def _of_column(rule: Rule, column: Column) -> tuple[str, dict[str, Any]] | None:
    found: tuple[str, dict[str, Any]]
    match rule.kind:
        case "required" if not rule.limits.get("missing"):
            found = "ExpectColumnValuesToNotBeNull", {}
        case "unique":
            found = "ExpectColumnValuesToBeUnique", {}
        case "pattern":
            found = "ExpectColumnValuesToMatchRegex", {"regex": rule.limits["pattern"]}
        case "length":
            found = "ExpectColumnValueLengthsToBeBetween", _least_and_most(rule)
        case "enum":
            values = rule.limits["values"] if isinstance(rule.limits["values"], tuple) else ()
            found = "ExpectColumnValuesToBeInSet", {"value_set": [_natural(value, column.type) for value in values]}
        case "range":
            found = "ExpectColumnValuesToBeBetween", _between(rule, column)
        case _:
            return None
    name, arguments = found
    return name, {"column": column.name, **arguments}


def _least_and_most(rule: Rule) -> dict[str, Any]:
    return {"min_value": rule.limits.get("least"), "max_value": rule.limits.get("most")}


def _between(rule: Rule, column: Column) -> dict[str, Any]:
    natural = {name: _natural(value, column.type) for name, value in rule.limits.items()}
    return {
        "min_value": natural.get("minimum", natural.get("above")),
        "max_value": natural.get("maximum", natural.get("below")),
        "strict_min": "above" in natural,
        "strict_max": "below" in natural,
    }


def _natural(value: object, kind: Type) -> Any:
    """A stored limit as Great Expectations compares it: a day as a timestamp, hundredths as units."""
    if kind.kind == "day" and isinstance(value, int):
        return pd.Timestamp(value, unit="D")
    if kind.kind == "number" and isinstance(value, int) and kind.scale:
        exact = Fraction(value, 10**kind.scale)
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
    for severity in _SEVERITY.values():
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
    return {"suite": _without_ids(suite.to_json_dict()), "result": _without_ids(as_json)}


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
    rules = {rule.id: rule for rule in contract.rules if _built_in(rule, contract) is not None}
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    batch = context.data_sources.add_pandas("oracle").read_dataframe(frame_of(contract, table))
    suite = ExpectationSuite(name="oracle", expectations=[expectation_of(rule, contract) for rule in rules.values()])
    outcome = batch.validate(suite, result_format="BASIC")
    if raised := [str(result.exception_info) for result in outcome.results if not result.result]:
        raise RuntimeError(f"found an expectation that could not be run: {raised[0]}")
    return {
        result.expectation_config.meta["rule"]: int(result.result.get("unexpected_count", not result.success))
        for result in outcome.results
        if result.expectation_config is not None and result.expectation_config.meta is not None
    }


def frame_of(contract: Contract, table: pa.Table) -> pd.DataFrame:
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
