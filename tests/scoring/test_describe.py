from __future__ import annotations

import io
import re
import shutil
import zipfile
from pathlib import Path

import openpyxl
import pytest

from scoring.rulebook import Rulebook, find_rulebook, load_rulebook
from scoring.rulebook.describe import describe, markdown, workbook
from scoring.rulebook.describe.document import Grid
from scoring.rulebook.describe.names import Names
from scoring.rulebook.shelf import shipped_rulebooks
from scoring.rulebook.wording.sentences import Sentences
from scoring.rulebook.wording.words import PHRASES, Words

EVERYTHING = Path(__file__).parents[1] / "rulebooks" / "everything"


@pytest.fixture(scope="module")
def book() -> Rulebook:
    """An invented book that uses every construct once."""
    return load_rulebook(EVERYTHING)


def rows(book: Rulebook, sheet: str, about: str, language: str = "zh") -> list[dict[str, str]]:
    """A table of the description, each row by its headers."""
    grids = [block for block in describe(book, language).blocks if isinstance(block, Grid)]
    (grid,) = [grid for grid in grids if grid.sheet == sheet and grid.about == about]
    return [dict(zip(grid.columns, row, strict=True)) for row in grid.rows]


def sentences(book: Rulebook, unit: str, language: str) -> Sentences:
    """Sentences about one kind of unit."""
    rules = book.unit_named(unit)
    assert rules is not None
    facts = {fact.name: fact for fact in rules.facts}
    return Sentences(Names(book, Words(language), rules.relation, facts, rules))


def on_records(book: Rulebook, view: str, language: str) -> Sentences:
    """Sentences about the records of one view."""
    return Sentences(Names(book, Words(language), book.views[view].relation))


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", shipped_rulebooks())
def test_every_shipped_book_becomes_a_document_with_sound_tables(name: str, language: str):
    """A row with a cell too few shifts every number after it under the wrong header."""
    text = markdown(describe(load_rulebook(find_rulebook(name)), language))

    widths: dict[str, set[int]] = {}
    for block in text.split("\n\n"):
        if block.startswith("|"):
            widths[block] = {len(re.findall(r"(?<!\\)\|", line)) for line in block.strip().splitlines()}
    assert widths
    assert all(len(found) == 1 for found in widths.values())


def test_an_edge_says_whether_its_number_belongs(book):
    """含本数 decides for the firm that stands exactly on the edge, so every row says it at both ends."""
    found = [(row["等级"], row["得分"]) for row in rows(book, "levels", "企业：等级")]

    assert found == [
        ("A 优秀", "大于等于90（含本数）"),
        ("B 合格", "大于等于60（含本数），小于90（不含本数）"),
        ("WATCHED（保留得分，不定等级）", "大于50（不含本数），小于60（不含本数）"),
        ("C 不合格", "小于等于50（含本数）"),
    ]


def test_a_tier_below_another_says_where_it_begins(book):
    """`to: 0.5` then `below: 2` leaves the second row open at 0.5: a reader must not have to work that out."""
    found = [(row["“投诉率”"], row["得分"]) for row in rows(book, "tiers", "小区 分档：RATE 投诉强度")]

    assert found == [
        ("小于等于0.5（含本数）", "40"),
        ("大于0.5（不含本数），小于2（不含本数）", "20"),
        ("大于等于2（含本数），且“repeats”等于0", "5"),
        ("其余", "0"),
    ]


def test_what_is_proposed_bears_its_mark_and_what_it_follows(book):
    """A proposal must never be taken for a published rule."""
    lines = {row["编号"]: row for row in rows(book, "lines", "小区")}

    assert lines["REPEAT"]["名称"] == "重复投诉【建议】"
    assert lines["REPEAT"]["依据"] == "[1] 【建议】 参照 [2]"
    assert lines["SERVICE"]["名称"] == "服务"
    assert lines["SERVICE"]["依据"] == "第六条 [1]"
    steps = {row["步骤"]: row["名称"] for row in rows(book, "levels", "企业：定级后的步骤")}
    assert steps["CAP"] == "差小区过多【建议】"
    assert steps["FIRST"] == "【推定】"


def test_a_line_says_its_section_full_points_missing_policy_and_bounds(book):
    """These four decide what a firm without data gets."""
    lines = {row["编号"]: row for row in rows(book, "lines", "小区")}

    assert (lines["RATE"]["部分"], lines["RATE"]["满分"], lines["RATE"]["缺数据时"]) == (
        "SERVICE",
        "40",
        "本项不计，总分按其余满分折算",
    )
    assert lines["SERVICE"]["上下限与取整"] == "本项不低于0、不高于60"
    assert lines["TIME"]["上下限与取整"] == "依次四舍五入到0.1、0.1"
    assert lines["ROUND"]["上下限与取整"] == "累计四舍五入到1"
    assert lines["REPEAT"]["计分办法"] == "40 − 2 × “repeats”\n仅当“投诉件数”大于0时计"


def test_weights_are_shares_of_the_full_points(book):
    """The first thing a bureau is asked about a scheme."""
    found = [(row["编号"], row["满分"], row["占比"]) for row in rows(book, "overview", "小区：权重")]

    assert found == [("SERVICE", "60", "60%"), ("REPEAT", "40", "40%")]


def test_steps_say_what_they_do_and_which_are_switched_off(book):
    """A veto, a cap and a share that only exist in code cannot be objected to."""
    steps = {row["步骤"]: (row["条件"], row["结果"]) for row in rows(book, "levels", "企业：定级后的步骤")}

    among, beyond = (
        "在“等级”为“优秀”（A）的单位中",
        "“得分”由高到低排在前10%（以有得分且无状态的单位数计，尾数舍去）以外的",
    )
    assert steps["TOP"] == (f"{among}，{beyond}；分界处并列的全部列入", "不高于B 合格")
    assert steps["FIRST"][0] == "每个“所在区”内，“得分”由高到低、“judged”由低到高排在前2个的；分界处并列的按编号先后"
    assert steps["STRIKE"] == ("“往年为C级次数”大于等于2", "降1级")
    assert steps["VETO"][1] == "定为C 不合格；状态为NOT_LICENSED的也适用"
    names = {row["步骤"]: row["名称"] for row in rows(book, "levels", "企业：定级后的步骤")}
    assert names["FLOOR"] == "【未启用】"


def test_records_say_which_when_and_how_often(book):
    """An office must see whether its document of last year still counts."""
    views = {row["代码"]: row for row in rows(book, "counted", "记录口径")}

    award = views["award"]
    assert award["取自"] == "表彰"
    assert award["何时"] == "“表彰日期”在评价日前36个月内"
    assert award["同一事项"] == "每个对象每个“表彰内容”只计一条，取“表彰加分”表中“表彰级别”对应的值最大的"
    assert views["repeat"]["取自"] == "有效投诉"
    assert views["low"]["取自"] == "往期评价结果：企业"


def test_tables_sources_and_consequences_are_all_there(book):
    """The document must stand without the folder it was made from."""
    assert [tuple(row.values()) for row in rows(book, "tables", "答复期限【建议】 (reply_days)")] == [
        ("leak", "3"),
        ("lift", "1"),
        ("其余", "5"),
    ]
    assert [tuple(row.values()) for row in rows(book, "tables", "与官方日历不同的日子")] == [("2024-07-08", "休息日")]
    assert [tuple(row.values()) for row in rows(book, "sources", "")] == [
        ("[1]", "RULE", "某市评价办法", "https://example.org/rule", ""),
        ("[2]", "ELSEWHERE", "外地办法", "", "转载"),
    ]
    assert rows(book, "levels", "企业：结果运用")[1] == {"等级": "C", "inspections": "4", "measure": "约谈"}


@pytest.mark.parametrize(
    "text, zh, en",
    [
        ("licensed", "“是否登记”为是", "“licensed” is true"),
        ("not licensed", "“是否登记”为否", "“licensed” is false"),
        ("staff >= 10", "“员工数”大于等于10", "“staff” is 10 or more"),
        ("staff between 1 and 9", "“员工数”大于等于1，且“员工数”小于等于9", None),
        ("district in ('E', 'W')", "“所在区”为“E”、“W”之一", "“district” is one of “E”, “W”"),
        ("district is not null", "“所在区”不为空", "“district” is given"),
        (
            "staff > 5 and (licensed or honors < 1)",
            "“员工数”大于5，且（“是否登记”为是或“表彰得分”小于1）",
            "“staff” is above 5 and (“licensed” is true or “Honors” is below 1)",
        ),
        ("worse(level, 'B')", "“等级”低于“合格”（B）", "“level” is worse than “Sound” (B)"),
        ("(trained + 1) / staff * 2", "(“持证人数” + 1) ÷ “员工数” × 2", "(“trained” + 1) ÷ “staff” × 2"),
        ("10 - (trained - staff)", "10 − (“持证人数” − “员工数”)", "10 − (“trained” − “staff”)"),
        (
            "2 * least(trained + 1, 4)",
            "2 × （(“持证人数” + 1)、4中的最小者）",
            "2 × (the least of (“trained” + 1), 4)",
        ),
        ("if(licensed, 5, 0)", "“是否登记”为是时取5，否则取0", "5 where “licensed” is true, else 0"),
        ("coalesce(poor, 0) > 0.2", "“六十分以下面积占比”（缺失时取0）大于0.2", None),
        ("award_points[district]", "“表彰加分”表中“所在区”对应的值", None),
        ("period.to - period.from + 1", "“评价期末日” − “评价期首日” + 1", None),
    ],
)  # fmt: skip
def test_a_test_or_value_of_a_unit_becomes_a_sentence(book, text: str, zh: str, en: str | None):
    """Brackets must survive: without them the sentence states another rule."""
    assert sentences(book, "firm", "zh").said(text) == zh
    if en is not None:
        assert sentences(book, "firm", "en").said(text) == en


@pytest.mark.parametrize(
    "text, zh",
    [
        ("kind = 'leak'", "“类别”为“房屋漏水”（leak）"),
        ("estate.area_m2 > 100", "“所属小区的建筑面积”大于100"),
        ("estate.firm.district = 'E'", "“所属小区的所属企业的所在区”为“E”"),
        ("replied_on <= add_working_days(received_on, 5)", "“答复日期”不晚于“受理日期”后5个工作日"),
        ("received_on >= date '2024-03-01'", "“受理日期”不早于2024年3月1日"),
        ("in_force(received_on, replied_on)", "“受理日期”不晚于评价日，且“答复日期”为空或不早于评价日"),
        ("days_since_previous(received_on, kind) <= 90", "与相同“类别”的上一条相距的天数（按“受理日期”）小于等于90"),
        ("coalesce(upheld, false)", "“是否属实”为是（无法判断的算不符合）"),
        ("mean(year(received_on))", "（“受理日期”所在年份）的平均值"),
        ("share(upheld, 2)", "按2计，符合（“是否属实”为是）的占比"),
    ],
)
def test_an_expression_about_records_becomes_a_sentence(book, text: str, zh: str):
    """Codes are read by their labels and columns of another table by whose they are."""
    assert on_records(book, "complaint", "zh").said(text) == zh


@pytest.mark.parametrize("text", ["upheld = true", "if(upheld, replied_on is null, true)", "nowhere > 1"])
def test_a_shape_without_a_sentence_keeps_its_text(book, text: str):
    """A guess would be read as the rule."""
    assert on_records(book, "complaint", "zh").said(text) == ""


def test_a_sentence_nobody_can_read_is_left_out(book):
    """Forty conditions in a row are easier to check as they are written."""
    text = " or ".join(f"staff = {number}" for number in range(40))

    assert sentences(book, "firm", "zh").said(text) == ""


def test_both_languages_have_every_phrase_with_the_same_parts():
    """A phrase that drops a number in one language states half a rule."""
    parts = re.compile(r"{(\w+)}")

    for key, (zh, en) in PHRASES.items():
        assert zh, key
        assert en, key
        assert set(parts.findall(zh)) == set(parts.findall(en)), key


def test_the_workbook_says_what_the_markdown_says(book):
    """Two files of one scheme must not be able to differ."""
    document = describe(book)
    sheets = openpyxl.load_workbook(io.BytesIO(workbook(document)))
    cells = {str(cell.value) for sheet in sheets for row in sheet.iter_rows() for cell in row if cell.value is not None}

    wanted = {
        cell for block in document.blocks if isinstance(block, Grid) for row in block.rows for cell in row if cell
    }
    assert sheets.sheetnames == ["概览", "统计口径", "评分项", "分档", "等级与步骤", "对照表", "依据"]
    assert wanted <= cells
    assert "非正式文本：尚未由主管部门发布。" in cells


def test_a_title_that_looks_like_a_formula_stays_a_text(tmp_path):
    """Whoever opens the workbook must not run what somebody wrote into a title."""
    shutil.copytree(EVERYTHING, tmp_path / "book")
    file = tmp_path / "book" / "rulebook.yaml"
    file.write_text(file.read_text("utf-8").replace("zh: 小区得分", "zh: '=1+1'"), "utf-8")

    made = workbook(describe(load_rulebook(tmp_path / "book")))

    with zipfile.ZipFile(io.BytesIO(made)) as parts:
        sheets = [parts.read(name).decode() for name in parts.namelist() if name.startswith("xl/worksheets/sheet")]
    assert not any("<f>" in sheet for sheet in sheets)
    assert "=1+1" in {
        cell.value
        for sheet in openpyxl.load_workbook(io.BytesIO(made))
        for (cell,) in sheet.iter_rows(min_col=3, max_col=3)
    }


def test_one_book_gives_the_same_bytes_each_time(book):
    """A published document can be compared with the one on file by its digest."""
    assert workbook(describe(book)) == workbook(describe(load_rulebook(EVERYTHING)))
    assert markdown(describe(book)) == markdown(describe(load_rulebook(EVERYTHING)))


def test_markdown_shows_names_as_they_are(book):
    """NOT_RATED and <b> are text, not emphasis or HTML."""
    text = markdown(describe(book))

    assert "NOT\\_LICENSED" in text
    assert "| `complaint` |" in text
