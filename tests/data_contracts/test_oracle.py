"""Great Expectations counts the same on pandas and on PostgreSQL: every Kunming contract, a city with planted failures.

Nothing but the rows is shared: the rules reach the database as built-in expectations and as the SQL of the contracts.
"""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from api.cli.synth import run_synth
from data_contracts import gx
from data_contracts.check import Checked, Origin, Parent, check
from data_contracts.expressions.exact_rows import exact_flag
from data_contracts.expressions.resolve import day_number
from data_contracts.intake.gather import gather
from data_contracts.intake.made import Made
from data_contracts.intake.make import make_tables
from data_contracts.intake.order import families_in_order
from data_contracts.model import Column, Contract, Rule
from data_contracts.odcs import load_contract
from data_contracts.shelf import shipped_contracts

CONTRACTS = shipped_contracts()
TABLES = sorted(CONTRACTS)
EACH = 3  # rows planted per rule, and as many beside them that just keep it
NOT_IN_SQL = {"type", "check_digit", "volume"}
ENOUGH = 300  # rows of a table to plant in
DOMAINS: dict[str, list[Any]] = {
    "text": ["甲", "乙", None],
    "day": [date(2024, 1, 1), date(2024, 2, 1), None],
    "number": [0, 1, 10**6, None],
    "truth": [True, False, None],
}
Cells = dict[str, list[Any]]


# The city, and what is planted in it.


def filled_up(contract: Contract, table: pa.Table, parents: Mapping[str, Parent]) -> pa.Table:
    """The table with made-up rows where it is too small to plant in: keys of their own, parents that are there."""
    random, lacking = Random(contract.table), max(0, ENOUGH - table.num_rows)  # noqa: S311 - a test's dice
    cells: Cells = {}
    for column in contract.columns:
        link = next((one for one in contract.relationships if one.columns == (column.name,)), None)
        if link is not None and link.table in parents:
            choice = parents[link.table].keys[link.targets[0]].to_pylist()
        else:
            choice = [*column.labels] if column.type.kind == "text" else DOMAINS[column.type.kind]
        cells[column.name] = [random.choice(choice or [f"{column.name}{row}"]) for row in range(lacking)]
    types = [table.schema.field(column.name).type for column in contract.columns]
    made = [pa.array(cells[column.name], kind) for column, kind in zip(contract.columns, types, strict=True)]
    names = [column.name for column in contract.columns]
    return pa.concat_tables([table.select(names), pa.table(made, names)])


def planted(contract: Contract, table: pa.Table) -> pa.Table:
    """The table without one of the groups it should have, with broken cells for every rule and cells on its edge."""
    for rule in contract.rules:
        if rule.kind == "covers":
            gone = pc.max(table[rule.columns[0]])
            table = table.filter(pc.not_equal(table[rule.columns[0]], gone))
    cells: Cells = {name: table[name].to_pylist() for name in table.column_names}
    places = iter(Random(contract.table).sample(range(table.num_rows), table.num_rows))  # noqa: S311 - a test's dice
    for rule in contract.rules:
        for changes in itertools.islice(_plants(rule, contract, cells), 2 * EACH):
            row = next(places)
            for name, value in changes.items():
                cells[name][row] = value
    return pa.table({name: pa.array(cells[name], table.schema.field(name).type) for name in table.column_names})


def _plants(rule: Rule, contract: Contract, cells: Cells) -> Iterator[dict[str, Any]]:
    """Values that break *rule* and, in turn, values that keep it by a hair."""
    name = rule.columns[0] if rule.columns else ""
    match rule.kind:
        case "required":
            yield from itertools.repeat({name: None}, EACH)
        case "enum" | "pattern" | "foreign_key":
            column = contract.column(name)
            assert column is not None
            wrong: Any = "无?" if column.type.kind == "text" else 10**9
            yield from itertools.repeat({name: wrong}, EACH)
        case "length":
            least, most = rule.limits.get("least"), rule.limits.get("most")
            lengths = [int(str(edge)) + step for edge, step in ((least, -1), (least, 0), (most, 0), (most, 1)) if edge]
            yield from ({name: "长" * length} for length in lengths)
        case "range":
            steps = {"minimum": (0, -1), "maximum": (0, 1), "above": (0, 1), "below": (0, -1)}
            for limit, edge in rule.limits.items():
                yield from ({name: _shifted(edge, step, contract.column(name))} for step in steps[limit])
        case "unique" | "overlap":
            others = Random(rule.id).sample(range(len(cells[name])), EACH)  # noqa: S311 - a test's dice
            yield from ({column: cells[column][other] for column in rule.columns} for other in others)
        case "expression":
            yield from _tried(rule, contract)


def _shifted(edge: Any, step: int, column: Column | None) -> Any:
    assert column is not None
    return date(1970, 1, 1) + timedelta(days=edge + step) if column.type.kind == "day" else edge + step


def _tried(rule: Rule, contract: Contract) -> Iterator[dict[str, Any]]:
    """Combinations of a few values, missing ones among them: first some that break the rule, then some that do not."""
    constants = re.findall(r"'([^']*)'", str(rule.limits["text"]))
    plain = DOMAINS | {"text": [*constants[:4], *DOMAINS["text"]]}
    columns = [contract.column(name) for name in rule.columns]
    tried = [
        dict(zip(rule.columns, values, strict=True))
        for values in itertools.product(*(plain[column.type.kind] for column in columns if column is not None))
    ]
    assert rule.bad is not None
    flags = [exact_flag(rule.bad, {name: _stored(value) for name, value in one.items()}) is True for one in tried]
    for wanted in (True, False):
        fits = [one for one, flag in zip(tried, flags, strict=True) if flag is wanted]
        yield from (Random(rule.id).sample(fits, min(EACH, len(fits))))  # noqa: S311 - a test's dice


def _stored(value: Any) -> Any:
    return day_number(value) if isinstance(value, date) else value


class City:
    """Typed tables with planted failures, and what the row checks say."""

    def __init__(self, made: Mapping[str, Made]) -> None:
        self.rows: dict[str, pa.Table] = {}
        self.checked: dict[str, Checked] = {}
        self.parents: dict[str, Parent] = {}
        for table in itertools.chain.from_iterable(families_in_order(CONTRACTS, {})):
            one, contract = made[table], CONTRACTS[table]
            rows = one.table if contract.reference else planted(contract, filled_up(contract, one.table, self.parents))
            nowhere = pa.nulls(rows.num_rows, pa.string())
            origin = Origin(nowhere, nowhere, pa.array(range(rows.num_rows)))
            checked = check(contract, rows, origin, {}, self.parents)
            accepted = rows.filter(checked.accepted)
            self.rows[table], self.checked[table] = rows, checked
            self.parents[table] = Parent(accepted, rows.filter(pc.invert(checked.accepted)))


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    """A quarter of Kunming."""
    folder = tmp_path_factory.mktemp("synth")
    run_synth(folder / "city", 1, 0.25, 1, ["parquet"])
    made, problems = make_tables(gather(folder / "city" / "delivered", CONTRACTS, {}, None), CONTRACTS, {})
    assert problems == []
    return City(made)


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
