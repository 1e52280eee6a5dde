"""The two readmes: their tables of commands name every option that there is, and no other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer import _click as click
from typer.main import get_command

from api.cli.main import app

ROOT = Path(__file__).parents[2]


def options(command: click.Command, name: str = "") -> Iterator[tuple[str, list[str]]]:
    """Every command with what `--help` lists; of a switch with two names the one that changes something."""
    for one in getattr(command, "commands", {}).values():
        yield from options(one, f"{name} {one.name}".strip())
    if not hasattr(command, "commands"):
        names = [(one.secondary_opts or one.opts)[0] for one in command.params if one.param_type_name == "option"]
        yield name, sorted(names)


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_the_table_of_commands_is_that_of_the_program(readme: str):
    """What the first page leaves out nobody looks for; templates, documents and releases are told in one row."""
    rows = re.findall(r"^\| `([a-z].+?)` \| ", (ROOT / readme).read_text("utf-8"), re.MULTILINE)
    told = {row: sorted(re.findall(r"--[a-z-]+", row)) for row in rows}

    for name, named in options(get_command(app)):
        if not name.startswith("contract "):
            assert [found for row, found in told.items() if f"{row} ".startswith(f"{name} ")] == [named], name
