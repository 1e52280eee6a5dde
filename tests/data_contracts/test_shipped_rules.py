"""What the contracts of Kunming say of single rows, where a rule is easily forgotten or said one day too early."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from data_contracts.check import Origin, Parent, check
from data_contracts.model import Contract, Rule
from tests.data_contracts.planted import CONTRACTS, TABLES, tried

KINDS = {"number": pa.int64(), "text": pa.string(), "day": pa.date32(), "truth": pa.bool_()}


def told(contract: Contract, *rows: dict[str, Any]) -> list[tuple[int, str, str]]:
    """Row, rule and severity of what the conditions across columns, and keys within the table, say of these cells."""
    columns = {
        column.name: pa.array([row.get(column.name) for row in rows], KINDS[column.type.kind])
        for column in contract.columns
    }
    own = f"{contract.table}.grid.foreign_key"
    asked = replace(contract, rules=tuple(one for one in contract.rules if one.kind == "expression" or one.id == own))
    nobody = Parent(pa.table({}), pa.table({}))
    nowhere = pa.nulls(len(rows), pa.string())
    origin = Origin(nowhere, nowhere, pa.array(range(1, len(rows) + 1)))
    parents = {link.table: nobody for link in contract.relationships}
    found = check(asked, pa.table(columns), origin, {}, parents).failures.table.to_pylist()
    return [(row["row"], row["rule"], row["severity"]) for row in found]


COUNTED = [  # tables whose records count for the project that served on the day
    (contract, column.attributed.day)
    for contract in CONTRACTS.values()
    for column in contract.columns
    if column.attributed is not None and contract.table != "party_organizations"  # a compound may have no project
]


@pytest.mark.parametrize("contract,day", COUNTED, ids=[contract.table for contract, _ in COUNTED])
def test_a_record_that_no_project_answers_for_says_so(contract: Contract, day: str):
    """A date of 2042, or a project that was refused: the record would count for nobody, and nobody would know."""
    here = {"compound_id": "C", day: date(2024, 7, 1)}

    found = told(
        contract, here, here | {"project_id": "P", day: date(2024, 6, 30)}, {"compound_id": "C"}, {day: here[day]}
    )

    assert [one for one in found if one[1] == "day_in_a_contract"] == [(1, "day_in_a_contract", "warning")]


GRID = {"grid_id": "G", "grid_level": "grid", "has_branch": False}
BUILDING = {
    "grid_id": "B",
    "grid_level": "building",
    "parent_grid_id": "G",
    "has_branch": True,
    "secretary_origin": "owner",
}


@pytest.mark.parametrize(
    "cells,expected",
    [
        ({}, []),
        ({"parent_grid_id": "B"}, [("not_its_own_grid", "error")]),
        ({"parent_grid_id": None}, [("building_names_grid", "error")]),
        ({"grid_level": "grid"}, [("grid_belongs_to_none", "warning")]),
        ({"has_branch": False}, [("origin_has_branch", "warning")]),
        ({"secretary_origin": None}, [("branch_has_origin", "error")]),
        ({"parent_grid_id": "X"}, [("grids.grid.foreign_key", "error")]),
    ],
)
def test_a_building_lies_in_another_grid_and_a_branch_has_a_secretary(
    cells: dict[str, Any], expected: list[tuple[str, str]]
):
    """Each slip is told by one rule, and the row beside it stays."""
    found = told(CONTRACTS["grids"], GRID, BUILDING | cells)

    assert found == [(2, rule, severity) for rule, severity in expected]


@pytest.mark.parametrize("table", TABLES)
def test_each_condition_can_be_broken_alone(table: str):
    """A condition that never speaks alone is another one in disguise, or contradicts one: nobody could please both."""
    contract = CONTRACTS[table]
    conditions = [rule for rule in contract.rules if rule.kind == "expression"]

    alone = {rule.id for rule in conditions if [rule.id] in broken_by(contract, rule)}

    assert alone == {rule.id for rule in conditions}


def broken_by(contract: Contract, rule: Rule) -> list[list[str]]:
    """What rows break that break *rule*, their other cells empty, filled, or filled but for days."""
    filled = {"day": date(2024, 2, 1), "number": 0, "truth": False}
    full = {column.name: filled.get(column.type.kind, column.name) for column in contract.columns}
    timeless = {name: cell for name, cell in full.items() if not isinstance(cell, date)}
    rows = [beside | cells for cells in tried(rule, contract, each=30) for beside in ({}, full, timeless)]
    found: list[list[str]] = [[] for _ in rows]
    for row, one, _ in told(contract, *rows):
        found[row - 1] += [one] if one != f"{contract.table}.grid.foreign_key" else []
    return found


@pytest.mark.parametrize("table", ["complaints", "determinations", "judgments", "penalties"])
def test_a_project_without_its_compound_is_not_taken_on_trust(table: str):
    """Nobody could tell whether it served there on that day, and the record would count against whoever was named."""
    rows = [{"project_id": "P"}, {"project_id": "P", "compound_id": "C"}, {}]

    found = told(CONTRACTS[table], *rows)

    assert [one for one in found if one[1] == "project_names_compound"] == [(1, "project_names_compound", "error")]
