"""What the public may not see of people: numbers of one to four, averages over so few, and what would tell them.

Exact figures stay in the result folder, for the bureau. Contracts say which columns are about people; what is made of
them follows through the rulebook: a count is withheld by its value, an average by the count it is over, and what is
computed from a withheld figure is withheld too. Of two counts of the same records, or of all and of some of them, that
differ by one to four people the smaller is withheld as well, for the difference is a number of people. So is the
smallest of several records where a sum would tell the others. Zero is no person.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import permutations
from typing import Any, Final, Literal

from api.results.queries import Result
from api.results.titles import text_of
from data_contracts.expressions.terms import Aggregate, Column, columns
from data_contracts.model import Contract
from scoring.rulebook.lineage import COUNT, counts_people, fact_origins, path_origins, taken_origins
from scoring.rulebook.shape import Fact, Title, UnitRules

LEAST: Final = 5
FEW: Final = "few"
OF_FEW, ABOUT_FEW, ALL_BUT_FEW = "people.few", "people.about", "people.but"
Kind = Literal["", "count", "average", "made", "other"]


def withheld_cells(contract: Contract, row: Mapping[str, Any]) -> dict[str, Title]:
    """Columns of one record that the public may not see, and what stands there instead."""
    given = [column for column in contract.columns if row.get(column.name) is not None]
    counts = {column.name: int(row[column.name]) for column in given if column.people == COUNT}
    found = _withheld_counts(counts)
    for column in given:
        if column.people == FEW or (column.people not in ("", COUNT) and _is_few(counts.get(column.people, 1))):
            found[column.name] = text_of(ABOUT_FEW)
    return found


def withheld_in_group(contract: Contract, rows: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Title]]:
    """By record the columns that the public may not see, where the sums over these records may be shown.

    Where what is withheld of a column amounts to fewer than five people, the smallest of its other numbers joins: else
    the sum less the numbers that are shown would tell it.
    """
    found = {record: withheld_cells(contract, row) for record, row in rows.items()}
    for name in counted_columns(contract):
        given = {record: int(row[name]) for record, row in rows.items() if row.get(name)}
        hidden = sum(count for record, count in given.items() if name in found[record])
        others = sorted((count, record) for record, count in given.items() if name not in found[record])
        if _is_few(hidden) and others:
            found[others[0][1]][name] = text_of(ALL_BUT_FEW)
    return found


def counted_columns(contract: Contract) -> list[str]:
    """Names of the columns that are numbers of people."""
    return [column.name for column in contract.columns if column.people == COUNT]


def withheld_facts(result: Result, kind: str, row: int) -> Mapping[str, Title]:
    """Facts of one unit that the public may not see, and what stands there instead."""
    kinds = result.kept(f"people/{kind}", lambda: _kinds(result, result.units(kind).rules))
    if not any(kinds.values()):
        return {}
    return result.kept(f"people/{kind}/{row}", lambda: _withheld_facts(result, kind, row, kinds))


def _kinds(result: Result, rules: UnitRules) -> dict[str, Kind]:
    """How each fact is about people: a count of them, an average over them, made of such facts, or otherwise."""
    found: dict[str, Kind] = {}
    for fact in rules.facts:
        found[fact.name] = _kind(result, rules, fact)
    return found


def _kind(result: Result, rules: UnitRules, fact: Fact) -> Kind:
    taken = any(origin.column.people for origin in taken_origins(result.book, rules, fact))
    few = any(origin.column.people == FEW for origin in fact_origins(result.book, rules, fact))
    if not (taken or few):
        return ""
    if counts_people(result.book, rules, fact):
        return "count"
    if fact.across is not None:
        return ""
    if fact.view is None:
        return "made"
    take = fact.take.term
    return "average" if not few and isinstance(take, Aggregate) and isinstance(take.by, Column) else "other"


def _withheld_facts(result: Result, kind: str, row: int, kinds: Mapping[str, Kind]) -> dict[str, Title]:
    rules, values = result.units(kind).rules, result.facts(kind, row)
    given = [fact for fact in rules.facts if kinds[fact.name] and values.get(fact.name) is not None]
    counted = {fact.name: _number(values, fact) for fact in given if kinds[fact.name] == "count"}
    same: dict[tuple[str, str], dict[str, int]] = {}
    for fact in given:
        if fact.name in counted:
            same.setdefault(_records(fact), {})[fact.name] = counted[fact.name]
    found = {
        name: title
        for (view, where), counts in same.items()
        for name, title in _withheld_counts({**(same.get((view, "")) or {}), **counts} if where else counts).items()
    }
    for fact in given:
        how = kinds[fact.name]
        few = how == "average" and _is_few(_over(rules, fact, counted))
        if how == "other" or few or (how == "made" and _reads_withheld(result, rules, fact, found)):
            found[fact.name] = text_of(ABOUT_FEW)
    return found


def _over(rules: UnitRules, fact: Fact, counted: Mapping[str, int]) -> int:
    """How many people an average is over: the fact that sums its weight over the same records; few when none does."""
    take = fact.take.term
    weight = take.by if isinstance(take, Aggregate) else None
    for other in rules.facts:
        summed = other.take.term
        if (
            other.name in counted
            and _records(other) == _records(fact)
            and isinstance(summed, Aggregate)
            and summed.function == "sum"
            and isinstance(summed.operand, Column)
            and isinstance(weight, Column)
            and summed.operand.path == weight.path
        ):
            return counted[other.name]
    return 1


def _reads_withheld(result: Result, rules: UnitRules, fact: Fact, found: Mapping[str, Title]) -> bool:
    """Whether a fact made of others reads a withheld one, or of people beyond the unit, who are not looked up."""
    own = {one.name for one in rules.facts}
    for path in columns(fact.take.term):
        if path[0] in found:
            return True
        if path[0] not in own and any(one.column.people for one in path_origins(result.book, rules, path)):
            return True
    return False


def _records(fact: Fact) -> tuple[str, str]:
    """What two facts about the same records have in common."""
    return (fact.view.name if fact.view else "", fact.where.text if fact.where else "")


def _number(values: Mapping[str, Any], fact: Fact) -> int:
    return int(values[fact.name]) // int(values.get(f"{fact.name}__den") or 1)


def _withheld_counts(counts: Mapping[str, int]) -> dict[str, Title]:
    """Counts of fewer than five, and those that are all but fewer than five of another."""
    found = {name: text_of(OF_FEW) for name, count in counts.items() if _is_few(count)}
    shown = ((name, count) for name, count in counts.items() if count and name not in found)
    pairs = permutations(shown, 2)
    return {**found, **{part: text_of(ALL_BUT_FEW) for (part, less), (_, more) in pairs if _is_few(more - less)}}


def _is_few(count: int) -> bool:
    return 0 < count < LEAST
