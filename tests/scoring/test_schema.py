from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from data_contracts.document import Entry, Fields, decimal_number, read_document
from scoring.rulebook import find_rulebook, load_rulebook
from scoring.rulebook.schema import rulebook_schema, schema_text
from scoring.rulebook.shelf import shipped_rulebooks

ROOT = Path(__file__).parents[2]
BOOKS = ROOT / "tests" / "rulebooks"
VALIDATOR = jsonschema.Draft7Validator(rulebook_schema())
PLACES: dict[tuple[str, int], dict[frozenset[str], str]] = {}
SCHEMAS: dict[str, dict[str, Any]] = {}
HEAD = """
rulebook: r
period: {from: 2024-01-01, to: 2024-12-31}
points: {unit: 0.01}
"""
UNIT = HEAD + "units: {firm: {from: firms, key: [code], card: {lines: [LINE]}}}\n"
LEVELS = HEAD + "units: {firm: {from: f, key: k, card: {lines: [{id: A, points: 1}]}, levels: LEVELS}}\n"


def as_editors_see_it(entry: Entry) -> object:
    """YAML as an editor's parser types it: plain numbers and truth values are not text; days are."""
    match entry.value:
        case dict():
            return {key: as_editors_see_it(value) for key, value in entry.value.items()}
        case list():
            return [as_editors_see_it(value) for value in entry.value]
        case str() as text if not entry.quoted:
            number = decimal_number(text)
            if number is not None:
                return int(number) if number.denominator == 1 else float(number)
            return {"true": True, "false": False}.get(text, text)
    return entry.value


def faults(text: str) -> list[str]:
    """What the schema has against a rulebook."""
    found = VALIDATOR.iter_errors(as_editors_see_it(read_document(text, "rulebook.yaml")))
    return [error.message for error in found]


def books() -> Iterator[tuple[str, str]]:
    """Every shipped book and every sound one of the tests, by name."""
    for name in shipped_rulebooks():
        yield name, (find_rulebook(name) / "rulebook.yaml").read_text("utf-8")
    for file in sorted(BOOKS.glob("**/rulebook.yaml")):
        if "wrong" not in str(file.relative_to(BOOKS)):
            yield str(file.parent.relative_to(BOOKS)), file.read_text("utf-8")


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in books()])
def test_the_schema_accepts_every_sound_book(text: str):
    """An editor that underlines sound rules is switched off, and then it finds nothing."""
    assert faults(text) == []


def test_the_schema_is_itself_sound():
    """Editors drop a broken schema without a word."""
    jsonschema.Draft7Validator.check_schema(rulebook_schema())


def test_the_file_in_the_docs_is_current():
    """Editors read the file, not the module: run docs/reference/generate.py after a change."""
    assert (ROOT / "docs" / "reference" / "rulebook.schema.json").read_text("utf-8") == schema_text()


def test_the_schema_lists_the_keys_that_the_reader_takes_and_no_others(monkeypatch):
    """A key that one of them knows alone is either refused while typing or accepted and then refused."""
    taken: dict[str, set[str]] = {}

    def done(self: Fields) -> None:
        entry_keys = frozenset(self.entry.value) if isinstance(self.entry.value, dict) else frozenset()
        place = PLACES.get((self.at.source, self.at.line), {}).get(entry_keys)
        if place is not None:
            taken.setdefault(place, set()).update(self._asked)

    file = BOOKS / "everything" / "rulebook.yaml"
    PLACES.clear()
    note_places(read_document(file.read_text("utf-8"), "rulebook.yaml"), rulebook_schema(), "book")
    monkeypatch.setattr(Fields, "done", done)

    load_rulebook(file.parent)

    known = {place: set(schema["properties"]) for place, schema in SCHEMAS.items()}
    assert set(taken) == set(known)
    assert taken == known


def note_places(entry: Entry, schema: dict[str, Any], place: str) -> None:
    """Remember which part of the schema each mapping of the document is read by."""
    schema, place = resolved(schema, entry, place)
    if isinstance(entry.value, list):
        for item in entry.value:
            note_places(item, schema.get("items", {}), place)
    if not isinstance(entry.value, dict):
        return
    if "properties" in schema:
        PLACES.setdefault((entry.at.source, entry.at.line), {})[frozenset(entry.value)] = place
        SCHEMAS[place] = schema
    for key, value in entry.value.items():
        inner = schema.get("properties", {}).get(key) or schema.get("additionalProperties")
        if isinstance(inner, dict):
            note_places(value, inner, f"{place}.{key}" if "properties" in schema else place)


def resolved(schema: dict[str, Any], entry: Entry, place: str) -> tuple[dict[str, Any], str]:
    """The definition behind a reference, or the alternative that a mapping is read by."""
    if "allOf" in schema and "properties" not in schema:
        return resolved(schema["allOf"][0], entry, place)
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return resolved(rulebook_schema()["definitions"][name], entry, name)
    if "anyOf" in schema and isinstance(entry.value, dict):
        return resolved(next(one for one in schema["anyOf"] if one.get("type") == "object"), entry, place)
    return schema, place


@pytest.mark.parametrize(
    "text",
    [
        HEAD,
        UNIT.replace("LINE", "{id: A, points: 1}") + "extra: 1\n",
        UNIT.replace("LINE", "{id: A, points: 1, cap: 3}"),
        UNIT.replace("LINE", "{id: A, points: 1, tiers: {on: a, rows: [{points: 1}]}}"),
        UNIT.replace("LINE", "{id: A}"),
        UNIT.replace("LINE", "{id: A, points: 1, missing: none}"),
        UNIT.replace("LINE", "{id: A, points: 1, within: [0]}"),
        UNIT.replace("LINE", "{id: A, tiers: {on: a, rows: [{atleast: 3, points: 1}]}}"),
        UNIT.replace("LINE", "{id: A, points: 1, basis: guessed}"),
        UNIT.replace("LINE", "{id: A, points: 1}").replace("unit: 0.01", "unit: fine"),
        UNIT.replace("LINE", "{id: A, points: 1}").replace("2024-12-31", "31.12.2024"),
        UNIT.replace("LINE", "{id: A, points: 1}") + "records: {v: {from: t}}\n",
        UNIT.replace("LINE", "{id: A, points: 1}") + "records: {v: {from: t, time: any, keep: best x, once_per: x}}\n",
        UNIT.replace("LINE", "{id: A, points: 1}") + "records: {v: {from: t, time: any, once_per: x}}\n",
        UNIT.replace("LINE", "{id: A, points: 1}") + "tables: {t: {rows: {a: 1}, file: t.csv}}\n",
        LEVELS.replace("LEVELS", "{order: [A], rows: [{level: A, status: B}]}"),
        LEVELS.replace("LEVELS", "{order: [A], rows: [{level: A}], steps: [{id: S, set: A}]}"),
        LEVELS.replace("LEVELS", "{order: [A], rows: [{level: A}], steps: [{id: S, best: 2, set: A}]}"),
        LEVELS.replace("LEVELS", "{order: [A], rows: [{level: A}], steps: [{id: S, when: a, set: A, move: 1}]}"),
        LEVELS.replace("LEVELS", "{order: [A], rows: [{level: A}], steps: [{id: S, when: a, ties: all_in, set: A}]}"),
    ],
)
def test_the_schema_refuses_what_the_reader_refuses(text: str):
    """The editor should show at once what `rulebook check` would say later."""
    assert faults(text) != []
