"""`demo`: real ratings of Toronto come out again as published; a made-up Kunming is rated, explained and served."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from importlib.resources import as_file
from pathlib import Path

import typer

from api.cli.evaluate import run_evaluate
from api.cli.explain import run_explain
from api.cli.say import table
from api.cli.synth import run_synth
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


def run_demo(out: Path, *, serve: bool) -> None:
    """Rate Toronto's two schemes and a synthetic Kunming into *out*; at the end show Kunming in the browser."""
    _toronto(out)
    _kunming(out)
    if serve:
        from api.cli.serve import serve as run_serve

        typer.echo("\nOpen http://127.0.0.1:8000 in a browser; Ctrl-C ends the demo.")
        run_serve(out / "kunming-2024", "127.0.0.1", 8000)


def _toronto(out: Path) -> None:
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
    _ends(open_result(out / "rentsafeto-2023"), "firm", ["points", "name"])
    typer.echo("\nOne building explained (property-credit explain):\n")
    run_explain(out / "rentsafeto-2023", "building", ["4153431", "2024-06-27"])
    typer.echo(f"\nResults are in {out}. {TORONTO}")


def _kunming(out: Path) -> None:
    """A made-up city by the proposed rulebook: levels of firms, and the candidates for demonstration sites."""
    typer.echo("\n== kunming/2024: a synthetic city by a proposed rulebook (no real firm, no official rating) ==")
    run_synth(out / "kunming-city", 1, 1.0, 1, ["xlsx"])
    folder = out / "kunming-2024"
    run_evaluate("kunming/2024", out / "kunming-city" / "delivered", folder, None, [], with_records=True)
    result = open_result(folder)
    for unit in ("project", "firm"):
        _levels(result, unit)
    nominated = [row for row in result.ratings["site"].to_pylist() if row["level"] == "nominated"]
    nominated.sort(key=lambda row: (row["division"], int(row["rank"])))
    typer.echo(f"\n{len(nominated)} demonstration-site candidates, at most two a county:")
    table(["division", "points", "name"], [[row["division"], row["points"], row["name"]] for row in nominated], (1,))


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
