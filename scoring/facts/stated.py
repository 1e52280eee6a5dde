"""Facts that are stated instead of counted: what a case says of a unit, and what follows for the rest of its facts.

A fact over records that nothing is said about is what it would be without records (0 or missing), or unknown where the
whole card is stated too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import cast

from data_contracts.expressions import Type
from data_contracts.expressions.resolve import aggregates_in
from scoring.exact import Numbers
from scoring.facts.across import across
from scoring.facts.answers import answer_path, with_answers
from scoring.facts.formula import Context, evaluate
from scoring.facts.values import Path, Scalar, Texts, Truths, Value
from scoring.rulebook.shape import Fact, UnitRules


def column_of(values: Sequence[Scalar], kind: Type) -> Value:
    """Python values as a column; days are whole numbers.

    >>> column_of([Fraction(1, 2), None], Type("number")).fraction(0)
    Fraction(1, 2)
    """
    match kind.kind:
        case "text":
            return Texts.of(list(values))
        case "truth":
            return Truths.of(cast("list[bool | None]", list(values)))
    return Numbers.from_fractions(cast("list[Fraction | None]", list(values)))


def with_facts(
    unit: UnitRules, stated: Mapping[Path, Value], count: int, context: Context, *, no_records: bool
) -> dict[Path, Value]:
    """*stated* and every other fact of *unit*, in file order.

    Args:
        unit: Whose facts.
        stated: Own columns, all of them, and the facts that are stated, by path.
        count: Number of units.
        context: Look-up tables and calendar.
        no_records: Whether a fact over records that is not stated is as without records; unknown otherwise.
    """
    values = dict(stated)
    for fact in unit.facts:
        if (fact.name,) not in values:
            values |= _answers(fact, count, no_records=no_records)
            values[(fact.name,)] = _fact(fact, values, count, context)
    return values


def _answers(fact: Fact, count: int, *, no_records: bool) -> dict[Path, Value]:
    if fact.view is None:
        return {}
    found = {}
    for place, aggregate in enumerate(aggregates_in(fact.take.term)):
        zero = no_records and aggregate.function in ("count", "sum")
        found[answer_path(fact.name, place)] = column_of([Fraction(0) if zero else None] * count, aggregate.type)
    return found


def _fact(fact: Fact, values: Mapping[Path, Value], count: int, context: Context) -> Value:
    if fact.across is not None:
        return across(fact, values, count, context)
    return evaluate(fact.take.term if fact.view is None else with_answers(fact), values, count, context)
