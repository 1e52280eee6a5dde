"""One unit of a finished result told line by line: its inputs looked up, its card scored, its records listed.

The sheet that was written stays the truth: a card that says other points than the sheet is an error, not an answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from data_contracts.expressions.resolve import day_number
from data_contracts.expressions.terms import columns
from data_contracts.model import RECORD_ID
from scoring.card.artefact import Card, Input
from scoring.card.naming import written_step
from scoring.card.sentences import Explainer, Statement, points_text
from scoring.evaluation.explained import Explained, explain
from scoring.evaluation.reopen import OpenedResult
from scoring.exact import decimal_text
from scoring.facts.one_row import Context, one_row
from scoring.facts.values import Path
from scoring.rulebook.relations import ForeignKey, Relation
from scoring.rulebook.shape import Citation, Source, Title, UnitRules


class SheetMismatchError(ValueError):
    """The card gives other points than the written sheet: the result folder was changed."""


@dataclass(frozen=True)
class Told:
    """One unit.

    Attributes:
        explained: Its rating row and lines as written, with records.
        values: Inputs of its card, exact.
        statements: Lines, bounds, steps and status; Σ points = the unit's points.
        sources: What the rulebook cites, by the ids that statements carry.
    """

    card: Card
    explained: Explained
    values: Mapping[str, Any]
    statements: tuple[Statement, ...]
    sources: Mapping[str, Source]

    def as_json(self) -> dict[str, Any]:
        """Plain values: code and arguments first, then both sentences, then the records."""
        explainer = Explainer(self.card)
        records = {line.line: line.records for line in self.explained.lines}
        cited = {name for one in self.statements for name in (one.citation.source, *one.citation.analogue)}
        named = sorted(cited & set(self.sources))
        return {
            "unit": self.explained.unit,
            "rating": {name: value for name, value in self.explained.rating.items() if value not in ("", "None")},
            "card": {"id": self.card.id, "sha256": self.card.digest},
            "lines": [
                {
                    "line": one.line,
                    "code": one.code,
                    "arguments": {name: _plain(value) for name, value in {**one.rule, **one.arguments}.items()},
                    "read": [{"zh": title.zh, "en": title.en, "value": value} for title, value in one.reads],
                    "points": points_text(one.points, self.card.unit),
                    **_cited(one.citation),
                    "zh": explainer.text(one, "zh"),
                    "en": explainer.text(one, "en"),
                    "records": [
                        {"table": record.table, "record": record.record, "part": record.part}
                        | ({"warnings": list(record.warnings)} if record.warnings else {})
                        for record in records.get(one.line, ())
                    ],
                }
                for one in self.statements
            ],
            "sources": {name: {"title": self.sources[name].title, "url": self.sources[name].url} for name in named},
        }


def tell(result: OpenedResult, unit: str, key: list[str]) -> list[Told]:
    """The unit named by *key*; several where the key repeats.

    Raises:
        NotAResultError: No such unit.
        SheetMismatchError: The folder does not fit together.
    """
    explained = explain(result, unit, key)
    rules = result.rulebook.unit_named(unit)
    if rules is None:
        raise LookupError(unit)
    card = Card.from_rules(result.rulebook, unit)
    facts = result.facts(unit)
    mask = pa.array([True] * facts.num_rows)
    for column, value in zip(rules.key, key, strict=True):
        mask = pc.and_(mask, pc.equal(facts[column], value))
    rows = facts.filter(mask).to_pylist()
    return [_told(result, rules, card, one, row) for one, row in zip(explained, rows, strict=True)]


def _told(result: OpenedResult, rules: UnitRules, card: Card, explained: Explained, row: dict[str, Any]) -> Told:
    values = {one.name: _value(result, rules, row, one) for one in card.inputs}
    ranked = card.levels is not None and any(step.rank is not None for step in card.levels.steps)
    outcome = (card.points_only() if ranked else card).score(values)
    points = explained.rating["points"]
    if points and decimal_text(outcome.points, card.unit) != points:
        found = decimal_text(outcome.points, card.unit)
        raise SheetMismatchError(f"{card.id} {explained.rating['name']}: found {points} points, the card says {found}")
    said = Explainer(card).statements(values, outcome)
    statements = (*said, *(_by_rank(card, explained) if ranked else ()))
    return Told(card, explained, values, statements, result.rulebook.sources)


def _by_rank(card: Card, explained: Explained) -> Iterator[Statement]:
    """Steps of a card with ranks, as the run wrote them: one record cannot tell."""
    steps = {step.id: step for step in (card.levels.steps if card.levels else ())}
    for line in explained.lines:
        if line.line in steps:
            step = steps[line.line]
            before, _, after = line.reason.partition(" → ")
            title = step.title if step.title != Title() else Title(step.id, step.id)
            code = "step.moved" if line.status == "applied" else "step.no_data"
            said: dict[str, str | Title] = {"title": title, "before": before, "after": after}
            said["rule"] = written_step(step)
            yield Statement(step.id, code, 0, said, step.citation)


def _value(result: OpenedResult, rules: UnitRules, row: dict[str, Any], one: Input) -> Any:
    """One input of one unit: a fact, a column of its own row, or one over foreign keys."""
    if any(one.name == fact.name for fact in rules.facts):
        return _exact(row, one.name)
    return _reached(result, rules.relation, row[RECORD_ID], one.path)


def _reached(result: OpenedResult, relation: Relation, record_id: str, path: Path) -> Any:
    """Where *path* leads from a record: a column, or what a unit was given when it was rated."""
    located = result.rulebook.schema.locate(relation, path)
    if located is None:
        raise LookupError(f"{'.'.join(path)}: found no such column")
    record = _followed(result, relation, record_id, located.hops)
    if record is None:
        return None
    if located.layer is not None:
        rated = _rated_as(result, located.layer, record) if located.hops else record[RECORD_ID]
        facts = result.facts(located.layer)
        rows = facts.filter(pc.equal(facts[RECORD_ID], rated)).to_pylist()
        return _exact(rows[0], located.column) if rows else None
    value = record[located.column]
    scale = located.type.scale
    return Fraction(value, 10**scale) if value is not None and scale and located.type.kind == "number" else value


def _rated_as(result: OpenedResult, unit: str, record: Mapping[str, Any]) -> str:
    """Record id of the unit that *record* belongs to: its own, or for a branch that of its head."""
    rules = result.rulebook.unit_named(unit)
    while rules is not None and rules.rated_as is not None:
        term, key = rules.rated_as.term, rules.key[0]
        row = {path: _scalar(_reached(result, rules.relation, record[RECORD_ID], path)) for path in columns(term)}
        head = one_row(term, row, Context.of(result.rulebook))
        if head == record[key]:
            break
        record = _rows(result.table(rules.relation.table), {key: head})[0]
    return str(record[RECORD_ID])


def _scalar(value: Any) -> Any:
    """A value as formulas compute with it: days and whole numbers as fractions."""
    if isinstance(value, date):
        return Fraction(day_number(value))
    return Fraction(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _followed(
    result: OpenedResult, relation: Relation, record_id: str, hops: tuple[ForeignKey, ...]
) -> dict[str, Any] | None:
    rows = _rows(result.table(relation.table), {RECORD_ID: record_id})
    for hop in hops:
        if not rows or any(rows[0][column] is None for column in hop.columns):
            return None
        wanted = {target: rows[0][column] for column, target in zip(hop.columns, hop.targets, strict=True)}
        rows = _rows(result.table(hop.table), wanted)
    return rows[0] if rows else None


def _rows(table: pa.Table, wanted: Mapping[str, Any]) -> list[dict[str, Any]]:
    mask = None
    for column, value in wanted.items():
        one = pc.equal(table[column], pa.scalar(value, table[column].type))
        mask = one if mask is None else pc.and_(mask, one)
    found: list[dict[str, Any]] = table.filter(mask).to_pylist()
    return found


def _exact(row: Mapping[str, Any], name: str) -> Any:
    value, den = row[name], row.get(f"{name}__den")
    return value if value is None or den is None else Fraction(value, den)


def _cited(citation: Citation) -> dict[str, Any]:
    """Clause and source, whether the rule is published, and what a proposal is taken from."""
    return {
        "clause": citation.clause,
        "source": citation.source,
        "basis": citation.basis,
        "analogue": list(citation.analogue),
    }


def _plain(value: str | Title) -> str | dict[str, str]:
    return {"zh": value.zh, "en": value.en} if isinstance(value, Title) else value
