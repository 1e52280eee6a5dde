#!/usr/bin/env python3
"""Write the generated pages of docs/reference: rulebook.md, expressions.md and rulebook.schema.json.

Each example is a whole rulebook folder with one or more cases; it is run, what it says is expected must come out, and
the tables on the page show what came out. `python docs/reference/generate.py` writes the files, `--check` compares.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import indent
from typing import Any

from generate_expressions import expressions_page, plain

from data_contracts.document import read_document

HERE = Path(__file__).resolve().parent
EXAMPLES = HERE / "examples"
HEAD = """rulebook: example
basis: proposed
period: {from: 2024-01-01, to: 2024-12-31}
points: {unit: 0.01}
"""


class ExampleError(AssertionError):
    """An example that does not do what it says."""


@dataclass(frozen=True)
class Trial:
    """One case of an example, in the words of cases.yaml."""

    given: str
    expect: str
    as_of: str = ""
    note: str = ""


@dataclass(frozen=True)
class Example:
    """One construct, shown.

    Attributes:
        head: The lines before `rules`, the page's own unless the example needs others.
        files: Further files of the folder by path.
        refused: What `rulebook check` must say; such an example has no cases.
    """

    id: str
    title: str
    text: str
    rules: str
    head: str
    files: dict[str, str]
    trials: tuple[Trial, ...]
    refused: tuple[str, ...]

    @property
    def rulebook(self) -> str:
        """rulebook.yaml in full."""
        return self.head + self.rules


@dataclass(frozen=True)
class Chapter:
    """Examples that belong together."""

    title: str
    intro: str
    examples: tuple[Example, ...]


def chapters() -> list[Chapter]:
    """All chapters in the order of their files."""
    return [_chapter(file) for file in sorted(EXAMPLES.glob("[0-9]*.yaml"))]


def _chapter(file: Path) -> Chapter:
    content = plain(read_document(file.read_text("utf-8"), file.name))
    return Chapter(content["chapter"], content.get("intro", ""), tuple(map(_example, content.get("examples", []))))


def _example(entry: dict[str, Any]) -> Example:
    cases = entry.get("cases", [entry] if "given" in entry else [])
    as_of = entry.get("as_of", "")
    trials = [Trial(one["given"], one["expect"], one.get("as_of", as_of), one.get("note", "")) for one in cases]
    return Example(
        id=entry["id"],
        title=entry["title"],
        text=entry["text"],
        rules=entry["rules"],
        head=entry.get("head", HEAD),
        files=entry.get("files", {}),
        trials=tuple(trials),
        refused=tuple(entry.get("refused", ())),
    )


def write_folder(example: Example, folder: Path) -> None:
    """The example as a rulebook folder."""
    shutil.copytree(EXAMPLES / "contracts", folder / "contracts")
    (folder / "rulebook.yaml").write_text(example.rulebook, "utf-8")
    for name, text in example.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    if example.trials:
        cases = "".join(_case(example, trial) for trial in example.trials)
        (folder / "cases.yaml").write_text(f"cases:\n{cases}", "utf-8")


def _case(example: Example, trial: Trial) -> str:
    as_of = f"    as_of: {trial.as_of}\n" if trial.as_of else ""
    given, expect = indent(trial.given, " " * 6), indent(trial.expect, " " * 6)
    return f"  - case: {example.id}\n    clause: {example.id}\n{as_of}    given:\n{given}    expect:\n{expect}"


def run(example: Example) -> str:
    """Run the example and return its result as Markdown.

    Raises:
        ExampleError: Something else came out than it says.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "example"
        write_folder(example, folder)
        return _refusals(example, folder) if example.refused else _results(example, folder)


def _refusals(example: Example, folder: Path) -> str:
    from scoring.rulebook.load import problems_of

    found = [str(problem).partition(": ")[2] for problem in problems_of(folder)]
    if found != list(example.refused):
        raise ExampleError(f"{example.id}: expected {example.refused}, found {found}")
    return "\n".join(["`rulebook check` refuses it:", "", "```text", *found, "```"])


def _results(example: Example, folder: Path) -> str:
    from data_contracts.document import DocumentError
    from scoring.evaluation.cases import run_cases

    try:
        results = run_cases(folder)
    except DocumentError as error:
        raise ExampleError(f"{example.id}: {error}") from error
    wrong = [mismatch for result in results for mismatch in result.mismatches]
    if wrong:
        raise ExampleError(f"{example.id}: " + "; ".join(f"{one.what}: {one.expected} ≠ {one.found}" for one in wrong))
    parts = [_result(result, trial) for result, trial in zip(results, example.trials, strict=True)]
    return "\n\n".join(parts)


def _result(result: Any, trial: Trial) -> str:
    """What was given, then what came out, unit by unit in the order it is expected."""
    note = [trial.note.strip(), ""] if trial.note else []
    given = ["```yaml", trial.given.rstrip(), "```", ""]
    if result.case.refused:
        return "\n".join([*note, *given, f"The run is refused: *{result.case.refused}*."])
    checks = result.case.checks
    tables = [
        _table(unit, [check for check in checks if check.unit == unit], result)
        for unit in dict.fromkeys(check.unit for check in checks)
    ]
    return "\n".join([*note, *given, "\n\n".join(tables)])


def _table(unit: str, checks: Sequence[Any], result: Any) -> str:
    columns = list(dict.fromkeys((check.what, check.name) for check in checks if check.what != "absent"))
    order = ("fact", "line", "points", "level", "status", "rank", "step")
    columns.sort(key=lambda column: order.index(column[0]))
    keys = list(dict.fromkeys(check.key for check in checks if check.what != "absent"))
    outcomes = {outcome.key: outcome for outcome in result.outcomes[unit]}
    head = [unit, *(f"{what} {name}".strip() for what, name in columns)]
    rows = []
    for key in keys:
        outcome = next(iter(outcomes.values())) if key is None else outcomes[key]
        states = {(check.what, check.name): check.expected for check in checks if check.key == key}
        cells = [_cell(outcome, what, name, states.get((what, name), "")) for what, name in columns]
        rows.append([outcome.key, *cells])
    absent = [f"There is no {unit} {check.key}." for check in checks if check.what == "absent"]
    return "\n".join([_row(head), _row(["---"] * len(head)), *map(_row, rows), *(["", *absent] if absent else [])])


def _cell(outcome: Any, what: str, name: str, expected: str) -> str:
    if what == "line" and outcome.state(name) in ("not_applicable", "no_data"):
        return f"{outcome.text(what, name)} ({outcome.state(name)})"
    found = outcome.text(what, name)
    return str(expected) if what == "line" and expected and not found else str(found)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


# pages


def rulebook_page() -> str:
    """docs/reference/rulebook.md."""
    found = chapters()
    parts = [(EXAMPLES / "opening.md").read_text("utf-8").rstrip(), _tables(), "## Contents", _contents(found)]
    for chapter in found:
        parts.append(f"## {chapter.title}")
        if chapter.intro:
            parts.append(chapter.intro.rstrip())
        for example in chapter.examples:
            parts += _shown(example)
    return "\n\n".join(parts) + "\n"


def _tables() -> str:
    """The delivered tables that the examples use."""
    from data_contracts.odcs import load_contracts

    rows = []
    for name, contract in load_contracts([EXAMPLES / "contracts"]).items():
        links = {column: link for link in contract.relationships for column in link.columns}
        columns = []
        for column in contract.columns:
            kind = column.type.kind + ("" if column.type.optional else ", required")
            kind += f": {', '.join(column.labels)}" if column.labels else ""
            if column.name in links:
                kind += f", → `{links[column.name].table}` as `{links[column.name].name}`"
            columns.append(f"`{column.name}` ({kind})")
        rows.append(_row([f"`{name}`", "; ".join(columns)]))
    return "\n".join([_row(["table", "columns"]), _row(["---", "---"]), *rows])


def _contents(found: Sequence[Chapter]) -> str:
    lines = []
    for chapter in found:
        links = ", ".join(f"[{example.title}](#{_anchor(example.title)})" for example in chapter.examples)
        lines.append(f"- [{chapter.title}](#{_anchor(chapter.title)})" + (f": {links}" if links else ""))
    return "\n".join(lines)


def _anchor(title: str) -> str:
    kept = "".join(character for character in title.lower() if character.isalnum() or character in " -_")
    return kept.replace(" ", "-")


def _shown(example: Example) -> Iterator[str]:
    yield f"### {example.title}"
    yield example.text.rstrip()
    rules = example.rules if example.head == HEAD else example.rulebook
    yield f"```yaml\n{rules.rstrip()}\n```"
    for name, text in example.files.items():
        yield f"`{name}`:\n\n```text\n{text.rstrip()}\n```"
    if any(trial.as_of for trial in example.trials):
        yield f"As of {example.trials[0].as_of}:"
    yield run(example)


def schema_page() -> str:
    """docs/reference/rulebook.schema.json."""
    from scoring.rulebook.schema import schema_text

    return schema_text()


PAGES = {"rulebook.md": rulebook_page, "expressions.md": expressions_page, "rulebook.schema.json": schema_page}


def main(arguments: Sequence[str]) -> int:
    """Write every page, or with --check say which is not current."""
    stale = []
    for name, make in PAGES.items():
        file, text = HERE / name, make()
        if not file.is_file() or file.read_text("utf-8") != text:
            stale.append(name)
            if "--check" not in arguments:
                file.write_text(text, "utf-8")
    sys.stdout.write("".join(f"{name}\n" for name in stale))
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
