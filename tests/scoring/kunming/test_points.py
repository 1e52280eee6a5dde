"""What a record is worth on the cards of a project and a firm."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from scoring.rulebook import find_rulebook, load_rulebook

YEAR_END = date(2024, 12, 31)


def test_solved_matters_earn_and_fifty_empty_meetings_do_not(empty_town):
    """Counting meetings would reward holding them; what counts is what they solved, with evidence."""
    town, points = empty_town, {0: 0, 1: 1, 3: 1, 4: 4, 5: 4}
    town.served(*points)
    for solved in points:
        for _ in range(50):
            town.add("meetings", compound_id=f"C{solved}", held_on=date(2024, 5, 1), convened_by="community")
        for _ in range(solved):
            town.matter(f"C{solved}")

    found = town.rated()

    assert {solved: found.line("project", f"P{solved}", "PTY-04") for solved in points} == points


def test_a_matter_without_evidence_or_outside_the_year_earns_nothing(empty_town):
    """Else fifty matters written down after the fact would earn what fifty empty meetings do not."""
    town = empty_town
    flaws: dict[str, dict[str, Any]] = {
        "unproven": {"evidence": None},
        "merged": {"merged_into": "A0"},
        "open": {"solved_on": None},
        "late": {"solved_on": date(2025, 1, 1)},
        "early": {"raised_on": date(2023, 12, 31)},
        "sound": {},
    }
    town.served(*flaws)
    for name, flaw in flaws.items():
        for _ in range(50):
            town.matter(f"C{name}", **flaw)

    found = town.rated()

    earned = {name: found.line("project", f"P{name}", "PTY-04") for name in flaws}
    assert earned == {**dict.fromkeys(flaws, 0), "sound": 4}


def test_a_small_project_with_one_complaint_is_drawn_toward_the_city(empty_town):
    """One complaint at 2,000 m2 is a rate of 5 per 10,000 m2, but no proof that the firm serves badly."""
    town = empty_town
    town.firm("F1")
    for place, area in ((1, 2_000), (2, 998_000)):
        town.compound(f"C{place}", area)
        town.project(f"P{place}", f"C{place}", "F1", area)
    town.complaint("C1", date(2024, 2, 1))

    found = town.rated()

    assert found.fact("project", "P1", "city_rate") == Fraction("0.01")
    assert found.fact("project", "P1", "rate") == Fraction("1.1") / Fraction("10.2")
    assert found.line("project", "P1", "CMP-01") == 7


def test_a_case_complained_of_again_within_ninety_days_counts_once(town):
    """The same leak reported three times is one case not solved; the lift was reported again after 91 days."""
    for day in (date(2024, 1, 10), date(2024, 4, 9), date(2024, 4, 20)):
        town.complaint("C1", day, case_key="leak")
    for day in (date(2024, 1, 10), date(2024, 4, 10)):
        town.complaint("C2", day, case_key="lift")

    found = town.rated()

    assert [found.fact("project", key, "repeats") for key in ("P1", "P2")] == [1, 0]


def test_a_complaint_not_answered_in_time_is_late_even_when_it_was_never_answered(town):
    """A missing day of reply must not fall out of the share."""
    day = date(2024, 3, 1)
    town.complaint("C1", day, case_key="a")
    town.complaint("C1", day, case_key="b", replied_on=day + timedelta(days=1))
    town.complaint("C1", day, case_key="c", replied_on=None)
    town.complaint("C1", day, case_key="d", replied_on=None, due_on=date(2025, 1, 7))

    found = town.rated()

    assert found.fact("project", "P1", "on_time") == Fraction(1, 3)


def test_a_survey_needs_thirty_responses_and_a_twentieth_of_the_households(empty_town):
    """A handful of friendly answers is no survey: the line is then left out, not scored."""
    town, states = empty_town, {(30, 50): "applied", (29, 50): "no_data", (30, 49): "no_data"}
    for sample in states:
        town.served(sample)
        town.survey(f"C{sample}", *sample)

    found = town.rated()

    assert {sample: found.state("project", f"P{sample}", "SAT-01") for sample in states} == states


def test_a_penalty_at_one_project_weighs_by_its_share_of_the_area(town):
    """Summing whole deductions punishes size; a quarter of the area bears a quarter, the firm's own the whole."""
    town.penalty()
    town.penalty(compound_id="C1")

    found = town.rated()

    assert found.line("firm", "F1", "BAD-01") == -3 - Fraction(3, 4)


def test_a_restored_penalty_is_no_longer_used(empty_town):
    """After restoration a record may not be used; a later one leaves this year's result as it was."""
    town, points = empty_town, {None: -3, YEAR_END: 0, date(2025, 1, 1): -3}
    town.served(*points)
    for repaired_on in points:
        town.penalty(credit_code=f"F{repaired_on}", repaired_on=repaired_on)

    found = town.rated()

    assert {day: found.line("firm", f"F{day}", "BAD-01") for day in points} == points


def test_undisclosed_revenue_counts_once(town):
    """Where the firm was fined for it, the project keeps its points: one conduct, one deduction."""
    town.penalty(kind="public_revenue", compound_id="C1")

    found = town.rated()

    assert [found.line("project", key, "BAS-03") for key in ("P1", "P2")] == [5, 0]
    assert [found.line("firm", "F1", name) for name in ("BAD-01", "BAD-04")] == [0, Fraction("-1.25")]


def test_an_order_overdue_counts_whole_blocks_of_thirty_days(empty_town):
    """Three blocks are the most that one order can cost."""
    town, blocks = empty_town, {29: 0, 30: 1, 59: 1, 60: 2, 89: 2, 90: 3, 300: 3}
    town.served(*blocks)
    due_on = date(2024, 2, 1)
    for days in blocks:
        when = {"found_on": date(2024, 1, 2), "due_on": due_on, "rectified_on": due_on + timedelta(days=days)}
        town.add("findings", compound_id=f"C{days}", kind="defect", order_number="O-1", **when)

    found = town.rated()

    assert {days: found.fact("firm", f"F{days}", "overdue_blocks") for days in blocks} == blocks


def test_a_hazard_that_was_never_rectified_is_in_the_share(town):
    """Only what was due in the year counts, and an unrectified hazard counts as not met."""
    for due_on, rectified_on in ((5, 5), (5, 6), (5, None)):
        when = {"due_on": date(2024, 5, due_on), "rectified_on": rectified_on and date(2024, 5, rectified_on)}
        town.add("findings", compound_id="C1", kind="hazard", found_on=date(2024, 5, 1), **when)
    town.add("findings", compound_id="C1", kind="hazard", found_on=date(2024, 12, 20), due_on=date(2025, 1, 10))

    found = town.rated()

    assert found.fact("project", "P1", "hazards_met") == Fraction(1, 3)


def test_the_same_award_counts_once_and_the_bonus_ends_at_ten(town):
    """A street's copy of a national award adds nothing, and awards cannot stand in for service."""
    for issuer_level, content in (("national", "A"), ("subdistrict", "A"), ("national", "B"), ("provincial", "C")):
        town.award(issuer_level, content)

    found = town.rated()

    assert found.line("firm", "F1", "GOOD-01") == 14
    assert found.line("firm", "F1", "GOOD:within") == -4


def test_lines_add_up_for_every_unit(town):
    """The sheet that a firm is shown adds up as printed, bounds and rescaling included."""
    town.excellent("C1", 88)
    town.penalty(compound_id="C1")
    town.award("city", "A")

    found = town.rated()

    for unit in ("project", "firm", "site"):
        card = found.unit(unit).card
        assert (sum(line.points for line in card.lines) == card.points).all()


def test_fullest_lines_of_a_project_make_a_full_card():
    """The sections are 20, 35, 15, 15 and 15: what the card calls full."""
    book = load_rulebook(find_rulebook("kunming/2024"))

    sections = [line.within and line.within[1] for line in book.units[0].card.lines]

    assert sections == [2000, 3500, 1500, 1500, 1500]
    assert book.units[0].card.full == 10000
