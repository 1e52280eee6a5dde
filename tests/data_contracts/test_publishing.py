"""What follows from the contracts is current, and a released contract keeps its promises."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from api.cli.contracts import run_release
from data_contracts.document import DocumentError
from data_contracts.expressions import Type
from data_contracts.gx import suite_document
from data_contracts.model import Column, Contract, Rule
from data_contracts.odcs import load_contract
from data_contracts.publishing import breaking_changes, data_dictionary, declares_break, json_schema, json_text
from data_contracts.shelf import released_contracts, shipped_contracts

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
FOLDERS = ("released", "contracts")
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
def test_each_contract_passes_the_lint_of_the_standard_s_own_tool(table):
    """Other tools read these files too, and refuse what we alone would understand."""
    from datacontract.data_contract import DataContract

    text = (files("data_contracts") / "contracts" / f"{table}.odcs.yaml").read_text(encoding="utf-8")

    run = DataContract(data_contract_str=text).lint()

    assert [check.reason for check in run.checks or () if check.result != "passed"] == []


@pytest.mark.parametrize("table", TABLES)
def test_each_schema_is_a_valid_schema(table):
    """A schema that no validator loads checks nothing."""
    validator = jsonschema_rs.validator_for(json_schema(shipped_contracts()[table]))

    assert not validator.is_valid({"no such column": 1})


def test_a_released_contract_is_not_broken_unnoticed():
    """An office filled in the template of May; in June its file must still be accepted, or the version must say so."""
    assert breaking_changes(released_contracts(), shipped_contracts()) == []


def broken_for_readers(old: str, new: str) -> bool:
    """What `datacontract breaking OLD NEW` says to those who read the records."""
    from datacontract.data_contract import DataContract

    return DataContract(data_contract_str=old).breaking(DataContract(data_contract_str=new)).is_breaking


@pytest.mark.parametrize("table", TABLES)
def test_the_standard_s_own_tool_sees_no_undeclared_break(table):
    """Who reads the records relies on the columns that were released; files that did not change cannot break."""
    old, new = ((files("data_contracts") / at / f"{table}.odcs.yaml").read_text("utf-8") for at in FOLDERS)

    declared = declares_break(released_contracts()[table], shipped_contracts()[table])

    assert declared or old == new or not broken_for_readers(old, new)


def test_the_standard_s_own_tool_is_not_asleep():
    """A check that never fails guards nothing: a column that is gone breaks, a description does not."""
    gone = SMALL.replace("      - {name: amount, logicalType: integer, logicalTypeOptions: {maximum: 10}}\n", "")

    assert broken_for_readers(SMALL, gone)
    assert not broken_for_readers(SMALL, SMALL.replace("status: active", "status: active\nname: 投诉"))


def test_a_release_keeps_the_files_as_they_are(tmp_path):
    """What was promised is the file, not an extract of it."""
    (tmp_path / "gone.odcs.yaml").write_text("old", encoding="utf-8")

    run_release(tmp_path)

    shipped = files("data_contracts") / "contracts"
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        file.name: file.read_bytes() for file in shipped.iterdir()
    }


SMALL = """
apiVersion: v3.2.0
kind: DataContract
id: a
version: 1.0.0
status: active
schema:
  - name: complaints
    properties:
      - {name: ticket_id, businessName: 工单编号, logicalType: string, primaryKey: true}
      - {name: kind, businessName: 类别, logicalType: string, enum: [{value: a}, {value: b}]}
      - {name: amount, logicalType: integer, logicalTypeOptions: {maximum: 10}}
"""


@pytest.mark.parametrize(
    "old,new,told",
    [
        ("{value: a}, ", "", "found no code a of kind"),
        ("integer", "number, physicalType: 'DECIMAL(9,1)'", "found decimals 1 of amount, released: 0"),
        ("businessName: 类别", "businessName: 类型", "found no header 类别 for kind"),
        ("{name: kind,", "{name: kind, required: true,", "found kind required, released: optional"),
        (
            "maximum: 10",
            "maximum: 9",
            "found rule complaints.amount.range with {'maximum': '9'}, released: {'maximum': '10'}",
        ),
        ("{name: kind,", "{name: sort,", "found no column kind"),
        (
            "{name: kind,",
            "{name: kind, classification: personal,",
            "found classification personal of kind, released: internal",
        ),
        ("primaryKey: true", "required: true", "found key , released: ticket_id"),
    ],
)
def test_a_breaking_change_is_named(old, new, told):
    """The change log must say what an office has to do differently."""
    released = {"complaints": load_contract(SMALL, "a.odcs.yaml")}

    found = breaking_changes(released, {"complaints": load_contract(SMALL.replace(old, new, 1), "a.odcs.yaml")})

    assert f"complaints 1.0.0: {told}; allowed: with version 2.0.0" in found


@pytest.mark.parametrize(
    "old,new",
    [
        ("{value: b}]", "{value: b}, {value: c}]"),
        ("businessName: 类别", "businessName: 类型, synonyms: [{synonym: 类别}]"),
        ("status: active", "status: active\nname: 投诉"),
    ],
)
def test_a_wider_contract_breaks_nothing(old, new):
    """A new code or header takes nothing from anybody."""
    released = {"complaints": load_contract(SMALL, "a.odcs.yaml")}

    assert breaking_changes(released, {"complaints": load_contract(SMALL.replace(old, new, 1), "a.odcs.yaml")}) == []


def test_a_declared_change_and_a_vanished_table_are_told_apart():
    """The first number of the version is the declaration; there is none for a table that is gone."""
    released = {"complaints": load_contract(SMALL, "a.odcs.yaml")}
    declared = SMALL.replace("1.0.0", "2.0.0").replace("{name: kind,", "{name: sort,")

    assert breaking_changes(released, {"complaints": load_contract(declared, "a.odcs.yaml")}) == []
    assert breaking_changes(released, {}) == ["complaints: found no contract, allowed: the table that was released"]


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


def test_delivery_is_optional_or_nothing():
    """A misspelt word must not make a table optional that every office owes."""
    text = SMALL.replace("schema:", "customProperties: [{property: delivery, value: maybe}]\nschema:", 1)

    with pytest.raises(DocumentError, match="found delivery 'maybe', allowed: optional, or nothing"):
        load_contract(text, "a.odcs.yaml")


def test_an_optional_table_may_stay_away():
    """Party-building lists are asked for street by street; a county without them is still rated."""
    optional = {table for table, contract in shipped_contracts().items() if contract.optional}

    assert optional == {
        "community_profiles",
        "grids",
        "joint_projects",
        "member_units",
        "needs",
        "party_service_centers",
        "resources",
    }
