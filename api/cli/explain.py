"""`explain`: a unit's sheet on the terminal, then the records behind each line."""

from __future__ import annotations

import json
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from api.cli.say import table

if TYPE_CHECKING:
    from scoring.evaluation.explained import Explained, ExplainedLine, Record
    from scoring.evaluation.told import Told
    from scoring.rulebook import Rulebook
    from scoring.rulebook.wording.words import Language

RECORDS = 60
_WORDS: dict[Language, dict[str, str]] = {
    "zh": {"points": "得分", "level": "等级", "status": "状态", "rank": "位次", "division": "地区"},
    "en": {"points": "points", "level": "level", "status": "status", "rank": "rank", "division": "division"},
}


def run_explain(
    out: Path, unit: str, key: list[str], *, as_json: bool = False, language: Language | None = None
) -> None:
    """Print one unit; several where its key repeats.

    As JSON: a list of units, each with its lines (code, arguments, points, clause, sentences, records). With a
    *language*: its sentences, each with the records behind it.
    """
    from scoring.evaluation.explained import explain
    from scoring.evaluation.reopen import open_result

    if as_json or language is not None:
        from scoring.evaluation.told import tell

        result = open_result(out)
        told = tell(result, unit, key)
        if language is None or as_json:
            typer.echo(json.dumps([one.as_json() for one in told], ensure_ascii=False, indent=2))
            return
        for one in told:
            _sentences(one, language, result.rulebook)
        return
    for explained in explain(open_result(out), unit, key):
        _sheet(explained)


def _sheet(explained: Explained) -> None:
    rating = explained.rating
    outcome = [
        f"{name} {rating[name]}" for name in ("points", "level", "status", "rank", "division") if rating.get(name)
    ]
    typer.echo(f"{explained.unit} {rating['name']}: {', '.join(outcome)}")
    rows = [
        [line.line, line.title, line.amount, line.points, line.status, line.reason, line.clause]
        for line in explained.lines
    ]
    table(["line", "title", "amount", "points", "status", "reason", "clause"], rows, numeric=(2, 3))
    for line in explained.lines:
        if line.records:
            _records(line)


def _sentences(told: Told, language: Language, rulebook: Rulebook) -> None:
    from scoring.card.sentences import Explainer

    words, rating, explainer = _WORDS[language], told.explained.rating, Explainer(told.card)
    said = {**rating, "level": explainer.level(rating["level"]).text(language)} if rating.get("level") else rating
    shown = [f"{words[name]} {said[name]}" for name in words if said.get(name)]
    typer.echo(f"{told.card.title.text(language) or told.card.id} {rating['name']}: {', '.join(shown)}")
    behind = {line.line: line.records for line in told.explained.lines}
    for one in told.statements:
        typer.echo(f"{one.line:10}  {explainer.text(one, language)}".strip())
        for name, group in groupby(behind.get(one.line, ()), key=lambda record: record.table):
            ids = [record.record for record in group]
            more = f" … +{len(ids) - RECORDS}" if len(ids) > RECORDS else ""
            typer.echo(f"{'':10}  {_titled(name, rulebook, language)}: {', '.join(ids[:RECORDS])}{more}")


def _titled(name: str, rulebook: Rulebook, language: Language) -> str:
    """What a table or kind of unit is called; the name in words where only the other language has a title."""
    unit, contract = rulebook.unit_named(name), rulebook.contracts.get(name)
    if unit is not None:
        return unit.title.text(language) or name
    own = contract is not None and contract.language == language
    return contract.title if contract is not None and own else name.replace("_", " ")


def _records(line: ExplainedLine) -> None:
    typer.echo(f"\n{line.line} {line.title}: {len(line.records)} record{'s' if len(line.records) != 1 else ''}")
    for name, group in groupby(line.records, key=lambda record: record.table):
        found = list(group)
        columns = [column for column in found[0].columns if any(record.columns.get(column) for record in found)]
        typer.echo(f"  {name}")
        warned = ["warning"] if any(record.warnings for record in found) else []
        rows = [_row(record, columns) + [";".join(record.warnings) for _ in warned] for record in found[:RECORDS]]
        table(["record", "part", *columns, *warned], rows)
        if len(found) > RECORDS:
            typer.echo(f"  … and {len(found) - RECORDS} more")


def _row(record: Record, columns: list[str]) -> list[str]:
    return [record.record, record.part, *(record.columns.get(column, "") for column in columns)]
