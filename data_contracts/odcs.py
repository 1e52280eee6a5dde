"""Contract files in, contracts out: Open Data Contract Standard 3.2, one delivered table per file.

Values are read from the YAML with their lines, not from the standard's pydantic model, because a clerk's fault has to
be named by file and line and a code has to stay text ("01"). The model says which keys the standard has, its JSON
Schema has the last word on everything this project does not read itself.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, get_args

from open_data_contract_standard.model import OpenDataContractStandard
from pydantic import BaseModel

from data_contracts.document import DocumentError, Entry, Fields, Place, Problem, decimal_number, read_document
from data_contracts.expressions import DAY, TEXT, TRUTH, Type
from data_contracts.expressions.resolve import did_you_mean
from data_contracts.expressions.syntax import KEYWORDS
from data_contracts.model import RECORD_ID, Column, Contract, Relationship
from data_contracts.rules import RuleList, custom_properties

SUFFIX = ".odcs.yaml"
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_VERSION = re.compile(r"\d+\.\d+\.\d+")
_DECIMAL = re.compile(r"(?:DECIMAL|NUMERIC)\((\d+), ?(\d+)\)", re.IGNORECASE)
_TYPES = ("string", "integer", "number", "boolean", "date")
_LANGUAGES = ("zh", "en")
_CLASSES = ("public", "internal", "personal")
_ROLE_ENDINGS = ("_id", "_code", "_record")


class ContractError(DocumentError):
    """Contract files that cannot be used; `problems` lists one per fault."""


def load_contract(text: str, source: str) -> Contract:
    """Read one contract file.

    Raises:
        ContractError: Listing every fault of the file.
    """
    return _load(text, source).contract


def load_contracts(folders: Sequence[Traversable | Path]) -> dict[str, Contract]:
    """Read all `*.odcs.yaml` of *folders*, by table name, and check foreign keys across them.

    Raises:
        ContractError: Listing every fault of every file; the same table twice is one.
    """
    problems: list[Problem] = []
    loaded: dict[str, _Loaded] = {}
    for file in (file for folder in folders for file in sorted(folder.iterdir(), key=lambda file: file.name)):
        if not file.name.endswith(SUFFIX):
            continue
        try:
            one = _load(_text(file), str(file))
        except DocumentError as error:
            problems.extend(error.problems)
            continue
        table = one.contract.table
        if table in loaded:
            first = loaded[table].at.source
            problems.append(one.at.problem(f"found table {table!r} again, allowed: once; it is in {first}"))
        loaded.setdefault(table, one)
    contracts = {table: one.contract for table, one in loaded.items()}
    for one in loaded.values():
        problems.extend(_dangling(one, contracts))
    if problems:
        raise ContractError(problems)
    return {table: _with_parent_titles(contract, contracts) for table, contract in contracts.items()}


@dataclass(frozen=True, slots=True)
class _Loaded:
    """A contract, where its table is named and where each foreign key stands."""

    contract: Contract
    at: Place
    relationships: Mapping[str, Place]


def _text(file: Traversable | Path) -> str:
    data = file.read_bytes()
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ContractError([Problem(str(file), line, "found bytes that are not UTF-8, allowed: UTF-8")]) from None


def _load(text: str, source: str) -> _Loaded:
    try:
        document = read_document(text, source)
    except DocumentError as error:
        raise ContractError(error.problems) from None
    problems = list(_unknown_keys(document, OpenDataContractStandard))
    loaded = _contract(document, hashlib.sha256(text.encode()).hexdigest(), problems)
    problems = problems or list(_against_standard(document))
    if loaded is None or problems:
        raise ContractError(problems)
    return loaded


def _contract(document: Entry, digest: str, problems: list[Problem]) -> _Loaded | None:
    top = Fields(document, problems)
    top.choice("apiVersion", ("v3.2.0",))
    top.choice("kind", ("DataContract",))
    top.needed_text("id")
    version = _matching(top, "version", _VERSION, "three numbers, as 1.0.0")
    language = custom_properties(top, ("language",)).get("language", "zh")
    if language not in _LANGUAGES:
        problems.append(top.at.problem(f"found language {language!r}, allowed: {', '.join(_LANGUAGES)}"))
    objects = top.items("schema")
    if len(objects) != 1:
        problems.append(top.at.problem(f"found {len(objects)} tables under 'schema', allowed: one per file"))
        return None
    fields = Fields(objects[0], problems)
    custom_properties(fields, ())
    table = _matching(fields, "name", _NAME, "a-z, 0-9 and _, beginning with a letter")
    properties = [Fields(entry, problems) for entry in fields.items("properties")]
    columns = [_column(one) for one in properties]
    _refuse_twins(columns, properties)
    by_name = {column.name: column for column in columns}
    rules = RuleList(table, by_name, problems)
    for column, one in zip(columns, properties, strict=True):
        rules.add_column(column, one)
    key = _key(columns, properties)
    rules.add_table(key, fields)
    relationships = list(_relationships(table, by_name, fields, properties))
    for relationship, one in relationships:
        rules.add_relationship(relationship, one)
    compiled = rules.done()
    contract = Contract(
        table=table,
        title=fields.text("businessName", table),
        version=version,
        columns=tuple(columns),
        key=key,
        key_repeats=any(rule.limits.get("key") and rule.severity == "warning" for rule in compiled),
        relationships=tuple(relationship for relationship, _ in relationships),
        rules=compiled,
        language=language,
        digest=digest,
    )
    return _Loaded(contract, fields.at, {relationship.name: one.at for relationship, one in relationships})


# Columns and key.


def _column(fields: Fields) -> Column:
    name = _matching(fields, "name", _NAME, "a-z, 0-9 and _, beginning with a letter")
    if name == RECORD_ID or name in KEYWORDS:
        fields.problems.append(fields.at.problem(f"found column name {name!r}, allowed: a name that is not reserved"))
    return Column(
        name=name,
        title=fields.text("businessName", name),
        type=_type(fields).maybe(not (fields.flag("required") or fields.flag("primaryKey"))),
        aliases=tuple(Fields(entry, fields.problems).needed_text("synonym") for entry in fields.items("synonyms")),
        labels=_labels(fields),
        description=fields.text("description"),
        classification=fields.choice("classification", _CLASSES, "internal"),
    )


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


def _refuse_twins(columns: Sequence[Column], properties: Sequence[Fields]) -> None:
    """A name or header that two columns claim cannot be read."""
    names: dict[str, str] = {}
    headers: dict[str, str] = {}
    for column, fields in zip(columns, properties, strict=True):
        for seen, words in ((names, (column.name,)), (headers, dict.fromkeys((column.title, *column.aliases)))):
            for word in words:
                if (other := seen.setdefault(word, column.name)) is not column.name:
                    text = f"found {word!r} on {column.name} and {other}, allowed: a name and header of its own"
                    fields.problems.append(fields.at.problem(text))


def _key(columns: Sequence[Column], properties: Sequence[Fields]) -> tuple[str, ...]:
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


# Foreign keys.


def _relationships(
    table: str, columns: Mapping[str, Column], fields: Fields, properties: Sequence[Fields]
) -> Iterator[tuple[Relationship, Fields]]:
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


def _dangling(one: _Loaded, contracts: Mapping[str, Contract]) -> Iterator[Problem]:
    for relationship in one.contract.relationships:
        at = one.relationships[relationship.name]
        parent = contracts.get(relationship.table)
        if parent is None:
            hint = did_you_mean(relationship.table, contracts)
            yield at.problem(f"found table {relationship.table!r}, allowed: {', '.join(sorted(contracts))}{hint}")
        elif relationship.targets != (RECORD_ID,) and sorted(relationship.targets) != sorted(parent.key):
            found, allowed = ", ".join(relationship.targets), ", ".join(parent.key) or "nothing"
            yield at.problem(f"found {found}, allowed: the key of {parent.table!r} ({allowed}) or {RECORD_ID}")
        elif relationship.targets != (RECORD_ID,) and parent.key_repeats:
            yield at.problem(f"found the key of {parent.table!r}, which may repeat, allowed: {RECORD_ID}")
        else:
            yield from _unlike(one.contract, relationship, parent, at)


def _unlike(contract: Contract, relationship: Relationship, parent: Contract, at: Place) -> Iterator[Problem]:
    for name, target in zip(relationship.columns, relationship.targets, strict=True):
        own, other = contract.column(name), parent.column(target)
        found = TEXT if own is None else own.type
        wanted = TEXT if other is None else other.type
        if (found.kind, found.scale) != (wanted.kind, wanted.scale):
            yield at.problem(
                f"found {name} ({found.kind}) to {target} ({wanted.kind}), allowed: two columns of one type"
            )


def _with_parent_titles(contract: Contract, contracts: Mapping[str, Contract]) -> Contract:
    """Messages about a parent call it by the name the offices know."""
    rules = tuple(
        replace(rule, limits={**rule.limits, "title": contracts[str(rule.limits["table"])].title})
        if rule.kind == "foreign_key"
        else rule
        for rule in contract.rules
    )
    return replace(contract, rules=rules)


# The standard itself.


def _matching(fields: Fields, key: str, pattern: re.Pattern[str], allowed: str) -> str:
    entry = fields.need(key)
    if entry is not None and not (isinstance(entry.value, str) and pattern.fullmatch(entry.value)):
        fields.refuse(entry, allowed)
    return "" if entry is None else str(entry.value)


def _unknown_keys(entry: Entry, model: type[BaseModel]) -> Iterator[Problem]:
    if isinstance(entry.value, list):
        for item in entry.value:
            yield from _unknown_keys(item, model)
    if not isinstance(entry.value, dict):
        return
    known = {info.alias or name: info.annotation for name, info in model.model_fields.items()}
    for key, value in entry.value.items():
        if key not in known:
            yield value.at.problem(f"found {key!r}, allowed: {', '.join(sorted(known))}{did_you_mean(key, known)}")
        elif models := list(_models(known[key])):
            yield from _unknown_keys(value, models[-1] if isinstance(value.value, list) else models[0])


def _models(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)


def _against_standard(document: Entry) -> Iterator[Problem]:
    from jsonschema.exceptions import best_match  # type: ignore[import-untyped]

    for error in _validator().iter_errors(_plain(document)):
        deepest = best_match([error])
        entry = document
        for step in deepest.absolute_path:
            below: Any = entry.value  # a mapping or list: the path leads through what _plain made of it
            entry = below[step]
        yield entry.at.problem(f"found {entry.shown}, allowed by ODCS 3.2: {deepest.message}")


@cache
def _validator() -> Any:
    from jsonschema import Draft201909Validator  # type: ignore[import-untyped]

    schema = files("open_data_contract_standard").joinpath("schema.json").read_text("utf-8")
    return Draft201909Validator(json.loads(schema))


def _plain(entry: Entry) -> object:
    """The document as the standard sees it: unquoted numbers and truth values are not text."""
    if isinstance(entry.value, dict):
        return {key: _plain(value) for key, value in entry.value.items()}
    if isinstance(entry.value, list):
        return [_plain(value) for value in entry.value]
    if entry.value is None or entry.quoted:
        return entry.value
    number = decimal_number(entry.value)
    if number is not None:
        return int(number) if number.denominator == 1 else float(number)
    return {"true": True, "false": False}.get(entry.value, entry.value)
