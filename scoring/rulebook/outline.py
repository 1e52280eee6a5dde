"""A rulebook as a tree of named clauses, each a short text: what two editions are compared by.

Mappings stand for what has names (facts, lines, steps), `Sequence` for rows that have none. Nothing here depends on the
order of keys in the file; where order means something it is a clause of its own, called `order`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import Union

from data_contracts.expressions import Term, Type
from data_contracts.expressions.resolve import EPOCH
from data_contracts.model import Column, Contract, Rule
from scoring.rulebook.shape import (
    CardRules,
    Citation,
    Expression,
    Fact,
    Levels,
    Line,
    Rank,
    Row,
    Rulebook,
    Status,
    Step,
    Table,
    Title,
    UnitRules,
    View,
)
from scoring.rulebook.written import plain, written


@dataclass(frozen=True, slots=True)
class Formula:
    """An expression: its text as written, and its meaning, by which two spellings of one rule are equal."""

    text: str
    term: Term


@dataclass(frozen=True, slots=True)
class Sequence:
    """Rows without names, in reading order: what each gives, and its clauses."""

    rows: tuple[tuple[str, Tree], ...]


@dataclass(frozen=True, slots=True)
class Order:
    """The order in which named clauses come, where it decides: what is added or removed does not change it."""

    names: tuple[str, ...]


Leaf = str | Formula
Tree = Mapping[str, "Node"]
Node = Union[Leaf, Sequence, Order, Tree]  # noqa: UP007  # Tree names Node by a text, which | cannot join


def outline(book: Rulebook) -> Tree:
    """All clauses of *book*; a clause at its default is left out, so writing the default out is no difference."""
    return _kept(
        {
            "rulebook": book.id,
            **_titled("title", book.title),
            "official": "true" if book.official else "",
            "period": {"from": str(book.period_from), "to": str(book.period_to)},
            "points": {"unit": plain(book.unit)},
            **_cited(book.citation),
            "sources": {
                key: {"title": source.title, "url": source.url, "note": source.note}
                for key, source in book.sources.items()
            },
            "tables": {name: _table(table) for name, table in book.tables.items()},
            "working days": {
                str(day): "worked" if worked else "not worked" for day, worked in book.working_days.items()
            },
            "records": {name: _view(view) for name, view in book.views.items()},
            "units": {unit.name: _unit(unit, book) for unit in book.units},
            "consequences": book.consequences,
            "contracts": {name: _contract(contract) for name, contract in book.contracts.items()},
            "order of units": Order(tuple(unit.name for unit in book.units)),
        }
    )


def _kept(tree: Mapping[str, Node]) -> Tree:
    """Without empty clauses, all the way down."""
    found: dict[str, Node] = {}
    for key, node in tree.items():
        kept = _kept(node) if isinstance(node, Mapping) else node
        if isinstance(kept, Sequence):
            kept = Sequence(tuple((name, _kept(row)) for name, row in kept.rows))
        if kept and kept != Sequence(()):
            found[key] = kept
    return found


def _titled(name: str, title: Title) -> dict[str, Node]:
    return {f"{name}.zh": title.zh, f"{name}.en": title.en}


def _cited(citation: Citation) -> dict[str, Node]:
    return {
        "clause": citation.clause,
        "source": citation.source,
        "basis": citation.basis,
        "analogue": ", ".join(citation.analogue),
        **_titled("note", citation.note),
    }


def _said(expression: Expression | None) -> Node:
    return "" if expression is None else Formula(" ".join(expression.text.split()), expression.term)


def _value(value: Fraction | str | None) -> str:
    return "" if value is None else plain(value) if isinstance(value, Fraction) else value


def _table(table: Table) -> Tree:
    rows = {"/".join(key): _value(value) or "''" for key, value in table.rows.items()}
    return {**_titled("title", table.title), "rows": rows, "else": _value(table.otherwise), **_cited(table.citation)}


def _view(view: View) -> Tree:
    source = view.inner.name if view.inner else view.relation.name
    keep = "" if view.keep is None else f"{'highest' if view.keep[1] else 'lowest'} {written(view.keep[0])}"
    return {
        **_titled("title", view.title),
        "from": source,
        "where": _said(view.where),
        "time": _said(view.time) or "any",
        "once_per": ", ".join(map(written, view.once_per)),
        "keep": keep,
        **_cited(view.citation),
    }


def _unit(unit: UnitRules, book: Rulebook) -> Tree:
    return {
        **_titled("title", unit.title),
        "from": unit.relation.name,
        "key": ", ".join(unit.key),
        "name": _said(unit.label),
        "division": _said(unit.division),
        "rated_as": _said(unit.rated_as),
        **_cited(unit.citation),
        "facts": {fact.name: _fact(fact, book.views) for fact in unit.facts},
        "statuses": Sequence(tuple((status.status, _status(status)) for status in unit.statuses)),
        "card": _card(unit.card, book.unit),
        "levels": {} if unit.levels is None else _levels(unit.levels),
    }


def _fact(fact: Fact, views: Mapping[str, View]) -> Tree:
    view, across = fact.view, fact.across
    own_time = view is not None and (view.name not in views or views[view.name].time != view.time)
    return {
        **_titled("title", fact.title),
        "of": "" if view is None else view.name,
        "time": (_said(view.time) or "any") if view is not None and own_time else "",
        "by": ".".join(key.name for key in fact.link),
        "where": _said(fact.where),
        "across": "" if across is None else ", ".join(across) or "all",
        "take": _said(fact.take),
        "round": _value(fact.round),
        **_cited(fact.citation),
    }


def _status(status: Status) -> Tree:
    return {
        "status": status.status,
        "when": _said(status.when),
        **_titled("reason", status.reason),
        **_cited(status.citation),
    }


def _card(card: CardRules, point: Fraction) -> Tree:
    lines = list(_lines(card.lines, "", point))
    return {
        "start": _points(card.start or None, point),
        "full": _points(card.full, point),
        "not_rated_when": _said(card.not_rated_when),
        **_cited(card.citation),
        "lines": dict(lines),
        "order of lines": Order(tuple(name for name, _ in lines)),
    }


def _lines(lines: Iterable[Line], section: str, point: Fraction) -> Iterator[tuple[str, Tree]]:
    for line in lines:
        yield line.id, _line(line, section, point)
        yield from _lines(line.lines, line.id, point)


def _line(line: Line, section: str, point: Fraction) -> Tree:
    missing = _points(line.missing, point) if isinstance(line.missing, int) else line.missing or ""
    return {
        **_titled("title", line.title),
        "section": section,
        "when": _said(line.when),
        "points": _said(line.points),
        "on": _said(line.on),
        "tiers": Sequence(tuple((f"{_points(row.points, point)} points", _tier(row, point)) for row in line.tiers)),
        "full": _points(line.full, point),
        "missing": missing,
        "within": _bounds(line.within, point),
        "total": _bounds(line.total, point),
        "total_round": _points(line.total_round, point),
        "round": ", ".join(map(plain, line.stages)),
        **_cited(line.citation),
    }


def _points(units: int | None, point: Fraction) -> str:
    return "" if units is None else plain(units * point)


def _bounds(bounds: tuple[int | None, int | None] | None, point: Fraction) -> str:
    if bounds is None:
        return ""
    low, high = (_points(bound, point) or "no bound" for bound in bounds)
    return f"{low} to {high}"


def _row(row: Row) -> dict[str, Node]:
    edges: dict[str, Node] = {}
    for name, edge, included, excluded in (
        ("lower edge", row.lower, "from", "above"),
        ("upper edge", row.upper, "to", "below"),
    ):
        edges[name] = "" if edge is None else f"{included if edge[1] else excluded} {plain(edge[0])}"
    return {**edges, "when": _said(row.when), **_titled("title", row.title), **_cited(row.citation)}


def _tier(row: Row, point: Fraction) -> Tree:
    return {"points": _points(row.points, point), **_row(row)}


def _levels(levels: Levels) -> Tree:
    titles: dict[str, Node] = {}
    for name, title in levels.titles.items():
        titles |= _titled(name, title)
    return {
        "order": ", ".join(levels.order),
        "titles": titles,
        **_cited(levels.citation),
        "rows": Sequence(
            tuple(
                (row.level or row.status, {"level": row.level, "status": row.status, **_row(row)})
                for row in levels.rows
            )
        ),
        "steps": {step.id: _step(step) for step in levels.steps},
        "order of steps": Order(tuple(step.id for step in levels.steps)),
    }


def _step(step: Step) -> Tree:
    effect = f"{step.places:+d}" if step.action == "move" else step.level
    return {
        **_titled("title", step.title),
        step.action: effect,
        "when": _said(step.when),
        **({} if step.rank is None else _rank(step.rank)),
        "even": ", ".join(step.even),
        "enabled": "" if step.enabled else "false",
        **_cited(step.citation),
    }


def _rank(rank: Rank) -> Tree:
    count = f"{plain((rank.share or Fraction(0)) * 100)} %" if rank.number is None else str(rank.number)
    return {
        rank.which: count,
        "count": rank.rounding if rank.number is None else "",
        "ties": rank.ties,
        "by": ", ".join(f"{'' if highest else 'asc '}{written(term)}" for term, highest in rank.by),
        "among": _said(rank.among),
        "per": _said(rank.per),
        "one_per": _said(rank.one_per),
    }


def _contract(contract: Contract) -> Tree:
    return {
        "title": contract.title,
        "key": ", ".join(contract.key) + (" (may repeat)" if contract.key_repeats else ""),
        "columns": {
            column.name: {
                "title": column.title,
                "type": _type(column.type),
                "synonyms": ", ".join(column.aliases),
                "codes": dict(column.labels),
                "classification": column.classification,
            }
            for column in contract.columns
        },
        "foreign keys": {
            link.name: f"{', '.join(link.columns)} → {link.table}.{', '.join(link.targets)}"
            for link in contract.relationships
        },
        "rules": {rule.id: _rule(rule, contract) for rule in contract.rules},
    }


def _type(type_: Type) -> str:
    decimals = f", {type_.scale} decimals" if type_.kind == "number" and type_.scale else ""
    return f"{type_.kind}{decimals}{'' if type_.optional else ', required'}"


def _rule(rule: Rule, contract: Contract) -> Tree:
    """What a column's own type, codes and `required` do not say already."""
    plainly = rule.kind in ("type", "required", "enum") and rule.severity == "error"
    column = contract.column(rule.columns[0]) if rule.columns else None
    limits = {name: _limit(value, column) for name, value in sorted(rule.limits.items()) if name != "title"}
    return {
        "severity": "" if plainly else rule.severity,
        "refuses": "" if rule.bad is None else written(rule.bad),
        **({} if plainly or rule.bad is not None else limits),
        "message": rule.message,
    }


def _limit(value: object, column: Column | None) -> str:
    if isinstance(value, tuple | list):
        return ", ".join(map(str, value))
    if column is None or not isinstance(value, int) or isinstance(value, bool):
        return str(value)
    if column.type.kind == "day":
        return str(EPOCH + timedelta(days=value))
    return plain(Fraction(value, 10 ** (column.type.scale or 0)))
