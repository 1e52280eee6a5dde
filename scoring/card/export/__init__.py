"""A card carried elsewhere: SQL for three databases, PMML, workbook, Markdown. Its own form is canonical JSON."""

from __future__ import annotations


class ExportError(ValueError):
    """Something of a card that the target cannot say, by name: it is refused, never left out."""
