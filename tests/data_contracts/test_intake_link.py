"""Tickets that tell their place in words, from the delivered file to the accepted record."""

from __future__ import annotations

from pathlib import Path

import pytest

from data_contracts.intake import take_in
from data_contracts.shelf import shipped_contracts
from tests.data_contracts.told_town import CONTRACTS, ROWS, deliver, places, write


@pytest.fixture
def delivered(tmp_path: Path) -> Path:
    """Two compounds, one project each, seven tickets."""
    return deliver(tmp_path / "delivered")


def test_words_become_a_compound_and_the_firm_that_served_it(delivered):
    """A project's own name leads to its compound, and from there to the project of the day."""
    intake = take_in(delivered, CONTRACTS, {})

    assert places(intake) == {
        "T1": ("C1", "P1"),
        "T2": ("C1", "P1"),
        "T3": ("C2", "P2"),
        **dict.fromkeys(("T4", "T5", "T6", "T7"), (None, None)),
    }


def test_repeated_keys_differ_in_what_an_office_wrote(delivered):
    """The project is filled in here; an office that looks for it in its own sheet finds no such column."""
    rows = [["T1", "530102", "C1", "", "2024-05-01"], ["T1", "530102", "C2", "", "2024-05-01"]]
    write(delivered / "工单.csv", [["工单编号", "单位", "小区编号", "地址", "受理日期"], *rows])

    (message,) = set(take_in(delivered, CONTRACTS, {}).failures.table["message"].to_pylist())

    assert message == "第 2、3 行的工单编号重复,内容互相矛盾:小区编号不同"


def test_the_words_are_gone_and_each_link_is_listed(delivered):
    """An address leads to a caller; what was concluded from it has to be open to question."""
    intake = take_in(delivered, CONTRACTS, {})

    assert intake.tables["tickets"]["place_told"].null_count == len(ROWS)
    links = [row for row in intake.changes.to_pylist() if row["reason"].startswith("linked")]
    assert [(row["row"], row["column"], row["raw"], row["clean"], row["reason"]) for row in links] == [
        (3, "compound_id", None, "C1", "linked.name+address.99"),
        (4, "compound_id", None, "C2", "linked.name.97"),
    ]


def test_doubtful_tickets_wait_by_division_and_score_nobody(delivered):
    """A misspelled name and one from another division wait; a ticket without words asks nothing."""
    linked = take_in(delivered, CONTRACTS, {}).linked["tickets"]

    assert (linked.automatic, linked.confirmed) == (2, 0)
    assert [link.ticket.ticket_id for link in linked.waiting] == ["T4", "T5", "T7"]


@pytest.mark.parametrize(
    "text,project",
    [
        ("云南省昆明市五华区翠湖花园", "P1"),
        ("高新区翠湖花园", None),
        ("官渡区翠湖花园", None),
        ("大理市翠湖花园", None),
    ],
)
def test_a_district_that_is_not_the_division_leaves_a_ticket_open(delivered, text, project):
    """The hotline routed it to this office; the caller speaks of a compound of that name elsewhere."""
    write(
        delivered / "工单.csv",
        [["工单编号", "单位", "小区编号", "地址", "受理日期"], ["T2", "530102", "", text, "2024-05-01"]],
    )

    assert places(take_in(delivered, CONTRACTS, {}))["T2"][1] == project


@pytest.mark.parametrize("text,compound", [("西坝大院3栋", "C1"), ("老翠里", "C1"), ("西坝", None), ("新里", None)])
def test_each_alias_is_a_name(delivered, text, compound):
    """What people call a compound, several in one cell; one that two compounds have tells nothing."""
    compounds = [
        ["C1", "530102", "翠湖花园", "西坝大院、老翠里;新里弄", "示例路12号"],
        ["C2", "530102", "锦川家园", "新里弄", "示例路14号"],
    ]
    write(delivered / "小区.csv", [["小区编号", "单位", "小区名称", "别名", "坐落"], *compounds])
    rows = [["T2", "530102", "", text, "2024-05-01"], ["T3", "530102", "", "新里弄", "2024-05-01"]]
    write(delivered / "工单.csv", [["工单编号", "单位", "小区编号", "地址", "受理日期"], *rows])

    found = places(take_in(delivered, CONTRACTS, {}))

    assert (found["T2"][0], found["T3"][0]) == (compound, None)


def test_the_shipped_contracts_know_aliases_and_districts():
    """What the hotline of the first city needs is in its contract."""
    contracts = shipped_contracts()
    how = next(one.linked for one in contracts["complaints"].columns if one.linked)
    region = how.region

    assert how.names == ("name", "aliases")
    assert {*how.names, how.address, how.division} <= {one.name for one in contracts["compounds"].columns}
    assert region is not None
    assert {region.code, region.name, region.upper} <= {one.name for one in contracts[region.table].columns}


def test_a_number_against_the_words_counts_and_is_named(delivered):
    """A slip of the hotline would cost the other compound's firm points: the office has to look at it."""
    rows = [
        ["T1", "530102", "C1", "示例路14号锦川家园", "2024-05-01"],
        ["T2", "530102", "C1", "示例路12号翠湖花园", "2024-05-01"],
        ["T3", "530102", "C1", "翠胡", "2024-05-01"],
    ]
    nobody = ["T4", "530102", "某某某", "示例路14号锦川家园", "2024-05-01"]  # no number of a compound: refused for it
    write(delivered / "工单.csv", [["工单编号", "单位", "小区编号", "地址", "受理日期"], *rows, nobody])

    intake = take_in(delivered, CONTRACTS, {})

    assert intake.linked["tickets"].contradicted == (("T1", "C1", "C2"),)
    assert places(intake) == dict.fromkeys(("T1", "T2", "T3"), ("C1", "P1"))
    assert intake.refused_rows["tickets"] == 1


def test_the_day_decides_who_answers_and_nobody_is_counted(delivered):
    """On the last day of a contract its firm answers, on the next one the new firm, before and after both nobody."""
    projects = [["P1", "C1", "甲", "2024-01-01", "2024-05-01"], ["P2", "C1", "乙", "2024-05-02", "2024-12-31"]]
    write(delivered / "项目.csv", [["项目编号", "小区编号", "项目名称", "开始", "结束"], *projects])
    days = ["2023-12-31", "2024-05-01", "2024-05-02", "2025-01-01"]
    rows = [[f"T{at}", "530102", "", "翠湖花园", day] for at, day in enumerate(days)]
    write(delivered / "工单.csv", [["工单编号", "单位", "小区编号", "地址", "受理日期"], *rows])

    intake = take_in(delivered, CONTRACTS, {})

    assert [project for _, project in places(intake).values()] == [None, "P1", "P2", None]
    assert (intake.linked["tickets"].unserved, intake.linked["tickets"].unlinked) == ({"530102": 2}, {})


def test_what_stands_for_a_division_is_not_shown(delivered):
    """The caller's name in the wrong column would become a file name and a line of the manifest."""
    rows = [["T2", "金丝雀甲", "", "翠胡花园", "2024-05-01"], ["T3", "金丝雀甲", "", "", "2024-05-01"]]
    write(delivered / "工单.csv", [["工单编号", "单位", "小区编号", "地址", "受理日期"], *rows])

    linked = take_in(delivered, CONTRACTS, {}).linked["tickets"]

    assert [link.ticket.division for link in linked.waiting] == [""]
    assert linked.unlinked == {"": 2}
