"""What follows from the contracts is current."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pyarrow as pa
import pytest

from data_contracts.expressions import Type
from data_contracts.failures import as_written
from data_contracts.gx import suite_document
from data_contracts.model import Column, Contract, Rule
from data_contracts.publishing import data_dictionary, json_schema, json_text
from data_contracts.shelf import shipped_contracts
from data_contracts.workbook import template_name, template_workbook
from tests.data_contracts.planted import CONTRACTS, TABLES, City

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
CURRENT = "run `property-credit contract docs`"
OFFICES = [table for table in TABLES if not CONTRACTS[table].reference]


def test_the_data_dictionary_is_current():
    """A clerk who reads last year's dictionary fills in last year's columns."""
    written = (REFERENCE / "data-dictionary.md").read_text(encoding="utf-8")

    assert written == data_dictionary(shipped_contracts()), CURRENT


@pytest.mark.parametrize("table", TABLES)
def test_the_schema_and_the_suite_of_a_contract_are_current(table):
    """Whoever builds against the schema builds against what is checked."""
    contract = shipped_contracts()[table]

    schema = (REFERENCE / "schemas" / f"{table}.schema.json").read_text(encoding="utf-8")
    suite = (REFERENCE / "suites" / f"{table}.suite.json").read_text(encoding="utf-8")

    assert schema == json_text(json_schema(contract)), CURRENT
    assert suite == json_text(suite_document(contract)), CURRENT


@pytest.mark.parametrize("table", OFFICES)
def test_the_template_of_a_contract_is_current(table: str):
    """What an office downloads is what is checked; how hard it is packed is left to the machine that made it."""
    contract = CONTRACTS[table]

    kept = (REFERENCE / "templates" / template_name(contract)).read_bytes()

    assert unpacked(kept) == unpacked(template_workbook(contract)), CURRENT


def unpacked(workbook: bytes) -> dict[str, bytes]:
    """The parts of a workbook by name."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as parts:
        return {name: parts.read(name) for name in parts.namelist()}


def test_no_document_is_left_of_a_contract_that_is_gone():
    """A schema nobody checks against is worse than none."""
    schemas = {path.name.removesuffix(".schema.json") for path in (REFERENCE / "schemas").iterdir()}
    suites = {path.name.removesuffix(".suite.json") for path in (REFERENCE / "suites").iterdir()}

    templates = {path.name for path in (REFERENCE / "templates").iterdir()}

    assert schemas == suites == set(TABLES)
    assert templates == {template_name(CONTRACTS[table]) for table in OFFICES}


@pytest.mark.parametrize("table", TABLES)
def test_each_schema_is_a_valid_schema(table):
    """A schema that no validator loads checks nothing."""
    validator = jsonschema_rs.validator_for(json_schema(shipped_contracts()[table]))

    assert not validator.is_valid({"no such column": 1})


IN_SCHEMA = ("required", "enum", "pattern", "length")


@pytest.mark.parametrize("table", TABLES)
def test_a_schema_accepts_and_refuses_what_the_checks_do(city: City, table: str):
    """A vendor who validates before delivering meets no surprise: row by row the same, edges included."""
    contract, rows = CONTRACTS[table], city.rows[table]
    said = {rule.id for rule in contract.rules if rule.severity == "error" and _in_schema(rule, contract)}
    failures = city.checked[table].failures.table.select(["row", "rule"]).to_pylist()
    broken = {one["row"] for one in failures if one["rule"] in said}
    validator = jsonschema_rs.validator_for(json_schema(contract), validate_formats=True)

    refused = {place for place, record in enumerate(_records(contract, rows)) if not validator.is_valid(record)}

    assert refused == broken
    assert broken or contract.reference


def _in_schema(rule: Rule, contract: Contract) -> bool:
    """Rules of one cell, but for bounds of decimals and days."""
    column = contract.column(rule.columns[0]) if rule.columns else None
    whole = column is not None and column.type.kind == "number" and not column.type.scale
    return rule.kind in IN_SCHEMA or (rule.kind == "range" and whole)


def _records(contract: Contract, rows: pa.Table) -> Iterator[dict[str, Any]]:
    """Each row as JSON: decimals and days as text."""
    texts = {column.name: column for column in contract.columns if column.type.scale or column.type.kind == "day"}
    for row in rows.select([column.name for column in contract.columns]).to_pylist():
        yield row | {
            name: as_written(row[name], column.type) if column.type.scale else row[name].isoformat()
            for name, column in texts.items()
            if row[name] is not None
        }


def test_a_schema_says_what_the_contract_says():
    """Decimals travel as text, because JSON numbers are floats in most programs."""
    amount = Column("amount", "金额", Type("number", scale=2, optional=True))
    limit = Rule("r", "length", ("amount",), limits={"most": 8})
    contract = Contract("t", "表", "1.0.0", (amount,), (), False, (), (limit,), "zh", "")

    schema: dict[str, Any] = json_schema(contract)

    assert schema["properties"]["amount"] == {
        "title": "金额",
        "type": ["string", "null"],
        "pattern": r"^-?[0-9]+(\.[0-9]{1,2})?$",
        "maxLength": 8,
        "x-classification": "internal",
    }
    assert schema["required"] == []
