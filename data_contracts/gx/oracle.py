"""Great Expectations counts by itself: what the row checks must agree with, on pandas and in a database.

Rules are given in the suite's own words, so the suite that is kept as the record is the one that is proved.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import pyarrow as pa
from great_expectations.core import ExpectationSuite
from great_expectations.datasource.fluent.interfaces import Batch
from great_expectations.expectations.expectation import Expectation

from data_contracts.gx.sql import sql_expectation
from data_contracts.gx.suites import built_in, expectation_of, memory_context
from data_contracts.model import Contract


def oracle(contract: Contract, table: pa.Table) -> dict[str, dict[str, Any]]:
    """What Great Expectations finds on pandas.

    Args:
        contract: Its rules with a built-in expectation are run, the others are left out.
        table: Typed columns, as for `check`.

    Returns:
        By rule id the result in Great Expectations' words; `unexpected_count` is always there, 1 for a broken rule of
        the table.
    """
    batch = memory_context().data_sources.add_pandas("oracle").read_dataframe(frame_of(contract, table))
    return _results(batch, [expectation_of(rule, contract) for rule in contract.rules if built_in(rule, contract)])


def sql_oracle(contract: Contract, address: str, rows: str, parents: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """What Great Expectations finds in a PostgreSQL database.

    Args:
        contract: Its rules with a built-in expectation or a query are run, the others are left out.
        address: Of the database, `postgresql+psycopg://…`.
        rows: Relation of the delivered rows: numbers as NUMERIC in units or BIGINT, days as DATE.
        parents: Relations of accepted rows, by table.

    Returns:
        As `oracle`; for a rule with a query, `unexpected_count` is the number of rows it finds.
    """
    source = memory_context().data_sources.add_postgres("oracle", connection_string=address)
    batch = source.add_table_asset(rows, table_name=rows).add_batch_definition_whole_table(rows).get_batch()
    said = [sql_expectation(rule, contract, parents) for rule in contract.rules]
    try:
        return _results(batch, [one for one in said if one])
    finally:
        source.get_execution_engine().close()
        source.get_engine().dispose()


def _results(batch: Batch, said: Sequence[Expectation]) -> dict[str, dict[str, Any]]:
    outcome = batch.validate(ExpectationSuite(name="oracle", expectations=list(said)), result_format="BASIC")
    found: dict[str, dict[str, Any]] = {}
    for result in outcome.results:
        config = result.expectation_config
        if not result.result or config is None or config.meta is None:
            raise RuntimeError(f"found an expectation that could not be run: {result.exception_info}")
        by_query = config.type == "unexpected_rows_expectation"
        broken = result.result["observed_value"] if by_query else int(not result.success)
        found[config.meta["rule"]] = {"unexpected_count": broken, **result.result}
    return found


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
