"""What goes to a clerk and comes back: the queue of tickets whose place nobody could tell."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from data_contracts.intake import take_in
from tests.data_contracts.told_town import CONTRACTS, PHONE, ROWS, answered, deliver, places, write


@pytest.fixture
def delivered(tmp_path: Path) -> Path:
    """Two compounds, one project each, seven tickets."""
    return deliver(tmp_path / "delivered")


@pytest.fixture
def back(tmp_path: Path) -> Path:
    """Where workbooks lie that came back."""
    folder = tmp_path / "back"
    folder.mkdir()
    return folder


def test_every_ticket_without_a_place_is_counted_for_its_division(delivered, back):
    """One that says nothing of its place, and one that a clerk found to mean none, score nothing too."""
    assert take_in(delivered, CONTRACTS, {}).linked["tickets"].unlinked == {"530102": 3, "530111": 1}

    answered(back / "待对应_工单.xlsx", take_in(delivered, CONTRACTS, {}), ["C1", "无"])

    linked = take_in(delivered, CONTRACTS, {}, corrections=back).linked["tickets"]
    assert (linked.unlinked, linked.elsewhere, linked.waiting) == ({"530102": 1, "530111": 1}, 1, ())


def test_a_clerk_can_choose_on_the_sheet(delivered, back):
    """Candidates with their address, what speaks for them and how much, and 无, are all in the list of the cell."""
    path = back / "待对应_工单.xlsx"
    answered(path, take_in(delivered, CONTRACTS, {}), [])

    page = openpyxl.load_workbook(path).worksheets[0]
    rows = [[cell.value or "" for cell in row] for row in page.iter_rows(min_row=2, max_col=7)]
    choices = [one.formula1 for one in page.data_validations.dataValidation]
    assert rows[0] == ["530102", "2", "翠胡花园 ***", "C1 翠湖花园 示例路12号(名称相近 60)", "", "", "无"]
    assert choices == ["$D$2:$G$2", "$D$3:$G$3"]


@pytest.mark.parametrize("text", ["锦川家园", "", "官渡区翠胡花园"])
def test_a_decision_about_other_words_is_refused(delivered, back, text):
    """The office corrects a ticket after the clerk decided: what was decided was something else."""
    answered(back / "待对应_工单.xlsx", take_in(delivered, CONTRACTS, {}), ["C1", "无"])
    rows = [[*row[:3], text, row[4]] if row[0] == "T4" else row for row in ROWS]
    write(delivered / "工单.csv", [["工单编号", "单位", "小区编号", "地址", "受理日期"], *rows])

    intake = take_in(delivered, CONTRACTS, {}, corrections=back)

    assert [(problem.code, "T4" in problem.message) for problem in intake.batch_problems] == [("link.changed", True)]


def test_a_clerk_sees_no_telephone_number(delivered, back):
    """The queue is sent to offices: it names the place, not how to reach the caller."""
    path = back / "待对应.xlsx"
    answered(path, take_in(delivered, CONTRACTS, {}), [])

    cells = [str(cell.value) for row in openpyxl.load_workbook(path).worksheets[0].iter_rows() for cell in row]
    assert "翠胡花园 ***" in cells
    assert not any(PHONE in cell for cell in cells)


def test_what_a_clerk_confirms_holds_for_the_whole_line(delivered, back):
    """One decision, two tickets; the third is no registered place and stops asking."""
    path = back / "待对应_工单.xlsx"
    answered(path, take_in(delivered, CONTRACTS, {}), ["C1 翠湖花园", "无"])

    intake = take_in(delivered, CONTRACTS, {}, corrections=back)

    assert [places(intake)[ticket] for ticket in ("T4", "T5", "T7")] == [("C1", "P1"), ("C1", "P1"), (None, None)]
    linked = intake.linked["tickets"]
    assert (linked.automatic, linked.confirmed, linked.elsewhere, linked.waiting) == (2, 2, 1, ())
    assert path.name in [one.path for one in intake.inputs]
    assert not intake.refuses_batch


def test_a_confirmed_number_that_nobody_registered_is_refused(delivered, back):
    """A slip of the clerk must not end in a place of its own."""
    answered(back / "待对应_工单.xlsx", take_in(delivered, CONTRACTS, {}), ["C9"])

    intake = take_in(delivered, CONTRACTS, {}, corrections=back)

    assert intake.refuses_batch
    assert [problem.message for problem in intake.batch_problems] == [
        "待对应_工单.xlsx:2:确认的编号 C9 不在登记之中;请填写登记的编号,或填“无”"
    ]


def test_decisions_that_cannot_hold_refuse_the_batch(delivered, back):
    """A ticket that is gone, one that came with another place since, and one decided twice."""
    first = take_in(delivered, CONTRACTS, {})
    answered(back / "待对应_1.xlsx", first, ["C1", "C2"])
    answered(back / "待对应_2.xlsx", first, ["C2"])
    rows = [row if row[0] != "T5" else ["T5", "530102", "C2", "", "2024-05-01"] for row in ROWS if row[0] != "T7"]
    write(delivered / "工单.csv", [["工单编号", "单位", "小区编号", "地址", "受理日期"], *rows])

    intake = take_in(delivered, CONTRACTS, {}, corrections=back)

    assert intake.refuses_batch
    assert sorted({problem.code for problem in intake.batch_problems}) == ["link.stale", "link.twice", "link.unknown"]
    assert any("T7" in problem.message for problem in intake.batch_problems)


def test_a_workbook_that_is_no_queue_is_refused(delivered, back):
    """Somebody sends back the wrong attachment under the right name."""
    book = openpyxl.Workbook()
    book.worksheets[0].append(["a", "b"])
    book.save(back / "待对应_工单.xlsx")

    intake = take_in(delivered, CONTRACTS, {}, corrections=back)

    assert [problem.code for problem in intake.batch_problems] == ["link.foreign"]


@pytest.mark.parametrize("name", ["五华区回复_待对应_工单.xlsx", "待对应_工单(1).XLSX"])
def test_an_answer_under_a_longer_name_counts(delivered, back, name):
    """Offices put words before and behind the name of a file, and a sheet of notes in front."""
    path = back / "待对应_工单.xlsx"
    answered(path, take_in(delivered, CONTRACTS, {}), ["C1"])
    book = openpyxl.load_workbook(path)
    book.create_sheet("备注", 0)
    book.save(path)
    path.rename(back / name)

    assert take_in(delivered, CONTRACTS, {}, corrections=back).linked["tickets"].confirmed == 2


def test_a_workbook_under_any_name_is_an_answer(delivered, back):
    """Decisions that are lost in silence would let tickets go on not scoring."""
    (back / "corrections").mkdir()
    answered(back / "corrections" / "已填写.xlsx", take_in(delivered, CONTRACTS, {}), ["C1"])
    (back / "corrections" / "report.zh.html").write_text("", encoding="utf-8")

    intake = take_in(delivered, CONTRACTS, {}, corrections=back / "corrections")

    assert intake.linked["tickets"].confirmed == 2


def test_a_ticket_with_a_blank_in_its_number_can_be_decided(delivered, back):
    """Hotlines number by year and count: 2024 0001."""
    rows = [["工单编号", "单位", "小区编号", "地址", "受理日期"], ["2024 0001", "530102", "", "翠胡花园", "2024-05-01"]]
    write(delivered / "工单.csv", rows)
    answered(back / "待对应_工单.xlsx", take_in(delivered, CONTRACTS, {}), ["C1"])

    assert places(take_in(delivered, CONTRACTS, {}, corrections=back)) == {"2024 0001": ("C1", "P1")}
