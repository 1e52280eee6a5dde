"""What intake would make of a changed table: would the record be accepted, and what becomes of those that name it.

A lake holds only what its contracts accept. A change that they refuse is no answer to a question; a record that others
name does not go alone; and a contract that ends earlier answers for fewer tickets.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from data_contracts.attribution import attributed
from data_contracts.check.outcome import Checked, Origin, Parent
from data_contracts.check.run import check
from data_contracts.model import RECORD_ID, Contract, Rule

Tables = Mapping[str, pa.Table]
LINKS = ("foreign_key", "span")
BETWEEN_ROWS = {"unique": "allowed: no other record with the same", "overlap": "allowed: no other record at that time"}


def refusals(contract: Contract, tables: Tables, row: int) -> list[str]:
    """Why the contract would refuse the row at that place of its table; empty where it would not.

    Rules on personal columns are left out: such values are checked and emptied when records come in.
    """
    personal = {column.name for column in contract.columns if column.classification == "personal"}
    failures = _checked(contract, tables, lambda rule: not personal & set(rule.columns)).failures.table
    wrong = pc.and_(pc.equal(failures["row"], row), pc.equal(failures["severity"], "error"))
    between = {rule.id: BETWEEN_ROWS[rule.kind] for rule in contract.rules if rule.kind in BETWEEN_ROWS}
    return [
        f"{one['column']}: found {one['value'] or 'no value'}, {between.get(one['rule'], one['message'])}"
        for one in failures.filter(wrong).to_pylist()
    ]


def settled(contracts: Mapping[str, Contract], before: Tables, table: str, changed: pa.Table) -> dict[str, pa.Table]:
    """All tables once *table* is *changed*: keys that intake fills are filled again, rows without their parent go."""
    found, waiting = {**before, table: changed}, [table]
    while waiting:
        parent = waiting.pop()
        for name in [one for one in found if one in contracts and _names(contracts[one], parent)]:
            rows = _refilled(contracts[name], before, found, name, parent)
            found[name] = rows.filter(_still_linked(contracts[name], before, {**found, name: rows}))
            if found[name].num_rows < rows.num_rows:
                waiting.append(name)
    return found


def filled(contract: Contract, tables: Tables, row: pa.Table, given: Mapping[str, object]) -> pa.Table:
    """One row with the keys that intake looks up, but for those that are *given*."""
    for column, _, found in _looked_up(contract, tables, row):
        if column not in given:
            row = _with(row, column, found)
    return row


def _refilled(contract: Contract, before: Tables, after: Tables, name: str, parent: str) -> pa.Table:
    """Rows with what intake would fill now, where they have what it filled before."""
    rows = after[name]
    then = {column: found for column, _, found in _looked_up(contract, before, rows)}
    for column, table, found in _looked_up(contract, after, rows):
        if table == parent:
            empty = pc.and_(pc.is_null(rows[column]), pc.is_null(then[column]))
            same = pc.or_(empty, pc.fill_null(pc.equal(rows[column], then[column]), False))
            rows = _with(rows, column, pc.if_else(same, found, rows[column]))
    return rows


def _looked_up(contract: Contract, tables: Tables, rows: pa.Table) -> list[tuple[str, str, pa.Array]]:
    """For each column that intake fills: its name, the table looked up, and what is found there."""
    rules = [(column.name, column.attributed) for column in contract.columns if column.attributed is not None]
    found = []
    for name, rule in rules:
        if rule.table in tables:
            key = next(link.targets[0] for link in contract.relationships if link.columns == (name,))
            said = attributed(rows, rule, tables[rule.table], key)
            found.append((name, rule.table, said.cast(rows.schema.field(name).type)))
    return found


def _still_linked(contract: Contract, before: Tables, after: Tables) -> pa.Array:
    """Rows whose parents are there; those that were without them before stay, too."""
    table = contract.table
    linked = _checked(contract, after, lambda rule: rule.kind in LINKS).accepted
    unlinked = before[table].filter(pc.invert(_checked(contract, before, lambda rule: rule.kind in LINKS).accepted))
    return pc.or_(linked, pc.is_in(after[table][RECORD_ID], unlinked[RECORD_ID].combine_chunks()))


def _checked(contract: Contract, tables: Tables, wanted: Callable[[Rule], bool]) -> Checked:
    """Row rules over the contract's table, without those that look into a table that is not there."""

    def there(rule: Rule) -> bool:
        return str(rule.limits.get("table", contract.table)) in tables

    rules = tuple(rule for rule in contract.rules if rule.scope == "row" and wanted(rule) and there(rule))
    links = tuple(link for link in contract.relationships if link.table in tables)
    rows, judged = tables[contract.table], replace(contract, rules=rules, relationships=links)
    nowhere = pa.nulls(rows.num_rows, pa.string())
    origin = Origin(nowhere, nowhere, pa.array(range(rows.num_rows), pa.int64()))
    parents = {link.table: Parent(tables[link.table], tables[link.table].slice(0, 0)) for link in links}
    return check(judged, rows, origin, {}, parents)


def _names(contract: Contract, parent: str) -> bool:
    return any(link.table == parent for link in contract.relationships)


def _with(rows: pa.Table, column: str, values: pa.Array | pa.ChunkedArray) -> pa.Table:
    return rows.set_column(rows.column_names.index(column), rows.schema.field(column), values)
