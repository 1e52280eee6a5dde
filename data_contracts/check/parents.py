"""Foreign keys: a row whose parent is not there, or was itself refused."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from data_contracts.check.cells import Broken
from data_contracts.check.columns import MISSING, Columns, Mask
from data_contracts.check.outcome import Parent
from data_contracts.failures import Wording
from data_contracts.model import Rule


def orphans(rule: Rule, columns: Columns, parent: Parent, say: Wording) -> Broken:
    """Rows whose parent was not accepted; a row with a missing part of the key has no parent to look for."""
    codes, keys = columns.distinct_rows(rule.columns)
    lost, refused = _lost(rule, keys, parent)
    present = codes != MISSING
    rows = np.flatnonzero(present)[lost[codes[present]]]
    plain = rule.message or say.of(rule, None)
    also = say.say("foreign_key.refused", title=rule.limits.get("title", rule.limits["table"]))
    return Broken(rows, [also if gone else plain for gone in refused[codes[rows]].tolist()])


def _lost(rule: Rule, keys: pa.Table, parent: Parent) -> tuple[Mask, Mask]:
    """For each distinct key: whether no accepted row has it, and whether a refused one does."""
    keys = keys.append_column("place", pa.array(np.arange(keys.num_rows)))
    known, refused = _found(rule, keys, parent.keys), _found(rule, keys, parent.refused)
    return ~known, refused & ~known


def _found(rule: Rule, keys: pa.Table, parents: pa.Table) -> Mask:
    """Which of the distinct *keys* stand in *parents*."""
    found: Mask = np.zeros(keys.num_rows, dtype=np.bool_)
    targets = rule.limits["targets"]
    if not isinstance(targets, tuple) or not parents.num_rows or not keys.num_rows:
        return found
    wanted = pa.schema(
        [(target, keys.schema.field(name).type) for target, name in zip(targets, rule.columns, strict=True)]
    )
    right = parents.select(list(targets)).cast(wanted)
    joined = keys.join(right, keys=list(rule.columns), right_keys=list(targets), join_type="left semi")
    found[joined["place"].to_numpy()] = True
    return found
