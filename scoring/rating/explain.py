"""What stands behind a line: its facts, and the records that each of them counted.

A line leads to the facts it names, a fact to its view; the same filter that counted lists the records, so nothing is
stored twice and nothing can disagree. A line that reads a unit's own row leads to that row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from data_contracts.expressions.terms import Term, columns
from data_contracts.model import RECORD_ID
from scoring.facts.engine import Engine
from scoring.facts.query import PARTS, records_query
from scoring.facts.sql import UNIT
from scoring.rulebook.cards import leaves
from scoring.rulebook.relations import Schema
from scoring.rulebook.shape import Fact, Line, Step, UnitRules


@dataclass(frozen=True, slots=True)
class Behind:
    """What a line or step reads: facts that count records, and whether it reads the unit's own row."""

    facts: tuple[Fact, ...]
    own_row: bool


def behind(unit: UnitRules, terms: Iterable[Term]) -> Behind:
    """Follow the columns of *terms* through the unit's facts down to those that count records."""
    known = {fact.name: fact for fact in unit.facts}
    found: dict[str, Fact] = {}
    own_row = False
    waiting = [path for term in terms for path in columns(term)]
    seen: set[tuple[str, ...]] = set()
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        fact = known.get(path[0]) if len(path) == 1 else None
        if fact is None:
            own_row = own_row or path[0] not in ("points", "level", "status", "division", "missing_full")
        elif fact.view is not None:
            found[fact.name] = fact
        elif fact.across is None:
            waiting += columns(fact.take.term)
    return Behind(tuple(fact for name, fact in known.items() if name in found), own_row)


def terms_of(item: Line | Step) -> Iterator[Term]:
    """Every term a line or step evaluates."""
    if isinstance(item, Step):
        tests = [item.when] if item.rank is None else [item.rank.among]
        yield from (term for term, _ in (item.rank.by if item.rank else ()))
    else:
        tests = [item.points, item.on, item.when, *(row.when for row in item.tiers)]
    yield from (test.term for test in tests if test is not None)


def records_of(engine: Engine, schema: Schema, unit: UnitRules, own_rows: pa.Array) -> pa.Table:
    """All records behind all lines and steps of one kind of unit.

    Args:
        engine: Still holding the run's tables.
        schema: All relations of the rulebook.
        unit: Whose lines and steps.
        own_rows: Record id of each unit's own row.

    Returns:
        unit_no int64, line str, table str, record str, part str; sorted, each record once per line.
    """
    items: list[Line | Step] = [*leaves(unit.card.lines), *(unit.levels.steps if unit.levels else ())]
    listed: dict[str, pa.Table] = {}
    parts: list[pa.Table] = []
    for item in items:
        found = behind(unit, terms_of(item))
        for fact in found.facts:
            if fact.name not in listed:
                listed[fact.name] = engine.run(records_query(schema, unit, fact))
            parts.append(_as_lines(item.id, fact.view.relation.name if fact.view else "", listed[fact.name]))
        if found.own_row:
            own = pa.table(
                {
                    UNIT: pa.array(np.arange(len(own_rows)), pa.int64()),
                    RECORD_ID: own_rows,
                    "part": pa.array(["counted"] * len(own_rows)),
                }
            )
            parts.append(_as_lines(item.id, unit.relation.name, own))
    return _once_per_line(parts)


def _as_lines(line: str, table: str, records: pa.Table) -> pa.Table:
    count = records.num_rows
    rank = pa.array([PARTS.index(part) for part in records["part"].to_pylist()], pa.int8())
    named = {"line": pa.array([line] * count, pa.string()), "table": pa.array([table] * count, pa.string())}
    return pa.table({UNIT: records[UNIT], **named, "record": records[RECORD_ID], "rank": rank})


def _once_per_line(parts: list[pa.Table]) -> pa.Table:
    empty = {UNIT: pa.int64(), "line": pa.string(), "table": pa.string(), "record": pa.string(), "rank": pa.int8()}
    whole = pa.concat_tables([pa.schema(list(empty.items())).empty_table(), *parts])
    keys = [UNIT, "line", "table", "record"]
    once = whole.group_by(keys).aggregate([("rank", "min")]).sort_by([(key, "ascending") for key in keys])
    names = pa.array(PARTS, pa.string())
    return once.select(keys).append_column("part", names.take(once["rank_min"].combine_chunks()))
