"""`slaProperties` with `property: freshness`: how old the newest row of a delivery may be.

Other properties of the agreement (how often, how long it is kept) are for people.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from data_contracts.document import Fields
from data_contracts.expressions.resolve import did_you_mean
from data_contracts.model import Column, Rule


def read_freshness(top: Fields, table: str, columns: Mapping[str, Column], per: str) -> Iterator[Rule]:
    """A rule for each column of days that is promised to be fresh.

    Args:
        top: The contract.
        table: Name of its table.
        columns: Its columns by name.
        per: Column of those who report: each of them has to be fresh; empty: the table as a whole.
    """
    for entry in top.items("slaProperties"):
        one = Fields(entry, top.problems)
        if one.text("property") != "freshness":
            continue
        days, unit, element = one.number("value"), one.text("unit"), one.needed_text("element")
        if days is None or days.denominator != 1 or days < 0 or unit not in ("d", "day", "days"):
            top.problems.append(entry.at.problem("found no number of days, allowed: value: a whole number, unit: d"))
            continue
        name = element.removeprefix(f"{table}.")
        column = columns.get(name)
        if element == name or column is None or column.type.kind != "day":
            known = [f"{table}.{one.name}" for one in columns.values() if one.type.kind == "day"]
            allowed = ", ".join(known) or "a table with a date column"
            text = f"found element {element!r}, allowed: {allowed}{did_you_mean(element, known)}"
            top.problems.append(entry.at.problem(text))
            continue
        yield Rule(
            id=f"{table}.{name}.freshness",
            kind="freshness",
            columns=(name,),
            severity="warning",
            scope="table",
            limits={"days": int(days), "per": per},
            message=one.text("description"),
        )
