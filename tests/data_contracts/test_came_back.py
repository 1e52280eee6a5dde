"""Workbooks that come back as clerks send them: renamed, copied, sorted, damaged again, mended in two rounds."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from data_contracts.intake import Intake, take_in
from data_contracts.personal import pseudonym
from data_contracts.workbook import annotated_copies
from tests.data_contracts.test_workbook import BAD, GOOD, KEY, contracts, deliver, fixes, mend

SHEET = "投诉工单"


@pytest.fixture
def delivered(tmp_path: Path) -> Path:
    """One good row and two bad ones."""
    return deliver(tmp_path / "in", GOOD + BAD)


@pytest.fixture
def sent(delivered: Path, tmp_path: Path) -> Path:
    """The workbook that went out, in the folder for what comes back."""
    (path,) = fixes(take_in(delivered, contracts(), {}), tmp_path / "back")
    return path


def back(delivered: Path, sent: Path) -> Intake:
    """The delivery with what came back."""
    return take_in(delivered, contracts(), {}, corrections=sent.parent, key=KEY)


def accepted(intake: Intake) -> list[str]:
    """Numbers of the accepted tickets."""
    return [str(number) for number in intake.tables["complaints"]["ticket_id"].to_pylist()]


def codes(intake: Intake) -> list[str]:
    """What is wrong with the workbooks."""
    return [problem.code for problem in intake.batch_problems]


@pytest.mark.parametrize("name", ["五华区已改好.xlsx", "五华区/需修改的行.xlsx", "需修改的行.XLSX"])
def test_a_workbook_is_known_by_its_hidden_sheet_and_not_by_its_name(delivered, sent, name):
    """What a clerk sends back under a name of her own must not be passed over in silence."""
    mend(sent, {"G2": "是"})
    (sent.parent / name).parent.mkdir(exist_ok=True)
    sent.rename(sent.parent / name)

    after = back(delivered, sent)

    assert accepted(after) == ["T1", "T2"]
    assert name in [one.path for one in after.inputs]


@pytest.mark.parametrize("name", ["说明.csv", "附件.et"])
def test_no_table_in_the_folder_is_passed_over(delivered, sent, name):
    """An answer in a form that cannot be read is an answer all the same."""
    (sent.parent / name).write_bytes(b"a,b\n1,2\n")

    assert len(codes(back(delivered, sent))) == 1


def test_notes_and_reports_beside_the_workbooks_are_left_alone(delivered, sent):
    """The folder that `fixes` wrote may be handed in as it is, lock files and all."""
    for name in ("report.zh.html", "validation.json", "读我.txt", "~$需修改的行.xlsx"):
        (sent.parent / name).write_text("x", encoding="utf-8")

    assert codes(back(delivered, sent)) == []


def test_only_a_copy_that_was_mended_is_an_answer(delivered, sent):
    """Who mends the marked copy of the original has to hear that nobody reads it; untouched ones may lie around."""
    ((_, data),) = annotated_copies(take_in(delivered, contracts(), {}).returned).items()
    copy = sent.with_name("五华区.xlsx")
    copy.write_bytes(data)
    assert codes(back(delivered, sent)) == []
    edited(lambda book: book.worksheets[0].__setitem__("C4", "是"))(copy)

    assert codes(back(delivered, sent)) == ["correction.annotated"]


def test_equal_answers_are_one(delivered, sent):
    """A workbook sent twice, one copy of it saved anew, and one nobody touched: nobody contradicts anybody."""
    shutil.copy(sent, sent.with_name("原样.xlsx"))
    mend(sent, {"G2": "是"})
    shutil.copy(sent, sent.with_name("副本.xlsx"))
    openpyxl.load_workbook(sent).save(sent.with_name("另存.xlsx"))

    after = back(delivered, sent)

    assert (codes(after), accepted(after)) == ([], ["T1", "T2"])


def test_clerks_may_share_a_workbook(delivered, sent):
    """One mends the first row in her copy, the other the second in his."""
    shutil.copy(sent, sent.with_name("另一份.xlsx"))
    mend(sent, {"G2": "是"})
    mend(sent.with_name("另一份.xlsx"), {"H3": "911100006000373412", "I3": "2024-03-09", "J3": "信访"})

    assert accepted(back(delivered, sent)) == ["T1", "T2", "T3"]


def edited(change: Callable[[openpyxl.Workbook], object]) -> Callable[[Path], None]:
    """A change that is saved."""

    def edit(path: Path) -> None:
        book = openpyxl.load_workbook(path)
        change(book)
        book.save(path)

    return edit


@pytest.mark.parametrize(
    "change,code",
    [
        (edited(lambda book: book[SHEET].append(["", "", "", "", "T9", "", "是"])), "correction.row"),
        (edited(lambda book: book[SHEET].__setitem__("C2", "第4行")), "correction.row"),
        (edited(lambda book: book[SHEET].__setitem__("C2", "²")), "correction.row"),
        (edited(lambda book: book[SHEET].__setitem__("C2", "1" * 5_000)), "correction.row"),
        (
            edited(lambda book: book[SHEET].__setitem__("C2", "3")),
            "correction.unknown",
        ),  # a row that was never sent out
        (edited(lambda book: setattr(book[SHEET], "title", "改好的")), "sheet.missing"),
        (edited(lambda book: setattr(book[SHEET], "sheet_state", "hidden")), "sheet.missing"),
    ],
)
def test_nothing_in_a_workbook_is_passed_over(delivered, sent, change, code):
    """A new row, a row number typed over, a renamed sheet: said, not dropped."""
    change(sent)

    assert codes(back(delivered, sent)) == [code]


def test_a_code_that_loses_its_digits_on_the_way_back_is_refused(delivered, sent):
    """The clerk types eighteen digits into a cell that turns them into 9.111E+17."""
    mend(sent, {"I3": "2024-03-09", "J3": "信访"})
    edited(lambda book: book[SHEET].__setitem__("H3", 911100006000373412))(sent)

    after = back(delivered, sent)

    (failure,) = (one for one in after.failures.table.to_pylist() if one["row"] == 5)
    assert failure["column"] == "credit_code"
    assert failure["message"].startswith("超过 15 位的数字被 Excel 改动")


def test_a_formula_without_a_result_is_told_as_such(delivered, sent):
    """It is no empty cell, whichever side typed it."""
    edited(lambda book: book[SHEET].__setitem__("J3", "=A1"))(sent)

    messages = {one["column"]: one["message"] for one in back(delivered, sent).failures.table.to_pylist()}

    assert messages["channel"] == "公式没有计算结果,请改为数值"


def second_round(delivered: Path, sent: Path) -> Path:
    """The first workbook came back half mended; what is still wrong went out again."""
    mend(sent, {"G2": "是", "B2": "投诉", "I3": "2024-03-09", "J3": "信箱"})
    sent = sent.rename(sent.with_name("第一次.xlsx"))
    (path,) = fixes(back(delivered, sent), sent.parents[1] / "again")
    return Path(shutil.move(path, sent.with_name("第二次.xlsx")))


def test_offices_answer_in_rounds(delivered, sent):
    """What the first round mended stays mended, and a cell that was mended badly is mended by the second."""
    again = second_round(delivered, sent)
    page = openpyxl.load_workbook(again)[SHEET]
    assert [(page["C2"].value, page["I2"].value, page["J2"].value), page["C3"].value] == [
        ("5", "2024-03-09", "信箱"),
        None,
    ]
    mend(again, {"H2": "911100006000373412", "J2": "信访"})

    after = back(delivered, again)

    assert (codes(after), accepted(after), len(after.failures)) == ([], ["T1", "T2", "T3"], 0)
    assert after.tables["complaints"]["phone"].to_pylist()[2] == pseudonym(KEY, "caller", "13800000002")


def test_a_round_does_not_keep_a_person_in_the_name_of_the_one_before(delivered, sent):
    """Who mended a workbook may have said so in its name; the next one is made after it."""
    mend(sent, {"B2": "投诉"})
    sent = sent.rename(sent.with_name("联系人：某某某 13900001111.xlsx"))

    (path,) = fixes(back(delivered, sent), sent.parents[1] / "again")

    places = [str(cell.value) for row in openpyxl.load_workbook(path)["_places"] for cell in row]
    assert "联系人：***.xlsx" in "\n".join(places).replace(" ***", "")
    assert not any("13900001111" in place or "某某某" in place for place in places)


def test_a_round_does_not_hold_without_those_before_it(delivered, sent):
    """Without the first workbook, or with another in its place, the second would mend another delivery."""
    again = second_round(delivered, sent)
    first = again.with_name("第一次.xlsx")
    mend(first, {"G2": "否"})
    assert codes(back(delivered, again)) == ["correction.earlier"]
    first.unlink()

    assert codes(back(delivered, again)) == ["correction.earlier"]
