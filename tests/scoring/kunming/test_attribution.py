"""Who a record counts for, and in which year."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest


@pytest.mark.parametrize("day, before, after", [(29, 1, 0), (30, 1, 0), (31, 0, 1)])
def test_a_ticket_counts_for_the_firm_that_served_on_its_day(empty_town, day: int, before: int, after: int):
    """P1 ends on 30 July, P2 begins on the 31st: no firm answers for its predecessor's or successor's days."""
    town = empty_town
    town.compound("C1")
    town.firm("F1")
    town.firm("F2")
    town.project("P1", "C1", "F1", ends_on=date(2024, 7, 30))
    town.project("P2", "C1", "F2", starts_on=date(2024, 7, 31))
    town.complaint("C1", date(2024, 7, day), confirmed_on=date(2024, 9, 1))

    found = town.rated()

    assert [found.fact("project", key, "complaints") for key in ("P1", "P2")] == [before, after]


@pytest.mark.parametrize(
    "received_on, confirmed_on, counted",
    [
        (date(2023, 12, 30), date(2023, 12, 31), 0),
        (date(2023, 12, 30), date(2024, 1, 1), 1),
        (date(2024, 12, 30), date(2024, 12, 31), 1),
        (date(2024, 12, 30), date(2025, 1, 1), 0),
    ],
)
def test_a_ticket_counts_in_the_year_it_was_confirmed(town, received_on: date, confirmed_on: date, counted: int):
    """The deciding day counts, not the day of the conduct: else a year could never be closed."""
    town.complaint("C1", received_on, confirmed_on=confirmed_on)

    found = town.rated()

    assert found.fact("project", "P1", "complaints") == counted


def test_a_project_weighs_by_its_days(empty_town):
    """75 points for 366 days and 100 points for 183 days, over equal areas, are 83.33."""
    town = empty_town
    town.firm("F1")
    for place, ends_on in ((1, None), (2, date(2024, 7, 1))):
        town.compound(f"C{place}")
        town.project(f"P{place}", f"C{place}", "F1", ends_on=ends_on)
    town.excellent("C1", 0)
    town.excellent("C2", 100, recorded_on=date(2024, 7, 1))

    found = town.rated()

    assert found.fact("project", "P2", "days") == 183
    assert found.line("firm", "F1", "BASE") == Fraction("83.33")


def test_a_branch_of_the_province_joins_its_company_and_one_from_outside_stands_alone(empty_town):
    """A company must not shed a bad project by putting it into a branch; a head outside the city is not rated here."""
    town = empty_town
    town.firm("F1")
    town.firm("F2", kind="branch", head_code="F1", head_province="53")
    town.firm("F3", kind="branch", head_code="X", head_province="51")
    for place, area in ((2, 100_000), (3, 300_000)):
        town.compound(f"C{place}", area)
        town.project(f"P{place}", f"C{place}", f"F{place}", area)

    found = town.rated()

    assert found.names("firm") == ["F1", "F3"]
    assert [found.fact("firm", key, "area") for key in ("F1", "F3")] == [100_000, 300_000]
