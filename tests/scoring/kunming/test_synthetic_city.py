"""Every rule of the book bites somewhere in the synthetic city: a rule that nothing reaches is tested by nothing."""

from __future__ import annotations

from collections import Counter
from functools import cache

import numpy as np
import pytest

from data_contracts.intake import take_in
from data_contracts.mapping.load import load_mappings
from scoring.evaluation.run import Evaluation, evaluate
from scoring.rulebook import Rulebook, find_rulebook, load_rulebook
from scoring.rulebook.cards import leaves
from scoring.synthetic import synthesize

BOOK = find_rulebook("kunming/2024")


@cache
def book() -> Rulebook:
    """The shipped rulebook."""
    return load_rulebook(BOOK)


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    """The synthetic Kunming of seed 1, taken in and rated."""
    made = synthesize(tmp_path_factory.mktemp("kunming"), seed=1, formats=("parquet",))
    delivered = made.delivered[book().period_to.year][0]
    intake = take_in(delivered, book().contracts, load_mappings([BOOK / "mappings"], book().contracts))
    assert not intake.refuses_batch
    return evaluate(book(), intake.tables)


LINES = [(unit.name, line.id) for unit in book().units for line in leaves(unit.card.lines)]
STEPS = [(unit.name, step.id) for unit in book().units if unit.levels for step in unit.levels.steps if step.enabled]
SITE_ROWS = list(range(len(book().units[2].statuses)))


@pytest.mark.parametrize("unit, name", LINES)
def test_every_line_tells_units_apart(city: Evaluation, unit: str, name: str):
    """A line that gives everyone the same says nothing about anyone."""
    result = city.units[unit]
    line = next(line for line in result.card.lines if line.id == name)

    found = {int(points) for points in line.points[result.rated.has_points]}

    assert len(found) > 1


@pytest.mark.parametrize("unit, name", STEPS)
def test_every_step_moves_a_level(city: Evaluation, unit: str, name: str):
    """A veto or cap that never fires may be wired to nothing."""
    step = next(taken for taken in city.units[unit].rated.steps if taken.step.id == name)

    assert step.bit.any()


@pytest.mark.parametrize("row", SITE_ROWS)
def test_every_site_row_keeps_a_compound_out(city: Evaluation, row: int):
    """Each exclusion and each condition is somebody's reason."""
    assert (city.units["site"].rated.decided_by == row).any()


def test_a_veto_reaches_a_firm_that_did_not_apply(city: Evaluation):
    """Among some hundred firms there is one that is at A without having applied."""
    rated = city.units["firm"].rated

    assert ((rated.level == "A") & (rated.status == "NOT_APPLIED")).any()


def test_every_sheet_adds_up(city: Evaluation):
    """Σ lines = points for every unit: what is printed can be added by hand."""
    for result in city.units.values():
        assert (np.sum([line.points for line in result.card.lines], axis=0) == result.card.points).all()


def test_no_county_has_more_than_two_candidates_and_no_firm_two_in_one(city: Evaluation):
    """The quota of the policy, counted from the result; some places may stay empty."""
    result = city.units["site"]
    operators = result.facts.values[("operator",)].values  # type: ignore[union-attr]  # a text fact
    taken = [
        (division, operator)
        for division, operator, level in zip(result.divisions, operators, result.rated.level, strict=True)
        if level == "nominated"
    ]

    assert max(Counter(division for division, _ in taken).values()) <= 2
    assert len(set(taken)) == len(taken)
    assert len(taken) >= 14


def test_the_levels_are_spread_as_published_cities_are(city: Evaluation):
    """The best level holds 2.5 to 16 % and the largest 40 to 84 % of rated firms, as in the cities that publish."""
    levels = Counter(level for level in city.units["firm"].rated.level if level)
    rated = sum(levels.values())

    assert 0.025 <= levels["4A"] / rated <= 0.16
    assert 0.40 <= max(levels.values()) / rated <= 0.84
