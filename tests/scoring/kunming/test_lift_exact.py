"""The cheapest lift against trying every way, on units of an invented town and by rank."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pytest

from scoring.card.card import score
from scoring.evaluation.whatif import cheapest_lift
from scoring.evaluation.whatif.levers import Levers, levers_of
from scoring.facts.formula import Context
from scoring.facts.values import Texts, taken
from scoring.rating.levels import rate


def cheapest_by_trying(evaluation: Any, unit: str, row: int, facts: list[str], most: int) -> int | None:
    """Lowest cost that lifts the unit, by rating every combination of steps of *facts* as a whole."""
    result, book = evaluation.units[unit], evaluation.rulebook
    values = {**result.facts.values, ("division",): Texts.of([name or None for name in result.divisions])}
    base = {path: taken(value, np.array([row])) for path, value in values.items()}
    every = tuple(one for one in levers_of(book, result.rules, base) if ".".join(one.path) in facts)
    levers = Levers(result.rules, base, every, Context.of(book))
    ways = [way for way in product(*(one.moves(most) for one in every)) if sum(map(abs, way)) <= most]
    moved = levers.values(ways)
    card = score(result.rules.card, moved, len(ways), book.unit, levers.context)
    rated = rate(result.rules, card, moved, book.unit, levers.context)
    order = result.rules.levels.order
    before = order.index(result.rated.level[row]) if result.rated.level[row] else len(order)
    costs = [
        sum(map(abs, way))
        for way, level, status in zip(ways, rated.level, rated.status, strict=True)
        if level is not None and status is None and order.index(level) < before
    ]
    return min(costs, default=None)


@pytest.fixture
def troubled(empty_town):
    """Four firms with troubles of many kinds, some of which act together over the floor area."""
    town = empty_town
    town.served("1", "2", "3", "4")
    for place, inspected in enumerate((60, 40, 10, 80)):
        town.excellent(f"C{place + 1}", inspected)
    town.penalty(compound_id="C1")
    town.penalty(credit_code="F2", **{"class": "severe"}, compound_id="C2")
    town.penalty(credit_code="F2")
    town.penalty(credit_code="F3", kind="public_revenue", compound_id="C3")
    town.determination("repair_fund_misuse", credit_code="F4")
    return town.rated()


@pytest.mark.parametrize("name", ["F1", "F2", "F3", "F4"])
@pytest.mark.parametrize(
    "facts",
    [
        ["service", "taken_over", "honors", "general_local", "severe_local"],
        ["general_firm", "general_local", "severe_local", "area", "has_party_organization", "misuse"],
        ["revenue_local", "revenue_area", "area", "poor", "scored", "service"],
    ],
)
def test_no_way_is_cheaper_than_the_one_told(troubled, name: str, facts: list[str]):
    """Dropping what is beaten and taking facts apart must not lose the cheapest way, however many facts it needs."""
    evaluation = troubled.evaluation
    row = evaluation.units["firm"].names.index(name)
    if evaluation.units["firm"].rated.level[row] == "4A":
        pytest.fail("the town has to leave something to lift")
    others = [fact.name for fact in evaluation.units["firm"].rules.facts if fact.name not in facts]
    own = ["has_party_organization", "black_listed"]

    lifts = cheapest_lift(evaluation, "firm", row, highest_cost=5, keep=[*others, *(set(own) - set(facts))])

    expected = cheapest_by_trying(evaluation, "firm", row, facts, 5)
    assert (lifts[0].cost if lifts else None) == expected


def test_a_fact_is_never_given_a_value_it_cannot_have(empty_town):
    """A stage of an organization is worth 0, 3 or 5, and an inspection ends at 100."""
    town = empty_town
    town.candidates("F1", "F2", "F3")
    found = town.rated()
    project = found.evaluation.units["project"]
    values = {path: taken(value, np.array([0])) for path, value in project.facts.values.items()}
    levers = {".".join(one.path): one for one in levers_of(found.evaluation.rulebook, project.rules, values)}
    assert [levers["party"].after(steps) for steps in levers["party"].moves(9)] == [0, 3, 5]
    assert max(levers["visits"].after(steps) for steps in levers["visits"].moves(200)) == 100


def test_a_mean_moves_to_whole_numbers_and_a_share_by_its_records(empty_town):
    """85.5 is told to reach 86; four of eight tickets answered in time become five of eight, not one half more."""
    town = empty_town
    town.served("1")
    town.inspection("C1", Fraction(171, 2))
    for day in range(1, 9):
        received = date(2024, 3, day)
        town.complaint("C1", received, replied_on=date(2024, 3, day + (day > 4)))
    found = town.rated()
    project = found.evaluation.units["project"]
    values = {path: taken(value, np.array([0])) for path, value in project.facts.values.items()}

    levers = {".".join(one.path): one for one in levers_of(found.evaluation.rulebook, project.rules, values)}

    assert [levers["visits"].after(steps) for steps in (-1, 0, 1, 2)] == [85, Fraction(171, 2), 86, 87]
    assert [levers["on_time"].after(steps) for steps in (-1, 0, 1)] == [Fraction(part, 8) for part in (3, 4, 5)]
    assert levers["on_time"].moves(9) == list(range(-4, 5))


def test_a_site_below_the_quota_is_told_what_lifts_it_among_the_others(empty_town):
    """By rank the way counts only when the unit really is nominated against everybody else."""
    town = empty_town
    town.candidates("F1", "F2", "F3")
    found = town.rated()
    site = found.evaluation.units["site"]
    row = site.names.index("P2")
    assert site.rated.level[row] == "reserve"

    lifts = cheapest_lift(found.evaluation, "site", row)

    assert {lift.level for lift in lifts} == {"nominated"}
    assert min(lift.points for lift in lifts) >= sorted(site.card.points)[-2]
