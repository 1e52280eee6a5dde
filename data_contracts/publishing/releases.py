"""What a released contract promised, and whether a later one still keeps it.

The tests hold the released files against today's with `datacontract breaking` as well. That tool speaks for those who
read the records; an office also runs into headers, foreign keys and rules in SQL, which are compared here. Breaking is
what refuses a delivery that was accepted before, reads one of its cells as another code, or takes a column or a code
away from those who read the records.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from data_contracts.failures import as_written
from data_contracts.model import Column, Contract, Rule

_OWN_KINDS = ("check_digit", "covers", "overlap")  # `datacontract breaking` does not see what they promise to readers


def breaking_changes(released: Mapping[str, Contract], contracts: Mapping[str, Contract]) -> list[str]:
    """Every breaking change against *released* that is not declared by a new major version.

    Args:
        released: As they were released.
        contracts: As they are now.
    """
    found: list[str] = []
    for table, old in sorted(released.items()):
        new = contracts.get(table)
        if new is None:
            found.append(f"{table}: found no contract, allowed: the table that was released")
        elif not declares_break(old, new):
            found.extend(
                f"{table} {new.version}: {change}; allowed: with version {_major(new.version) + 1}.0.0"
                for change in _broken(_shape(old), _shape(new))
            )
    return found


def declares_break(released: Contract, contract: Contract) -> bool:
    """Whether the first number of the version has grown."""
    return _major(contract.version) > _major(released.version)


def _shape(contract: Contract) -> dict[str, Any]:
    return {
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
        "codes": {word: code for code, label in column.labels.items() for word in (code, label) if word},
        "classification": column.classification,
        "pseudonym": column.pseudonym or "none",
        "header": "optional" if column.may_lack else "required",
        "merged": column.merged,
        "filled": column.attributed is not None,
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
    for name, column in new["columns"].items():
        if name not in old["columns"] and column["header"] == "required":
            yield f"found new column {name}, which deliveries do not have"
    for rule, before in old["rules"].items():
        if before["kind"] in _OWN_KINDS and rule not in new["rules"]:
            yield f"found no rule {rule}, which those who read the records rely on"
    for rule, said in new["rules"].items():
        if said["kind"] in ("type", "required"):
            continue  # told by the column
        before = old["rules"].get(rule)
        if before is None:
            yield f"found new rule {rule}"
        elif said["kind"] == "enum":
            told = {code for name in before["columns"] for code in old["columns"][name]["codes"]}
            if lost := set(before["limits"]["values"]) - set(said["limits"]["values"]) - told:
                yield f"found rule {rule} without {', '.join(sorted(lost))}"
        elif before != said:
            yield f"found rule {rule} with {said['limits']}, released: {before['limits']}"


def _broken_column(name: str, old: Mapping[str, Any], new: Mapping[str, Any] | None) -> Iterator[str]:
    if new is None:
        yield f"found no column {name}"
        return
    for part in ("type", "decimals", "classification", "pseudonym"):
        if old[part] != new[part]:
            yield f"found {part} {new[part]} of {name}, released: {old[part]}"
    if new["required"] and not old["required"]:
        yield f"found {name} required, released: optional"
    if new["header"] == "required" and old.get("header", "required") == "optional":
        yield f"found {name} without an optional header, released: files may lack it"
    if old["merged"] and not new["merged"]:
        yield f"found {name} without merged cells, released: allowed"
    if old["filled"] and not new["filled"]:
        yield f"found {name} to be delivered, released: filled at intake"
    if lost := set(old["headers"]) - set(new["headers"]):
        yield f"found no header {', '.join(sorted(lost))} for {name}"
    if lost := set(old["codes"]) - set(new["codes"]):
        yield f"found no code {', '.join(sorted(lost))} of {name}"
    for word in sorted(set(old["codes"]) & set(new["codes"])):
        if old["codes"][word] != new["codes"][word]:
            yield f"found {word} for code {new['codes'][word]} of {name}, released: {old['codes'][word]}"


def _major(version: str) -> int:
    return int(version.partition(".")[0])
