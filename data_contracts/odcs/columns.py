"""The columns of a contract file: name, header, type, labels, and which of them make the key."""

from __future__ import annotations

import re
from collections.abc import Sequence

from data_contracts.document import Fields
from data_contracts.expressions import DAY, TEXT, TRUTH, Type
from data_contracts.expressions.syntax import KEYWORDS
from data_contracts.model import RECORD_ID, Attribution, Column, Linkage, OtherNames, Region
from data_contracts.rules import COLUMN_PROPERTIES, custom_entries

NAME = re.compile(r"[a-z][a-z0-9_]*")
NAME_ALLOWED = "a-z, 0-9 and _, beginning with a letter"
_DECIMAL = re.compile(r"(?:DECIMAL|NUMERIC)\((\d+), ?(\d+)\)", re.IGNORECASE)
_TYPES = ("string", "integer", "number", "boolean", "date")
COUNT, FEW = "count", "few"
_CLASSES = ("public", "internal", "personal")


def read_column(fields: Fields) -> Column:
    """One entry of `properties`."""
    name = matching(fields, "name", NAME, NAME_ALLOWED)
    if name == RECORD_ID or name in KEYWORDS:
        fields.problems.append(fields.at.problem(f"found column name {name!r}, allowed: a name that is not reserved"))
    return Column(
        name=name,
        title=fields.text("businessName", name),
        type=_type(fields).maybe(not (fields.flag("required") or fields.flag("primaryKey"))),
        aliases=tuple(Fields(entry, fields.problems).needed_text("synonym") for entry in fields.items("synonyms")),
        labels=_labels(fields),
        description=fields.text("description"),
        attributed=_attributed(fields),
        linked=_linked(fields),
        may_lack=_may_lack(fields),
        classification=fields.choice("classification", _CLASSES, "internal"),
        merged=_merged(fields),
        pseudonym=_pseudonym(fields),
        people=_people(fields),
    )


def _pseudonym(fields: Fields) -> str:
    entry = custom_entries(fields, COLUMN_PROPERTIES).get("pseudonym")
    if entry is None:
        return ""
    if fields.text("classification") != "personal" or fields.text("logicalType") != "string":
        fields.refuse(entry, "a pseudonym on a personal string column")
    return str(entry.value)


def _people(fields: Fields) -> str:
    entry = custom_entries(fields, COLUMN_PROPERTIES).get("people")
    if entry is None:
        return ""
    if entry.value == COUNT and fields.text("logicalType") != "integer":
        fields.refuse(entry, "people: count on an integer column")
    return str(entry.value)


def check_people(columns: Sequence[Column], properties: Sequence[Fields]) -> None:
    """An average needs the column it is over; what is said of few people cannot stand beside who they are."""
    counts = [column.name for column in columns if column.people == COUNT]
    persons = [column.name for column in columns if column.pseudonym]
    for column, fields in zip(columns, properties, strict=True):
        if column.people not in ("", COUNT, FEW, *counts):
            allowed = ", ".join((COUNT, FEW, *counts))
            fields.problems.append(fields.at.problem(f"found people: {column.people!r}, allowed: {allowed}"))
        if column.people == FEW and persons:
            text = f"found people: few on {column.name!r} beside the pseudonym {persons[0]!r}, allowed: a count"
            fields.problems.append(fields.at.problem(text))


def _merged(fields: Fields) -> bool:
    entry = custom_entries(fields, COLUMN_PROPERTIES).get("mergedCells")
    if entry is not None and entry.value != "allowed":
        fields.refuse(entry, "allowed")
    return entry is not None


def _may_lack(fields: Fields) -> bool:
    entry = custom_entries(fields, COLUMN_PROPERTIES).get("header")
    if entry is None:
        return False
    if entry.value != "optional" or fields.flag("required") or fields.flag("primaryKey"):
        fields.refuse(entry, "optional, on a column that may be empty")
    return True


def _attributed(fields: Fields) -> Attribution | None:
    entry = custom_entries(fields, COLUMN_PROPERTIES).get("attributed")
    if entry is None:
        return None
    one = Fields(entry, fields.problems)
    read = {name: one.needed_text(name) for name in ("table", "match", "day", "from", "to")}
    one.done()
    return Attribution(read["table"], read["match"], read["day"], read["from"], read["to"])


def _linked(fields: Fields) -> Linkage | None:
    entry = custom_entries(fields, COLUMN_PROPERTIES).get("linked")
    if entry is None:
        return None
    one = Fields(entry, fields.problems)
    text, division, address = (one.needed_text(name) for name in ("text", "division", "address"))
    names, also, region = one.texts("names"), one.get("also"), one.get("region")
    one.done()
    return Linkage(
        text,
        division,
        names,
        address,
        None if also is None else _other_names(Fields(also, fields.problems)),
        None if region is None else _region(Fields(region, fields.problems)),
    )


def _region(fields: Fields) -> Region:
    region = Region(*(fields.needed_text(name) for name in ("within", "table", "code", "name", "upper")))
    fields.done()
    return region


def _other_names(fields: Fields) -> OtherNames:
    table, match = fields.needed_text("table"), fields.needed_text("match")
    names, ids = fields.texts("names"), fields.texts("ids")
    fields.done()
    return OtherNames(table, match, names, ids)


def _type(fields: Fields) -> Type:
    match fields.choice("logicalType", _TYPES):
        case "integer":
            return Type("number", scale=0)
        case "number":
            return Type("number", scale=_decimals(fields))
        case "boolean":
            return TRUTH
        case "date":
            return DAY
    return TEXT


def _decimals(fields: Fields) -> int:
    physical = fields.need("physicalType")
    if physical is None:
        return 0
    match = _DECIMAL.fullmatch(str(physical.value))
    if match is None or not int(match[2]) <= int(match[1]) <= 18:
        fields.refuse(physical, "DECIMAL(p,s) with s <= p <= 18: a number states its decimals")
        return 0
    return int(match[2])


def _labels(fields: Fields) -> dict[str, str]:
    labels: dict[str, str] = {}
    for entry in fields.items("enum"):
        one = Fields(entry, fields.problems)
        code = one.needed_text("value")
        if code in labels:
            fields.problems.append(entry.at.problem(f"found value {code!r} twice, allowed: once"))
        labels[code] = one.text("label", code)
    return labels


def refuse_twins(columns: Sequence[Column], properties: Sequence[Fields]) -> None:
    """A name or header that two columns claim cannot be read."""
    names: dict[str, str] = {}
    headers: dict[str, str] = {}
    for column, fields in zip(columns, properties, strict=True):
        for seen, words in ((names, (column.name,)), (headers, dict.fromkeys((column.title, *column.aliases)))):
            for word in words:
                if (other := seen.setdefault(word, column.name)) is not column.name:
                    text = f"found {word!r} on {column.name} and {other}, allowed: a name and header of its own"
                    fields.problems.append(fields.at.problem(text))


def read_key(columns: Sequence[Column], properties: Sequence[Fields]) -> tuple[str, ...]:
    """Names of the key columns in the order of their positions."""
    for column, fields in zip(columns, properties, strict=True):
        if column.classification == "personal" and fields.flag("primaryKey"):
            text = f"found personal column {column.name!r} in the key, allowed: a key that names nobody"
            fields.problems.append(fields.at.problem(text))
    parts = [(column, fields) for column, fields in zip(columns, properties, strict=True) if fields.flag("primaryKey")]
    if len(parts) < 2:
        return tuple(column.name for column, _ in parts)
    places = [str(fields.text("primaryKeyPosition")) for _, fields in parts]
    if sorted(places) != sorted(str(place + 1) for place in range(len(parts))):
        at, found = parts[0][1].at, ", ".join(place or "none" for place in places)
        allowed = f"allowed: 1 to {len(parts)}, each once"
        parts[0][1].problems.append(at.problem(f"found primaryKeyPosition {found}, {allowed}"))
        return tuple(column.name for column, _ in parts)
    return tuple(
        column.name for _, column in sorted((int(place), part[0]) for place, part in zip(places, parts, strict=True))
    )


def matching(fields: Fields, key: str, pattern: re.Pattern[str], allowed: str) -> str:
    """Text of a required key that must have a form."""
    entry = fields.need(key)
    if entry is not None and not (isinstance(entry.value, str) and pattern.fullmatch(entry.value)):
        fields.refuse(entry, allowed)
    return "" if entry is None else str(entry.value)
