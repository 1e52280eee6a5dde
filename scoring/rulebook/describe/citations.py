"""Sources in numbered order, and what stands behind each clause: article, source, mark, analogue, note."""

from __future__ import annotations

from dataclasses import dataclass, replace

from scoring.rulebook.shape import Citation, Rulebook
from scoring.rulebook.wording.words import Words


@dataclass(frozen=True, slots=True)
class Citations:
    """The sources of one book, numbered from 1 in the order they are listed."""

    book: Rulebook
    words: Words

    def number(self, source: str) -> int:
        """Number of a source."""
        return list(self.book.sources).index(source) + 1

    def mark(self, citation: Citation) -> str:
        """The mark of what is not published; empty for what is."""
        return self.words(citation.basis) if citation.basis in ("proposed", "inferred") else ""

    def marked(self, title: str, citation: Citation) -> str:
        """A title with its mark."""
        gap = "" if self.words.language == "zh" else " "
        return gap.join(part for part in (title, self.mark(citation)) if part)

    def apart(self, citation: Citation, around: Citation) -> str:
        """What a citation says that the one around it does not; empty where it only inherits."""
        same = replace(citation, note=around.note) == replace(around, clause=citation.clause)
        return "" if same and not citation.note.text() and not citation.clause else self.behind(citation)

    def behind(self, citation: Citation) -> str:
        """Everything a citation says, on one line, its note on the next."""
        words, parts = self.words, []
        if citation.clause:
            parts.append(citation.clause)
        if citation.source:
            parts.append(f"[{self.number(citation.source)}]")
        parts.append(self.mark(citation))
        if citation.analogue:
            numbers = "".join(f"[{self.number(source)}]" for source in citation.analogue)
            parts.append(f"{words('analogue')} {numbers}")
        if not (citation.basis or citation.clause or citation.source or citation.analogue):
            parts.append(words("uncited"))
        note = citation.note.text(words.language)
        line = " ".join(part for part in parts if part)
        return "\n".join(part for part in (line, note) if part)
