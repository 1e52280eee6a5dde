"""A card as tables of texts, for people: what a document or workbook of it shows, in one language."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scoring.card.artefact import Card
from scoring.card.sentences import Language, number_text, points_text
from scoring.rulebook.shape import Line, Rank, Row, Step, Title


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table: its title, header and rows, all texts."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def sheets(card: Card, language: Language = "zh") -> list[Sheet]:
    """Card, inputs, lines, statuses, levels and steps; a part the card does not have is left out."""
    words, headers = _WORDS[language], _HEADERS[language]
    found = [
        Sheet(words["card"], headers["card"], tuple(_about(card, language))),
        Sheet(words["inputs"], headers["inputs"], tuple(_inputs(card, language))),
        Sheet(words["lines"], headers["lines"], tuple(_lines(card, card.rules.lines, language, ""))),
    ]
    if card.statuses:
        statuses = [
            (one.status, one.when.text, one.reason.text(language), one.citation.clause) for one in card.statuses
        ]
        found.append(Sheet(words["statuses"], headers["statuses"], tuple(statuses)))
    if card.levels is not None:
        titles = card.levels.titles
        rows = tuple(
            (row.level or row.status, titles.get(row.level, Title()).text(language), edges(row) or words["else"])
            for row in card.levels.rows
        )
        found.append(Sheet(words["levels"], headers["levels"], rows))
    if card.levels is not None and card.levels.steps:
        steps = tuple(_step(step, language) for step in card.levels.steps)
        found.append(Sheet(words["steps"], headers["steps"], steps))
    return found


def edges(row: Row) -> str:
    """The tests of a row: `≥ 90`; empty for the else."""
    parts = []
    if row.lower is not None:
        parts.append(f"{'≥' if row.lower[1] else '>'} {number_text(*row.lower[0].as_integer_ratio())}")
    if row.upper is not None:
        parts.append(f"{'≤' if row.upper[1] else '<'} {number_text(*row.upper[0].as_integer_ratio())}")
    if row.when is not None:
        parts.append(row.when.text)
    return " & ".join(parts)


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
        yield (
            line.id, section, line.title.text(language), _rule(card, line, language), when, full, missing,
            _bounds(card, line.within), _bounds(card, line.total), line.citation.clause,
        )  # fmt: skip
        yield from _lines(card, line.lines, language, line.id)


def _rule(card: Card, line: Line, language: Language) -> str:
    if line.on is not None:
        otherwise = _WORDS[language]["else"]
        tiers = [f"{edges(row) or otherwise}: {points_text(row.points, card.unit)}" for row in line.tiers]
        return f"{line.on.text}: {'; '.join(tiers)}"
    return line.points.text if line.points is not None else ""


def _bounds(card: Card, bounds: tuple[int | None, int | None] | None) -> str:
    if bounds is None:
        return ""
    low, high = ("" if one is None else points_text(one, card.unit) for one in bounds)
    return f"{low} … {high}"


def _step(step: Step, language: Language) -> tuple[str, ...]:
    test = step.when.text if step.when is not None else _rank(step.rank)
    effect = f"{step.action} {step.level or step.places}"
    return step.id, step.title.text(language), test, effect, ", ".join(step.even), step.citation.clause


def _rank(rank: Rank | None) -> str:
    if rank is None:
        return ""
    share = "" if rank.share is None else f"{number_text(*(rank.share * 100).as_integer_ratio())} %"
    among = f" among {rank.among.text}" if rank.among is not None else ""
    return f"{rank.which} {share or rank.number} ({rank.rounding}, {rank.ties}){among}"


_WORDS: dict[Language, dict[str, str]] = {
    "zh": {
        "card": "评分卡", "inputs": "数据", "lines": "评分项", "statuses": "状态", "levels": "等级",
        "steps": "等级调整", "id": "编号", "title": "名称", "unit": "分值单位", "start": "基础分", "full": "满分",
        "not_rated_when": "不予评定", "number": "数值,小数位", "ratio": "比值", "truth": "是否", "text": "文字",
        "day": "日期", "yes": "是", "no": "否", "else": "其他",
    },
    "en": {
        "card": "Card", "inputs": "Inputs", "lines": "Lines", "statuses": "Statuses", "levels": "Levels",
        "steps": "Steps", "id": "Id", "title": "Title", "unit": "Point unit", "start": "Start", "full": "Full points",
        "not_rated_when": "Not rated when", "number": "number, decimals", "ratio": "ratio", "truth": "truth",
        "text": "text", "day": "day", "yes": "yes", "no": "no", "else": "otherwise",
    },
}  # fmt: skip
_HEADERS: dict[Language, dict[str, tuple[str, ...]]] = {
    "zh": {
        "card": ("项", "值"),
        "inputs": ("数据", "名称", "类型", "可缺失", "取值"),
        "lines": ("编号", "所属", "名称", "规则", "条件", "满分", "缺失时", "本项上下限", "累计上下限", "依据"),
        "statuses": ("状态", "条件", "理由", "依据"),
        "levels": ("等级", "名称", "得分"),
        "steps": ("编号", "名称", "条件", "作用", "也适用于", "依据"),
    },
    "en": {
        "card": ("What", "Value"),
        "inputs": ("Input", "Title", "Kind", "May be missing", "Values"),
        "lines": ("Id", "Section", "Title", "Rule", "When", "Full", "Missing", "Bounds", "Bounds of total", "Clause"),
        "statuses": ("Status", "When", "Reason", "Clause"),
        "levels": ("Level", "Title", "Points"),
        "steps": ("Id", "Title", "When", "Effect", "Even for", "Clause"),
    },
}
