"""The facts of one kind of unit: members from their table, records through the engine, the rest by formula."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

import pyarrow as pa

from scoring.exact import decimal_text, decimals
from scoring.facts.across import across
from scoring.facts.answers import answer_values, with_answers
from scoring.facts.engine import Engine, FactOverflowError
from scoring.facts.formula import Context, evaluate
from scoring.facts.judging import FactError, judging
from scoring.facts.members import Members, gather_members
from scoring.facts.query import FactQuery, fact_queries, members_query
from scoring.facts.values import Path, Scalar, Value, scalar
from scoring.rulebook.relations import Schema
from scoring.rulebook.shape import Fact, UnitRules

__all__ = ["FactError", "UnitFacts", "collect", "texts_of"]


@dataclass(frozen=True)
class UnitFacts:
    """Members with their facts: everything a card reads.

    Attributes:
        members: The units, in the order of all that follows.
        values: Own columns and facts by path.
        sql: The texts that were run, in order, for the run's hash.
    """

    members: Members
    values: dict[Path, Value]
    sql: tuple[str, ...] = field(default=())

    @property
    def count(self) -> int:
        """Number of units."""
        return len(self.members)


def collect(
    engine: Engine, schema: Schema, unit: UnitRules, context: Context, belongs: Mapping[str, pa.Table]
) -> UnitFacts:
    """All facts of *unit*.

    Args:
        engine: Holds the accepted tables, look-ups and the units rated before.
        schema: Relations as they stood when the rulebook was read.
        unit: Whose facts.
        context: Look-up tables and calendar.
        belongs: `Members.belongs` of the units rated before, by name.

    Raises:
        FactError: Records that the rulebook cannot judge, by record id.
        FactOverflowError: A fact that leaves 64 bits, by name.
    """
    members = gather_members(engine, schema, unit, context, belongs)
    engine.load(f"members_{unit.name}", members.belongs)
    values = dict(members.values)
    sql = [members_query(schema, unit)[0]]
    for query in fact_queries(schema, unit):
        values |= _answers(engine, query, len(members))
        sql.append(query.sql)
    for fact in unit.facts:
        with judging(f"{unit.name}: {fact.name}", members.record_ids):
            values[(fact.name,)] = _fact(fact, values, len(members), context)
    return UnitFacts(members, values, tuple(sql))


def _answers(engine: Engine, query: FactQuery, count: int) -> dict[Path, Value]:
    try:
        for guard in query.guards:
            found = engine.run(guard.sql)
            if found.num_rows:
                raise FactError(f"{query.name}: {guard.message(found)}")
        rows = engine.run(query.sql)
    except FactOverflowError as error:
        raise FactOverflowError(f"{query.name}: found a number beyond 64 bits ({error})") from None
    return answer_values(query, rows, count)


def _fact(fact: Fact, values: Mapping[Path, Value], count: int, context: Context) -> Value:
    if fact.across is not None:
        return across(fact, values, count, context)
    return evaluate(fact.take.term if fact.view is None else with_answers(fact), values, count, context)


def texts_of(value: Value, count: int) -> list[str]:
    """A column as texts for keys, names and divisions: numbers in full, empty where missing."""
    return [_text(scalar(value, row)) for row in range(count)]


def _text(value: Scalar) -> str:
    if not isinstance(value, Fraction):
        return "" if value is None else str(value)
    try:
        digits = decimals(value)
    except ValueError:
        return str(value)
    return decimal_text(int(value * 10**digits), Fraction(1, 10**digits))
