"""Complaints with the tail that cities report: a ninth of the compounds holds about half of them.

Planted frequencies follow a large city's published analysis: 22 valid complaints per 100,000 m2, 58 % of all tickets
valid and attributable. Tickets are made in the order of compound and day, so that duplicates and repeats can look back.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import IntEnum
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from scoring.synthetic.block import Block
from scoring.synthetic.cells import (
    Flags,
    Floats,
    Ints,
    Rows,
    between,
    chance,
    counted,
    days,
    flags,
    glued,
    likely,
    pick,
    words,
)
from scoring.synthetic.names import addresses, compound_names

CHANNELS: Final = ("hotline", "petition", "bureau", "subdistrict", "online")
CATEGORIES: Final = {
    "fees": 7,
    "public_revenue": 15,
    "repair": 7,
    "elevator": 3,
    "fire_safety": 3,
    "cleaning": 5,
    "greening": 7,
    "security": 5,
    "attitude": 5,
    "other": 10,
}
_CATEGORY_WEIGHTS: Final = (0.15, 0.06, 0.22, 0.09, 0.05, 0.12, 0.05, 0.16, 0.06, 0.04)
VALID_PER_M2: Final = 22 / 100_000
_QUIET: Final = 0.87  # what very large, quiet estates leave of the mean
_UNSERVED_PER_M2: Final = 6 / 100_000
_CARRIED_OVER: Final = 20  # days of the year before whose tickets are confirmed in this one
_NOBODY: Final = -1
_TOLD: Final = 0.03  # tickets of a registered compound for which the hotline has no number, only words
_MISTYPED: Final = 0.5  # of those without a compound: the name as somebody misheard it


class Outcome(IntEnum):
    """What became of a ticket."""

    VALID = 0
    DUPLICATE = 1
    UNMATCHED = 2  # no compound could be named
    PENDING = 3
    UNFOUNDED = 4
    NOT_THE_FIRM = 5  # true, but not the firm's doing


_OUTCOMES: Final = (0.59, 0.05, 0.075, 0.025, 0.15, 0.11)


@dataclass(frozen=True, slots=True)
class _Tickets:
    """Tickets before they have a number.

    Attributes:
        compound: Position in the block; project: position in the block, -1 for an unserved compound.
    """

    compound: Ints
    project: Ints
    received: Ints
    outcome: Ints

    def sorted(self) -> _Tickets:
        order = np.lexsort((self.received, self.compound, self.outcome == Outcome.UNMATCHED))
        return _Tickets(*(getattr(self, field.name)[order] for field in fields(self)))


def complaints(block: Block) -> dict[str, Rows]:
    """The tickets of a block, and in `truth.tickets` which project each one was made for."""
    tickets = _drawn(block)
    count = len(tickets.project)
    if not count:
        return {}
    again, origin, duplicate, original = _chains(block, tickets)
    outcome = np.where(~duplicate & (tickets.outcome == Outcome.DUPLICATE), Outcome.UNFOUNDED, tickets.outcome)
    received = np.where(duplicate, tickets.received[original], tickets.received)
    quality = np.where(tickets.project == _NOBODY, -0.5, np.append(block.quality, 0.0)[tickets.project])
    number = np.arange(1, count + 1)
    category = pick(block.of("category"), _CATEGORY_WEIGHTS, count)[origin]
    unmatched = outcome == Outcome.UNMATCHED
    rows = {
        "ticket_id": block.ids("T", number),
        **_places(block, tickets.compound, unmatched),
        "channel": words(CHANNELS, pick(block.of("channel"), (0.62, 0.04, 0.09, 0.15, 0.10), count)),
        "received_on": days(received),
        "category": words(tuple(CATEGORIES), category),
        "case_key": block.ids("S", number[origin]),
        "duplicate_of": pc.if_else(pa.array(duplicate), block.ids("T", number[original]), pa.scalar(None, pa.string())),
        **_findings(block, outcome, received),
        **_handling(block, received, category, quality),
    }
    truth = {"ticket_id": rows["ticket_id"], "project_id": _projects(block, tickets.project), "repeats": flags(again)}
    return {"complaints": rows, "truth.tickets": truth}


def _places(block: Block, compound: Ints, unmatched: Flags) -> Rows:
    """The number of the compound, or what somebody said of the place, or neither."""
    count, nothing = len(compound), pa.scalar(None, pa.string())
    told = chance(block.of("told"), _TOLD, count) & ~unmatched
    mistyped = chance(block.of("mistyped"), _MISTYPED, count) & unmatched
    serial = block.compounds.serial[compound]
    street = words(block.places.subdistrict_names, block.compounds.community[compound])
    name = compound_names(serial)
    said = pc.if_else(
        chance(block.of("briefly"), 0.5, count), glued(name, "3栋"), glued(addresses(street, serial), name)
    )
    misheard = pc.utf8_slice_codeunits(name, 0, -1)
    return {
        "compound_id": pc.if_else(pa.array(unmatched | told), nothing, block.compound_id.take(pa.array(compound))),
        "place_told": pc.if_else(pa.array(told), said, pc.if_else(pa.array(mistyped), misheard, nothing)),
    }


def _drawn(block: Block) -> _Tickets:
    """Poisson numbers per project, some for unserved compounds, and one on each day around a handover."""
    burden = block.compounds.burden[block.home]
    rate = VALID_PER_M2 / _QUIET / _OUTCOMES[0] * block.area * block.share * np.exp(burden - 0.2 * block.quality - 0.02)
    project, _ = counted(block.of("number").poisson(rate))
    low = np.where(block.projects.starts < block.year.first - _CARRIED_OVER, block.first - _CARRIED_OVER, block.first)
    day = between(block.of("day"), low[project], block.last[project], len(project))
    vacant = np.full(len(block.alive), block.year.first)
    vacant[block.home] = block.last + 1
    empty = np.where(block.alive, 0, block.year.last - vacant + 1) / block.year.days
    unserved = block.compounds.area / 100 * _UNSERVED_PER_M2 * empty
    compound, _ = counted(block.of("unserved").poisson(unserved))
    handed = np.flatnonzero(block.home[1:] == block.home[:-1])
    around = np.concatenate([handed, handed + 1, handed + 1])
    handover = np.tile(block.first[handed + 1], 3) + np.repeat([-1, 0, 1], len(handed))
    outcome = pick(block.of("outcome"), _OUTCOMES, len(project))
    spare = np.where(chance(block.of("spare"), 0.6, len(compound)), Outcome.NOT_THE_FIRM, Outcome.UNFOUNDED)
    return _Tickets(
        np.concatenate([block.home[project], compound, block.home[around]]),
        np.concatenate([project, np.full(len(compound), _NOBODY), around]),
        np.concatenate(
            [day, between(block.of("spare day"), vacant[compound], block.year.last, len(compound)), handover]
        ),
        np.concatenate([outcome, spare, np.full(len(around), Outcome.VALID)]),
    ).sorted()


def _chains(block: Block, tickets: _Tickets) -> tuple[Flags, Ints, Flags, Ints]:
    """Repeats and duplicates, each with the ticket it goes back to.

    Returns:
        Whether a ticket complains of an earlier case again, the first ticket of its case, whether it is a duplicate,
        and the ticket that it duplicates.
    """
    count = len(tickets.compound)
    place = np.arange(count)
    unmatched = tickets.outcome == Outcome.UNMATCHED
    first = np.ones(count, bool)
    first[1:] = (
        (tickets.project[1:] != tickets.project[:-1]) | (tickets.compound[1:] != tickets.compound[:-1]) | unmatched[1:]
    )
    quality = np.append(block.quality, 0.0)[tickets.project]
    duplicate = (tickets.outcome == Outcome.DUPLICATE) & ~first
    again = chance(block.of("again"), np.minimum(0.1 * np.exp(-0.4 * quality), 0.5), count) & ~first & ~duplicate
    origin = np.maximum.accumulate(np.where(again | duplicate, 0, place))
    original = np.maximum.accumulate(np.where(duplicate, 0, place))
    return again, origin, duplicate, original


def _findings(block: Block, outcome: Ints, received: Ints) -> Rows:
    """Whether it was true and whose doing, decided some days later; what is left from last year, early in this one."""
    count = len(outcome)
    pending = (outcome == Outcome.PENDING) | ((outcome == Outcome.UNMATCHED) & chance(block.of("open"), 0.5, count))
    upheld = ~np.isin(outcome, (Outcome.UNFOUNDED, Outcome.UNMATCHED))
    confirmed = received + between(block.of("confirmed"), 2, 20, count)
    confirmed = np.where(confirmed < block.year.first, block.year.first + confirmed % 9, confirmed)
    valid = np.isin(outcome, (Outcome.VALID, Outcome.DUPLICATE))
    return {
        "upheld": flags(upheld, pending),
        "attributable": flags(valid, pending),
        "major": flags(valid & chance(block.of("major"), 0.004, count), pending),
        "confirmed_on": days(confirmed, pending),
    }


def _handling(block: Block, received: Ints, category: Ints, quality: Floats) -> Rows:
    """Replied and closed, sooner where the service is good."""
    count = len(received)
    due = received + np.array(list(CATEGORIES.values()))[category]
    on_time = chance(block.of("on time"), likely(2.0 + 0.9 * quality), count)
    silent = ~on_time & chance(block.of("silent"), 0.12, count)
    late = due + 1 + block.of("late").exponential(9, count).astype(np.int64)
    replied = np.where(on_time, between(block.of("replied"), received, due, count), late)
    closed = replied + block.of("closed").exponential(7, count).astype(np.int64)
    unclosed = silent | chance(block.of("unclosed"), 0.04, count)
    return {
        "due_on": days(due),
        "replied_on": days(replied, silent),
        "closed_on": days(closed, unclosed),
        "resolved": flags(chance(block.of("resolved"), likely(1.6 + 0.9 * quality), count), unclosed),
    }


def _projects(block: Block, project: Ints) -> pa.Array:
    nobody = project == _NOBODY
    known = pa.concat_arrays([block.project_id, pa.array([""], pa.string())])
    return pc.if_else(
        pa.array(nobody), pa.scalar(None, pa.string()), known.take(pa.array(np.where(nobody, len(known) - 1, project)))
    )
