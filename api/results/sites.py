"""Candidates for a limited number of places per division: every yes and every no with its reason.

Which kind of unit that is follows from the rulebook: the first with a step that takes the best n `per` group.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from api.kernel.problems import Fault, ProblemError
from api.results.paths import unit_page
from api.results.queries import Result
from api.results.titles import cited, division_names
from api.results.views import Cell, Division, SiteDivision, SiteRow, Sites, UnitRow
from api.results.why import why
from api.results.wording import criterion
from data_contracts.expressions.terms import Column
from scoring.rulebook.shape import Rank, Step, Title, UnitRules

Describe = Callable[[Result, str, Sequence[int]], Sequence[UnitRow]]


def quota_step(rules: UnitRules) -> Step | None:
    """The step that gives the best n of each group a level; None for a kind of unit without one."""
    for step in rules.levels.steps if rules.levels else ():
        rank = step.rank
        if step.enabled and rank is not None and rank.which == "best" and rank.number is not None and rank.per:
            return step
    return None


def sites(result: Result, describe: Describe, division: str = "") -> Sites:
    """All candidates, division by division.

    Args:
        result: The result that is served.
        describe: Makes the rows of a list.
        division: Only this one.

    Raises:
        ProblemError: `sites.none` when the rulebook limits no places, `filter.unknown_value` for another division.
    """
    found = next(((rules, step) for rules in result.book.units if (step := quota_step(rules))), None)
    if found is None:
        raise ProblemError("sites.none")
    rules, step = found
    rank = step.rank
    if rank is None or rank.number is None:
        raise ProblemError("sites.none")
    names = division_names(result)
    units = result.units(rules.name)
    codes = np.array(units.ratings["division"].to_pylist(), object)
    if division and division not in codes:
        fault = Fault("division", division, ", ".join(sorted(set(codes))))
        raise ProblemError("filter.unknown_value", {"where": fault.where, "found": fault.found}, [fault])
    wanted = [code for code in dict.fromkeys(sorted(set(codes))) if division in ("", code)]
    parts = []
    for code in wanted:
        rows = np.flatnonzero(codes == code).tolist()
        parts.append(_division(result, rules, step, Division(code, names.get(code, code)), rows, describe))
    return Sites(
        rules.name,
        Title(rules.title.zh or rules.name, rules.title.en or rules.name),
        step.id,
        step.title,
        rank.number,
        criterion(result.book, rank.one_per.term, rules) if rank.one_per else Title(),
        tuple(criterion(result.book, term, rules) for term, _ in rank.by),
        cited(step.citation),
        tuple(parts),
        _totals(parts),
    )


def _division(
    result: Result, rules: UnitRules, step: Step, division: Division, rows: list[int], describe: Describe
) -> SiteDivision:
    described = dict(zip(rows, describe(result, rules.name, rows), strict=True))
    chosen = [row for row in rows if described[row].level == step.level]
    rank, places = step.rank, _places(result, rules, step, division.code)
    last = max((described[row].rank or 0 for row in chosen), default=0)
    holders = _holders(result, rules, rank, rows)
    found = []
    for row in rows:
        verdict, cause = _verdict(described[row], row in chosen, rank, last, full=len(chosen) >= places)
        reason = why(result, rules.name, row) if cause == "status" else None
        found.append(SiteRow(described[row], holders.get(row, Cell(None, "")), verdict, cause, None, reason))
    return SiteDivision(division, places, len(chosen), tuple(_ordered(found)))


def _verdict(row: UnitRow, chosen: bool, rank: Rank | None, last: int, *, full: bool) -> tuple[str, str]:
    """Yes or no and why; a candidate ahead of the last one taken was passed over, one behind found no place."""
    if chosen:
        return "nominated", "ranked"
    if row.status is not None:
        return "refused", "status"
    ahead = not full or (row.rank or 0) < last
    if ahead and rank is not None and rank.one_per is not None:
        return "reserve", "one_each"
    return "reserve", "not_among" if ahead else "quota_filled"


def _ordered(rows: list[SiteRow]) -> list[SiteRow]:
    """Nominated, then reserve, each by rank and numbered; then the refused by reason and key."""
    verdicts = ("nominated", "reserve", "refused")
    ranked = sorted(rows, key=lambda one: (verdicts.index(one.verdict), one.row.rank or 0))
    return [replace(one, place=place) if one.verdict != "refused" else one for place, one in enumerate(ranked, start=1)]


def _places(result: Result, rules: UnitRules, step: Step, division: str) -> int:
    frozen: Mapping[str, int] = result.manifest["units"][rules.name].get("places", {}).get(step.id, {})
    stated = step.rank.number if step.rank and step.rank.number is not None else 0
    return frozen.get(division, stated)


def _holders(result: Result, rules: UnitRules, rank: Rank | None, rows: list[int]) -> dict[int, Cell]:
    """Whom each candidate's place counts for, named as the unit it is, where the rule reads one fact."""
    term = rank.one_per.term if rank and rank.one_per else None
    path = term.path if isinstance(term, Column) else ()
    facts = result.opened.facts(rules.name)
    if len(path) != 1 or path[0] not in facts.column_names:
        return {}
    values = dict(zip(rows, facts[path[0]].take(pa.array(rows, pa.int64())).to_pylist(), strict=True))
    named = _named(result, {str(value) for value in values.values() if value is not None})
    return {row: named.get(str(value), Cell(value, str(value))) for row, value in values.items() if value is not None}


def _named(result: Result, keys: set[str]) -> dict[str, Cell]:
    """Units with one of these keys, of the first kind that has any."""
    for rules in result.book.units:
        units = result.units(rules.name)
        if len(rules.key) == 1 and quota_step(rules) is None:
            mine = units.ratings.filter(pc.is_in(units.keys, pa.array(sorted(keys), pa.string())))
            pairs = zip(mine[rules.key[0]].to_pylist(), mine["name"].to_pylist(), strict=True)
            found = {key: Cell(key, name, unit_page(rules.name, [key])) for key, name in pairs}
            if found:
                return found
    return {}


def _totals(parts: list[SiteDivision]) -> dict[str, int]:
    rows = [one for part in parts for one in part.candidates]
    verdicts = {verdict: sum(one.verdict == verdict for one in rows) for verdict in ("nominated", "reserve", "refused")}
    return {**verdicts, "places": sum(part.places for part in parts), "filled": sum(part.filled for part in parts)}
