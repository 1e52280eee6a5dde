from __future__ import annotations

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from scoring.card.artefact import Card
from scoring.card.inputs import InputError
from scoring.card.one import RankStepError
from scoring.rating.batch import rate_frame
from scoring.rulebook import find_rulebook, load_rulebook
from scoring.rulebook.shape import CardRules, Citation, Line, Title

NO_LINES = CardRules(0, None, None, ())
GOOD = {"area": 1, "calm": True, "cases": 2, "kind": "red", "known": None, "rate": Fraction(1, 3), "visits": 3}


def said(batch, row: int) -> tuple[object, ...]:
    """What a batch says about one row: points, level, status, lines that change something."""
    lines = {
        one.id: (int(one.points[row]), int(one.state[row])) for one in batch.lines if not one.follows or one.points[row]
    }
    return int(batch.points[row]), batch.level[row], batch.status[row], lines


@pytest.mark.parametrize("seed", range(40))
def test_one_record_is_told_the_same_as_a_million(make_card, make_frame, as_records, seed: int):
    """A firm that asks at the counter hears what the round published; and its lines add up to its points."""
    card, frame = make_card(seed), make_frame(seed, 250)
    batch = rate_frame(card, frame)

    outcomes = [card.score(record) for record in as_records(frame)]

    told = [(one.points, one.level, one.status, {line.id: line[1:3] for line in one.lines}) for one in outcomes]
    assert told == [said(batch, row) for row in range(len(frame))]
    assert all(sum(line.points for line in one.lines) == one.points for one in outcomes)


@pytest.mark.parametrize("seed", range(6))
def test_a_frame_of_one_row_is_told_the_same_as_its_dict(make_card, make_frame, as_records, seed: int):
    """The page of one firm reads one row."""
    card, frame = make_card(seed), make_frame(seed + 900, 20)

    for row, record in enumerate(as_records(frame)):
        outcome, alone = card.score(record), rate_frame(card, frame.iloc[[row]])

        assert (outcome.points, outcome.level, outcome.status) == said(alone, 0)[:3]


def test_numbers_may_come_as_decimals_fractions_or_pairs(make_card):
    """Facts are kept as pairs, forms are filled in with decimals; the value is what counts."""
    card = make_card(5)
    forms: list[dict[str, object]] = [
        {"area": Decimal("12.50"), "rate": Decimal("0.4")},
        {"area": Fraction(25, 2), "rate": Fraction(2, 5)},
        {"area": 1250, "area__den": 100, "rate": 4, "rate__den": 10},
        {"area": -25, "area__den": -2, "rate": -2, "rate__den": -5},
    ]

    outcomes = [card.score({**GOOD, **form}) for form in forms]

    assert {outcome.points for outcome in outcomes} == {outcomes[0].points}
    assert {outcome.level for outcome in outcomes} == {outcomes[0].level}


@pytest.mark.parametrize(
    "change, message",
    [
        ({"kind": "pink"}, "kind: found 'pink', allowed: red, green"),
        ({"kind": 3}, "kind: found int '3'"),
        ({"cases": None}, "cases: found no value, allowed: .* no rule for a missing one"),
        ({"cases": 2.0}, "cases: found float '2.0'"),
        ({"cases": float("inf")}, "cases: found float 'inf'"),
        ({"cases": Decimal("1E+999999999")}, "cases: found Decimal '1E"),
        ({"rate": Decimal("1E-999999999")}, "rate: found Decimal '1E-999999999'"),
        ({"cases": 10**5000}, "cases: found int of more digits than can be shown"),
        ({"rate": Fraction(1, 10**5000)}, "rate: found Fraction of more digits than can be shown"),
        ({"cases": Decimal("Infinity")}, "cases: found Decimal 'Infinity'"),
        ({"rate": float("nan")}, "rate: found float 'nan', allowed: .* or None"),
        ({"cases": "2"}, "cases: found str '2'"),
        ({"cases": True}, "cases: found bool 'True'"),
        ({"cases": Fraction(1, 2)}, "at most 0 decimals"),
        ({"cases": 2**62}, r"below 2\^62"),
        ({"area": Decimal("0.001")}, "at most 2 decimals"),
        ({"rate": 1.5, "rate__den": 2}, "whole numbers rate and rate__den"),
        ({"rate": 1, "rate__den": None}, "rate: found a number without its rate__den, allowed: both, or neither"),
        ({"area": 250, "area__den": None}, "area: found a number without its area__den"),
        ({"cases": np.timedelta64(5, "ns")}, "cases: found timedelta64"),
        ({"cases": np.timedelta64(5, "D")}, "cases: found timedelta64"),
        ({"kind": ["red"]}, "kind: found list"),
        ({"calm": 1}, "calm: found int '1', allowed: True or False"),
        ({"calm": None}, "calm: found no value"),
        ({"color": 1}, "found 'color', allowed: area, calm"),
        ({"kinds": "red"}, "did you mean 'kind'"),
    ],
)
def test_a_value_that_is_not_allowed_is_refused_by_name(make_card, change: dict[str, object], message: str):
    """A silent zero for a mistyped number would decide a level."""
    with pytest.raises(InputError, match=message):
        make_card(5).score({**GOOD, **change})


@pytest.mark.parametrize("values", [[1], None, Counter(cases=2), pd.Series([1, 1], ["cases", "cases"])])
def test_values_that_are_not_given_by_name_are_refused(make_card, values: object):
    """A counter says 0 to every name, also to one that was mistyped."""
    card = make_card(5)
    numbers = replace(card, inputs=(card.inputs[2],), rules=NO_LINES, statuses=(), levels=None)
    odd = Counter(case=2) if isinstance(values, Counter) else values

    with pytest.raises(InputError, match=r"found (list|NoneType|'case'|Series with repeated names), allowed: "):
        numbers.score(odd)


def test_an_input_that_is_not_given_is_named(make_card):
    """Not given and missing are two things: one is a mistake, the other has a rule."""
    values = {name: value for name, value in GOOD.items() if name != "visits"}

    with pytest.raises(InputError, match=r"found no visits, allowed: every input of made/5"):
        make_card(5).score(values)


@pytest.mark.parametrize(
    "change, message",
    [
        (
            lambda frame: frame[["calm", "area", "area__den", *frame.columns[3:]]],
            "found columns in the order calm, area",
        ),
        (lambda frame: frame.assign(color=1), "found columns color"),
        (lambda frame: frame.drop(columns="visits"), "found no visits"),
        (lambda frame: frame.assign(cases=frame["cases"] * 1.0), "cases: found .*float64"),
        (lambda frame: frame.assign(rate=frame["rate"].astype("float64")), "rate: found .*float64"),
        (lambda frame: frame.assign(calm=frame["calm"].astype("int64")), "calm: found .*int64"),
        (lambda frame: frame.assign(kind="pink"), "row 0: kind: found 'pink'"),
        (
            lambda frame: frame.assign(cases=pd.Series([None] * len(frame), dtype="Int64")),
            "row 0: cases: found no value",
        ),
        (lambda frame: frame.assign(cases=2**62), r"row 0: cases: found .*below 2\^62"),
        (lambda frame: frame.assign(cases="2"), "cases: found"),
        (lambda frame: pd.concat([frame, frame[["area"]]], axis=1), "found columns area more than once"),
        (lambda frame: pd.concat([frame, frame[["rate__den"]]], axis=1), "found columns rate__den more than once"),
        (lambda frame: frame.assign(kind=[["red"]] * len(frame)), r"row 0: kind: found list .*allowed: red, green"),
        (lambda frame: frame.assign(known=[{}] * len(frame)), r"row 0: known: found dict .*allowed: True or False"),
        (lambda frame: frame.assign(cases=[np.timedelta64(1, "ns")] * len(frame)).astype({"cases": object}), "cases: "),
        (lambda frame: frame.assign(rate=1, rate__den=pd.array([None] * len(frame), "Int64")), "without its rate__den"),
        (
            lambda frame: frame.assign(area=pd.Series([250] * len(frame), dtype=object), area__den=None),
            "row 0: area: found a number without its area__den",
        ),
        (lambda frame: frame.to_dict("list"), "found dict, allowed: a DataFrame"),
        (lambda frame: frame["cases"], "found Series, allowed: a DataFrame"),
        (lambda frame: frame.to_numpy(), "found ndarray, allowed: a DataFrame"),
    ],
)
def test_a_frame_a_card_cannot_read_is_refused(make_card, make_frame, change, message: str):
    """Columns in another order once swapped two firms' bonus and deductions; nothing is read by position."""
    with pytest.raises(InputError, match=message):
        rate_frame(make_card(5), change(make_frame(5, 20)))


def test_a_step_by_rank_is_refused_for_one_record_by_name():
    """At most a tenth can be A: one firm alone cannot know."""
    card = Card.from_rules(load_rulebook(find_rulebook("rentsafeto-2023")), "building")

    with pytest.raises(RankStepError, match="step AUDIT: found a rank step"):
        card.score({"grade": 2, "reactive_score": 0})

    assert card.points_only().score({"grade": 2, "reactive_score": 0}).points == 67


def test_numbers_beyond_64_bits_on_the_way_are_no_matter(make_card, expression):
    """Python's integers do not wrap; only points themselves have a limit."""
    line = Line("X", Title(), Citation(), points=expression("cases * cases * cases / (cases * cases)"), missing="zero")
    card = replace(make_card(5), rules=CardRules(0, None, None, (line,)), levels=None)

    assert card.score({**GOOD, "cases": 10**13}).points == 10**15
