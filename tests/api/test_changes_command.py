"""`changes`: what the readers made of a delivery, for whoever asks."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli.changes import write_changes
from api.cli.main import app
from scoring.evaluation.reopen import NotAResultError, open_result


def listed(*arguments: str) -> list[dict[str, str]]:
    """What the command prints, by column."""
    outcome = CliRunner().invoke(app, ["changes", *arguments], catch_exceptions=False)
    assert outcome.exit_code == 0
    return list(csv.DictReader(outcome.stdout.splitlines()))


def test_a_result_lists_what_was_changed_on_the_way_in(town: Path):
    """电梯 became lift, 是 became true: nothing happens to a cell behind the office's back."""
    found = listed(str(town), "--table", "投诉工单")

    assert {one["table"] for one in found} == {"tickets"}
    assert {(one["header"], one["raw"], one["clean"], one["reason"]) for one in found} >= {
        ("投诉类别", "电梯", "lift", "label"),
        ("是否属实", "是", "true", "truth"),
    }


def test_one_reason_can_be_asked_for(town: Path):
    """Among a million labels the dates that were read from numbers are what one looks for."""
    assert {one["reason"] for one in listed(str(town), "--reason", "truth")} == {"truth"}
    assert listed(str(town), "--reason", "serial") == []


def test_a_table_that_is_not_there_is_named(town: Path):
    """An empty list would say that nothing was changed."""
    with pytest.raises(NotAResultError, match=r"found table 'ticket', allowed: .*tickets"):
        CliRunner().invoke(app, ["changes", str(town), "--table", "ticket"], catch_exceptions=False)


def test_a_reason_that_there_is_not_is_named(town: Path):
    """A slip would say that nothing was changed; those of links may end with their confidence."""
    with pytest.raises(NotAResultError, match=r"found reason 'seriall', allowed: linked, .*serial_1904"):
        CliRunner().invoke(app, ["changes", str(town), "--reason", "seriall"], catch_exceptions=False)

    assert [listed(str(town), "--reason", one) for one in ("linked", "linked.name", "linked.name.97")] == [[], [], []]


def test_a_file_of_changes_opens_in_a_spreadsheet_program(town: Path, tmp_path: Path):
    """Without its mark Excel shows Chinese as rubbish."""
    result = open_result(town)

    write_changes(tmp_path / "changes.csv", result.changes(), result.rulebook.contracts)

    assert (tmp_path / "changes.csv").read_bytes().startswith(b"\xef\xbb\xbftable,file,sheet,row,")
