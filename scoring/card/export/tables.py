"""A card as tables of texts, for people: what a document or workbook of it shows, in one language."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scoring.card.artefact import Card
from scoring.card.naming import cited, edges, rule_of_step, sentences_of, written_line
from scoring.card.sentences import number_text, points_text
from scoring.rulebook.shape import Line, Step, Title
from scoring.rulebook.wording.sentences import Sentences
from scoring.rulebook.wording.words import Language
from scoring.rulebook.written import plain


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table: its title, header and rows, all texts."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def sheets(card: Card, language: Language = "zh") -> list[Sheet]:
    """Card, inputs, lines, statuses, levels, steps, tables and days; a part the card does not have is left out."""
    words, headers = _WORDS[language], _HEADERS[language]
    found = [
        Sheet(words["card"], headers["card"], tuple(_about(card, language))),
        Sheet(words["inputs"], headers["inputs"], tuple(_inputs(card, language))),
        Sheet(words["lines"], headers["lines"], tuple(_lines(card, card.rules.lines, language, ""))),
    ]
    if card.statuses:
        statuses = [
            (one.status, one.when.text, one.reason.text(language), cited(one.citation, language))
            for one in card.statuses
        ]
        found.append(Sheet(words["statuses"], headers["statuses"], tuple(statuses)))
    if card.levels is not None:
        titles = card.levels.titles
        rows = tuple(
            (row.level or row.status, titles.get(row.level, Title()).text(language), edges(row))
            for row in card.levels.rows
        )
        found.append(Sheet(words["levels"], headers["levels"], rows))
    if card.levels is not None and card.levels.steps:
        steps = tuple(_step(step, sentences_of(card, language)) for step in card.levels.steps)
        found.append(Sheet(words["steps"], headers["steps"], steps))
    if card.tables:
        found.append(Sheet(words["tables"], headers["tables"], tuple(_tables(card))))
    if card.working_days:
        days = tuple((str(day), words["worked" if worked else "off"]) for day, worked in card.working_days.items())
        found.append(Sheet(words["days"], headers["days"], days))
    return found


def _about(card: Card, language: Language) -> Iterator[tuple[str, ...]]:
    words = _WORDS[language]
    yield words["id"], card.id
    yield words["title"], card.title.text(language)
    yield words["unit"], number_text(*card.unit.as_integer_ratio())
    yield words["start"], points_text(card.rules.start, card.unit)
    if card.rules.full is not None:
        yield words["full"], points_text(card.rules.full, card.unit)
    if card.rules.not_rated_when is not None:
        yield words["not_rated_when"], card.rules.not_rated_when.text
    yield "SHA-256", card.digest


def _inputs(card: Card, language: Language) -> Iterator[tuple[str, ...]]:
    words = _WORDS[language]
    for one in card.inputs:
        kind = words.get(one.type.kind, one.type.kind)
        if one.type.kind == "number":
            kind = words["ratio"] if one.type.scale is None else f"{kind} {one.type.scale}"
        missing = words["yes"] if one.type.optional else words["no"]
        yield one.name, one.title.text(language), kind, missing, ", ".join(one.categories)


def _lines(card: Card, lines: tuple[Line, ...], language: Language, section: str) -> Iterator[tuple[str, ...]]:
    for line in lines:
        full = "" if line.full is None else points_text(line.full, card.unit)
        missing = points_text(line.missing, card.unit) if isinstance(line.missing, int) else line.missing or ""
        when = "" if line.when is None else line.when.text
        worth = [points_text(row.points, card.unit) for row in line.tiers]
        yield (
            line.id, section, line.title.text(language), written_line(line, worth), when, full, missing,
            _bounds(card, line.within), _bounds(card, line.total), _rounding(card, line),
            cited(line.citation, language),
        )  # fmt: skip
        yield from _lines(card, line.lines, language, line.id)


def _rounding(card: Card, line: Line) -> str:
    """The steps an amount is rounded through, then the one of the total after the line."""
    stages = [plain(step) for step in line.stages]
    return " → ".join([*stages, *([f"Σ {points_text(line.total_round, card.unit)}"] if line.total_round else [])])


def _tables(card: Card) -> Iterator[tuple[str, ...]]:
    for name, rows in card.tables.items():
        for key, value in rows.items():
            yield name, " / ".join(key), value if isinstance(value, str) else plain(value)


def _bounds(card: Card, bounds: tuple[int | None, int | None] | None) -> str:
    if bounds is None:
        return ""
    low, high = ("" if one is None else points_text(one, card.unit) for one in bounds)
    return f"{low} … {high}"


def _step(step: Step, sentences: Sentences) -> tuple[str, ...]:
    language = sentences.names.words.language
    test = step.when.text if step.when is not None else rule_of_step(step, sentences)
    effect = f"{step.action} {step.level or step.places}"
    return step.id, step.title.text(language), test, effect, ", ".join(step.even), cited(step.citation, language)


_WORDS: dict[Language, dict[str, str]] = {
    "zh": {
        "card": "评分卡", "inputs": "数据", "lines": "评分项", "statuses": "状态", "levels": "等级",
        "steps": "等级调整", "id": "编号", "title": "名称", "unit": "分值单位", "start": "基础分", "full": "满分",
        "not_rated_when": "不予评定", "number": "数值,小数位", "ratio": "比值", "truth": "是否", "text": "文字",
        "day": "日期", "yes": "是", "no": "否",
        "tables": "对照表", "days": "与官方日历不同的日子", "worked": "工作日", "off": "休息日",
    },
    "en": {
        "card": "Card", "inputs": "Inputs", "lines": "Lines", "statuses": "Statuses", "levels": "Levels",
        "steps": "Steps", "id": "Id", "title": "Title", "unit": "Point unit", "start": "Start", "full": "Full points",
        "not_rated_when": "Not rated when", "number": "number, decimals", "ratio": "ratio", "truth": "truth",
        "text": "text", "day": "day", "yes": "yes", "no": "no", "tables": "Tables", "days": "Own days",
        "worked": "worked", "off": "not worked",
    },
}  # fmt: skip
_HEADERS: dict[Language, dict[str, tuple[str, ...]]] = {
    "zh": {
        "card": ("项", "值"),
        "inputs": ("数据", "名称", "类型", "可缺失", "取值"),
        "lines": ("编号", "所属", "名称", "规则", "条件", "满分", "缺失时", "本项上下限", "累计上下限", "取整", "依据"),
        "statuses": ("状态", "条件", "理由", "依据"),
        "levels": ("等级", "名称", "得分"),
        "steps": ("编号", "名称", "条件", "作用", "也适用于", "依据"),
        "tables": ("表", "键", "值"),
        "days": ("日期", "是否工作"),
    },
    "en": {
        "card": ("What", "Value"),
        "inputs": ("Input", "Title", "Kind", "May be missing", "Values"),
        "lines": (
            "Id",
            "Section",
            "Title",
            "Rule",
            "When",
            "Full",
            "Missing",
            "Bounds",
            "Bounds of total",
            "Rounding",
            "Clause",
        ),
        "statuses": ("Status", "When", "Reason", "Clause"),
        "levels": ("Level", "Title", "Points"),
        "steps": ("Id", "Title", "When", "Effect", "Even for", "Clause"),
        "tables": ("Table", "Key", "Value"),
        "days": ("Day", "Worked"),
    },
}
