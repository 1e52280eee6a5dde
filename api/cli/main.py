"""`property-credit`: the commands. Each imports what it needs when it runs, so that `--help` answers at once.

Exit codes: 0 fine, 1 refused input or something to mend, 2 usage: also a result, folder or key that cannot be used.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from scoring.rulebook.wording.words import Language

app = typer.Typer(
    name="property-credit",
    help="Credit evaluation of property-service firms: delivered files in, explained ratings out.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
rulebooks = typer.Typer(help="Check, test, describe, compare and list rulebooks.", no_args_is_help=True)
app.add_typer(rulebooks, name="rulebook")
contracts = typer.Typer(help="What follows from the contracts, and their release.", no_args_is_help=True)
app.add_typer(contracts, name="contract")

Book = Annotated[
    str,
    typer.Argument(metavar="RULEBOOK", help="A shipped rulebook (see `rulebook list`) or a folder with rulebook.yaml."),
]
Data = Annotated[Path, typer.Option("--data", metavar="DIR", help="Folder of delivered files.")]
Corrections = Annotated[
    Path | None, typer.Option("--corrections", metavar="DIR", help="Workbooks that came back from offices.")
]
Earlier = Annotated[
    list[Path] | None,
    typer.Option("--earlier", metavar="OUT", help="An earlier result; may be given several times."),
]
PersonKey = Annotated[
    Path | None,
    typer.Option(
        "--person-key",
        envvar="PROPERTY_CREDIT_PERSON_KEY",
        metavar="FILE",
        help="Key of the pseudonyms (see `person-key`); without it columns of persons stay empty.",
    ),
]
AsOf = Annotated[
    datetime | None,
    typer.Option(
        "--as-of",
        formats=["%Y-%m-%d"],
        metavar="DATE",
        help="Day of the period the rating speaks of; default its last day.",
    ),
]


@app.command()
def evaluate(  # noqa: PLR0913, PLR0917  # one per option of the command
    rulebook: Book,
    data: Data,
    out: Annotated[
        Path,
        typer.Option(
            "--out", metavar="DIR", help="Where the result goes: a new folder, or an earlier result to replace."
        ),
    ],
    as_of: AsOf = None,
    earlier: Earlier = None,
    records: Annotated[
        bool, typer.Option("--records", help="List the records behind every line in records.parquet.")
    ] = False,
    allow_refused: Annotated[
        float,
        typer.Option(
            "--allow-refused",
            metavar="PERCENT",
            min=0,
            max=100,
            help="Rate the rest up to this share of refused rows in a table.",
        ),
    ] = 5.0,
    corrections: Corrections = None,
    person_key: PersonKey = None,
) -> None:
    """Rate every unit of a rulebook from delivered files."""
    from api.cli.evaluate import run_evaluate

    day = as_of.date() if as_of else None
    run_evaluate(
        rulebook,
        data,
        out,
        day,
        earlier or [],
        with_records=records,
        allow_refused=allow_refused,
        corrections=corrections,
        person_key=person_key,
    )


@app.command()
def validate(
    rulebook: Book,
    data: Data,
    corrections: Corrections = None,
    earlier: Earlier = None,
    as_of: AsOf = None,
    changes_to: Annotated[
        Path | None, typer.Option("--changes", metavar="FILE", help="List every automatic change in this CSV file.")
    ] = None,
    person_key: PersonKey = None,
) -> None:
    """Check delivered files against the contracts; nothing is kept."""
    from api.cli.evaluate import run_validate

    day = as_of.date() if as_of else None
    run_validate(rulebook, data, corrections, earlier or (), changes_to, day, person_key)


@app.command()
def changes(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="A result that `evaluate --out` wrote.")],
    table: Annotated[str, typer.Option("--table", help="Only this table, by name or title.")] = "",
    reason: Annotated[str, typer.Option("--reason", help="Only these changes, e.g. serial, label or linked.")] = "",
) -> None:
    """List every cell that was changed on the way in, as CSV: what stood there, what it became and why."""
    from api.cli.changes import run_changes

    run_changes(out, table, reason)


@app.command()
def explain(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="A result that `evaluate --out` wrote.")],
    unit: Annotated[str, typer.Argument(metavar="UNIT", help="Kind of unit, e.g. building or firm.")],
    key: Annotated[list[str], typer.Argument(metavar="KEY…", help="Key of the unit, one value per key column.")],
    as_json: Annotated[
        bool, typer.Option("--json", help="Codes, arguments, sentences in Chinese and English, and records, as JSON.")
    ] = False,
    language: Annotated[
        Language | None, typer.Option("--language", help="Say every line as a sentence: zh or en.")
    ] = None,
) -> None:
    """Show a unit's lines, then the records behind each."""
    from api.cli.explain import run_explain

    run_explain(out, unit, key, as_json=as_json, language=language)


@rulebooks.command("check")
def check(
    folder: Annotated[str, typer.Argument(metavar="FOLDER", help="A rulebook folder, or a shipped name.")],
) -> None:
    """Name every problem of a rulebook at once."""
    from api.cli.rulebook import run_check

    run_check(folder)


@rulebooks.command("test")
def test(rulebook: Book) -> None:
    """Run a rulebook's own cases (cases.yaml)."""
    from api.cli.cases import run_test

    run_test(rulebook)


@rulebooks.command("describe")
def describe(
    rulebook: Book,
    language: Annotated[str, typer.Option("--language", help="zh or en.")] = "zh",
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="A .md or .xlsx file; standard output without it.")
    ] = None,
) -> None:
    """Write a rulebook as a document for people."""
    from api.cli.describe import run_describe

    run_describe(rulebook, language, out)


@rulebooks.command("diff")
def diff(
    one: Annotated[str, typer.Argument(metavar="A", help="The earlier rulebook.")],
    other: Annotated[str, typer.Argument(metavar="B", help="The later rulebook.")],
) -> None:
    """Name what differs between two rulebooks, clause by clause."""
    from api.cli.describe import run_diff

    run_diff(one, other)


@rulebooks.command("list")
def list_shipped() -> None:
    """List the shipped rulebooks."""
    from scoring.rulebook.shelf import shipped_rulebooks

    for name in shipped_rulebooks():
        typer.echo(name)


@contracts.command("template")
def template(
    tables: Annotated[list[str] | None, typer.Argument(metavar="[TABLE]…", help="Tables; all when left out.")] = None,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the workbooks go.")] = Path("templates"),
) -> None:
    """Write the workbooks that offices fill in."""
    from api.cli.contracts import run_template

    run_template(tables or [], out)


@contracts.command("docs")
def docs(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the documents go.")] = Path("docs/reference"),
) -> None:
    """Write the data dictionary, JSON Schemas, validation suites and templates of all contracts."""
    from api.cli.contracts import run_docs

    run_docs(out)


@contracts.command("release")
def release(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the files are kept.")] = Path(
        "data_contracts/released"
    ),
) -> None:
    """Record the contracts as released: a breaking change then needs a new major version."""
    from api.cli.contracts import run_release

    run_release(out)


@app.command()
def fixes(
    rulebook: Book,
    data: Data,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the workbooks and the report go.")],
    corrections: Corrections = None,
    earlier: Earlier = None,
    person_key: PersonKey = None,
) -> None:
    """Write for each office the rows it has to mend and the places it has to tell, and a report of the batch."""
    from api.cli.contracts import run_fixes

    run_fixes(rulebook, data, out, corrections, earlier or (), person_key)


@app.command("person-key")
def person_key(
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="A new file, apart from data and results.")],
) -> None:
    """Make the key of the pseudonyms; keep it for years, away from the data."""
    from api.cli.persons import run_person_key

    run_person_key(out)


@app.command()
def synth(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the city goes: delivered/ and truth/.")],
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same city.")] = 1,
    scale: Annotated[float, typer.Option("--scale", help="1 is Kunming with 354 firms.")] = 1.0,
    years: Annotated[int, typer.Option("--years", help="Years of records, 2024 the last.")] = 1,
    formats: Annotated[list[str] | None, typer.Option("--format", help="xlsx or parquet; default xlsx.")] = None,
) -> None:
    """Make up a city: workbooks as its offices would deliver them, every name marked synthetic."""
    from api.cli.synth import run_synth

    run_synth(out, seed, scale, years, formats or ["xlsx"])


@app.command()
def serve(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="A result that `evaluate --out --records` wrote.")],
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", help="Port to listen on.")] = 8000,
) -> None:
    """Show a result in the browser and over HTTP."""
    from api.cli.serve import serve as run_serve

    run_serve(out, host, port)


@app.command()
def demo(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the results go.")] = Path("build/demo"),
    serve: Annotated[
        bool,
        typer.Option(
            "--serve/--no-serve", envvar="DEMO_SERVE", help="Whether to show Kunming in the browser at the end."
        ),
    ] = True,
) -> None:
    """Rate Toronto from bundled data and a synthetic Kunming, then show Kunming in the browser."""
    from api.cli.demo import run_demo

    run_demo(out, serve=serve)


def main() -> None:
    """Run the command line; refused input ends with exit code 1 and its reasons, usage with 2."""
    from api.cli.say import refusals

    with refusals():
        app()
