"""Persons leave no trace in accepted records but, where a contract asks for it, a keyed pseudonym."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from data_contracts.document import DocumentError
from data_contracts.odcs import load_contract
from data_contracts.personal import KeyFileError, is_free_text, load_key, masked, pseudonym, without_persons

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
KEY = b"k" * 32
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
        ("+86 13900001111", "***"),
        ("8613900001111", "***"),
        ("0871-65550000转2", "***转2"),
        ("身份证53010219900307123X", "身份证***"),
        ("卡号6222020000000000000", "卡号***"),
        ("写信给a.b@example.com。", "写信给***。"),
        ("工单20240312000123", "工单20240312000123"),
        ("91530000MA6K000000", "91530000MA6K000000"),
        ("3栋2单元1301", "3栋2单元1301"),
        ("2024-03-05", "2024-03-05"),
    ],
)
def test_numbers_that_lead_to_a_person_are_masked(text, expected):
    """What looks like a code of a firm, a ticket or a flat stays; a person's number goes."""
    assert masked(text) == expected
    assert without_persons(pa.table({name: [text] for name in ROWS.column_names}), CONTRACT)["note"].to_pylist() == [
        expected
    ]


@pytest.mark.parametrize(
    "content,mode,told",
    [(b"short", 0o600, "found 5 bytes, allowed: at least 32"), (KEY, 0o644, "found a key that others can read")],
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
