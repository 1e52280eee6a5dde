"""A key that is filled at intake and was given all the same: its row has to cover the place and the day.

A ticket that names another compound's project, or one whose contract was over, would count against the wrong firm.
"""

from __future__ import annotations

from typing import cast

import numpy as np
import pyarrow.compute as pc

from data_contracts.attribution import attributed
from data_contracts.check.cells import Broken
from data_contracts.check.columns import Columns
from data_contracts.check.outcome import Parent
from data_contracts.failures import Wording
from data_contracts.model import Attribution, Rule


def misplaced(rule: Rule, columns: Columns, parent: Parent, say: Wording) -> Broken:
    """Rows whose key is that of an accepted row, but not of the one that covered the row's place on its day.

    Rows without the place or the day are left out, and rows whose key nobody has: those break another rule.
    """
    name, target = rule.columns[0], str(rule.limits["target"])
    given = columns.array(name)
    keys = parent.keys[target].combine_chunks().cast(given.type)
    found = attributed(columns.plain(rule.columns), cast("Attribution", rule.limits["by"]), parent.keys, target)
    whole = [pc.is_valid(columns.array(one)) for one in rule.columns]
    known = pc.and_(pc.is_in(given, keys), pc.and_(pc.and_(whole[0], whole[1]), whole[2]))
    fits = pc.fill_null(pc.equal(given, found.cast(given.type)), False)
    rows = np.flatnonzero(np.asarray(pc.and_not(known, fits)))
    return Broken(rows, say.of(rule, None))
