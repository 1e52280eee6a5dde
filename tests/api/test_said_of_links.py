"""What the terminal says of tickets without a place: an office has to see what does not score, and whom to ask."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from api.cli.evaluate import say_linked
from data_contracts.intake.link import Linked
from data_contracts.linking import Link, Ticket

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
        "工单:4 条(530111 4)所在小区当日没有服务项目,不计分",
    ]


def test_a_number_against_the_words_is_named(capsys):
    """At most twenty of them; nothing is said where there is nothing."""
    contradicted = tuple((f"T{at}", "C1", "C2") for at in range(22))

    lines = said(capsys, replace(NOTHING, contradicted=contradicted))

    assert lines[0] == "工单:工单 T0 报送的小区编号 C1 与所述地址或名称(C2)不符,按编号计,请核对"
    assert (len(lines), lines[-1]) == (21, "……工单还有 2 处同样的情况")
    assert said(capsys, NOTHING) == []
    assert "13900001111" not in said(capsys, replace(NOTHING, contradicted=(("T1 13900001111", "C1", "C2"),)))[0]
