"""What an engine answered, put into the formula it was asked for: `sum(a) / sum(b)` is two answers and a division."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from fractions import Fraction
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data_contracts.expressions.resolve import aggregates_in
from data_contracts.expressions.terms import Aggregate, Column, Term
from scoring.exact import Numbers, PointsOverflowError
from scoring.facts.engine import FactOverflowError
from scoring.facts.query import Answer, FactQuery
from scoring.facts.sql import UNIT
from scoring.facts.values import Path, Texts, Truths, Value
from scoring.rulebook.shape import Fact


def answer_path(fact: str, place: int) -> Path:
    """Where the answer to aggregate *place* of a fact stands among a unit's values; no name of a rulebook has a #."""
    return (f"#{fact}", str(place))


def with_answers(fact: Fact) -> Term:
    """The fact's formula with each aggregate replaced by its answer."""
    places = {id(found): place for place, found in enumerate(aggregates_in(fact.take.term))}
    return _replaced(fact.take.term, fact.name, places)


def _replaced(term: Term, fact: str, places: Mapping[int, int]) -> Term:
    if isinstance(term, Aggregate):
        return Column(term.type, answer_path(fact, places[id(term)]))
    changed: dict[str, Any] = {}
    for part in fields(term):
        value = getattr(term, part.name)
        if isinstance(value, Term):
            changed[part.name] = _replaced(value, fact, places)
        elif isinstance(value, tuple) and any(isinstance(item, Term) for item in value):
            changed[part.name] = tuple(_replaced(item, fact, places) for item in value)
    return replace(term, **changed) if changed else term


def answer_values(query: FactQuery, rows: pa.Table, count: int) -> dict[Path, Value]:
    """Columns for *count* units from the rows of a query; a unit without a row has no records.

    Raises:
        FactOverflowError: A number beyond 64 bits, naming the fact.
    """
    at = np.asarray(rows[UNIT]).astype(np.intp)
    found: dict[Path, Value] = {}
    for place, answer in enumerate(query.answers):
        column = rows[f"n{place}"].combine_chunks()
        path = answer_path(answer.fact, answer.place)
        match answer.kind:
            case "text":
                texts = np.full(count, None, object)
                texts[at] = column.to_pylist()
                found[path] = Texts.of(texts)
            case "truth":
                known: list[bool | None] = [None] * count
                for unit, value in zip(at, column.to_pylist(), strict=True):
                    known[unit] = value
                found[path] = Truths.of(known)
            case _:
                found[path] = _pair(query, answer, column, rows[f"d{place}"].combine_chunks(), at, count)
    return found


def _pair(
    query: FactQuery, answer: Answer, num: pa.Array, den: pa.Array, at: np.ndarray[Any, Any], count: int
) -> Numbers:
    upper, lower, missing = np.zeros(count, np.int64), np.ones(count, np.int64), np.full(count, not answer.zero)
    upper[at] = np.asarray(pc.fill_null(num, 0))
    lower[at] = np.asarray(pc.fill_null(den, 0))
    missing[at] = np.asarray(pc.is_null(num))
    try:
        pair = Numbers.ratios(upper, lower, missing)
        if not answer.scale:
            return pair
        unit = Fraction(1, 10**answer.scale)
        scaled = pair * Numbers.of(unit)
        rows = np.flatnonzero(scaled.lost)
        return scaled.with_values(rows, [_times(pair.fraction(int(row)), unit) for row in rows])
    except PointsOverflowError as error:
        raise FactOverflowError(f"{query.name}: found a number beyond 64 bits ({error})") from None


def _times(value: Fraction | None, unit: Fraction) -> Fraction | None:
    return None if value is None else value * unit
