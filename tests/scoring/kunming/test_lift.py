"""The cheapest way to the next level, against trying everything by hand."""

from __future__ import annotations

from fractions import Fraction

import pytest

from scoring.card.artefact import Card
from scoring.evaluation.whatif import Lift, cheapest_lift
from scoring.evaluation.whatif.lift import NoLiftError
from scoring.facts.values import scalar


def row_of(found, unit: str, name: str) -> int:
    """Place of the unit of that name."""
    place: int = found.names(unit).index(name)
    return place


def told(lifts: list[Lift]) -> list[tuple[str, int, int, dict[str, tuple[object, object]]]]:
    """Level, points, cost and changed facts of each."""
    return [
        (one.level, one.points, one.cost, {change.fact: (change.before, change.after) for change in one.changes})
        for one in lifts
    ]


def test_a_project_five_points_below_is_told_each_single_step(empty_town):
    """At 55 points any of the disclosures alone, worth 5, leads to exactly 60; nothing else does in one step."""
    town = empty_town
    town.served("1")
    town.survey("C1")
    town.inspection("C1", 20)

    found = town.rated()
    lifts = cheapest_lift(found.evaluation, "project", row_of(found, "project", "P1"))

    assert found.points("project", "P1") == 55
    assert told(lifts) == [
        ("sound", 6000, 1, {name: (0, 1)}) for name in ("fee_notices", "revenue_notices", "revenue_fines")
    ]


@pytest.mark.parametrize("inspected, cost", [(60, None), (56, 1), (52, 2), (48, 3)])
def test_the_cost_grows_by_one_step_each_inspection_point(empty_town, inspected: int, cost: int | None):
    """A firm's mean moves in whole points here, so each further point of the project costs a step more."""
    town = empty_town
    town.served("1")
    town.excellent("C1", inspected)

    found = town.rated()
    row = row_of(found, "firm", "F1")

    if cost is None:
        with pytest.raises(NoLiftError, match="found level 4A, allowed: a unit below the best level"):
            cheapest_lift(found.evaluation, "firm", row)
        return
    (lift, *_) = cheapest_lift(found.evaluation, "firm", row, keep=["taken_over", "honors", "has_party_organization"])
    assert (lift.level, lift.cost) == ("4A", cost)
    assert {change.fact for change in lift.changes} == {"service"}


def test_no_cheaper_way_was_overlooked(empty_town):
    """Single changes are tried on the card alone; none is enough where two are told."""
    town = empty_town
    town.served("1")
    town.survey("C1")
    town.inspection("C1", 0)
    found = town.rated()
    row = row_of(found, "project", "P1")
    card = Card.from_rules(found.evaluation.rulebook, "project")
    values = {one.name: scalar(found.unit("project").facts.values[one.path], row) for one in card.inputs}

    lifts = cheapest_lift(found.evaluation, "project", row)

    pairs = [{"fee_notices": (0, 1), "revenue_notices": (0, 1)}, {"fee_notices": (0, 1), "revenue_fines": (0, 1)}]
    assert told(lifts) == [("sound", 6000, 2, pair) for pair in pairs]
    numbers = {name: value for name, value in values.items() if isinstance(value, Fraction)}
    tried = [card.score({**values, name: value + step}) for name, value in numbers.items() for step in (1, 2)]
    assert {one.level for one in tried} == {"poor"}


def test_a_way_beyond_the_limits_is_none_instead_of_a_wrong_one(empty_town):
    """Nothing within one step is told as nothing."""
    town = empty_town
    town.served("1")
    town.inspection("C1", 0)
    found = town.rated()

    assert cheapest_lift(found.evaluation, "project", row_of(found, "project", "P1"), highest_cost=1) == []


@pytest.mark.parametrize(
    "unit, row, keep, message",
    [
        ("projects", 0, (), "found unit 'projects', allowed: project, firm, site"),
        ("project", 1, (), "found row 1, allowed: 0 to 0"),
        ("project", -1, (), "found row -1, allowed: 0 to 0"),
        ("project", 0, ["applicatons"], "found facts to keep .'applicatons'., allowed: .*applications"),
    ],
)
def test_a_question_about_nobody_is_refused(empty_town, unit: str, row: int, keep: list[str], message: str):
    """A mistyped fact that was to be kept would come back as advice; row -1 is somebody else."""
    empty_town.served("1")

    with pytest.raises(NoLiftError, match=message):
        cheapest_lift(empty_town.rated().evaluation, unit, row, keep=keep)
