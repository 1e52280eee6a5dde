"""Each rule of a contract as an expectation: a built-in one where there is one that says the same."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, ClassVar

import great_expectations as gx
import pandas as pd
from great_expectations import expectations
from great_expectations.core import ExpectationSuite
from great_expectations.data_context.data_context.ephemeral_data_context import EphemeralDataContext
from great_expectations.data_context.types.base import ProgressBarsConfig
from great_expectations.expectations.expectation import BatchExpectation, Expectation

from data_contracts.expressions import Type
from data_contracts.model import Column, Contract, Rule

SEVERITY = {"error": "critical", "warning": "warning"}


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
    document = without_ids(suite_of(contract).to_json_dict())
    document["meta"].pop("great_expectations_version", None)
    found: dict[str, Any] = document
    return found


def without_ids(value: Any) -> Any:
    """Nothing random and nothing empty-by-accident: ids and rendered content are left to whoever stores the record."""
    if isinstance(value, dict):
        return {key: without_ids(value[key]) for key in sorted(value) if key not in ("id", "rendered_content")}
    return [without_ids(item) for item in value] if isinstance(value, list) else value


def expectation_of(rule: Rule, contract: Contract) -> Expectation:
    """The built-in expectation that says the same as *rule*, else ExpectRowsToKeepContractRule."""
    words = words_of(rule)
    if said := built_in(rule, contract):
        name, arguments = said
        made: Expectation = getattr(expectations, name)(**arguments, **words)
        return made
    statement = str(rule.limits.get("text") or rule.limits.get("scheme") or rule.limits.get("table") or "")
    words |= {"rule": rule.id, "kind": rule.kind, "column_list": list(rule.columns), "statement": statement}
    return ExpectRowsToKeepContractRule(**words)


def words_of(rule: Rule) -> dict[str, Any]:
    """What every expectation carries besides its own arguments: severity, rule, clause, the contract's own wording."""
    words: dict[str, Any] = {"severity": SEVERITY[rule.severity], "meta": {"rule": rule.id}}
    if rule.legal_basis:
        words["meta"]["legal_basis"] = rule.legal_basis
    if rule.message:
        words["description"] = rule.message
    return words


def built_in(rule: Rule, contract: Contract) -> tuple[str, dict[str, Any]] | None:
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


def memory_context() -> EphemeralDataContext:
    """A context of Great Expectations in memory: nothing is written, nothing drawn on the terminal."""
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    return context
