"""Which values a fact can have at all, as far as contracts and look-up tables tell: nothing impossible is proposed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from data_contracts.expressions.terms import (
    Aggregate,
    Arithmetic,
    Coalesce,
    Column,
    Constant,
    Extreme,
    If,
    TableValue,
    Term,
)
from scoring.rulebook.relations import Relation
from scoring.rulebook.shape import Fact, Rulebook

Bound = Fraction | None


@dataclass(frozen=True, slots=True)
class Domain:
    """Bounds that belong to it, None where there is none; the single values where they are known, ascending."""

    low: Bound = None
    high: Bound = None
    values: tuple[Fraction, ...] = ()


ANY = Domain()
NONE_OR_MORE = Domain(Fraction(0))
RATE = Domain(Fraction(0), Fraction(1))


def domain_of(fact: Fact, rulebook: Rulebook) -> Domain:
    """What *fact*, a number taken from records, can be.

    >>> from scoring import load_rulebook
    >>> book = load_rulebook("kunming/2024")
    >>> facts = {fact.name: fact for fact in book.unit_named("project").facts}
    >>> [int(value) for value in domain_of(facts["party"], book).values]
    [0, 3, 5]
    >>> domain_of(facts["visits"], book) == Domain(Fraction(0), Fraction(100))
    True
    """
    return ANY if fact.view is None else _domain(fact.take.term, fact.view.relation, rulebook)


def _domain(term: Term, relation: Relation, rulebook: Rulebook) -> Domain:
    match term:
        case Constant(value=Fraction() as value):
            return _single([value])
        case Column():
            return _column(term, relation, rulebook)
        case TableValue():
            rows = rulebook.tables[term.table].rows.values()
            other = term.otherwise.value if term.otherwise is not None else None
            return _single(value for value in (*rows, other) if isinstance(value, Fraction))
        case If():
            return _either(_domain(part, relation, rulebook) for part in (term.then, term.otherwise))
        case Coalesce() | Extreme():
            return _either(_domain(part, relation, rulebook) for part in term.choices)
        case Aggregate():
            return _aggregate(term, relation, rulebook)
        case Arithmetic(operator="+" | "*" | "/"):
            both = [_domain(part, relation, rulebook) for part in (term.left, term.right)]
            return NONE_OR_MORE if all(one.low is not None and one.low >= 0 for one in both) else ANY
    return ANY


def _aggregate(term: Aggregate, relation: Relation, rulebook: Rulebook) -> Domain:
    if term.function == "count" or term.operand is None:
        return NONE_OR_MORE
    if term.function == "share":
        return RATE
    one = _domain(term.operand, relation, rulebook)
    match term.function:
        case "sum":
            low = Fraction(0) if one.low is not None and one.low >= 0 else None
            return Domain(low, Fraction(0) if one.high is not None and one.high <= 0 else None)
        case "mean":
            return Domain(one.low, one.high)
    return one


def _column(term: Column, relation: Relation, rulebook: Rulebook) -> Domain:
    """By the range that its contract lets through; what has been rated has none."""
    found = rulebook.schema.locate(relation, term.path)
    contract = rulebook.contracts.get(found.relation.table) if found is not None else None
    if found is None or contract is None or found.layer is not None or found.type.kind != "number":
        return ANY
    scale = Fraction(10 ** (found.type.scale or 0))
    low: Bound = None
    high: Bound = None
    for rule in contract.rules:
        if rule.kind == "range" and rule.severity == "error" and rule.columns == (found.column,):
            for name, value in rule.limits.items():
                edge = Fraction(value) / scale if isinstance(value, int) else None
                low = edge if name in {"minimum", "above"} else low
                high = edge if name in {"maximum", "below"} else high
    return Domain(low, high)


def _single(values: Iterable[Fraction]) -> Domain:
    known = tuple(sorted(set(values)))
    return Domain(known[0], known[-1], known) if known else ANY


def _either(domains: Iterable[Domain]) -> Domain:
    every = list(domains)
    lows, highs = [one.low for one in every], [one.high for one in every]
    low = None if None in lows else min(one for one in lows if one is not None)
    high = None if None in highs else max(one for one in highs if one is not None)
    single = all(one.values for one in every)
    return Domain(low, high, tuple(sorted({value for one in every for value in one.values})) if single else ())
