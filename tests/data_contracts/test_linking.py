"""Tickets to projects: what is linked by itself is right, everything else waits for a clerk."""

from __future__ import annotations

import runpy
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from data_contracts.linking import (
    CERTAIN,
    Link,
    Place,
    Register,
    Ticket,
    candidates_shown,
    decisions_of,
    questions,
    unlinked_by_division,
)

MADE_UP: dict[str, Any] = runpy.run_path(
    str(Path(__file__).parents[1] / "benchmarks" / "city_of_tickets.py"), run_name="city_of_tickets"
)
DAY = date(2024, 5, 1)
PLACES = [
    Place("P1", ("C1",), "530102", ("翠湖花园", "翠湖苑"), "样本街12号"),
    Place("P2", ("C2",), "530102", ("翠湖花园二期",), "样本街14号"),
    Place("P3", ("C3",), "530103", ("锦川家园",), "金碧路3号"),
    Place("P4", ("C4",), "530111", ("锦川家园",), "金碧路8号"),
    Place("P5", ("C5",), "530103", ("悦和名都",), "青年路20号", date(2022, 1, 1), date(2024, 4, 30)),
    Place("P6", ("C5",), "530103", ("悦和名都",), "青年路20号", date(2024, 5, 1)),
    Place("P7", ("C7",), "530103", ("悦和1区家园",), "青年路31号"),
    Place("P8", ("C8",), "530103", ("悦和2区家园",), "青年路33号"),
    Place("P100003", ("C9",), "530103", ("顺安佳园",), "学府路5号"),
]
NAMES = {"530102": "五华区", "530103": "盘龙区", "530111": "官渡区"}
PLACES = [replace(place, region=f"云南省昆明市{NAMES[place.division]}") for place in PLACES]
REGISTER = Register(PLACES)


def linked(text: str, division: str = "", day: date | None = DAY) -> Link:
    """The outcome for one text."""
    return REGISTER.link(Ticket("T1", division, text, day))


@pytest.mark.parametrize(
    "text,division,key",
    [
        ("昆明市五华区样本街12号翠湖花园3栋", "530102", "P1"),
        ("样本街12号新翠湖花园", "530102", "P1"),
        ("样本街12號翠湖花園3棟", "530102", "P1"),
        ("昆明市盘龙区锦川家园", "530103", "P3"),
        ("盘龙锦川家园(盘龙区金碧路3号)", "530103", "P3"),
        ("翠湖苑 3栋漏水", "530102", "P1"),
        ("翠湖花园二期5幢", "530102", "P2"),
        ("翠湖花园（二期）", "530102", "P2"),
        ("小区编号C3", "", "P3"),
        ("金碧路8号锦川家园", "", "P4"),
        ("锦川家园", "530111", "P4"),
        ("悦和名都", "530103", "P6"),
        ("样本街12号翠胡花园", "530102", "P1"),
        ("金碧路3号", "530103", "P3"),
    ],
)
def test_near_certain_tickets_are_linked(text, division, key):
    """A clerk should not confirm what anybody can see."""
    assert linked(text, division).key == key


@pytest.mark.parametrize(
    "text,division,first",
    [
        ("锦川家园", "", "P3"),
        ("翠湖花园三期", "530102", "P1"),
        ("翠湖花园对面的工地", "530102", "P1"),
        ("翠胡花园", "530102", "P1"),
        ("悦和3区家园", "530103", "P7"),
        ("翠湖花园", "530103", "P1"),
        ("金碧路3号新兰家园", "530103", "P3"),
        ("金碧路8号翠湖花园", "530102", "P1"),
        ("靠近翠湖花园", "530102", "P1"),
        ("翠湖花园3栋", "530102", "P1"),  # or its second phase
        ("新锦川家园", "530103", "P3"),
        ("锦川家园小学", "530103", "P3"),
        ("锦川家园第二期", "530103", "P3"),
        ("锦川家园Ⅱ期", "530103", "P3"),
        ("锦川家园貳期", "530103", "P3"),
        ("锦川家园(北)", "530103", "P3"),
        ("锦川家园往东200米", "530103", "P3"),
        ("从锦川家园搬到悦和名都", "530103", "P3"),
        ("上海市浦东新区锦川家园", "530103", "P3"),
        ("呈贡区锦川家园", "530103", "P3"),
        ("大理市金碧路3号", "530103", "P3"),
        ("新金碧路3号", "530103", "P3"),
        ("金碧路3-2号", "530103", None),
        ("小区编号P100003 悦和名都", "530103", "P100003"),
        ("P1000031", "530103", None),
        ("3栋C3单元", "530103", None),
        ("物业态度很差", "530102", None),
        ("", "", None),
    ],
)
def test_doubtful_tickets_wait_with_their_candidates(text, division, first):
    """Two compounds of one name, a phase nobody registered, a neighbor: a wrong link would cost a firm points."""
    link = linked(text, division)

    assert link.key == ""
    assert (link.candidates[0].key if link.candidates else None) == first


def test_the_day_says_which_firm_served_the_compound():
    """The firm that left in April does not answer for May."""
    assert linked("悦和名都", "530103", date(2024, 4, 30)).key == "P5"
    assert linked("悦和名都", "530103", date(2024, 5, 1)).key == "P6"


def test_a_day_before_any_contract_leaves_the_ticket_open():
    """Nobody served it then; whoever came later is a candidate at most."""
    link = linked("悦和名都", "530103", date(2021, 12, 31))

    assert (link.key, {one.confidence < CERTAIN for one in link.candidates}) == ("", {True})


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_automatic_links_are_right_and_most_tickets_have_one(seed):
    """5,000 tickets with aliases, typing errors and look-alikes: at least 99 of 100 links right, 80 of 100 made."""
    places = MADE_UP["register_of"](1200, seed)
    cases = MADE_UP["cases_of"](places, 5000, seed)

    links = Register(places).link_all(case.ticket for case in cases)

    made = [(case.key, link.key) for case, link in zip(cases, links, strict=True) if link.key]
    right = sum(meant == found for meant, found in made)
    assert right * 100 >= 99 * len(made)
    assert right * 100 >= 80 * sum(bool(case.key) for case in cases)
    assert sum(len(question.tickets) for question in questions(links)) == len(links) - len(made)


def test_unlinked_tickets_are_counted_by_division():
    """A division that links nothing must not look like one without complaints."""
    links = [linked("锦川家园"), linked("翠胡花园", "530102"), linked("翠湖苑", "530102"), linked("", "530102")]

    assert unlinked_by_division(links) == {"": 1, "530102": 2}


def test_tickets_that_say_the_same_are_one_question():
    """Forty tickets about one nickname are one decision, in whatever building; another phase is another."""
    said = ("翠胡花园", "昆明市五华区翠胡花园2栋", "翠胡花园(业主:王某 13987654321)", "翠胡花园三期", "物业差")
    links = [
        REGISTER.link(Ticket(f"T{number}", "530102", text, DAY, "云南省昆明市五华区"))
        for number, text in enumerate(said)
    ]

    asked = questions(links)

    assert [([one.key for one in question.candidates], question.tickets) for question in asked] == [
        (["P1"], ("T0", "T1", "T2")),
        (["P1"], ("T3",)),
        ([], ("T4",)),
    ]
    assert questions(links[::-1]) == asked
    assert candidates_shown(asked[0], {"P1": "翠湖花园"}) == ["P1 翠湖花园(名称相近 60)"]


def test_a_question_of_a_thousand_tickets_fits_into_cells():
    """A cell that ends after 32,767 signs would lose tickets."""
    links = [REGISTER.link(Ticket(f"T{number}", "530102", "翠胡花园", DAY)) for number in range(1001)]

    assert [len(question.tickets) for question in questions(links)] == [500, 500, 1]


def test_a_decision_holds_for_all_tickets_of_its_line():
    """What a clerk chose may carry the name; 无 says that the place is nobody's; an empty cell decides nothing."""
    decisions = decisions_of([("a:2", "P1 翠湖花园", "T0\nT1", "翠湖"), ("a:3", "无", "T3", ""), ("a:4", "", "T4", "")])

    assert decisions.keys == {"T0": "P1", "T1": "P1", "T3": ""}
    assert (decisions.sources["T3"], decisions.examples["T1"]) == ("a:3", "翠湖")


def test_two_decisions_about_one_ticket_are_named():
    """Two offices that claim one ticket have to agree first."""
    assert decisions_of([("a:2", "P1", "T0\nT1", ""), ("b:2", "P2", "T1", "")]).twice == ("T1",)
