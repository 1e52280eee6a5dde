"""Statuses, level rows and level steps, with the cases beside every edge."""

from __future__ import annotations

from typing import Any

import pytest


def book(make_book: Any, levels: str, statuses: str = "", missing: str = "not_rated") -> Any:
    """Firms whose points are their staff."""
    return make_book(f"""
units:
  firm:
    from: firms
    key: [code]
    statuses: [{statuses}]
    card: {{lines: [{{id: STAFF, points: staff, missing: {missing}}}]}}
    levels: {{order: [4A, 3A, 2A, A], {levels}}}
""")


ROWS = "rows: [{level: 4A, from: 90}, {level: 3A, from: 80}, {level: 2A, from: 60}, {level: A}]"


def one(make_book: Any, levels: str, statuses: str = "", **columns: Any) -> Any:
    """Outcome of one firm."""
    return book(make_book, levels, statuses).run(firms=[{"code": "F", **columns}])["F"]


# Rows.


@pytest.mark.parametrize(
    "points, level",
    [
        (59, "A"),
        (60, "2A"),
        (61, "2A"),
        (79, "2A"),
        (80, "3A"),
        (81, "3A"),
        (89, "3A"),
        (90, "4A"),
        (91, "4A"),
        (-5, "A"),
    ],
)
def test_points_on_the_edge_earn_the_level(make_book, points: int, level: str):
    """A firm at exactly 80.00 is 3A: 含本数."""
    assert one(make_book, ROWS, staff=points).level == level


@pytest.mark.parametrize("points, level", [(89, "A"), (90, "A"), (91, "4A")])
def test_above_leaves_the_edge_out(make_book, points: int, level: str):
    """More than 90 is not 90."""
    assert one(make_book, "rows: [{level: 4A, above: 90}, {level: A}]", staff=points).level == level


@pytest.mark.parametrize("points, level", [(49, "A"), (50, "A"), (51, "2A"), (65, "2A"), (66, "3A")])
def test_levels_may_be_written_from_below(make_book, points: int, level: str):
    """A scheme that lists its worst level first reads the same."""
    rows = "rows: [{level: A, to: 50}, {level: 2A, to: 65}, {level: 3A}]"

    assert one(make_book, rows, staff=points).level == level


@pytest.mark.parametrize(
    "points, licensed, level, status",
    [
        (95, True, "4A", None),
        (95, False, "A", None),
        (95, None, None, "NO_DATA"),
        (85, None, "3A", None),
        (50, None, "A", None),
    ],
)
def test_a_row_with_a_condition(make_book, points: int, licensed: Any, level: Any, status: Any):
    """Unknown before the first row that fits is NO_DATA, never the else row; where the edge fails nobody asks."""
    rows = "rows: [{level: A, from: 90, when: not licensed}, {level: 4A, from: 90}, {level: 3A, from: 80}, {level: A}]"

    found = one(make_book, rows, staff=points, licensed=licensed)

    assert (found.level, found.status, found.points) == (level, status, points)


@pytest.mark.parametrize(
    "points, level, status", [(59, None, "WATCHED"), (60, "2A", None), (49, "A", None), (50, None, "WATCHED")]
)
def test_a_row_may_give_a_status_and_keep_the_points(make_book, points: int, level: Any, status: Any):
    """A scheme may leave a range without a level."""
    rows = "rows: [{level: 2A, from: 60}, {status: WATCHED, from: 50}, {level: A}]"

    found = one(make_book, rows, staff=points)

    assert (found.level, found.status, found.points) == (level, status, points)


# Statuses.


@pytest.mark.parametrize(
    "columns, status",
    [
        ({"licensed": False, "staff": 0}, "OUT"),
        ({"licensed": True, "staff": 0}, "EMPTY"),
        ({"licensed": True, "staff": 1}, None),
    ],
)
def test_the_first_status_that_fits_stands(make_book, columns: dict[str, Any], status: Any):
    """Not licensed comes before without staff, because the book says so first."""
    found = one(make_book, ROWS, "{status: OUT, when: not licensed}, {status: EMPTY, when: staff = 0}", **columns)

    assert found.status == status
    assert (found.points is None, found.level is None) == (status is not None, status is not None)


def test_a_unit_with_a_status_keeps_its_lines(make_book):
    """It can read what it would have got."""
    found = one(make_book, ROWS, "{status: OUT, when: not licensed}", licensed=False, staff=70)

    assert (found.points, found.level, found.rank, found.lines) == (None, None, 0, {"STAFF": 70})


def test_an_unknown_status_does_not_apply(make_book):
    """Nobody is left out of a rating because a cell is empty."""
    assert one(make_book, ROWS, "{status: OUT, when: not licensed}", staff=70).level == "2A"


def test_a_status_comes_before_not_rated(make_book):
    """The reason that the book gives is better than none."""
    assert one(make_book, ROWS, "{status: OUT, when: not licensed}", licensed=False).status == "OUT"
    assert one(make_book, ROWS, "{status: OUT, when: not licensed}", licensed=True).status == "NOT_RATED"


# Steps.


@pytest.mark.parametrize(
    "step, before, after",
    [
        ("set: 2A", 95, "2A"),
        ("set: 2A", 10, "2A"),
        ("at_most: 3A", 95, "3A"),
        ("at_most: 3A", 85, "3A"),
        ("at_most: 3A", 65, "2A"),
        ("at_least: 3A", 95, "4A"),
        ("at_least: 3A", 85, "3A"),
        ("at_least: 3A", 65, "3A"),
        ("move: -1", 95, "3A"),
        ("move: -1", 65, "A"),
        ("move: -1", 10, "A"),
        ("move: +1", 95, "4A"),
        ("move: +1", 85, "4A"),
        ("move: -2", 85, "A"),
        ("move: 2", 65, "4A"),
        ("move: -9", 95, "A"),
    ],
)
def test_what_a_step_does_to_a_level(make_book, step: str, before: int, after: str):
    """Set, cap, floor and move; a move stops at the ends."""
    levels = f"{ROWS}, steps: [{{id: S, when: licensed, {step}}}]"

    assert one(make_book, levels, staff=before, licensed=True).level == after
    assert one(make_book, levels, staff=before, licensed=False).level == one(make_book, ROWS, staff=before).level


def test_steps_come_in_order(make_book):
    """A cap after a move is not the same as a move after a cap."""
    first = f"{ROWS}, steps: [{{id: M, when: licensed, move: 2}}, {{id: C, when: licensed, at_most: 3A}}]"
    second = f"{ROWS}, steps: [{{id: C, when: licensed, at_most: 3A}}, {{id: M, when: licensed, move: 2}}]"

    assert one(make_book, first, staff=65, licensed=True).level == "3A"
    assert one(make_book, second, staff=65, licensed=True).level == "4A"


@pytest.mark.parametrize("points, level", [(59, "A"), (60, "A"), (61, "2A")])
def test_a_step_may_look_at_points_and_level(make_book, points: int, level: str):
    """Levels are compared by their order, never as text."""
    levels = f"{ROWS}, steps: [{{id: S, when: \"points <= 60 and worse(level, '3A')\", set: A}}]"

    assert one(make_book, levels, staff=points).level == level


def test_an_unknown_step_does_not_apply_and_is_noted(make_book):
    """The explanation says that there were no data."""
    evaluation = book(make_book, f"{ROWS}, steps: [{{id: S, when: not licensed, set: A}}]").evaluate(
        firms=[{"code": "F", "staff": 95}]
    )

    taken = evaluation.units["firm"].rated.steps[0]
    assert (taken.no_data.tolist(), taken.bit.tolist(), taken.after.tolist()) == ([True], [False], ["4A"])


def test_a_step_that_is_not_enabled_does_nothing(make_book):
    """A proposed floor can stand in the book before it is in force."""
    levels = f"{ROWS}, steps: [{{id: S, when: licensed, set: A, enabled: false}}]"

    assert one(make_book, levels, staff=95, licensed=True).level == "4A"


@pytest.mark.parametrize(
    "even, level", [("", None), ("even: [OUT], ", "A"), ("even: OUT, ", "A"), ("even: [NOT_RATED], ", None)]
)
def test_a_step_passes_over_units_with_a_status_but_those_it_names(make_book, even: str, level: Any):
    """Not applying shields nobody from a veto."""
    levels = f"{ROWS}, steps: [{{id: VETO, when: area > 0, {even}set: A}}]"

    found = one(make_book, levels, "{status: OUT, when: not licensed}", licensed=False, staff=95, area=1)

    assert (found.level, found.status, found.points) == (level, "OUT", None)


@pytest.mark.parametrize("action", ["at_most: A", "at_least: 4A", "move: 1"])
def test_only_set_gives_a_level_to_a_unit_without_one(make_book, action: str):
    """A cap on nothing is nothing."""
    levels = f"{ROWS}, steps: [{{id: S, when: area > 0, even: [OUT], {action}}}]"

    found = one(make_book, levels, "{status: OUT, when: not licensed}", licensed=False, staff=95, area=1)

    assert found.level is None


def test_a_status_that_a_row_gave_can_be_named_by_a_step(make_book):
    """The unit has its points, so a step may look at them."""
    levels = (
        "rows: [{level: 2A, from: 60}, {status: WATCHED}], steps: [{id: S, when: points < 10, even: [WATCHED], set: A}]"
    )

    assert [one(make_book, levels, staff=points).level for points in (9, 10, 60)] == ["A", None, "2A"]


def test_units_share_a_rank_where_their_points_are_equal(make_book):
    """1, 2, 2, 4; a unit with a status has none."""
    rows = [("a", 50), ("b", 90), ("c", 50), ("d", 10), ("e", None)]

    found = book(make_book, ROWS).run(firms=[{"code": code, "staff": staff} for code, staff in rows])

    assert {code: outcome.rank for code, outcome in found.items()} == {"a": 2, "b": 1, "c": 2, "d": 4, "e": 0}


def test_a_unit_without_levels_has_points_alone(make_book):
    """`the level is the points` needs no levels."""
    rules = "units: {firm: {from: firms, key: code, card: {lines: [{id: A, points: 1}]}}}\n"

    found = make_book(rules).run(firms=[{"code": "F"}])["F"]

    assert (found.points, found.level, found.status) == (1, None, None)
