"""`demo`: the shipped rulebooks on the bundled data, and how much of what a city published comes out again."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from importlib.resources import as_file
from pathlib import Path

import typer

from api.cli.evaluate import run_evaluate
from api.cli.explain import run_explain
from api.cli.say import table
from scoring.evaluation.reopen import OpenedResult, open_result
from scoring.rulebook import find_rulebook

TORONTO = "Contains information licensed under the Open Government Licence – Toronto."


@dataclass(frozen=True)
class Published:
    """A figure that the city published beside our own: which column of which table, and what it should equal.

    Attributes:
        ours: `points`, `level`, or the id of a line.
    """

    what: str
    column: str
    ours: str


def run_demo(out: Path) -> None:
    """Evaluate both Toronto books into *out* and print what was reproduced, the levels, best and worst, one sheet."""
    for name, published in _PUBLISHED.items():
        folder = out / name
        typer.echo(f"\n== {name} ==")
        with ExitStack() as stack:
            sample = stack.enter_context(as_file(find_rulebook(name) / "sample"))
            run_evaluate(name, sample, folder, None, [], with_records=True)
        result = open_result(folder)
        for figure in published:
            typer.echo(_reproduced(result, figure))
        for unit in result.units:
            _levels(result, unit)
    result = open_result(out / "rentsafeto-2023")
    _ends(result, "firm", ["points", "name"])
    typer.echo("\nOne building explained (property-credit explain):\n")
    run_explain(out / "rentsafeto-2023", "building", ["4153431", "2024-06-27"])
    typer.echo(f"\nResults are in {out}. {TORONTO}")


_PUBLISHED: dict[str, list[Published]] = {
    "rentsafeto-2017": [
        Published("published scores", "published_score", "points"),
        Published("follow-up bands", "published_band", "level"),
    ],
    "rentsafeto-2023": [
        Published("proactive scores", "proactive_score", "proactive"),
        Published("current scores", "current_score", "points"),
    ],
}


def _reproduced(result: OpenedResult, figure: Published) -> str:
    """How many units came out as published, unit by unit over the record each was rated from."""
    facts = result.facts("building")
    if figure.ours in ("points", "level"):
        ours = result.ratings["building"][figure.ours].to_pylist()
    else:
        lines = result.lines("building").to_pylist()
        ours = [row["points"] for row in lines if row["line"] == figure.ours]
    rows = result.table("evaluations")
    stored = dict(zip(rows["record_id"].to_pylist(), rows[figure.column].to_pylist(), strict=True))
    scale = result.rulebook.schema.tables["evaluations"].columns[figure.column].scale or 0
    shown = [_shown(stored[record], scale) for record in facts["record_id"].to_pylist()]
    same = sum(one == other for one, other in zip(ours, shown, strict=True))
    return f"{figure.what}: {same:,} of {len(shown):,} reproduced"


def _shown(value: object, decimals: int) -> str:
    if value is None or not decimals:
        return str(value)
    whole, part = divmod(int(str(value)), 10**decimals)
    return f"{whole}.{part:0{decimals}}".rstrip("0").rstrip(".")


def _levels(result: OpenedResult, unit: str) -> None:
    counts = result.manifest["units"][unit]
    if counts["levels"]:
        rules = result.rulebook.unit_named(unit)
        order = rules.levels.order if rules and rules.levels else ()
        table([f"{unit} level", "count"], [[level, f"{counts['levels'][level]:,}"] for level in order], numeric=(1,))


def _ends(result: OpenedResult, unit: str, columns: list[str]) -> None:
    rated = [row for row in result.ratings[unit].to_pylist() if row["points"]]
    rated.sort(key=lambda row: (-float(row["points"]), row["name"]))
    for what, rows in (("best", rated[:10]), ("worst", rated[-10:])):
        typer.echo(f"\nTen {what} of {len(rated):,} rated {unit}s:")
        table(columns, [[row[column] for column in columns] for row in rows], numeric=(0,))
