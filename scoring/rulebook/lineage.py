"""Which delivered columns a rule reads: through views of views, foreign keys and units rated before, down to contracts.

Asked where a column says something about persons: pseudonyms need a key, and numbers of people are not for everybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from data_contracts.expressions import Term
from data_contracts.expressions.terms import Aggregate, columns
from data_contracts.expressions.terms import Column as ColumnTerm
from data_contracts.model import Column
from scoring.rulebook.relations import Relation
from scoring.rulebook.shape import Fact, Rulebook, UnitRules, View

Path = tuple[str, ...]
COUNT = "count"
PICKING = ("sum", "max", "min", "first", "last")


@dataclass(frozen=True, slots=True)
class Origin:
    """A column of a delivered table that a rule reads.

    Attributes:
        unit, fact: The fact of a unit rated before through which it is read; empty where it is read itself.
    """

    table: str
    column: Column
    unit: str = ""
    fact: str = ""


def reading_persons(book: Rulebook) -> tuple[str, ...]:
    """Views, facts and units that read a pseudonym, by name: without the key they would see nobody.

    The columns a unit's lines and levels read are listed under the unit's name.
    """
    found = [view.name for view in book.views.values() if _reads_person(_of_view(book, view))]
    for rules in book.units:
        found += [f"{rules.name}.{one.name}" for one in rules.facts if _reads_person(fact_origins(book, rules, one))]
        own = (origin for path in sorted(rules.columns) for origin in path_origins(book, rules, path))
        found += [rules.name] if _reads_person(own) else []
    return tuple(dict.fromkeys(found))


def fact_origins(book: Rulebook, rules: UnitRules, fact: Fact) -> Iterator[Origin]:
    """Every column that a fact is made from, those that choose its records among them."""
    yield from taken_origins(book, rules, fact)
    if fact.view is not None:
        yield from _of_terms(book, fact.view.relation, [fact.where.term] if fact.where is not None else [])
        yield from _of_view(book, fact.view)


def taken_origins(book: Rulebook, rules: UnitRules, fact: Fact) -> Iterator[Origin]:
    """Every column that a fact's value is computed from."""
    if fact.view is not None:
        yield from _of_terms(book, fact.view.relation, [fact.take.term])
    else:
        for path in sorted(columns(fact.take.term)):
            yield from path_origins(book, rules, path)


def counts_people(book: Rulebook, rules: UnitRules, fact: Fact) -> bool:
    """Whether a fact is a number of people: such a column or fact itself, its sum, or one picked out of several."""
    take = fact.take.term
    if isinstance(take, Aggregate) and take.function in PICKING and take.operand is not None:
        take = take.operand
    if not isinstance(take, ColumnTerm):
        return False
    own = next((one for one in rules.facts if take.path == (one.name,)), None) if fact.view is None else None
    if own is not None:
        return own is not fact and counts_people(book, rules, own)
    located = book.schema.locate(fact.view.relation if fact.view is not None else rules.relation, take.path)
    rated = book.unit_named(located.layer) if located is not None and located.layer is not None else None
    if located is not None and rated is not None:
        made = next((one for one in rated.facts if one.name == located.column), None)
        return made is not None and counts_people(book, rated, made)
    contract = None if located is None else book.contracts.get(located.relation.table)
    column = None if contract is None or located is None else contract.column(located.column)
    return column is not None and column.people == COUNT


def path_origins(book: Rulebook, rules: UnitRules, path: Path) -> Iterator[Origin]:
    """Every column behind a name in an expression about a unit: its own columns, facts, and over foreign keys."""
    fact = next((one for one in rules.facts if path == (one.name,)), None)
    if fact is not None:
        yield from fact_origins(book, rules, fact)
    else:
        yield from _at(book, rules.relation, path)


def _of_view(book: Rulebook, view: View) -> Iterator[Origin]:
    tests = [one.term for one in (view.where, view.time) if one is not None]
    yield from _of_terms(book, view.relation, [*tests, *view.once_per, *(view.keep[:1] if view.keep else ())])
    if view.inner is not None:
        yield from _of_view(book, view.inner)


def _of_terms(book: Rulebook, relation: Relation, terms: Iterable[Term]) -> Iterator[Origin]:
    for term in terms:
        for path in sorted(columns(term)):
            yield from _at(book, relation, path)


def _at(book: Rulebook, relation: Relation, path: Path) -> Iterator[Origin]:
    """Columns behind a path from a row of *relation*; points, level and status lead no further."""
    located = book.schema.locate(relation, path)
    if located is None:
        return
    rated = book.unit_named(located.layer) if located.layer is not None else None
    if rated is not None:
        fact = next((one for one in rated.facts if one.name == located.column), None)
        for origin in fact_origins(book, rated, fact) if fact is not None else ():
            yield Origin(origin.table, origin.column, rated.name, located.column)
        return
    contract = book.contracts.get(located.relation.table)
    column = contract.column(located.column) if contract is not None else None
    if contract is not None and column is not None:
        yield Origin(contract.table, column)


def _reads_person(origins: Iterator[Origin]) -> bool:
    return any(origin.column.pseudonym for origin in origins)
