"""Rules about a table as a whole: how many rows it has, and whether everyone who should is in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce

import pyarrow.compute as pc

from data_contracts.check.columns import Columns
from data_contracts.check.outcome import Parent
from data_contracts.failures import Wording
from data_contracts.model import Rule


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with the table: the value concerned, if any, and what the office is told."""

    message: str
    value: str | None = None


def wrong_count(rule: Rule, columns: Columns, say: Wording) -> list[Fault]:
    """One fault when there are too few or too many rows."""
    least, most = rule.limits.get("least", 0), rule.limits.get("most", columns.rows)
    fits = isinstance(least, int) and isinstance(most, int) and least <= columns.rows <= most
    if fits:
        return []
    counted = say.row_count(rule, columns.rows)
    return [Fault(counted + say.say("then") + rule.message if rule.message else counted)]


def unlike_before(rule: Rule, columns: Columns, before: Mapping[str, int], say: Wording) -> list[Fault]:
    """One fault for each group with far fewer or more rows than *before*, in order; a group that is new has none."""
    least, most = rule.limits["least"], rule.limits["most"]
    now = dict(
        zip(*(part.to_pylist() for part in columns.array(rule.columns[0]).value_counts().flatten()), strict=True)
    )
    found = []
    for group, earlier in sorted(before.items()):
        count = now.get(group, 0)
        if (
            isinstance(least, Fraction)
            and isinstance(most, Fraction)
            and not least * earlier <= count <= most * earlier
        ):
            message = say.say("volume", count=count, earlier=earlier)
            found.append(Fault(message + say.say("then") + rule.message if rule.message else message, group))
    return found


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
