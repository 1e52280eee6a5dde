"""Two invented compounds through the Kunming rulebook: who a record counts for, in which year, and what it is worth.

Rows are written as offices deliver them, without the project a record belongs to: that is derived here as intake does.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from functools import cache
from typing import cast

import pyarrow as pa
import pytest

from data_contracts.attribution import attributed
from data_contracts.expressions.resolve import day_number
from data_contracts.model import RECORD_ID, Column, Contract
from scoring.evaluation.run import Evaluation, evaluate
from scoring.facts.formula import scalar
from scoring.rulebook import load_rulebook
from scoring.rulebook.shape import Rulebook
from scoring.rulebook.shelf import find_rulebook

Row = Mapping[str, object]
City = dict[str, list[dict[str, object]]]
YEAR_END = date(2024, 12, 31)


@cache
def book() -> Rulebook:
    """The shipped rulebook."""
    return load_rulebook(find_rulebook("kunming/2024"))


def city() -> City:
    """One firm that serves two compounds all year, with nothing on record but its declarations."""
    return {
        "reporting_units": [{"code": "530102", "name": "五华区", "kind": "county", "parent": "530102"}],
        "compounds": [compound("C1", 100_000), compound("C2", 300_000)],
        "firms": [firm("F1"), firm("F2")],
        "projects": [project("P1", "C1", "F1", 100_000), project("P2", "C2", "F1", 300_000)],
        "declarations": [declaration("P1"), declaration("P2")],
    }


def compound(compound_id: str, area: int, **more: object) -> dict[str, object]:
    """A new compound of 1,000 households, nine tenths of them occupied."""
    plain = {"households": 1000, "occupancy": Fraction(9, 10), "old": False, "kind": "commodity"}
    return {"compound_id": compound_id, "division_code": "530102", "floor_area_m2": area, **plain, **more}


def firm(credit_code: str, **more: object) -> dict[str, object]:
    """A licensed company of the city."""
    plain = {"kind": "company", "licensed_on": date(2010, 1, 1), "has_party_organization": False, "black_listed": False}
    return {"credit_code": credit_code, "name": credit_code, "registered_division": "530102", **plain, **more}


def project(project_id: str, compound_id: str, credit_code: str, area: int, **more: object) -> dict[str, object]:
    """A filed residential project that began in 2020 and has no end."""
    plain = {"starts_on": date(2020, 1, 1), "residential": True, "filed": True, "project_name": project_id}
    return {
        "project_id": project_id,
        "compound_id": compound_id,
        "credit_code": credit_code,
        "division_code": "530102",
        "floor_area_m2": area,
        **plain,
        **more,
    }


def declaration(project_id: str, **more: object) -> dict[str, object]:
    """An application with every item filled in."""
    plain = {"evaluation_year": 2024, "applied": True, "items_required": 10, "items_complete": 10}
    return {"project_id": project_id, "division_code": "530102", **plain, **more}


def inspection(compound_id: str, total: object, **more: object) -> dict[str, object]:
    """A visit in June."""
    day = {"inspected_on": date(2024, 6, 1), "confirmed_on": date(2024, 6, 3)}
    return {"compound_id": compound_id, "total": total, "weight": 1, **day, **more}


def complaint(compound_id: str, received_on: date, **more: object) -> dict[str, object]:
    """A valid, attributable complaint, answered, closed and confirmed on the day, and resolved."""
    plain = {"case_key": str(received_on), "upheld": True, "attributable": True, "major": False, "resolved": True}
    days = {"due_on": received_on, "replied_on": received_on, "closed_on": received_on, "confirmed_on": received_on}
    return {"compound_id": compound_id, "received_on": received_on, **plain, **days, **more}


def matter(compound_id: str, **more: object) -> dict[str, object]:
    """A matter that residents raised in March and that was solved in April, with evidence."""
    days = {"raised_on": date(2024, 3, 1), "solved_on": date(2024, 4, 1)}
    return {"compound_id": compound_id, "raised_by": "residents", "evidence": "E-1", **days, **more}


def penalty(**more: object) -> dict[str, object]:
    """A general penalty of F1 over fees, decided in May."""
    days = {"occurred_on": date(2024, 4, 1), "decided_on": date(2024, 5, 1)}
    return {"credit_code": "F1", "kind": "fees", "class": "general", **days, **more}


def order(compound_id: str, due_on: date, rectified_on: date | None) -> dict[str, object]:
    """A rectification order over a defect."""
    days = {"found_on": date(2024, 1, 2), "due_on": due_on, "rectified_on": rectified_on}
    return {"compound_id": compound_id, "kind": "defect", "order_number": "O-1", **days}


def excellent(rows: City, compound_id: str, total: object, recorded_on: date = YEAR_END) -> None:
    """Give a compound all that its card can earn but the inspection: 75 points + total / 4."""
    for kind in ("fees", "public_revenue"):
        days = {"disclosed_on": date(2024, 6, 1), "confirmed_on": date(2024, 6, 2)}
        rows.setdefault("disclosures", []).append({"compound_id": compound_id, "kind": kind, "complete": True, **days})
    days = {"surveyed_on": date(2024, 6, 1), "confirmed_on": date(2024, 6, 2)}
    survey = {"responses": 100, "households_covered": 100, **days}
    rows.setdefault("surveys", []).append({"compound_id": compound_id, "score": 100, **survey})
    party = {"recorded_on": recorded_on, "stage": "approved", "staff_party_members": 5}
    rows.setdefault("party_organizations", []).append({"compound_id": compound_id, **party})
    appointment = {"compound_id": compound_id, "starts_on": date(2023, 1, 1)}
    rows.setdefault("cross_appointments", []).extend([appointment] * 3)
    rows.setdefault("matters", []).extend([matter(compound_id)] * 4)
    rows.setdefault("inspections", []).append(inspection(compound_id, total))


def determination(kind: str, credit_code: str, **more: object) -> dict[str, object]:
    """A determination of March, with responsibility."""
    day = {"occurred_on": date(2024, 3, 1), "decided_on": date(2024, 3, 20)}
    return {"determination_id": kind, "credit_code": credit_code, "kind": kind, "responsible": True, **day, **more}


def rated(rows: City) -> Evaluation:
    """The city evaluated; tables not given are empty."""
    contracts = book().contracts
    assert set(rows) <= set(contracts), sorted(set(rows) - set(contracts))
    tables = {name: table(contract, rows.get(name, [])) for name, contract in contracts.items()}
    return evaluate(book(), {name: with_projects(contracts[name], rows, tables) for name, rows in tables.items()})


def with_projects(contract: Contract, rows: pa.Table, tables: Mapping[str, pa.Table]) -> pa.Table:
    """The project that served on the day of each record, where the contract says so."""
    for place, column in enumerate(contract.columns):
        if column.attributed is not None:
            found = attributed(rows, column.attributed, tables["projects"], "project_id")
            rows = rows.set_column(place, column.name, found)
    return rows


def table(contract: Contract, rows: list[dict[str, object]]) -> pa.Table:
    """Rows as intake stores them; what a row leaves out is missing."""
    known = {column.name for column in contract.columns}
    assert all(set(row) <= known for row in rows), [sorted(set(row) - known) for row in rows]
    columns = {
        column.name: pa.array([stored(row.get(column.name), column) for row in rows], kind_of(column))
        for column in contract.columns
    }
    return pa.table({**columns, RECORD_ID: pa.array([f"{place:04}" for place in range(len(rows))], pa.string())})


def stored(value: object, column: Column) -> object:
    """A value as its column is stored: scaled whole numbers, day numbers."""
    if isinstance(value, date):
        return day_number(value)
    if column.type.kind == "number" and value is not None:
        return int(Fraction(cast("int | str", value)) * 10 ** (column.type.scale or 0))
    return value


def kind_of(column: Column) -> pa.DataType:
    """The storage type of a column."""
    return {"text": pa.string(), "truth": pa.bool_()}.get(column.type.kind, pa.int64())


def line(evaluation: Evaluation, unit: str, key: str, name: str) -> Fraction:
    """Points of one line of one unit."""
    result = evaluation.units[unit]
    found = next(line for line in result.card.lines if line.id == name)
    return int(found.points[place(evaluation, unit, key)]) * evaluation.rulebook.unit


def place(evaluation: Evaluation, unit: str, key: str) -> int:
    """Row of the unit with that key."""
    result = evaluation.units[unit]
    column = result.facts.values[(result.rules.key[0],)]
    return next(row for row in range(result.count) if scalar(column, row) == key)


def total(evaluation: Evaluation, unit: str, key: str) -> Fraction:
    """Points of one unit."""
    return int(evaluation.units[unit].card.points[place(evaluation, unit, key)]) * evaluation.rulebook.unit


def fact(evaluation: Evaluation, unit: str, key: str, name: str) -> object:
    """One fact of one unit."""
    return scalar(evaluation.units[unit].facts.values[(name,)], place(evaluation, unit, key))


def level(evaluation: Evaluation, unit: str, key: str) -> tuple[str | None, str | None]:
    """Level and status of one unit."""
    found, row = evaluation.units[unit].rated, place(evaluation, unit, key)
    return found.level[row], found.status[row]


# Who a record counts for, and in which year.


@pytest.mark.parametrize("day, before, after", [(29, 1, 0), (30, 1, 0), (31, 0, 1)])
def test_a_ticket_counts_for_the_firm_that_served_on_its_day(day: int, before: int, after: int):
    """P1 ends on 30 July, P3 begins on the 31st: a firm must not answer for its predecessor's or successor's days."""
    rows = city()
    rows["projects"] = [
        project("P1", "C1", "F1", 100_000, ends_on=date(2024, 7, 30)),
        project("P3", "C1", "F2", 100_000, starts_on=date(2024, 7, 31)),
    ]
    rows["complaints"] = [complaint("C1", date(2024, 7, day), confirmed_on=date(2024, 9, 1))]

    found = rated(rows)

    assert (fact(found, "project", "P1", "complaints"), fact(found, "project", "P3", "complaints")) == (before, after)


@pytest.mark.parametrize(
    "received_on, confirmed_on, counted",
    [
        (date(2023, 12, 30), date(2023, 12, 31), 0),
        (date(2023, 12, 30), date(2024, 1, 1), 1),
        (date(2024, 12, 30), date(2024, 12, 31), 1),
        (date(2024, 12, 30), date(2025, 1, 1), 0),
    ],
)
def test_a_ticket_counts_in_the_year_it_was_confirmed(received_on: date, confirmed_on: date, counted: int):
    """The deciding day counts, not the day of the conduct: else a year could never be closed."""
    rows = city()
    rows["complaints"] = [complaint("C1", received_on, confirmed_on=confirmed_on)]

    found = rated(rows)

    assert fact(found, "project", "P1", "complaints") == counted


def test_a_project_weighs_by_its_days():
    """Half a year of service weighs half: 75 points all year and 100 points for half of it, over equal areas."""
    rows = city()
    rows["projects"] = [
        project("P1", "C1", "F1", 100_000),
        project("P2", "C2", "F1", 100_000, ends_on=date(2024, 7, 1)),
    ]
    excellent(rows, "C1", 0)
    excellent(rows, "C2", 100, recorded_on=date(2024, 7, 1))

    found = rated(rows)

    assert fact(found, "project", "P2", "days") == 183
    assert line(found, "firm", "F1", "BASE") == Fraction("83.33")


def test_a_branch_of_the_province_is_rated_with_its_company_and_one_from_outside_by_itself():
    """A company must not shed a bad project by putting it into a branch; a head outside the city is not rated here."""
    rows = city()
    rows["firms"] = [
        firm("F1"),
        firm("F2", kind="branch", head_code="F1", head_province="53"),
        firm("F3", kind="branch", head_code="X", head_province="51"),
    ]
    rows["projects"] = [project("P1", "C1", "F2", 100_000), project("P2", "C2", "F3", 300_000)]

    found = rated(rows)

    assert found.units["firm"].names == ["F1", "F3"]
    assert (fact(found, "firm", "F1", "area"), fact(found, "firm", "F3", "area")) == (100_000, 300_000)


# What a record is worth.


@pytest.mark.parametrize("solved, points", [(0, 0), (1, 1), (3, 1), (4, 4), (5, 4)])
def test_solved_matters_earn_and_fifty_empty_meetings_do_not(solved: int, points: int):
    """Counting meetings would reward holding them; what counts is what they solved, with evidence."""
    rows = city()
    meeting = {"compound_id": "C1", "held_on": date(2024, 5, 1), "convened_by": "community"}
    rows["meetings"] = [{"meeting_id": f"M{place}", **meeting} for place in range(50)]
    rows["matters"] = [matter("C1", matter_id=f"A{place}", meeting_id="M0") for place in range(solved)]

    found = rated(rows)

    assert line(found, "project", "P1", "PTY-04") == points


@pytest.mark.parametrize(
    "flaw",
    [
        {"evidence": None},
        {"merged_into": "A0"},
        {"solved_on": None},
        {"solved_on": date(2025, 1, 1)},
        {"raised_on": date(2023, 12, 31)},
    ],
)
def test_a_matter_without_evidence_or_outside_the_year_earns_nothing(flaw: dict[str, object]):
    """Else fifty matters written down after the fact would earn what fifty empty meetings do not."""
    rows = city()
    rows["matters"] = [matter("C1", **flaw) for _ in range(50)]

    found = rated(rows)

    assert line(found, "project", "P1", "PTY-04") == 0


def test_a_small_project_with_one_complaint_is_drawn_toward_the_city():
    """One complaint at 2,000 m2 is a rate of 5 per 10,000 m2, but no proof that the firm serves badly."""
    rows = city()
    rows["projects"] = [project("P1", "C1", "F1", 2_000), project("P2", "C2", "F1", 998_000)]
    rows["complaints"] = [complaint("C1", date(2024, 2, 1))]

    found = rated(rows)

    assert fact(found, "project", "P1", "city_rate") == Fraction("0.01")
    assert fact(found, "project", "P1", "rate") == Fraction("1.1") / Fraction("10.2")
    assert line(found, "project", "P1", "CMP-01") == 7


def test_a_case_complained_of_again_within_ninety_days_counts_once():
    """The same leak reported three times is one case not solved, and a report after 91 days is a new one."""
    rows = city()
    days = [date(2024, 1, 10), date(2024, 4, 9), date(2024, 4, 20)]
    rows["complaints"] = [complaint("C1", day, case_key="leak") for day in days]
    rows["complaints"] += [complaint("C2", day, case_key="lift") for day in (date(2024, 1, 10), date(2024, 4, 10))]

    found = rated(rows)

    assert (fact(found, "project", "P1", "repeats"), fact(found, "project", "P2", "repeats")) == (1, 0)


@pytest.mark.parametrize("responses, covered, state", [(30, 50, 0), (29, 50, 2), (30, 49, 2)])
def test_a_survey_needs_thirty_responses_from_a_twentieth_of_the_households(responses: int, covered: int, state: int):
    """A handful of friendly answers is no survey: the line is then left out, not scored."""
    rows = city()
    days = {"surveyed_on": date(2024, 6, 1), "confirmed_on": date(2024, 6, 2)}
    sample = {"responses": responses, "households_covered": covered}
    rows["surveys"] = [{"compound_id": "C1", "score": 80, **sample, **days}]

    found = rated(rows)

    survey = next(line for line in found.units["project"].card.lines if line.id == "SAT-01")
    assert survey.state[0] == state


@pytest.mark.parametrize("where, points", [({}, -3), ({"compound_id": "C1"}, Fraction("-0.75"))])
def test_a_penalty_at_one_project_weighs_by_its_share_of_the_area(where: dict[str, object], points: Fraction):
    """Summing whole deductions punishes size: a firm of fifty compounds would always fail."""
    rows = city()
    rows["penalties"] = [penalty(**where)]

    found = rated(rows)

    assert line(found, "firm", "F1", "BAD-01") == points


@pytest.mark.parametrize("repaired_on, points", [(None, -3), (YEAR_END, 0), (date(2025, 1, 1), -3)])
def test_a_restored_penalty_is_no_longer_used(repaired_on: date | None, points: int):
    """After restoration a record may not be used (NDRC2025); a later one leaves this year's result as it was."""
    rows = city()
    rows["penalties"] = [penalty(repaired_on=repaired_on)]

    found = rated(rows)

    assert line(found, "firm", "F1", "BAD-01") == points


def test_undisclosed_revenue_counts_once():
    """Where the firm was fined for it, the project keeps its points: one conduct, one deduction."""
    rows = city()
    rows["penalties"] = [penalty(kind="public_revenue", compound_id="C1")]

    found = rated(rows)

    assert [line(found, "project", key, "BAS-03") for key in ("P1", "P2")] == [5, 0]
    assert [line(found, "firm", "F1", name) for name in ("BAD-01", "BAD-04")] == [0, Fraction("-1.25")]


@pytest.mark.parametrize("days, blocks", [(29, 0), (30, 1), (59, 1), (60, 2), (90, 3), (300, 3)])
def test_an_order_overdue_counts_whole_blocks_of_thirty_days(days: int, blocks: int):
    """Three blocks are the most that one order can cost."""
    rows = city()
    due_on = date(2024, 2, 1)
    rows["findings"] = [order("C1", due_on, date.fromordinal(due_on.toordinal() + days))]

    found = rated(rows)

    assert fact(found, "firm", "F1", "overdue_blocks") == blocks


def test_the_same_award_counts_once_at_its_highest_and_the_bonus_ends_at_ten():
    """A street's copy of a national award adds nothing, and awards cannot stand in for service."""
    rows = city()
    awards = [("national", "A"), ("subdistrict", "A"), ("national", "B"), ("provincial", "C")]
    rows["commendations"] = [
        {"credit_code": "F1", "issuer_level": issuer, "award_content": content, "awarded_on": date(2022, 1, 1)}
        for issuer, content in awards
    ]

    found = rated(rows)

    assert line(found, "firm", "F1", "GOOD-01") == 14
    assert line(found, "firm", "F1", "GOOD:within") == -4


# From points to a level.


@pytest.mark.parametrize(
    "inspected, points, outcome",
    [("60", "90.00", "4A"), ("59.96", "89.99", "3A"), ("20", "80.00", "3A"), ("19.96", "79.99", "2A")],
)
def test_points_on_an_edge_earn_the_better_level(inspected: str, points: str, outcome: str):
    """Exactly 90.00 is 4A (含本数), 89.99 is not."""
    rows = city()
    for compound_id in ("C1", "C2"):
        excellent(rows, compound_id, inspected)

    found = rated(rows)

    assert (total(found, "firm", "F1"), level(found, "firm", "F1")) == (Fraction(points), (outcome, None))


@pytest.mark.parametrize("kind", ["repair_fund_misuse", "refusal_to_leave", "fatal_accident", "false_declaration"])
def test_a_veto_holds_for_a_firm_that_did_not_apply(kind: str):
    """Not applying must not shield misuse of the repair fund."""
    rows = city()
    rows["declarations"] = []
    before = level(rated(rows), "firm", "F1")
    rows["determinations"] = [determination(kind, "F1")]

    found = rated(rows)

    assert before == (None, "NOT_APPLIED")
    assert level(found, "firm", "F1") == ("A", "NOT_APPLIED")


@pytest.mark.parametrize("more", [{"responsible": False}, {"revoked_on": YEAR_END}, {"decided_on": date(2025, 1, 1)}])
def test_a_determination_without_force_vetoes_nothing(more: dict[str, object]):
    """An accident without responsibility, a revoked decision or one of the next year leaves the level."""
    rows = city()
    for compound_id in ("C1", "C2"):
        excellent(rows, compound_id, 60)
    rows["determinations"] = [determination("fatal_accident", "F1", **more)]

    found = rated(rows)

    assert level(found, "firm", "F1") == ("4A", None)


@pytest.mark.parametrize("poor_area, outcome", [(100_000, "4A"), (100_010, "3A")])
def test_more_than_a_fifth_of_the_area_below_sixty_caps_the_level(poor_area: int, outcome: str):
    """A share of the area, not any project: one poor project of many must not cap a large firm."""
    rows = city()
    rows["projects"] = [project("P1", "C1", "F1", poor_area), project("P2", "C2", "F1", 400_000)]
    excellent(rows, "C2", 100)
    rows["inspections"].append(inspection("C1", 0))
    award = {"credit_code": "F1", "issuer_level": "national", "awarded_on": YEAR_END}
    rows["commendations"] = [{"award_content": content, **award} for content in ("A", "B")]

    found = rated(rows)

    assert total(found, "project", "P1") < 60
    assert level(found, "firm", "F1") == (outcome, None)


@pytest.mark.parametrize("scored_area, outcome", [(400_000, "4A"), (399_990, "3A")])
def test_less_than_four_fifths_of_the_area_scored_caps_the_level(scored_area: int, outcome: str):
    """A firm must not choose which of its projects are looked at."""
    rows = city()
    rows["projects"] = [project("P1", "C1", "F1", 100_000), project("P2", "C2", "F1", scored_area)]
    rows["declarations"] = [declaration("P2")]
    excellent(rows, "C2", 100)

    found = rated(rows)

    assert level(found, "firm", "F1") == (outcome, None)


@pytest.mark.parametrize(
    "starts_on, outcome",
    [
        (date(2024, 1, 1), ("4A", None)),
        (date(2024, 1, 2), ("3A", None)),
        (date(2024, 7, 2), ("3A", None)),
        (date(2024, 7, 3), (None, "NEW")),
    ],
)
def test_a_firm_is_new_below_half_a_year_and_capped_below_a_whole_one(starts_on: date, outcome: tuple[str, str]):
    """From 2 July to the end of 2024 are 183 days."""
    rows = city()
    rows["projects"] = [project("P1", "C1", "F1", 100_000, starts_on=starts_on)]
    rows["declarations"] = [declaration("P1")]
    excellent(rows, "C1", 100, recorded_on=YEAR_END)
    september = {"inspections": "inspected_on", "surveys": "surveyed_on", "disclosures": "disclosed_on"}
    for name, column in september.items():
        for record in rows[name]:
            record |= {column: date(2024, 9, 1), "confirmed_on": date(2024, 9, 2)}
    rows["matters"] = [matter("C1", raised_on=date(2024, 8, 1), solved_on=date(2024, 9, 1))] * 4

    found = rated(rows)

    assert level(found, "firm", "F1") == outcome


# Demonstration sites.


def many_sites(firms: tuple[str, ...]) -> City:
    """An excellent compound for each entry of *firms*, served by that firm."""
    rows: City = {"reporting_units": city()["reporting_units"], "firms": [firm(code) for code in sorted(set(firms))]}
    rows["compounds"] = [compound(f"C{place}", 100_000) for place in range(len(firms))]
    rows["projects"] = [project(f"P{place}", f"C{place}", code, 100_000) for place, code in enumerate(firms)]
    rows["declarations"] = [declaration(f"P{place}") for place in range(len(firms))]
    for place in range(len(firms)):
        excellent(rows, f"C{place}", 100 - place)
    return rows


@pytest.mark.parametrize(
    "firms, nominated",
    [(("F1", "F1", "F2", "F3"), ["P0", "P2"]), (("F1", "F1", "F1", "F1"), ["P0"])],
)
def test_a_division_has_two_candidates_of_two_firms_or_an_empty_place(firms: tuple[str, ...], nominated: list[str]):
    """At most one per firm: when there is no second firm the place stays empty."""
    rows = many_sites(firms)

    found = rated(rows)

    sites = found.units["site"]
    assert [
        name for name, outcome in zip(sites.names, sites.rated.level, strict=True) if outcome == "nominated"
    ] == nominated


def test_a_zones_candidates_count_in_its_county():
    """A zone has no places of its own: with its county it shares two."""
    rows = many_sites(("F1", "F2", "F3"))
    zone: dict[str, object] = {"code": "530102401", "name": "高新区", "kind": "zone", "parent": "530102"}
    rows["reporting_units"] = [*rows["reporting_units"], zone]
    for record in rows["projects"][:2]:
        record["division_code"] = "530102401"

    found = rated(rows)

    assert found.units["site"].divisions == ["530102"] * 3
    assert list(found.units["site"].rated.level) == ["nominated", "nominated", "reserve"]


def site_reason(rows: City) -> str:
    """Clause of the row that keeps P0 from being a candidate, empty when none does."""
    result = rated(rows).units["site"]
    decided = int(result.rated.decided_by[0])
    return "" if decided < 0 else result.rules.statuses[decided].citation.clause


def committee(members: int, party_members: int) -> dict[str, object]:
    """An owners' committee of C0."""
    return {
        "compound_id": "C0",
        "committee_id": "W0",
        "kind": "owners",
        "recorded_on": YEAR_END,
        "formed_on": date(2022, 1, 1),
        "members": members,
        "party_members": party_members,
        "reports_to_party": 1,
    }


def site(designated_on: date) -> dict[str, object]:
    """C0 on the register of sites."""
    return {"compound_id": "C0", "recorded_on": YEAR_END, "designated_on": designated_on}


@pytest.mark.parametrize(
    "table_name, record, reason",
    [
        ("party_organizations", {"stage": "applied"}, ""),
        ("party_organizations", {"stage": "none"}, "DX-1"),
        ("firms", {"black_listed": True}, "DX-2"),
        ("complaints", complaint("C0", date(2024, 3, 1), major=True), "DX-3"),
        ("complaints", complaint("C0", date(2024, 3, 1), major=True, upheld=False), ""),
        ("designated_sites", site(date(2022, 1, 1)), "DX-4"),
        ("designated_sites", site(date(2021, 12, 31)), ""),
        ("compounds", {"floor_area_m2": 50_000, "occupancy": Fraction(1, 2)}, ""),
        ("compounds", {"floor_area_m2": 49_999}, "DE-2"),
        ("compounds", {"floor_area_m2": 30_000, "old": True}, ""),
        ("compounds", {"floor_area_m2": 29_999, "old": True}, "DE-2"),
        ("compounds", {"occupancy": Fraction("0.4999")}, "DE-2"),
        ("committees", committee(6, 3), ""),
        ("committees", committee(7, 3), "DE-3"),
        ("inspections", {"total": 40}, ""),
        ("inspections", {"total": Fraction("39.96")}, "DE-4"),
    ],
)
def test_a_row_says_what_keeps_a_compound_from_the_list(table_name: str, record: dict[str, object], reason: str):
    """Every yes and every no has its row, with its edge: no candidate is lost without a reason."""
    rows = many_sites(("F1",))
    if rows.get(table_name):
        rows[table_name][0] |= record
    else:
        rows[table_name] = [record]

    found = site_reason(rows)

    assert found == reason


def test_a_vetoed_firm_and_one_without_a_level_have_no_candidate():
    """DX-2 speaks of the veto, DE-1 of a firm below 3A or not rated."""
    vetoed, low = many_sites(("F1",)), many_sites(("F1", "F1"))
    vetoed["determinations"] = [determination("refusal_to_leave", "F1", compound_id="C0")]
    low["penalties"] = [penalty(**{"class": "severe"}) for _ in range(4)]

    reasons = site_reason(vetoed), site_reason(low)

    assert reasons == ("DX-2", "DE-1")
