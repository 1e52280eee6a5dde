"""`contract` and `fixes`: templates and documents from contracts, and the rows that go back to their offices."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from api.cli.say import USAGE, note, progress, refuse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from data_contracts.intake import Intake
    from data_contracts.model import Contract


def run_template(tables: list[str], out: Path) -> None:
    """Write a template for each of *tables* (all that offices deliver, when none is named).

    Raises:
        typer.Exit: 2 for a table without a contract.
    """
    from data_contracts.shelf import shipped_contracts
    from data_contracts.workbook import template_name, template_workbook

    contracts = {table: one for table, one in shipped_contracts().items() if not one.reference}
    for table in tables:
        if table not in contracts:
            raise refuse(f"found table {table!r}, allowed: {', '.join(sorted(contracts))}", USAGE)
    out.mkdir(parents=True, exist_ok=True)
    for table in tables or sorted(contracts):
        path = out / template_name(contracts[table])
        path.write_bytes(template_workbook(contracts[table]))
        typer.echo(str(path))


def run_docs(out: Path) -> None:
    """Write the data dictionary, and a JSON Schema, a suite and a template per contract, below *out*."""
    from data_contracts.gx import suite_document
    from data_contracts.publishing import data_dictionary, json_schema, json_text
    from data_contracts.shelf import shipped_contracts
    from data_contracts.workbook import template_name, template_workbook

    contracts = shipped_contracts()
    for folder in ("schemas", "suites", "templates"):
        (out / folder).mkdir(parents=True, exist_ok=True)
    (out / "data-dictionary.md").write_text(data_dictionary(contracts), encoding="utf-8")
    for table, contract in contracts.items():
        (out / "schemas" / f"{table}.schema.json").write_text(json_text(json_schema(contract)), encoding="utf-8")
        (out / "suites" / f"{table}.suite.json").write_text(json_text(suite_document(contract)), encoding="utf-8")
        if not contract.reference:
            (out / "templates" / template_name(contract)).write_bytes(template_workbook(contract))
    note(f"{len(contracts)} contracts written to {out}")


def run_release(out: Path) -> None:
    """Keep the contract files as they are released; later breaking changes need a new major version."""
    from importlib.resources import files

    out.mkdir(parents=True, exist_ok=True)
    for old in out.glob("*.odcs.yaml"):
        old.unlink()
    contracts = sorted((files("data_contracts") / "contracts").iterdir(), key=lambda file: file.name)
    for file in contracts:
        (out / file.name).write_bytes(file.read_bytes())
    note(f"{out}: {len(contracts)} contracts released")


def run_fixes(
    rulebook: str,
    data: Path,
    out: Path,
    corrections: Path | None,
    earlier: Sequence[Path] = (),
    person_key: Path | None = None,
) -> None:
    """Check a delivery; write what each office has to mend and to tell, and report and record of the batch.

    Raises:
        typer.Exit: 1 when there is something to mend, 2 when a folder is not there or *out* holds others.
    """
    from api.cli.evaluate import opened, say_linked, say_problems, taken_in
    from api.cli.persons import person_key as key_in
    from data_contracts.gx import record
    from data_contracts.publishing import json_text
    from data_contracts.report import batch_report
    from data_contracts.workbook import annotated_copies, fix_workbooks
    from scoring.evaluation.earlier import year_before
    from scoring.evaluation.reopen import open_result

    source, book = opened(rulebook)
    key = key_in(person_key, book.contracts, data, out, corrections, *earlier)
    with progress() as show:
        before = year_before(book, [open_result(one) for one in earlier])
        intake = taken_in(source, book, data, show, corrections, key, before)
    names = {
        str(row["code"]): str(row["name"])
        for table, contract in book.contracts.items()
        if contract.reference and {"code", "name"} <= set(intake.tables[table].column_names)
        for row in intake.tables[table].select(["code", "name"]).to_pylist()
    }
    workbooks = {
        **fix_workbooks(intake.returned, book.contracts, names),
        **_queues(intake, book.contracts, names),
        **annotated_copies(intake.returned),
    }
    _refuse_others(out, workbooks)
    out.mkdir(parents=True, exist_ok=True)
    for name, workbook in workbooks.items():
        (out / name).write_bytes(workbook)
        typer.echo(str(out / name))
    say_linked(intake, book.contracts)
    for language in ("zh", "en"):
        (out / f"report.{language}.html").write_text(batch_report(intake, book.contracts, language), encoding="utf-8")
    validation = record(intake.checked, book.contracts)
    (out / "validation.json").write_text(json_text(validation), encoding="utf-8")
    say_problems(intake, book.contracts)
    if intake.refuses_batch or intake.returned:
        raise typer.Exit(1)


def _refuse_others(out: Path, workbooks: Mapping[str, bytes]) -> None:
    """Keep workbooks of another run: they may be mended by now, and those of this run would be taken for theirs."""
    others = [path for path in sorted(out.glob("*.xlsx")) if path.read_bytes() != workbooks.get(path.name)]
    if others:
        raise refuse(f"{out}: found {others[0].name} of another run, allowed: a folder without other workbooks", USAGE)


def _queues(intake: Intake, contracts: Mapping[str, Contract], offices: Mapping[str, str]) -> dict[str, bytes]:
    """Workbooks of the rows whose place nobody could tell, one per office and table, by file name."""
    from data_contracts.linking import questions
    from data_contracts.workbook import QUEUE_PREFIX, queue_workbook

    found: dict[str, bytes] = {}
    for table, linked in intake.linked.items():
        asked = questions(linked.waiting)
        for division in sorted({one.division for one in asked}):
            own = [one for one in asked if one.division == division]
            parts = (QUEUE_PREFIX, contracts[table].title, division, offices.get(division, ""))
            found["_".join(filter(None, parts)) + ".xlsx"] = queue_workbook(table, own, linked.names)
    return found
