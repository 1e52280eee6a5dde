"""Contract files: what becomes of a good one, and what a wrong one is told."""

from __future__ import annotations

import hashlib
from importlib.resources import files
from pathlib import Path

import pytest

from data_contracts.check_digits import SCHEMES
from data_contracts.expressions import Type
from data_contracts.failures import SCHEMA
from data_contracts.model import Attribution, Contract, Relationship
from data_contracts.odcs import ContractError, load_contract, load_contracts
from data_contracts.rules.quality import METRICS, OPERATORS
from data_contracts.shelf import shipped_contracts

HEAD = """\
apiVersion: v3.2.0
kind: DataContract
id: complaints
version: 1.2.0
status: active
"""
SIMPLE = (
    HEAD
    + """\
schema:
  - name: complaints
    properties:
      - name: ticket_id
        logicalType: string
        primaryKey: true
"""
)


def contract_of(properties: str, table: str = "", head: str = HEAD):
    """A contract of one table; *properties* and *table* are indented as in the file."""
    return load_contract(f"{head}schema:\n  - name: complaints\n    properties:\n{properties}{table}", "c.odcs.yaml")


def problems_of(text: str) -> list[str]:
    """What is said about a file that is refused."""
    with pytest.raises(ContractError) as caught:
        load_contract(text, "c.odcs.yaml")
    return [str(problem) for problem in caught.value.problems]


def wrong(properties: str, table: str = "", head: str = HEAD) -> list[str]:
    """What is said about a wrong table; its first property stands on line 9."""
    return problems_of(f"{head}schema:\n  - name: complaints\n    properties:\n{properties}{table}")


KEY = "      - {name: ticket_id, logicalType: string, primaryKey: true}\n"


# Good files.


def test_a_contract_carries_name_version_and_the_digest_of_its_bytes():
    """A round freezes the contract it was checked by; the digest is how that is told later."""
    contract = load_contract(SIMPLE, "c.odcs.yaml")

    assert (contract.table, contract.version, contract.language, contract.key) == (
        "complaints",
        "1.2.0",
        "zh",
        ("ticket_id",),
    )
    assert contract.digest == hashlib.sha256(SIMPLE.encode()).hexdigest()


def test_logical_types_become_kinds_with_decimals():
    """Money in hundredths is a whole number from here on, and a required column is never missing."""
    contract = contract_of(
        KEY
        + "      - {name: units, logicalType: integer}\n"
        + "      - {name: area, logicalType: number, physicalType: 'DECIMAL(12,2)', required: true}\n"
        + "      - {name: upheld, logicalType: boolean}\n"
        + "      - {name: received_on, logicalType: date}\n"
    )

    assert [column.type for column in contract.columns] == [
        Type("text"),
        Type("number", 0, optional=True),
        Type("number", 2),
        Type("truth", optional=True),
        Type("day", 0, optional=True),
    ]


def test_headers_labels_and_classification_are_read():
    """Offices write Chinese headers and labels; the code sees English names and codes."""
    contract = contract_of(
        KEY
        + "      - name: channel\n"
        + "        businessName: 受理渠道\n"
        + "        description: 从哪里来\n"
        + "        logicalType: string\n"
        + "        classification: personal\n"
        + "        synonyms: [{synonym: 渠道}, {synonym: 来源}]\n"
        + "        enum: [{value: 01, label: 12345热线}, {value: no}]\n"
    )

    column = contract.columns[1]

    assert (column.title, column.aliases, column.classification) == ("受理渠道", ("渠道", "来源"), "personal")
    assert column.labels == {"01": "12345热线", "no": "no"}
    assert column.description == "从哪里来"


def test_a_foreign_key_is_named_after_what_it_points_at():
    """`complaint.project.floor_area_m2` reads like a sentence without anyone naming the key."""
    contract = contract_of(
        KEY
        + "      - {name: project_id, logicalType: string, relationships: [{to: projects.project_id}]}\n"
        + "      - {name: subdistrict_code, logicalType: string, relationships: [{to: subdistricts.code}]}\n"
        + "      - {name: finding_record, logicalType: string, relationships: [{to: findings.record_id}]}\n"
        + "      - {name: rsn, logicalType: string, relationships: [{to: buildings.rsn, id: building}]}\n"
    )

    assert contract.relationships == (
        Relationship("project", ("project_id",), "projects", ("project_id",)),
        Relationship("subdistrict", ("subdistrict_code",), "subdistricts", ("code",)),
        Relationship("finding", ("finding_record",), "findings", ("record_id",)),
        Relationship("building", ("rsn",), "buildings", ("rsn",)),
    )


def test_a_foreign_key_of_several_columns_stands_on_the_table():
    """An evaluation is one building on one day: both columns lead to it."""
    contract = contract_of(
        "      - {name: rsn, logicalType: string}\n      - {name: day, logicalType: date}\n",
        "    relationships:\n"
        "      - id: evaluation\n"
        "        from: [complaints.rsn, complaints.day]\n"
        "        to: [evaluations.rsn, evaluations.evaluated_on]\n",
    )

    assert contract.relationships == (
        Relationship("evaluation", ("rsn", "day"), "evaluations", ("rsn", "evaluated_on")),
    )


def test_the_key_follows_the_stated_positions():
    """Outputs are sorted by the key, so its order is part of the contract."""
    contract = contract_of(
        "      - {name: day, logicalType: date, primaryKey: true, primaryKeyPosition: 2}\n"
        "      - {name: rsn, logicalType: string, primaryKey: true, primaryKeyPosition: 1}\n"
    )

    assert contract.key == ("rsn", "day")
    assert not contract.key_repeats


def test_a_key_may_repeat_where_the_contract_only_warns():
    """Toronto published repeated rows with a score: they are rated, and somebody is told."""
    contract = contract_of(
        KEY,
        "    quality:\n"
        "      - {metric: duplicateValues, arguments: {properties: [ticket_id]}, mustBe: 0, severity: warning}\n",
    )

    assert contract.key_repeats
    assert [(rule.kind, rule.severity) for rule in contract.rules if rule.kind == "unique"] == [("unique", "warning")]


def test_how_a_column_is_filled_at_intake_is_read():
    """Offices need not know which firm served a compound on a day."""
    contract = contract_of(
        KEY
        + "      - name: project_id\n"
        + "        logicalType: string\n"
        + "        customProperties:\n"
        + "          - property: attributed\n"
        + "            value: {table: projects, match: compound_id, day: received_on, from: starts_on, to: ends_on}\n"
    )

    assert contract.columns[1].attributed == Attribution(
        "projects", "compound_id", "received_on", "starts_on", "ends_on"
    )


def test_properties_of_another_vendor_are_left_alone():
    """A contract can be shared with tools that keep their own notes in it."""
    head = HEAD + "customProperties: [{property: color, value: red, vendor: zeenea}]\n"

    contract = contract_of(KEY, head=head)

    assert contract.table == "complaints"


# Wrong files.


@pytest.mark.parametrize(
    "text, message",
    [
        ("", "c.odcs.yaml:1: found an empty file, allowed: a mapping of keys"),
        ("a: [", "c.odcs.yaml:2: found YAML that cannot be read: did not find expected node content"),
        (SIMPLE + "status: draft\n", "c.odcs.yaml:12: found key 'status' twice, allowed: once"),
        (SIMPLE.replace("v3.2.0", "v3.0.2"), "c.odcs.yaml:1: found 'v3.0.2', allowed: v3.2.0; did you mean 'v3.2.0'?"),
        (SIMPLE.replace("1.2.0", "1.2"), "c.odcs.yaml:4: found '1.2', allowed: three numbers, as 1.0.0"),
        (
            SIMPLE.replace("- name: complaints", "- name: 投诉"),
            "c.odcs.yaml:7: found '投诉', allowed: a-z, 0-9 and _, beginning with a letter",
        ),
        (HEAD, "c.odcs.yaml:1: found 0 tables under 'schema', allowed: one per file"),
        (
            SIMPLE + "customProperties: [{property: language, value: de}]\n",
            "c.odcs.yaml:1: found language 'de', allowed: zh, en",
        ),
        (
            SIMPLE + "customProperties: [{property: lang, value: en}]\n",
            (
                "c.odcs.yaml:12: found custom property 'lang', allowed: language, reference, delivery, legalBasis, "
                "any that states its vendor; did you mean 'language'?"
            ),
        ),
        (SIMPLE.replace("id: complaints\n", ""), "c.odcs.yaml:1: found no 'id', allowed: id is required here"),
    ],
)
def test_a_wrong_file_is_told_where_and_what_is_allowed(text: str, message: str):
    """A clerk mends a contract from the message alone."""
    assert message in problems_of(text)


@pytest.mark.parametrize(
    "properties, message",
    [
        (
            "      - {name: ticket_id, logicalType: text}\n",
            "found 'text', allowed: string, integer, number, boolean, date",
        ),
        (
            "      - {name: seen_at, logicalType: timestamp}\n",
            "found 'timestamp', allowed: string, integer, number, boolean, date",
        ),
        (
            "      - {name: area, logicalType: number}\n",
            "found no 'physicalType', allowed: physicalType is required here",
        ),
        (
            "      - {name: area, logicalType: number, physicalType: DOUBLE}\n",
            "found 'DOUBLE', allowed: DECIMAL(p,s) with s <= p <= 18: a number states its decimals",
        ),
        (
            "      - {name: area, logicalType: number, physicalType: 'DECIMAL(19,2)'}\n",
            "found 'DECIMAL(19,2)', allowed: DECIMAL(p,s) with s <= p <= 18: a number states its decimals",
        ),
        ("      - {name: or, logicalType: string}\n", "found column name 'or', allowed: a name that is not reserved"),
        (
            "      - {name: record_id, logicalType: string}\n",
            "found column name 'record_id', allowed: a name that is not reserved",
        ),
        ("      - {name: a, logicalType: string, required: yes}\n", "found 'yes', allowed: true, false"),
        (
            "      - {name: a, logicalType: string, classification: secret}\n",
            "found 'secret', allowed: public, internal, personal",
        ),
        (
            "      - {name: a, logicalType: string, enum: [{value: x}, {value: x}]}\n",
            "found value 'x' twice, allowed: once",
        ),
        (
            "      - {name: a, logicalType: integer, enum: [{value: 1.5}]}\n",
            "found value '1.5', allowed: a whole number",
        ),
        (
            "      - {name: a, logicalType: string, logicalTypeOptions: {minimun: 1}}\n",
            "found 'minimun', allowed: maxLength, minLength, pattern",
        ),
        (
            "      - {name: a, logicalType: date, logicalTypeOptions: {minimum: 2024-13-01}}\n",
            "found '2024-13-01', allowed: a day YYYY-MM-DD",
        ),
        (
            "      - {name: a, logicalType: number, physicalType: 'DECIMAL(5,1)', enum: [{value: 0.05}]}\n",
            "found value '0.05', allowed: a number with at most 1 decimals",
        ),
        (
            "      - {name: a, logicalType: string, logicalTypeOptions: {pattern: '(?=x)'}}\n",
            "found '(?=x)', allowed: a regular expression without look-around or back-references (RE2)",
        ),
        (
            (
                "      - {name: a, logicalType: string, primaryKey: true}\n"
                "      - {name: b, logicalType: string, primaryKey: true, primaryKeyPosition: 2}\n"
            ),
            "found primaryKeyPosition none, 2, allowed: 1 to 2, each once",
        ),
        (
            "      - {name: a, logicalType: string, relationships: [{to: projects}]}\n",
            "found 'projects', allowed: table.column",
        ),
        (
            "      - {name: a, logicalType: string, customProperties: [{property: attributed, value: {table: p}}]}\n",
            "found no 'match', allowed: match is required here",
        ),
    ],
)
def test_a_wrong_column_is_told_where_and_what_is_allowed(properties: str, message: str):
    """Every fault of a column has its sentence; none is silently ignored."""
    assert f"c.odcs.yaml:9: {message}" in wrong(properties)


@pytest.mark.parametrize(
    "table, message",
    [
        (
            "    relationships: [{from: complaints.ticket, to: projects.id, id: project}]\n",
            "found column 'ticket', allowed: ticket_id; did you mean 'ticket_id'?",
        ),
        (
            "    relationships: [{from: [complaints.ticket_id], to: [a.x, a.y], id: both}]\n",
            "found 1 columns from, 2 columns to, allowed: as many columns of 'complaints' as of one other table",
        ),
        (
            "    relationships: [{from: [complaints.ticket_id, complaints.ticket_id], to: [a.x, a.y]}]\n",
            "found no 'id', allowed: a name for a foreign key of several columns",
        ),
        (
            (
                "    relationships: [{from: complaints.ticket_id, to: a.x, id: p}, "
                "{from: complaints.ticket_id, to: a.x, id: p}]\n"
            ),
            "found a second relationship 'p', allowed: an id of its own",
        ),
    ],
)
def test_a_wrong_relationship_is_told_where_and_what_is_allowed(table: str, message: str):
    """A foreign key that leads nowhere would silently drop every check that follows it."""
    assert f"c.odcs.yaml:10: {message}" in wrong(KEY, table)


def test_an_unknown_key_is_named_with_the_nearest_of_the_standard():
    """`requird: true` would otherwise let every empty cell pass."""
    [message] = wrong("      - {name: a, logicalType: string, requird: true}\n")

    assert message.startswith("c.odcs.yaml:9: found 'requird', allowed: authoritativeDefinitions, businessName, ")
    assert message.endswith("; did you mean 'required'?")


def test_two_columns_cannot_share_a_header():
    """A delivered column with that header could be either."""
    [message] = wrong(
        "      - {name: a, businessName: 编号, logicalType: string}\n"
        "      - {name: b, logicalType: string, synonyms: [{synonym: 编号}]}\n"
    )

    assert message == "c.odcs.yaml:10: found '编号' on b and a, allowed: a name and header of its own"


def test_all_faults_of_a_file_are_reported_together():
    """Mending one fault per run is what makes people give up."""
    messages = wrong(
        "      - {name: a, logicalType: text}\n      - {name: b, logicalType: string, required: maybe}\n",
        head=HEAD.replace("kind: DataContract", "kind: Contract"),
    )

    assert [message.split(": ")[0] for message in messages] == ["c.odcs.yaml:2", "c.odcs.yaml:9", "c.odcs.yaml:10"]


def test_the_standard_has_the_last_word():
    """What this project does not read itself must still be a valid ODCS file for every other tool."""
    [message] = problems_of(SIMPLE + "servers: [{server: lake}]\n")

    assert message.startswith("c.odcs.yaml:12: found a mapping, allowed by ODCS 3.2: ")


# Folders.


def write(folder: Path, table: str, properties: str) -> None:
    """A contract file of that table."""
    text = HEAD.replace("id: complaints", f"id: {table}")
    (folder / f"{table}.odcs.yaml").write_text(f"{text}schema:\n  - name: {table}\n    properties:\n{properties}")


PROJECTS = "      - {name: project_id, logicalType: string, primaryKey: true}\n"


def test_contracts_are_loaded_by_table_name_from_several_folders(tmp_path: Path):
    """A rulebook brings contracts of its own beside the shipped ones."""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    write(tmp_path / "one", "projects", PROJECTS)
    write(
        tmp_path / "two",
        "visits",
        KEY + "      - {name: p, logicalType: string, relationships: [{to: projects.project_id}]}\n",
    )
    (tmp_path / "two" / "notes.yaml").write_text("not a contract")

    contracts = load_contracts([tmp_path / "one", tmp_path / "two"])

    assert list(contracts) == ["projects", "visits"]
    assert contracts["visits"].rules[-1].limits["title"] == "projects"


def test_a_table_cannot_be_defined_twice(tmp_path: Path):
    """A later folder that quietly wins would change what is accepted without anyone seeing it."""
    write(tmp_path, "projects", PROJECTS)
    (tmp_path / "z.odcs.yaml").write_text((tmp_path / "projects.odcs.yaml").read_text())

    with pytest.raises(ContractError, match=r"z\.odcs\.yaml:7: found table 'projects' again, allowed: once; it is in "):
        load_contracts([tmp_path])


@pytest.mark.parametrize(
    "target, message",
    [
        ("project.project_id", "found table 'project', allowed: projects, visits; did you mean 'projects'?"),
        ("projects.id", "found 'id', allowed: project_id, units"),
        ("projects.units", "found units, allowed: the key of 'projects' (project_id) or record_id"),
    ],
)
def test_a_foreign_key_leads_to_the_key_of_a_known_table(tmp_path: Path, target: str, message: str):
    """Anything else could find two parents, or none that exists."""
    write(tmp_path, "projects", PROJECTS + "      - {name: units, logicalType: integer}\n")
    write(tmp_path, "visits", f"      - {{name: p, logicalType: string, relationships: [{{to: {target}}}]}}\n")

    with pytest.raises(ContractError) as caught:
        load_contracts([tmp_path])

    assert [str(problem).partition(".yaml:9: ")[2] for problem in caught.value.problems] == [message]


def test_a_foreign_key_has_the_type_of_what_it_points_at(tmp_path: Path):
    """Text '7' never equals number 7, so every row would be an orphan."""
    write(tmp_path, "projects", PROJECTS)
    write(tmp_path, "visits", "      - {name: p, logicalType: integer, relationships: [{to: projects.project_id}]}\n")

    with pytest.raises(
        ContractError, match=r"found p \(number\) to project_id \(text\), allowed: two columns of one type"
    ):
        load_contracts([tmp_path])


def test_a_key_that_repeats_cannot_be_pointed_at(tmp_path: Path):
    """With two rows of one key, a child would belong to both."""
    repeats = "{metric: duplicateValues, arguments: {properties: [project_id]}, mustBe: 0, severity: warning}"
    write(tmp_path, "projects", f"{PROJECTS}    quality: [{repeats}]\n")
    write(tmp_path, "visits", "      - {name: p, logicalType: string, relationships: [{to: projects.project_id}]}\n")

    with pytest.raises(ContractError, match="found the key of 'projects', which may repeat, allowed: record_id"):
        load_contracts([tmp_path])


def test_a_broken_parent_is_not_reported_as_missing(tmp_path: Path):
    """One fault, one message: the parent's own."""
    write(tmp_path, "projects", "      - {name: project_id, logicalType: strng, primaryKey: true}\n")
    write(tmp_path, "visits", "      - {name: p, logicalType: string, relationships: [{to: projects.project_id}]}\n")

    with pytest.raises(ContractError) as caught:
        load_contracts([tmp_path])

    assert len(caught.value.problems) == 1


def test_a_file_that_is_not_utf8_is_told_the_line(tmp_path: Path):
    """Contracts edited on an office PC may be saved as GB18030."""
    (tmp_path / "a.odcs.yaml").write_bytes(b"id: a\nname: \xcd\xb6\xcb\xdf\n")

    with pytest.raises(ContractError, match=r"a\.odcs\.yaml:2: found bytes that are not UTF-8, allowed: UTF-8"):
        load_contracts([tmp_path])


REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "contracts.md"


def test_the_example_of_the_reference_page_loads():
    """What people copy from the documentation works as it stands there."""
    example = REFERENCE.read_text("utf-8").partition("```yaml\n")[2].partition("```")[0]

    contract = load_contract(example, "example.odcs.yaml")

    assert contract.table == "complaints"
    assert [relationship.name for relationship in contract.relationships] == ["project"]


@pytest.mark.parametrize(
    "word",
    [
        *METRICS,
        *OPERATORS,
        *SCHEMES,
        *SCHEMA.names,
        *("minLength", "maxLength", "pattern", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
        *("checkDigit", "noOverlap", "covers", "volume", "drift", "freshness"),
        *("language", "reference", "delivery", "mergedCells", "pseudonym"),
        *("attributed", "legalBasis", "message", "severity"),
    ],
)
def test_the_reference_page_explains_every_word_that_is_read(word: str):
    """A key that only the code knows cannot be used."""
    assert word in REFERENCE.read_text("utf-8").replace("```", "")


def test_the_shipped_contracts_load_together():
    """The city's tables point at each other; one wrong name would stop every delivery."""
    contracts = load_contracts([files("data_contracts") / "contracts"])

    assert {"projects", "complaints", "firms"} <= contracts.keys()


def test_delivery_is_optional_or_nothing():
    """A misspelt word must not make a table optional that every office owes."""
    text = SIMPLE.replace("schema:", "customProperties: [{property: delivery, value: maybe}]\nschema:")

    (problem,) = problems_of(text)

    assert "found delivery 'maybe', allowed: optional, or nothing" in problem


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


def test_offices_may_write_the_headers_they_have_always_written():
    """A county that calls it 区划代码 does not rename its column for us."""
    contracts = load_contracts([files("data_contracts") / "contracts"])
    delivered = [contract for contract in contracts.values() if not contract.reference]

    assert [contract.table for contract in delivered if "区划代码" not in header_words(contract)] == []
    assert {"信用代码", "社会信用代码"} <= header_words(contracts["firms"])


def header_words(contract: Contract) -> set[str]:
    """Every header that some column of the contract answers to."""
    return {word for column in contract.columns for word in (column.title, *column.aliases)}
