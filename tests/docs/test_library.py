from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import scoring

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "library.md"


def test_every_example_on_the_page_runs():
    """A page is copied from; what it shows must be what happens."""
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    session: dict[str, Any] = {}

    for block in blocks:
        exec(compile(block, PAGE.name, "exec"), session)  # noqa: S102 - the page's own examples

    assert len(blocks) >= 6


def test_every_public_name_is_on_the_page_or_returned_by_one_that_is():
    """A name nobody can look up is a name nobody can use."""
    text = PAGE.read_text("utf-8")
    returned = {"Outcome", "Reason", "Statement", "Rulebook", "evaluate"}

    assert {name for name in scoring.__all__ if name not in text} <= returned


def test_every_public_name_can_be_loaded():
    """Names are looked up late; a typing error would wait for its first user."""
    assert [name for name in scoring.__all__ if getattr(scoring, name, None) is None] == []
