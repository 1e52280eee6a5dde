"""Party building and co-governance: organizations, committees, cross-appointments, meetings, matters, sites.

Meetings and the matters they solve are made apart on purpose: there are meetings without any matter, and compounds that
hold fifty of those, because a rulebook that counted meetings would reward them.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from scoring.synthetic.block import Block
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
    identifiers,
    likely,
    numbers,
    pick,
    words,
)
from scoring.synthetic.names import TOPICS
from scoring.synthetic.years import LAST_YEAR, Year

_SIDES: Final = ("firm", "community", "grid_branch", "committee")
_SITE_SHARE: Final = 0.024  # of all compounds, designated per year: two per division at scale 1
_SITE_YEARS: Final = 6
_EMPTY_MEETINGS: Final = 50
_GAMING: Final = 400  # one compound in so many holds them


def party_organizations(block: Block) -> dict[str, Rows]:
    """One row per project at the end of its year, and one for most unserved compounds."""
    compound, day, party = _states(block)
    count = len(compound)
    stage = np.select([party > 0.3, party > -0.35], [2, 1], 0)
    approved = stage == 2
    members = np.where(stage == 0, 0, block.of("members").poisson(np.exp(0.55 + 0.75 * party)))
    secretary = np.select([approved & (party > 0.9), approved & chance(block.of("election"), 0.25, count)], [2, 1], 0)
    rows = {
        "compound_id": block.compound_id.take(pa.array(compound)),
        "recorded_on": days(day),
        "stage": words(("none", "applied", "approved"), stage),
        "staff_party_members": numbers(members),
        "secretary_in_committee": words(("none", "in_election", "elected"), secretary),
        "secretary_in_community": flags(approved & chance(block.of("community"), likely(party), count)),
        "manager_in_party_organization": flags((stage > 0) & chance(block.of("manager"), likely(party - 0.3), count)),
        "regional_tasks": flags((stage > 0) & chance(block.of("tasks"), likely(party), count)),
        "vets_candidates": flags(approved & chance(block.of("vets"), likely(party - 0.2), count)),
        "discusses_first": flags(approved & chance(block.of("first"), likely(party + 0.3), count)),
    }
    return {"party_organizations": rows}


def _states(block: Block) -> tuple[Ints, Ints, np.ndarray]:
    """Compound, day and state of party building: per project its last day, per unserved compound the year's."""
    known = np.flatnonzero((block.span > 25) & ~chance(block.of("unknown"), 0.02, len(block.home)))
    unserved = np.flatnonzero(~block.alive & ~np.isin(np.arange(len(block.alive)), block.home))
    unserved = unserved[chance(block.of("unserved"), 0.7, len(unserved))]
    compound = np.concatenate([block.home[known], unserved])
    day = np.concatenate([block.last[known], np.full(len(unserved), block.year.last)])
    return compound, day, np.concatenate([block.party[known], 0.6 * block.compounds.party[unserved] - 0.8])


def committees(block: Block) -> dict[str, Rows]:
    """Owners' committees and property-management committees, with their state at the end of each project's year."""
    project = np.flatnonzero(block.span > 25)
    compound = block.home[project]
    kinds = pick(block.lasting.of("committee"), (0.42, 0.24, 0.34), len(block.compound_id))
    project, compound = project[kinds[compound] < 2], compound[kinds[compound] < 2]
    count, party = len(project), block.party[project]
    formed = Year(LAST_YEAR).last - between(block.lasting.of("formed"), 40, 1_600, len(block.compound_id))[compound]
    members = np.array([5, 7, 9])[block.lasting.of("members").integers(3, size=len(block.compound_id))][compound]
    rows = {
        "committee_id": identifiers(
            _digits(block.compound_id).astype(np.uint8), "W", count=len(block.compound_id)
        ).take(pa.array(compound)),
        "compound_id": block.compound_id.take(pa.array(compound)),
        "recorded_on": days(block.last[project]),
        "kind": words(("owners", "property_management"), kinds[compound]),
        "formed_on": days(np.minimum(formed, block.last[project])),
        "term_ends_on": days(np.minimum(formed, block.last[project]) + 5 * 365, chance(block.of("term"), 0.06, count)),
        "members": numbers(members),
        "party_members": numbers(block.of("party members").binomial(members, likely(0.35 + 0.6 * party))),
        "has_party_branch": flags(chance(block.of("branch"), likely(party - 0.6), count)),
        "reports_to_party": numbers(block.of("reports").poisson(np.exp(0.2 + 0.4 * party))),
    }
    return {"committees": rows} if count else {}


def _digits(identifier: pa.Array) -> np.ndarray:
    return np.frombuffer(identifier.buffers()[2], np.uint8).reshape(len(identifier), -1)


def cross_appointments(block: Block) -> dict[str, Rows]:
    """Appointments from one side to another, some of them ended before the year."""
    project, _ = counted(block.of("number").poisson(np.exp(-0.1 + 0.65 * block.party)))
    count = len(project)
    begin = np.maximum(block.projects.starts, block.year.first - 700)[project]
    start = between(block.of("start"), begin, block.last[project], count)
    end = start + between(block.of("end"), 90, 900, count)
    source = block.of("from").integers(len(_SIDES), size=count)
    target = (source + 1 + block.of("to").integers(len(_SIDES) - 1, size=count)) % len(_SIDES)
    rows = {
        "appointment_id": block.ids("R", np.arange(1, count + 1)),
        "compound_id": block.compound_id.take(pa.array(block.home[project])),
        "from_side": words(_SIDES, source),
        "to_side": words(_SIDES, target),
        "starts_on": days(start),
        "ends_on": days(end, chance(block.of("open"), 0.5, count)),
    }
    return {"cross_appointments": rows} if count else {}


def meetings(block: Block) -> dict[str, Rows]:
    """Meetings on one compound or on a community, and the matters raised in them or without any."""
    project, _ = counted(block.of("number").poisson(2.2 * np.exp(0.25 * block.party - 0.03) * block.share))
    gaming = np.flatnonzero(np.arange(len(block.home)) % _GAMING == _GAMING // 8)
    empty = np.repeat(gaming, _EMPTY_MEETINGS)
    own = np.concatenate([project, empty])
    wide = np.flatnonzero(chance(block.of("wide"), 0.78, len(block.compound_id)))
    day = np.concatenate(
        [
            between(block.of("day"), block.first[own], block.last[own], len(own)),
            between(block.of("wide day"), block.year.first, block.year.last, len(wide)),
        ]
    )
    compound = np.concatenate([block.home[own], wide])
    single = np.arange(len(day)) < len(own)
    if not len(day):
        return {}
    return {"meetings": _meetings(block, compound, single, day), **_matters(block, project, day[: len(project)])}


def _meetings(block: Block, compound: Ints, single: Flags, day: Ints) -> Rows:
    count, community = len(day), block.compounds.community[compound]
    convened = pick(block.of("convened"), (0.04, 0.16, 0.55, 0.15, 0.10), count)
    street_wide = ~single & (convened <= 1)
    return {
        "meeting_id": block.ids("H", np.arange(1, count + 1)),
        "county_code": pa.repeat(block.unit.county, count),
        "subdistrict_code": words(block.places.subdistrict_codes, community),
        "community_code": words(block.places.community_codes, community, street_wide),
        "compound_id": pc.if_else(
            pa.array(single), block.compound_id.take(pa.array(compound)), pa.scalar(None, pa.string())
        ),
        "convened_by": words(("county", "subdistrict", "community", "grid", "committee"), convened),
        "held_on": days(day),
        "attendees": numbers(between(block.of("attendees"), 5, 60, count)),
    }


def _matters(block: Block, project: Ints, held: Ints) -> dict[str, Rows]:
    """Matters of the meetings, and some that never saw one; solved mostly within the year, mostly with evidence."""
    meeting, _ = counted(block.of("matters").poisson(2.0, len(project)))
    alone, _ = counted(block.of("alone").poisson(1.5 * np.exp(0.3 * block.party) * block.share))
    owner, count = np.concatenate([project[meeting], alone]), len(meeting) + len(alone)
    raised = np.concatenate(
        [held[meeting], between(block.of("raised"), block.first[alone], block.last[alone], len(alone))]
    )
    met = np.arange(count) < len(meeting)
    temper = 0.5 * block.quality[owner] + 0.5 * block.party[owner]
    solved = chance(block.of("solved"), likely(1.75 + 0.8 * temper), count)
    number = np.arange(1, count + 1)
    merged = chance(block.of("merged"), 0.05, count) & (number > 1)
    evidence = solved & chance(block.of("evidence"), likely(2.6 + 0.6 * temper), count)
    rows = {
        "matter_id": block.ids("X", number),
        "meeting_id": pc.if_else(
            pa.array(met),
            block.ids("H", np.append(meeting, np.zeros(len(alone), np.int64)) + 1),
            pa.scalar(None, pa.string()),
        ),
        "compound_id": block.compound_id.take(pa.array(block.home[owner])),
        "topic": words(TOPICS, block.of("topic").integers(len(TOPICS), size=count)),
        "raised_by": words(
            ("subdistrict_community", "residents", "member_unit"), pick(block.of("side"), (0.3, 0.5, 0.2), count)
        ),
        "raised_on": days(raised),
        "answered_by": words(
            ("firm", "subdistrict_community", "member_unit", "department", "committee"),
            pick(block.of("answer"), (0.5, 0.2, 0.1, 0.1, 0.1), count),
            ~solved & chance(block.of("unanswered"), 0.5, count),
        ),
        "solved_on": days(raised + 1 + block.of("days").exponential(25, count).astype(np.int64), ~solved),
        "evidence": identifiers("ZJ", digits(number, 8), count=count, missing=~evidence),
        "merged_into": pc.if_else(
            pa.array(merged), block.ids("X", np.maximum(number - 1, 1)), pa.scalar(None, pa.string())
        ),
    }
    return {"matters": rows} if count else {}


def designated_sites(block: Block) -> dict[str, Rows]:
    """Sites of earlier years that stand in the register at the end of this one."""
    yearly = max(1, round(len(block.compound_id) * _SITE_SHARE)) if len(block.compound_id) > 12 else 0
    if not yearly:
        return {}
    designated = LAST_YEAR - 1 - block.compounds.site_rank // yearly
    rows_at = np.flatnonzero((designated < block.year.number) & (designated >= block.year.number - _SITE_YEARS))
    day = np.array([Year(int(year)).day(11, 20) for year in designated[rows_at]], np.int64)
    again = day + 3 * 365 + 20
    revoked = chance(block.lasting.of("revoked"), 0.06, len(rows_at))
    rows = {
        "compound_id": block.compound_id.take(pa.array(rows_at)),
        "recorded_on": days(np.full(len(rows_at), block.year.last)),
        "designated_on": days(day),
        "recertified_on": days(again, revoked | (again > block.year.last)),
        "revoked_on": days(between(block.of("revoked day"), block.year.first, block.year.last, len(rows_at)), ~revoked),
    }
    return {"designated_sites": rows} if len(rows_at) else {}
