"""Facts across units: one exact number for all units, or for each group of them, rounded to a stated step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import cast

import numpy as np
import numpy.typing as npt

from data_contracts.expressions.resolve import aggregates_in
from data_contracts.expressions.terms import NUMBER, Aggregate, Arithmetic, Constant, If, Missing, Term, Type
from scoring.exact import Numbers, round_fraction, total
from scoring.facts.answers import answer_path, with_answers
from scoring.facts.formula import Context, numbers, one_row
from scoring.facts.values import Path, Scalar, Value, scalar
from scoring.rulebook.shape import Fact

Rows = npt.NDArray[np.intp]
_NOTHING = Constant(Type("null", optional=True), None)
_ONE = Constant(NUMBER, Fraction(1))
_ZERO = Constant(NUMBER, Fraction(0))


def across(fact: Fact, values: Mapping[Path, Value], count: int, context: Context) -> Numbers:
    """The fact for each of *count* units; units of one group share it.

    Raises:
        PointsOverflowError: The number does not fit int64.
    """
    found: list[Fraction | None] = [None] * count
    groups = list(_groups([values[(column,)] for column in cast("tuple[str, ...]", fact.across)], count))
    aggregates = [_Over(aggregate, values, count, context) for aggregate in aggregates_in(fact.take.term)]
    formula = with_answers(fact)
    for rows in groups:
        answers = {answer_path(fact.name, place): one.of(rows) for place, one in enumerate(aggregates)}
        value = cast("Fraction | None", one_row(formula, answers, context))
        rounded = None if value is None else round_fraction(value, cast("Fraction", fact.round))
        for row in rows:
            found[row] = rounded
    return Numbers.from_fractions(found)


def _groups(columns: list[Value], count: int) -> Iterator[Rows]:
    keys: dict[tuple[Scalar, ...], list[int]] = {}
    for row in range(count):
        keys.setdefault(tuple(scalar(column, row) for column in columns), []).append(row)
    return (np.array(rows, np.intp) for rows in keys.values())


class _Over:
    """One aggregate over units: its parts are computed once for all units, then added up group by group."""

    def __init__(self, aggregate: Aggregate, values: Mapping[Path, Value], count: int, context: Context) -> None:
        self._function = aggregate.function
        parts = (numbers(term, values, count, context) for term in _parts(aggregate))
        self._upper, self._lower = parts

    def of(self, rows: Rows) -> Fraction | None:
        """The aggregate over the chosen units."""
        upper = self._upper.take(rows)
        if self._function in ("min", "max"):
            known = [value for row in range(len(rows)) if (value := upper.fraction(row)) is not None]
            return (min if self._function == "min" else max)(known) if known else None
        if self._function in ("count", "sum"):
            return total(upper)
        lower = total(self._lower.take(rows))
        return total(upper) / lower if lower else None


def _parts(aggregate: Aggregate) -> tuple[Term, Term]:
    """What is added up above and below the line; a unit where either is missing is passed over."""
    operand, weight = aggregate.operand or _ONE, aggregate.by or _ONE
    if aggregate.function == "share":
        operand = If(NUMBER.maybe(), operand, _ONE, _ZERO)
    if aggregate.function not in ("mean", "share"):
        return operand, _ONE
    number = Type("number", None, optional=True)
    return Arithmetic(number, "*", operand, weight), If(number, Missing(NUMBER, operand), _NOTHING, weight)
