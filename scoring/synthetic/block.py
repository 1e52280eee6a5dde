"""A block: some thousand compounds of one unit in one year, with everything that records are made from.

Blocks keep memory flat however large the city is. Their streams carry the block's number, so that blocks can be made
in any order and in several processes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from scoring.synthetic.cells import Bytes, Flags, Floats, Ints, chance, digits, identifiers
from scoring.synthetic.firms import Conduct, Firms, Plight, Standing, conduct_of, found_firms
from scoring.synthetic.identity import compound_ids, credit_codes, project_ids
from scoring.synthetic.names import OUTSIDE
from scoring.synthetic.places import Places, Unit, shipped_places
from scoring.synthetic.projects import Compounds, Projects, lay_out
from scoring.synthetic.streams import Draws
from scoring.synthetic.years import Year

BLOCK: Final = 4_000  # compounds
MEMORY: Final = 4  # years before this one whose records are still delivered
_FIRM_SHARE: Final = 0.6  # how much of a project's quality is its firm's
_OWN_SHARE: Final = 0.4
_TROUBLE: Final = -2.9  # quality of the one bad project of an uneven firm
_FOCUS: Final = 0.25  # the share of its firm's area that this project should have


@dataclass(frozen=True, slots=True)
class City:
    """The skeleton of the whole city, without any record."""

    draws: Draws
    scale: float
    places: Places
    firms: Firms
    compounds: Compounds
    projects: Projects
    county_codes: Ints

    @property
    def credit_codes(self) -> pa.Array:
        """Credit code of every firm."""
        return self.codes(np.arange(len(self.firms)))

    def codes(self, firm: Ints) -> pa.Array:
        """Credit codes of the chosen firms."""
        return credit_codes(self.county_codes[self.firms.home[firm]], self.firms.serial[firm])

    def head_codes(self, firm: Ints) -> pa.Array:
        """Credit codes of the heads of branches; of no meaning for a company."""
        head, outside = self.firms.head[firm], self.firms.outside[firm]
        home = np.array([division for division, _ in OUTSIDE])[outside]
        here = self.county_codes[self.firms.home[head]]
        return credit_codes(np.where(outside >= 0, home, here), self.firms.serial[np.where(head >= 0, head, firm)])


@dataclass(frozen=True, slots=True)
class YearOfCity:
    """The city in one year.

    Attributes:
        conducts: The firms in this year and in the four before, whose records still count.
        active: Per project: whether it serves on some day of the year.
        focus: Per project: the one in which an uneven or partly declared firm shows it.
    """

    city: City
    year: Year
    conducts: Mapping[int, Conduct]
    active: Flags
    focus: Flags

    @property
    def conduct(self) -> Conduct:
        """The firms in this year."""
        return self.conducts[self.year.number]


@dataclass(frozen=True, slots=True)
class Block:
    """Some compounds of one unit and the projects that serve them in the year; arrays are per compound or per project.

    Attributes:
        draws: Streams of this unit, block and year; lasting: those of unit and block, whatever the year.
        number: Of the block within its unit, from 0.
        compound_id: Per compound.
        home: Per project: position of its compound in the block.
        first: Per project: first day served within the year, and *last* the last one.
        quality: Per project: how good the service is; party: how far party building has come.
        plight: Per project: the plight of its firm, where this is the project that shows it.
        applied: Per project: whether its firm takes part with it.
        alive: Per compound: whether it is served on the last day of the year.
    """

    draws: Draws
    lasting: Draws
    number: int
    unit: Unit
    year: Year
    places: Places
    compounds: Compounds
    compound_id: pa.Array
    projects: Projects
    credit_code: pa.Array
    home: Ints
    first: Ints
    last: Ints
    quality: Floats
    party: Floats
    plight: Ints
    applied: Flags
    alive: Flags

    @property
    def span(self) -> Ints:
        """Days served within the year, per project."""
        return self.last - self.first + 1

    @property
    def share(self) -> Floats:
        """The same as a fraction of the year."""
        return self.span / self.year.days

    @property
    def area(self) -> Floats:
        """Managed floor area per project in square metres."""
        return self.projects.area / 100

    @property
    def project_id(self) -> pa.Array:
        """Identifiers of the projects."""
        return project_ids(self.projects.number)

    def of(self, *names: str | int) -> np.random.Generator:
        """The stream of that name."""
        return self.draws.of(*names)

    def ids(self, letter: str, serial: Ints, *tail: Bytes) -> pa.Array:
        """Record identifiers: a letter, the unit, the year, the block, the serial."""
        head = (
            letter,
            self.unit.code,
            digits(np.full(len(serial), self.year.number), 4),
            digits(np.full(len(serial), self.number), 3),
        )
        return identifiers(*head, digits(serial, 6), *tail, count=len(serial))


def build_city(seed: int, scale: float) -> City:
    """The skeleton for a seed and a scale."""
    places, draws = shipped_places(), Draws(seed)
    firms = found_firms(draws, places, scale)
    compounds, projects = lay_out(draws, places, firms)
    counties = np.array([int(unit.county) for unit in places.units])
    return City(draws, scale, places, firms, compounds, projects, counties)


def in_year(city: City, number: int) -> YearOfCity:
    """What is true of the city in one year."""
    year = Year(number)
    active = (city.projects.starts <= year.last) & (city.projects.ends >= year.first)
    conducts = {one: conduct_of(city.draws, city.firms, one, city.scale) for one in range(number - MEMORY, number + 1)}
    wanted = np.isin(conducts[number].plight, (Plight.UNEVEN, Plight.PARTLY))
    return YearOfCity(city, year, conducts, active, _focus(city.projects, active, wanted))


def _focus(projects: Projects, active: Flags, wanted: Flags) -> Flags:
    """Of each wanted firm, the active project whose share of the firm's area is nearest to _FOCUS."""
    area = np.bincount(projects.firm, projects.area * (active & projects.residential), minlength=len(wanted))
    rows = np.flatnonzero(active & projects.residential & wanted[projects.firm])
    share = projects.area[rows] / area[projects.firm[rows]]
    rows = rows[np.lexsort((np.abs(share - _FOCUS), projects.firm[rows]))]
    focus = np.zeros(len(active), bool)
    focus[rows[np.unique(projects.firm[rows], return_index=True)[1]]] = True
    return focus


def blocks_of(now: YearOfCity, position: int) -> Iterator[Block]:
    """The blocks of the unit in that position; none for a unit without compounds."""
    city = now.city
    begin, end = np.searchsorted(city.compounds.unit, [position, position + 1])
    for number, low in enumerate(range(begin, end, BLOCK)):
        yield _block(now, position, number, low, min(low + BLOCK, end))


def _block(now: YearOfCity, position: int, number: int, low: int, high: int) -> Block:
    city, year, unit = now.city, now.year, now.city.places.units[position]
    rows = slice(*np.searchsorted(city.projects.compound, [low, high]))
    rows_active = np.arange(rows.start, rows.stop)[now.active[rows]]
    projects = city.projects.take(rows_active)
    compounds = city.compounds.take(slice(low, high))
    home = projects.compound - low
    quality, party, plight = _tempers(now, compounds, projects, home, now.focus[rows_active])
    lasting = city.draws.at(unit.code, "block", number)
    draws = lasting.at("year", year.number)
    alive = np.zeros(high - low, bool)
    alive[home[projects.ends >= year.last]] = True
    return Block(
        draws=draws,
        lasting=lasting,
        number=number,
        unit=unit,
        year=year,
        places=city.places,
        compounds=compounds,
        compound_id=compound_ids(unit.county, compounds.serial),
        projects=projects,
        credit_code=city.codes(projects.firm),
        home=home,
        first=np.maximum(projects.starts, year.first),
        last=np.minimum(projects.ends, year.last),
        quality=quality,
        party=party,
        plight=plight,
        applied=_applied(now, draws, projects.firm, now.focus[rows_active]),
        alive=alive,
    )


def _applied(now: YearOfCity, draws: Draws, firm: Ints, focus: Flags) -> Flags:
    conduct = now.conduct
    plight = conduct.plight[firm]
    forgotten = chance(draws.of("applied"), 0.015, len(firm)) & (plight == Plight.NONE)
    applied: Flags = conduct.applied[firm] & ~(focus & (plight == Plight.PARTLY)) & ~forgotten
    return applied


def _tempers(
    now: YearOfCity, compounds: Compounds, projects: Projects, home: Ints, focus: Flags
) -> tuple[Floats, Floats, Ints]:
    conduct, firm = now.conduct, projects.firm
    uneven = conduct.plight[firm] == Plight.UNEVEN
    quality = _FIRM_SHARE * conduct.quality[firm] + _OWN_SHARE * projects.own_quality
    excellent = uneven | (conduct.plight[firm] == Plight.PARTLY)
    excellent |= now.city.firms.standing[firm] == Standing.YOUNG
    quality = np.where(excellent, np.maximum(quality, np.where(uneven, 2.4, 1.5)), quality)
    quality = np.where(focus & uneven, _TROUBLE, quality)
    party = 0.5 * conduct.party[firm] + 0.5 * compounds.party[home]
    party = np.where(excellent, np.maximum(party, np.where(uneven, 1.8, 1.2)), party)
    plight = np.where(projects.lead, conduct.plight[firm], Plight.NONE)
    return quality, party, plight.astype(np.int64)
