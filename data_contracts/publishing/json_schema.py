"""One accepted record of a table as JSON Schema 2020-12: decimals as text, so that no digit is lost on the way."""

from __future__ import annotations

import json
from typing import Any

from data_contracts.failures import as_written
from data_contracts.model import Column, Contract, Rule

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema(contract: Contract) -> dict[str, Any]:
    """What a delivered record looks like once it is typed; rules across cells or rows are not in it."""
    needed = [column.name for column in contract.columns if not column.type.optional]
    return {
        "$schema": DIALECT,
        "title": contract.title,
        "description": f"{contract.table} {contract.version}",
        "type": "object",
        "properties": {column.name: _property(column, contract) for column in contract.columns},
        "required": needed,
        "additionalProperties": False,
    }


def json_text(document: Any) -> str:
    """*document* as the repository keeps it: indented, Chinese as it is, a line's end at the end."""
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _property(column: Column, contract: Contract) -> dict[str, Any]:
    made: dict[str, Any] = {"title": column.title, **_type(column)}
    if column.description:
        made["description"] = column.description
    made["x-classification"] = column.classification
    if column.people:
        made["x-people"] = column.people
    for rule in contract.rules:
        if rule.columns == (column.name,):
            made |= _limits(rule, column)
    if column.type.optional:
        made["type"] = [made["type"], "null"]
        if "enum" in made:
            made["enum"] = [*made["enum"], None]
    return made


def _type(column: Column) -> dict[str, Any]:
    match column.type.kind:
        case "day":
            return {"type": "string", "format": "date"}
        case "truth":
            return {"type": "boolean"}
        case "number" if column.type.scale:
            return {"type": "string", "pattern": rf"^-?[0-9]+(\.[0-9]{{1,{column.type.scale}}})?$"}
        case "number":
            return {"type": "integer"}
    return {"type": "string"}


def _limits(rule: Rule, column: Column) -> dict[str, Any]:
    """Keywords of one rule; a warning does not narrow the schema, nor do bounds that JSON cannot compare exactly."""
    limits = rule.limits
    if rule.severity == "warning":
        return {}
    match rule.kind:
        case "enum":
            values = limits["values"] if isinstance(limits["values"], tuple) else ()
            return {"enum": [value if isinstance(value, int) else as_written(value, column.type) for value in values]}
        case "pattern":
            return {"pattern": limits["pattern"]}
        case "length":
            names = {"least": "minLength", "most": "maxLength"}
            return {names[name]: limit for name, limit in limits.items()}
        case "range" if column.type.kind == "number" and not column.type.scale:
            names = {"above": "exclusiveMinimum", "below": "exclusiveMaximum"}
            return {names.get(name, name): limit for name, limit in limits.items()}
    return {}
