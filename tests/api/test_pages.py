"""The pages as text: what stands on them, in both languages, and that they need no script."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from tests.api.town.build import build_town

PAGES = (
    "/", "/units/project", "/units/firm?level=2A", "/units/project?q=nothing", "/units/project/P1", "/units/project/P4",
    "/units/firm/F-3", "/units/site/P5", "/sites", "/rulebook", "/search?q=P1", "/search", "/search?q=zzz",
    "/units/project/P2?line=CARE-2", "/nothing", "/units/firm/X",
)  # fmt: skip


class Outline(HTMLParser):
    """Tags with their attributes, and the text."""

    def __init__(self, page: str) -> None:
        """Read *page*."""
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep one tag."""
        self.tags.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """Attributes of every such tag."""
        return [attributes for name, attributes in self.tags if name == tag]


def text(client: TestClient, path: str) -> str:
    """The page as a reader sees it: tags gone, spaces single."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", client.get(path).text))


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_page_is_marked_up_for_everyone(client: TestClient, path: str, language: str):
    """Screen readers need the language, one heading, one main part, and the scope of every table header."""
    mark = "&" if "?" in path else "?"
    outline = Outline(client.get(f"{path}{mark}lang={language}").text)

    assert outline.all("html") == [{"lang": "zh-CN" if language == "zh" else "en"}]
    assert [len(outline.all(tag)) for tag in ("h1", "main", "header", "footer")] == [1, 1, 1, 1]
    assert [header for header in outline.all("th") if header.get("scope") not in ("col", "row")] == []
    named = [attributes["id"] for _, attributes in outline.tags if "id" in attributes]
    assert sorted(named, key=str) == sorted(set(named), key=str)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_needs_no_script_and_no_style_of_its_own(client: TestClient, path: str):
    """The policy forbids both; a page that carried one would lose it in every browser."""
    outline = Outline(client.get(path).text)

    assert outline.all("script") == outline.all("style") == []
    assert [attributes for _, attributes in outline.tags if "style" in attributes] == []
    assert [name for _, attributes in outline.tags for name in attributes if name.startswith("on")] == []


@pytest.mark.parametrize("start", ["/", "/?lang=en"])
def test_every_link_of_the_site_leads_somewhere(client: TestClient, start: str):
    """Followed from the overview, page by page, in the language asked for."""
    waiting, seen, broken = [start], {start}, []
    while waiting:
        path = waiting.pop()
        response = client.get(path)
        if response.status_code != 200:
            broken.append(path)
            continue
        if not response.headers["content-type"].startswith("text/html"):
            continue
        outline = Outline(response.text)
        for link in [*outline.all("a"), *outline.all("link")]:
            target = (link["href"] or "").partition("#")[0]
            if target.startswith("/") and target not in seen and "hreflang" not in link:
                seen.add(target)
                waiting.append(target)

    assert broken == []
    assert {"/v1/rulebook", "/v1/firm/F%2F1"} <= seen


def test_fragments_name_places_that_exist(client: TestClient):
    """A link to a line's records or to a source may not end at the top of the page."""
    for path in ("/units/project/P2", "/units/firm/F-3", "/sites", "/rulebook"):
        page = client.get(path).text
        targets = {link["href"][1:] for link in Outline(page).all("a") if (link["href"] or "").startswith("#")}  # type: ignore[index]
        assert {name for name in targets if f'id="{name}"' not in page} == set()


def test_the_overview_counts_and_charts(client: TestClient):
    """Cards lead to the filtered list; the chart is drawn here and says nothing that the table does not."""
    page = client.get("/").text

    assert '<a href="/units/firm?level=2A">' in page
    assert page.count("<svg") == 6
    assert "共 4 个名额，已列候选 2 个" in text(client, "/")


def test_what_is_proposed_and_made_up_is_said_on_every_page(client: TestClient):
    """No reader may take a proposal or a made-up firm for the real thing."""
    for path in ("/", "/units/firm", "/units/firm/F-2", "/sites", "/rulebook", "/nothing"):
        page = text(client, path)
        assert "合成数据" in page
        assert "处为建议值" in page


def test_a_sheet_tells_its_lines_in_sentences(client: TestClient):
    """What was read, the tier it fell in, the records counted: in words, beside the points."""
    page = text(client, "/units/project/P2")

    assert "属实投诉数 1。属“≤ 2”一档，得 30.00 分。计入投诉工单 1 条。" in page
    assert "属实比例 0.5。计算得 10，计 10.00 分。" not in page
    assert "计入投诉工单 1 条，另有 1 条只作分母。" in page


def test_a_warning_stands_beside_its_record(client: TestClient):
    """A column of warnings appears only where there is one to read."""
    warned, plain = text(client, "/units/project/P2"), text(client, "/units/project/P5")

    assert "属实的噪声投诉请附检测记录" in warned
    assert " 提醒 " in warned
    assert " 提醒 " not in plain


def test_a_sheet_tells_missing_data_bounds_and_steps(client: TestClient):
    """Nothing that made or took a point stays unsaid."""
    assert "缺少数据，本项不计入满分" in text(client, "/units/project/P4")
    assert "不符合适用条件，不计分" in text(client, "/units/project/P4")
    assert "限于 0.00 至 60.00 分" in text(client, "/units/project/P1")
    assert "等级由 无等级 调整为 A 合格" in text(client, "/units/firm/F-3")
    assert "未申报 第二条" in text(client, "/units/firm/F-3")


def test_english_pages_are_english(client: TestClient):
    """Only what the data and the rulebook say in one language stays in it."""
    page = text(client, "/units/project/P2?lang=en")

    assert "How the points come about" in page
    assert "Falls in “≤ 2”: 30.00 points" in page
    assert 'href="/units/firm?lang=en"' in client.get("/units/project/P2?lang=en").text


def test_sites_give_a_reason_for_every_yes_and_no(client: TestClient):
    """The committee reads why, not only who."""
    page = text(client, "/sites")

    assert "符合全部条件，得分 99.60，在本区域排序内取得名额" in page
    assert "但同一所属企业在本区域已有候选" in page
    assert "本区域名额已满" in page
    assert "空缺 2 个" in page
    assert "本区域没有符合条件的候选。" in page


def test_the_deciding_rule_is_the_only_reason(client: TestClient):
    """Two rules may refuse a candidate; the result knows which one did, so the page leaves no doubt."""
    page = text(client, "/units/site/P4?lang=zh")

    assert "企业等级不足 第十二条" in page
    assert "无党组织" not in page
    assert "符合下列情形之一" not in page


def test_the_rulebook_reads_as_a_document(client: TestClient):
    """Sections, lines, tiers with edges, levels, steps, sources: with a mark on whatever is not published."""
    page = text(client, "/rulebook")

    for words in (
        "第三条",
        "≤ 2",
        "其余",
        "一票否决",
        "邻镇评分办法",
        "参照 NEIGHBOR",
        "推定",
        "建议",
        "已公布",
        "20 × (1 - 属实比例)",
    ):
        assert words in page


def test_a_result_without_records_says_so(tmp_path: Path):
    """An empty list would look like no records at all."""
    client = TestClient(create_app(build_town(tmp_path / "out", with_records=False)))

    assert "本次评价未随结果列出明细记录" in text(client, "/units/project/P2?lang=zh")


def test_what_a_reader_types_is_shown_as_text(client: TestClient):
    """A search for markup may not become markup."""
    page = client.get("/search", params={"q": "<script>alert(1)</script>"}).text

    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_an_unknown_address_is_answered_in_chinese(client: TestClient):
    """Officers should never meet a bare English error."""
    page = client.get("/nothing")

    assert page.status_code == 404
    assert "没有这个页面" in page.text
    assert page.headers["content-language"] == "zh-CN"
