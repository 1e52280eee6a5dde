"""The Kunming rulebook as a document: nothing without a delivered column, nothing unpublished that claims to be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

import pytest

from data_contracts.expressions.terms import Term, columns
from scoring.evaluation.cases import run_cases
from scoring.rating.explain import terms_of
from scoring.rulebook import Rulebook, find_rulebook, load_rulebook
from scoring.rulebook.cards import leaves
from scoring.rulebook.relations import Relation
from scoring.rulebook.shape import Citation, Fact, Line, UnitRules, View


@cache
def book() -> Rulebook:
    """The shipped rulebook."""
    return load_rulebook(find_rulebook("kunming/2024"))


def parts() -> Iterator[tuple[str, UnitRules, tuple[Term, ...]]]:
    """Every line, step, status and level row of every unit, with the terms it evaluates."""
    for unit in book().units:
        for line in leaves(unit.card.lines):
            yield f"{unit.name}:{line.id}", unit, tuple(terms_of(line))
        for place, status in enumerate(unit.statuses):
            yield f"{unit.name}:status {place} {status.status} {status.citation.clause}", unit, (status.when.term,)
        for step in unit.levels.steps if unit.levels else ():
            yield f"{unit.name}:{step.id}", unit, tuple(terms_of(step))


def delivered(terms: Iterable[Term], relation: Relation) -> set[str]:
    """Contract columns that *terms* over *relation* come from, through facts and units rated before."""
    found: set[str] = set()
    for term in terms:
        for path in columns(term):
            found |= _behind_path(path, relation)
    return found


def _behind_path(path: tuple[str, ...], relation: Relation) -> set[str] | frozenset[str]:
    located = book().schema.locate(relation, path) or book().schema.locate(relation, path[1:])
    if located is None:
        return set()
    if located.layer is None:
        column = book().contracts[located.relation.table].column(located.column)
        return set() if column is None else {f"{located.relation.table}.{located.column}"}
    return _behind_result(located.layer, located.column)


@cache
def _behind_result(unit_name: str, column: str) -> frozenset[str]:
    """What a fact, the points or the level of a rated unit come from."""
    unit = next(unit for unit in book().units if unit.name == unit_name)
    fact = next((fact for fact in unit.facts if fact.name == column), None)
    if fact is not None:
        return frozenset(_behind_fact(fact, unit))
    return frozenset(column for line in leaves(unit.card.lines) for column in delivered(terms_of(line), unit.result))


def _behind_fact(fact: Fact, unit: UnitRules) -> set[str]:
    if fact.view is None:
        return delivered([fact.take.term], unit.result)
    tests = [test.term for test in (fact.take, fact.where) if test is not None]
    return delivered([*tests, *_tests_of(fact.view)], fact.view.relation)


def _tests_of(view: View) -> Iterator[Term]:
    yield from (test.term for test in (view.where, view.time) if test is not None)
    yield from view.once_per
    if view.inner is not None:
        yield from _tests_of(view.inner)


@pytest.mark.parametrize("name, unit, terms", list(parts()), ids=[name for name, _, _ in parts()])
def test_every_line_step_and_status_rests_on_a_delivered_column(name: str, unit: UnitRules, terms: tuple[Term, ...]):
    """A rule about something that no office delivers could never be applied, and nobody would notice."""
    found = delivered(terms, unit.result)

    assert found, name


def test_nothing_unpublished_is_shown_as_published():
    """The scoring table of Yunnan is not public: a number that claims to be must cite its source."""
    claimed = [citation for citation in _citations() if citation.basis == "published"]

    assert [citation for citation in claimed if not citation.source] == []
    assert all(citation.basis in ("published", "inferred", "proposed") for citation in _citations())


def _citations() -> Iterator[Citation]:
    for unit in book().units:
        for line in _all_lines(unit.card.lines):
            yield line.citation
            yield from (row.citation for row in line.tiers)
        yield from (status.citation for status in unit.statuses)
        if unit.levels is not None:
            yield from (row.citation for row in unit.levels.rows)
            yield from (step.citation for step in unit.levels.steps)
    yield from (table.citation for table in book().tables.values())


def _all_lines(lines: tuple[Line, ...]) -> Iterator[Line]:
    for line in lines:
        yield line
        yield from _all_lines(line.lines)


def test_the_cases_an_officer_can_sign_hold():
    """They are worked out by hand; a case that fails says the book means something else than its office."""
    results = run_cases(find_rulebook("kunming/2024"))

    assert [(result.case.title, result.mismatches) for result in results if result.mismatches] == []
