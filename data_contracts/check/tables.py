"""Rules about a table as a whole: how many rows it has, and whether everyone who should is in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import reduce
from typing import cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data_contracts.check.columns import MISSING, Columns, Mask, Rows
from data_contracts.check.outcome import Parent
from data_contracts.failures import Wording
from data_contracts.model import Contract, Rule


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with the table: what the office is told, and the value and column concerned, if any."""

    message: str
    value: str | None = None
    column: str | None = None


def wrong_count(rule: Rule, columns: Columns, say: Wording) -> list[Fault]:
    """One fault when there are too few or too many rows."""
    least, most = rule.limits.get("least", 0), rule.limits.get("most", columns.rows)
    fits = isinstance(least, int) and isinstance(most, int) and least <= columns.rows <= most
    if fits:
        return []
    return [Fault(worded(rule, say.row_count(rule, columns.rows), say))]


def not_covered(rule: Rule, columns: Columns, parent: Parent, refused: Mask, say: Wording) -> list[Fault]:
    """One fault for each of the parent's rows that no accepted row here names, in order of their keys.

    Args:
        rule: The rule.
        columns: Of the delivered table.
        parent: The table that must be covered.
        refused: Rows of the delivered table that are not accepted.
        say: Words.
    """
    where, target = rule.limits["where"], str(rule.limits["target"])
    tests = [pc.equal(parent.keys[name], value) for name, value in where.items()] if isinstance(where, dict) else []
    wanted = parent.keys.filter(reduce(pc.and_, tests)) if tests else parent.keys
    named = columns.distinct(rule.columns[0])
    kept = named.take(pa.array(_present(columns.codes(rule.columns[0])[~refused])))
    values = pc.unique(wanted[target].cast(named.type)).drop_null()
    lacking = values.filter(pc.invert(pc.is_in(values, kept)))
    delivered = set(named.to_pylist())
    lost = worded(rule, say.say("covers.refused", title=rule.limits.get("title", rule.limits["table"])), say)
    message = rule.message or say.of(rule, None)
    names = (
        dict(zip(wanted[target].to_pylist(), wanted["name"].to_pylist(), strict=True))
        if "name" in wanted.column_names
        else {}
    )
    return [
        Fault(lost if key in delivered else message, " ".join(filter(None, (str(key), names.get(key)))))
        for key in sorted(lacking.to_pylist())
    ]


def stale(
    rule: Rule, contract: Contract, columns: Columns, as_of: date | None, refused: Mask, say: Wording
) -> list[Fault]:
    """One fault for each group whose newest accepted row is older than it may be on *as_of*; later rows do not count.

    A refused row makes nothing fresh, and a group that has no other one is asked by its rows, or by `covers`.
    """
    name, per, allowed = rule.columns[0], str(rule.limits["per"]), cast("int", rule.limits["days"])
    if as_of is None:
        return []
    days = columns.array(name)
    rows = pa.table({"day": days, "group": columns.array(per) if per else pa.nulls(len(days), pa.string())})
    rows = rows.filter(pa.array(~refused))
    rows = rows.filter(pc.less_equal(rows["day"], pa.scalar(as_of, pa.date32())))
    newest = rows.group_by("group", use_threads=False).aggregate([("day", "max")]).sort_by("group").to_pylist()
    column = contract.column(name)
    title = name if column is None else column.title
    found = []
    for one in newest:
        behind = (as_of - one["day_max"]).days
        if behind > allowed:
            told = say.say("freshness", column=title, newest=one["day_max"], days=behind, as_of=as_of, allowed=allowed)
            found.append(Fault(worded(rule, told, say), one["group"], per or name))
    return found


def _present(codes: Rows) -> Rows:
    found: Rows = np.unique(codes[codes != MISSING])
    return found


def worded(rule: Rule, found: str, say: Wording) -> str:
    """What was found, and what the contract says to it."""
    return found + say.say("then") + rule.message if rule.message else found
