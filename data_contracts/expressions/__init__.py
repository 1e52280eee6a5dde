"""The one expression language of contracts and rulebooks: a small typed subset of SQL.

`syntax` reads text, `resolve` gives every name a type and expands the day functions, `terms` is the small
core that is left, `integers` turns decimals into whole numbers, `flags` evaluates a core term on a column table.
The other two back ends (engine SQL and exact numbers on units) live in `scoring`, which may import this package.
"""

from __future__ import annotations

from data_contracts.expressions.resolve import Environment, Scope, resolve
from data_contracts.expressions.syntax import ExpressionError, parse
from data_contracts.expressions.terms import DAY, NUMBER, TEXT, TRUTH, Term, Type

__all__ = [
    "DAY",
    "NUMBER",
    "TEXT",
    "TRUTH",
    "Environment",
    "ExpressionError",
    "Scope",
    "Term",
    "Type",
    "parse",
    "resolve",
]
