"""What offices keep on places and contracts: firms, compounds, projects."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from scoring.synthetic.block import Block, YearOfCity
from scoring.synthetic.cells import Ints, Rows, between, days, digits, flags, identifiers, numbers, words
from scoring.synthetic.firms import NOBODY, Plight, Standing, has_party_organization
from scoring.synthetic.identity import project_ids
from scoring.synthetic.names import OUTSIDE, addresses, compound_names, firm_names
from scoring.synthetic.projects import KINDS
from scoring.synthetic.years import NEVER, Year


def firms(now: YearOfCity, position: int) -> dict[str, Rows]:
    """Firms registered in one unit, as far as they serve in the year or have a branch that does."""
    city = now.city
    here = np.flatnonzero((city.firms.home == position) & _present(now))
    outside = city.firms.outside[here]
    branch = city.firms.is_branch[here]
    province = np.array([*(division // 10_000 for division, _ in OUTSIDE), city.county_codes[0] // 10_000])[outside]
    has, able = (flag[here] for flag in has_party_organization(city.draws, city.firms, now.conduct.party))
    rows = {
        "credit_code": city.codes(here),
        "name": _names(now, here),
        "kind": words(("company", "branch"), branch.astype(np.int64)),
        "head_code": pc.if_else(pa.array(branch), city.head_codes(here), pa.scalar(None, pa.string())),
        "head_province": words([str(number) for number in range(100)], province, ~branch),
        "registered_division": pa.repeat(city.places.units[position].code, len(here)),
        "licensed_on": days(_licensed(now, here), city.firms.standing[here] == Standing.UNLICENSED),
        "has_party_organization": flags(has),
        "can_form_party_organization": flags(able),
        "black_listed": flags(now.conduct.plight[here] == Plight.BLACK_LISTED),
    }
    return {"firms": rows} if len(here) else {}


def _present(now: YearOfCity) -> np.ndarray:
    city = now.city
    present = np.zeros(len(city.firms), bool)
    present[city.projects.firm[now.active]] = True
    heads = city.firms.head[present]
    present[heads[heads != NOBODY]] = True
    return present


def _names(now: YearOfCity, here: Ints) -> pa.Array:
    firms = now.city.firms
    head = firms.head[here]
    serial = np.where(head != NOBODY, firms.serial[head], firms.serial[here])
    units = [unit.name for unit in now.city.places.units]
    return firm_names(serial, firms.outside[here], words(units, firms.home[here], ~firms.is_branch[here]))


def _licensed(now: YearOfCity, here: Ints) -> Ints:
    """Some time before the first day served."""
    first = np.full(len(now.city.firms), Year(now.year.number).first)
    np.minimum.at(first, now.city.projects.firm, now.city.projects.starts)
    return first[here] - between(now.city.draws.of("licensed"), 30, 900, len(first))[here]


def compounds(block: Block) -> dict[str, Rows]:
    """All compounds, served or not."""
    one, places = block.compounds, block.places
    rows = {
        "compound_id": block.compound_id,
        "name": compound_names(one.serial),
        "aliases": pa.nulls(len(one.unit), pa.string()),
        "address": addresses(words(places.subdistrict_names, one.community), one.serial),
        "county_code": pa.repeat(block.unit.county, len(one.unit)),
        "subdistrict_code": words(places.subdistrict_codes, one.community),
        "community_code": words(places.community_codes, one.community, one.serial % 97 == 0),
        "kind": words(KINDS, one.kind),
        "old": flags(one.old),
        "households": numbers(one.households),
        "floor_area_m2": numbers(one.area),
        "occupancy": numbers(one.occupancy),
    }
    return {"compounds": rows}


def projects(block: Block) -> dict[str, Rows]:
    """Projects that serve on some day of the year; a later end is known by then only where the contract states it."""
    one = block.projects
    count = len(one.firm)
    if not count:
        return {}
    rows = {
        "project_id": project_ids(one.number),
        "project_name": pc.binary_join_element_wise(compound_names(block.compounds.serial[block.home]), "项目", ""),
        "compound_id": block.compound_id.take(pa.array(block.home)),
        "credit_code": block.credit_code,
        "contract_number": identifiers("HT", digits(one.number, 15), count=count, missing=~one.filed),
        "starts_on": days(one.starts),
        "ends_on": days(np.where(one.ends == NEVER, 0, one.ends), one.ends == NEVER),
        "floor_area_m2": numbers(one.area),
        "residential": flags(one.residential),
        "filed": flags(one.filed),
    }
    return {"projects": rows}
