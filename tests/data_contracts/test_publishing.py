"""What follows from the contracts is current."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from data_contracts.expressions import Type
from data_contracts.gx import suite_document
from data_contracts.model import Column, Contract, Rule
from data_contracts.publishing import data_dictionary, json_schema, json_text
from data_contracts.shelf import shipped_contracts

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
CURRENT = "run `property-credit contract docs`"
TABLES = sorted(shipped_contracts())


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


def test_no_document_is_left_of_a_contract_that_is_gone():
    """A schema nobody checks against is worse than none."""
    schemas = {path.name.removesuffix(".schema.json") for path in (REFERENCE / "schemas").iterdir()}
    suites = {path.name.removesuffix(".suite.json") for path in (REFERENCE / "suites").iterdir()}

    assert schemas == suites == set(TABLES)


@pytest.mark.parametrize("table", TABLES)
def test_each_schema_is_a_valid_schema(table):
    """A schema that no validator loads checks nothing."""
    validator = jsonschema_rs.validator_for(json_schema(shipped_contracts()[table]))

    assert not validator.is_valid({"no such column": 1})


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
