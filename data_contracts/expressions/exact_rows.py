"""Exact row back end: the same meaning as `flags`, one row at a time in Python's unbounded integers.

Sixty-four bits are enough for every sane delivery; a row with a number of eighteen digits that is multiplied must
still not wrap around into a good one. Such rows, and only those, are evaluated here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from fractions import Fraction
from operator import add, eq, ge, gt, le, lt, mul, ne, sub
from typing import Any, cast

from data_contracts.expressions.integers import to_integers
from data_contracts.expressions.resolve import EPOCH
from data_contracts.expressions.terms import (
    Arithmetic,
    Coalesce,
    Column,
    Compare,
    Constant,
    Extreme,
    If,
    Logic,
    Missing,
    Not,
    Term,
    Year,
    parts,
    walk,
)

Value = int | str | bool | None
_OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "+": add,
    "-": sub,
    "*": mul,
    "=": eq,
    "<>": ne,
    "<": lt,
    "<=": le,
    ">": gt,
    ">=": ge,
}
_LARGEST = 2**63 - 1


def exact_flag(term: Term, row: Mapping[str, Value]) -> bool | None:
    """Whether a test is true on one row; None where it is unknown.

    Args:
        term: A truth-valued core term over columns of one table.
        row: Stored values: scaled whole numbers, day numbers, text, truth; None for missing.
    """
    return cast("bool | None", _value(to_integers(term), row))


def safe_reach(term: Term) -> int:
    """Largest amount that every column may have so that *term* cannot overflow 64 bits; a power of ten less one.

    >>> from data_contracts.expressions import NUMBER, TRUTH
    >>> product = Arithmetic(NUMBER, "*", Column(NUMBER, ("a",)), Column(NUMBER, ("b",)))
    >>> safe_reach(Compare(TRUTH, ">", product, Constant(NUMBER, Fraction(0))))
    999999999
    """
    whole = to_integers(term)
    if not any(isinstance(part, Arithmetic) for part in walk(whole)):
        return _LARGEST
    return max((10**digits - 1 for digits in range(19) if _peak(whole, 10**digits - 1) <= _LARGEST), default=0)


def _peak(term: Term, reach: int) -> int:
    """A bound of every number that occurs while *term* is evaluated on columns of at most *reach*."""
    below = [_peak(part, reach) for part in parts(term)]
    match term:
        case Constant(value=Fraction() as number):
            return abs(int(number))
        case Column():
            return reach
        case Arithmetic(operator="*"):
            return max(below[0] * below[1], *below)
        case Arithmetic():
            return below[0] + below[1]
    return max(below, default=0)


def _value(term: Term, row: Mapping[str, Value]) -> Value:
    match term:
        case Constant():
            return int(term.value) if isinstance(term.value, Fraction) else term.value
        case Column(path=(name,)):
            return row[name]
        case Arithmetic() | Compare():
            return _known(_OPERATIONS[term.operator], _value(term.left, row), _value(term.right, row))
        case Logic():
            return _logic(term.operator == "or", _value(term.left, row), _value(term.right, row))
        case Not():
            operand = _value(term.operand, row)
            return None if operand is None else not operand
        case Missing():
            return _value(term.operand, row) is None
        case If():
            test = _value(term.test, row)
            return None if test is None else _value(term.then if test else term.otherwise, row)
        case Coalesce():
            values = (_value(choice, row) for choice in term.choices)
            return next((value for value in values if value is not None), None)
        case Extreme():
            pick: Callable[..., Any] = min if term.function == "least" else max
            return _known(pick, *(_value(choice, row) for choice in term.choices))
        case Year():
            return _known(lambda day: (EPOCH + timedelta(days=day)).year, _value(term.day, row))
    raise TypeError(term)


def _known(function: Callable[..., Any], *values: Value) -> Value:
    return None if None in values else cast("Value", function(*values))


def _logic(decisive: bool, left: Value, right: Value) -> bool | None:
    if left is decisive or right is decisive:
        return decisive
    return None if left is None or right is None else not decisive
