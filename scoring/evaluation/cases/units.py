"""Units that a case states without records: their facts, or only their points, through card and rating."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa

from data_contracts.model import RECORD_ID
from scoring.card.card import CardResult, score
from scoring.evaluation.cases.shape import GivenUnits, Stated, known_columns
from scoring.evaluation.run import UnitResult
from scoring.facts.collect import UnitFacts, texts_of
from scoring.facts.formula import Context
from scoring.facts.formula import evaluate as value_of
from scoring.facts.members import Members
from scoring.facts.sql import UNIT
from scoring.facts.stated import column_of, with_facts
from scoring.facts.values import Path, Texts, Value
from scoring.rating.levels import rate
from scoring.rulebook.shape import Rulebook, UnitRules


def stated_result(book: Rulebook, given: GivenUnits) -> UnitResult:
    """The units rated, in the order given. Points that are stated stand for the card and the statuses."""
    units, count = given.units, len(given.units)
    context = Context.of(book)
    on_points = units[0].points is not None
    values = with_facts(given.unit, _stated_values(book, given), count, context, no_records=not on_points)
    rules = _rules(given, on_points=on_points)
    divisions = [""] * count
    if rules.division is not None:
        divisions = texts_of(value_of(rules.division.term, values, count, context), count)
        values[("division",)] = Texts.of([text or None for text in divisions])
    card = _card_of(units) if on_points else score(rules.card, values, count, book.unit, context)
    ids = pa.array([one.name for one in units], pa.string())
    belongs = pa.table({RECORD_ID: ids, UNIT: pa.array(range(count), pa.int64())})
    facts = UnitFacts(Members(rules, ids, values, belongs), values)
    names = [one.name for one in units]
    return UnitResult(rules, facts, card, rate(rules, card, values, book.unit, context), names, divisions)


def _rules(given: GivenUnits, *, on_points: bool) -> UnitRules:
    """The unit's rules without what the case does not speak of: statuses beside points, ranks of one unit alone."""
    rules = replace(given.unit, statuses=()) if on_points else given.unit
    if not given.alone or rules.levels is None:
        return rules
    steps = tuple(step for step in rules.levels.steps if step.rank is None)
    return replace(rules, levels=replace(rules.levels, steps=steps))


def _stated_values(book: Rulebook, given: GivenUnits) -> dict[Path, Value]:
    """All own columns, missing where nothing is said, and the facts that are stated of any of the units."""
    said = {path for one in given.units for path in one.facts}
    values = {}
    for name, kind in known_columns(book, given.unit).items():
        path = tuple(name.split("."))
        if path in said or path in given.unit.columns:
            named = name == given.unit.key[0] and kind.kind == "text"
            values[path] = column_of([one.facts.get(path, one.name if named else None) for one in given.units], kind)
    return values


def _card_of(units: Sequence[Stated]) -> CardResult:
    """Points without lines."""
    points = np.array([one.points or 0 for one in units], np.int64)
    nothing = np.zeros(len(units), np.int64)
    return CardResult((), points, nothing.astype(bool), nothing)
