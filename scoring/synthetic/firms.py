"""The firms of the city: how many and where, what they are, how well they work, and what befalls some of them.

Quality is planted, one standard normal number per firm and year, and never delivered. Some firms are given a plight
outright, because a city of ordinary firms would leave the rare steps of a rulebook (vetoes, level caps, a bonus at its
bound) without a case.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np

from scoring.synthetic.cells import Flags, Floats, Ints, chance, pick
from scoring.synthetic.names import OUTSIDE
from scoring.synthetic.places import Places
from scoring.synthetic.streams import Draws
from scoring.synthetic.years import LAST_YEAR

FIRMS: Final = 354  # Kunming 2024, published
PROJECTS: Final = 1085
PERSISTENCE: Final = 0.8  # correlation of a firm's quality from one year to the next
NOBODY: Final = -1


class Standing(IntEnum):
    """What a firm is, whatever the year."""

    ORDINARY = 0
    NEW = 1  # served less than half of the last year
    YOUNG = 2  # served less than the whole of it
    RESCUER = 3  # took over abandoned compounds in the last year
    NO_HOMES = 4  # serves no residential compound
    UNLICENSED = 5


class Plight(IntEnum):
    """What befalls a firm in one year."""

    NONE = 0
    ABSENT = 1  # did not apply
    PARTLY = 2  # applied for some of its projects
    UNEVEN = 3  # excellent but for one large project
    DECORATED = 4  # more commendations than a bonus can hold
    MISUSE = 5  # determinations
    REFUSAL = 6
    FATALITY = 7
    FALSEHOOD = 8
    ACCIDENT = 9
    NOTORIOUS = 10  # more penalties than points
    BLACK_LISTED = 11


_STANDINGS: Final = {
    Standing.NEW: 9,
    Standing.YOUNG: 9,
    Standing.RESCUER: 2,
    Standing.NO_HOMES: 5,
    Standing.UNLICENSED: 4,
}
_PLIGHTS: Final = {
    Plight.UNEVEN: 7,
    Plight.PARTLY: 5,
    Plight.DECORATED: 3,
    Plight.NOTORIOUS: 2,
    Plight.MISUSE: 3,
    Plight.REFUSAL: 2,
    Plight.FATALITY: 2,
    Plight.FALSEHOOD: 2,
    Plight.ACCIDENT: 3,
    Plight.BLACK_LISTED: 3,
    Plight.ABSENT: 22,
}
_BRANCHES: Final = {"here": 14, "outside": 26}
_EXCELLENT: Final = (Plight.UNEVEN, Plight.PARTLY, Plight.DECORATED)
_DETERMINED: Final = (Plight.MISUSE, Plight.REFUSAL, Plight.FATALITY, Plight.FALSEHOOD, Plight.ACCIDENT)
_LARGE: Final = 4


@dataclass(frozen=True, slots=True)
class Firms:
    """All firms, one position per firm.

    Attributes:
        home: Position of the unit it is registered in.
        size: Projects it serves in the last year.
        spread: How likely each of them lies outside its home.
        standing: A `Standing`.
        head: Position of the firm whose branch it is, NOBODY for a company and for a branch from outside.
        outside: Position in OUTSIDE of the city its head is in, NOBODY where there is none.
        serial: Number within its credit code and its name.
    """

    home: Ints
    size: Ints
    spread: Floats
    standing: Ints
    head: Ints
    outside: Ints
    serial: Ints

    def __len__(self) -> int:
        return len(self.home)

    @property
    def is_branch(self) -> Flags:
        """Branches, of firms from here and from outside."""
        branch: Flags = (self.head != NOBODY) | (self.outside != NOBODY)
        return branch


@dataclass(frozen=True, slots=True)
class Conduct:
    """How the firms are in one year: the planted truth.

    Attributes:
        quality: Standard normal, higher is better.
        party: Standard normal: how far party building has come.
        plight: A `Plight`.
        applied: Whether it took part at all.
    """

    quality: Floats
    party: Floats
    plight: Ints
    applied: Flags


def found_firms(draws: Draws, places: Places, scale: float) -> Firms:
    """Make the firms: sizes with a long tail, registered over the units in proportion."""
    draws = draws.at("firms")
    count, projects = round(FIRMS * scale), round(PROJECTS * scale)
    home = np.repeat(np.arange(len(places.units)), _shares(places, count))
    size = 1 + _long_tail(draws, count, projects - count)
    standing = np.zeros(count, np.int64)
    chosen = _Choice(draws.of("standing").random(count), standing, scale)
    for kind, wanted in _STANDINGS.items():
        fitting = size >= _LARGE if kind is Standing.RESCUER else size <= 2
        chosen.take(kind, wanted, fitting & (np.bincount(home)[home] > 1))
    head, outside = _branches(draws, home, size, standing, scale)
    spread = np.select([size <= 1, size <= 3, size <= 8], [0.0, 0.14, 0.35], 0.55)
    return Firms(home, size, spread, standing, head, outside, np.arange(1, count + 1))


def conduct_of(draws: Draws, firms: Firms, year: int, scale: float) -> Conduct:
    """The planted truth of one year; years are linked backwards from the last, so their number changes none of them."""
    quality, party = (_persistent(draws.at("firms", name), len(firms), year) for name in ("quality", "party"))
    plight = np.zeros(len(firms), np.int64)
    lasting, passing = (draws.of("firms", "plight", *name).random(len(firms)) for name in ((), (year,)))
    chosen = _Choice(0.6 * lasting + 0.4 * passing, plight, scale)
    free = firms.standing == Standing.ORDINARY
    for kind, wanted in _PLIGHTS.items():
        large = kind in (Plight.UNEVEN, Plight.PARTLY)
        chosen.take(kind, wanted, free & ((firms.size > _LARGE) if large else ~firms.is_branch))
    excellent = np.isin(plight, _EXCELLENT) | (firms.standing == Standing.YOUNG)
    quality = np.where(excellent, 1.9 + 0.15 * quality, quality)
    quality = np.where(np.isin(plight, _DETERMINED), np.maximum(quality, 0.2), quality)
    quality = np.where(plight == Plight.NOTORIOUS, -2.0, quality)
    return Conduct(quality, 0.45 * quality + 0.9 * party, plight, _applied(plight))


def _applied(plight: Ints) -> Flags:
    """Also the first firm that misused a repair fund stays away: that must not shield it."""
    absent = plight == Plight.ABSENT
    misused = np.flatnonzero(plight == Plight.MISUSE)
    absent[misused[:1]] = len(misused) > 1
    return np.asarray(~absent)


@dataclass(frozen=True, slots=True)
class _Choice:
    """Gives kinds to firms that have none yet, lowest key first, at least one each."""

    keys: Floats
    kinds: Ints
    scale: float

    def take(self, kind: int, wanted: int, fitting: Flags) -> None:
        free = np.flatnonzero(fitting & (self.kinds == 0))
        order = free[np.argsort(self.keys[free], kind="stable")]
        self.kinds[order[: max(1, round(wanted * self.scale))]] = kind


def _shares(places: Places, count: int) -> Ints:
    """Firms per unit: in proportion, every county at least one."""
    least = np.array([int(unit.is_county) for unit in places.units])
    ideal = places.weights * (count - least.sum())
    whole = np.floor(ideal).astype(np.int64)
    rest = count - least.sum() - whole.sum()
    whole[np.argsort(whole - ideal, kind="stable")[:rest]] += 1
    return np.asarray(least + whole, np.int64)


def _long_tail(draws: Draws, count: int, extra: int) -> Ints:
    weights = np.minimum(draws.of("weight").pareto(1.2, count) + 0.35, 30)
    return np.bincount(pick(draws.of("size"), list(weights), extra), minlength=count).astype(np.int64)


def _branches(draws: Draws, home: Ints, size: Ints, standing: Ints, scale: float) -> tuple[Ints, Ints]:
    """Small ordinary firms become branches: of larger firms from elsewhere in the city, or of firms from outside."""
    count = len(home)
    head, outside = np.full(count, NOBODY), np.full(count, NOBODY)
    kinds = np.where(standing == Standing.ORDINARY, 0, NOBODY)
    chosen = _Choice(draws.of("branch").random(count), kinds, scale)
    chosen.take(1, _BRANCHES["outside"], size <= 8)
    chosen.take(2, _BRANCHES["here"], size <= 3)
    outside[kinds == 1] = draws.of("outside").integers(len(OUTSIDE), size=int((kinds == 1).sum()))
    here = kinds == 2
    head[here] = _heads_elsewhere(home, np.flatnonzero((kinds == 0) & (size >= _LARGE)), home[here])
    return head, outside


def _heads_elsewhere(home: Ints, heads: Ints, of: Ints) -> Ints:
    """For branches registered in units *of*: larger firms registered in other units."""
    heads = heads[np.argsort(home[heads], kind="stable")]
    begin, end = (np.searchsorted(home[heads], of, side) for side in ("left", "right"))
    elsewhere = np.maximum(len(heads) - (end - begin), 1)
    return np.asarray(heads[(end + np.arange(len(of)) * 7 % elsewhere) % len(heads)], np.int64)


def _persistent(draws: Draws, count: int, year: int) -> Floats:
    value = draws.of(LAST_YEAR).normal(size=count)
    for earlier in range(LAST_YEAR - 1, year - 1, -1):
        value = PERSISTENCE * value + np.sqrt(1 - PERSISTENCE**2) * draws.of(earlier).normal(size=count)
    return value


def has_party_organization(draws: Draws, firms: Firms, party: Floats) -> tuple[Flags, Flags]:
    """Whether a firm has a party organization, and whether it could: three members, so mostly the larger ones."""
    able = chance(draws.of("firms", "able"), np.minimum(0.35 + 0.12 * firms.size, 0.95), len(firms))
    return np.asarray(able & (party > -0.35)), able
