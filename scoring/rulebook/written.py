"""A typed term back to the text of the language, for what is kept only as a term: keys, what decides, rank criteria.

The text means the same; it need not be the text that was read, because `in_period` and its like are comparisons here.
"""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

from data_contracts.expressions.resolve import EPOCH
from data_contracts.expressions.terms import (
    AddMonths,
    AddWorkingDays,
    Aggregate,
    Arithmetic,
    Coalesce,
    Column,
    Compare,
    Constant,
    Extreme,
    Given,
    If,
    Logic,
    Missing,
    Not,
    Position,
    SincePrevious,
    TableValue,
    Term,
    Year,
    parts,
)

_NAMES = {
    AddMonths: "add_months",
    AddWorkingDays: "add_working_days",
    Year: "year",
    SincePrevious: "days_since_previous",
}


def written(term: Term) -> str:
    """Text that reads as *term*; brackets around every operation inside another.

    >>> written(Column(Term, ("project", "floor_area_m2")))
    'project.floor_area_m2'
    """
    match term:
        case Constant():
            return _constant(term)
        case Column():
            return ".".join(term.path)
        case Compare(left=Position() as left, right=Position() as right):
            return _call("worse" if term.operator == ">" else "better", left.operand, right.operand)
        case Arithmetic() | Compare() | Logic():
            return f"{_inner(term.left)} {term.operator} {_inner(term.right)}"
        case Not(operand=Missing() as missing):
            return f"{_inner(missing.operand)} is not null"
        case Not():
            return f"not {_inner(term.operand)}"
        case Missing():
            return f"{_inner(term.operand)} is null"
        case TableValue():
            return f"{term.table}[{', '.join(map(written, term.keys))}]"
    return _function(term)


def _function(term: Term) -> str:
    match term:
        case If():
            return _call("if", term.test, term.then, term.otherwise)
        case Coalesce():
            return _call("coalesce", *term.choices)
        case Extreme():
            return _call(term.function, *term.choices)
        case Given():
            return _given(term)
        case Aggregate():
            return _call(term.function, *parts(term))
    name = _NAMES.get(type(term))
    if name is None:
        raise TypeError(f"found {type(term).__name__}, allowed: a term of the language")
    return _call(name, *parts(term))


def _call(name: str, *arguments: Term) -> str:
    return f"{name}({', '.join(map(written, arguments))})"


def _inner(term: Term) -> str:
    text = written(term)
    return f"({text})" if isinstance(term, (Arithmetic, Compare, Logic, Missing, Not)) else text


def _given(term: Given) -> str:
    """The range, the reference and the reason stand in the test that refuses a value."""
    match term.refused:
        case Logic(
            left=Logic(left=Compare(right=low), right=Compare(right=high)),
            right=Logic(left=Compare(right=reference), right=Missing(operand=reason)),
        ):
            return _call("given", term.value, low, high, reference, reason)
    raise TypeError("found a given value without its range, allowed: given(x, low, high, reference, reason)")


def _constant(term: Constant) -> str:
    match term.value:
        case None:
            return "null"
        case bool():
            return "true" if term.value else "false"
        case str():
            return "'" + term.value.replace("'", "''") + "'"
    if term.type.kind == "day":
        return f"date '{EPOCH + timedelta(days=int(term.value))}'"
    return plain(term.value)


def plain(number: Fraction) -> str:
    """A decimal number as written, without an exponent or trailing zeros.

    >>> plain(Fraction("0.50")), plain(Fraction(-12)), plain(Fraction(1, 3))
    ('0.5', '-12', '1/3')
    """
    digits = next((count for count in range(19) if 10**count % number.denominator == 0), None)
    if digits is None:
        return str(number)
    whole = str(abs(number.numerator * 10**digits // number.denominator)).rjust(digits + 1, "0")
    sign = "-" if number < 0 else ""
    return f"{sign}{whole[:-digits]}.{whole[-digits:]}" if digits else f"{sign}{whole}"
