"""From points to a level of a firm: edges, statuses, caps, vetoes and the floor that is off."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from importlib.resources import as_file
from pathlib import Path
from shutil import copytree
from typing import Any

import pyarrow as pa
import pytest

from scoring.rulebook import Rulebook, find_rulebook, load_rulebook


def with_floor(folder: Path) -> Rulebook:
    """The rulebook with FLOOR-01 switched on."""
    with as_file(find_rulebook("kunming/2024")) as shipped:
        copytree(shipped, folder)
    text = (folder / "rulebook.yaml").read_text(encoding="utf-8")
    assert text.count("enabled: false") == 1
    (folder / "rulebook.yaml").write_text(text.replace("enabled: false", "enabled: true"), encoding="utf-8")
    return load_rulebook(folder)


@pytest.mark.parametrize("fined, floor, outcome", [(False, False, "A"), (False, True, "2A"), (True, True, "A")])
def test_the_floor_is_off_and_would_lift_a_firm_without_bad_record(
    town, tmp_path: Path, fined: bool, floor: bool, outcome: str
):
    """Shandong keeps its lowest level for firms with a bad record; whether Kunming does is not published."""
    if fined:
        town.penalty()

    found = town.rated(with_floor(tmp_path / "book") if floor else None)

    assert found.points("firm", "F1") < 60
    assert found.level("firm", "F1") == (outcome, None)


def test_points_on_an_edge_earn_the_better_level(empty_town):
    """Exactly 90.00 is 4A (含本数), 89.99 is not."""
    town = empty_town
    outcomes = {"60": ("90.00", "4A"), "59.96": ("89.99", "3A"), "20": ("80.00", "3A"), "19.96": ("79.99", "2A")}
    town.served(*outcomes)
    for inspected in outcomes:
        town.excellent(f"C{inspected}", inspected)

    found = town.rated()

    for inspected, (points, level) in outcomes.items():
        assert found.points("firm", f"F{inspected}") == Fraction(points)
        assert found.level("firm", f"F{inspected}") == (level, None)


def test_sixty_points_are_needed_to_qualify(empty_town):
    """85 points less five judgments are exactly 60.00; a sixth leads below."""
    town, outcomes = empty_town, {5: (60, "2A"), 6: (55, "A")}
    town.served(*outcomes)
    for judgments in outcomes:
        town.excellent(f"C{judgments}", 40)
        for _ in range(judgments):
            town.add("judgments", credit_code=f"F{judgments}", liability="main", effective_on=date(2024, 5, 1))

    found = town.rated()

    for judgments, (points, level) in outcomes.items():
        assert found.points("firm", f"F{judgments}") == points
        assert found.level("firm", f"F{judgments}") == (level, None)


def test_a_veto_holds_for_a_firm_that_did_not_apply(empty_town):
    """Not applying must not shield misuse of the repair fund."""
    town = empty_town
    kinds = ("repair_fund_misuse", "refusal_to_leave", "fatal_accident", "false_declaration")
    town.served("none", *kinds)
    town.rows["declarations"] = []
    for kind in kinds:
        town.determination(kind, credit_code=f"F{kind}")

    found = town.rated()

    assert found.level("firm", "Fnone") == (None, "NOT_APPLIED")
    assert {found.level("firm", f"F{kind}") for kind in kinds} == {("A", "NOT_APPLIED")}


def test_only_a_determination_in_force_vetoes(empty_town):
    """An accident without responsibility, a revoked decision or one of the next year leaves the level."""
    town = empty_town
    cases: dict[str, dict[str, Any]] = {
        "in force": {},
        "not responsible": {"responsible": False},
        "revoked": {"revoked_on": date(2024, 12, 31)},
        "next year": {"decided_on": date(2025, 1, 1)},
    }
    town.served(*cases)
    for name, more in cases.items():
        town.excellent(f"C{name}", 60)
        town.determination("fatal_accident", credit_code=f"F{name}", **more)

    found = town.rated()

    assert [found.level("firm", f"F{name}")[0] for name in cases] == ["A", "4A", "4A", "4A"]


def test_more_than_a_fifth_of_the_area_below_sixty_caps_the_level(empty_town):
    """A share of the area, not any project: one poor project of many must not cap a large firm."""
    town, outcomes = empty_town, {100_000: "4A", 100_010: "3A"}
    for area in outcomes:
        town.served(area, area=400_000)
        town.excellent(f"C{area}", 100)
        town.compound(f"poor {area}", area)
        town.project(f"poor {area}", f"poor {area}", f"F{area}", area)
        town.inspection(f"poor {area}", 0)
        for content in ("A", "B"):
            town.award("national", content, f"F{area}")

    found = town.rated()

    for area, level in outcomes.items():
        assert found.points("project", f"poor {area}") < 60
        assert found.level("firm", f"F{area}") == (level, None)


def test_less_than_four_fifths_of_the_area_scored_caps_the_level(empty_town):
    """A firm must not choose which of its projects are looked at."""
    town, outcomes = empty_town, {400_000: "4A", 399_990: "3A"}
    for area in outcomes:
        town.served(area, area=area)
        town.excellent(f"C{area}", 100)
        town.compound(f"other {area}")
        town.contract(f"other {area}", f"other {area}", f"F{area}")

    found = town.rated()

    assert {area: found.level("firm", f"F{area}")[0] for area in outcomes} == outcomes


def test_a_firm_is_new_below_half_a_year_and_capped_below_a_whole_one(empty_town):
    """From 2 July to the end of 2024 are 183 days; the records are of December, when all served."""
    town = empty_town
    outcomes = {
        date(2024, 1, 1): ("4A", None),
        date(2024, 1, 2): ("3A", None),
        date(2024, 7, 2): ("3A", None),
        date(2024, 7, 3): (None, "NEW"),
    }
    for starts_on in outcomes:
        town.served(starts_on)
        town.rows["projects"][-1]["starts_on"] = starts_on
        town.excellent(f"C{starts_on}", 100)
    for record in (record for records in town.rows.values() for record in records):
        record |= {name: date(2024, 12, 1) for name in ("inspected_on", "disclosed_on", "raised_on") if name in record}
        record |= {name: date(2024, 12, 2) for name in ("surveyed_on", "confirmed_on", "solved_on") if name in record}

    found = town.rated()

    assert {day: found.level("firm", f"F{day}") for day in outcomes} == outcomes


def test_a_firm_without_a_license_is_not_rated(empty_town):
    """Who is not licensed for property service is outside the scheme, whatever it serves."""
    town, statuses = empty_town, {None: "NOT_RATED", date(2025, 1, 1): "NOT_RATED", date(2024, 12, 31): None}
    for licensed_on in statuses:
        town.served(licensed_on, licensed_on=licensed_on)

    found = town.rated()

    assert {day: found.level("firm", f"F{day}")[1] for day in statuses} == statuses


@pytest.mark.parametrize("level, year, counted", [("A", 2023, 1), ("A", 2022, 0), ("2A", 2023, 0)])
def test_the_year_before_is_known_when_its_round_is_given(town, level: str, year: int, counted: int):
    """Two years running at A lead to key supervision; an older round does not."""
    past = {"credit_code": ["F1"], "points": pa.array([5000], pa.int64()), "level": [level], "edition_year": [year]}
    blank = {"status": pa.array([None], pa.string()), "rulebook": ["kunming-2023"], "record_id": ["kunming-2023/0001"]}

    found = town.rated(earlier={"firm": pa.table({**past, **blank})})

    assert found.fact("firm", "F1", "low_before") == counted
