"""Great Expectations counts the same on pandas and on PostgreSQL: every Kunming contract, a city with planted failures.

Nothing but the rows is shared: the rules reach the database as built-in expectations and as the SQL of the contracts.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from data_contracts import gx
from data_contracts.check import Origin, check
from data_contracts.model import Column, Contract
from data_contracts.odcs import load_contract
from tests.data_contracts.planted import CONTRACTS, TABLES, City

NOT_IN_SQL = {"type", "check_digit", "volume", "drift", "freshness"}


# The same rows in PostgreSQL.


def copied(relation: str, contract: Contract, table: pa.Table) -> str:
    """A script that makes the relation: numbers in units, days as days."""
    rows = io.StringIO()
    columns = [_written(column, table[column.name].to_pylist()) for column in contract.columns]
    csv.writer(rows, lineterminator="\n").writerows(zip(*columns, strict=True))
    names = ", ".join(f'"{column.name}" {_sql_type(column)}' for column in contract.columns)
    return (
        f'DROP TABLE IF EXISTS "{relation}"; CREATE TABLE "{relation}" ({names});\n'
        f"COPY \"{relation}\" FROM STDIN (FORMAT csv, NULL '∅');\n{rows.getvalue()}\\.\n"
    )


def _sql_type(column: Column) -> str:
    kinds = {"text": "TEXT", "day": "DATE", "truth": "BOOLEAN", "number": "BIGINT"}
    return "NUMERIC" if column.type.kind == "number" and column.type.scale else kinds[column.type.kind]


def _written(column: Column, values: list[Any]) -> list[Any]:
    if column.type.kind == "number" and column.type.scale:
        values = [None if value is None else Decimal(value).scaleb(-column.type.scale) for value in values]
    return ["∅" if value is None else value for value in values]


@pytest.fixture(scope="module")
def database(city: City, server: Any) -> str:
    """Address of a database with the delivered rows of each table, and the accepted ones."""
    for table, contract in CONTRACTS.items():
        server.psql(copied(table, contract, city.rows[table]))
        server.psql(copied(f"{table}_accepted", contract, city.parents[table].keys))
    return str(server.address)


def counts(results: Mapping[str, Mapping[str, Any]]) -> dict[str, int]:
    """Broken rows by rule."""
    return {rule: result["unexpected_count"] for rule, result in results.items()}


@pytest.mark.parametrize("table", TABLES)
def test_postgresql_counts_the_same(city: City, database: str, table: str):
    """An official record stands when another program, on another engine, comes to each of its counts."""
    contract, checked = CONTRACTS[table], city.checked[table]

    found = counts(gx.sql_oracle(contract, database, table, {name: f"{name}_accepted" for name in TABLES}))

    assert found == {rule.id: checked.counts[rule.id] for rule in contract.rules if rule.kind not in NOT_IN_SQL}
    assert contract.reference or [rule for rule, count in found.items() if not count] == []


@pytest.mark.parametrize("table", TABLES)
def test_pandas_counts_the_same(city: City, table: str):
    """The rules with a built-in expectation, on the engine that an analyst has at hand."""
    found = counts(gx.oracle(CONTRACTS[table], city.rows[table]))

    assert found == {rule: city.checked[table].counts[rule] for rule in found}


KINDS = """\
apiVersion: v3.2.0
kind: DataContract
id: visits
version: 1.0.0
status: active
schema:
  - name: visits
    properties:
      - {name: rsn, logicalType: string, primaryKey: true, primaryKeyPosition: 1}
      - {name: day, logicalType: date, primaryKey: true, primaryKeyPosition: 2, logicalTypeOptions: {minimum: '2024-01-02', exclusiveMaximum: '2024-01-05'}}
      - {name: area, logicalType: number, physicalType: 'DECIMAL(9,2)', logicalTypeOptions: {exclusiveMinimum: 0.05, maximum: 1.1}}
      - {name: grade, logicalType: integer, enum: [{value: 1}, {value: 2}]}
      - {name: note, logicalType: string, quality: [{metric: missingValues, arguments: {missingValues: [null, 无, "it's"]}, mustBe: 0}]}
      - {name: before, logicalType: string, unique: true, logicalTypeOptions: {pattern: '^[0-9{}]+$'}}
    quality:
      - {metric: rowCount, mustBeBetween: [1, 6]}
      - {id: quoted, type: sql, query: "SELECT COUNT(*) FROM visits WHERE note = '{x}' or area * 2 > 2.2", mustBe: 0}
"""  # noqa: E501
VISITS = {
    "rsn": ["1", "1", "2", "3", None, "4", "5"],
    "day": [*[date(2024, 1, 2)] * 2, date(2024, 1, 1), date(2024, 1, 5), date(2024, 1, 4), None, date(2024, 1, 3)],
    "area": [5, 6, 110, 111, None, 10, 100],
    "grade": [1, 2, 3, None, 1, 1, 1],
    "note": ["a", "无", None, "it's", "{x}", "", "b"],
    "before": ["1", "1", "{2}", "x", None, "4", "5"],
}


def test_what_kunming_does_not_use_is_counted_the_same_too(server: Any):
    """Days with bounds, decimals on an edge, words that mean nothing, braces and quotes, the number of rows."""
    contract = load_contract(KINDS, "visits.odcs.yaml")
    table = pa.table({"day": pa.array(VISITS["day"], pa.date32())} | {k: v for k, v in VISITS.items() if k != "day"})
    nowhere = pa.nulls(table.num_rows, pa.string())
    checked = check(contract, table, Origin(nowhere, nowhere, pa.array(range(7))), {}, {})
    server.psql(copied("visits", contract, table))

    found = counts(gx.sql_oracle(contract, server.address, "visits", {}))

    assert found == {rule.id: checked.counts[rule.id] for rule in contract.rules if rule.kind != "type"}
    assert [rule for rule, count in found.items() if not count] == []
    assert counts(gx.oracle(contract, table)).items() <= found.items()
