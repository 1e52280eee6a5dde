"""The report of a batch: everything on one page, nothing fetched, nobody's telephone number."""

from __future__ import annotations

import re

import pytest

from data_contracts.intake import Intake, take_in
from data_contracts.odcs import load_contract
from data_contracts.report import WORDS, batch_report

CONTRACT = """
apiVersion: v3.2.0
kind: DataContract
id: complaints
version: 1.0.0
status: active
schema:
  - name: complaints
    businessName: 投诉工单
    properties:
      - {name: ticket_id, businessName: 编号, logicalType: string, primaryKey: true}
      - name: phone
        businessName: 电话
        logicalType: string
        classification: personal
        logicalTypeOptions: {maxLength: 11}
      - {name: upheld, businessName: 属实, logicalType: boolean, required: true}
"""
CONTRACTS = {"complaints": load_contract(CONTRACT, "complaints.odcs.yaml")}


@pytest.fixture(scope="module")
def intake(tmp_path_factory) -> Intake:
    """A batch with two broken rows and one file too many."""
    folder = tmp_path_factory.mktemp("in")
    (folder / "投诉工单.csv").write_text(
        "编号,电话,属实\nT1,1,是\nT2,138000000001111,否\nT3,2,<b>也许</b>\n", encoding="utf-8"
    )
    (folder / "说明.txt").write_text("x", encoding="utf-8")
    return take_in(folder, CONTRACTS, {})


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_needs_no_network(intake, language):
    """It is opened on a desk behind a firewall."""
    page = batch_report(intake, CONTRACTS, language)

    assert re.findall(r"https?:|<script|src=|url\(|@import", page) == []
    assert f'lang="{language}"' in page


def test_the_page_counts_and_names_what_is_wrong(intake):
    """The head of an office reads this page and no other."""
    page = batch_report(intake, CONTRACTS)

    cells = re.findall(r"<td[^>]*>(.*?)</td>", page)
    assert cells[:4] == ["投诉工单", "3", "1", "2"]
    assert "投诉工单.csv 第 4 行 &lt;b&gt;也许&lt;/b&gt;" in cells
    assert "说明.txt" in cells


def test_personal_values_are_masked(intake):
    """A report is forwarded; a telephone number in it is forwarded too."""
    page = batch_report(intake, CONTRACTS)

    assert "138000000001111" not in page
    assert "投诉工单.csv 第 3 行 ***" in page


def test_both_languages_say_the_same():
    """A word that one page lacks would be a traceback for its reader."""
    assert WORDS["zh"].keys() == WORDS["en"].keys()


def test_the_same_batch_gives_the_same_page(intake):
    """The page is kept with the batch, and its digest with the round."""
    assert batch_report(intake, CONTRACTS, "en") == batch_report(intake, CONTRACTS, "en")
