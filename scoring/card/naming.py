"""A card's rules as sentences: what its names are called, and where a rule comes from, without the rulebook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from data_contracts.expressions.terms import Kind
from scoring.card.artefact import Card, Input
from scoring.rulebook.shape import Citation, Line, Row, Step
from scoring.rulebook.wording.naming import DAYS, MADE, Named
from scoring.rulebook.wording.ranks import ranked
from scoring.rulebook.wording.rows import conditions
from scoring.rulebook.wording.sentences import Sentences
from scoring.rulebook.wording.words import Language, Words
from scoring.rulebook.written import plain


@dataclass(frozen=True, slots=True)
class CardNames:
    """Titles of a card's inputs, in one language."""

    card: Card
    words: Words

    def find(self, path: tuple[str, ...]) -> Named | None:
        """What the input at *path* is called, or what the card itself makes; None where there is none."""
        one = self.card.input(".".join(path))
        if one is not None:
            return Named(called(one, self.words.language), one.type.kind)
        if path in DAYS:
            return Named(self._either(DAYS[path]), "day")
        if len(path) == 1 and path[0] in MADE:
            kind: Kind = "number" if path[0] in ("points", "missing_full", "edition_year") else "text"
            return Named(self._either(MADE[path[0]]), kind, self._levels() if path[0] == "level" else {})
        return None

    def table(self, name: str) -> str:
        """A card keeps the rows of a table, not its title."""
        return name

    def table_kind(self, name: str) -> Kind:
        """Kind of the values of a look-up table."""
        values = self.card.tables.get(name, {}).values()
        return "text" if any(isinstance(value, str) for value in values) else "number"

    def _levels(self) -> dict[str, str]:
        titles = self.card.levels.titles if self.card.levels else {}
        return {level: title.text(self.words.language) for level, title in titles.items()}

    def _either(self, pair: tuple[str, str]) -> str:
        return pair[self.words.language != "zh"]


def sentences_of(card: Card, language: Language) -> Sentences:
    """What makes sentences of the card's expressions."""
    return Sentences(CardNames(card, Words(language)))


def called(one: Input, language: str) -> str:
    """An input's title; its name in words where only the other language has one, and the name is English."""
    own = one.title.zh if language == "zh" else one.title.en
    return own or (one.title.en if language == "zh" else one.path[-1].replace("_", " ")) or one.name


def rule_of_line(line: Line, worth: Sequence[str], sentences: Sentences) -> str:
    """A line's formula, or all its tiers with what each is *worth*."""
    if not line.tiers:
        return "" if line.points is None else sentences.or_text(line.points)
    tier, gap, colon = ("{test}得{points}", ",", ":") if sentences.names.words.language == "zh" else _ENGLISH
    on = "" if line.on is None else sentences.or_text(line.on)
    tests = conditions(line.tiers, sentences)
    return on + colon + gap.join(tier.format(test=one, points=of) for one, of in zip(tests, worth, strict=True))


def rule_of_step(step: Step, sentences: Sentences) -> str:
    """When a step applies."""
    if step.rank is not None:
        return ranked(step.rank, sentences)
    return "" if step.when is None else sentences.or_text(step.when)


def written_line(line: Line, worth: Sequence[str]) -> str:
    """A line's rule as the rulebook writes it."""
    if line.on is None:
        return "" if line.points is None else line.points.text
    return f"{line.on.text}: " + "; ".join(f"{edges(row)}: {of}" for row, of in zip(line.tiers, worth, strict=True))


def written_step(step: Step) -> str:
    """The same for a step; for one by rank, what it takes."""
    if step.rank is not None:
        return step.rank.which
    return "" if step.when is None else step.when.text


def edges(row: Row) -> str:
    """The tests of a row: `≥ 90 & kind = 'red'`."""
    parts = []
    if row.lower is not None:
        parts.append(f"{'≥' if row.lower[1] else '>'} {plain(row.lower[0])}")
    if row.upper is not None:
        parts.append(f"{'≤' if row.upper[1] else '<'} {plain(row.upper[0])}")
    if row.when is not None:
        parts.append(row.when.text)
    return " & ".join(parts) or "else"


def cited(citation: Citation, language: str) -> str:
    """Clause and source; for what nobody has published, that it is a proposal, and after what.

    >>> cited(Citation(clause="第五条", source="YN"), "zh"), cited(Citation(basis="proposed", analogue=("YZ",)), "en")
    ('第五条[YN]', 'proposed, after YZ')
    """
    place = citation.clause + (f"[{citation.source}]" if citation.source else "")
    words = _BASIS[language]
    after = words["after"] + words["and"].join(citation.analogue) if citation.analogue else ""
    return words["gap"].join(part for part in (place, words.get(citation.basis, ""), after) if part)


_ENGLISH = ("{test}: {points}", "; ", ": ")
_BASIS: dict[str, dict[str, str]] = {
    "zh": {"proposed": "建议", "inferred": "推定", "after": "参照 ", "and": "、", "gap": ","},
    "en": {"proposed": "proposed", "inferred": "inferred", "after": "after ", "and": ", ", "gap": ", "},
}
