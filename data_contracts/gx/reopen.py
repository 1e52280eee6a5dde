"""A kept record as Great Expectations' own objects, for those who go on with its tools."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from great_expectations.checkpoint.checkpoint import Checkpoint, CheckpointResult
from great_expectations.core import ExpectationSuite, ExpectationSuiteValidationResult, ValidationDefinition
from great_expectations.core.expectation_validation_result import expectationSuiteValidationResultSchema
from great_expectations.core.run_identifier import RunIdentifier
from great_expectations.data_context.types.resource_identifiers import (
    ExpectationSuiteIdentifier,
    ValidationResultIdentifier,
)

from data_contracts.gx.suites import memory_context

NAME = "delivery"


def reopened(document: Mapping[str, Any]) -> CheckpointResult:
    """The record of a batch as the result of one checkpoint, with one validation definition per table.

    Args:
        document: What `record` made and `validation.json` holds.

    Returns:
        `describe()` gives its statistics and what failed. The context is in memory and holds no rows: to run the
        checkpoint, its batches need data frames, and its suites nothing but built-in expectations.
    """
    context = memory_context()
    source = context.data_sources.add_pandas(NAME)
    definitions, results = [], {}
    run = RunIdentifier(run_name=NAME)
    for table, entry in document["tables"].items():
        suite = context.suites.add(ExpectationSuite(**entry["suite"]))
        data = source.add_dataframe_asset(table).add_batch_definition_whole_dataframe(table)
        definitions.append(context.validation_definitions.add(ValidationDefinition(name=table, data=data, suite=suite)))
        result: ExpectationSuiteValidationResult = expectationSuiteValidationResultSchema.load(entry["result"])
        results[ValidationResultIdentifier(ExpectationSuiteIdentifier(suite.name), run, table)] = result
    checkpoint = context.checkpoints.add(Checkpoint(name=NAME, validation_definitions=definitions))
    return CheckpointResult(run_id=run, run_results=results, checkpoint_config=checkpoint)
