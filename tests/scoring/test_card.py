"""Lines of a card: amounts, tiers, bounds, rounding and missing values, with the cases beside every edge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_contracts.expressions import Type, parse, resolve
from data_contracts.expressions.resolve import ColumnScope
from scoring.card.artefact import APPLIED, NOT_APPLICABLE
from scoring.card.artefact import NO_VALUE as NO_DATA
from scoring.card.card import CardResult, score
from scoring.exact import Numbers, PointsOverflowError, fraction_to_units, round_fraction
from scoring.facts.engine import FactOverflowError
from scoring.facts.formula import Context
from scoring.facts.one_row import one_row
from scoring.facts.values import Path, Value
from scoring.rulebook.cards import leaves
from scoring.rulebook.shape import CardRules, Citation, Expression, Line, Row, Title

RECORDS = "{of: records, time: any, take: "


def card(lines: str, facts: str = "", more: str = "", head: str = "") -> str:
    """A book of firms with these lines."""
    return f"""
units:
  firm:
    from: firms
    key: [code]
    facts: {{{facts}}}
    card: {{{head}lines: [{lines}]}}
    {more}
"""


def firm(make_book: Any, lines: str, facts: str = "", head: str = "", records: Any = (), **columns: Any) -> Any:
    """Outcome of one firm."""
    book = make_book(card(lines, facts, head=head))
    return book.run(firms=[{"code": "F", **columns}], records=[{"firm": "F", **one} for one in records])["F"]


# Amounts.


@pytest.mark.parametrize(
    "area, points",
    [("0.04", "0.00"), ("0.05", "0.01"), ("0.06", "0.01"), ("-0.05", "-0.01"), ("0.14", "0.01"), ("0.15", "0.02")],
)
def test_an_amount_is_rounded_to_the_unit_once(make_book, area: str, points: str):
    """0.005 points are 0.01 points, and so is a deduction of 0.005."""
    found = firm(make_book, "{id: A, points: area / 10, missing: zero}", area=area)

    assert found.lines == {"A": Fraction(points)}


@pytest.mark.parametrize("area, points", [("64.44", 64), ("64.45", 65), ("64.46", 65), ("-64.45", -65)])
def test_an_amount_is_rounded_through_its_stages(make_book, area: str, points: int):
    """Printed with one decimal, then rounded to whole points."""
    found = firm(make_book, '{id: A, points: "area", round: [0.1, 1], missing: zero}', area=area)

    assert found.points == points


def test_stages_are_not_one_rounding(make_book):
    """64.45 is 64.5 is 65, though it is nearer to 64."""
    two = firm(make_book, "{id: A, points: area, round: [0.1, 1], missing: zero}", area="64.45")
    one = firm(make_book, "{id: A, points: area, round: 1, missing: zero}", area="64.45")

    assert (two.points, one.points) == (65, 64)


@pytest.mark.parametrize(
    "missing, points, status, state",
    [
        ("zero", 10, None, "no_data"),
        ("full", 17, None, "no_data"),
        ("2.5", Fraction("12.5"), None, "no_data"),
        ("-1", 9, None, "no_data"),
        ("not_rated", None, "NOT_RATED", "no_data"),
    ],
)
def test_a_missing_amount_is_worth_what_the_book_says(make_book, missing: str, points: Any, status: Any, state: str):
    """No survey is not a bad survey: the book has to choose, and the sheet says that there were no data."""
    lines = f"{{id: BASE, points: 10}}, {{id: A, points: area, full: 7, missing: {missing}}}"

    found = firm(make_book, lines)

    assert (found.points, found.status, found.states["A"]) == (points, status, state)


@pytest.mark.parametrize(
    "licensed, points, state", [(True, 5, "applied"), (False, 0, "not_applicable"), (None, 0, "no_data")]
)
def test_a_line_with_a_condition(make_book, licensed: bool | None, points: int, state: str):
    """Where the condition is unknown the line does not apply, and says why."""
    found = firm(make_book, "{id: A, points: 5, when: licensed}", licensed=licensed)

    assert (found.lines["A"], found.states["A"]) == (points, state)


@pytest.mark.parametrize("licensed, expected", [(True, [2, 3]), (False, [0, 0]), (None, [0, 0])])
def test_a_section_with_a_condition(make_book, licensed: bool | None, expected: list[int]):
    """All its lines apply or none, and its bounds with them."""
    lines = "{id: S, when: licensed, within: [1, 4], lines: [{id: A, points: 2}, {id: B, points: 3, when: staff > 0}]}"

    found = firm(make_book, lines, licensed=licensed, staff=1)

    assert [found.lines["A"], found.lines["B"]] == expected
    assert found.points == (4 if licensed else 0)


def test_a_condition_that_fails_hides_a_missing_amount(make_book):
    """A line that does not apply needs no data."""
    found = firm(make_book, "{id: A, points: area, when: staff > 0, missing: not_rated}", staff=0)

    assert (found.points, found.states["A"]) == (0, "not_applicable")


# Tiers.


@pytest.mark.parametrize(
    "tiers, area, points",
    [
        ("{from: 5, points: 2}, {points: 0}", "4.99", 0),
        ("{from: 5, points: 2}, {points: 0}", "5", 2),
        ("{from: 5, points: 2}, {points: 0}", "5.01", 2),
        ("{above: 5, points: 2}, {points: 0}", "4.99", 0),
        ("{above: 5, points: 2}, {points: 0}", "5", 0),
        ("{above: 5, points: 2}, {points: 0}", "5.01", 2),
        ("{to: 5, points: 2}, {points: 0}", "4.99", 2),
        ("{to: 5, points: 2}, {points: 0}", "5", 2),
        ("{to: 5, points: 2}, {points: 0}", "5.01", 0),
        ("{below: 5, points: 2}, {points: 0}", "4.99", 2),
        ("{below: 5, points: 2}, {points: 0}", "5", 0),
        ("{below: 5, points: 2}, {points: 0}", "5.01", 0),
        ("{from: 3, below: 5, points: 2}, {points: 0}", "2.99", 0),
        ("{from: 3, below: 5, points: 2}, {points: 0}", "3", 2),
        ("{from: 3, below: 5, points: 2}, {points: 0}", "5", 0),
        ("{from: 0, points: 1}, {points: -1}", "-0.01", -1),
    ],
)
def test_tiers_begin_and_end_where_they_say(make_book, tiers: str, area: str, points: int):
    """含本数 or not is the difference between two levels."""
    found = firm(make_book, f"{{id: A, missing: zero, tiers: {{on: area, rows: [{tiers}]}}}}", area=area)

    assert found.lines["A"] == points


@pytest.mark.parametrize("staff, points", [(29, 0), (30, 1), (31, 1)])
def test_a_ratio_on_the_edge_is_on_the_edge(make_book, staff: int, points: int):
    """30 of 70 against 3/7 of a hundred: a floating-point number would miss it."""
    lines = "{id: A, missing: zero, tiers: {on: staff / 70 * 7, rows: [{from: 3, points: 1}, {points: 0}]}}"

    assert firm(make_book, lines, staff=staff).lines["A"] == points


@pytest.mark.parametrize(
    "staff, licensed, points, state",
    [
        (10, False, 3, "applied"),
        (5, True, 2, "applied"),
        (5, False, 0, "applied"),
        (5, None, -1, "no_data"),
        (None, True, -1, "no_data"),
    ],
)
def test_a_tier_with_a_condition(make_book, staff: Any, licensed: Any, points: int, state: str):
    """A test that is unknown before the first row that fits is no data, never the else row."""
    rows = "{from: 10, points: 3}, {when: licensed, points: 2}, {points: 0}"
    lines = f"{{id: A, missing: -1, tiers: {{on: staff, rows: [{rows}]}}}}"

    found = firm(make_book, lines, staff=staff, licensed=licensed)

    assert (found.lines["A"], found.states["A"]) == (points, state)


# Bounds.


@pytest.mark.parametrize("staff, change", [(9, 0), (10, 0), (11, -1), (-2, 0), (-3, 1)])
def test_a_bound_that_bites_is_a_line_of_its_own(make_book, staff: int, change: int):
    """The sheet shows what was earned and what the cap took."""
    found = firm(make_book, "{id: A, points: staff, within: [-2, 10], missing: zero}", staff=staff)

    assert found.lines == {"A": staff} | ({"A:within": change} if change else {})
    assert found.points == staff + change


@pytest.mark.parametrize("bounds, points", [("[, 5]", 5), ("[5, ]", 7), ("[8, ]", 8), ("[null, 9]", 7)])
def test_a_bound_may_stand_on_one_side(make_book, bounds: str, points: int):
    """At most, at least, or both."""
    bounds = bounds.replace("[, ", "[null, ").replace(", ]", ", null]")

    assert firm(make_book, f"{{id: A, points: 7, within: {bounds}}}").points == points


def test_bounds_of_sections_hold_inside_out(make_book):
    """First each line, then its section, then the section around it."""
    lines = (
        "{id: O, within: [0, 10], lines: ["
        "{id: I, within: [0, 6], lines: [{id: A, points: 9, within: [0, 5]}, {id: B, points: 3}]}, {id: C, points: 7}]}"
    )

    found = firm(make_book, lines)

    assert found.lines == {"A": 9, "A:within": -4, "B": 3, "I:within": -2, "C": 7, "O:within": -3}
    assert found.points == 10


@pytest.mark.parametrize("staff, points", [(9, 109), (10, 110), (11, 110), (-99, 1), (-100, 0), (-101, 0)])
def test_the_running_total_is_bounded_after_a_line(make_book, staff: int, points: int):
    """At most 110, at least 0, and what follows starts from there."""
    lines = "{id: BASE, points: 100}, {id: A, points: staff, total: [0, 110], missing: zero}"

    assert firm(make_book, lines, staff=staff).points == points


def test_what_comes_after_a_bounded_total_is_not_bounded(make_book):
    """A bonus beyond the cap stands where the book puts it behind the cap."""
    found = firm(make_book, "{id: A, points: 120, total: [0, 110]}, {id: B, points: 5}")

    assert (found.points, found.lines["A:total"]) == (115, -10)


def test_a_line_that_does_not_apply_is_not_lifted_by_its_bounds(make_book):
    """At least two points for those it concerns, none for the others."""
    lines = "{id: A, points: staff, when: licensed, within: [2, 5], missing: zero}"

    assert firm(make_book, lines, licensed=False, staff=0).points == 0
    assert firm(make_book, lines, licensed=True, staff=0).points == 2


def test_a_stated_value_for_missing_data_is_not_bounded(make_book):
    """`missing: 3` is three, whatever the line does with data."""
    assert firm(make_book, "{id: A, points: staff, within: [2, 5], missing: 3}").points == 3


@pytest.mark.parametrize("area, points", [("0.49", 10), ("0.50", 11), ("0.51", 11), ("-20.50", -11)])
def test_a_closing_line_rounds_the_total(make_book, area: str, points: int):
    """A scheme that rounds at the end keeps its finer lines."""
    lines = "{id: BASE, points: 10}, {id: A, points: area, missing: zero}, {id: ROUND, points: 0, total_round: 1}"

    found = firm(make_book, lines, area=area)

    assert found.points == points
    assert found.lines["ROUND"] == 0


def test_points_begin_at_the_start(make_book):
    """Everybody starts with 59, and the sheet says so."""
    found = firm(make_book, "{id: A, points: 1}", head="start: 59, ")

    assert (found.points, found.lines) == (60, {"card:start": 59, "A": 1})


# Skipped parts.

SKIP = "{id: A, points: 60, full: 80}, {id: B, full: 20, points: staff, missing: skip}"


@pytest.mark.parametrize("staff, points", [(15, 75), (0, 60), (None, 75)])
def test_a_skipped_part_leaves_the_rest_to_count_for_all(make_book, staff: int | None, points: int):
    """60 of the remaining 80 are 75 of 100; 0 points are not the same as no data."""
    found = firm(make_book, SKIP, head="full: 100, ", staff=staff)

    assert found.points == points
    assert found.lines.get("card:rescaled") == (15 if staff is None else None)


@pytest.mark.parametrize(
    "points, rescaled", [("1", "1.25"), ("0.01", "0.01"), ("0.02", "0.03"), ("0.06", "0.08"), ("-0.02", "-0.03")]
)
def test_rescaling_rounds_half_away_from_zero(make_book, points: str, rescaled: str):
    """0.02 × 100 / 80 is 0.025 is 0.03."""
    lines = f"{{id: A, points: {points}, full: 80}}, {{id: B, full: 20, points: staff, missing: skip}}"

    assert firm(make_book, lines, head="full: 100, ").points == Fraction(rescaled)


@pytest.mark.parametrize("full, status", [("39.99", None), ("40", None), ("40.01", "NOT_RATED")])
def test_too_much_that_is_missing_is_not_rated(make_book, full: str, status: str | None):
    """More than 40 of 100 points without data: a number would pretend to know."""
    lines = f"{{id: A, points: 10, full: 50}}, {{id: B, full: {full}, points: staff, missing: skip}}"

    found = firm(make_book, lines, head='full: 100, not_rated_when: "missing_full > 40", ')

    assert found.status == status


def test_a_card_without_any_data_is_not_rated(make_book):
    """Nothing can be scaled up to everything."""
    found = firm(make_book, "{id: A, full: 100, points: staff, missing: skip}", head="full: 100, ")

    assert (found.status, found.points) == ("NOT_RATED", None)


def test_the_condition_may_look_at_the_unit(make_book):
    """`not_rated_when` sees columns and facts as well as what is missing."""
    head = 'full: 100, not_rated_when: "missing_full > 0 and licensed", '

    assert firm(make_book, SKIP, head=head, licensed=True).status == "NOT_RATED"
    assert firm(make_book, SKIP, head=head, licensed=False).status is None
    assert firm(make_book, SKIP, head=head, licensed=None).status is None


# Too large.


def test_points_beyond_64_bits_name_line_and_unit(make_book):
    """A slip of ten zeros stops the run with its place."""
    facts = f"big: {RECORDS}sum(weight)}}"

    with pytest.raises(
        FactOverflowError,
        match=r"firm: found a number beyond 64 bits \(line A: found ",
    ):
        firm(make_book, "{id: A, points: big}", facts, records=[{"record": "r", "weight": 10**17}])


# Any card on any data.

NUMBER = Type("number", 2, optional=True)
NAMES = ("a", "b", "c")
amounts = st.none() | st.integers(-(10**5), 10**5).map(lambda value: Fraction(value, 100))
rows_ = st.lists(st.fixed_dictionaries({(name,): amounts for name in NAMES}), min_size=1, max_size=6)
points_ = st.integers(-500, 500)
bounds_ = st.none() | st.tuples(st.none() | st.integers(-300, 0), st.none() | st.integers(0, 300))


def expression(text: str) -> Expression:
    """A typed expression over three optional columns."""
    return Expression(text, resolve(parse(text), ColumnScope(dict.fromkeys(NAMES, NUMBER))), 1)


formulas = st.sampled_from(
    [
        expression(text)
        for text in ("a", "a + b", "a / b", "0.5 * c", "a * b / 7", "if(a > 0, b, null)", "-3", "least(a, b, c)")
    ]
)
tests = st.none() | st.sampled_from(
    [expression(text) for text in ("a > b", "c is null", "a / b >= 1", "b = 0", "not (c < 0)")]
)


@st.composite
def tier_rows(draw: st.DrawFn) -> tuple[Row, ...]:
    """Descending edges, now and then with a condition, the last row without a test."""
    edges = sorted(draw(st.lists(st.integers(-300, 300), min_size=1, max_size=3, unique=True)), reverse=True)
    rows = [Row((Fraction(edge), draw(st.booleans())), None, draw(tests), points=draw(points_)) for edge in edges]
    return (*rows, Row(None, None, None, points=draw(points_)))


@st.composite
def lines_(draw: st.DrawFn, depth: int = 2) -> Line:
    """A line or section."""
    line = Line(
        f"L{draw(st.integers(0, 10**9))}",
        Title(),
        Citation(),
        when=draw(tests),
        within=draw(bounds_),
        total=draw(bounds_),
    )
    line = replace(line, total_round=draw(st.none() | st.integers(1, 50)))
    kind = draw(st.sampled_from(["points", "tiers", "section"] if depth else ["points", "tiers"]))
    if kind == "section":
        return replace(line, lines=tuple(draw(st.lists(lines_(depth - 1), min_size=1, max_size=3))))
    policies: list[Any] = ["zero", "full", "not_rated", "skip", 17]
    missing = draw(st.sampled_from(policies))
    line = replace(line, full=draw(st.integers(1, 400)), missing=missing)
    if kind == "tiers":
        return replace(line, on=draw(formulas), tiers=draw(tier_rows()))
    stages = draw(st.sampled_from([(), (Fraction("0.1"),), (Fraction("0.05"), Fraction(1))]))
    return replace(line, points=draw(formulas), stages=stages)


cards = st.builds(
    CardRules,
    start=points_,
    full=st.just(1000),
    not_rated_when=st.none(),
    lines=st.lists(lines_(), min_size=1, max_size=4).map(tuple),
)
UNIT = Fraction(1, 100)


class Sheet:
    """The card read slowly, for one unit, in fractions: what a clerk with a pocket calculator would do."""

    def __init__(self, card: CardRules, row: Mapping[Path, Any]) -> None:
        self.row, self.total, self.skipped, self.not_rated = row, card.start, 0, False
        for line in card.lines:
            self.add(line, "applied")
        if any(leaf.missing == "skip" for leaf in leaves(card.lines)) and self.skipped and card.full:
            rest = card.full - self.skipped
            self.not_rated = self.not_rated or rest <= 0
            if rest > 0:
                self.total = int(round_fraction(Fraction(self.total * card.full, rest), Fraction(1)))

    def add(self, line: Line, outer: str) -> bool:
        """Add a line; whether it was applied."""
        before, state = self.total, outer
        if state == "applied" and line.when is not None:
            state = {True: "applied", False: "not_applicable", None: "no_data"}[self.value(line.when)]
        parts = [self.add(part, state) for part in line.lines] if line.lines else [self.leaf(line, state)]
        applied = any(parts)
        if line.within is not None and applied:
            self.total = before + clipped(self.total - before, line.within)
        if line.total is not None:
            self.total = clipped(self.total, line.total)
        if line.total_round is not None:
            self.total = int(round_fraction(Fraction(self.total), Fraction(line.total_round)))
        return applied

    def leaf(self, line: Line, state: str) -> bool:
        """Add a line with an amount of its own."""
        if state != "applied":
            return False
        points = self.tier(line) if line.tiers else self.amount(line)
        if points is not None:
            self.total += points
            return True
        self.total += line.missing if isinstance(line.missing, int) else (line.full or 0) * (line.missing == "full")
        self.skipped += (line.full or 0) * (line.missing == "skip")
        self.not_rated = self.not_rated or line.missing == "not_rated"
        return False

    def amount(self, line: Line) -> int | None:
        """The amount in whole units."""
        amount = self.value(line.points)
        return None if amount is None else fraction_to_units(amount, UNIT, line.stages)

    def tier(self, line: Line) -> int | None:
        """Points of the first row that fits."""
        on = self.value(line.on)
        for row in line.tiers:
            answers = (
                [None if on is None else (on >= row.lower[0] if row.lower[1] else on > row.lower[0])]
                if row.lower
                else []
            )
            answers += [self.value(row.when)] if row.when else []
            if False in answers:
                continue
            return None if None in answers else row.points
        return None

    def value(self, expression: Expression | None) -> Any:
        """An expression on the row."""
        return None if expression is None else one_row(expression.term, self.row)


def clipped(points: int, bounds: tuple[int | None, int | None]) -> int:
    """Within the bounds, either of which may be absent."""
    low, high = bounds
    points = points if low is None else max(points, low)
    return points if high is None else min(points, high)


def scored(card: CardRules, rows: Sequence[Mapping[Path, Any]]) -> CardResult:
    """The card on all rows at once."""
    values: dict[Path, Value] = {(name,): Numbers.from_fractions([row[(name,)] for row in rows]) for name in NAMES}
    return score(card, values, len(rows), UNIT, Context())


@given(card=cards, rows=rows_)
def test_the_lines_of_any_card_add_up_to_its_points(card: CardRules, rows: list[Mapping[Path, Any]]):
    """A printed sheet adds up, whatever bounds, rescaling and rounding did."""
    result = scored(card, rows)

    assert np.array_equal(sum(line.points for line in result.lines), result.points)


@given(card=cards, rows=rows_)
def test_any_card_means_what_a_clerk_would_compute(card: CardRules, rows: list[Mapping[Path, Any]]):
    """All units at once come to what each comes to on paper."""
    result = scored(card, rows)

    sheets = [Sheet(card, row) for row in rows]
    assert result.not_rated.tolist() == [sheet.not_rated for sheet in sheets]
    assert result.missing_full.tolist() == [sheet.skipped for sheet in sheets]
    assert [int(points) for points in result.points] == [sheet.total for sheet in sheets]


@given(card=cards, rows=rows_)
def test_a_line_that_is_not_applied_has_the_points_that_the_book_states(
    card: CardRules, rows: list[Mapping[Path, Any]]
):
    """No data is worth `missing:`, not applicable is worth nothing."""
    for line in scored(card, rows).lines:
        if line.line is None:
            continue
        policy = {"full": line.line.full}.get(str(line.line.missing), 0)
        stated = line.line.missing if isinstance(line.line.missing, int) else policy
        assert set(line.points[line.state == NOT_APPLICABLE].tolist()) <= {0}
        assert set(line.points[line.state == NO_DATA].tolist()) <= {0, stated}
        assert set(line.state.tolist()) <= {APPLIED, NO_DATA, NOT_APPLICABLE}


def test_a_running_total_cannot_wrap():
    """Two lines of nearly 2^62 units each are an error and not a negative number."""
    line = Line("A", Title(), Citation(), tiers=(Row(None, None, None, points=2**62 - 1),), on=expression("1"))
    card = CardRules(0, None, None, (line, replace(line, id="B")))

    with pytest.raises(PointsOverflowError, match="line B: found a total of"):
        scored(card, [dict.fromkeys([(name,) for name in NAMES], None)])
