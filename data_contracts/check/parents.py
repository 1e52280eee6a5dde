"""Foreign keys: a row whose parent is not there, or was itself refused."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data_contracts.check.cells import Broken, zeros_lost
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
    told = [also if gone else plain for gone in refused[codes[rows]].tolist()]
    hints = _zeros_lost(rule, keys, lost & ~refused, parent, say)
    return Broken(rows, [text + hints.get(code, "") for text, code in zip(told, codes[rows].tolist(), strict=True)])


def _zeros_lost(rule: Rule, keys: pa.Table, lost: Mask, parent: Parent, say: Wording) -> dict[int, str]:
    """A hint for each distinct key of digits that a parent has with zeros in front."""
    places, targets = np.flatnonzero(lost), rule.limits["targets"]
    if len(rule.columns) != 1 or not len(places) or not isinstance(targets, tuple) or not parent.keys.num_rows:
        return {}
    zeros = pc.match_substring_regex(parent.keys[targets[0]].cast(pa.string()), "^0[0-9]+$")
    known = set(parent.keys[targets[0]].filter(zeros).to_pylist())
    wanted = keys[rule.columns[0]].take(pa.array(places)).to_pylist() if known else []
    found = {int(place): zeros_lost(key, known.__contains__) for place, key in zip(places, wanted, strict=False)}
    return {place: say.say("zeros", near=padded) for place, padded in found.items() if padded}


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
