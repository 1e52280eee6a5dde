"""Decimals to whole numbers: the same term over scaled integers, so that row back ends never see a fraction.

A column of two decimals arrives as hundredths; `amount >= 0.5` becomes `amount >= 50`. Division has no whole
result and is refused here: it belongs on a unit, where numbers stay exact pairs.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import cast

from data_contracts.expressions.syntax import ExpressionError
from data_contracts.expressions.terms import (
    Aggregate,
    Arithmetic,
    Coalesce,
    Column,
    Compare,
    Constant,
    Extreme,
    If,
    TableValue,
    Term,
    Type,
    parts,
)

_NESTED = ("left", "right", "operand", "test", "then", "otherwise", "value", "refused", "day", "months", "days", "by")


def to_integers(term: Term) -> Term:
    """Rewrite *term* over scaled integers; its type keeps the scale of the result.

    Raises:
        ExpressionError: A division, or a ratio where only whole numbers can go.
    """
    match term:
        case Constant(value=Fraction()):
            return _constant(term)
        case Arithmetic(operator="/"):
            raise ExpressionError("found a division per record, allowed: + - * here; divide on the unit")
        case Arithmetic(operator="*"):
            return replace(term, left=to_integers(term.left), right=to_integers(term.right))
        case Arithmetic():
            return replace(term, left=_scaled(term.left, _scale(term)), right=_scaled(term.right, _scale(term)))
        case Compare() if term.left.type.scale is not None and term.right.type.scale is not None:
            scale = max(term.left.type.scale, term.right.type.scale)
            return replace(term, left=_scaled(term.left, scale), right=_scaled(term.right, scale))
        case If() if term.type.scale is not None:
            then, otherwise = _scaled(term.then, term.type.scale), _scaled(term.otherwise, term.type.scale)
            return replace(term, test=to_integers(term.test), then=then, otherwise=otherwise)
        case Coalesce() | Extreme() if term.type.scale is not None:
            return replace(term, choices=tuple(_scaled(choice, term.type.scale) for choice in term.choices))
        case TableValue():
            otherwise_ = None if term.otherwise is None else cast("Constant", _scaled(term.otherwise, _scale(term)))
            return replace(term, keys=tuple(to_integers(key) for key in term.keys), otherwise=otherwise_)
        case _:
            return _below(term)


def _below(term: Term) -> Term:
    if term.type.kind == "number" and term.type.scale is None and not isinstance(term, Aggregate):
        raise _ratio(term)
    changed: dict[str, Term | tuple[Term, ...]] = {}
    for name in _NESTED:
        value = getattr(term, name, None)
        if isinstance(value, Term):
            changed[name] = to_integers(value)
    for name in ("choices", "keys"):
        value = getattr(term, name, None)
        if value and any(isinstance(part, Term) for part in value):
            changed[name] = tuple(to_integers(part) for part in value)
    return replace(term, **changed) if list(parts(term)) else term  # type: ignore[arg-type]  # names checked above


def _constant(term: Constant) -> Constant:
    scaled = cast("Fraction", term.value) * 10 ** _scale(term)
    return replace(term, value=scaled)


def _scaled(term: Term, scale: int) -> Term:
    whole = to_integers(term)
    if term.type.kind == "null" or term.type.scale == scale:
        return whole
    factor = Fraction(10 ** (scale - _scale(term)))
    kind = Type(term.type.kind, scale, term.type.optional)
    if isinstance(whole, Constant):
        return Constant(kind, cast("Fraction", whole.value) * factor)
    return Arithmetic(kind, "*", whole, Constant(Type("number", 0), factor))


def _scale(term: Term) -> int:
    if term.type.scale is None:
        raise _ratio(term)
    return term.type.scale


def _ratio(term: Term) -> ExpressionError:
    name = f" {'.'.join(term.path)!r}" if isinstance(term, Column) else ""
    return ExpressionError(f"found a ratio{name}, allowed: numbers with fixed decimals, compared or added per record")
