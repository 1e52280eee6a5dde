from __future__ import annotations

import re
from datetime import date
from fractions import Fraction

import pandas as pd
import pytest

from data_contracts.expressions import DAY, NUMBER, Type
from data_contracts.expressions.terms import AddMonths, Column, Compare, Constant, Term
from scoring.card.artefact import Card, Input
from scoring.card.inputs import InputError
from scoring.facts.days import CalendarError
from scoring.facts.formula import UnitError
from scoring.facts.one_row import one_row
from scoring.rating.batch import rate_frame
from scoring.rulebook.shape import CardRules, Citation, Expression, Line, Title

NEXT_WORKING_DAY = """
units:
  firm:
    from: firms
    key: [code]
    title: {zh: 公司, en: Firm}
    card:
      lines:
        - id: X
          title: {zh: 项, en: Line}
          points: "if(add_working_days(founded, 1) = date '2027-01-04', 5, 0)"
          missing: zero
"""
EVE = date(2026, 12, 31)


@pytest.fixture
def year_on() -> Card:
    """Five points for whoever has served a year on the first day of 2025."""
    later = AddMonths(DAY, Column(DAY, ("since",)), Constant(NUMBER, Fraction(12)))
    fixed = Constant(DAY, Fraction((date(2025, 1, 1) - date(1970, 1, 1)).days))
    test: Term = Compare(Type("truth"), ">", later, fixed)
    five = Expression("5", Constant(NUMBER, Fraction(5)), 0)
    line = Line("X", Title(), Citation(), points=five, when=Expression("", test, 0))
    return Card("x", Title(), Fraction(1), (Input("since", DAY),), CardRules(0, None, None, (line,)))


def test_calendar_terms_agree_with_the_oracle(year_on: Card):
    """A firm that has served eleven months and thirty days is not one of twelve months."""
    test = year_on.rules.lines[0].when

    points = {day: year_on.score({"since": day}).points for day in (date(2024, 1, 1), date(2024, 1, 2))}

    assert points == {date(2024, 1, 1): 0, date(2024, 1, 2): 5}
    for day, found in points.items():
        number = Fraction((day - date(1970, 1, 1)).days)
        assert test is not None
        assert (found == 5) is one_row(test.term, {("since",): number})


def test_a_card_takes_the_days_off_of_its_city_with_it(make_book):
    """A card that is published counts the days that its year was rated with, also where the city has its own."""
    book = make_book(f"working_days: {{rows: {{2027-01-01: false}}}}\n{NEXT_WORKING_DAY}")
    card = Card.from_json(Card.from_rules(book.load(), "firm").to_json())
    whole = book.run(firms=[{"code": "F", "founded": EVE.isoformat()}])["F"].points

    batch = rate_frame(card, pd.DataFrame({"founded": [pd.Timestamp(EVE)]}))

    assert whole == Fraction(5)
    assert card.score({"founded": EVE}).points == batch.points[0] == 500


def test_a_card_without_days_of_its_own_knows_the_official_calendar_only(make_book):
    """The same day is refused where nobody has announced the holidays of the year."""
    card = Card.from_rules(make_book(NEXT_WORKING_DAY).load(), "firm")

    with pytest.raises(CalendarError, match="2026-12-31"):
        card.score({"founded": EVE})
    with pytest.raises(UnitError, match="2026-12-31"):
        rate_frame(card, pd.DataFrame({"founded": [pd.Timestamp(EVE)]}))


def test_days_that_no_line_counts_are_not_in_the_card(make_book):
    """A holiday more in the book is no new card for those who never count working days."""
    rules = NEXT_WORKING_DAY.replace("add_working_days(founded, 1)", "founded")
    books = [make_book(rules), make_book(f"working_days: {{rows: {{2027-01-01: false}}}}\n{rules}")]

    assert len({Card.from_rules(book.load(), "firm").digest for book in books}) == 1


@pytest.mark.parametrize(
    "moment, message",
    [
        (pd.Timestamp("2024-01-01 13:00"), "row 0: since: found str '2024-01-01T13:00:00"),
        (pd.Timestamp("2024-01-01", tz="Asia/Shanghai"), "since: found DatetimeTZDtype 'datetime64"),
    ],
)
def test_a_moment_is_no_day(year_on: Card, moment: pd.Timestamp, message: str):
    """In another zone it is another day, and a time that is cut off was meant for something."""
    with pytest.raises(InputError, match=re.escape(message)):
        rate_frame(year_on, pd.DataFrame({"since": [moment]}))


def test_a_column_of_days_is_no_number(make_card, make_frame):
    """Days in the place of a count would score as 19,723 cases."""
    frame = make_frame(1, 3).assign(cases=pd.Timestamp("2024-01-01"))

    with pytest.raises(InputError, match="cases: found DateTime64DType"):
        rate_frame(make_card(1), frame)
