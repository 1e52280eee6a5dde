"""The order in which tables are settled: what a foreign key points to comes first."""

from __future__ import annotations

from collections.abc import Mapping

from data_contracts.mapping import TableMapping
from data_contracts.model import Contract


def families_in_order(contracts: Mapping[str, Contract], mappings: Mapping[str, TableMapping]) -> list[list[str]]:
    """Families of tables that are made of the same delivered rows, each after all that it points to.

    Raises:
        ValueError: Foreign keys lead in a circle through several families.
    """
    family = {table: table for table in contracts}
    for table, mapping in mappings.items():
        for parent in mapping.record_of.values():
            old, new = family[table], family[parent]
            family = {name: new if head == old else head for name, head in family.items()}
    members: dict[str, list[str]] = {}
    for table in sorted(contracts):
        members.setdefault(family[table], []).append(table)
    needs = {
        head: {family[link.table] for table in tables for link in contracts[table].relationships} - {head}
        for head, tables in members.items()
    }
    order: list[list[str]] = []
    done: set[str] = set()
    while len(done) < len(members):
        ready = sorted(head for head in members if head not in done and needs[head] <= done)
        if not ready:
            circle = ", ".join(sorted(set(members) - done))
            raise ValueError(f"found foreign keys in a circle among {circle}, allowed: parents first")
        order.extend(members[head] for head in ready)
        done.update(ready)
    return order
