"""The city's compounds and who served each of them when: the skeleton that every record hangs on.

All of it is laid out at once and for all years, because project numbers, handovers and the areas of a firm reach
across divisions; the records themselves are made block by block and never stand in memory together.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Final, Self

import numpy as np

from scoring.synthetic.cells import Flags, Floats, Ints, between, chance, pick
from scoring.synthetic.firms import Firms, Standing
from scoring.synthetic.places import Places, Unit
from scoring.synthetic.streams import Draws
from scoring.synthetic.years import LAST_YEAR, MOST_YEARS, NEVER, Year

COVERAGE: Final = (0.84, 0.96)  # served share of a unit's compounds, drawn between the two
HANDED_OVER: Final = 0.043  # projects that follow another one within the last year
FRESH: Final = 0.016  # compounds first served in it
GIVEN_UP: Final = 0.008  # compounds left without service in it
RESCUED: Final = 0.12  # first services of a compound that had been abandoned
FOLLOWED: Final = 0.85  # earlier changes of service that had a predecessor
KINDS: Final = ("commodity", "affordable", "resettlement", "unit_housing", "other")
_KIND_WEIGHTS: Final = (0.70, 0.07, 0.12, 0.08, 0.03)
_MEDIAN_AREA: Final = 52_000.0
_AREA_SPREAD: Final = 0.78
_BURDEN_SPREAD: Final = 0.78  # with the areas this lets a ninth of the compounds hold half of the complaints
_VERY_LARGE: Final = 26_000_000  # hundredths of a square metre
_HIGHEST_SERIAL: Final = 99_999
_SMALL_UNIT: Final = 12  # projects below which no handover is planned


@dataclass(frozen=True, slots=True)
class _Columns:
    """Arrays of one length, cut and joined together."""

    def take(self, rows: Ints | Flags | slice) -> Self:
        return type(self)(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})

    @classmethod
    def joined(cls, parts: list[Self]) -> Self:
        return cls(
            **{field.name: np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(cls)}
        )


@dataclass(frozen=True, slots=True)
class Compounds(_Columns):
    """All compounds, by unit, the served ones first.

    Attributes:
        unit: Position of the reporting unit.
        serial: Number within the county, from 1.
        community: Position in `Places.community_codes`.
        kind: Position in KINDS.
        area: Floor area in hundredths of a square metre.
        occupancy: In ten-thousandths.
        burden: Natural logarithm of how many complaints it makes for its area, 0 in the mean.
        party: Standard normal: its own share in how far party building has come.
        site_rank: Place in the unit's queue for designation as a demonstration site, from 0.
    """

    unit: Ints
    serial: Ints
    community: Ints
    kind: Ints
    old: Flags
    area: Ints
    households: Ints
    occupancy: Ints
    burden: Floats
    party: Floats
    site_rank: Ints


@dataclass(frozen=True, slots=True)
class Projects(_Columns):
    """All projects of all years, by compound and first day.

    Attributes:
        compound: Position in the compounds.
        firm: Position in the firms.
        number: Its fifteen digits.
        starts: First day, and *ends* the last, NEVER while it lasts.
        area: Managed floor area in hundredths of a square metre.
        own_quality: Standard normal: what is not its firm's.
        lead: Whether it is the first of its firm, where the firm's plight shows.
        rescued: Whether the compound had been abandoned.
    """

    compound: Ints
    firm: Ints
    number: Ints
    starts: Ints
    ends: Ints
    area: Ints
    residential: Flags
    filed: Flags
    own_quality: Floats
    lead: Flags
    rescued: Flags


@dataclass(frozen=True, slots=True)
class _Slots(_Columns):
    """Places to be filled in one unit: who serves, and whether its days are fixed by what the firm is."""

    firm: Ints
    lead: Flags
    standing: Ints


def lay_out(draws: Draws, places: Places, firms: Firms) -> tuple[Compounds, Projects]:
    """Compounds and projects of the whole city."""
    firm = np.repeat(np.arange(len(firms)), firms.size)
    lead = np.concatenate([[True], firm[1:] != firm[:-1]])
    away = ~lead & chance(draws.of("slots", "away"), firms.spread[firm], len(firm))
    unit = np.where(away, pick(draws.of("slots", "unit"), list(places.weights), len(firm)), firms.home[firm])
    slots = _Slots(firm, lead, firms.standing[firm])
    compounds: list[Compounds] = []
    projects: list[Projects] = []
    serials = dict.fromkeys((one.county for one in places.units), 0)
    first = 0
    for position, one in enumerate(places.units):
        own = _projects(draws.at("projects", one.code), slots.take(unit == position))
        added = _compounds(draws.at("compounds", one.code), one, position, own)
        added = replace(added, serial=added.serial + serials[one.county])
        area = _managed(draws.of("projects", one.code, "managed"), added.area[own.compound])
        compounds.append(added)
        projects.append(replace(own, compound=own.compound + first, area=area))
        serials[one.county] += len(added.unit)
        first += len(added.unit)
    city = Compounds.joined(compounds)
    return city, _with_rescues(_numbered(places, city, Projects.joined(projects)))


def _projects(draws: Draws, slots: _Slots) -> Projects:
    """Projects of one unit, `compound` counted within it; areas and numbers are still to come."""
    slots = _queued(draws, slots)
    count = len(slots.firm)
    compound, before, after = _handovers(slots)
    starts, ends = _spans(draws, slots, before, after)
    first_served = ~np.isin(np.arange(count), after)
    rescued = first_served & (
        (slots.standing == Standing.RESCUER) & ~slots.lead | chance(draws.of("rescued"), RESCUED, count)
    )
    nothing = np.zeros(count, np.int64)
    residential = (slots.standing != Standing.NO_HOMES) & ~(chance(draws.of("use"), 0.02, count) & ~slots.lead)
    filed = chance(draws.of("filed"), 0.94, count)
    quality = draws.of("quality").normal(size=count)
    current = Projects(
        compound, slots.firm, nothing, starts, ends, nothing, residential, filed, quality, slots.lead, rescued
    )
    both = Projects.joined([current, _predecessors(draws, current, first_served)])
    return both.take(np.lexsort((both.starts, both.compound)))


def _queued(draws: Draws, slots: _Slots) -> _Slots:
    """In random order; firms whose days are fixed stand in the middle, where nothing is handed over."""
    key = draws.of("order").random(len(slots.firm))
    return slots.take(np.argsort(np.where(slots.standing == Standing.ORDINARY, key, 0.4 + 0.2 * key), kind="stable"))


def _handovers(slots: _Slots) -> tuple[Ints, Ints, Ints]:
    """The compound of each slot; slots that give one up and slots that take it over, in pairs."""
    count = len(slots.firm)
    handed = round(count * HANDED_OVER) if count >= _SMALL_UNIT else 0
    before, after = np.arange(handed), np.arange(count - handed, count)
    another = slots.firm[before] != slots.firm[after]
    before, after = before[another], after[another]
    compound = np.cumsum(~np.isin(np.arange(count), after)) - 1
    compound[after] = compound[before]
    return compound, before, after


def _spans(draws: Draws, slots: _Slots, before: Ints, after: Ints) -> tuple[Ints, Ints]:
    """First and last days: a handover leaves no day out and none twice; one project is as old as the oldest year."""
    year = Year(LAST_YEAR)
    count = len(slots.firm)
    starts = year.first - 1 - np.floor(365.25 * draws.of("age").gamma(2, 3.0, count)).astype(np.int64)
    late = between(draws.of("late"), year.first + 8, year.last - 12, count)
    starts = np.where(chance(draws.of("fresh"), FRESH, count), late, starts)
    starts = np.where(
        slots.standing == Standing.NEW, between(draws.of("new"), year.day(7, 5), year.day(12, 20), count), starts
    )
    starts = np.where(
        slots.standing == Standing.YOUNG, between(draws.of("young"), year.day(1, 5), year.day(6, 10), count), starts
    )
    rescue = (slots.standing == Standing.RESCUER) & ~slots.lead
    starts = np.where(rescue, between(draws.of("rescue"), year.day(2, 1), year.day(6, 30), count), starts)
    ends = np.where(
        chance(draws.of("open"), 0.45, count), NEVER, year.last + between(draws.of("term"), 20, 1500, count)
    )
    quits = chance(draws.of("quits"), GIVEN_UP, count) & (starts < year.first) & ~slots.lead
    ends = np.where(quits, between(draws.of("quit"), year.day(2, 1), year.day(11, 30), count), ends)
    handover = between(draws.of("handover"), year.first + 4, year.last - 4, len(after))
    starts[before] = np.minimum(starts[before], year.first - 200)
    eldest = np.flatnonzero(slots.standing == Standing.ORDINARY)[len(before) : len(before) + 1]
    starts[eldest] = np.minimum(starts[eldest], year.before(MOST_YEARS).first)
    starts[after], ends[after], ends[before] = handover, NEVER, handover - 1
    return starts, ends


def _predecessors(draws: Draws, current: Projects, first_served: Flags) -> Projects:
    """Who served before, where service changed in the years before the last; another firm of the same unit."""
    year = Year(LAST_YEAR)
    count = len(current.firm)
    recent = first_served & ~current.rescued & (current.starts < year.first) & (current.starts >= year.before(9).first)
    rows = np.flatnonzero(recent & chance(draws.of("past"), FOLLOWED, count))
    firm = current.firm[draws.of("past firm").integers(max(count, 1), size=len(rows))]
    rows, firm = rows[firm != current.firm[rows]], firm[firm != current.firm[rows]]
    past = current.take(rows)
    ends = past.starts - 1
    starts = ends - between(draws.of("past days"), 400, 2200, len(rows))
    quality = draws.of("past quality").normal(size=len(rows))
    return replace(past, firm=firm, starts=starts, ends=ends, own_quality=quality, lead=np.zeros(len(rows), bool))


def _compounds(draws: Draws, unit: Unit, position: int, projects: Projects) -> Compounds:
    """Served compounds first, then as many unserved ones as the unit's coverage leaves."""
    served = int(projects.compound.max(initial=-1)) + 1
    coverage = draws.of("coverage").uniform(*COVERAGE)
    count = served + round(served * (1 / coverage - 1))
    unserved = np.arange(count) >= served
    old = chance(draws.of("old"), np.where(unserved, 0.55, 0.17), count)
    size = (
        _MEDIAN_AREA
        * np.exp(_AREA_SPREAD * draws.of("area").normal(size=count))
        * np.where(old, 0.5, 1.0)
        * np.where(unserved, 0.45, 1.0)
    )
    area = np.round(np.clip(size, 1_800, 800_000) * 100).astype(np.int64)
    occupancy = np.clip(1 - draws.of("occupancy").gamma(1.6, 0.11, count), 0.08, 1)
    return Compounds(
        unit=np.full(count, position),
        serial=np.arange(1, count + 1),
        community=unit.communities[draws.of("community").integers(len(unit.communities), size=count)],
        kind=pick(draws.of("kind"), _KIND_WEIGHTS, count),
        old=old,
        area=area,
        households=np.maximum(area // between(draws.of("household"), 9_000, 13_000, count), 8),
        occupancy=np.round(occupancy * 10_000).astype(np.int64),
        burden=_burden(draws.of("burden"), area),
        party=draws.of("party").normal(size=count),
        site_rank=np.argsort(
            np.argsort(draws.of("site").random(count) + unserved - 0.3 * (area > 5_000_000), kind="stable"),
            kind="stable",
        ),
    )


def _burden(rng: np.random.Generator, area: Ints) -> Floats:
    """Complaints for the area; the very large estates are new and quiet."""
    quiet = np.where(area > _VERY_LARGE, 1.6, 0.0)
    return _BURDEN_SPREAD * rng.normal(size=len(area)) - _BURDEN_SPREAD**2 / 2 - quiet


def _managed(rng: np.random.Generator, area: Ints) -> Ints:
    """Managed area: mostly the whole compound, sometimes only a part of it."""
    part = np.where(rng.random(len(area)) < 0.15, rng.uniform(0.8, 1.0, len(area)), 1.0)
    return np.where(part < 1, np.floor(area * part), area).astype(np.int64)


def _with_rescues(projects: Projects) -> Projects:
    """At least one takeover of an abandoned compound in every year, however small the city: a table is never empty."""
    rescued = projects.rescued.copy()
    first = np.concatenate([[True], projects.compound[1:] != projects.compound[:-1]])
    for year in (Year(LAST_YEAR).before(back) for back in range(MOST_YEARS)):
        begun = np.flatnonzero(first & (projects.starts >= year.first) & (projects.starts <= year.last))
        if not rescued[begun].any():
            rescued[begun[:1]] = True
    return replace(projects, rescued=rescued)


def _numbered(places: Places, compounds: Compounds, projects: Projects) -> Projects:
    """Project numbers: county, year of filing, serial in order of their first days."""
    county = np.array([int(unit.county) for unit in places.units])[compounds.unit[projects.compound]]
    filed = projects.starts.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    group = county * 10_000 + filed
    order = np.lexsort((projects.compound, projects.starts, group))
    ordered = group[order]
    begins = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    serial = np.arange(len(order)) - np.repeat(begins, np.diff(np.append(begins, len(order)))) + 1
    if serial.max(initial=0) > _HIGHEST_SERIAL:
        raise ValueError(
            f"found {serial.max()} projects of one county and year, allowed: {_HIGHEST_SERIAL}; take a smaller scale"
        )
    number = np.empty(len(order), np.int64)
    number[order] = ordered * 100_000 + serial
    return replace(projects, number=number)
