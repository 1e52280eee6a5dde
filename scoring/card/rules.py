"""A rulebook's unit to its frozen card: the lines as they are, and what they read with all that may be given.

What a card does not do is left out: steps that are not enabled, titles of facts it does not read, line numbers of the
file. So two spellings of one rule have one digest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from fractions import Fraction
from typing import Any, TypeVar, cast

from data_contracts.expressions.resolve import did_you_mean
from data_contracts.expressions.terms import AddWorkingDays, Column, TableValue, Term, Type, walk
from scoring.card.artefact import Card, Input
from scoring.rulebook.shape import Expression, Rulebook, Title, UnitRules

MADE = frozenset({"points", "level", "status", "missing_full"})
T = TypeVar("T")
_MADE = {"points": Title("得分", "Points"), "level": Title("等级", "Level"), "status": Title("状态", "Status")}


def card_of(rulebook: Rulebook, name: str) -> Card:
    """The card of the unit *name*.

    Raises:
        LookupError: There is no such unit.
    """
    unit = rulebook.unit_named(name)
    if unit is None:
        known = [one.name for one in rulebook.units]
        raise LookupError(f"found unit {name!r}, allowed: {', '.join(known)}{did_you_mean(name, known)}")
    levels = unit.levels and replace(unit.levels, steps=tuple(step for step in unit.levels.steps if step.enabled))
    parts = _settled((unit.card, unit.statuses, levels), unit.division.term if unit.division else None)
    rules, statuses, levels = parts
    read = {part.path: part.type for term in _terms(parts) for part in walk(term) if isinstance(part, Column)}
    inputs = tuple(_input(rulebook, unit, path, read[path]) for path in sorted(read) if path[0] not in MADE)
    used = {part.table for term in _terms(parts) for part in walk(term) if isinstance(part, TableValue)}
    tables = {table: dict(sorted(rulebook.tables[table].rows.items())) for table in sorted(used)}
    counted = any(isinstance(part, AddWorkingDays) for term in _terms(parts) for part in walk(term))
    days = dict(sorted(rulebook.working_days.items())) if counted else {}
    return Card(f"{rulebook.id}/{name}", unit.title, rulebook.unit, inputs, rules, statuses, levels, tables, days)


def _input(rulebook: Rulebook, unit: UnitRules, path: tuple[str, ...], kind: Type) -> Input:
    fact = next((fact for fact in unit.facts if path == (fact.name,)), None)
    if fact is not None:
        return Input(".".join(path), _bare(fact.type), fact.title)
    located = rulebook.schema.locate(unit.relation, path)
    contract = rulebook.contracts.get(located.relation.table) if located is not None else None
    column = contract.column(path[-1]) if contract is not None else None
    if located is None or located.layer is not None or contract is None or column is None:
        title = _title_of_fact(rulebook, located.layer if located else None, path[-1])
        order = located.type.order if located is not None else None
        return Input(".".join(path), _bare(kind), title, order or ())
    title = Title(zh=column.title) if contract.language == "zh" else Title(en=column.title)
    return Input(".".join(path), _bare(kind), title, tuple(column.labels) if kind.kind == "text" else ())


def _title_of_fact(rulebook: Rulebook, unit: str | None, name: str) -> Title:
    rules = rulebook.unit_named(unit) if unit else None
    own = [fact.title for fact in rules.facts if fact.name == name] if rules else []
    return own[0] if own else _MADE.get(name, Title())


def _bare(kind: Type) -> Type:
    return replace(kind, order=None)


def _settled(value: T, division: Term | None) -> T:
    """The same without line numbers and level orders, and with the unit's division in place of its name."""
    found: Any = value
    if isinstance(found, Column) and found.path == ("division",) and division is not None:
        return cast("T", _settled(division, None))
    if isinstance(found, Type):
        return cast("T", _bare(found))
    if isinstance(found, tuple):
        return cast("T", tuple(_settled(part, division) for part in found))
    if isinstance(found, Mapping) or not is_dataclass(found):
        return value
    parts = {field.name: _settled(getattr(found, field.name), division) for field in fields(found)}
    if "line" in parts and isinstance(parts["line"], int):
        parts["line"] = 0
    return cast("T", replace(cast("Any", found), **parts))


def _terms(value: object) -> Iterator[Term]:
    """Every outermost term in a card's parts."""
    if isinstance(value, Term):
        yield value
    elif isinstance(value, Expression):
        yield value.term
    elif isinstance(value, tuple):
        for part in value:
            yield from _terms(part)
    elif is_dataclass(value) and not isinstance(value, Fraction):
        for field in fields(value):
            yield from _terms(getattr(value, field.name))
