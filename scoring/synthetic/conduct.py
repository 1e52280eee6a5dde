"""What firms earn and lose: commendations, takeovers, penalties, judgments, determinations.

What arises at one project is made in its block and delivered where the project is; what concerns a firm as a whole is
made where it is registered, year by year of its document, so that a later delivery holds the earlier records unchanged.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from scoring.synthetic.block import MEMORY, Block, YearOfCity
from scoring.synthetic.cells import (
    Flags,
    Ints,
    Rows,
    between,
    chance,
    counted,
    days,
    digits,
    flags,
    glued,
    identifiers,
    pick,
    stacked,
    words,
)
from scoring.synthetic.firms import Plight
from scoring.synthetic.names import AWARDS, MARK
from scoring.synthetic.streams import Draws
from scoring.synthetic.years import Year

_LEVELS: Final = ("national", "provincial", "city", "county", "subdistrict")
_ISSUERS: Final = tuple(f"{level}表彰机关({MARK})" for level in ("国家级", "省级", "市级", "县级", "街道"))
_CLASSES: Final = ("minor", "general", "severe")
_KINDS: Final = ("fees", "fire_safety", "special_equipment", "contract", "other", "public_revenue")
_LIABILITY: Final = ("full", "main", "equal", "minor", "none")
_DECIDED: Final = ("repair_fund_misuse", "refusal_to_leave", "fatal_accident", "major_accident", "false_declaration")
_PLIGHT_KINDS: Final = {
    Plight.MISUSE: 0,
    Plight.REFUSAL: 1,
    Plight.FATALITY: 2,
    Plight.ACCIDENT: 3,
    Plight.FALSEHOOD: 4,
}
_FALSEHOOD: Final = 4
_SENTENCES: Final = 26  # penalties of a notorious firm in its year
_PENALTY_MEMORY: Final = 2


def of_firms(now: YearOfCity, position: int) -> dict[str, Rows]:
    """Records that concern firms as a whole, of all years that a delivery of this year still holds."""
    here = np.flatnonzero(now.city.firms.home == position)
    unit = now.city.places.units[position].code
    made: dict[str, list[Rows]] = {}
    for year in range(now.year.number - MEMORY, now.year.number + 1):
        draws = now.city.draws.at(unit, "firms", year)
        for table, rows in _of_one_year(now, draws, here, unit, Year(year)):
            made.setdefault(table, []).append(rows)
    return {table: stacked(parts) for table, parts in made.items()}


def _of_one_year(now: YearOfCity, draws: Draws, here: Ints, unit: str, year: Year) -> Iterator[tuple[str, Rows]]:
    conduct = now.conducts[year.number]
    quality, plight = conduct.quality[here], conduct.plight[here]
    decorated = np.isin(plight, (Plight.DECORATED, Plight.UNEVEN))
    served = np.isin(here, now.city.projects.firm[now.active])
    awards = draws.of("awards").poisson(0.12 * np.exp(0.75 * quality)) + 3 * decorated
    firm, _ = counted(awards * served)
    if len(firm):
        yield "commendations", _commendations(now, draws, here[firm], decorated[firm], unit, year)
    fines = draws.of("fines").poisson(0.035 * np.exp(-0.8 * quality)) + _SENTENCES * (plight == Plight.NOTORIOUS)
    firm, _ = counted(fines * served)
    if len(firm) and year.number >= now.year.number - _PENALTY_MEMORY:
        yield "penalties", _firm_penalties(now, draws, here[firm], unit, year)
    cases = draws.of("cases").poisson(0.03 * np.exp(-0.6 * quality)) + 2 * (plight == Plight.NOTORIOUS)
    firm, _ = counted(cases * served)
    if len(firm) and year.number == now.year.number:
        yield "judgments", _firm_judgments(now, draws, here[firm], unit, year)


def _commendations(now: YearOfCity, draws: Draws, firm: Ints, decorated: Flags, unit: str, year: Year) -> Rows:
    """Some awards are given again for the same content by a higher level."""
    level = np.where(
        decorated,
        draws.of("high").integers(0, 3, len(firm)),
        pick(draws.of("level"), (0.02, 0.06, 0.2, 0.34, 0.38), len(firm)),
    )
    copies = 1 + chance(draws.of("again"), 0.3, len(firm)) + chance(draws.of("and again"), 0.1, len(firm))
    award, copy = counted(copies.astype(np.int64))
    content = draws.of("content").integers(len(AWARDS), size=len(firm))
    day = between(draws.of("day"), year.first, year.last, len(firm))[award] + 45 * copy
    grade = np.maximum(level[award] - copy, 0)
    number = np.arange(1, len(award) + 1)
    return {
        "commendation_id": _ids("B", unit, year, number),
        "credit_code": now.city.codes(firm[award]),
        "issuer_level": words(_LEVELS, grade),
        "issuer": words(_ISSUERS, grade),
        "award_content": glued(f"{year.number}年度", words(AWARDS, content[award])),
        "awarded_on": days(day),
        "evidence": identifiers("BZ", digits(number, 7), count=len(number), missing=number % 11 == 0),
    }


def _firm_penalties(now: YearOfCity, draws: Draws, firm: Ints, unit: str, year: Year) -> Rows:
    count = len(firm)
    grim = now.conducts[year.number].plight[firm] == Plight.NOTORIOUS
    grade = np.where(grim, 1 + chance(draws.of("grim"), 0.7, count), _grades(draws, count))
    kind = pick(draws.of("kind"), (0.25, 0.25, 0.15, 0.2, 0.15), count)
    day = between(draws.of("fined"), year.first, year.last, count)
    case = _Case.of_firm(_ids("P", unit, year, np.arange(1, count + 1)), now.city.codes(firm), day)
    return _penalties(draws, now.year, case, kind, grade)


def _firm_judgments(now: YearOfCity, draws: Draws, firm: Ints, unit: str, year: Year) -> Rows:
    day = between(draws.of("effective"), year.first, year.last, len(firm))
    return _judgments(
        draws, _Case.of_firm(_ids("A", unit, year, np.arange(1, len(firm) + 1)), now.city.codes(firm), day)
    )


def at_projects(block: Block) -> dict[str, Rows]:
    """Records that arose at one project."""
    makers = {
        "penalties": _local_penalties,
        "judgments": _local_judgments,
        "determinations": _determinations,
        "takeovers": _takeovers,
    }
    made = {table: make(block) for table, make in makers.items()}
    return {table: rows for table, rows in made.items() if len(next(iter(rows.values())))}


def _local_penalties(block: Block) -> Rows:
    project, _ = counted(block.of("fines").poisson(0.03 * np.exp(-0.8 * block.quality) * block.share))
    count = len(project)
    kind = pick(block.of("fine kind"), (0.2, 0.2, 0.12, 0.12, 0.08, 0.28), count)
    occurred = between(block.of("occurred"), block.first[project], block.last[project], count)
    decided = occurred + between(block.of("decided"), 10, 90, count)
    case = _Case.of_project("P", block, project, occurred, decided)
    return _penalties(block.draws, block.year, case, kind, _grades(block.draws, count))


def _local_judgments(block: Block) -> Rows:
    project, _ = counted(block.of("cases").poisson(0.018 * np.exp(-0.6 * block.quality) * block.share))
    count = len(project)
    earliest = np.maximum(block.projects.starts[project], block.first[project] - 300)
    occurred = between(block.of("conduct"), earliest, block.last[project], count)
    effective = np.maximum(occurred + between(block.of("effective"), 30, 260, count), block.year.first)
    return _judgments(block.draws, _Case.of_project("A", block, project, occurred, effective))


def _determinations(block: Block) -> Rows:
    """One for each plight that has one; beside them some that found nobody responsible or were taken back."""
    fated = np.isin(block.plight, list(_PLIGHT_KINDS))
    others = np.flatnonzero(chance(block.of("suspected"), 0.008, len(block.home)) & ~fated)
    project = np.concatenate([np.flatnonzero(fated), others])
    count = len(project)
    spared = np.arange(count) >= count - len(others)
    table = np.zeros(len(Plight), np.int64)
    table[list(_PLIGHT_KINDS)] = list(_PLIGHT_KINDS.values())
    kind = np.where(spared, block.of("suspicion").integers(len(_DECIDED), size=count), table[block.plight[project]])
    occurred = between(
        block.of("event"), block.first[project], np.maximum(block.last[project] - 40, block.first[project]), count
    )
    decided = np.minimum(occurred + between(block.of("determined"), 10, 40, count), block.year.last)
    cleared = spared & chance(block.of("cleared"), 0.5, count)
    number = np.arange(1, count + 1)
    return {
        "determination_id": block.ids("D", number),
        "credit_code": _codes(block, project),
        "compound_id": pc.if_else(
            pa.array(kind == _FALSEHOOD),
            pa.scalar(None, pa.string()),
            block.compound_id.take(pa.array(block.home[project])),
        ),
        "occurred_on": days(occurred),
        "kind": words(_DECIDED, kind),
        "responsible": flags(~spared | cleared),
        "decided_on": days(decided),
        "revoked_on": days(np.minimum(decided + 30, block.year.last), ~cleared),
        "evidence": identifiers("RD", digits(number, 7), count=count),
    }


def _takeovers(block: Block) -> Rows:
    project = np.flatnonzero(block.projects.rescued & (block.projects.starts >= block.year.first))
    count = len(project)
    begun = block.projects.starts[project]
    number = np.arange(1, count + 1)
    return {
        "takeover_id": block.ids("Q", number),
        "credit_code": _codes(block, project),
        "compound_id": block.compound_id.take(pa.array(block.home[project])),
        "taken_over_on": days(begun),
        "confirmed_on": days(begun + between(block.of("took over"), 5, 30, count)),
        "evidence": identifiers("JG", digits(number, 7), count=count, missing=number % 7 == 0),
    }


@dataclass(frozen=True, slots=True)
class _Case:
    """What a penalty and a judgment have in common: whose, where, when done, when decided."""

    identifier: pa.Array
    credit_code: pa.Array
    compound_id: pa.Array
    occurred_on: pa.Array
    decided: Ints

    @classmethod
    def of_firm(cls, identifier: pa.Array, credit_code: pa.Array, decided: Ints) -> _Case:
        """One that concerns the firm as a whole."""
        never = days(decided, np.ones(len(decided), bool))
        return cls(identifier, credit_code, pa.nulls(len(decided), pa.string()), never, decided)

    @classmethod
    def of_project(cls, letter: str, block: Block, project: Ints, occurred: Ints, decided: Ints) -> _Case:
        """One that arose at a project; the last letter of its number keeps it apart from those of firms."""
        local = np.full((len(project), 1), ord("L"), np.uint8)
        identifier = block.ids(letter, np.arange(1, len(project) + 1), local)
        compound = block.compound_id.take(pa.array(block.home[project]))
        return cls(identifier, _codes(block, project), compound, days(occurred), decided)


def _grades(draws: Draws, count: int) -> Ints:
    return pick(draws.of("class"), (0.3, 0.5, 0.2), count)


def _penalties(draws: Draws, now: Year, case: _Case, kind: Ints, grade: Ints) -> Rows:
    """Published for as long as their class says, some without a stated end, some repaired by now."""
    count = len(grade)
    shortest, longest = np.array([20, 90, 365])[grade], np.array([90, 365, 1095])[grade]
    until = case.decided + between(draws.of("until"), shortest, longest, count)
    soonest, latest = np.array([5, 60, 200])[grade], np.array([60, 300, 900])[grade]
    repaired = case.decided + between(draws.of("repaired"), soonest, latest, count)
    known = chance(draws.of("repairs"), 0.35, count) & (repaired <= now.before(-1).day(3, 31))
    return {
        "penalty_id": case.identifier,
        "credit_code": case.credit_code,
        "compound_id": case.compound_id,
        "occurred_on": case.occurred_on,
        "kind": words(_KINDS, kind),
        "class": words(_CLASSES, grade),
        "decided_on": days(case.decided),
        "valid_until": days(until, chance(draws.of("open end"), 0.3, count)),
        "repaired_on": days(repaired, ~known),
    }


def _judgments(draws: Draws, case: _Case) -> Rows:
    count = len(case.decided)
    return {
        "judgment_id": case.identifier,
        "credit_code": case.credit_code,
        "compound_id": case.compound_id,
        "occurred_on": case.occurred_on,
        "kind": words(("judgment", "arbitration"), pick(draws.of("court"), (0.8, 0.2), count)),
        "liability": words(_LIABILITY, pick(draws.of("liability"), (0.15, 0.35, 0.2, 0.2, 0.1), count)),
        "effective_on": days(case.decided),
        "performed_on": days(case.decided + 40, chance(draws.of("open"), 0.4, count)),
    }


def _codes(block: Block, project: Ints) -> pa.Array:
    return block.credit_code.take(pa.array(project))


def _ids(letter: str, unit: str, year: Year, number: Ints) -> pa.Array:
    return identifiers(letter, unit, digits(np.full(len(number), year.number), 4), digits(number, 6), count=len(number))
