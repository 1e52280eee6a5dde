"""Demonstration sites: two places per county and year, and a reason for every compound that has none."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest

YEAR_END = date(2024, 12, 31)
COMMITTEE = {"committee_id": "W0", "kind": "owners", "recorded_on": YEAR_END, "reports_to_party": 1}
MARCH = date(2024, 3, 1)
COMPLAINT = {"attributable": True, "received_on": MARCH, "due_on": MARCH, "replied_on": MARCH, "confirmed_on": MARCH}


@pytest.mark.parametrize(
    "firms, nominated",
    [(("F1", "F1", "F2", "F3"), ["P0", "P2"]), (("F1", "F1", "F1", "F1"), ["P0"])],
)
def test_a_division_has_two_candidates_of_two_firms_or_an_empty_place(
    empty_town, firms: tuple[str, ...], nominated: list[str]
):
    """At most one per firm: when there is no second firm the place stays empty."""
    empty_town.candidates(*firms)

    found = empty_town.rated()

    assert [key for key in found.names("site") if found.level("site", key) == ("nominated", None)] == nominated


def test_a_branch_and_its_company_have_one_place_between_them(empty_town):
    """Else a firm could take both places of a county with its own branch."""
    empty_town.candidates("F1", "F2", "F3")
    empty_town.rows["firms"][1] |= {"kind": "branch", "head_code": "F1", "head_province": "53"}

    found = empty_town.rated()

    assert [found.level("site", key)[0] for key in ("P0", "P1", "P2")] == ["nominated", "reserve", "nominated"]


def test_a_zones_candidates_count_in_its_county(empty_town):
    """A zone has no places of its own: with its county it shares two."""
    empty_town.candidates("F1", "F2", "F3")
    empty_town.add("reporting_units", code="530102401", name="高新区", kind="zone", parent="530102")
    for record in empty_town.rows["projects"][:2]:
        record["division_code"] = "530102401"

    found = empty_town.rated()

    assert found.unit("site").divisions == ["530102"] * 3
    assert [found.level("site", key)[0] for key in ("P0", "P1", "P2")] == ["nominated", "nominated", "reserve"]


def test_a_change_of_one_record_names_what_keeps_a_compound_out(empty_town):
    """Every yes and every no has its row, with its edge: no candidate is lost without a reason."""
    town = empty_town
    changes = [
        ("party_organizations", {"stage": "applied"}, ""),
        ("party_organizations", {"stage": "none"}, "DX-1"),
        ("firms", {"black_listed": True}, "DX-2"),
        ("compounds", {"floor_area_m2": 50_000, "occupancy": Fraction(1, 2)}, ""),
        ("compounds", {"floor_area_m2": 49_999}, "DE-2"),
        ("compounds", {"floor_area_m2": 30_000, "old": True}, ""),
        ("compounds", {"floor_area_m2": 29_999, "old": True}, "DE-2"),
        ("compounds", {"occupancy": Fraction("0.4999")}, "DE-2"),
        ("inspections", {"total": 40}, ""),
        ("inspections", {"total": Fraction("39.96")}, "DE-4"),
    ]
    town.candidates(*(f"F{place}" for place in range(len(changes))))
    for place, (table, change, _) in enumerate(changes):
        town.rows[table][place] |= change

    found = town.rated()

    clauses = [found.clause("site", f"P{place}") for place in range(len(changes))]
    assert clauses == [clause for _, _, clause in changes]


def test_one_more_record_names_what_keeps_a_compound_out(empty_town):
    """A site of three years ago is re-certified, a committee needs half party members, a complaint must be upheld."""
    town = empty_town
    records: list[tuple[str, dict[str, Any], str]] = [
        ("designated_sites", {"recorded_on": YEAR_END, "designated_on": date(2022, 1, 1)}, "DX-4"),
        ("designated_sites", {"recorded_on": YEAR_END, "designated_on": date(2021, 12, 31)}, ""),
        ("committees", {**COMMITTEE, "members": 6, "party_members": 3}, ""),
        ("committees", {**COMMITTEE, "members": 7, "party_members": 3}, "DE-3"),
        ("committees", {**COMMITTEE, "members": 7, "party_members": 3, "kind": "property_management"}, ""),
        ("complaints", {**COMPLAINT, "major": True, "upheld": True}, "DX-3"),
        ("complaints", {**COMPLAINT, "major": True, "upheld": False}, ""),
        ("complaints", {**COMPLAINT, "major": False, "upheld": True}, ""),
    ]
    town.candidates(*(f"F{place}" for place in range(len(records))))
    for place, (table, record, _) in enumerate(records):
        town.add(table, compound_id=f"C{place}", **record)

    found = town.rated()

    clauses = [found.clause("site", f"P{place}") for place in range(len(records))]
    assert clauses == [clause for _, _, clause in records]


def test_a_vetoed_firm_and_a_low_one_have_no_candidate(empty_town):
    """DX-2 speaks of the veto, DE-1 of a firm below 3A."""
    empty_town.candidates("F1", "F2")
    empty_town.determination("refusal_to_leave", compound_id="C0")
    for _ in range(4):
        empty_town.penalty(credit_code="F2", **{"class": "severe"})

    found = empty_town.rated()

    assert [found.clause("site", key) for key in ("P0", "P1")] == ["DX-2", "DE-1"]
