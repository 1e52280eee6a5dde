"""The whole document: opening, each unit in the order it is rated, records, look-up tables, sources."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from scoring.rulebook.describe.cards import CardText
from scoring.rulebook.describe.citations import Citations
from scoring.rulebook.describe.document import SHEETS, Block, Document, Grid, Heading, Paragraph
from scoring.rulebook.describe.levels import LevelText
from scoring.rulebook.describe.names import Names
from scoring.rulebook.shape import Citation, Fact, Line, Rulebook, Table, Title, UnitRules, View
from scoring.rulebook.wording.sentences import Sentences
from scoring.rulebook.wording.words import Words
from scoring.rulebook.written import plain, written


def describe(book: Rulebook, language: str = "zh") -> Document:
    """The scheme as a document.

    Args:
        book: Any rulebook that could be read; what is proposed or inferred in it is marked wherever it stands.
        language: zh or en; titles that are given in one language only appear in that one.
    """
    words = Words(language)
    sheets = {sheet: words(f"sheet.{sheet}") for sheet in SHEETS}
    title = book.title.text(language) or book.id
    return Document(title, language, sheets, str(book.period_from), tuple(_BookText(book, words).blocks()))


class _BookText:
    def __init__(self, book: Rulebook, words: Words) -> None:
        self._book, self._words = book, words
        self._citations = Citations(book, words)

    def blocks(self) -> Iterator[Block]:
        yield from self._opening()
        for unit in self._book.units:
            yield from self._unit(unit)
        yield from self._views()
        yield from self._lookups()
        yield from self._sources()

    def _opening(self) -> Iterator[Block]:
        book, words = self._book, self._words
        yield Heading(1, book.title.text(words.language) or book.id)
        if not book.official:
            yield Paragraph(words("unofficial"), warns=True)
        if any(citation.basis in ("proposed", "inferred") for citation in _citations_of(book)):
            yield Paragraph(words("marks", proposed=words("proposed"), inferred=words("inferred")), warns=True)
        note = book.citation.note.text(words.language)
        if note:
            yield Paragraph(note)
        yield Paragraph(words("missing.rule"))
        days = {"first": book.period_from, "last": book.period_to}
        rows = (
            (words("identifier"), book.id),
            (words("period"), words("period.value", **days)),
            (words("as_of"), words("as_of.value", **days)),
            (words("points_unit"), words("points_unit.value", unit=plain(book.unit))),
            (words("basis"), self._citations.behind(replace(book.citation, note=Title()))),
        )
        yield Grid("overview", "", (words("item"), words("content")), rows)

    def _unit(self, unit: UnitRules) -> Iterator[Block]:
        words, language = self._words, self._words.language
        about = unit.title.text(language) or unit.name
        names = Names(self._book, words, unit.relation, {fact.name: fact for fact in unit.facts}, unit)
        sentences = Sentences(names)
        yield Heading(2, words("unit", title=about))
        yield Grid("overview", about, (words("item"), words("content")), tuple(self._members(unit, names, sentences)))
        if unit.facts:
            yield Heading(3, words("facts"))
            columns = ("fact", "code", "how", "expression", "basis")
            rows = tuple(self._fact(fact, sentences) for fact in unit.facts)
            yield Grid(
                "counted",
                words("about", unit=about, what=words("facts")),
                tuple(map(words, columns)),
                rows,
                frozenset({1, 3}),
            )
        if unit.statuses:
            yield from self._statuses(unit, about, sentences)
        yield from CardText(unit, about, sentences, self._citations).blocks()
        if unit.levels is not None:
            yield from LevelText(unit.levels, about, sentences, self._citations).blocks()
        yield from self._consequences(unit, about)

    def _members(self, unit: UnitRules, names: Names, sentences: Sentences) -> Iterator[tuple[str, str]]:
        words = self._words
        rated = self._book.unit_named(unit.relation.name) is not None
        table = names.relation_title(unit.relation)
        yield words("unit.members"), words("unit.from_unit" if rated else "unit.from", table=table)
        keys = [named.text if (named := names.find((column,))) else column for column in unit.key]
        yield words("unit.key"), words.comma.join(keys)
        for key, expression in (("name", unit.label), ("division", unit.division), ("rated_as", unit.rated_as)):
            if expression is not None:
                yield words(f"unit.{key}"), sentences.or_text(expression)
        if behind := self._citations.apart(unit.citation, self._book.citation):
            yield words("basis"), behind

    def _fact(self, fact: Fact, sentences: Sentences) -> tuple[str, ...]:
        words = self._words
        title = fact.title.text(words.language) or fact.name
        said = self._taken(fact, sentences)
        text = fact.take.text
        if fact.view is not None:
            source = fact.view.name if fact.where is None else f"{fact.view.name} where {fact.where.text}"
            text = f"{text} of {source}"
        elif fact.across is not None:
            text = f"{text} across {', '.join(fact.across) or 'all'}"
        return (
            self._citations.marked(title, fact.citation),
            fact.name,
            said or words("as_written"),
            text,
            self._citations.behind(fact.citation),
        )

    def _taken(self, fact: Fact, sentences: Sentences) -> str:
        """What is taken from which records; empty where one of its expressions has no sentence."""
        zh = self._words.language == "zh"
        if fact.view is None:
            said = sentences.of(fact.take)
            if fact.across is None or not said:
                return said
            group = self._words.comma.join(sentences.said(column) for column in fact.across)
            whole = (
                (f"每个{group}内" if zh else f"within each {group}") if group else ("全部对象" if zh else "all units")
            )
            step = plain(fact.round) if fact.round is not None else ""
            return f"{whole}：{said}，四舍五入到{step}" if zh else f"{whole}: {said}, rounded to {step}"
        inside = Sentences(Names(self._book, self._words, fact.view.relation))
        said, where = inside.of(fact.take), inside.of(fact.where)
        if not said or (fact.where is not None and not where):
            return ""
        source = self._words.quoted(self._view_title(fact.view))
        if zh:
            return f"{source}中{where}的：{said}" if where else f"{source}：{said}"
        return f"of {source} where {where}: {said}" if where else f"of {source}: {said}"

    def _statuses(self, unit: UnitRules, about: str, sentences: Sentences) -> Iterator[Block]:
        words = self._words
        yield Heading(3, words("statuses"))
        yield Paragraph(words("statuses.rule"))
        rows = tuple(
            (
                status.status,
                self._citations.marked(status.reason.text(words.language), status.citation),
                sentences.of(status.when) or words("as_written"),
                status.when.text,
                self._citations.behind(status.citation),
            )
            for status in unit.statuses
        )
        columns = ("status", "reason", "condition", "expression", "basis")
        yield Grid(
            "levels",
            words("about", unit=about, what=words("statuses")),
            tuple(map(words, columns)),
            rows,
            frozenset({3}),
        )

    def _consequences(self, unit: UnitRules, about: str) -> Iterator[Block]:
        found = self._book.consequences.get(unit.name)
        if not found:
            return
        words = self._words
        keys = list(dict.fromkeys(key for values in found.values() for key in values))
        yield Heading(3, words("consequences"))
        rows = tuple((level, *(values.get(key, "") for key in keys)) for level, values in found.items())
        yield Grid("levels", words("about", unit=about, what=words("consequences")), (words("level"), *keys), rows)

    def _view_title(self, view: View) -> str:
        names = Names(self._book, self._words, view.relation)
        return view.title.text(self._words.language) or (
            view.name if view.line else names.relation_title(view.relation)
        )

    def _views(self) -> Iterator[Block]:
        if not self._book.views:
            return
        words = self._words
        yield Heading(2, words("views"))
        columns = ("view", "code", "view.from", "view.where", "view.time", "view.once", "expression", "basis")
        rows = tuple(map(self._view, self._book.views.values()))
        yield Grid("counted", words("views"), tuple(map(words, columns)), rows, frozenset({1, 6}))

    def _view(self, view: View) -> tuple[str, ...]:
        words = self._words
        names = Names(self._book, words, view.relation)
        sentences = Sentences(names)
        source = self._view_title(view.inner) if view.inner else names.relation_title(view.relation)
        where, time = sentences.of(view.where), sentences.of(view.time)
        return (
            self._citations.marked(self._view_title(view), view.citation),
            view.name,
            source,
            where or words("all" if view.where is None else "as_written"),
            time or words("any_time" if view.time is None else "as_written"),
            self._once(view, sentences),
            "; ".join(f"{key}: {part.text}" for key, part in (("where", view.where), ("time", view.time)) if part),
            self._citations.behind(view.citation),
        )

    def _once(self, view: View, sentences: Sentences) -> str:
        if view.keep is None:
            return self._words("every")
        term, highest = view.keep
        day = term.type.kind == "day"
        words = {(True, True): "latest", (True, False): "earliest", (False, True): "highest", (False, False): "lowest"}
        said = [sentences.said(text) or text for text in map(written, (*view.once_per, term))]
        keep = self._words(words[day, highest], what=said[-1])
        return self._words("once", keys=self._words.comma.join(said[:-1]), keep=keep)

    def _lookups(self) -> Iterator[Block]:
        if not (self._book.tables or self._book.working_days):
            return
        yield Heading(2, self._words("lookups"))
        for table in self._book.tables.values():
            yield from self._lookup(table)
        if self._book.working_days:
            yield from self._working_days()

    def _working_days(self) -> Iterator[Block]:
        words = self._words
        yield Heading(3, words("working_days"))
        rows = tuple(
            (str(day), words("day.worked" if worked else "day.off"))
            for day, worked in sorted(self._book.working_days.items())
        )
        yield Grid("tables", words("working_days"), (words("day"), words("lookup.value")), rows)

    def _lookup(self, table: Table) -> Iterator[Block]:
        words = self._words
        about = self._citations.marked(table.title.text(words.language) or table.name, table.citation)
        yield Heading(3, about)
        if behind := self._citations.behind(table.citation):
            yield Paragraph(behind.replace("\n", " "))
        rows = [(words.comma.join(key), _value(value)) for key, value in table.rows.items()]
        last = (
            (words("lookup.strict"), "") if table.otherwise is None else (words("lookup.else"), _value(table.otherwise))
        )
        yield Grid("tables", f"{about} ({table.name})", (words("lookup.key"), words("lookup.value")), (*rows, last))

    def _sources(self) -> Iterator[Block]:
        words, sources = self._words, self._book.sources
        if not sources:
            return
        yield Heading(2, words("sources"))
        columns = ("number", "code", "title", "source.url", "note")
        rows = tuple(
            (f"[{place}]", key, source.title, source.url, source.note)
            for place, (key, source) in enumerate(sources.items(), start=1)
        )
        yield Grid("sources", "", tuple(map(words, columns)), rows, frozenset({1}))


def _value(value: object) -> str:
    return value if isinstance(value, str) else plain(value)  # type: ignore[arg-type]  # a table holds texts or fractions


def _citations_of(book: Rulebook) -> Iterator[Citation]:
    """Every citation of the book."""
    yield book.citation
    yield from (table.citation for table in book.tables.values())
    yield from (view.citation for view in book.views.values())
    for unit in book.units:
        yield unit.citation
        yield from (fact.citation for fact in unit.facts)
        yield from (status.citation for status in unit.statuses)
        yield from _line_citations(unit.card.lines)
        if unit.levels is not None:
            yield from (row.citation for row in unit.levels.rows)
            yield from (step.citation for step in unit.levels.steps)


def _line_citations(lines: tuple[Line, ...]) -> Iterator[Citation]:
    for line in lines:
        yield line.citation
        yield from (row.citation for row in line.tiers)
        yield from _line_citations(line.lines)
