"""Rules about a table as a whole: how many rows it has, and whether everyone who should is in it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

import pyarrow.compute as pc

from data_contracts.check.columns import Columns
from data_contracts.check.outcome import Parent
from data_contracts.failures import Wording
from data_contracts.model import Rule


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


def not_covered(rule: Rule, columns: Columns, parent: Parent, say: Wording) -> list[Fault]:
    """One fault for each of the parent's rows that no row here names, in order of their keys."""
    where, target = rule.limits["where"], str(rule.limits["target"])
    tests = [pc.equal(parent.keys[name], value) for name, value in where.items()] if isinstance(where, dict) else []
    wanted = parent.keys.filter(reduce(pc.and_, tests)) if tests else parent.keys
    named = columns.distinct(rule.columns[0])
    values = pc.unique(wanted[target].cast(named.type)).drop_null()
    lacking = values.filter(pc.invert(pc.is_in(values, named)))
    message = rule.message or say.of(rule, None)
    names = (
        dict(zip(wanted[target].to_pylist(), wanted["name"].to_pylist(), strict=True))
        if "name" in wanted.column_names
        else {}
    )
    return [Fault(message, " ".join(filter(None, (str(key), names.get(key))))) for key in sorted(lacking.to_pylist())]


def worded(rule: Rule, found: str, say: Wording) -> str:
    """What was found, and what the contract says to it."""
    return found + say.say("then") + rule.message if rule.message else found
