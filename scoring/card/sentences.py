"""What a card did to one unit, line by line: a code with its arguments first, a Chinese or English sentence on demand.

Codes are stable and for machines; a sentence says what was counted, the rule, the points and the clause. Everything
that does not depend on the unit is put together once per card.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import gcd
from types import MappingProxyType
from typing import Any, NamedTuple

from data_contracts.expressions.terms import Column, Term, walk
from scoring.card.artefact import STATES, Card
from scoring.card.inputs import ALONE, DEN, EPOCH_ORDINAL
from scoring.card.naming import (
    called,
    cited,
    rule_of_line,
    rule_of_step,
    sentences_of,
    written_line,
    written_step,
)
from scoring.card.one import LineOutcome, Outcome
from scoring.rulebook.shape import Citation, Line, Step, Title
from scoring.rulebook.wording.words import Language

HUNDREDTH = Fraction(1, 100)
_NO_RULE: Mapping[str, str | Title] = MappingProxyType({})


class Statement(NamedTuple):
    """One line, bound, step or status of one unit.

    Attributes:
        line: Id of the line or step, or what follows from a bound; empty for a status.
        code: What happened, `line.applied`, `bound.within`, `step.moved`, `status`, ….
        points: Units; 0 for steps and statuses.
        arguments: What the sentence needs of this unit: texts, or titles in both languages.
        citation: Where the rule stands, or what it is proposed after.
        reads: What was counted: each value by its title.
        rule: What the sentence needs of the rule: title, rule, full points, what a missing value means.
    """

    line: str
    code: str
    points: int
    arguments: Mapping[str, str | Title]
    citation: Citation = Citation()
    reads: tuple[tuple[Title, str], ...] = ()
    rule: Mapping[str, str | Title] = _NO_RULE


class Explainer:
    """Says what a card did."""

    def __init__(self, card: Card) -> None:
        self._card = card
        self._leaves = {line.id: _Leaf(card, line) for line in card.lines()}
        self._sections = {line.id: line for line in _all(card.rules.lines)}
        self._steps = {step.id: step for step in (card.levels.steps if card.levels else ())}
        self._levels = dict(card.levels.titles) if card.levels else {}

    def statements(self, values: Mapping[str, Any], outcome: Outcome) -> list[Statement]:
        """Every line and step that has something to say, in the card's order; Σ points = the unit's points.

        Args:
            values: The inputs the outcome was made from.
            outcome: What the card said.
        """
        found = [self._line(line, values) for line in outcome.lines]
        if outcome.status is not None:
            found.append(self._status(outcome.status, outcome.decided_by))
        found += [self._step(self._steps[step.id], step.before, step.after) for step in outcome.steps]
        return found

    def text(self, statement: Statement, language: Language = "zh") -> str:
        """The sentence of one statement."""
        leaf = self._leaves.get(statement.line)
        if leaf is not None:
            return leaf.text(statement, language)
        named = {
            name: value.text(language) if isinstance(value, Title) else value
            for name, value in statement.arguments.items()
        }
        if statement.line in self._steps:
            named["rule"] = rule_of_step(self._steps[statement.line], sentences_of(self._card, language))
        text = _SENTENCES[language][statement.code].format_map(named)
        return text + _clause(statement.citation, language)

    def _line(self, line: LineOutcome, values: Mapping[str, Any]) -> Statement:
        leaf = self._leaves.get(line.id)
        if leaf is not None:
            return leaf.statement(line, values)
        owner, _, bound = line.id.partition(":")
        rule = self._sections.get(owner)
        points: dict[str, str | Title] = {"points": points_text(line.points, self._card.unit)}
        if rule is None:
            full = points_text(self._card.rules.full or 0, self._card.unit)
            return Statement(line.id, f"card.{bound}", line.points, {**points, "full": full})
        low, high = (rule.within if bound == "within" else rule.total) or (None, None)
        edges: dict[str, str | Title] = {
            "bounds": _bounds(low, high, self._card.unit),
            "step": points_text(rule.total_round or 0, self._card.unit),
        }
        return Statement(
            line.id, f"bound.{bound}", line.points, {"title": _named(rule.title, owner), **points, **edges},
            rule.citation,
        )  # fmt: skip

    def _step(self, step: Step, before: str | None, after: str | None) -> Statement:
        code = "step.no_data" if before == after else "step.moved"
        title = _named(step.title, step.id)
        arguments: dict[str, str | Title] = {
            "title": title,
            "before": self.level(before),
            "after": self.level(after),
            "rule": written_step(step),
        }
        return Statement(step.id, code, 0, arguments, step.citation)

    def level(self, level: str | None) -> Title:
        """A level by its code, with its name where it has one."""
        if level is None:
            return Title("无等级", "no level")
        title = self._levels.get(level, Title())
        return Title(f"{level}({title.zh})" if title.zh else level, f"{level} ({title.en})" if title.en else level)

    def _status(self, status: str, decided_by: int) -> Statement:
        if decided_by < 0:
            return Statement(
                "", "status", 0, {"status": status, "reason": _BUILT_IN.get(status, Title(status, status))}
            )
        rule = self._card.statuses[decided_by]
        reason = _named(rule.reason, rule.when.text)
        return Statement("", "status", 0, {"status": status, "reason": reason}, rule.citation)


class _Leaf:
    """What does not depend on the unit in the statements of one line."""

    def __init__(self, card: Card, line: Line) -> None:
        read = [one for one in card.inputs if one.path in _paths(line)]
        self._reads = tuple((one.name, one.name + DEN, _day if one.type.kind == "day" else _value) for one in read)
        self._titles = tuple(Title(called(one, "zh"), called(one, "en")) for one in read)
        self._title = _named(line.title, line.id)
        self._full = "" if line.full is None else points_text(line.full, card.unit)
        self._card, self._line = card, line
        self._worth = [points_text(row.points, card.unit) for row in line.tiers]
        self._policy = _POLICIES.get(str(line.missing), Title("按规定分值计", "the stated number counts"))
        self._codes = ["line.of_full" if line.full is not None else "line.applied"]
        self._codes += [f"line.{state}" for state in STATES[1:]]
        self._fixed: dict[str, str | Title] = {
            "title": self._title,
            "rule": written_line(line, self._worth),
            "full": self._full,
            "missing": self._policy,
        }
        unit = card.unit
        self._shown = _hundredths if unit == HUNDREDTH else lambda units: points_text(units, unit)
        self._templates: dict[tuple[str, str], str] = {}

    def statement(self, said: LineOutcome, values: Mapping[str, Any]) -> Statement:
        get = values.get
        reads = tuple(
            [
                (title, shown(get(name), get(den, ALONE)))
                for title, (name, den, shown) in zip(self._titles, self._reads, strict=True)
            ]
        )
        amount = "" if said.amount is None else number_text(*said.amount)
        arguments: dict[str, str | Title] = {"amount": amount, "points": self._shown(said.points)}
        citation = self._line.citation
        return Statement(said.id, self._codes[said.state], said.points, arguments, citation, reads, self._fixed)

    def text(self, statement: Statement, language: Language) -> str:
        """The sentence; what is the same for every unit is filled in once."""
        template = self._templates.get((language, statement.code)) or self._filled(language, statement.code)
        arguments = statement.arguments
        read = _read(statement.reads, language)
        return template.format(read=read, amount=arguments["amount"], points=arguments["points"])

    def _filled(self, language: Language, code: str) -> str:
        rule = rule_of_line(self._line, self._worth, sentences_of(self._card, language))
        said = {**self._fixed, "rule": rule}
        braced = {name: _braced(one.text(language) if isinstance(one, Title) else one) for name, one in said.items()}
        template = _SENTENCES[language][code] + _braced(_clause(self._line.citation, language))
        found = template.format(**braced, read="{read}", amount="{amount}", points="{points}")
        self._templates[language, code] = found
        return found


def number_text(num: int, den: int) -> str:
    """A number for people: decimals where four are enough, else the first four and the fraction.

    >>> number_text(1250, 100), number_text(-1, 3)
    ('12.5', '-0.3333… (-1/3)')
    """
    if den == 1:
        return str(num)
    scaled, rest = divmod(abs(num) * 10000, den)
    whole, decimals = divmod(scaled, 10000)
    sign = "-" if num < 0 else ""
    if rest:
        common = gcd(num, den)
        return f"{sign}{whole}.{decimals:04d}… ({num // common}/{den // common})"
    return f"{sign}{whole}.{decimals:04d}".rstrip("0") if decimals else f"{sign}{whole}"


def points_text(units: int, unit: Fraction) -> str:
    """Units as points; all decimals of the unit."""
    if unit == HUNDREDTH:
        return _hundredths(units)
    from scoring.exact import decimal_text

    return decimal_text(units, unit)


def _hundredths(units: int) -> str:
    return f"{units // 100}.{units % 100:02d}" if units >= 0 else f"-{-units // 100}.{-units % 100:02d}"


def _braced(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _clause(citation: Citation, language: Language) -> str:
    place = cited(citation, language)
    return _SENTENCES[language]["clause"].format(clause=place) if place else ""


def _named(title: Title, name: str) -> Title:
    return title if title.zh or title.en else Title(name, name)


def _all(lines: tuple[Line, ...]) -> list[Line]:
    return [part for line in lines for part in (line, *_all(line.lines))]


def _paths(line: Line) -> set[tuple[str, ...]]:
    tests = [line.points, line.on, line.when, *(row.when for row in line.tiers)]
    terms: list[Term] = [test.term for test in tests if test is not None]
    return {part.path for term in terms for part in walk(term) if isinstance(part, Column)}


def _bounds(low: int | None, high: int | None, unit: Fraction) -> str:
    return f"[{'' if low is None else points_text(low, unit)}, {'' if high is None else points_text(high, unit)}]"


def _read(reads: tuple[tuple[Title, str], ...], language: Language) -> str:
    """What was counted, in one language."""
    if not reads:
        return _NOTHING[language]
    if language == "zh":
        return "、".join([f"{title.zh} {_WORDS_ZH.get(shown, shown)}" for title, shown in reads])
    return ", ".join([f"{title.en} {shown}" for title, shown in reads])


def _value(value: Any, den: Any) -> str:
    if value is None or den is None or den == 0:
        return "missing"
    if value is True or value is False:
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value) if den is ALONE else number_text(*((value, den) if den > 0 else (-value, -den)))
    if isinstance(value, Fraction | Decimal):
        return number_text(*value.as_integer_ratio())
    return str(value)


def _day(value: Any, den: Any) -> str:
    """A day as people write it, also where it is a number of days since 1970-01-01."""
    if value is None or isinstance(value, date):
        return _value(value, den)
    ordinal = EPOCH_ORDINAL + int(value)
    return str(date.fromordinal(ordinal)) if 0 < ordinal <= date.max.toordinal() else str(value)


_NOTHING: dict[Language, str] = {"zh": "无需数据", "en": "nothing needed"}
_WORDS_ZH = {"missing": "缺失", "yes": "是", "no": "否"}
_POLICIES = {
    "zero": Title("按0分计", "it counts 0"),
    "full": Title("按满分计", "it counts in full"),
    "skip": Title("本项不计,按其余项折算", "the line is left out and the rest rescaled"),
    "not_rated": Title("不予评定", "the unit is not rated"),
    "None": Title("不予评定", "the unit is not rated"),
}
_BUILT_IN = {
    "NOT_RATED": Title("缺少评定所需的数据", "a value that is needed is missing"),
    "NO_DATA": Title("等级所需的数据缺失", "a value that the level needs is missing"),
}
_SENTENCES: dict[str, dict[str, str]] = {
    "zh": {
        "line.applied": "{title}:{read};规则 {rule};计 {amount},得 {points} 分。",
        "line.of_full": "{title}:{read};规则 {rule};计 {amount},得 {points} 分(满分 {full} 分)。",
        "line.not_applicable": "{title}:{read};不适用,不计分。",
        "line.no_data": "{title}:{read};数据缺失,{missing},得 {points} 分。",
        "line.waived": "{title}:{read};经决定免计。",
        "bound.within": "{title}:本项限于 {bounds} 分,调整 {points} 分。",
        "bound.total": "{title}:累计限于 {bounds} 分,调整 {points} 分。",
        "bound.total_round": "{title}:累计按 {step} 分取整,调整 {points} 分。",
        "card.start": "基础分 {points} 分。",
        "card.rescaled": "有缺项,按满分 {full} 分折算,调整 {points} 分。",
        "step.moved": "{title}({rule}):由 {before} 调整为 {after}。",
        "step.no_data": "{title}({rule}):数据缺失,未适用。",
        "status": "状态 {status}:{reason}。",
        "clause": "依据:{clause}。",
    },
    "en": {
        "line.applied": "{title}: {read}; rule {rule}; amount {amount}, {points} points.",
        "line.of_full": "{title}: {read}; rule {rule}; amount {amount}, {points} of {full} points.",
        "line.not_applicable": "{title}: {read}; does not apply, no points.",
        "line.no_data": "{title}: {read}; no data, {missing}: {points} points.",
        "line.waived": "{title}: {read}; waived by decision.",
        "bound.within": "{title}: bounded to {bounds} points, adjusted by {points} points.",
        "bound.total": "{title}: total bounded to {bounds} points, adjusted by {points} points.",
        "bound.total_round": "{title}: total rounded to {step} points, adjusted by {points} points.",
        "card.start": "Starting points {points}.",
        "card.rescaled": "Lines without data: rescaled to {full} points, adjusted by {points} points.",
        "step.moved": "{title} ({rule}): from {before} to {after}.",
        "step.no_data": "{title} ({rule}): no data, not applied.",
        "status": "Status {status}: {reason}.",
        "clause": " Clause: {clause}.",
    },
}
