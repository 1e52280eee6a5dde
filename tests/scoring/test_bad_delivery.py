"""What offices get wrong, planted in a synthetic delivery: the intake must name office, file, row and what to do.

Every fault sits in the files of another office, so one reading shows that each is told apart from the others.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from data_contracts.intake import Intake, take_in
from data_contracts.model import Contract
from scoring.rulebook import find_rulebook, load_rulebook
from scoring.synthetic import synthesize

CONTRACTS: Mapping[str, Contract] = load_rulebook(find_rulebook("kunming/2024")).contracts
ROW = 2  # the first row below the header


def workbook(folder: Path, division: str, table: str) -> Path:
    """The file that one office delivers for one table."""
    return next(folder.glob(f"{division}_*_{CONTRACTS[table].title}.xlsx"))


def change(folder: Path, division: str, table: str, alter: Callable[[Worksheet, dict[str, int]], None]) -> None:
    """Open an office's workbook, alter its sheet (columns by contract name), save it."""
    path = workbook(folder, division, table)
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    places = {str(cell.value): cell.column for cell in sheet[1]}
    alter(sheet, {column.name: places[column.title] for column in CONTRACTS[table].columns if column.title in places})
    book.save(path)


def spoil(folder: Path, fault: str) -> None:
    """Plant one fault in a delivered folder.

    Args:
        folder: Workbooks of a synthetic city.
        fault: One of FAULTS.
    """
    FAULTS[fault](folder)


def _put(division: str, table: str, **values: str | int) -> Callable[[Path], None]:
    """A fault that is one wrong value or several in an office's first row."""

    def alter(sheet: Worksheet, places: dict[str, int]) -> None:
        for column, value in values.items():
            sheet.cell(ROW, places[column], value)

    return lambda folder: change(folder, division, table, alter)


def _lose(folder: Path) -> None:
    workbook(folder, "530126", "complaints").unlink()


def _overlap(folder: Path) -> None:
    """A second firm on the first project's compound before the first has left."""

    def alter(sheet: Worksheet, places: dict[str, int]) -> None:
        twin = [cell.value for cell in sheet[ROW]]
        twin[places["project_id"] - 1] = "530103202499999"
        twin[places["credit_code"] - 1] = sheet.cell(ROW + 1, places["credit_code"]).value
        sheet.append(twin)

    change(folder, "530103", "projects", alter)


def _wrong_digit(folder: Path) -> None:
    def alter(sheet: Worksheet, places: dict[str, int]) -> None:
        cell = sheet.cell(ROW, places["credit_code"])
        cell.value = str(cell.value)[:-1] + ("0" if str(cell.value)[-1] != "0" else "1")

    change(folder, "530112", "firms", alter)


FAULTS: Mapping[str, Callable[[Path], None]] = {
    "workbook missing": _lose,
    "street of another division": _put("530102", "compounds", subdistrict_code="530111001"),
    "retired code": _put("530114", "meetings", division_code="530121"),
    "two firms at once": _overlap,
    "wrong check digit": _wrong_digit,
    "area 0": _put("530181", "compounds", floor_area_m2=0),
    "more party members than members": _put("530111", "committees", members=5, party_members=6),
}
TOLD = {
    "street of another division": ("compounds", "530102_五华区_住宅小区.xlsx", "530111001", "街道代码不属于所在县"),
    "retired code": (
        "meetings",
        "530114_呈贡区_共治会议.xlsx",
        "530121",
        "530121(呈贡县,2011年止)请改填530114(呈贡区)",
    ),
    "wrong check digit": (
        "firms",
        "530112_西山区_物业服务企业.xlsx",
        "91530112XX",
        "信用代码有误,请对照营业执照核对",
    ),
    "area 0": ("compounds", "530181_安宁市_住宅小区.xlsx", "0", "应大于 0"),
    "more party members than members": ("committees", "530111_官渡区_业委会物委会.xlsx", "6", "党员委员人数"),
}


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small city without a fault."""
    return synthesize(tmp_path_factory.mktemp("sound"), seed=4, scale=0.25, jobs=1).delivered[2024][0]


@pytest.fixture(scope="module")
def spoiled(sound: Path, tmp_path_factory: pytest.TempPathFactory) -> Intake:
    """The same with every fault but the missing workbook, taken in once."""
    folder = shutil.copytree(sound, tmp_path_factory.mktemp("spoiled") / "delivered")
    for fault in FAULTS:
        if fault != "workbook missing":
            spoil(folder, fault)
    return take_in(folder, CONTRACTS, {})


def errors(intake: Intake, table: str, file: str) -> list[dict[str, object]]:
    """Errors of one file."""
    rows: list[dict[str, object]] = intake.failures.errors.table.to_pylist()
    return [row for row in rows if row["table"] == table and row["file"] == file]


@pytest.mark.parametrize("fault", TOLD)
def test_a_wrong_value_is_told_with_office_file_row_and_hint(fault: str, spoiled: Intake):
    """A clerk with forty workbooks finds the cell from the sentence alone."""
    table, file, value, hint = TOLD[fault]

    told = [row for row in errors(spoiled, table, file) if hint in str(row["message"])]

    assert [row["row"] for row in told] == [ROW]
    assert value in str(told[0]["value"])


def test_two_firms_at_once_are_told_with_both_rows(spoiled: Intake):
    """Which of the two has to end earlier only the office knows, so it is shown both."""
    told = [
        row
        for row in errors(spoiled, "projects", "530103_盘龙区_物业服务项目.xlsx")
        if "请核对交接日期" in str(row["message"])
    ]

    assert ROW in {row["row"] for row in told}
    assert len(told) == 2


def test_a_missing_workbook_names_the_office_that_owes_it(sound: Path, tmp_path: Path):
    """Rating without one county's complaints would make its firms the best of the city."""
    folder = shutil.copytree(sound, tmp_path / "delivered")
    spoil(folder, "workbook missing")

    intake = take_in(folder, CONTRACTS, {})

    told = [row for row in intake.failures.errors.table.to_pylist() if row["table"] == "complaints"]
    assert intake.refuses_batch
    assert [(row["value"], row["message"]) for row in told] == [
        ("530126 石林彝族自治县", "有县(市、区)未报送本表,请补报后再评价")
    ]
