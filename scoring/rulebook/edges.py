"""Do the rows of a decision table cover every number exactly once, in reading order?

An edge is a cut before or after a number. Where the tested number moves in known steps (points, counts), the cuts
snap to those steps, so that whole-number bands such as 60-89 and 90-119 have no gap between them.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from data_contracts.document import Place
from scoring.rulebook.reading import Reading
from scoring.rulebook.shape import Row

Cut = tuple[Fraction, int]
Span = tuple[Cut | None, Cut | None]


def check_rows(reading: Reading, at: Place, rows: Sequence[Row], step: Fraction | None) -> None:
    """Report rows that can never fit, and numbers that no row fits.

    Args:
        reading: Takes the problems.
        at: Where the table stands.
        rows: In reading order; a row with `when` may not fit, so it covers nothing for certain.
        step: Distance between neighbouring numbers, None where every ratio can occur.
    """
    if not rows:
        reading.refuse(at, "found no rows, allowed: at least one row")
        return
    open_spans: list[Span] = [(None, None)]
    for row in rows:
        span = _span(row, step)
        if not any(_meets(span, rest) for rest in open_spans):
            reading.refuse(
                Place(at.source, row.line),
                "found a row that can never fit, allowed: rows that earlier rows leave room for",
            )
        if row.when is None:
            open_spans = [part for rest in open_spans for part in _without(rest, span)]
    for low, high in open_spans:
        allowed = "allowed: rows that cover every number, the last without a test"
        reading.refuse(at, f"found no row for numbers {_shown(low, high)}, {allowed}")


def _span(row: Row, step: Fraction | None) -> Span:
    low = None if row.lower is None else (row.lower[0], 0 if row.lower[1] else 1)
    high = None if row.upper is None else (row.upper[0], 1 if row.upper[1] else 0)
    return (low and _snapped(low, step)), (high and _snapped(high, step))


def _snapped(cut: Cut, step: Fraction | None) -> Cut:
    if step is None:
        return cut
    number, side = cut
    whole = -(-number // step) * step
    return (whole + step, 0) if side and whole == number else (whole, 0)


def _meets(one: Span, other: Span) -> bool:
    return _before(one[0], other[1]) and _before(other[0], one[1]) and _before(one[0], one[1])


def _before(low: Cut | None, high: Cut | None) -> bool:
    return low is None or high is None or low < high


def _without(rest: Span, taken: Span) -> list[Span]:
    if not _meets(taken, rest):
        return [rest]
    parts: list[Span] = []
    if taken[0] is not None and _before(rest[0], taken[0]):
        parts.append((rest[0], taken[0]))
    if taken[1] is not None and _before(taken[1], rest[1]):
        parts.append((taken[1], rest[1]))
    return parts


def _shown(low: Cut | None, high: Cut | None) -> str:
    if low is not None and high is not None:
        if low[0] == high[0]:
            return f"equal to {_decimal(low[0])}"
        return f"{'above' if low[1] else 'from'} {_decimal(low[0])} {'to' if high[1] else 'below'} {_decimal(high[0])}"
    if low is not None:
        return f"{'above' if low[1] else 'from'} {_decimal(low[0])}"
    if high is not None:
        return f"{'to' if high[1] else 'below'} {_decimal(high[0])}"
    return "at all"


def _decimal(number: Fraction) -> str:
    return f"{float(number):g}"
