"""An invented town for the Kunming rulebook, written as offices deliver it.

A row says only what a test is about; the project that a record belongs to is derived as intake does.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from functools import cache
from typing import Any

import pyarrow as pa
import pytest

from data_contracts.attribution import attributed
from data_contracts.expressions.resolve import day_number
from data_contracts.model import RECORD_ID, Column, Contract
from scoring.card.card import STATES
from scoring.evaluation.run import Evaluation, UnitResult, evaluate
from scoring.facts.formula import scalar
from scoring.rulebook import Rulebook, find_rulebook, load_rulebook

YEAR_END = date(2024, 12, 31)
JUNE, CONFIRMED = date(2024, 6, 1), date(2024, 6, 3)


@cache
def book() -> Rulebook:
    """The shipped rulebook."""
    return load_rulebook(find_rulebook("kunming/2024"))


class Town:
    """Rows by table, to be added one by one and rated."""

    def __init__(self) -> None:
        self.rows: dict[str, list[dict[str, Any]]] = {}
        self.add("reporting_units", code="530102", name="五华区", kind="county", parent="530102")

    def add(self, table: str, **row: object) -> dict[str, Any]:
        """Add a row; what it leaves out is missing."""
        self.rows.setdefault(table, []).append(row)
        return row

    def compound(self, compound_id: str, area: int = 100_000) -> None:
        """A new compound of 1,000 households, nine tenths of them occupied."""
        plain = {"households": 1000, "occupancy": Fraction(9, 10), "old": False, "kind": "commodity"}
        self.add("compounds", compound_id=compound_id, division_code="530102", floor_area_m2=area, **plain)

    def firm(self, credit_code: str, **more: object) -> None:
        """A licensed company of the city."""
        plain = {
            "kind": "company",
            "licensed_on": date(2010, 1, 1),
            "has_party_organization": False,
            "black_listed": False,
        }
        self.add(
            "firms",
            **{"credit_code": credit_code, "name": credit_code, "registered_division": "530102", **plain, **more},
        )

    def project(self, project_id: str, compound_id: str, credit_code: str, area: int = 100_000, **more: object) -> None:
        """A filed residential project since 2020 that has no end; its firm applies with every item filled in."""
        self.contract(project_id, compound_id, credit_code, area, **more)
        year = {"evaluation_year": 2024, "applied": True, "items_required": 10, "items_complete": 10}
        self.add("declarations", project_id=project_id, division_code="530102", **year)

    def contract(
        self, project_id: str, compound_id: str, credit_code: str, area: int = 100_000, **more: object
    ) -> None:
        """The same project without an application."""
        parties = {"project_id": project_id, "compound_id": compound_id, "credit_code": credit_code}
        plain = {"starts_on": date(2020, 1, 1), "residential": True, "filed": True, "project_name": project_id}
        self.add("projects", **{**parties, "division_code": "530102", "floor_area_m2": area, **plain, **more})

    def served(self, *names: object, area: int = 100_000, **firm: object) -> None:
        """For each of *names* a compound C…, its project P… and a firm F… that serves nothing else."""
        for name in names:
            self.compound(f"C{name}", area)
            self.project(f"P{name}", f"C{name}", f"F{name}", area)
            self.firm(f"F{name}", **firm)

    def inspection(self, compound_id: str, total: object) -> None:
        """A visit in June."""
        days = {"inspected_on": JUNE, "confirmed_on": CONFIRMED}
        self.add("inspections", compound_id=compound_id, total=total, weight=1, **days)

    def complaint(self, compound_id: str, received_on: date, **more: object) -> None:
        """A valid, attributable complaint, answered, closed and confirmed on its day, and resolved."""
        plain = {"case_key": str(received_on), "upheld": True, "attributable": True, "major": False, "resolved": True}
        days = dict.fromkeys(("received_on", "due_on", "replied_on", "closed_on", "confirmed_on"), received_on)
        self.add("complaints", **{"compound_id": compound_id, **plain, **days, **more})

    def matter(self, compound_id: str, **more: object) -> None:
        """A matter that residents raised in March and that was solved in April, with evidence."""
        days = {"raised_on": date(2024, 3, 1), "solved_on": date(2024, 4, 1)}
        self.add("matters", **{"compound_id": compound_id, "raised_by": "residents", "evidence": "E-1", **days, **more})

    def survey(self, compound_id: str, responses: int = 100, covered: int = 100) -> None:
        """A survey in June with full marks."""
        sample = {"score": 100, "responses": responses, "households_covered": covered}
        self.add("surveys", compound_id=compound_id, surveyed_on=JUNE, confirmed_on=CONFIRMED, **sample)

    def party(self, compound_id: str, recorded_on: date = YEAR_END) -> None:
        """An approved party organization and five party members among staff."""
        state = {"stage": "approved", "staff_party_members": 5}
        self.add("party_organizations", compound_id=compound_id, recorded_on=recorded_on, **state)

    def penalty(self, **more: object) -> None:
        """A general penalty of F1 over fees, decided in May."""
        days = {"occurred_on": date(2024, 4, 1), "decided_on": date(2024, 5, 1)}
        self.add("penalties", **{"credit_code": "F1", "kind": "fees", "class": "general", **days, **more})

    def determination(self, kind: str, **more: object) -> None:
        """A determination of March against F1, with responsibility."""
        days = {"occurred_on": date(2024, 3, 1), "decided_on": date(2024, 3, 20)}
        self.add("determinations", **{"credit_code": "F1", "kind": kind, "responsible": True, **days, **more})

    def award(self, issuer_level: str, award_content: str, credit_code: str = "F1") -> None:
        """A commendation in 2022."""
        award = {"issuer_level": issuer_level, "award_content": award_content, "awarded_on": date(2022, 1, 1)}
        self.add("commendations", credit_code=credit_code, **award)

    def excellent(self, compound_id: str, inspected: object, recorded_on: date = YEAR_END) -> None:
        """All that a card can earn but the inspection: 75 points + inspected / 4."""
        for kind in ("fees", "public_revenue"):
            days = {"disclosed_on": JUNE, "confirmed_on": CONFIRMED}
            self.add("disclosures", compound_id=compound_id, kind=kind, complete=True, **days)
        self.survey(compound_id)
        self.party(compound_id, recorded_on)
        for _ in range(3):
            self.add("cross_appointments", compound_id=compound_id, starts_on=date(2023, 1, 1))
        for _ in range(4):
            self.matter(compound_id)
        self.inspection(compound_id, inspected)

    def candidates(self, *firms: str) -> None:
        """An excellent compound C0, C1, … for each of *firms*, the earlier the better."""
        for credit_code in sorted(set(firms)):
            self.firm(credit_code)
        for place, credit_code in enumerate(firms):
            self.compound(f"C{place}")
            self.project(f"P{place}", f"C{place}", credit_code)
            self.excellent(f"C{place}", 100 - place)

    def rated(self, rulebook: Rulebook | None = None, earlier: Mapping[str, pa.Table] | None = None) -> Ratings:
        """The town evaluated, by the shipped rulebook unless another is given; tables without rows are empty."""
        used = rulebook or book()
        tables = {name: _table(contract, self.rows.get(name, [])) for name, contract in used.contracts.items()}
        filled = {name: _with_projects(used.contracts[name], rows, tables) for name, rows in tables.items()}
        return Ratings(evaluate(used, filled, earlier=earlier))


class Ratings:
    """An evaluation, asked by unit and key."""

    def __init__(self, evaluation: Evaluation) -> None:
        self.evaluation = evaluation

    def names(self, unit: str) -> list[str]:
        """Names of all units of one kind."""
        return self.unit(unit).names

    def unit(self, unit: str) -> UnitResult:
        """Everything about one kind of unit."""
        return self.evaluation.units[unit]

    def line(self, unit: str, key: str, name: str) -> Fraction:
        """Points of one line."""
        return int(self._line(unit, name).points[self._place(unit, key)]) * self.evaluation.rulebook.unit

    def state(self, unit: str, key: str, name: str) -> str:
        """applied, not_applicable or no_data."""
        return STATES[self._line(unit, name).state[self._place(unit, key)]]

    def fact(self, unit: str, key: str, name: str) -> object:
        """One fact."""
        return scalar(self.unit(unit).facts.values[(name,)], self._place(unit, key))

    def points(self, unit: str, key: str) -> Fraction:
        """The sum of all lines."""
        return int(self.unit(unit).card.points[self._place(unit, key)]) * self.evaluation.rulebook.unit

    def level(self, unit: str, key: str) -> tuple[str | None, str | None]:
        """Level and status."""
        rated, row = self.unit(unit).rated, self._place(unit, key)
        return rated.level[row], rated.status[row]

    def clause(self, unit: str, key: str) -> str:
        """Clause of the status that applied, empty when none did."""
        result = self.unit(unit)
        decided = int(result.rated.decided_by[self._place(unit, key)])
        return "" if decided < 0 else result.rules.statuses[decided].citation.clause

    def _line(self, unit: str, name: str) -> Any:
        return next(line for line in self.unit(unit).card.lines if line.id == name)

    def _place(self, unit: str, key: str) -> int:
        column = self.unit(unit).facts.values[(self.unit(unit).rules.key[0],)]
        return next(row for row in range(self.unit(unit).count) if scalar(column, row) == key)


@pytest.fixture
def empty_town() -> Town:
    """A town with nothing in it."""
    return Town()


@pytest.fixture
def town() -> Town:
    """Firm F1 serves C1 (100,000 m2) and C2 (300,000 m2) all year as P1 and P2, with nothing on record."""
    made = Town()
    for place, area in enumerate((100_000, 300_000), start=1):
        made.compound(f"C{place}", area)
        made.project(f"P{place}", f"C{place}", "F1", area)
    made.firm("F1")
    made.firm("F2")
    return made


def _table(contract: Contract, rows: list[dict[str, Any]]) -> pa.Table:
    """Rows as intake stores them."""
    known = {column.name for column in contract.columns}
    assert all(set(row) <= known for row in rows), [sorted(set(row) - known) for row in rows]
    columns = {
        column.name: pa.array([_stored(row.get(column.name), column) for row in rows], _kind(column))
        for column in contract.columns
    }
    return pa.table({**columns, RECORD_ID: pa.array([f"{place:04}" for place in range(len(rows))], pa.string())})


def _stored(value: Any, column: Column) -> object:
    if isinstance(value, date):
        return day_number(value)
    if column.type.kind == "number" and value is not None:
        return int(Fraction(value) * 10 ** (column.type.scale or 0))
    return value


def _kind(column: Column) -> pa.DataType:
    return {"text": pa.string(), "truth": pa.bool_()}.get(column.type.kind, pa.int64())


def _with_projects(contract: Contract, rows: pa.Table, tables: Mapping[str, pa.Table]) -> pa.Table:
    for place, column in enumerate(contract.columns):
        if column.attributed is not None:
            found = attributed(rows, column.attributed, tables["projects"], "project_id")
            rows = rows.set_column(place, column.name, found)
    return rows
