"""The pages in chromium: nothing refused by the policy, nothing cut off, nothing that a screen reader cannot read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.looks import faults, too_wide

WIDE, NARROW = 1200, 390
TOWN = (
    "/", "/units/project", "/units/firm?level=2A", "/units/project?q=nothing", "/units/project/P2", "/units/firm/F-3",
    "/units/site/P5", "/sites", "/rulebook", "/search?q=P1", "/units/project/P2?line=CARE-2", "/nothing",
)  # fmt: skip


@pytest.fixture
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page in Chinese that may not complain; its width is the test's parameter."""
    width = getattr(request, "param", WIDE)
    context = browser.new_context(viewport={"width": width, "height": 900}, locale="zh-CN")
    opened = context.new_page()
    said: list[str] = []
    opened.on("console", lambda message: said.append(message.text))
    opened.on("pageerror", lambda error: said.append(str(error)))
    yield opened
    context.close()
    assert [text for text in said if "404 (Not Found)" not in text] == []


@pytest.mark.parametrize("path", TOWN)
def test_a_page_is_accessible(page: Page, town: str, path: str):
    """With every folded part open: no fault by WCAG 2.1 AA."""
    page.goto(town + path)
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")

    assert faults(page) == []


@pytest.mark.parametrize("page", [NARROW], indirect=True)
def test_a_page_on_a_telephone_is_accessible_and_fits(page: Page, town: str):
    """At 390 pixels rows of a table become blocks: still readable by machine, nothing beside the window."""
    for path in TOWN:
        page.goto(town + path)
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        assert (path, too_wide(page)) == (path, 0)

    page.goto(f"{town}/units/project/P2")
    assert faults(page) == []


@pytest.mark.parametrize("page", [WIDE, NARROW], indirect=True, ids=["wide", "narrow"])
def test_the_demonstration_can_be_walked_through(page: Page, kunming: str):
    """As the demo is shown: overview, firms of a level, a firm, one of its projects, the sites, the rulebook."""
    page.goto(f"{kunming}/")
    page.get_by_role("link", name="2A 合格").click()
    page.locator(".units tbody a").first.click()
    assert page.locator(".outcome .level").inner_text() == "2A 合格"
    assert too_wide(page) == 0
    page.locator("#records-BASE summary").click()
    page.locator("#records-BASE tbody a").first.click()
    assert page.get_by_role("heading", name="得分明细").is_visible()
    assert too_wide(page) == 0
    page.get_by_role("navigation").get_by_role("link", name="物业党建联建示范点候选").first.click()
    assert page.locator("section.division").count() >= 10
    assert too_wide(page) == 0
    page.get_by_role("link", name="评分标准", exact=True).click()
    assert page.locator(".basis.proposed").count() > 50
    assert too_wide(page) == 0


@pytest.mark.parametrize("path", ["/", "/units/firm", "/sites", "/rulebook"])
def test_the_demonstration_is_accessible(page: Page, kunming: str, path: str):
    """With a city's own data: long names of counties, many divisions, two pages of rules."""
    page.goto(kunming + path)

    assert faults(page) == []


def test_everything_can_be_read_without_javascript(browser: Browser, town: str):
    """Offices lock scripts out: points, reasons and records must stand in what the server sent."""
    context = browser.new_context(java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    page.goto(f"{town}/units/project/P2")
    page.locator("#records-CARE-2 summary").click()

    assert page.get_by_text("计入投诉工单 1 条，另有 1 条只作分母").is_visible()
    assert page.locator("#records-CARE-2").get_by_text("噪声").first.is_visible()
    context.close()


def test_the_chart_is_drawn(page: Page, town: str):
    """Three firms of four at the upper level: the bar shows three quarters."""
    page.goto(f"{town}/")
    bar = page.locator("tfoot svg").last

    widths = bar.locator("rect").evaluate_all("all => all.map(one => one.getBoundingClientRect().width)")
    whole = bar.evaluate("one => one.getBoundingClientRect().width")

    assert [round(width / whole, 2) for width in widths] == [0.75, 0.25]


def test_the_keyboard_reaches_the_content_first(page: Page, town: str):
    """One key and Enter pass the menu; what has the focus can be seen."""
    page.goto(f"{town}/units/firm")
    page.keyboard.press("Tab")
    skip = page.locator(":focus")

    assert skip.inner_text() == "跳到正文"
    assert skip.bounding_box()["x"] >= 0  # type: ignore[index]  # it is visible
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.locator(":focus").get_attribute("id") == "division"
    assert page.locator(":focus").evaluate("one => getComputedStyle(one).outlineStyle") == "solid"


def test_filters_and_language_work_by_plain_forms(page: Page, town: str):
    """A list is narrowed, the language changed, and the filter stays."""
    page.goto(f"{town}/units/project")
    page.get_by_label("等级").select_option("poor")
    page.get_by_role("button", name="查看").click()
    assert page.locator(".units tbody tr").count() == 1
    page.get_by_role("link", name="English").click()

    assert page.get_by_role("heading", level=1).inner_text() == "Project"
    assert page.locator(".units tbody tr").count() == 1
    assert page.get_by_label("Level").input_value() == "poor"


def test_a_sheet_prints_without_its_menu(page: Page, town: str):
    """A firm puts its sheet into a file: lines and points on paper, no menu, no form."""
    page.goto(f"{town}/units/project/P2")
    page.emulate_media(media="print")

    assert not page.locator(".search").is_visible()
    assert not page.locator("header nav").is_visible()
    assert page.get_by_role("cell", name="77.00", exact=True).is_visible()
