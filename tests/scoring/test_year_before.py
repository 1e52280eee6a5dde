"""Which earlier result a delivery is compared with: the year before, never another run of the same year."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import pyarrow as pa

from data_contracts.expressions import TEXT
from data_contracts.model import Column, Contract, Rule
from scoring.evaluation.earlier import year_before

VOLUME = Rule("volume", "volume", ("division_code",), scope="table")


def contract(table: str, *rules: Rule) -> Contract:
    """A table with those rules."""
    return Contract(table, table, "1.0.0", (Column("division_code", "", TEXT),), (), False, (), rules, "zh", "")


BOOK: Any = SimpleNamespace(
    period_from=date(2024, 1, 1),
    contracts={"complaints": contract("complaints", VOLUME), "firms": contract("firms")},
)


def result(last_day: str, *tables: str) -> Any:
    """A finished result whose tables say which day its period ended."""
    lake = dict.fromkeys(tables, "")
    manifest = {"period": {"to": last_day}, "lake": lake}
    return SimpleNamespace(manifest=manifest, table=lambda name: pa.table({"division_code": [f"{name} {last_day}"]}))


def test_the_latest_year_that_is_over_is_compared_with():
    """Two years ago is another city; this year's own draft has nothing to tell."""
    results = [result(day, "complaints") for day in ("2022-12-31", "2023-12-31", "2024-12-31")]

    [(table, rows)] = year_before(BOOK, results).items()

    assert (table, rows["division_code"].to_pylist()) == ("complaints", ["complaints 2023-12-31"])


def test_only_tables_with_something_to_compare_are_read():
    """The lake of a year is large; a table that nobody compares stays on the disk."""
    assert list(year_before(BOOK, [result("2023-12-31", "complaints", "firms")])) == ["complaints"]


def test_without_a_year_that_is_over_nothing_is_compared():
    """The first year, and a year given its own results, say nothing."""
    assert year_before(BOOK, []) == {}
    assert year_before(BOOK, [result("2024-12-31", "complaints")]) == {}


def test_a_table_that_is_new_this_year_is_left_out():
    """Last year's result does not know it."""
    assert year_before(BOOK, [result("2023-12-31", "firms")]) == {}
