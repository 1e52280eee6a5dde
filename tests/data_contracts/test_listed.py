"""The list of automatic changes: an office may ask what became of every cell it sent."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from data_contracts.intake import Intake, take_in
from data_contracts.intake.listed import COLUMNS, REASONS, changes_csv, reason_in_words
from data_contracts.normalise import Normalised
from data_contracts.odcs import load_contract

TEXT = """
apiVersion: v3.2.0
kind: DataContract
id: fees
version: 1.0.0
status: active
schema:
  - name: fees
    properties:
      - {name: id, businessName: 编号, logicalType: string, primaryKey: true}
      - {name: paid_on, businessName: 缴费日期, logicalType: date}
      - {name: payer, businessName: 缴费人, logicalType: string, classification: personal}
      - {name: note, businessName: 备注, logicalType: string}
"""
CONTRACTS = {"fees": load_contract(TEXT, "fees.odcs.yaml")}


@pytest.fixture
def intake(tmp_path: Path) -> Intake:
    """One row in which everything has to be mended."""
    (tmp_path / "fees.csv").write_text(
        "编号,缴费日期,缴费人,备注\n１,2024/3/5,李示例 ,－１ 电话13987654321\n", encoding="utf-8"
    )
    return take_in(tmp_path, CONTRACTS, {})


def test_a_change_is_listed_with_header_and_reason_in_words(intake):
    """A clerk reads 缴费日期 and 统一日期写法, a program paid_on and date."""
    header, *rows = csv.reader(changes_csv(intake.changes, CONTRACTS))

    assert tuple(header) == COLUMNS
    assert [
        "fees",
        "fees.csv",
        "",
        "2",
        "paid_on",
        "缴费日期",
        "2024/3/5",
        "2024-03-05",
        "date",
        "统一日期写法",
    ] in rows
    assert len(rows) == 4


def test_the_list_tells_nothing_of_a_person(intake):
    """Neither the person's own column nor a telephone number in free text leaves in the list."""
    text = "".join(changes_csv(intake.changes, CONTRACTS))

    assert "李示例" not in text
    assert "13987654321" not in text
    assert "payer,缴费人,***,***,blanks" in text


def test_every_reason_has_words_in_both_languages():
    """A reason without words is a code that nobody at an office can look up."""
    documented = (Normalised.__doc__ or "").partition("parallel to *changed*: ")[2].partition(".")[0]

    named = {word.strip() for word in documented.replace("\n", " ").split(",")}

    assert named <= REASONS["zh"].keys() == REASONS["en"].keys()
    assert reason_in_words("linked.name+address.99", "zh") == "按名称和地址对应小区"
