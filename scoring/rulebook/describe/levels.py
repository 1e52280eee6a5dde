"""Levels of one unit: their edges, the steps after them, and what follows from a level."""

from __future__ import annotations

from collections.abc import Iterator

from scoring.rulebook.describe.citations import Citations
from scoring.rulebook.describe.document import Block, Grid, Heading, Paragraph
from scoring.rulebook.shape import Levels, Step
from scoring.rulebook.wording.ranks import ranked
from scoring.rulebook.wording.rows import conditions
from scoring.rulebook.wording.sentences import Sentences
from scoring.rulebook.wording.words import Words


class LevelText:
    """Writes the levels of one unit."""

    def __init__(self, levels: Levels, about: str, sentences: Sentences, citations: Citations) -> None:
        self._levels, self._about = levels, about
        self._sentences, self._citations = sentences, citations
        self._words: Words = sentences.names.words

    def blocks(self) -> Iterator[Block]:
        """Order, rows, steps."""
        words, levels = self._words, self._levels
        yield Heading(3, words("levels"))
        yield Paragraph(words("levels.order", order=words.comma.join(map(self._named, levels.order))))
        yield Paragraph(words("rows.rule"))
        header = (words("level"), words("points"), words("basis"))
        yield Grid("levels", words("about", unit=self._about, what=words("levels")), header, tuple(self._rows()))
        if levels.steps:
            yield Heading(3, words("steps"))
            yield Paragraph(words("steps.rule"))
            columns = ("step", "title", "condition", "expression", "effect", "basis")
            rows = tuple(map(self._step, levels.steps))
            about = words("about", unit=self._about, what=words("steps"))
            yield Grid("levels", about, tuple(map(words, columns)), rows, frozenset({3}))

    def _named(self, level: str) -> str:
        title = self._levels.titles.get(level)
        text = title.text(self._words.language) if title else ""
        return f"{level} {text}" if text and text != level else level

    def _rows(self) -> Iterator[tuple[str, ...]]:
        for row, said in zip(self._levels.rows, conditions(self._levels.rows, self._sentences), strict=True):
            name = self._named(row.level) if row.level else self._words("status.row", status=row.status)
            yield name, said, self._citations.behind(row.citation)

    def _step(self, step: Step) -> tuple[str, ...]:
        words = self._words
        title = self._citations.marked(step.title.text(words.language), step.citation)
        title += "" if step.enabled else words("step.off")
        condition, text = ("", "")
        if step.rank is not None:
            condition = ranked(step.rank, self._sentences)
        elif step.when is not None:
            condition, text = self._sentences.of(step.when) or words("as_written"), step.when.text
        return step.id, title, condition, text, self._effect(step), self._citations.behind(step.citation)

    def _effect(self, step: Step) -> str:
        words = self._words
        if step.action == "move":
            said = words("step.down" if step.places < 0 else "step.up", places=abs(step.places))
        else:
            said = words(f"step.{step.action}", level=self._named(step.level))
        even = words("step.even", statuses=words.comma.join(step.even)) if step.even else ""
        return said + even
