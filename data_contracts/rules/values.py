"""Values as a contract writes them, and the small rules made of them: bounds, patterns, options of a type."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction

import pyarrow as pa
import pyarrow.compute as pc

from data_contracts.document import Entry, Fields, decimal_number
from data_contracts.expressions import Type
from data_contracts.expressions.resolve import day_number, did_you_mean
from data_contracts.model import Column
from data_contracts.rules.custom import ENGINE

COLUMN_PROPERTIES = ("legalBasis", "attributed", "header", "linked", "mergedCells", "people", "pseudonym")
_LENGTHS = {"minLength": "least", "maxLength": "most"}
_RANGES = {"minimum": "minimum", "maximum": "maximum", "exclusiveMinimum": "above", "exclusiveMaximum": "below"}


def custom_properties(fields: Fields, allowed: tuple[str, ...]) -> dict[str, str]:
    """Texts of the custom properties that mean something here; those of another vendor are left alone."""
    found = custom_entries(fields, allowed)
    for entry in found.values():
        if not isinstance(entry.value, str):
            fields.refuse(entry, "text")
    return {name: str(entry.value) for name, entry in found.items()}


def custom_entries(fields: Fields, allowed: tuple[str, ...]) -> dict[str, Entry]:
    """The values of the custom properties that mean something here, whatever their form."""
    found: dict[str, Entry] = {}
    for entry in fields.items("customProperties"):
        one = Fields(entry, fields.problems)
        if one.text("vendor", ENGINE) != ENGINE:
            continue
        name, value = one.needed_text("property"), one.need("value")
        if name not in allowed:
            words = ", ".join((*allowed, "any that states its vendor"))
            text = f"found custom property {name!r}, allowed: {words}{did_you_mean(name, allowed)}"
            fields.problems.append(entry.at.problem(text))
        if value is not None:
            found[name] = value
    return found


def stored(text: str, kind: Type) -> str | int | bool | None:
    """*text* of a contract as the column stores it: scaled whole number, day number, truth or text; None if it cannot.

    >>> stored("1.5", Type("number", scale=2)), stored("1.5", Type("number", scale=0))
    (150, None)
    """
    match kind.kind:
        case "number":
            number = decimal_number(text)
            scaled = None if number is None else number * 10 ** (kind.scale or 0)
            return (
                int(scaled)
                if scaled is not None and scaled.denominator == 1 and abs(scaled) < Fraction(2**63)
                else None
            )
        case "day":
            try:
                return day_number(date.fromisoformat(text)) if len(text) == len("2024-01-31") else None
            except ValueError:
                return None
        case "truth":
            return {"true": True, "false": False}.get(text)
    return text


def allowed_form(kind: Type) -> str:
    """How a value of that type is written in a contract."""
    match kind.kind:
        case "number":
            return f"a number with at most {kind.scale} decimals" if kind.scale else "a whole number"
        case "day":
            return "a day YYYY-MM-DD"
        case "truth":
            return "true or false"
    return "text"


def options_of(column: Column, options: Fields) -> Iterable[tuple[str, dict[str, object]]]:
    """The rules in `logicalTypeOptions`; options that nothing here checks are unknown keys."""
    if column.type.kind == "text":
        made = [("length", dict(_bounds(options, Type("number", scale=0), _LENGTHS)))]
        made.append(("pattern", dict(pattern_of(column, options))))
    elif column.type.kind in ("number", "day"):
        made = [("range", dict(_bounds(options, column.type, _RANGES)))]
    else:
        made = []
    options.done()
    return [(kind, limits) for kind, limits in made if limits]


def _bounds(options: Fields, kind: Type, names: Mapping[str, str]) -> Iterable[tuple[str, object]]:
    for key, limit in names.items():
        entry = options.get(key)
        if entry is None:
            continue
        value = stored(str(entry.value), kind)
        if value is None:
            options.refuse(entry, allowed_form(kind))
        yield limit, value


def pattern_of(column: Column, options: Fields) -> Iterable[tuple[str, object]]:
    """The limit of a pattern rule; nothing where none is written."""
    entry = options.get("pattern")
    if entry is None:
        return
    if column.type.kind != "text":
        options.refuse(entry, "a pattern on a string column")
        return
    try:
        pc.match_substring_regex(pa.array([""]), str(entry.value))
    except pa.ArrowInvalid:
        options.refuse(entry, "a regular expression without look-around or back-references (RE2)")
    yield "pattern", str(entry.value)
