"""The report of a delivery in chromium: as a file on a desk, on a telephone, on paper."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from data_contracts.intake import take_in
from data_contracts.odcs import load_contract
from data_contracts.report import batch_report
from tests.browser.looks import faults, too_wide

CONTRACT = """
apiVersion: v3.2.0
kind: DataContract
id: commendations_of_projects
version: 1.0.0
status: active
schema:
  - name: commendations_of_projects
    businessName: 物业服务项目表彰奖励情况
    properties:
      - {name: number, businessName: 编号, logicalType: string, primaryKey: true, logicalTypeOptions: {maxLength: 20}}
      - {name: kind, businessName: 类别, logicalType: string, required: true, enum: [{value: lift, label: 电梯}]}
      - {name: given_on, businessName: 表彰日期, logicalType: date, required: true}
"""
LONG_NAME = "物业服务项目表彰奖励情况_final-version-without-a-single-blank-0123456789-0123456789-0123456789.csv"


@pytest.fixture(scope="module", params=["zh", "en"])
def report(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Long names, long values, many rows of one fault, markup in a cell."""
    contracts = {"commendations_of_projects": load_contract(CONTRACT, "c.odcs.yaml")}
    folder = tmp_path_factory.mktemp("report")
    (folder / "in").mkdir()
    rows = [f"A{row},电剃,2024-13-40" for row in range(40)] + ["长" * 300 + ",电梯,", "X" * 300 + ",<b>粗</b>,2024/1/2"]
    (folder / "in" / LONG_NAME).write_text("\n".join(["编号,类别,表彰日期", *rows]), encoding="utf-8")
    intake = take_in(folder / "in", contracts, {})
    page = folder / "report.html"
    page.write_text(batch_report(intake, contracts, request.param), encoding="utf-8")
    return page


@pytest.fixture(params=[1280, 390], ids=["wide", "narrow"])
def page(browser: Browser, report: Path, request: pytest.FixtureRequest) -> Iterator[Page]:
    """The report, opened as a file, with its folded part open; nothing may be fetched besides."""
    context = browser.new_context(viewport={"width": request.param, "height": 900})
    opened = context.new_page()
    asked: list[str] = []
    opened.on("request", lambda one: asked.append(one.url))
    opened.goto(report.as_uri())
    opened.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    yield opened
    context.close()
    assert asked == [report.as_uri()]


def test_the_report_is_accessible_and_fits(page: Page):
    """An office reads it on any screen, or has it read aloud."""
    assert too_wide(page) == 0
    assert faults(page) == []


def test_numbers_stand_below_their_heads(page: Page):
    """A number that slips under the next column is another office's number."""
    edges = page.evaluate(
        "[...document.querySelectorAll('table')].flatMap(one => [...one.querySelectorAll('thead .n')].map(head => {"
        " const cell = one.querySelector('tbody tr').children[head.cellIndex];"
        " return [head.getBoundingClientRect().right, cell.getBoundingClientRect().right] }))"
    )

    assert edges
    assert all(head == cell for head, cell in edges)


def test_the_check_sums_are_printed(page: Page):
    """On paper nothing can be unfolded: what proves which files were read is printed."""
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = false })")
    page.emulate_media(media="print")

    assert page.locator("details code").first.evaluate("one => one.getBoundingClientRect().height") > 0
