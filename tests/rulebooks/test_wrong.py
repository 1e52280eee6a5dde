"""Rulebooks that are wrong on purpose, each beside the exact message that it must give."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from data_contracts.document import DocumentError
from scoring.rulebook import load_rulebook

WRONG = Path(__file__).parent / "wrong"
NAMES = sorted(path.stem for path in WRONG.glob("*.yaml"))


def test_there_are_enough_of_them() -> None:
    """Every mistake that a reader can make with the language has its example."""
    assert len(NAMES) >= 40
    assert sorted(path.stem for path in WRONG.glob("*.txt")) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_wrong_rulebook_says_where_and_what_is_allowed(name: str, tmp_path: Path) -> None:
    """An engineer in a bureau mends a rulebook from its messages alone, so each one is held word by word."""
    for shared in ("contracts", "tables"):
        shutil.copytree(WRONG / shared, tmp_path / shared)
    shutil.copy(WRONG / f"{name}.yaml", tmp_path / "rulebook.yaml")

    with pytest.raises(DocumentError) as refused:
        load_rulebook(tmp_path)

    assert str(refused.value) == (WRONG / f"{name}.txt").read_text(encoding="utf-8").rstrip("\n")
