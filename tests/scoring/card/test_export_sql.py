from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from random import Random
from typing import Any

import pandas as pd
import pytest

from data_contracts.expressions.resolve import day_number
from data_contracts.expressions.terms import (
    DAY,
    NUMBER,
    AddMonths,
    AddWorkingDays,
    Arithmetic,
    Column,
    Constant,
    Term,
    Year,
)
from scoring.card.artefact import Card, Input
from scoring.card.export import ExportError
from scoring.card.export.sql import to_sql
from scoring.card.export.sql_calendar import Dialect
from scoring.card.export.sql_inputs import columns_of
from scoring.facts.days import add_months, year_of
from scoring.facts.formula import UnitError
from scoring.rating.batch import rate_frame
from scoring.rulebook import find_rulebook, load_rulebook
from scoring.rulebook.shape import CardRules, Citation, Expression, Line, Title

RECORDS = 2000
GOOD: dict[str, Any] = {
    "id": 1, "area": 5, "area__den": 1, "calm": True, "cases": 2, "kind": "red", "known": None, "rate": 1,
    "rate__den": 3, "visits": 3,
}  # fmt: skip


@pytest.mark.parametrize("seed", range(10))
def test_a_database_says_what_the_library_says(make_card, make_frame, database, seed: int):
    """Whoever checks a rating in his own database must find the same points, line by line."""
    (dialect, run), card, frame = database, make_card(seed), make_frame(seed, RECORDS)
    batch = rate_frame(card, frame)
    matrix = batch.matrix()

    rows = run(to_sql(card, dialect, ["id"]), frame.assign(id=range(RECORDS)))

    expected = [
        (row, *map(int, matrix[row]), int(batch.points[row]), batch.level[row], batch.status[row])
        for row in range(RECORDS)
    ]
    assert rows == expected


@pytest.mark.parametrize("unit", ["project", "firm"])
def test_the_shipped_cards_say_the_same_in_a_database(database, make_wide, unit: str):
    """Kunming's cards use bounds, rescaling, ratios and months all at once."""
    dialect, run = database
    card = Card.from_rules(load_rulebook(find_rulebook("kunming/2024")), unit)
    frame = make_wide(card, 11, 500)
    batch = rate_frame(card, frame)

    rows = run(to_sql(card, dialect, ["id"]), frame.assign(id=range(len(frame)))[[*columns_of(card), "id"]])

    assert [row[-3:] for row in rows] == [
        (int(batch.points[row]), batch.level[row], batch.status[row]) for row in range(len(frame))
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "pink"}, {"cases": None}, {"rate__den": None}, {"area__den": 3}, {"calm": None}, {"cases": 2**62},
        {"area__den": 0},
    ],
)  # fmt: skip
def test_a_row_a_card_cannot_read_gets_no_points(make_card, database, change: dict[str, object]):
    """An export must not guess where the library refuses."""
    dialect, run = database
    row = pd.DataFrame({name: pd.Series([value], dtype=_dtype(name)) for name, value in {**GOOD, **change}.items()})

    (said,) = run(to_sql(make_card(5), dialect, ["id"]), row)

    assert said[-1] == "REFUSED"
    assert set(said[1:-1]) == {None}


def _dtype(name: str) -> str:
    return {"kind": "object", "calm": "boolean", "known": "boolean"}.get(name, "Int64")


@pytest.mark.parametrize("dialect", ["duckdb", "sqlite"])
@pytest.mark.parametrize("value", [1.5, float("inf"), "2"])
def test_a_number_that_is_not_whole_gets_no_points(make_card, databases, dialect: Dialect, value: object):
    """A column typed as float must not be cut to a whole number on the way."""
    text = "text" if isinstance(value, str) else value
    row = pd.DataFrame({name: [one] for name, one in {**GOOD, "cases": text, "known": True}.items()})

    (said,) = databases[dialect](to_sql(make_card(5), dialect, ["id"]), row)

    assert said[-1] == "REFUSED"


def test_sqlite_refuses_a_number_that_became_a_float_inside(make_card, expression, databases):
    """SQLite goes over to floats where others stop; such a row must not get rounded points."""
    line = Line("X", Title(), Citation(), points=expression("if(cases * cases * cases > area, 5, 7)"))
    card = replace(make_card(5), rules=CardRules(0, None, None, (line,)), statuses=(), levels=None)
    frame = pd.DataFrame(
        {name: pd.Series([value], dtype=_dtype(name)) for name, value in {**GOOD, "cases": 10**9}.items()}
    )

    assert databases["sqlite"](to_sql(card, "sqlite", ["id"]), frame) == [(1, None, None, None, "REFUSED")]
    assert databases["duckdb"](to_sql(card, "duckdb", ["id"]), frame) == [(1, 500, 500, None, None)]


def test_a_query_without_a_key_is_refused(make_card):
    """Rows come back in any order; a rating that is told by place is a rating of somebody else."""
    with pytest.raises(ExportError, match="found no key"):
        to_sql(make_card(5), "duckdb", [])
    with pytest.raises(ExportError, match="found the key points"):
        to_sql(make_card(5), "duckdb", ["points"])
    with pytest.raises(ExportError, match="found the key Points, allowed: columns that the card does not use"):
        to_sql(make_card(5), "sqlite", ["Points"])
    with pytest.raises(ExportError, match="found the key _bad, allowed: columns that do not begin with _"):
        to_sql(make_card(5), "duckdb", ["_bad"])


def test_what_sql_cannot_say_is_refused_by_name(make_card):
    """A step that is left out is a rating that was never made."""
    ranked = Card.from_rules(load_rulebook(find_rulebook("rentsafeto-2023")), "building")
    calendar = AddWorkingDays(NUMBER, Constant(NUMBER, Fraction(1)), Constant(NUMBER, Fraction(2)))
    line = make_card(5).lines()[0]
    late = replace(line, points=replace(line.points or line.on, term=calendar), on=None, tiers=(), when=None)
    odd = replace(make_card(5), rules=CardRules(0, None, None, (replace(late, id="LATE"),)))

    cards = {
        "step AUDIT: found a rank": ranked,
        "line LATE: found the calendar of working days": odd,
    }
    for message, card in cards.items():
        with pytest.raises(ExportError, match=message):
            to_sql(card, "duckdb", ["id"])
    assert to_sql(ranked.points_only(), "duckdb", ["id"]).startswith("WITH ")


@pytest.fixture
def card_of_months() -> Card:
    """Points are the day so many months later, and the year of the day, both in whole points."""
    day, months = Column(DAY, ("day",)), Column(NUMBER, ("months",))
    zero = Constant(DAY, Fraction(0))
    later = Arithmetic(NUMBER, "-", AddMonths(DAY, day, months), zero)
    lines = tuple(
        Line(name, Title(), Citation(), points=Expression("", term, 0), missing="zero")
        for name, term in (("LATER", later), ("YEAR", Year(NUMBER, day)))
    )
    inputs = (Input("day", DAY.maybe()), Input("months", NUMBER.maybe()))
    return Card("months", Title(), Fraction(1), inputs, CardRules(0, None, None, lines))


def test_months_and_years_are_counted_alike(card_of_months, database):
    """A firm of eleven months and thirty days is not one of twelve months, whichever database is asked."""
    dialect, run = database
    draw = Random(7)  # noqa: S311 - a test's dice
    days = [*range(-900, 900), *(draw.randint(-20000, 40000) for _ in range(3000))]
    months = [draw.choice((0, 1, -1, 12, -12, draw.randint(-200, 200))) for _ in days]
    frame = pd.DataFrame({"day": [*days, None], "months": [*months, 1]}, dtype="Int64")

    rows = run(to_sql(card_of_months, dialect, ["id"]), frame.assign(id=range(len(frame))))

    expected = [(add_months(day, count), year_of(day)) for day, count in zip(days, months, strict=True)]
    assert [row[1:3] for row in rows] == [*expected, (0, 0)]
    assert rate_frame(card_of_months, frame).matrix().tolist() == [list(row[1:3]) for row in rows]


def test_a_day_made_from_a_day_is_found_in_time(card_of_months, database):
    """Three terms deep, PostgreSQL's planner once took all memory there was."""
    dialect, run = database
    later: Term = Column(DAY, ("day",))
    for months in (12, 1, -13):
        later = AddMonths(DAY, later, Constant(NUMBER, Fraction(months)))
    line = Line("YEAR", Title(), Citation(), points=Expression("", Year(NUMBER, later), 0), missing="zero")
    card = replace(card_of_months, inputs=(Input("day", DAY),), rules=CardRules(0, None, None, (line,)))
    frame = pd.DataFrame({"day": range(15000, 20000)})

    rows = run(to_sql(card, dialect, ["id"]), frame.assign(id=range(len(frame))))

    assert [row[1] for row in rows] == rate_frame(card, frame).points.tolist()


@pytest.mark.parametrize(
    "day, months", [(date(1899, 12, 31), 0), (date(2101, 1, 1), 0), (date(2100, 12, 31), 1), (date(1900, 1, 1), -1)]
)
def test_a_day_outside_the_calendar_gets_no_points(card_of_months, database, day: date, months: int):
    """The library refuses it; a database must not count on."""
    dialect, run = database
    frame = pd.DataFrame({"day": [day_number(day)], "months": [months]}, dtype="Int64")

    (said,) = run(to_sql(card_of_months, dialect, ["id"]), frame.assign(id=1))

    assert said == (1, None, None, None, None, "REFUSED")
    with pytest.raises(UnitError, match="1900 to 2100"):
        rate_frame(card_of_months, frame)


def test_names_and_texts_with_quotes_stay_what_they_are(make_card, make_frame, databases):
    """A category may hold any character; it must never become part of the query."""
    frame = make_frame(7, 50).assign(**{'id"; DROP TABLE facts; --': range(50)})

    rows = databases["duckdb"](to_sql(make_card(7), "duckdb", ['id"; DROP TABLE facts; --']), frame)

    assert len(rows) == 50
