"""What a term over records may be: whole numbers of fixed decimals, and texts that every engine reads alike.

Found out when the rulebook is read, so that no run can end on a rule that never had a chance.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from data_contracts.expressions import ExpressionError, Term
from data_contracts.expressions.integers import to_integers
from data_contracts.expressions.resolve import aggregates_in
from data_contracts.expressions.terms import Constant, Position, walk
from scoring.exact import fits


def check_record_term(term: Term) -> None:
    """Refuse what has no form in the integer subset of SQL; of a formula with aggregates, what stands inside them.

    Raises:
        ExpressionError: A division or ratio per record, a number beyond 64 bits once decimals are written out, or a
            text with a quote or backslash.
    """
    aggregates = aggregates_in(term)
    inside = [part for one in aggregates for part in (one.operand, one.by) if part is not None]
    for part in (part for whole in (inside if aggregates else [term]) for part in walk(to_integers(whole))):
        if isinstance(part, Constant) and isinstance(part.value, Fraction) and not fits(int(part.value)):
            raise ExpressionError(f"found {int(part.value)}, allowed: numbers below 2^62 once their decimals are moved")
        for text in _texts(part):
            if "'" in text or "\\" in text:
                raise ExpressionError(f"found the text {text!r}, allowed: texts without quotes and backslashes here")


def _texts(part: Term) -> Iterator[str]:
    if isinstance(part, Constant) and isinstance(part.value, str):
        yield part.value
    if isinstance(part, Position):
        yield from part.order
