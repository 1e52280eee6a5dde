"""Warnings by the record they are about: they do not keep a row from being rated, so they go along with it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data_contracts.check import Checked
from data_contracts.model import RECORD_ID
from data_contracts.personal import masked_words

WARNINGS = pa.schema([(name, pa.string()) for name in ("table", "record", "rule", "column", "message")])


def warnings_of(table: str, rows: pa.Table, checked: Checked, accepted: pa.Array) -> pa.Table:
    """Warnings about accepted rows of one table, sorted by record and rule.

    Args:
        table: Its name.
        rows: Its typed rows, with their record ids.
        checked: What the rules said of them.
        accepted: Boolean mask, parallel to *rows*.

    Returns:
        Columns table, record, rule, column and message (see `WARNINGS`); values of cells are in none of them.
    """
    warned = checked.warned
    if warned.num_rows:
        warned = warned.filter(pa.array(np.asarray(accepted)[warned["place"].to_numpy()]))
    ids = rows[RECORD_ID].combine_chunks().take(warned["place"].combine_chunks())
    named = pa.repeat(pa.scalar(table, pa.string()), warned.num_rows)
    told = warned["rule"], warned["column"], masked_words(warned["message"])
    found = pa.table([named, ids, *told], schema=WARNINGS)
    return found.take(pc.sort_indices(found, sort_keys=[("record", "ascending"), ("rule", "ascending")]))
