"""What a description consists of, whatever it is written as."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Sheet = Literal["overview", "counted", "lines", "tiers", "levels", "tables", "sources"]
SHEETS: tuple[Sheet, ...] = ("overview", "counted", "lines", "tiers", "levels", "tables", "sources")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; 1 is the title of the document."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; *warns* where it must not be overlooked."""

    text: str
    warns: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """A table.

    Attributes:
        sheet: Sheet of the workbook that it belongs to.
        about: What it speaks of where many stand on one sheet: a unit, a line, a look-up table.
        columns: Headers.
        rows: Cells as text, each row as long as *columns*.
        code: Columns that hold text of the language, not of people.
    """

    sheet: Sheet
    about: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    code: frozenset[int] = frozenset()


Block = Heading | Paragraph | Grid


@dataclass(frozen=True, slots=True)
class Document:
    """A whole description.

    Attributes:
        sheets: Names of the workbook's sheets in the document's language.
        dated: First day of the period: the day a workbook says it was made, so that its bytes depend on the book alone.
    """

    title: str
    language: str
    sheets: dict[Sheet, str]
    dated: str
    blocks: tuple[Block, ...]
