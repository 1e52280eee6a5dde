"""A quarter of the synthetic Kunming with broken cells for every rule of every contract, and what the row checks say.

Beside each broken cell lie cells that just keep the rule; tables that are too small to plant in are filled up.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from data_contracts.check import Checked, Origin, Parent, check
from data_contracts.expressions.exact_rows import exact_flag
from data_contracts.expressions.resolve import day_number
from data_contracts.intake.made import Made
from data_contracts.intake.order import families_in_order
from data_contracts.model import Column, Contract, Rule
from data_contracts.shelf import shipped_contracts

CONTRACTS = shipped_contracts()
TABLES = sorted(CONTRACTS)
EACH = 3  # rows planted per rule, and as many beside them that just keep it
ENOUGH = 300  # rows of a table to plant in
DOMAINS: dict[str, list[Any]] = {
    "text": ["甲", "乙", None],
    "day": [date(2024, 1, 1), date(2024, 2, 1), None],
    "number": [0, 1, 10**6, None],
    "truth": [True, False, None],
}
Cells = dict[str, list[Any]]


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


def planted(contract: Contract, table: pa.Table, parents: Mapping[str, Parent]) -> pa.Table:
    """The table without one of the groups it should have, with broken cells for every rule and cells on its edge."""
    for rule in contract.rules:
        if rule.kind == "covers":
            gone = pc.max(table[rule.columns[0]])
            table = table.filter(pc.not_equal(table[rule.columns[0]], gone))
    cells: Cells = {name: table[name].to_pylist() for name in table.column_names}
    places = iter(Random(contract.table).sample(range(table.num_rows), table.num_rows))  # noqa: S311 - a test's dice
    for rule in contract.rules:
        for changes in itertools.islice(_plants(rule, contract, cells, parents), 2 * EACH):
            row = next(places)
            for name, value in changes.items():
                cells[name][row] = value
    return pa.table({name: pa.array(cells[name], table.schema.field(name).type) for name in table.column_names})


def _plants(rule: Rule, contract: Contract, cells: Cells, parents: Mapping[str, Parent]) -> Iterator[dict[str, Any]]:
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
        case "span":
            given = parents[str(rule.limits["table"])].keys[str(rule.limits["target"])].to_pylist()
            yield from ({name: key} for key in Random(rule.id).sample(given, EACH))  # noqa: S311 - a test's dice
        case "unique" | "overlap":
            others = Random(rule.id).sample(range(len(cells[name])), EACH)  # noqa: S311 - a test's dice
            yield from ({column: cells[column][other] for column in rule.columns} for other in others)
        case "expression":
            yield from tried(rule, contract)


def _shifted(edge: Any, step: int, column: Column | None) -> Any:
    assert column is not None
    return date(1970, 1, 1) + timedelta(days=edge + step) if column.type.kind == "day" else edge + step


def tried(rule: Rule, contract: Contract, each: int = EACH) -> Iterator[dict[str, Any]]:
    """Combinations of a few values, missing ones among them: first some that break the rule, then some that do not."""
    constants = re.findall(r"'([^']*)'", str(rule.limits["text"]))
    plain = DOMAINS | {"text": [*constants[:4], *DOMAINS["text"]]}
    columns = [contract.column(name) for name in rule.columns]
    combined = [
        dict(zip(rule.columns, values, strict=True))
        for values in itertools.product(*(plain[column.type.kind] for column in columns if column is not None))
    ]
    assert rule.bad is not None
    flags = [exact_flag(rule.bad, {name: _stored(value) for name, value in one.items()}) is True for one in combined]
    for wanted in (True, False):
        fits = [one for one, flag in zip(combined, flags, strict=True) if flag is wanted]
        yield from (Random(rule.id).sample(fits, min(each, len(fits))))  # noqa: S311 - a test's dice


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
            rows = (
                one.table
                if contract.reference
                else planted(contract, filled_up(contract, one.table, self.parents), self.parents)
            )
            nowhere = pa.nulls(rows.num_rows, pa.string())
            origin = Origin(nowhere, nowhere, pa.array(range(rows.num_rows)))
            checked = check(contract, rows, origin, {}, self.parents)
            accepted = rows.filter(checked.accepted)
            self.rows[table], self.checked[table] = rows, checked
            self.parents[table] = Parent(accepted, rows.filter(pc.invert(checked.accepted)))
