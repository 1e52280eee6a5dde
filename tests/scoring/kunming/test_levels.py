"""From points to a level of a firm: edges, statuses, caps, vetoes and the floor that is off."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from importlib.resources import as_file
from pathlib import Path
from shutil import copytree

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


@pytest.mark.parametrize(
    "inspected, points, outcome",
    [("60", "90.00", "4A"), ("59.96", "89.99", "3A"), ("20", "80.00", "3A"), ("19.96", "79.99", "2A")],
)
def test_points_on_an_edge_earn_the_better_level(town, inspected: str, points: str, outcome: str):
    """Exactly 90.00 is 4A (含本数), 89.99 is not."""
    for compound_id in ("C1", "C2"):
        town.excellent(compound_id, inspected)

    found = town.rated()

    assert found.points("firm", "F1") == Fraction(points)
    assert found.level("firm", "F1") == (outcome, None)


@pytest.mark.parametrize("deducted, outcome", [(25, "2A"), (30, "A")])
def test_sixty_points_are_needed_to_qualify(town, deducted: int, outcome: str):
    """85 points less five judgments are exactly 60.00; a sixth leads below."""
    for compound_id in ("C1", "C2"):
        town.excellent(compound_id, 40)
    for _ in range(deducted // 5):
        town.add("judgments", credit_code="F1", liability="main", effective_on=date(2024, 5, 1))

    found = town.rated()

    assert found.points("firm", "F1") == 85 - deducted
    assert found.level("firm", "F1") == (outcome, None)


@pytest.mark.parametrize("kind", ["repair_fund_misuse", "refusal_to_leave", "fatal_accident", "false_declaration"])
def test_a_veto_holds_for_a_firm_that_did_not_apply(town, kind: str):
    """Not applying must not shield misuse of the repair fund."""
    town.rows["declarations"] = []
    before = town.rated().level("firm", "F1")
    town.determination(kind)

    found = town.rated()

    assert before == (None, "NOT_APPLIED")
    assert found.level("firm", "F1") == ("A", "NOT_APPLIED")


@pytest.mark.parametrize(
    "more, outcome",
    [
        ({}, "A"),
        ({"responsible": False}, "4A"),
        ({"revoked_on": date(2024, 12, 31)}, "4A"),
        ({"decided_on": date(2025, 1, 1)}, "4A"),
    ],
)
def test_only_a_determination_in_force_vetoes(town, more: dict[str, object], outcome: str):
    """An accident without responsibility, a revoked decision or one of the next year leaves the level."""
    for compound_id in ("C1", "C2"):
        town.excellent(compound_id, 60)
    town.determination("fatal_accident", **more)

    found = town.rated()

    assert found.level("firm", "F1") == (outcome, None)


@pytest.mark.parametrize("poor_area, outcome", [(100_000, "4A"), (100_010, "3A")])
def test_more_than_a_fifth_of_the_area_below_sixty_caps_the_level(empty_town, poor_area: int, outcome: str):
    """A share of the area, not any project: one poor project of many must not cap a large firm."""
    town = empty_town
    town.firm("F1")
    for place, area in ((1, poor_area), (2, 400_000)):
        town.compound(f"C{place}", area)
        town.project(f"P{place}", f"C{place}", "F1", area)
    town.inspection("C1", 0)
    town.excellent("C2", 100)
    town.award("national", "A")
    town.award("national", "B")

    found = town.rated()

    assert found.points("project", "P1") < 60
    assert found.level("firm", "F1") == (outcome, None)


@pytest.mark.parametrize("scored_area, outcome", [(400_000, "4A"), (399_990, "3A")])
def test_less_than_four_fifths_of_the_area_scored_caps_the_level(empty_town, scored_area: int, outcome: str):
    """A firm must not choose which of its projects are looked at."""
    town = empty_town
    town.firm("F1")
    town.compound("C1")
    town.compound("C2", scored_area)
    town.contract("P1", "C1", "F1")
    town.project("P2", "C2", "F1", scored_area)
    town.excellent("C2", 100)

    found = town.rated()

    assert found.level("firm", "F1") == (outcome, None)


@pytest.mark.parametrize(
    "starts_on, outcome",
    [
        (date(2024, 1, 1), ("4A", None)),
        (date(2024, 1, 2), ("3A", None)),
        (date(2024, 7, 2), ("3A", None)),
        (date(2024, 7, 3), (None, "NEW")),
    ],
)
def test_a_firm_is_new_below_half_a_year_and_capped_below_a_whole_one(
    empty_town, starts_on: date, outcome: tuple[str, str]
):
    """From 2 July to the end of 2024 are 183 days; its records are of December, when it served."""
    town = empty_town
    town.firm("F1")
    town.compound("C1")
    town.project("P1", "C1", "F1", starts_on=starts_on)
    town.excellent("C1", 100)
    for records in town.rows.values():
        for record in records:
            record |= {
                name: date(2024, 12, 1) for name in ("inspected_on", "disclosed_on", "raised_on") if name in record
            }
            record |= {
                name: date(2024, 12, 2) for name in ("surveyed_on", "confirmed_on", "solved_on") if name in record
            }

    found = town.rated()

    assert found.level("firm", "F1") == outcome


@pytest.mark.parametrize(
    "firm, outcome",
    [({"licensed_on": None}, "NOT_RATED"), ({"licensed_on": date(2025, 1, 1)}, "NOT_RATED"), ({}, None)],
)
def test_a_firm_without_a_licence_is_not_rated(empty_town, firm: dict[str, object], outcome: str | None):
    """Who is not licensed for property service is outside the scheme, whatever it serves."""
    town = empty_town
    town.firm("F1", **firm)
    town.compound("C1")
    town.project("P1", "C1", "F1")

    found = town.rated()

    assert found.level("firm", "F1")[1] == outcome


@pytest.mark.parametrize("level, year, counted", [("A", 2023, 1), ("A", 2022, 0), ("2A", 2023, 0)])
def test_the_year_before_is_known_when_its_round_is_given(town, level: str, year: int, counted: int):
    """Two years running at A lead to key supervision; an older round does not."""
    past = {"credit_code": ["F1"], "points": pa.array([5000], pa.int64()), "level": [level], "edition_year": [year]}
    blank = {"status": pa.array([None], pa.string()), "rulebook": ["kunming-2023"], "record_id": ["kunming-2023/0001"]}

    found = town.rated(earlier={"firm": pa.table({**past, **blank})})

    assert found.fact("firm", "F1", "low_before") == counted
