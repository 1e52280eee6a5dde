"""A rulebook as a document that a bureau can publish: Markdown or a workbook, in Chinese or English.

The document is built once as headings, paragraphs and grids; both files are only ways to write it down, so neither can
say what the other does not. Every expression keeps its own text beside the sentence made of it.
"""

from __future__ import annotations

from scoring.rulebook.describe.book import describe
from scoring.rulebook.describe.document import Document
from scoring.rulebook.describe.markdown import markdown
from scoring.rulebook.describe.workbook import workbook

__all__ = ["Document", "describe", "markdown", "workbook"]
