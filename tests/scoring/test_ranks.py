"""Rank steps: which units are among the best, the worst or beyond, with ties, groups and places in every form."""

from __future__ import annotations

from fractions import Fraction
from functools import cmp_to_key
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_contracts.expressions import TEXT, Type
from data_contracts.expressions.terms import TRUTH, Column
from scoring.exact import Numbers
from scoring.facts.formula import Context
from scoring.facts.values import Path, Texts, Truths, Value
from scoring.rating.ranks import competition_ranks, take
from scoring.rulebook.shape import Expression, Rank

POINTS, MERIT = Column(Type("number", None, optional=True), ("points",)), Column(Type("number", 0), ("merit",))
LEVELS = "levels: {order: [top, rest], rows: [{level: rest}], steps: [STEP]}"


def firms(make_book: Any, step: str, rows: dict[str, Any], **more: dict[str, Any]) -> set[str]:
    """Firms that the step sets to top; points are the staff."""
    rules = f"""
units:
  firm:
    from: firms
    key: [code]
    division: district
    card: {{lines: [{{id: STAFF, points: staff, missing: not_rated}}]}}
    {LEVELS.replace("STEP", f"{{id: R, {step}, set: top}}")}
"""
    table = [{"code": code, "staff": staff, **more.get(code, {})} for code, staff in rows.items()]
    return {code for code, outcome in make_book(rules).run(firms=table).items() if outcome.level == "top"}


FIVE = {"a": 50, "b": 40, "c": 40, "d": 20, "e": 10}


@pytest.mark.parametrize(
    "step, taken",
    [
        ("best: 0, ties: all_in", ""),
        ("best: 1, ties: all_in", "a"),
        ("best: 2, ties: all_in", "abc"),
        ("best: 2, ties: all_out", "a"),
        ("best: 2, ties: by_key", "ab"),
        ("best: 3, ties: all_out", "abc"),
        ("best: 9, ties: all_out", "abcde"),
        ("worst: 1, ties: all_in", "e"),
        ("worst: 2, ties: all_in", "de"),
        ("worst: 3, ties: all_in", "bcde"),
        ("worst: 3, ties: all_out", "de"),
        ("worst: 3, ties: by_key", "bde"),
        ("beyond: 1, ties: all_in", "bcde"),
        ("beyond: 2, ties: all_in", "bcde"),
        ("beyond: 2, ties: all_out", "de"),
        ("beyond: 2, ties: by_key", "cde"),
        ("beyond: 5, ties: all_in", ""),
    ],
)
def test_ties_across_the_edge_go_as_the_book_says(make_book, step: str, taken: str):
    """`all_in` takes all that are equal at the edge, `all_out` none of them; what is taken is what the step names."""
    assert firms(make_book, step, FIVE) == set(taken)


@pytest.mark.parametrize(
    "share, count, places",
    [
        ("10 %", "down", 0),
        ("19.99 %", "down", 0),
        ("20 %", "down", 1),
        ("30 %", "down", 1),
        ("39.99 %", "down", 1),
        ("40%", "down", 2),
        ("0 %", "up", 0),
        ("0.01 %", "up", 1),
        ("20 %", "up", 1),
        ("20.01 %", "up", 2),
        ("29.99 %", "half_up", 1),
        ("30 %", "half_up", 2),
        ("30.01 %", "half_up", 2),
        ("100 %", "down", 5),
    ],
)
def test_a_percentage_is_counted_as_the_book_says(make_book, share: str, count: str, places: int):
    """Ten percent of five firms are none, one or one: down, up, half up."""
    rows = {"a": 50, "b": 40, "c": 30, "d": 20, "e": 10}

    taken = firms(make_book, f"best: {share}, count: {count}, ties: all_out", rows)

    assert taken == set("abcde"[:places])


def test_a_percentage_is_of_all_rated_units_not_of_those_among(make_book):
    """At most a tenth of all rated firms may be 4A, however many 4A there are."""
    rows = {f"f{place:02}": place for place in range(20)}

    taken = firms(make_book, "beyond: 10 %, count: down, ties: all_in, among: points >= 15", rows)

    assert taken == {"f15", "f16", "f17"}


def test_units_without_points_are_neither_counted_nor_taken(make_book):
    """A firm that did not apply makes no place for others."""
    rows = {"a": 50, "b": 40, "c": None, "d": None}

    assert firms(make_book, "best: 50 %, count: down, ties: all_in", rows) == {"a"}
    assert firms(make_book, "worst: 9, ties: all_in", rows) == {"a", "b"}


def test_places_are_counted_within_each_group(make_book):
    """Two a district, and a percentage of the district's own firms."""
    north, south = {"district": "north"}, {"district": "south"}
    more = dict.fromkeys("abc", north) | dict.fromkeys("de", south)

    assert firms(make_book, "best: 1, per: division, ties: all_in", FIVE, **more) == {"a", "d"}
    assert firms(make_book, "best: 2, per: division, ties: all_in", FIVE, **more) == {"a", "b", "c", "d", "e"}
    assert firms(make_book, "best: 50 %, count: down, per: division, ties: all_in", FIVE, **more) == {"a", "d"}
    assert firms(make_book, "best: 50 %, count: up, per: district, ties: by_key", FIVE, **more) == {"a", "b", "d"}


def test_further_criteria_break_ties(make_book):
    """More area first, then the older firm; `asc` turns one round; what is missing comes last."""
    more: dict[str, dict[str, Any]] = {"b": {"area": 1, "founded": "2001-01-01"}, "c": {"area": 2}, "a": {"area": 1}}
    rows = {"a": 40, "b": 40, "c": 40, "d": 40}

    assert firms(make_book, "best: 1, by: [points, area], ties: all_out", rows, **more) == {"c"}
    assert firms(make_book, "best: 2, by: [points, asc area], ties: all_out", rows, **more) == {"a", "b"}
    assert firms(make_book, "best: 1, by: [asc area, asc founded], ties: all_out", rows, **more) == {"b"}
    assert firms(make_book, "worst: 1, by: [area], ties: by_key", rows, **more) == {"a"}
    assert firms(make_book, "best: 3, by: [area], ties: all_out", rows, **more) == {"a", "b", "c"}


def test_one_per_key_fills_the_places_one_by_one(make_book):
    """At most one site of each operator; the next best of another takes the place."""
    more = {code: {"head": head} for code, head in {"a": "H", "b": "H", "c": "K", "d": "K", "e": "L"}.items()}

    assert firms(make_book, "best: 2, one_per: head, ties: by_key", FIVE, **more) == {"a", "c"}
    assert firms(make_book, "best: 9, one_per: head, ties: by_key", FIVE, **more) == {"a", "c", "e"}
    assert firms(make_book, "beyond: 2, one_per: head, ties: by_key", FIVE, **more) == {"b", "d", "e"}
    assert firms(make_book, "worst: 2, one_per: head, ties: by_key", FIVE, **more) == {"e", "d"}


def test_a_step_ranks_what_earlier_steps_left(make_book):
    """`among` sees the level as it stands when the step comes."""
    rules = """
units:
  firm:
    from: firms
    key: [code]
    card: {lines: [{id: STAFF, points: staff, missing: not_rated}]}
    levels:
      order: [A, B, C]
      rows: [{level: A, from: 40}, {level: B}]
      steps:
        - {id: TOP, beyond: 1, ties: by_key, among: "level = 'A'", at_most: B}
        - {id: LOW, worst: 2, ties: all_in, among: "level = 'B'", set: C}
"""
    table = [{"code": code, "staff": staff} for code, staff in FIVE.items()]

    found = make_book(rules).run(firms=table)

    assert {code: outcome.level for code, outcome in found.items()} == {
        "a": "A",
        "b": "B",
        "c": "B",
        "d": "C",
        "e": "C",
    }


def test_the_places_are_kept_with_the_run(make_book):
    """Who asks why he was not among them is told how many places there were."""
    rules = f"units: {{firm: {{from: firms, key: code, card: {{lines: [{{id: A, points: 1}}]}}, {LEVELS}}}}}\n"
    book = make_book(rules.replace("STEP", "{id: R, best: 40 %, count: up, per: district, ties: by_key, set: top}"))

    evaluation = book.evaluate(firms=[{"code": str(code), "district": "n"} for code in range(6)])

    step = evaluation.units["firm"].rated.steps[0]
    assert (dict(step.places), int(step.bit.sum())) == ({"n": 3}, 3)


# Any ranking against a slow one.

Unit = tuple[Fraction | None, int, str, bool, bool]
units = st.lists(
    st.tuples(
        st.none() | st.sampled_from([Fraction(n, d) for n in range(4) for d in (1, 2, 3)]),
        st.integers(0, 2),
        st.sampled_from("xyz"),
        st.booleans(),
        st.booleans(),
    ),
    max_size=9,
)


@st.composite
def ranks(draw: st.DrawFn) -> Rank:
    """A rank over points and merit, with or without groups."""
    one_per = draw(st.booleans())
    number = draw(st.none() | st.integers(0, 5))
    criteria = [(POINTS, draw(st.booleans())), (MERIT, draw(st.booleans()))][: draw(st.integers(1, 2))]
    group = Expression("group", Column(TEXT, ("group",)), 1)
    ties: list[Literal["all_in", "all_out", "by_key"]] = ["all_in", "all_out", "by_key"]
    return Rank(
        which=draw(st.sampled_from(["best", "worst", "beyond"])),
        number=number,
        share=None
        if number is not None
        else draw(st.sampled_from([Fraction(n, 100) for n in (0, 10, 25, 50, 75, 100)])),
        rounding=draw(st.sampled_from(["up", "down", "half_up"])),
        ties="by_key" if one_per else draw(st.sampled_from(ties)),
        by=tuple(criteria),
        among=draw(st.none() | st.just(Expression("open", Column(TRUTH, ("open",)), 1))),
        per=draw(st.none() | st.just(group)),
        one_per=group if one_per else None,
    )


def slowly(rank: Rank, table: list[Unit]) -> set[int]:
    """The same by sorting one group after the other."""
    taken: set[int] = set()
    rated = [row for row, unit in enumerate(table) if unit[3]]
    for group in {table[row][2] if rank.per else "" for row in rated}:
        inside = [row for row in rated if not rank.per or table[row][2] == group]
        count = places(rank, len(inside))
        rows = [row for row in inside if rank.among is None or table[row][4]]

        def before(one: int, other: int) -> int:
            return compare(rank, table[one], table[other]) or one - other

        rows.sort(key=cmp_to_key(before))
        taken |= chosen(rank, rows, count, table)
    return taken


def places(rank: Rank, units_: int) -> int:
    """How many places there are."""
    if rank.number is not None:
        return rank.number
    exact = (rank.share or 0) * units_
    return {"down": exact.__floor__(), "up": exact.__ceil__(), "half_up": (exact + Fraction(1, 2)).__floor__()}[
        rank.rounding
    ]


def compare(rank: Rank, one: Unit, other: Unit) -> int:
    """Negative where the one comes first; missing last also among the worst."""
    for place, (_, highest) in enumerate(rank.by):
        left, right = one[place], other[place]
        if left == right:
            continue
        if left is None or right is None:
            return 1 if left is None else -1
        first = left > right if highest != (rank.which == "worst") else left < right  # type: ignore[operator]
        return -1 if first else 1
    return 0


def chosen(rank: Rank, rows: list[int], count: int, table: list[Unit]) -> set[int]:
    """The rows that the step takes of one group."""
    if rank.one_per:
        best: set[int] = set()
        for row in rows:
            if len(best) < count and table[row][2] not in {table[other][2] for other in best}:
                best.add(row)
        return set(rows) - best if rank.which == "beyond" else best
    edge = rows[count - 1 : count + 1] if count else []
    tied = len(edge) == 2 and compare(rank, table[edge[0]], table[edge[1]]) == 0
    best = set(rows[:count])
    if tied and rank.ties != "by_key":
        equal = {row for row in rows if compare(rank, table[row], table[edge[0]]) == 0}
        kept = rank.ties == ("all_out" if rank.which == "beyond" else "all_in")
        best = best | equal if kept else best - equal
    return set(rows) - best if rank.which == "beyond" else best


@given(rank=ranks(), table=units)
def test_any_ranking_is_what_sorting_by_hand_gives(rank: Rank, table: list[Unit]):
    """Whoever is not on the list can sort it himself."""
    values: dict[Path, Value] = {
        ("points",): Numbers.from_fractions([unit[0] for unit in table]),
        ("merit",): Numbers.from_fractions([Fraction(unit[1]) for unit in table]),
        ("group",): Texts.of([unit[2] for unit in table]),
        ("open",): Truths.of([unit[4] for unit in table]),
    }

    taken = take(rank, np.array([unit[3] for unit in table], bool), values, Context())

    assert set(np.flatnonzero(taken.members).tolist()) == slowly(rank, table)


@given(points=st.lists(st.integers(-5, 5), max_size=8), rated=st.lists(st.booleans(), min_size=8, max_size=8))
def test_a_rank_is_one_more_than_the_units_above(points: list[int], rated: list[bool]):
    """Equal points share a rank, and the next rank counts them all."""
    flags = np.array(rated[: len(points)], bool)

    found = competition_ranks(np.array(points, np.int64), flags)

    above = [1 + sum(other > one for other, known in zip(points, flags, strict=True) if known) for one in points]
    assert found.tolist() == [rank if known else 0 for rank, known in zip(above, flags, strict=True)]
