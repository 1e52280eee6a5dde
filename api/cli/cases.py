"""`rulebook test`: the hand-computed cases of a rulebook, each that fails with what was expected and found."""

from __future__ import annotations

import typer

from api.cli.say import note


def run_test(name: str) -> None:
    """Run the cases beside a rulebook.

    Raises:
        typer.Exit: 1 when a case fails, or when the rulebook or its cases cannot be read.
    """
    from data_contracts.document import DocumentError
    from scoring.evaluation.cases import run_cases
    from scoring.rulebook import find_rulebook

    try:
        results = run_cases(find_rulebook(name))
    except DocumentError as error:
        for problem in error.problems:
            note(str(problem))
        note(f"{len(error.problems)} problem{'s' if len(error.problems) != 1 else ''}")
        raise typer.Exit(1) from None
    failed = [result for result in results if result.mismatches]
    for result in failed:
        case = result.case
        typer.echo(f"{case.at.source}:{case.at.line}: {case.title} ({case.clause})")
        for mismatch in result.mismatches:
            place = f"{case.at.source}:{mismatch.line}"
            typer.echo(f"  {place}: {mismatch.what}: expected {mismatch.expected}, found {mismatch.found}")
    typer.echo(f"{name}: {len(results)} cases, {len(failed)} failed")
    if failed:
        raise typer.Exit(1)
