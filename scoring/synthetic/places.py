"""Who reports, and where compounds can lie: the shipped codes of reporting units, streets and communities.

How large a unit's share of the city is follows from the codes as well (its urban communities), so that another city's
codes would give another city and no place is written down here.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib.resources import files

import numpy as np

from scoring.synthetic.cells import Floats, Ints


@dataclass(frozen=True, slots=True)
class Unit:
    """One reporting unit.

    Attributes:
        code: Six digits of a county, nine of a development zone.
        county: The county it lies in, itself for a county.
        weight: Its share of the city, any scale.
        communities: Positions in `Places.community_codes` where its compounds lie.
    """

    code: str
    name: str
    county: str
    weight: float
    communities: Ints

    @property
    def is_county(self) -> bool:
        """Whether it is a county-level unit and not a zone inside one."""
        return self.code == self.county


@dataclass(frozen=True, slots=True)
class Places:
    """All reporting units, and the communities they share out among them, in code order."""

    units: tuple[Unit, ...]
    community_codes: tuple[str, ...]
    community_names: tuple[str, ...]
    subdistrict_codes: tuple[str, ...]
    subdistrict_names: tuple[str, ...]

    @property
    def weights(self) -> Floats:
        """Shares of the city, adding up to 1."""
        weights = np.array([unit.weight for unit in self.units])
        return np.asarray(weights / weights.sum(), np.float64)


def shipped_places() -> Places:
    """The places of the shipped codes; only urban communities, villages have no compounds to serve."""
    streets = {row["code"]: row for row in _codes("subdistricts.csv")}
    communities = [row for row in _codes("communities.csv") if row["kind"] == "community"]
    reporting = list(_codes("reporting_units.csv"))
    zones = {row["code"] for row in reporting if row["kind"] == "zone"}
    owners = [_owner(streets[row["subdistrict_code"]], zones) for row in communities]
    urban = [
        streets[row["subdistrict_code"]]["kind"] == "subdistrict" or owner in zones
        for row, owner in zip(communities, owners, strict=True)
    ]
    units = tuple(_unit(row, np.array(owners), np.array(urban)) for row in reporting)
    return Places(
        units,
        tuple(row["code"] for row in communities),
        tuple(row["name"] for row in communities),
        tuple(row["subdistrict_code"] for row in communities),
        tuple(streets[row["subdistrict_code"]]["name"] for row in communities),
    )


def _unit(row: dict[str, str], owners: np.ndarray, urban: np.ndarray) -> Unit:
    here = np.flatnonzero((owners == row["code"]) & urban)
    return Unit(row["code"], row["name"], row["parent"], float(len(here)), here.astype(np.int64))


def _owner(street: dict[str, str], zones: set[str]) -> str:
    """A zone that reports for itself stands among the streets of its county."""
    return street["code"] if street["code"] in zones else street["division_code"]


def _codes(file: str) -> list[dict[str, str]]:
    text = (files("data_contracts") / "codes" / file).read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))
