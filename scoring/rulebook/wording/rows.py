"""Rows of a decision table with both of their edges written out, as a notice prints them.

A row `to: 1.5` below a row `to: 0.5` holds from above 0.5: what the rows before it take is taken off here, so that no
reader has to.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from scoring.rulebook.shape import Row
from scoring.rulebook.wording.sentences import Sentences
from scoring.rulebook.wording.words import Words
from scoring.rulebook.written import plain

Edge = tuple[Fraction, bool] | None
Span = tuple[Edge, Edge]


def conditions(rows: Sequence[Row], sentences: Sentences) -> list[str]:
    """For each row, the numbers it holds for and its further test.

    Where what earlier rows leave is not one span, the row's own edges stand with a reference to the rows above.
    """
    words, found = sentences.names.words, []
    free: list[Span] = [(None, None)]
    unsure = False
    for row in rows:
        held = [part for span in free if (part := _meet(span, (row.lower, row.upper))) is not None]
        said = _span(held[0], words) if len(held) == 1 else _span((row.lower, row.upper), words)
        if unsure or len(held) > 1:
            said += words("edge.and") + words("edge.first")
        if row.when is not None:
            said += words("edge.and") + words("edge.also", condition=sentences.or_text(row.when))
            unsure = True
        else:
            free = [part for span in free for part in _rest(span, (row.lower, row.upper))]
        bare = row.lower is None and row.upper is None
        found.append(words("edge.else") if bare and row.when is None and unsure else said)
    return found


def _span(span: Span, words: Words) -> str:
    low, high = span
    if low is not None and high is not None and low[0] == high[0]:
        return words("edge.equal", n=plain(low[0]))
    parts = []
    if low is not None:
        parts.append(words("edge.from" if low[1] else "edge.above", n=plain(low[0])))
    if high is not None:
        parts.append(words("edge.to" if high[1] else "edge.below", n=plain(high[0])))
    return words("edge.and").join(parts) or words("edge.any")


def _meet(one: Span, other: Span) -> Span | None:
    low = max((edge for edge in (one[0], other[0]) if edge is not None), key=lambda e: (e[0], not e[1]), default=None)
    high = min((edge for edge in (one[1], other[1]) if edge is not None), key=lambda e: (e[0], e[1]), default=None)
    return None if _is_empty(low, high) else (low, high)


def _is_empty(low: Edge, high: Edge) -> bool:
    if low is None or high is None:
        return False
    return low[0] > high[0] or (low[0] == high[0] and not (low[1] and high[1]))


def _rest(span: Span, taken: Span) -> list[Span]:
    """*span* without what *taken* holds: below it and above it."""
    parts = []
    if taken[0] is not None:
        parts.append(_meet(span, (None, (taken[0][0], not taken[0][1]))))
    if taken[1] is not None:
        parts.append(_meet(span, ((taken[1][0], not taken[1][1]), None)))
    return [part for part in parts if part is not None]
