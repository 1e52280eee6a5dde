"""Contract files in, contracts out: Open Data Contract Standard 3.2, one delivered table per file.

Values are read from the YAML with their lines, not from the standard's pydantic model, because a clerk's fault has to
be named by file and line and a code has to stay text ("01"). The model says which keys the standard has, its JSON
Schema has the last word on everything this project does not read itself.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources.abc import Traversable
from pathlib import Path

from data_contracts.document import DocumentError, Entry, Fields, Place, Problem, read_document
from data_contracts.model import Contract
from data_contracts.odcs.columns import NAME, NAME_ALLOWED, check_people, matching, read_column, read_key, refuse_twins
from data_contracts.odcs.freshness import read_freshness
from data_contracts.odcs.relationships import dangling, read_relationships, with_parent_titles
from data_contracts.odcs.standard import against_standard, unknown_keys
from data_contracts.rules import RuleList, custom_properties

SUFFIX = ".odcs.yaml"
_VERSION = re.compile(r"\d+\.\d+\.\d+")
_LANGUAGES = ("zh", "en")


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
    if not problems:  # a table that could not be read is not missing
        problems = [fault for one in loaded.values() for fault in dangling(one.contract, one.relationships, contracts)]
    if problems:
        raise ContractError(problems)
    return {table: with_parent_titles(contract, contracts) for table, contract in contracts.items()}


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
    problems = list(unknown_keys(document))
    loaded = _contract(document, hashlib.sha256(text.encode()).hexdigest(), problems)
    problems = problems or list(against_standard(document))
    if loaded is None or problems:
        raise ContractError(problems)
    return loaded


def _contract(document: Entry, digest: str, problems: list[Problem]) -> _Loaded | None:
    top = Fields(document, problems)
    top.choice("apiVersion", ("v3.2.0",))
    top.choice("kind", ("DataContract",))
    top.needed_text("id")
    version = matching(top, "version", _VERSION, "three numbers, as 1.0.0")
    custom = custom_properties(top, ("language", "reference", "delivery", "legalBasis"))
    basis = custom.get("legalBasis", "")
    language = custom.get("language", "zh")
    if language not in _LANGUAGES:
        problems.append(top.at.problem(f"found language {language!r}, allowed: {', '.join(_LANGUAGES)}"))
    if custom.get("delivery", "optional") != "optional":
        problems.append(top.at.problem(f"found delivery {custom['delivery']!r}, allowed: optional, or nothing"))
    objects = top.items("schema")
    if len(objects) != 1:
        problems.append(top.at.problem(f"found {len(objects)} tables under 'schema', allowed: one per file"))
        return None
    fields = Fields(objects[0], problems)
    custom_properties(fields, ())
    table = matching(fields, "name", NAME, NAME_ALLOWED)
    properties = [Fields(entry, problems) for entry in fields.items("properties")]
    columns = [read_column(one) for one in properties]
    refuse_twins(columns, properties)
    check_people(columns, properties)
    by_name = {column.name: column for column in columns}
    relationships = list(read_relationships(table, by_name, fields, properties))
    rules = RuleList(table, by_name, [relationship for relationship, _ in relationships], problems)
    for column, one in zip(columns, properties, strict=True):
        rules.add_column(column, one)
    key = read_key(columns, properties)
    rules.add_table(key, fields)
    for relationship, one in relationships:
        rules.add_relationship(relationship, one)
    fresh = read_freshness(top, table, by_name, rules.reporting_column())
    compiled = tuple(replace(rule, legal_basis=rule.legal_basis or basis) for rule in (*rules.done(), *fresh))
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
        reference=custom.get("reference", ""),
        optional="delivery" in custom,
    )
    return _Loaded(contract, fields.at, {relationship.name: one.at for relationship, one in relationships})
