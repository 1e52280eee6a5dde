"""What a released contract promised, and whether a later one still keeps it.

`datacontract breaking` compares names and types but neither enum values, foreign keys nor rules in SQL, which are what
offices run into; so the shape recorded here is compared by us. Breaking is what refuses a delivery that was accepted
before, or takes a column or a code away from those who read the records.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from data_contracts.failures import as_written
from data_contracts.model import Column, Contract, Rule


def release_of(contracts: Mapping[str, Contract]) -> dict[str, Any]:
    """The record of a release: by table its version, its file's digest and its shape."""
    return {table: _shape(contract) for table, contract in sorted(contracts.items())}


def breaking_changes(released: Mapping[str, Any], contracts: Mapping[str, Contract]) -> list[str]:
    """Every breaking change against *released* that is not declared by a new major version.

    Args:
        released: What `release_of` gave.
        contracts: As they are now.
    """
    now = release_of(contracts)
    found: list[str] = []
    for table, old in released.items():
        if table not in now:
            found.append(f"{table}: found no contract, allowed: the table that was released")
        elif _major(now[table]["version"]) <= _major(old["version"]):
            version = now[table]["version"]
            found.extend(
                f"{table} {version}: {change}; allowed: with version {_major(version) + 1}.0.0"
                for change in _broken(old, now[table])
            )
    return found


def _shape(contract: Contract) -> dict[str, Any]:
    return {
        "version": contract.version,
        "digest": contract.digest,
        "optional": contract.optional,
        "key": list(contract.key),
        "columns": {column.name: _column(column) for column in contract.columns},
        "rules": {rule.id: _rule(rule, contract) for rule in contract.rules if rule.severity == "error"},
    }


def _column(column: Column) -> dict[str, Any]:
    return {
        "type": column.type.kind,
        "decimals": column.type.scale,
        "required": not column.type.optional,
        "headers": sorted({column.title, column.name, *column.aliases}),
        "codes": sorted(column.labels),
        "classification": column.classification,
    }


def _rule(rule: Rule, contract: Contract) -> dict[str, Any]:
    """Kind and limits as text; wording is nobody's promise."""
    column = contract.column(rule.columns[0]) if rule.columns else None
    limits = {name: _limit(value, column) for name, value in rule.limits.items() if name != "title"}
    return {"kind": rule.kind, "columns": list(rule.columns), "limits": limits}


def _limit(value: object, column: Column | None) -> Any:
    if isinstance(value, tuple):
        return [str(one) if column is None else as_written(one, column.type) for one in value]
    if isinstance(value, dict):
        return {str(name): str(one) for name, one in sorted(value.items())}
    return str(value)


def _broken(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    if old["key"] != new["key"]:
        yield f"found key {', '.join(new['key'])}, released: {', '.join(old['key'])}"
    if old["optional"] and not new["optional"]:
        yield "found a table that must be delivered, released: optional"
    for name, column in old["columns"].items():
        yield from _broken_column(name, column, new["columns"].get(name))
    for name in new["columns"].keys() - old["columns"].keys():
        yield f"found new column {name}, which deliveries do not have"
    for rule, said in new["rules"].items():
        if said["kind"] in ("type", "required"):
            continue  # told by the column
        before = old["rules"].get(rule)
        if before is None:
            yield f"found new rule {rule}"
        elif before != said and said["kind"] != "enum":
            yield f"found rule {rule} with {said['limits']}, released: {before['limits']}"


def _broken_column(name: str, old: Mapping[str, Any], new: Mapping[str, Any] | None) -> Iterator[str]:
    if new is None:
        yield f"found no column {name}"
        return
    for part in ("type", "decimals", "classification"):
        if old[part] != new[part]:
            yield f"found {part} {new[part]} of {name}, released: {old[part]}"
    if new["required"] and not old["required"]:
        yield f"found {name} required, released: optional"
    if lost := set(old["headers"]) - set(new["headers"]):
        yield f"found no header {', '.join(sorted(lost))} for {name}"
    if lost := set(old["codes"]) - set(new["codes"]):
        yield f"found no code {', '.join(sorted(lost))} of {name}"


def _major(version: str) -> int:
    return int(version.partition(".")[0])
