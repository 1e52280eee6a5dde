#!/usr/bin/env python3
"""The page on expressions: every function, operator and aggregate with examples that are evaluated.

All examples are facts of one rulebook, so they run through the same code as a delivery; a fact that differs from what
the example says it gives is an error.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data_contracts.document import Entry, read_document

SOURCE = Path(__file__).resolve().parent / "examples" / "expressions"
HEAD = """rulebook: expressions
basis: proposed
period: {from: 2024-01-01, to: 2024-12-31}
points: {unit: 1}
tables:
  grade: {rows: {leak: 3, lift: 1}, else: 5}
"""
UNITS = """units:
  sample:
    from: samples
    key: [id]
    card: {lines: [{id: BASE, points: 70}]}
    levels: {order: [A, B, C], rows: [{level: A, from: 90}, {level: B, from: 60}, {level: C}]}
  shown:
    from: sample
    key: [id]
"""


@dataclass(frozen=True)
class Tried:
    """One example: an expression, where it stands, and what it gives (None: missing)."""

    write: str
    gives: str | None
    of: str


def plain(entry: Entry) -> Any:
    """A YAML document with every scalar as text."""
    if isinstance(entry.value, dict):
        return {key: plain(value) for key, value in entry.value.items()}
    if isinstance(entry.value, list):
        return [plain(value) for value in entry.value]
    return entry.value


def content() -> dict[str, Any]:
    """What the page is made of."""
    found: dict[str, Any] = plain(read_document((SOURCE / "page.yaml").read_text("utf-8"), "page.yaml"))
    return found


def tried(page: dict[str, Any]) -> list[Tried]:
    """Every example of the page, in order."""
    entries = [entry for section in page["sections"] for entry in section["entries"]]
    return [one for entry in entries for one in _of_entry(entry)]


def _of_entry(entry: dict[str, Any]) -> Iterator[Tried]:
    for key, of in (("examples", "row"), ("records", "visits"), ("of_none", "none"), ("keeps", "view")):
        for write, gives in entry.get(key, {}).items():
            yield Tried(write, gives, of)


def run(page: dict[str, Any]) -> None:
    """Evaluate every example.

    Raises:
        AssertionError: One of them gives something else.
    """
    from scoring.evaluation.cases import run_cases

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "contracts").mkdir()
        for file in SOURCE.glob("*.odcs.yaml"):
            shutil.copy(file, folder / "contracts")
        examples = tried(page)
        (folder / "rulebook.yaml").write_text(_rulebook(examples), "utf-8")
        (folder / "cases.yaml").write_text(_cases(page, examples), "utf-8")
        (result,) = run_cases(folder)
    if result.mismatches:
        wrong = [f"{_named(one.what, examples)}: {one.expected} ≠ {one.found}" for one in result.mismatches]
        raise AssertionError("; ".join(wrong))


def _named(what: str, examples: list[Tried]) -> str:
    return examples[int(what.rpartition("e")[2])].write


def _rulebook(examples: list[Tried]) -> str:
    views = [
        f"  v{place}: {{from: visits, where: {_quoted(one.write)}, time: any}}"
        for place, one in enumerate(examples)
        if one.of == "view"
    ]
    facts = [f"      e{place}: {{{_fact(place, one)}}}" for place, one in enumerate(examples)]
    card = "    card: {lines: [{id: BASE, points: 1}]}"
    return "\n".join([HEAD + "records:", *views, UNITS + "    facts:", *facts, card, ""])


def _fact(place: int, one: Tried) -> str:
    match one.of:
        case "visits":
            return f"of: visits, time: any, take: {_quoted(one.write)}"
        case "none":
            return f"of: visits, time: any, where: result > 100, take: {_quoted(one.write)}"
        case "view":
            return f"of: v{place}, take: count()"
    return f"take: {_quoted(one.write)}"


def _quoted(text: str | None) -> str:
    return "null" if text is None else '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _cases(page: dict[str, Any], examples: list[Tried]) -> str:
    rows = [_flow(row) for row in page["visits"]]
    expected = [f"            e{place}: {_quoted(_given(one))}" for place, one in enumerate(examples)]
    tables = [
        "        samples:",
        f"          - {_flow(page['row'])}",
        "        visits:",
        *(f"          - {r}" for r in rows),
    ]
    opening = ["cases:", "  - case: examples", "    clause: examples", "    given:", "      tables:"]
    return "\n".join(
        [*opening, *tables, "    expect:", "      shown:", "        S:", "          facts:", *expected, ""]
    )


def _given(one: Tried) -> str | None:
    """What the fact is; of a view, how many records it keeps."""
    if one.of != "view":
        return one.gives
    return "0" if one.gives in (None, "none") else str(len(str(one.gives).split()))


def _flow(row: dict[str, str]) -> str:
    return "{" + ", ".join(f"{_quoted(key)}: {_quoted(value)}" for key, value in row.items()) + "}"


def expressions_page() -> str:
    """docs/reference/expressions.md."""
    from data_contracts.expressions import syntax

    page = content()
    run(page)
    limits = {"length": syntax.MAX_LENGTH, "operators": syntax.MAX_OPERATORS, "depth": syntax.MAX_DEPTH}
    shown = [page["intro"].rstrip(), _rows([page["row"]], page["unset"])]
    for section in page["sections"]:
        shown.append(f"## {section['title']}")
        if "text" in section:
            shown.append(section["text"].rstrip())
        if section["title"] == "Aggregates":
            shown.append(_rows(page["visits"], []))
        shown.append(_table(section["entries"]))
    return "\n\n".join([*shown, page["closing"].format(**limits).rstrip()]) + "\n"


def _rows(rows: list[dict[str, str]], unset: list[str]) -> str:
    names = [*dict.fromkeys(name for row in rows for name in row), *unset]
    cells = [[f"`{name}`" for name in names], ["---"] * len(names)]
    cells += [[row.get(name, "*missing*") for name in names] for row in rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in cells)


def _table(entries: list[dict[str, Any]]) -> str:
    lines = ["| written | meaning | examples |", "| --- | --- | --- |"]
    for entry in entries:
        shown = "<br>".join(_example(one) for one in _of_entry(entry))
        lines.append(f"| {entry['form']} | {entry['says']} | {shown} |")
    return "\n".join(lines)


def _example(one: Tried) -> str:
    gives = "*missing*" if one.gives is None else one.gives
    match one.of:
        case "none":
            return f"of none: `{one.write}` → {gives}"
        case "view":
            return f"`{one.write}` keeps {gives}"
    return f"`{one.write}` → {gives}"


if __name__ == "__main__":
    sys.stdout.write(expressions_page())
