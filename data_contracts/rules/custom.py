"""The project's own kinds of rule, written in ODCS as `type: custom, engine: property-credit`.

`checkDigit` on a column; on a table `noOverlap` (of rows alike in some columns, at most one holds on any day),
`covers` (each row of a reference table is named by some row here: every division has reported), `volume` (no group has
far fewer or more rows than a year before) and `drift` (no column's values are spread otherwise than a year before).
"""

from __future__ import annotations

from collections.abc import Mapping

from data_contracts.check_digits import SCHEMES
from data_contracts.document import Entry, Fields
from data_contracts.expressions.resolve import did_you_mean
from data_contracts.model import Column, Relationship, Rule

ENGINE = "property-credit"


def custom_rule(
    table: str,
    columns: Mapping[str, Column],
    relationships: Mapping[str, Relationship],
    fields: Fields,
    column: Column | None,
) -> Rule | None:
    """The rule of a custom entry.

    Args:
        table: Name of the table.
        columns: Its columns by name.
        relationships: Its foreign keys of one column, by column.
        fields: The entry.
        column: The column it stands on; None on the table.

    Returns:
        None where the entry has a fault, which is reported in *fields*.
    """
    fields.choice("engine", (ENGINE,))
    implementation = fields.nested("implementation")
    if implementation is None:
        fields.problems.append(
            fields.at.problem("found no 'implementation', allowed: checkDigit, noOverlap, covers, volume or drift")
        )
        return None
    reader = _Reader(table, columns, relationships, implementation)
    made = reader.check_digit(column) if column is not None else reader.of_table()
    implementation.done()
    return made


class _Reader:
    def __init__(
        self,
        table: str,
        columns: Mapping[str, Column],
        relationships: Mapping[str, Relationship],
        fields: Fields,
    ) -> None:
        self._table, self._columns, self._relationships, self._fields = table, columns, relationships, fields

    def check_digit(self, column: Column) -> Rule:
        scheme = self._fields.choice("checkDigit", tuple(SCHEMES))
        if column.type.kind != "text":
            self._refuse(self._fields.entry, f"found a check digit on a {column.type.kind}, allowed: on a string")
        return self._rule("check_digit", (column.name,), {"scheme": scheme})

    def of_table(self) -> Rule | None:
        makers = {"noOverlap": self._overlap, "covers": self._covers, "volume": self._volume, "drift": self._drift}
        for key, make in makers.items():
            fields = self._fields.nested(key)
            if fields is not None:
                made = make(fields)
                fields.done()
                return made
        self._refuse(self._fields.entry, f"found none of its keys, allowed: {', '.join(makers)} on a table")
        return None

    def _overlap(self, fields: Fields) -> Rule | None:
        per = [entry for entry in fields.items("per") if self._known(entry)]
        days = [entry for entry in (fields.need("from"), fields.need("to")) if entry is not None and self._known(entry)]
        if not per:
            self._refuse(fields.entry, "found no column under 'per', allowed: per: [column, …]")
        for entry in days:
            if self._columns[str(entry.value)].type.kind != "day":
                self._refuse(entry, f"found {entry.shown}, allowed: a date column")
        if not per or len(days) < 2:
            return None
        names = tuple(str(entry.value) for entry in (*per, *days))
        return self._rule("overlap", names, {"per": names[:-2], "from": names[-2], "to": names[-1]})

    def _covers(self, fields: Fields) -> Rule | None:
        column, parent = fields.need("column"), fields.needed_text("table")
        where = {name: str(entry.value) for name, entry in fields.mapping("where").items()}
        if column is None or not self._known(column):
            return None
        relationship = self._relationships.get(str(column.value))
        if relationship is None or relationship.table != parent:
            self._refuse(column, f"found no relationship from {column.shown} to {parent!r}, allowed: a column with one")
            return None
        limits = {"table": parent, "target": relationship.targets[0], "where": where}
        rule = self._rule("covers", relationship.columns, limits)
        return Rule(rule.id, rule.kind, rule.columns, scope="table", limits=limits)

    def _volume(self, fields: Fields) -> Rule | None:
        column = fields.need("per")
        least, most = (fields.number(name) for name in ("least", "most"))
        if column is None or not self._known(column):
            return None
        if least is None or most is None or not 0 <= least <= 1 <= most:
            self._refuse(
                fields.entry, "found no bounds, allowed: least from 0 to 1 and most from 1, shares of a year before"
            )
            return None
        limits = {"least": least, "most": most}
        rule = self._rule("volume", (str(column.value),), limits)
        return Rule(rule.id, rule.kind, rule.columns, scope="table", limits=limits)

    def _drift(self, fields: Fields) -> Rule | None:
        listed = [entry for entry in fields.items("columns") if self._known(entry)]
        per, rows, most = fields.get("per"), fields.number("rows"), fields.number("most")
        if per is not None and not self._known(per):
            return None
        for entry in listed:
            if self._columns[str(entry.value)].classification == "personal":
                self._refuse(entry, f"found personal column {entry.shown}, allowed: columns that are kept")
        if not listed or rows is None or most is None or rows < 1 or rows.denominator != 1 or not 0 < most < 1:
            self._refuse(
                fields.entry,
                "found no bounds, allowed: columns, rows (fewest in either year) and most (a share between 0 and 1)",
            )
            return None
        group = "" if per is None else str(per.value)
        names = tuple(str(entry.value) for entry in listed)
        rule = self._rule("drift", names, {"per": group, "rows": int(rows), "most": most})
        return Rule(rule.id, rule.kind, rule.columns, scope="table", limits=rule.limits)

    def _known(self, entry: Entry) -> bool:
        if entry.value in self._columns:
            return True
        hint = did_you_mean(str(entry.value), self._columns)
        self._refuse(entry, f"found column {entry.shown}, allowed: {', '.join(self._columns)}{hint}")
        return False

    def _rule(self, kind: str, columns: tuple[str, ...], limits: Mapping[str, object]) -> Rule:
        return Rule(f"{self._table}.{'+'.join(columns)}.{kind}", kind, columns, limits=limits)

    def _refuse(self, entry: Entry, text: str) -> None:
        self._fields.problems.append(entry.at.problem(text))
