"""Columns that no office delivers: which row of another table covered the day.

A ticket names a compound and a day; the firm that answers for it is the one whose contract covered that day. Contracts
of one compound never overlap (a rule of their own), so there is at most one.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data_contracts.model import Attribution

_FOREVER = 2**31 - 1


def attributed(rows: pa.Table, rule: Attribution, others: pa.Table, key: str) -> pa.Array:
    """For each of *rows* the *key* of the row in *others* that covered its day; missing where none did.

    Args:
        rows: Has the columns `rule.match` and `rule.day`.
        rule: How the two tables meet; the first and the last day belong to the span, a missing last day is open.
        others: Accepted rows of `rule.table`.
        key: Column of *others* that is given back.
    """
    groups = pa.concat_arrays([_text(others[rule.match]), _text(rows[rule.match])]).dictionary_encode()
    codes = pc.fill_null(groups.indices, -1).to_numpy().astype(np.int64)
    their, our = codes[: others.num_rows], codes[others.num_rows :]
    begins, ends = _days(others[rule.begin], _FOREVER), _days(others[rule.end], _FOREVER)
    day = _days(rows[rule.day], -_FOREVER)
    order = np.lexsort((begins, their))
    spans = their[order] * 2**32 + begins[order]
    place = np.searchsorted(spans, our * 2**32 + day, side="right") - 1
    candidate = order[np.maximum(place, 0)] if len(order) else np.zeros(len(our), np.int64)
    covered = np.zeros(len(our), bool)
    if len(order):
        covered = (
            (place >= 0)
            & (our >= 0)
            & (their[candidate] == our)
            & (begins[candidate] <= day)
            & (day <= ends[candidate])
        )
    return others[key].combine_chunks().take(pa.array(candidate, mask=~covered))


def _text(column: pa.ChunkedArray) -> pa.Array:
    return column.cast(pa.string()).combine_chunks()


def _days(column: pa.ChunkedArray, missing: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.asarray(pc.fill_null(column.cast(pa.int32()), missing), dtype=np.int64)
