"""What the terminal says of a delivery: faults of files, and tickets without a place, which do not score."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from api.cli.evaluate import say_linked, say_problems
from data_contracts.intake.link import Linked
from data_contracts.linking import Link, Ticket
from data_contracts.problems import Problem

AUTOMATIC = "工单:按地址或名称对应 3 条,经办人确认 0 条、认定不是登记的小区 1 条"
CONTRACTS = cast("Any", {"tickets": SimpleNamespace(title="工单")})
NOTHING = Linked(automatic=0, confirmed=0, elsewhere=0, waiting=(), unlinked={}, names={})


def said(capsys: pytest.CaptureFixture[str], outcome: Linked) -> list[str]:
    """Lines about one table."""
    say_linked(cast("Any", SimpleNamespace(linked={"tickets": outcome})), CONTRACTS)
    return capsys.readouterr().err.splitlines()


def test_tickets_without_a_place_are_said_per_division(capsys):
    """Those that wait, and all that do not score."""
    waiting = (Link(Ticket("T1", "530102", "翠胡"), "", ()), Link(Ticket("T2", "", "翠胡"), "", ()))

    unlinked, unserved = {"530102": 2, "": 1}, {"530111": 4}
    outcome = replace(NOTHING, automatic=3, elsewhere=1, waiting=waiting, unlinked=unlinked, unserved=unserved)

    assert said(capsys, outcome) == [
        AUTOMATIC + ";另有 2 条(单位不明 1、530102 1)待经办人对应,对应之前不计分",
        "工单:共 3 条(530102 2、单位不明 1)没有对应的小区,不计分",
        "工单:4 条(530111 4)所在小区当日没有已接收的服务项目,不计分",
    ]


def test_a_number_against_the_words_is_named(capsys):
    """At most twenty of them; nothing is said where there is nothing."""
    contradicted = tuple((f"T{at}", "C1", "C2") for at in range(22))

    lines = said(capsys, replace(NOTHING, contradicted=contradicted))

    assert lines[0] == "工单:工单 T0 报送的小区编号 C1 与所述地址或名称(C2)不符,按编号计,请核对"
    assert (len(lines), lines[-1]) == (21, "……工单还有 2 处同样的情况")
    assert said(capsys, NOTHING) == []
    assert "13900001111" not in said(capsys, replace(NOTHING, contradicted=(("T1 13900001111", "C1", "C2"),)))[0]


@pytest.mark.parametrize(
    "language, more, aside",
    [
        ("zh", "……还有 5 处同样的问题(file.empty)", "便条.txt:提醒 没有数据表对应该文件,未使用"),
        ("en", "… and 5 more of file.empty", "便条.txt: warning: found a file that no table claims"),
    ],
)
def test_thousands_of_broken_files_do_not_fill_the_screen(capsys, language: str, more: str, aside: str):
    """The first twenty of each kind, how many more, and what was left aside, in the language of the contracts."""
    problems = tuple(Problem("file.empty", f"{at}.csv", "", "", f"{at}.csv:0") for at in range(25))
    other = Problem("file.nul", "x.csv", "", "", "x.csv:NUL")
    intake = SimpleNamespace(batch_problems=(*problems, other), unclaimed=("便条.txt",))

    say_problems(cast("Any", intake), cast("Any", {"tickets": SimpleNamespace(language=language)}))

    lines = capsys.readouterr().err.splitlines()
    assert lines[:20] == [f"{at}.csv:0" for at in range(20)]
    assert lines[20:22] == [more, "x.csv:NUL"]
    assert lines[22].startswith(aside)
