"""Where rulebooks are found: the shipped shelf by name, or any folder on disk."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from data_contracts.expressions.resolve import did_you_mean
from scoring.rulebook.folder import FILE


class UnknownRulebookError(LookupError):
    """Neither a shipped rulebook nor a folder with a rulebook.yaml."""


def shipped_rulebooks() -> list[str]:
    """Names of the shipped rulebooks, `<place>/<edition>`, sorted."""
    shelf = files("scoring.rulebook") / "books"
    if not shelf.is_dir():
        return []
    return sorted(
        f"{place.name}/{edition.name}"
        for place in shelf.iterdir()
        if place.is_dir()
        for edition in place.iterdir()
        if edition.is_dir() and (edition / FILE).is_file()
    )


def find_rulebook(name: str) -> Path | Traversable:
    """The folder of a rulebook: a folder on disk, a shipped name, or a shipped name without its place.

    Raises:
        UnknownRulebookError: Naming what is shipped and what was probably meant.
    """
    folder = Path(name)
    if (folder / FILE).is_file():
        return folder
    shipped = shipped_rulebooks()
    matches = [book for book in shipped if name in (book, book.partition("/")[2])]
    if len(matches) == 1:
        place, _, edition = matches[0].partition("/")
        return files("scoring.rulebook") / "books" / place / edition
    short = [book.partition("/")[2] for book in shipped]
    hint = did_you_mean(name, [*shipped, *short])
    raise UnknownRulebookError(
        f"found rulebook {name!r}, allowed: a folder with {FILE}, or one of {', '.join(shipped)}{hint}"
    )
