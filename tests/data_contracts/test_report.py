"""The report of a batch: everything on one page, nothing fetched, nobody's telephone number."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from data_contracts.intake import Intake, take_in
from data_contracts.odcs import load_contract
from data_contracts.report import batch_report
from data_contracts.report.words import WORDS

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
      - name: ticket_id
        businessName: 编号
        logicalType: string
        primaryKey: true
        logicalTypeOptions: {maxLength: 20}
      - name: phone
        businessName: 电话
        logicalType: string
        classification: personal
        logicalTypeOptions: {maxLength: 11}
      - {name: upheld, businessName: 属实, logicalType: boolean, required: true}
      - name: kind
        businessName: 类别
        logicalType: string
        enum: [{value: lift, label: 火灾报警}, {value: leak, label: 漏水}]
    quality:
      - id: leaks_are_upheld
        type: sql
        query: SELECT COUNT(*) FROM complaints WHERE kind = 'leak' and not upheld
        mustBe: 0
        severity: warning
        description: 漏水应属实
        customProperties: [{property: legalBasis, value: 示例办法第三条}]
"""
CONTRACTS = {"complaints": load_contract(CONTRACT, "complaints.odcs.yaml")}
DELIVERED = (
    "编号,电话,属实,类别\nT1,1,是,火灾报警\nT2,138000000001111,否,漏水\nT3,2,<b>也许</b>,\nT4,3,是,火灾报景\nT5,4,是,火灾报景\n"
    f"T6,5,是,火灾报景\n{'长' * 200},6,是,火灾报警\nT8,,,\nT8,,否,\n"
)


def taken(folder: Path, text: str) -> Intake:
    """What comes in with one file and one file too many."""
    (folder / "投诉工单.csv").write_text(text, encoding="utf-8")
    (folder / "说明 & <b>.txt").write_text("x", encoding="utf-8")
    return take_in(folder, CONTRACTS, {})


@pytest.fixture(scope="module")
def intake(tmp_path_factory: pytest.TempPathFactory) -> Intake:
    """A batch with a broken row of each kind."""
    return taken(tmp_path_factory.mktemp("in"), DELIVERED)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_needs_no_network(intake: Intake, language: str):
    """It is opened on a desk behind a firewall."""
    page = batch_report(intake, CONTRACTS, language)

    assert re.findall(r"https?:|<script|src=|url\(|@import|href", page) == []
    assert f'lang="{language}' in page


def test_the_page_counts_rows_and_faults(intake: Intake):
    """The head of an office reads this page and no other."""
    page = batch_report(intake, CONTRACTS)

    assert re.findall(r"<dd>(.*?)</dd>", page) == ["1", "9", "1", "8", "9", "1"]
    assert '<th scope="row">投诉工单</th><td class="n">9</td><td class="n">1</td><td class="n">8</td>' in page
    assert '<td class="n">88.9 %</td>' in page


def test_rows_broken_alike_are_named_together_with_their_hint(intake: Intake):
    """Forty rows with one misspelt label are one line for the clerk, with what was meant."""
    page = batch_report(intake, CONTRACTS)

    assert "<p>不在允许的取值之中:火灾报警、漏水</p>" in page
    assert "<li>投诉工单.csv 第 5、6、7 行:<q>火灾报景</q>;是否应为“火灾报警”?</li>" in page
    assert "<li>投诉工单.csv 第 9、10 行:<q>T8</q>;第 9、10 行的编号重复,内容互相矛盾:属实不同</li>" in page


def test_delivered_words_are_shown_as_words(intake: Intake):
    """A cell or a file name with markup in it must not become markup, and a long one not the whole page."""
    page = batch_report(intake, CONTRACTS)

    assert "第 4 行:<q>&lt;b&gt;也许&lt;/b&gt;</q>" in page
    assert "说明 &amp; &lt;b&gt;.txt" in page
    assert f"<q>{'长' * 60}…</q>" in page
    assert "长" * 61 not in page


def test_a_contract_s_own_words_and_clause_are_told(intake: Intake):
    """In English too, marked as Chinese for whoever reads them aloud; built-in sentences are in English."""
    zh, en = (batch_report(intake, CONTRACTS, language) for language in ("zh", "en"))

    assert "<p>漏水应属实</p>" in zh
    assert "依据:示例办法第三条" in zh
    assert '<p><span lang="zh-CN">漏水应属实</span></p>' in en
    assert '<h3>complaints <span lang="zh-CN">投诉工单</span> · <span lang="zh-CN">类别</span>' in en
    assert "<p>required, must not be empty</p>" in en


def test_personal_values_are_masked(intake: Intake):
    """A report is forwarded; a telephone number in it is forwarded too."""
    page = batch_report(intake, CONTRACTS)

    assert "138000000001111" not in page
    assert "<li>投诉工单.csv 第 3 行:<q>***</q></li>" in page


def test_at_most_twenty_examples_stand_on_the_page(tmp_path: Path):
    """A column that is wrong throughout does not make a page of a hundred leaves."""
    rows = "".join(f"T{row},,也许,\n" for row in range(50))

    page = batch_report(taken(tmp_path, f"编号,电话,属实,类别\n{rows}"), CONTRACTS)

    assert "退回 50 处" in page
    assert "第 2、3、4、5、6、7、8、9、10、11、12、13、14、15、16、17、18、19、20、21 行:<q>也许</q>" in page
    assert "共 50 处,此处列出 20 处" in page


def test_a_refused_batch_says_so_and_why(tmp_path: Path):
    """A batch that lacks a column is not half taken in."""
    page = batch_report(taken(tmp_path, "编号,电话\nT1,1\n"), CONTRACTS)

    assert '<p class="state refused">整批退回:未入库</p>' in page
    assert "缺少“属实”列" in page


def test_a_clean_batch_has_nothing_to_tell(tmp_path: Path):
    """Every part is there and says none, so nobody wonders whether it was cut off."""
    page = batch_report(taken(tmp_path, "编号,电话,属实,类别\nT1,,true,\n"), CONTRACTS)

    assert '<p class="state taken">已接收</p>' in page
    assert "<h2>未通过的规则</h2>\n<p>无</p>" in page
    assert "<h2>自动整理</h2>\n<p>无</p>" in page


def test_both_languages_say_the_same():
    """A word that one page lacks would be a traceback for its reader."""
    assert WORDS["zh"].keys() == WORDS["en"].keys()


def test_the_same_batch_gives_the_same_page(intake: Intake):
    """The page is kept with the batch, and its digest with the round."""
    assert batch_report(intake, CONTRACTS, "en") == batch_report(intake, CONTRACTS, "en")
