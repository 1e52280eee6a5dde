"""A description as Markdown that reads the same on any forge: headings, paragraphs, pipe tables."""

from __future__ import annotations

import re

from scoring.rulebook.describe.document import Block, Document, Grid, Heading, Paragraph

BAR = "\\|"
_SPECIAL = re.compile(r"([\\`*_<>|\[\]#~])")


def markdown(document: Document) -> str:
    """The whole document as UTF-8 text, ending in a newline; equal for equal documents."""
    return "\n\n".join(_block(block) for block in document.blocks) + "\n"


def _block(block: Block) -> str:
    match block:
        case Heading():
            return f"{'#' * block.level} {escaped(block.text)}"
        case Paragraph():
            return f"> **{escaped(block.text)}**" if block.warns else escaped(block.text)
        case Grid():
            return _grid(block)


def _grid(grid: Grid) -> str:
    head = [_line(list(map(escaped, grid.columns))), _line(["---"] * len(grid.columns))]
    body = [_line([_cell(text, place in grid.code) for place, text in enumerate(row)]) for row in grid.rows]
    return "\n".join(head + body)


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(text: str, is_code: bool) -> str:
    if is_code and text:
        fence = "``" if "`" in text else "`"
        return f"{fence}{text.replace('|', BAR)}{fence}"
    return "<br>".join(escaped(line) for line in text.splitlines())


def escaped(text: str) -> str:
    r"""*text* as itself: nothing in it is read as Markdown or HTML.

    >>> escaped("a_b | <c>")
    'a\\_b \\| \\<c\\>'
    """
    return _SPECIAL.sub(r"\\\1", text)
