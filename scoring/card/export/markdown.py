"""A card as a Markdown document: every line with its rule, bounds and clause."""

from __future__ import annotations

from scoring.card.artefact import Card
from scoring.card.export.tables import sheets
from scoring.rulebook.wording.words import Language


def to_markdown(card: Card, language: Language = "zh") -> str:
    """The card as a document, one table per part."""
    parts = [f"# {_cell(card.title.text(language) or card.id)}"]
    for sheet in sheets(card, language):
        rows = [sheet.header, ("---",) * len(sheet.header), *sheet.rows]
        table = "\n".join(f"| {' | '.join(_cell(cell) for cell in row)} |" for row in rows)
        parts.append(f"## {sheet.title}\n\n{table}")
    return "\n\n".join(parts) + "\n"


def _cell(text: str) -> str:
    r"""A cell that cannot break out of its table or become markup.

    >>> _cell("a|b\n<i>")
    'a\\|b &lt;i>'
    """
    for mark in ("\\", "|", "*", "_", "`", "["):
        text = text.replace(mark, f"\\{mark}")
    return " ".join(text.split()).replace("<", "&lt;")
