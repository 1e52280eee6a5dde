"""Every shipped rulebook: it loads, its hand-computed cases hold, and they meet every edge that it has."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import cache

import pytest

from scoring.evaluation.cases import CaseResult, Outcome, run_cases
from scoring.evaluation.cases.shape import all_lines
from scoring.rulebook import Rulebook, find_rulebook, load_rulebook, shipped_rulebooks
from scoring.rulebook.cards import leaves
from scoring.rulebook.shape import Row, UnitRules

BOOKS = shipped_rulebooks()
NEAR = Fraction(1, 100)
every_book = pytest.mark.parametrize("name", BOOKS)


@cache
def book(name: str) -> Rulebook:
    """A shipped rulebook."""
    return load_rulebook(find_rulebook(name))


@cache
def results(name: str) -> list[CaseResult]:
    """Its cases, run once."""
    return run_cases(find_rulebook(name))


def outcomes(name: str, unit: UnitRules) -> Iterator[Outcome]:
    """What became of every unit of one kind in all cases."""
    for result in results(name):
        yield from result.outcomes.get(unit.name, ())


def points_seen(name: str, unit: UnitRules) -> set[Fraction]:
    """Points that level rows were tested on."""
    found = [one for one in outcomes(name, unit) if one.result.rated.has_points[one.row]]
    return {int(one.result.card.points[one.row]) * book(name).unit for one in found}


def amounts_seen(name: str, unit: UnitRules, line: str) -> set[Fraction]:
    """Numbers that the tiers of *line* were tested on."""
    lines = [(row, found) for row in outcomes(name, unit) for found in row.result.card.lines if found.id == line]
    return {value for row, found in lines if (value := found.amount.fraction(row.row)) is not None}


def edges(rows: tuple[Row, ...]) -> set[Fraction]:
    """Every number at which the rows change."""
    return {edge[0] for row in rows for edge in (row.lower, row.upper) if edge is not None}


def edges_not_met(rows: tuple[Row, ...], step: Fraction | None, seen: set[Fraction]) -> list[str]:
    """Edges without a case just below, on or just above; *step* is the distance of neighbours, None for ratios."""
    missed = []
    for edge in sorted(edges(rows)):
        reach = step or NEAR
        below = any(edge - reach <= value < edge for value in seen)
        above = any(edge < value <= edge + reach for value in seen)
        found = {"below": below, "on": edge in seen, "above": above}
        missed += [f"{float(edge):g} {place}" for place, met in found.items() if not met]
    return missed


def test_the_shelf_holds_the_rules_of_many_places():
    """A book that is not found by name would be tested by nothing here."""
    places = {name.partition("/")[0] for name in BOOKS}
    wanted = "hefei kunming lianyungang putuo qiqihar red-table shandong shanghai toronto yantai yinchuan"

    assert places >= set(wanted.split())


@every_book
def test_a_shipped_book_loads_without_a_problem_or_a_warning(name: str):
    """A number without source or basis would be shown to firms as if it were published."""
    assert book(name).warnings == ()


@every_book
def test_the_cases_of_a_shipped_book_hold(name: str):
    """They are worked out by hand; a case that fails says that the book means something else than its source."""
    assert len(results(name)) >= 8
    assert [(result.case.title, result.mismatches) for result in results(name) if result.mismatches] == []


@every_book
def test_every_edge_has_a_case_just_below_on_and_just_above(name: str):
    """Whether an edge belongs to the better side is where a published rule and its program differ first."""
    missed = {}
    for unit in book(name).units:
        tables = {line.id: line for line in leaves(unit.card.lines) if line.tiers}
        for line in tables.values():
            scale = None if line.on is None else line.on.term.type.scale
            step = None if scale is None else Fraction(1, 10**scale)
            missed[f"{unit.name} {line.id}"] = edges_not_met(line.tiers, step, amounts_seen(name, unit, line.id))
        if unit.levels is not None:
            missed[f"{unit.name} levels"] = edges_not_met(unit.levels.rows, book(name).unit, points_seen(name, unit))

    assert {table: places for table, places in missed.items() if places} == {}


@every_book
def test_every_level_status_and_step_is_the_outcome_of_some_case(name: str):
    """A veto or a status that no case shows may never apply, and nobody would notice."""
    never = []
    for unit in book(name).units:
        found = list(outcomes(name, unit))
        levels = {one.text("level", "") for one in found}
        decided = {int(one.result.rated.decided_by[one.row]) for one in found if one.result.rules.statuses}
        order = unit.levels.order if unit.levels else ()
        steps = [step for step in (unit.levels.steps if unit.levels else ()) if step.enabled]
        never += [f"{unit.name} level {level}" for level in order if level not in levels]
        never += [f"{unit.name} status {place}" for place in range(len(unit.statuses)) if place not in decided]
        never += [
            f"{unit.name} step {step.id}" for step in steps if all(one.text("step", step.id) == "-" for one in found)
        ]

    assert never == []


@every_book
def test_every_maximum_of_a_line_is_reached_in_some_case(name: str):
    """A maximum out of reach, or on the wrong line, would rate every firm lower than the rule says."""
    never = []
    for unit in book(name).units:
        found = list(outcomes(name, unit))
        bounded = [(line.id, line.within[1]) for line in all_lines(unit.card.lines) if line.within is not None]
        never += [
            f"{unit.name} {line}"
            for line, most in bounded
            if most is not None and all(one.line_units(line) != most for one in found)
        ]

    assert never == []
