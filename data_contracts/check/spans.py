"""Rows that must not overlap in time: two projects cannot serve one compound on one day."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data_contracts.check.cells import Broken
from data_contracts.check.columns import MISSING, Columns, Mask, Rows
from data_contracts.check.outcome import Origin
from data_contracts.check.repeats import Groups, places_of
from data_contracts.failures import Wording
from data_contracts.model import Contract, Rule

_NEVER = int(np.iinfo(np.int64).max)


def overlapping_rows(
    rule: Rule, contract: Contract, columns: Columns, origin: Origin, unread: Mask, say: Wording
) -> Broken:
    """Rows alike in some columns of which two hold on one day; first and last day are part of a span.

    A missing last day means until further notice; a row without a first day, or without one of the columns it would
    have to share, is left out, and so is one of *unread*: nobody knows when it ends.
    """
    per = rule.columns[:-2]
    codes = columns.combined(per)
    begin, end = (_days(columns, str(rule.limits[name])) for name in ("from", "to"))
    rows = np.flatnonzero((codes != MISSING) & (begin != _NEVER) & ~unread)
    rows = rows[np.lexsort((begin[rows], codes[rows]))]
    clusters = _clusters(codes[rows], begin[rows], end[rows])
    broken = np.sort(rows[np.bincount(clusters)[clusters] > 1])
    if not len(broken):
        return Broken(broken)
    cluster_of = np.full(columns.rows, MISSING)
    cluster_of[rows] = clusters
    groups = Groups(cluster_of, broken)
    titles = {column.name: column.title for column in contract.columns}
    shown = say.listed([titles[name] for name in per])
    places = places_of(origin, groups.rows, say)
    messages = [say.say("overlap", places=places.named(*bounds), columns=shown) for bounds in groups.bounds]
    return Broken(broken, groups.in_row_order(messages))


def _days(columns: Columns, name: str) -> Rows:
    """Day numbers, a missing day beyond all others."""
    numbers = pc.fill_null(columns.array(name).cast(pa.int32()).cast(pa.int64()), _NEVER)
    days: Rows = numbers.to_numpy(zero_copy_only=False)
    return days


def _clusters(codes: Rows, begin: Rows, end: Rows) -> Rows:
    """Number of the cluster of each row: rows of one code that are chained by common days.

    Args:
        codes: Ascending.
        begin: First days, ascending within a code.
        end: Last days.
    """
    if not len(codes):
        return codes
    _, group = np.unique(codes, return_inverse=True)
    order = np.lexsort((end, group))  # ranks grow with the code, then the end: their running maximum never looks back
    rank = np.empty(len(codes), dtype=np.int64)
    rank[order] = np.arange(len(codes))
    latest = end[order][np.maximum.accumulate(rank)]
    apart = np.ones(len(codes), dtype=np.bool_)
    apart[1:] = (group[1:] != group[:-1]) | (begin[1:] > latest[:-1])
    numbers: Rows = np.cumsum(apart) - 1
    return numbers
