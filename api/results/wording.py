"""Expressions as people read them: facts and columns by their titles, operators and words in the reader's language.

Only the spelling changes: the expression as the rulebook writes it is always answered beside it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from api.results.queries import Result
from api.results.titles import text_of
from api.results.views import Bounds, Formula
from data_contracts.expressions import Term
from data_contracts.expressions.terms import Column
from data_contracts.model import Contract
from scoring.exact import decimal_text
from scoring.rulebook.relations import Relation
from scoring.rulebook.shape import Expression, Rulebook, Title, UnitRules

TOKEN: Final = re.compile(r"'(?:[^']|'')*'|[A-Za-z_][\w.]*|is\s+not\s+null\b|<=|>=|<>|\*|\S|\s+")
SIGNS: Final = {"<=": "≤", ">=": "≥", "<>": "≠", "*": "×"}
WORDS: Final = {
    "and": "且", "or": "或", "not": "非", "is": "为", "null": "空", "in": "属于", "between": "介于",
    "true": "是", "false": "否", "if": "若", "coalesce": "首个有值", "least": "取小", "greatest": "取大",
    "count": "计数", "sum": "合计", "mean": "平均", "share": "占比", "min": "最小", "max": "最大",
    "first": "首个", "last": "末个", "within_months": "在若干月内", "in_period": "在评价期内", "in_force": "在有效期内",
    "overlaps": "与评价期有重叠", "days_in_period": "评价期内天数", "add_months": "加月", "add_days": "加日",
    "add_working_days": "加工作日", "days_since_previous": "距前次天数", "year": "年份", "worse": "差于",
    "better": "优于", "given": "核定值", "as_of": "评价日", "period.from": "评价期首日", "period.to": "评价期末日",
    "points": "得分", "level": "等级", "status": "状态", "division": "所属区域", "missing_full": "缺失项满分",
}  # fmt: skip


def formula(
    book: Rulebook, expression: Expression | None, relation: Relation, facts: Mapping[str, Title]
) -> Formula | None:
    """An expression over rows of *relation*, with its names by their titles.

    Args:
        book: Whose contracts and units name columns.
        expression: None gives None.
        relation: The rows it is about.
        facts: Titles of names that are made on the way.
    """
    if expression is None:
        return None
    zh, en = (_spelled(book, expression.text, relation, facts, language) for language in ("zh", "en"))
    return Formula(expression.text, Title(zh, en))


def unit_formula(book: Rulebook, expression: Expression | None, rules: UnitRules) -> Formula | None:
    """An expression about a unit's own row and facts."""
    return formula(book, expression, rules.relation, {fact.name: fact.title for fact in rules.facts})


def name_title(book: Rulebook, path: str, relation: Relation, facts: Mapping[str, Title]) -> Title:
    """What a name means: a fact made on the way, or a column of a table or of a unit, over its foreign keys."""
    if path in facts and facts[path] != Title():
        return facts[path]
    located = book.schema.locate(relation, tuple(path.split(".")))
    if located is None:
        return Title()
    if located.layer is not None:
        rules = book.unit_named(located.layer)
        made = {fact.name: fact.title for fact in rules.facts} if rules else {}
        return made.get(located.column) or Title(WORDS.get(located.column, ""))
    return _column_title(book.contracts.get(located.relation.table), located.column)


def criterion(book: Rulebook, term: Term, rules: UnitRules) -> Title:
    """What units are ordered or limited by; `points` is nobody's column, so it goes by the service's own word."""
    path = ".".join(term.path) if isinstance(term, Column) else "…"
    if path == "points":
        return text_of("column.points")
    found = name_title(book, path, rules.relation, {fact.name: fact.title for fact in rules.facts})
    return Title(found.zh or path, found.en or path)


def bounds(pair: tuple[int | None, int | None] | None, result: Result | Rulebook) -> Bounds | None:
    """Bounds in whole units as decimal text."""
    if pair is None:
        return None
    unit = (result.book if isinstance(result, Result) else result).unit
    low, high = (None if one is None else decimal_text(one, unit) for one in pair)
    return Bounds(low, high)


def _spelled(book: Rulebook, text: str, relation: Relation, facts: Mapping[str, Title], language: str) -> str:
    found = []
    for token in TOKEN.findall(text):
        if token[0].isalpha() or token[0] == "_":
            found.append(_word(book, token, relation, facts, language))
        else:
            found.append(SIGNS.get(token, token))
    spelled = "".join(found)
    return spelled.replace("非 ", "非") if language == "zh" else spelled


def _word(book: Rulebook, word: str, relation: Relation, facts: Mapping[str, Title], language: str) -> str:
    title = name_title(book, word, relation, facts)
    if language == "zh":
        return title.zh or WORDS.get(word) or _table_title(book, word).zh or word
    return title.en or _table_title(book, word).en or word


def _table_title(book: Rulebook, word: str) -> Title:
    return book.tables[word].title if word in book.tables else Title()


def _column_title(contract: Contract | None, name: str) -> Title:
    column = contract.column(name) if contract else None
    if column is None or column.title == name:
        return Title()
    asked = column.type.kind == "truth" and column.title.startswith("是否")
    return Title(column.title[2:] if asked else column.title, name.replace("_", " "))
