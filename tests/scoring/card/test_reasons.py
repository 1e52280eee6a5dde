from __future__ import annotations

import string
from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from data_contracts.expressions import DAY, NUMBER
from data_contracts.expressions.terms import Column, Year
from scoring.card import sentences
from scoring.card.artefact import Card, Input
from scoring.card.reasons import Reason, reasons
from scoring.card.sentences import Explainer, number_text
from scoring.rulebook.shape import CardRules, Citation, Expression, Levels, Line, Row, Step, Title

GOOD = {"area": 1, "calm": True, "cases": 2, "kind": "red", "known": None, "rate": Fraction(1, 3), "visits": 3}


@pytest.fixture
def card(make_card, expression) -> Card:
    """Three lines of 10 points, a bonus without full points and a deduction."""

    def line(name: str, text: str, full: int | None = None) -> Line:
        return Line(name, Title(f"{name}项", name), Citation(clause="第三条"), points=expression(text), full=full)

    lines = (
        line("A", "cases", 1000),
        line("B", "cases", 1000),
        line("C", "cases + 5", 1000),
        line("D", "-cases"),
        line("E", "cases"),
    )
    made: Card = replace(make_card(1), rules=CardRules(0, None, None, lines), statuses=(), levels=None)
    return made


def test_reasons_stand_by_what_was_lost_and_in_line_order(card):
    """A firm reads first what cost it most; two equal losses keep the order of the rule."""
    said = card.score({**GOOD, "cases": 4})

    assert reasons(card, said) == [
        Reason("A", 600, 400, 1000),
        Reason("B", 600, 400, 1000),
        Reason("D", 400, -400, 0),
        Reason("C", 100, 900, 1000),
    ]


@pytest.mark.parametrize("cases, codes", [(9, ["D", "A", "B"]), (10, ["D"]), (11, ["D"])])
def test_only_a_strict_loss_is_a_reason(card, cases: int, codes: list[str]):
    """A line at its full points, or above, is no reproach; the list is not filled up to a length."""
    said = card.score({**GOOD, "cases": cases})

    assert [one.code for one in reasons(card, said, most=4)] == codes


def test_as_many_reasons_as_asked_for(card):
    """A notice has room for four lines."""
    assert [one.code for one in reasons(card, card.score(GOOD), most=2)] == ["A", "B"]


@pytest.mark.parametrize("seed", range(25))
def test_what_is_said_adds_up_to_the_points_in_both_languages(make_card, make_frame, as_records, seed: int):
    """Σ lines = points is what lets a firm check its own sheet."""
    card = make_card(seed)
    explainer = Explainer(card)

    for record in as_records(make_frame(seed, 40)):
        outcome = card.score(record)
        said = explainer.statements(record, outcome)

        assert sum(one.points for one in said) == outcome.points
        for one in said:
            assert explainer.text(one, "zh").endswith("。")
            assert explainer.text(one, "en").endswith(".")
        assert {step.id for step in outcome.steps} <= {one.line for one in said}


def test_a_line_says_what_was_counted_the_rule_the_points_and_the_clause(make_card, expression):
    """This is the sentence a firm objects to."""
    rows = (Row(None, (Fraction(2), True), None, points=700), Row(None, None, None, points=0))
    line = Line(
        "X", Title("投诉", "Complaints"), Citation(clause="第五条"), on=expression("cases"), tiers=rows, full=700
    )
    card = replace(make_card(1), rules=CardRules(0, None, None, (line,)), statuses=(), levels=None)
    explainer = Explainer(card)

    (said,) = explainer.statements(GOOD, card.score(GOOD))

    assert said.code == "line.of_full"
    assert said.rule["rule"] == "cases: ≤ 2: 7.00; else: 0.00"
    assert explainer.text(said, "zh") == (
        "投诉:件数 2;规则 “件数”:小于等于2（含本数）得7.00,大于2（不含本数）得0.00;"
        "计 2,得 7.00 分(满分 7.00 分)。依据:第五条。"
    )
    assert explainer.text(said, "en") == (
        "Complaints: Cases 2; rule “Cases”: 2 or less (2 included): 7.00; above 2 (2 not included): 0.00; "
        "amount 2, 7.00 of 7.00 points. Clause: 第五条."
    )


@pytest.mark.parametrize(
    "citation, zh, en",
    [
        (Citation(clause="第五条", source="YN"), "依据:第五条[YN]。", "Clause: 第五条[YN]."),
        (
            Citation(basis="proposed", analogue=("YZ", "NN")),
            "依据:建议,参照 YZ、NN。",
            "Clause: proposed, after YZ, NN.",
        ),
        (Citation(clause="3", basis="inferred"), "依据:3,推定。", "Clause: 3, inferred."),
        (Citation(), "得 2.00 分。", "2.00 points."),
    ],
)
def test_a_rule_that_nobody_has_published_is_told_as_a_proposal(make_card, expression, citation, zh: str, en: str):
    """A firm must see whether the point it lost rests on an article or on a suggestion."""
    line = Line("X", Title("投诉", "Complaints"), citation, points=expression("cases"))
    card = replace(make_card(1), rules=CardRules(0, None, None, (line,)), statuses=(), levels=None)
    explainer = Explainer(card)

    (said,) = explainer.statements(GOOD, card.score(GOOD))

    assert explainer.text(said, "zh").endswith(zh)
    assert explainer.text(said, "en").endswith(en)


@pytest.mark.parametrize("day", [date(2024, 2, 29), 19782, Fraction(19782)])
def test_a_day_is_said_as_people_write_it(day: object):
    """Facts keep a day as a number, and nobody knows when day 19782 was."""
    year = Expression("year(since)", Year(NUMBER, Column(DAY, ("since",))), 0)
    lines = (Line("Y", Title(), Citation(), points=year),)
    card = Card(
        "c", Title(), Fraction(1), (Input("since", DAY, Title("起始日", "Since")),), CardRules(0, None, None, lines)
    )
    values = {"since": day}

    (said,) = Explainer(card).statements(values, card.score(values))

    assert said.reads == ((Title("起始日", "Since"), "2024-02-29"),)


def test_a_step_says_when_it_applies_in_words(make_card, expression):
    """A firm that was capped reads why, not a formula."""
    title = Title("限级", "Cap")
    step = Step("CAP", "at_most", "C", 0, expression("cases > 1"), None, (), True, title, Citation(), 0)
    levels = Levels(("A", "B", "C"), {}, (Row(None, None, None, level="A"),), (step,))
    card = replace(make_card(1), levels=levels, statuses=())
    explainer = Explainer(card)

    said = explainer.statements(GOOD, card.score(GOOD))[-1]

    assert said.arguments["rule"] == "cases > 1"
    assert explainer.text(said, "zh") == "限级(“件数”大于1):由 A 调整为 C。"
    assert explainer.text(said, "en") == "Cap (“Cases” is above 1): from A to C."


def test_a_status_says_which_rule_decided(make_card):
    """Out of the round is not out of the reasons."""
    card = make_card(2)
    values = {**GOOD, "cases": 19}

    said = Explainer(card).statements(values, card.score(values))

    texts = [Explainer(card).text(one, "zh") for one in said if one.code == "status"]
    assert texts == ["状态 OUT:不评。"]


def test_both_languages_say_the_same_things():
    """A code without a sentence, or an argument only one language knows, would fail in front of a firm."""
    zh, en = (sentences._SENTENCES[language] for language in ("zh", "en"))

    def fields(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    assert {code: fields(text) for code, text in zh.items()} == {code: fields(text) for code, text in en.items()}


@pytest.mark.parametrize(
    "num, den, text",
    [
        (1, 3, "0.3333… (1/3)"),
        (1, 10000, "0.0001"),
        (1, 20000, "0.0000… (1/20000)"),
        (-5, 2, "-2.5"),
        (0, 7, "0"),
        (20, 10, "2"),
    ],
)
def test_a_number_is_shown_exactly(num: int, den: int, text: str):
    """0.3333 multiplied by three is not one; a fraction is."""
    assert number_text(num, den) == text
