"""`rulebook describe` and `rulebook diff`: a scheme as a document to publish, and what a new edition changes.

`diff` ends like diff(1): 0 where nothing differs, 1 where something does, 2 where a book cannot be read.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from api.cli.say import USAGE, note, refuse

if TYPE_CHECKING:
    from scoring.rulebook import Rulebook

SAME, DIFFERENT = 0, 1
FORMATS = (".md", ".xlsx")
LANGUAGES = ("zh", "en")


def run_describe(name: str, language: str = "zh", out: Path | None = None) -> None:
    """Write the scheme to *out* (.md or .xlsx), or as Markdown to standard output.

    Raises:
        typer.Exit: 2 for a language or a kind of file that is not there.
    """
    from scoring.rulebook import find_rulebook, load_rulebook
    from scoring.rulebook.describe import describe, markdown, workbook

    if language not in LANGUAGES:
        raise refuse(f"found language {language!r}, allowed: {', '.join(LANGUAGES)}", USAGE)
    if out is not None and out.suffix.lower() not in FORMATS:
        raise refuse(f"{out}: found {out.suffix or 'no ending'!r}, allowed: {', '.join(FORMATS)}", USAGE)
    document = describe(load_rulebook(find_rulebook(name)), language)
    if out is None:
        typer.echo(markdown(document), nl=False)
    elif out.suffix.lower() == ".xlsx":
        out.write_bytes(workbook(document))
    else:
        out.write_text(markdown(document), encoding="utf-8", newline="\n")


def run_diff(old: str, new: str) -> None:
    """Print every clause that *new* changes against *old*: `+` added, `-` removed, `~` changed.

    Raises:
        typer.Exit: 1 where they differ, 2 where one of them cannot be read.
    """
    from scoring.rulebook.compare import compare

    books = [_opened(name) for name in (old, new)]
    changes = compare(*books)
    for change in changes:
        typer.echo(str(change))
    if changes:
        raise typer.Exit(DIFFERENT)


def _opened(name: str) -> Rulebook:
    from data_contracts.document import DocumentError
    from scoring.rulebook import find_rulebook, load_rulebook

    try:
        return load_rulebook(find_rulebook(name))
    except DocumentError as error:
        for problem in error.problems:
            note(str(problem))
        raise refuse(
            f"{name}: found a rulebook with problems, allowed: one that `rulebook check` passes", USAGE
        ) from None
