"""`explain`: what an officer reads of one unit."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli.main import app


@pytest.mark.parametrize("language, level", [("zh", "等级 A(合格)"), ("en", "level A (Fair)")])
def test_a_level_is_said_by_its_name(town: Path, language: str, level: str):
    """A code such as `sound` tells an officer nothing; the pages say the name, too."""
    done = CliRunner().invoke(app, ["explain", str(town), "firm", "F-3", "--language", language])

    assert level in done.stdout.splitlines()[0]
