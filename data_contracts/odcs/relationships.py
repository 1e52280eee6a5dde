"""Foreign keys of a contract file, and whether what they point at exists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from data_contracts.document import Fields, Place, Problem
from data_contracts.expressions import TEXT
from data_contracts.expressions.resolve import did_you_mean
from data_contracts.model import RECORD_ID, Column, Contract, Relationship

_ROLE_ENDINGS = ("_id", "_code", "_record")


def read_relationships(
    table: str, columns: Mapping[str, Column], fields: Fields, properties: Sequence[Fields]
) -> Iterator[tuple[Relationship, Fields]]:
    """Those of the table and of its columns, each with its place in the file."""
    seen: set[str] = set()
    for column, owner in ((None, fields), *((one.text("name"), one) for one in properties)):
        for entry in owner.items("relationships"):
            one = Fields(entry, fields.problems)
            relationship = _relationship(table, columns, column, one)
            if relationship is None:
                continue
            if relationship.name in seen:
                one.problems.append(
                    one.at.problem(f"found a second relationship {relationship.name!r}, allowed: an id of its own")
                )
            seen.add(relationship.name)
            yield relationship, one


def _relationship(table: str, columns: Mapping[str, Column], column: str | None, fields: Fields) -> Relationship | None:
    fields.choice("type", ("foreignKey",), "foreignKey")
    own = [(table, column)] if column is not None else _references(fields, "from")
    to = _references(fields, "to")
    if own is None or to is None:
        return None
    if len(own) != len(to) or len({target for target, _ in to}) != 1 or {owner for owner, _ in own} != {table}:
        found = f"{len(own)} columns from, {len(to)} columns to"
        fields.problems.append(
            fields.at.problem(f"found {found}, allowed: as many columns of {table!r} as of one other table")
        )
        return None
    names = tuple(name for _, name in own)
    if unknown := [name for name in names if name not in columns]:
        hint = did_you_mean(unknown[0], columns)
        fields.problems.append(fields.at.problem(f"found column {unknown[0]!r}, allowed: {', '.join(columns)}{hint}"))
        return None
    name = fields.text("id") or (_role(names[0]) if len(names) == 1 else "")
    if not name:
        fields.problems.append(fields.at.problem("found no 'id', allowed: a name for a foreign key of several columns"))
    return Relationship(name, names, to[0][0], tuple(target for _, target in to))


def _references(fields: Fields, key: str) -> list[tuple[str, str]] | None:
    entry = fields.need(key)
    if entry is None:
        return None
    parts = entry.value if isinstance(entry.value, list) else [entry]
    split = [str(part.value).split(".") for part in parts]
    if any(len(names) != 2 for names in split) or not split:
        fields.refuse(entry, "table.column")
        return None
    return [(table, column) for table, column in split]


def _role(column: str) -> str:
    """A foreign key is named after what it points at: project_id leads to the project."""
    for ending in _ROLE_ENDINGS:
        if column.endswith(ending) and column != ending:
            return column.removesuffix(ending)
    return column


def dangling(contract: Contract, places: Mapping[str, Place], contracts: Mapping[str, Contract]) -> Iterator[Problem]:
    """Foreign keys that lead nowhere, or to something that is not the key of one row.

    Args:
        contract: Whose foreign keys.
        places: Where each stands, by name.
        contracts: All tables.
    """
    for relationship in contract.relationships:
        at = places[relationship.name]
        parent = contracts.get(relationship.table)
        if parent is None:
            hint = did_you_mean(relationship.table, contracts)
            yield at.problem(f"found table {relationship.table!r}, allowed: {', '.join(sorted(contracts))}{hint}")
        elif relationship.targets == (RECORD_ID,):
            yield from _unlike(contract, relationship, parent, at)
        elif unknown := [target for target in relationship.targets if parent.column(target) is None]:
            names = [column.name for column in parent.columns]
            yield at.problem(f"found {unknown[0]!r}, allowed: {', '.join(names)}{did_you_mean(unknown[0], names)}")
        elif not parent.key or not set(parent.key) <= set(relationship.targets):
            found, allowed = ", ".join(relationship.targets), ", ".join(parent.key) or "nothing"
            yield at.problem(f"found {found}, allowed: the key of {parent.table!r} ({allowed}) or {RECORD_ID}")
        elif parent.key_repeats:
            yield at.problem(f"found the key of {parent.table!r}, which may repeat, allowed: {RECORD_ID}")
        else:
            yield from _unlike(contract, relationship, parent, at)


def _unlike(contract: Contract, relationship: Relationship, parent: Contract, at: Place) -> Iterator[Problem]:
    for name, target in zip(relationship.columns, relationship.targets, strict=True):
        own, other = contract.column(name), parent.column(target)
        found = TEXT if own is None else own.type
        wanted = TEXT if other is None else other.type
        if (found.kind, found.scale) != (wanted.kind, wanted.scale):
            yield at.problem(
                f"found {name} ({found.kind}) to {target} ({wanted.kind}), allowed: two columns of one type"
            )


def with_parent_titles(contract: Contract, contracts: Mapping[str, Contract]) -> Contract:
    """Messages about a parent call it by the name the offices know."""
    rules = tuple(
        replace(rule, limits={**rule.limits, "title": contracts[str(rule.limits["table"])].title})
        if rule.kind in ("foreign_key", "covers", "span")
        else rule
        for rule in contract.rules
    )
    return replace(contract, rules=rules)
