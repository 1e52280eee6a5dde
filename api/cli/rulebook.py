"""`rulebook check`: every problem of a rulebook, by file and line."""

from __future__ import annotations

import typer

from api.cli.say import note


def run_check(name: str) -> None:
    """Check a rulebook folder.

    Raises:
        typer.Exit: 1 when it has problems.
    """
    from data_contracts.document import DocumentError
    from scoring.rulebook import find_rulebook, load_rulebook

    try:
        book = load_rulebook(find_rulebook(name))
    except DocumentError as error:
        for problem in error.problems:
            note(str(problem))
        note(f"{len(error.problems)} problem{'s' if len(error.problems) != 1 else ''}")
        raise typer.Exit(1) from None
    for warning in book.warnings:
        note(f"warning: {warning}")
    units = ", ".join(unit.name for unit in book.units)
    typer.echo(f"{book.id}: fine ({units}; {book.period_from} to {book.period_to})")
