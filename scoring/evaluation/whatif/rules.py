"""The run again with another number in the rulebook: who would move, and by which line.

The number is changed in a copy of the file, at the very place where it is written, and the copy is read with all
checks; so a change that no rulebook could have is refused like any other mistake.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from importlib.resources.abc import Traversable
from pathlib import Path

import pyarrow as pa
import yaml

from data_contracts.expressions.resolve import did_you_mean
from scoring.evaluation.run import Evaluation, evaluate
from scoring.rulebook import Rulebook, load_rulebook

FILE = "rulebook.yaml"
NAMES = ("id", "level", "status")


class EditError(ValueError):
    """A place that the rulebook does not have."""


def evaluate_edited(
    folder: Path | Traversable | str,
    edits: Mapping[str, str],
    tables: Mapping[str, pa.Table],
    rulebook: Rulebook,
    earlier: Mapping[str, pa.Table] | None = None,
) -> Evaluation:
    """Rate everything by the rulebook in *folder* with other values at some places; compare with `moves`.

    Args:
        folder: The rulebook's folder.
        edits: Place to new text: names from the file joined with dots; an item of a list by its id, level or status,
            or by its number from 0: `units.firm.levels.rows.4A.from`.
        tables: Accepted rows per table.
        rulebook: As the first run had it, for its as-of day.
        earlier: Earlier rounds, as the first run had them.

    Raises:
        EditError: No such place, no single value there, or a new one that is no text.
        DocumentError: What the edited rulebook would be refused for.
    """
    return evaluate(edited(folder, edits, rulebook), tables, earlier=earlier)


def edited(folder: Path | Traversable | str, edits: Mapping[str, str], rulebook: Rulebook) -> Rulebook:
    """The rulebook with the values changed."""
    with tempfile.TemporaryDirectory() as place:
        copy = Path(place) / "rulebook"
        _copied(Path(folder) if isinstance(folder, str) else folder, copy)
        text = (copy / FILE).read_text("utf-8")
        for path, value in edits.items():
            if not isinstance(value, str):
                raise EditError(f"{path}: found {type(value).__name__} {value}, allowed: the text that stands there")
            start, end = _span(text, path)
            text = text[:start] + value + text[end:]
        (copy / FILE).write_text(text, "utf-8")
        return load_rulebook(copy, rulebook.as_of)


def _copied(source: Path | Traversable, target: Path) -> None:
    if isinstance(source, Path):
        shutil.copytree(source, target)
        return
    target.mkdir(parents=True)
    for item in source.iterdir():
        if item.is_dir():
            _copied(item, target / item.name)
        else:
            (target / item.name).write_bytes(item.read_bytes())


def _span(text: str, path: str) -> tuple[int, int]:
    """Where the value at *path* is written."""
    node: yaml.Node | None = yaml.compose(text, Loader=yaml.SafeLoader)
    parts = path.split(".")
    for place, part in enumerate(parts):
        below = _below(node)
        if part not in below:
            known = list(below)
            where = ".".join(parts[:place]) or FILE
            raise EditError(f"{where}: found no {part!r}, allowed: {', '.join(known[:30])}{did_you_mean(part, known)}")
        node = below[part]
    if not isinstance(node, yaml.ScalarNode):
        raise EditError(f"{path}: found several values, allowed: the place of one")
    return node.start_mark.index, node.end_mark.index


def _below(node: yaml.Node | None) -> dict[str, yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return {str(key.value): value for key, value in node.value}
    found: dict[str, yaml.Node] = {}
    if isinstance(node, yaml.SequenceNode):
        for place, item in enumerate(node.value):
            found[str(place)] = item
            named = _below(item) if isinstance(item, yaml.MappingNode) else {}
            name = next((str(named[key].value) for key in NAMES if key in named), None)
            if name is not None:
                found.setdefault(name, item)
    return found
