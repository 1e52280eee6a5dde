"""JSON Schema of rulebook.yaml, for editors that complete and check as one types.

It knows shapes, not meaning: `rulebook check` has the last word on names, types and gaps. Draft 7, because that is what
editors read. Wherever a reader takes keys, the schema lists the same keys and no others; a test holds them together.
"""

from __future__ import annotations

import json
from typing import Any

from scoring.rulebook.cards import POLICIES
from scoring.rulebook.levels import BUILT_IN_STATUSES
from scoring.rulebook.reading import BASES
from scoring.rulebook.records import KEEP

Schema = dict[str, Any]
_TYPE_OF_KEY: Schema = {"enum": ["text", "number"]}


def rulebook_schema() -> Schema:
    """The schema as plain data."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "property-credit rulebook",
        "description": "A dated, cited rating scheme: docs/reference/rulebook.md says what each key means.",
        **_book(),
        "definitions": {
            "scalar": {"type": ["string", "number", "boolean"]},
            "number": {
                "description": "An exact decimal number.",
                "anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^-?\d+(\.\d+)?$"}],
            },
            "expression": {
                "description": "A small subset of SQL: docs/reference/expressions.md.",
                "type": ["string", "number", "boolean"],
            },
            "texts": {"anyOf": [_ref("scalar"), {"type": "array", "items": _ref("scalar")}]},
            "title": {
                "description": "A text, or a text per language.",
                "anyOf": [_ref("scalar"), _object({"zh": _ref("scalar"), "en": _ref("scalar")}, cited=False)],
            },
            "bounds": {
                "description": "[lowest, highest]; null for no bound.",
                "type": "array",
                "items": {"anyOf": [_ref("number"), {"type": "null"}]},
                "minItems": 2,
                "maxItems": 2,
            },
            "table": _table(),
            "view": _view(),
            "unit": _unit(),
            "fact": _fact(),
            "status": _object({"status": _ref("scalar"), "when": _said(), "reason": _title()}, ["status", "when"]),
            "card": _card(),
            "line": _line(),
            "tier": _object({**_tests(), "points": _ref("number")}, ["points"]),
            "levels": _levels(),
            "levelRow": _object(
                {**_tests(), "level": _ref("scalar"), "status": _ref("scalar")}, one_of=["level", "status"]
            ),
            "step": _step(),
        },
    }


def schema_text() -> str:
    """The schema as the file that ships in the docs."""
    return json.dumps(rulebook_schema(), ensure_ascii=False, indent=2) + "\n"


def _ref(name: str, description: str = "") -> Schema:
    """A definition; a sibling of $ref is ignored in draft 7, so a description of its own goes around it."""
    found: Schema = {"$ref": f"#/definitions/{name}"}
    return {"description": description, "allOf": [found]} if description else found


def _said(description: str = "") -> Schema:
    return _ref("expression", description)


def _title() -> Schema:
    return _ref("title")


def _object(
    properties: Schema, required: list[str] | None = None, *, cited: bool = True, one_of: list[str] | None = None
) -> Schema:
    """A mapping with these keys and no others; *one_of* lists keys of which exactly one must stand."""
    found: Schema = {
        "type": "object",
        "additionalProperties": False,
        "properties": {**properties, **(_cited() if cited else {})},
    }
    if required:
        found["required"] = required
    if one_of:
        found["oneOf"] = [{"required": [key]} for key in one_of]
    return found


def _cited() -> Schema:
    return {
        "clause": _ref("scalar", "Article or item of the published rule."),
        "source": _ref("scalar", "Key of the book's sources."),
        "basis": {"description": "Where the value comes from; inherited by inner parts.", "enum": list(BASES)},
        "analogue": _ref("texts", "Sources elsewhere whose shape or value this follows."),
        "note": _title(),
    }


def _map(name: str, description: str) -> Schema:
    return {"description": description, "type": "object", "additionalProperties": _ref(name)}


def _list(name: str, description: str) -> Schema:
    return {"description": description, "type": "array", "items": _ref(name)}


def _days() -> Schema:
    day = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
    return _object({"from": day, "to": day}, ["from", "to"], cited=False)


def _book() -> Schema:
    source = {"title": _ref("scalar"), "url": _ref("scalar"), "note": _ref("scalar")}
    return _object(
        {
            "rulebook": _ref("scalar", "Name of this edition, e.g. kunming-2024."),
            "title": _title(),
            "official": {"description": "true: every number needs a source or clause.", "type": "boolean"},
            "period": _days(),
            "points": _object({"unit": _ref("number", "Value of one unit of points.")}, ["unit"], cited=False),
            "sources": {"type": "object", "additionalProperties": _object(source, ["title"], cited=False)},
            "tables": _map("table", "Look-up tables, read as name[key]."),
            "working_days": _object(
                {
                    "title": _title(),
                    "rows": {"description": "Day: whether it is worked.", "type": "object"},
                    "file": _ref("scalar", "A CSV file of the folder, with `key` and `value` naming its columns."),
                    "key": _ref("scalar"),
                    "value": _ref("scalar"),
                },
                one_of=["rows", "file"],
            ),
            "records": _map("view", "Which records count, when, and how often."),
            "units": {**_map("unit", "What is rated, in this order."), "minProperties": 1},
            "consequences": {
                "description": "What follows from a level: unit, level, name, text.",
                "type": "object",
                "additionalProperties": {
                    "type": "object",
                    "additionalProperties": {"type": "object", "additionalProperties": _ref("scalar")},
                },
            },
        },
        ["rulebook", "period", "points", "units"],
    )


def _table() -> Schema:
    return _object(
        {
            "title": _title(),
            "rows": {"description": "Key: value.", "type": "object", "additionalProperties": _ref("scalar")},
            "file": _ref("scalar", "A CSV file of the folder, with `key` and `value` naming its columns."),
            "key": _ref("texts"),
            "value": _ref("scalar"),
            "keys": {
                "description": "What the keys are, text unless said: once for all, or once for each key column.",
                "anyOf": [_TYPE_OF_KEY, {"type": "array", "items": _TYPE_OF_KEY}],
            },
            "values": {"description": "text keeps codes such as 01 as they are.", "enum": ["number", "text"]},
            "else": _ref("scalar", "Value of a key that is not listed; without it such a key is an error."),
        },
        one_of=["rows", "file"],
    )


def _view() -> Schema:
    words = "|".join(KEEP)
    found = _object(
        {
            "title": _title(),
            "from": _ref("scalar", "A table, a rated unit, another view, or earlier.<unit>."),
            "where": _said("Which rows count."),
            "time": _said("When they count: in_period(…), in_force(…), within_months(…), overlaps(…), …, or any."),
            "once_per": _ref("texts", "One record for each unit and these keys."),
            "keep": {"description": "Which of them.", "type": "string", "pattern": f"^({words}) .+"},
        },
        ["from", "time"],
    )
    return {**found, "dependencies": {"once_per": ["keep"], "keep": ["once_per"]}}


def _unit() -> Schema:
    return _object(
        {
            "title": _title(),
            "from": _ref("scalar", "A table, or a unit rated before."),
            "key": _ref("texts", "Columns that name it in every output."),
            "name": _said(),
            "division": _said(),
            "rated_as": _said("Key of the unit that this row and its records belong to."),
            "facts": _map("fact", "Exact values, in order; each may use those before it."),
            "statuses": _list("status", "The first that fits stands instead of points and a level."),
            "card": _ref("card"),
            "levels": _ref("levels"),
        },
        ["from", "key", "card"],
    )


def _fact() -> Schema:
    found = _object(
        {
            "title": _title(),
            "of": _ref("scalar", "Records: a view, a table, or a rated unit."),
            "across": _ref("texts", "`all`, or columns that group the units."),
            "take": _said("The value; with aggregates when it is of records or across units."),
            "where": _said("Which of the records."),
            "time": _said("For a table taken directly: when its records count."),
            "by": _ref("scalar", "Foreign key to follow where several lead to the unit."),
            "round": _ref("number", "Step that an `across` fact is rounded to."),
        },
        ["take"],
    )
    own_only = {"not": {"anyOf": [{"required": [key]} for key in ("where", "time", "by")]}}
    return {
        **found,
        "not": {"required": ["of", "across"]},
        "dependencies": {"across": ["round"], "round": ["across"], "where": ["of"], "time": ["of"], "by": ["of"]},
        "if": {"required": ["across"]},
        "then": own_only,
    }


def _card() -> Schema:
    return _object(
        {
            "start": _ref("number", "Points before the first line."),
            "full": _ref("number", "Points of a complete card; needed by missing: skip."),
            "not_rated_when": _said("On missing_full: the full points of the lines left out."),
            "lines": {**_list("line", "Lines in the order they are added."), "minItems": 1},
        },
        ["lines"],
    )


def _line() -> Schema:
    tiers = {"on": _said("The number that is tested."), "rows": {"type": "array", "items": _ref("tier"), "minItems": 1}}
    missing = {"anyOf": [{"enum": list(POLICIES)}, _ref("number")]}
    stages = {"anyOf": [_ref("number"), {"type": "array", "items": _ref("number"), "minItems": 1}]}
    return _object(
        {
            "id": _ref("scalar"),
            "title": _title(),
            "points": _said("The amount."),
            "tiers": _object(tiers, ["on", "rows"], cited=False),
            "lines": {**_list("line", "A section: the sum of its lines."), "minItems": 1},
            "when": _said("The line applies only where this holds."),
            "full": _ref("number", "The most it can give."),
            "missing": {"description": "What stands for an amount that is missing.", **missing},
            "within": _ref("bounds", "Bounds of the line's own points."),
            "total": _ref("bounds", "Bounds of the running total after it."),
            "total_round": _ref("number", "Step the running total is rounded to after it."),
            "round": {"description": "Steps the amount is rounded through.", **stages},
        },
        ["id"],
        one_of=["points", "tiers", "lines"],
    )


def _tests() -> Schema:
    return {
        "from": _ref("number", "At or above."),
        "above": _ref("number", "Above."),
        "to": _ref("number", "At or below."),
        "below": _ref("number", "Below."),
        "when": _said("Any further test."),
        "title": _title(),
    }


def _levels() -> Schema:
    return _object(
        {
            "order": {"description": "Best first.", "type": "array", "items": _ref("scalar"), "minItems": 1},
            "titles": {"type": "object", "additionalProperties": _title()},
            "rows": {**_list("levelRow", "The first that fits gives the level."), "minItems": 1},
            "steps": _list("step", "What happens to the level afterwards, in order."),
        },
        ["order", "rows"],
    )


def _step() -> Schema:
    count = {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "string", "pattern": r"^\d+(\.\d+)? ?%?$"}]}
    ranked = {which: {"description": f"{which} n, or a percentage", **count} for which in ("best", "worst", "beyond")}
    found = _object(
        {
            "id": _ref("scalar"),
            "title": _title(),
            "when": _said(),
            **ranked,
            "count": {"description": "How a percentage becomes a number.", "enum": ["up", "down", "half_up"]},
            "ties": {"enum": ["all_in", "all_out", "by_key"]},
            "by": _ref("texts", "Criteria, highest first; `asc x` turns one round."),
            "among": _said("Candidates."),
            "per": _said("One list of places for each."),
            "one_per": _said("At most one place for each."),
            "set": _ref("scalar", "The level becomes this."),
            "at_most": _ref("scalar", "The level is no better than this."),
            "at_least": _ref("scalar", "The level is no worse than this."),
            "move": {"description": "Levels up (+1) or down (-1).", "type": ["integer", "string"]},
            "even": _ref("texts", f"Statuses it applies to as well, e.g. {BUILT_IN_STATUSES[0]}."),
            "enabled": {"type": "boolean"},
        },
        ["id"],
        one_of=["set", "at_most", "at_least", "move"],
    )
    tests = {"oneOf": [{"required": [key]} for key in ("when", "best", "worst", "beyond")]}
    of_ranks = {"not": {"anyOf": [{"required": [key]} for key in ("count", "ties", "by", "among", "per", "one_per")]}}
    return {**found, "allOf": [tests], "if": {"required": ["when"]}, "then": of_ranks, "else": {"required": ["ties"]}}
