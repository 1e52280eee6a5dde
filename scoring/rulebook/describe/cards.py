"""The card of one unit: weights of its parts, its lines with what each gives, and the tiers of those that have any."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from scoring.exact import round_fraction
from scoring.rulebook.cards import leaves
from scoring.rulebook.describe.citations import Citations
from scoring.rulebook.describe.document import Block, Grid, Heading, Paragraph
from scoring.rulebook.shape import Line, UnitRules
from scoring.rulebook.wording.rows import conditions
from scoring.rulebook.wording.sentences import Sentences
from scoring.rulebook.wording.words import Words
from scoring.rulebook.written import plain

Bounds = tuple[int | None, int | None]


class CardText:
    """Writes the card of one unit."""

    def __init__(self, unit: UnitRules, about: str, sentences: Sentences, citations: Citations) -> None:
        self._card, self._around, self._about = unit.card, unit.citation, about
        self._point, self._sentences, self._citations = citations.book.unit, sentences, citations
        self._words: Words = sentences.names.words

    def blocks(self) -> Iterator[Block]:
        """Rules of the whole card, weights, lines, tiers."""
        words, card = self._words, self._card
        yield Heading(3, words("card"))
        yield from (Paragraph(text) for text in self._rules())
        weights = self._weights()
        if weights:
            header = (words("line"), words("section"), words("full"), words("weight"))
            yield Grid("overview", words("about", unit=self._about, what=words("weights")), header, weights)
        columns = ("section", "line", "title", "full", "way", "expression", "missing", "bounds", "basis")
        rows = tuple(self._lines(card.lines, ""))
        yield Grid("lines", self._about, tuple(map(words, columns)), rows, frozenset({5}))
        for line in leaves(card.lines):
            if line.tiers:
                yield from self._tiers(line)

    def _rules(self) -> Iterator[str]:
        words, card = self._words, self._card
        if card.start:
            yield words("start", points=self._points(card.start))
        if any(line.missing == "skip" for line in leaves(card.lines)):
            yield words("rescaled", full=self._points(card.full))
        if card.not_rated_when is not None:
            yield words("not_rated_when", condition=self._sentences.or_text(card.not_rated_when))
        if behind := self._citations.apart(card.citation, self._around):
            yield f"{words('basis')} {behind}".replace("\n", " ")

    def _weights(self) -> tuple[tuple[str, ...], ...]:
        """Full points of each section and their share; nothing where they do not add up to a known whole."""
        fulls = [(line, full_points(line)) for line in self._card.lines]
        if self._card.full is None and any(full is None for _, full in fulls):
            return ()
        known = [(line, full) for line, full in fulls if full]
        whole = self._card.full or sum(full for _, full in known)
        if len(known) < 2 or not whole:
            return ()
        return tuple(
            (line.id, line.title.text(self._words.language), self._points(full), percent(Fraction(full, whole)))
            for line, full in known
        )

    def _lines(self, lines: Sequence[Line], section: str) -> Iterator[tuple[str, ...]]:
        for line in lines:
            yield self._line(line, section)
            yield from self._lines(line.lines, line.id)

    def _line(self, line: Line, section: str) -> tuple[str, ...]:
        words = self._words
        full = full_points(line)
        written = line.points or line.on
        return (
            section,
            line.id,
            self._citations.marked(line.title.text(words.language), line.citation),
            words("dash") if full is None else self._points(full),
            self._way(line),
            written.text if written else "",
            self._missing(line),
            "\n".join(self._bounds(line)),
            self._citations.behind(line.citation),
        )

    def _way(self, line: Line) -> str:
        words = self._words
        if line.is_section:
            way = words("sum_of")
        elif line.on is not None:
            way = words("by_tiers", on=self._sentences.or_text(line.on))
        else:
            way = self._sentences.of(line.points) or words("as_written")
        if line.when is None:
            return way
        test = words("only_when", condition=self._sentences.or_text(line.when))
        return "\n".join(part for part in (way, test) if part)

    def _missing(self, line: Line) -> str:
        words = self._words
        if line.is_section:
            return ""
        if line.missing is None:
            return words("missing.never")
        if isinstance(line.missing, int):
            return words("missing.points", points=self._points(line.missing))
        return words(f"missing.{line.missing}")

    def _bounds(self, line: Line) -> Iterator[str]:
        words = self._words
        for name, bounds in (("within", line.within), ("total", line.total)):
            if bounds is not None and bounds != (None, None):
                yield self._bounded(name, bounds)
        if line.stages:
            yield words("round", steps=words.comma.join(map(plain, line.stages)))
        if line.total_round is not None:
            yield words("total_round", step=self._points(line.total_round))

    def _bounded(self, name: str, bounds: Bounds) -> str:
        low, high = bounds
        side = "both" if low is not None and high is not None else "high" if low is None else "low"
        return self._words(f"{name}.{side}", low=self._points(low), high=self._points(high))

    def _tiers(self, line: Line) -> Iterator[Block]:
        words = self._words
        about = words("tiers", line=line.id, title=line.title.text(words.language)).strip()
        yield Heading(4, about)
        header = (self._sentences.or_text(line.on) if line.on else "", words("points"), words("title"), words("basis"))
        said = conditions(line.tiers, self._sentences)
        rows = tuple(
            (text, self._points(row.points), row.title.text(words.language), self._citations.behind(row.citation))
            for text, row in zip(said, line.tiers, strict=True)
        )
        yield Grid("tiers", f"{self._about} {about}", header, rows)

    def _points(self, units: int | None) -> str:
        return "" if units is None else plain(units * self._point)


def full_points(line: Line) -> int | None:
    """The most a line or section can give, in units; None where the book does not say it."""
    if line.full is not None:
        return line.full
    if line.tiers:
        return max(row.points for row in line.tiers)
    upper = line.within[1] if line.within else None
    if upper is not None or not line.is_section:
        return upper
    parts = [full_points(part) for part in line.lines]
    return None if None in parts else sum(part for part in parts if part is not None)


def percent(share: Fraction) -> str:
    """A share with one decimal where it needs one.

    >>> percent(Fraction(1, 5)), percent(Fraction(1, 3))
    ('20%', '33.3%')
    """
    return f"{plain(round_fraction(share * 100, Fraction(1, 10)))}%"
