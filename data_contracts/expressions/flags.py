"""Row back end: a typed core term as a narwhals expression over a table of columns.

Columns arrive as the contract's storage types: whole numbers scaled by their decimals, days as dates, text, truth.
Days are computed with as day numbers, so that `add_days(received_on, 15) < replied_on` is plain arithmetic. The
result follows three-valued logic; a rule is broken only where its expression is known to be true.
"""

from __future__ import annotations

from fractions import Fraction
from functools import reduce

import narwhals as nw

from data_contracts.expressions.integers import to_integers
from data_contracts.expressions.syntax import ExpressionError
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
)


def flag_expression(term: Term) -> nw.Expr:
    """A narwhals expression that is true where *term* is.

    Args:
        term: A truth-valued core term over columns of one table.

    Raises:
        ExpressionError: The term needs look-up tables, foreign keys or neighbouring rows.
    """
    return _render(to_integers(term))


def _render(term: Term) -> nw.Expr:
    match term:
        case Constant():
            return nw.lit(_value(term))
        case Column(path=(name,)) if term.type.kind == "day":
            return nw.col(name).cast(nw.Int32).cast(nw.Int64)
        case Column(path=(name,)):
            return nw.col(name)
        case Arithmetic():
            return _arithmetic(term.operator, _render(term.left), _render(term.right))
        case Compare():
            return _compare(term.operator, _render(term.left), _render(term.right))
        case Logic(operator="and"):
            return _render(term.left) & _render(term.right)
        case Logic():
            return _render(term.left) | _render(term.right)
        case Not():
            return ~_render(term.operand)
        case Missing():
            return _render(term.operand).is_null()
        case If():
            return _choose(term)
        case Coalesce():
            return nw.coalesce(*(_render(choice) for choice in term.choices))
        case Extreme():
            return _extreme(term)
        case Year() if term.day.type.scale == 0:
            return _render(term.day).cast(nw.Int32).cast(nw.Date).dt.year()
    raise ExpressionError(
        f"found {type(term).__name__}, allowed: one table's own columns, arithmetic, comparison, if, coalesce"
    )


def _value(term: Constant) -> int | str | bool | None:
    return int(term.value) if isinstance(term.value, Fraction) else term.value


def _arithmetic(operator: str, left: nw.Expr, right: nw.Expr) -> nw.Expr:
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
    return left * right


def _compare(operator: str, left: nw.Expr, right: nw.Expr) -> nw.Expr:
    match operator:
        case "=":
            return left == right
        case "<>":
            return left != right
        case "<":
            return left < right
        case "<=":
            return left <= right
        case ">":
            return left > right
    return left >= right


def _choose(term: If) -> nw.Expr:
    """A missing test gives a missing value: neither branch may stand in for it."""
    test = _render(term.test)
    chosen = nw.when(test).then(_render(term.then)).otherwise(_render(term.otherwise))
    return nw.when(~test.is_null()).then(chosen)


def _extreme(term: Extreme) -> nw.Expr:
    choices = [_render(choice) for choice in term.choices]
    operator = "<" if term.function == "least" else ">"

    def pick(one: nw.Expr, other: nw.Expr) -> nw.Expr:
        return nw.when(_compare(operator, one, other)).then(one).otherwise(other)

    known = reduce(lambda one, other: one & other, (~choice.is_null() for choice in choices))
    return nw.when(known).then(reduce(pick, choices))
