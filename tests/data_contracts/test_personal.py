"""Persons leave no trace in accepted records but, where a contract asks for it, a keyed pseudonym."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from data_contracts.document import DocumentError
from data_contracts.intake import take_in
from data_contracts.odcs import load_contract
from data_contracts.personal import (
    KeyFileError,
    is_free_text,
    key_id,
    load_key,
    make_key,
    masked,
    pseudonym,
    without_persons,
)
from data_contracts.shelf import shipped_contracts

TEXT = """
apiVersion: v3.2.0
kind: DataContract
id: a
version: 1.0.0
status: active
schema:
  - name: staff
    properties:
      - {name: staff_id, logicalType: string, primaryKey: true}
      - name: manager
        logicalType: string
        classification: personal
        customProperties: [{property: pseudonym, value: manager}]
      - {name: birthday, logicalType: date, classification: personal}
      - {name: note, logicalType: string}
      - {name: post, logicalType: string, enum: [{value: guard}]}
"""
CONTRACT = load_contract(TEXT, "a.odcs.yaml")
KEY = bytes(range(32))
ROWS = pa.table(
    {
        "record_id": ["13900001111", "2"],
        "staff_id": ["13900001111", "2"],
        "manager": ["某甲", None],
        "birthday": pa.array([0, None], pa.int32()).cast(pa.date32()),
        "note": ["电13900001111", None],
        "post": ["guard", None],
    }
)


def key_file(folder: Path, content: bytes = KEY, mode: int = 0o600) -> Path:
    """A key on disk."""
    path = folder / "key"
    path.write_bytes(content)
    path.chmod(mode)
    return path


def test_a_person_becomes_a_pseudonym_or_nothing():
    """Two inspections by one manager can be told to be so, and by whom cannot."""
    kept = without_persons(ROWS, CONTRACT, KEY)

    assert kept["manager"].to_pylist() == [pseudonym(KEY, "manager", "某甲"), None]
    assert kept["birthday"].to_pylist() == [None, None]
    assert without_persons(ROWS, CONTRACT)["manager"].to_pylist() == [None, None]


def test_free_text_is_masked_and_codes_are_left_alone():
    """A ticket's number may look like a telephone's; a note with a telephone's number names its owner."""
    kept = without_persons(ROWS, CONTRACT, KEY)

    assert kept["note"].to_pylist() == ["电***", None]
    assert kept["staff_id"].to_pylist() == ["13900001111", "2"]
    assert [column.name for column in CONTRACT.columns if is_free_text(column, CONTRACT)] == ["manager", "note"]


@pytest.mark.parametrize(
    "text,expected",
    [
        ("13900001111", "***"),
        ("请打139-0000-1111找我", "请打***找我"),
        ("139 0000 1111", "***"),
        ("139.0000.1111", "***"),
        ("+86 13900001111", "***"),
        ("8613900001111", "***"),
        ("tel13900001111", "tel***"),
        ("１３９００００１１１１", "***"),
        ("０８７１－６５５５００００", "***"),
        ("0871-65550000转2", "***转2"),
        ("(0871)65550000", "***"),
        ("电话：65550000", "电话：***"),
        ("身份证53010219900307123X", "身份证***"),
        ("530102 19900307 123x", "***"),
        ("530102900307123", "***"),
        ("卡号6222020000000000000", "卡号***"),
        ("6222 0200 0000 0000 000", "***"),
        ("写信给a.b@example.com。", "写信给***。"),
        ("微信：abc_12345", "微信：***"),
        ("联系人：某某某，请回电", "联系人：***，请回电"),
        ("王某女士反映", "***女士反映"),
        ("3栋2单元1301漏水", "***漏水"),
        ("3号楼1301室", "***"),
        ("2单元1301", "***"),
    ],
)
def test_numbers_that_lead_to_a_person_are_masked(text, expected):
    """A number, a mail address, a flat or an announced name leads to a person, in whatever form it is written."""
    assert masked(text) == expected
    assert without_persons(pa.table({name: [text] for name in ROWS.column_names}), CONTRACT)["note"].to_pylist() == [
        expected
    ]


@pytest.mark.parametrize(
    "text",
    [
        "91530000MA6K000000",
        "911100006000373412",  # a firm's code may be all digits
        "工单20240312000123",
        "530102202400001",  # a project: division, year, number
        "C530102000123",
        "昆建罚〔2024〕12号",
        "(2024)云0102民初12345号",
        "2024-03-05至2024-03-09",
        "2013年1390平方米",
        "135.12345678",
        "0.13912345678",
        "1300-1500元",
        "3号楼2024年检",
        "3栋120户",
        "示例路12号",
        "13栋",
        "***",
    ],
)
def test_what_only_looks_like_a_persons_number_stays(text):
    """A masked code joins no table, and a masked amount scores nothing."""
    assert masked(text) == text


def test_the_all_digit_code_of_a_firm_is_told_from_an_identity_card():
    """Both have 18 digits and may name a division and a day; their check digits differ."""
    firm, person = "123101203707240307", "310120199107114564"

    assert masked(firm) == firm
    assert masked(person) == "***"


@pytest.mark.parametrize(
    "content,mode,told",
    [
        (b"short", 0o600, "密钥只有 5 字节;应不少于 32 字节\n.*found 5 bytes, allowed: at least 32"),
        (KEY, 0o644, r"他人可读取密钥\(权限 0644\).*\n.*found a key that others can read \(0644\)"),
        (KEY, 0o640, r"found a key that others can read \(0640\)"),
        (b"0" * 64, 0o600, "只含 1 种不同的字节.*\n.*found only 1 different bytes"),
    ],
)
def test_a_weak_key_is_refused(tmp_path, content, mode, told):
    """A key that everybody has makes a pseudonym a name."""
    path = key_file(tmp_path, content, mode)

    with pytest.raises(KeyFileError, match=told):
        load_key(path)


def test_a_key_beside_the_data_is_refused(tmp_path):
    """Whoever copies the lake must not copy the key along."""
    (tmp_path / "lake").mkdir()
    path = key_file(tmp_path / "lake")

    with pytest.raises(KeyFileError, match="allowed: outside data and results"):
        load_key(path, tmp_path)
    with pytest.raises(KeyFileError, match="found no file"):
        load_key(tmp_path / "none")
    assert load_key(path, tmp_path / "out") == KEY


def test_a_key_behind_a_link_in_the_data_is_refused(tmp_path):
    """A copy that follows links takes it along, and a copy that does not tells where it lies."""
    for name in ("lake", "keys"):
        (tmp_path / name).mkdir()
    link = tmp_path / "lake" / "key"
    link.symlink_to(key_file(tmp_path / "keys"))

    with pytest.raises(KeyFileError, match="allowed: outside data and results"):
        load_key(link, tmp_path / "lake")
    assert load_key(link, tmp_path / "out") == KEY


@pytest.mark.parametrize("heads,refused", [("530102199003071238", 1), ("100000000000000000", 0), ("12", 0)])
def test_the_number_of_a_card_is_no_quantity(tmp_path, heads, refused):
    """In a column of numbers it would be shown, summed and rated."""
    text = TEXT.replace("{name: note, logicalType: string}", "{name: note, logicalType: integer}")
    contract = load_contract(text, "a.odcs.yaml")
    (tmp_path / "staff.csv").write_text(f"staff_id,manager,birthday,note,post\n1,,,{heads},guard\n", "utf-8")

    intake = take_in(tmp_path, {"staff": contract}, {})

    assert intake.refused_rows["staff"] == refused
    assert intake.failures.table["rule"].to_pylist() == ["staff.note.person"] * refused
    assert heads not in str(intake.failures.table.to_pylist())


def test_no_digest_in_an_id_lets_numbers_be_tried(tmp_path):
    """A row of a table whose keys repeat is called after its content, which but for the person is there to be read."""
    repeats = "quality: [{metric: duplicateValues, arguments: {properties: [staff_id]}, mustBe: 0, severity: warning}]"
    contract = load_contract(f"{TEXT}    {repeats}\n", "a.odcs.yaml")
    ids = set()
    for number in ("13900001111", "13900002222"):
        row = f"1,{number},2000-01-01,电{number},guard"
        (tmp_path / "staff.csv").write_text(f"staff_id,manager,birthday,note,post\n{row}\n", "utf-8")
        ids.update(take_in(tmp_path, {"staff": contract}, {}).tables["staff"]["record_id"].to_pylist())

    assert len(ids) == 1
    assert "#" in ids.pop()


def test_a_hint_does_not_say_what_stands_in_a_persons_cell(tmp_path):
    """A number that lost its zero is told with the zero again, but not where it is a person's."""
    pattern = "quality: [{metric: invalidValues, arguments: {pattern: '^0[0-9]{5}$'}, mustBe: 0}]"
    text = TEXT.replace("{name: note, logicalType: string}", f"{{name: note, logicalType: string, {pattern}}}").replace(
        "logicalType: string\n        classification: personal",
        f"logicalType: string\n        classification: personal\n        {pattern}",
    )
    contract = load_contract(text, "a.odcs.yaml")
    lines = "staff_id,manager,birthday,note,post\n1,12345,2000-01-01,12346,guard\n"
    (tmp_path / "staff.csv").write_text(lines, "utf-8")

    failures = take_in(tmp_path, {"staff": contract}, {}).failures.table.to_pylist()
    told = {one["column"]: one["message"] for one in failures}

    assert "012346" in told["note"]
    assert "12345" not in told["manager"]


OPEN = """
apiVersion: v3.2.0
kind: DataContract
id: b
version: 1.0.0
status: active
schema:
  - name: visits
    properties:
      - {name: street, logicalType: string}
      - {name: quarter, logicalType: string}
      - {name: sheet, logicalType: string, quality: [%s]}
    relationships:
      - {id: place, from: [visits.street, visits.quarter], to: [places.street, places.quarter]}
"""
PATTERN = "{metric: invalidValues, arguments: {pattern: '%s'}, mustBe: 0, severity: %s}"


@pytest.mark.parametrize(
    "pattern,severity,closed", [("^[0-9]+$", "error", True), ("^[0-9]+$", "warning", False), ("[0-9]", "error", False)]
)
def test_only_a_rule_that_lets_nothing_else_in_makes_a_column_one_of_codes(pattern, severity, closed):
    """A warned row is kept, a part of a pattern may stand beside a person, half a foreign key claims no parent."""
    contract = load_contract(OPEN % (PATTERN % (pattern, severity)), "b.odcs.yaml")
    text = "13900001111"
    rows = pa.table({name: [text] for name in ("record_id", "street", "quarter", "sheet")})

    kept = without_persons(rows, contract)

    assert [kept[name].to_pylist() for name in ("street", "quarter", "sheet")] == [
        ["***"], ["***"], [text if closed else "***"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    "old,new,told",
    [
        (
            "primaryKey: true",
            "primaryKey: true, classification: personal",
            "found personal column 'staff_id' in the key",
        ),
        ("        classification: personal\n", "", "allowed: a pseudonym on a personal string column"),
    ],
)
def test_a_contract_that_would_leak_is_refused(old, new, told):
    """A key is the name of a record everywhere, in every address."""
    with pytest.raises(DocumentError, match=told):
        load_contract(TEXT.replace(old, new, 1), "a.odcs.yaml")


def test_a_made_key_is_random_its_owners_alone_and_never_overwritten(tmp_path):
    """With its key overwritten, no person of an earlier year can be told again."""
    made = make_key(tmp_path / "keys" / "persons.key")

    path = tmp_path / "keys" / "persons.key"
    assert path.stat().st_mode & 0o777 == 0o600
    assert key_id(load_key(path)) == made != make_key(tmp_path / "other.key")
    with pytest.raises(KeyFileError, match=r"文件已存在.*\n.*found a file, allowed: a new one"):
        make_key(path)


def test_the_id_of_a_key_is_no_pseudonym_and_no_part_of_the_key():
    """It is published with every result, so it may help nobody to try names."""
    told = key_id(KEY)

    assert len(told) == 16
    assert told not in KEY.hex()
    assert told != key_id(KEY[::-1])


def test_one_person_written_in_two_ways_has_one_pseudonym():
    """Two offices type the same identity number with a small x and with a blank."""
    assert pseudonym(KEY, "manager", "53010219900307123x ") == pseudonym(KEY, "manager", "53010219900307123X")
    assert pseudonym(KEY, "manager", "530102\u200b19900307123X\ufeff") == pseudonym(
        KEY, "manager", "53010219900307123X"
    )
    assert pseudonym(KEY, "manager", "某 甲") != pseudonym(KEY, "manager", "某乙")


@pytest.mark.parametrize(
    "old,new,told",
    [
        (
            "{name: note, logicalType: string}",
            "{name: note, logicalType: string, customProperties: [{property: people, value: few}]}",
            "found people: few on 'note' beside the pseudonym 'manager', allowed: a count",
        ),
        (
            "{name: note, logicalType: string}",
            "{name: note, logicalType: string, customProperties: [{property: people, value: count}]}",
            "allowed: people: count on an integer column",
        ),
        (
            "{name: note, logicalType: string}",
            "{name: note, logicalType: integer, customProperties: [{property: people, value: heads}]}",
            "found people: 'heads', allowed: count, few",
        ),
    ],
)
def test_what_is_said_of_people_is_a_count_or_stands_alone(old, new, told):
    """Membership beside a pseudonym would be a list of members, waiting for the key."""
    with pytest.raises(DocumentError, match=told):
        load_contract(TEXT.replace(old, new, 1), "a.odcs.yaml")


def test_party_membership_comes_as_counts_alone():
    """Of all shipped tables, none says of a person that holds a pseudonym, or has a name, whether they are a member."""
    for contract in shipped_contracts().values():
        party = [column for column in contract.columns if "党员" in f"{column.title}{column.description}"]

        assert {column.people for column in party if column.type.kind == "number"} <= {"count"}, contract.table
        singular = [column.name for column in party if column.type.kind != "number"]
        assert not singular or not any(column.pseudonym for column in contract.columns), contract.table

    manager = shipped_contracts()["party_organizations"].column("manager_in_party_organization")
    assert manager is not None
    assert manager.people == "few"
