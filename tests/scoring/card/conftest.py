"""Cards made by chance, and records for them: what every way of scoring has to agree on.

A maker draws lines, sections, bounds, policies, rows and steps from one seed; a failing seed can be run again.
"""

from __future__ import annotations

import csv
import io
import sqlite3
from collections.abc import Callable
from fractions import Fraction
from random import Random
from typing import Any

import duckdb
import pandas as pd
import pytest

from data_contracts.expressions import NUMBER, TEXT, TRUTH, Type, parse, resolve
from data_contracts.expressions.resolve import ColumnScope, Environment
from scoring.card.artefact import Card, Input
from scoring.card.export.sql_terms import named
from scoring.rulebook.shape import CardRules, Citation, Expression, Levels, Line, Row, Status, Step, Title

RATIO = Type("number", None)
KINDS = ("red", "green", 'it\'s "blue"', "白")
LEVELS = ("A", "B", "C")
TYPES = {"bool": "BOOLEAN", "boolean": "BOOLEAN", "object": "TEXT"}
Run = Callable[[str, pd.DataFrame], list[tuple[Any, ...]]]
INPUTS = (
    Input("area", Type("number", 2), Title("面积", "Area")),
    Input("calm", TRUTH, Title("平静", "Calm")),
    Input("cases", NUMBER, Title("件数", "Cases")),
    Input("kind", TEXT.maybe(), Title("类别", "Kind"), KINDS),
    Input("known", TRUTH.maybe(), Title("已知", "Known")),
    Input("rate", RATIO.maybe(), Title("比率", "Rate")),
    Input("visits", NUMBER.maybe(), Title("次数", "Visits")),
)
SCOPE = ColumnScope({one.name: one.type for one in INPUTS} | {"points": Type("number", 2, True)})
AMOUNTS = (
    "3 * cases", "25 * rate / 100", "-2.5 * cases + area / 100", "if(calm, 5, 0)", "if(kind = 'red', 4, 1.25)",
    "least(cases, 4) - 1", "cases / (visits + 3)", "coalesce(rate, 2) * 3.333", "if(known, visits, cases) / 7",
    "greatest(rate, cases, area) / 3", "if(rate > 0.5 and not calm, 10, -10)", "4 * coalesce(visits / cases, 0)",
    "if(known is null, 2, 7)", "area * area / 100000",
)  # fmt: skip
TESTS = (
    "calm",
    "cases > 2",
    "rate <= 0.5",
    "known",
    "kind in ('red', '白')",
    "visits is null or visits >= 3",
    "not known",
)
NUMBERS = ("cases", "rate", "visits", "area", "cases - visits", "rate * 2")


def written(text: str) -> Expression:
    """A typed expression over the inputs of every card here."""
    return Expression(text, resolve(parse(text), SCOPE, Environment()), 0)


def made_card(seed: int) -> Card:
    """The card of *seed*."""
    draw = Random(seed)  # noqa: S311 - a test's dice
    lines = tuple(_line(draw, str(place), depth=0) for place in range(draw.randint(2, 6)))
    rules = CardRules(draw.choice((0, 0, 1000)), 10000, None, lines)
    statuses = (Status("OUT", written("cases > 18 and calm"), Title("不评", "Out"), Citation()),)
    return Card(f"made/{seed}", Title("卡", "Card"), Fraction(1, 100), INPUTS, rules, statuses, _levels(draw))


def _line(draw: Random, name: str, depth: int) -> Line:
    low, high = sorted(draw.sample(range(-2000, 4001, 50), 2))
    bounds: dict[str, Any] = {}
    if draw.random() < 0.3:
        bounds["within"] = draw.choice(((low, high), (None, high), (low, None)))
    if draw.random() < 0.15:
        bounds["total"] = (low, high)
    if draw.random() < 0.1:
        bounds["total_round"] = draw.choice((10, 100, 7))
    when = written(draw.choice(TESTS)) if draw.random() < 0.25 else None
    title = Title(f"第{name}项", f"Line {name}")
    if depth < 2 and draw.random() < 0.25:
        parts = tuple(_line(draw, f"{name}-{place}", depth + 1) for place in range(draw.randint(1, 3)))
        return Line(name, title, Citation(), lines=parts, when=when, **bounds)
    missing = draw.choice(("zero", "full", "skip", "not_rated", 125, -50))
    plain: dict[str, Any] = {"full": draw.choice((500, 1500)), "missing": missing, "when": when, **bounds}
    if draw.random() < 0.5:
        return Line(name, title, Citation(), on=written(draw.choice(NUMBERS)), tiers=_tiers(draw), **plain)
    stages = draw.choice(
        ((), (), (Fraction(1, 10), Fraction(1, 10)), (Fraction(1, 3), Fraction(1, 100)), (Fraction(1),))
    )
    return Line(name, title, Citation(clause="第一条"), points=written(draw.choice(AMOUNTS)), stages=stages, **plain)


def _tiers(draw: Random) -> tuple[Row, ...]:
    edges = sorted({Fraction(draw.randint(-4, 40), draw.choice((1, 2, 3, 10))) for _ in range(draw.randint(1, 6))})
    upward = draw.random() < 0.5
    rows = []
    for edge in edges if upward else reversed(edges):
        cut = (edge, draw.random() < 0.5)
        when = written(draw.choice(TESTS)) if draw.random() < 0.1 else None
        rows.append(Row(None if upward else cut, cut if upward else None, when, points=draw.randint(-500, 1500)))
    return (*rows, Row(None, None, None, points=draw.randint(-500, 1500)))


def _levels(draw: Random) -> Levels:
    low, high = sorted(draw.sample(range(60), 2))
    rows = (
        Row((Fraction(high), True), None, None, level="A"),
        Row((Fraction(low), draw.random() < 0.5), None, draw.choice((None, written("rate <= 0.9"))), level="B"),
        Row(None, (Fraction(0), False), None, status="WATCHED"),
        Row(None, None, None, level="C"),
    )
    steps = (
        _step("CAP", "at_most", "B", "rate > 0.4"),
        _step("FLOOR", "at_least", "B", "cases = 0 and points < 50"),
        _step("STRIKE", "move", "", "visits >= 9", places=-1),
        _step("VETO", "set", "C", "kind = 'green' and cases > 5", even=("OUT", "WATCHED")),
    )
    return Levels(LEVELS, {}, rows, steps)


def _step(name: str, action: Any, level: str, when: str, places: int = 0, even: tuple[str, ...] = ()) -> Step:
    title = Title(f"{name}步", f"Step {name}")
    return Step(name, action, level, places, written(when), None, even, True, title, Citation(), 0)


def made_frame(seed: int, count: int) -> pd.DataFrame:
    """*count* records for any card here, as whole numbers with denominators beside them."""
    draw = Random(seed)  # noqa: S311 - a test's dice

    def some(make: Callable[[], Any], share: float = 0.15) -> list[Any]:
        return [None if draw.random() < share else make() for _ in range(count)]

    area = [draw.choice((0, 50, draw.randint(-(10**4), 10**6))) for _ in range(count)]
    den = [draw.choice((1, 2, 3, 10, 100, draw.randint(1, 997), -4, 0)) for _ in range(count)]
    cases = [draw.choice((0, 1, draw.randint(0, 25))) for _ in range(count)]
    columns: dict[str, Any] = {
        "area": area, "area__den": [draw.choice((100, 50, 1, 20)) for _ in range(count)],
        "calm": [draw.random() < 0.5 for _ in range(count)], "cases": cases,
        "kind": pd.Series(some(lambda: draw.choice(KINDS)), dtype="object"),
        "known": pd.Series(some(lambda: draw.random() < 0.5), dtype="boolean"),
        "rate": pd.Series(some(lambda: draw.randint(-300, 1200)), dtype="Int64"), "rate__den": den,
        "visits": pd.Series(some(lambda: draw.choice((0, 3, draw.randint(-5, 30)))), dtype="Int64"),
    }  # fmt: skip
    return pd.DataFrame(columns)


@pytest.fixture(scope="session")
def expression() -> Callable[[str], Expression]:
    """A typed expression from its text."""
    return written


@pytest.fixture(scope="session")
def make_card() -> Callable[[int], Card]:
    """A card from a seed."""
    return made_card


@pytest.fixture(scope="session")
def make_frame() -> Callable[[int, int], pd.DataFrame]:
    """A frame of records from a seed."""
    return made_frame


def wide_frame(card: Card, seed: int, count: int) -> pd.DataFrame:
    """*count* records for any shipped card: small numbers, shares between 0 and 1, every category."""
    draw = Random(seed)  # noqa: S311 - a test's dice

    def value(one: Input) -> Any:
        if one.type.optional and draw.random() < 0.2:
            return None
        match one.type.kind:
            case "truth":
                return draw.random() < 0.8
            case "text":
                return draw.choice(one.categories or ("x", "y"))
            case "day":
                return draw.randint(15000, 20500)
        return draw.choice((0, 1, 3, draw.randint(0, 120)))

    columns: dict[str, Any] = {}
    for one in card.inputs:
        kind = {"truth": "boolean", "text": "object"}.get(one.type.kind, "Int64")
        columns[one.name] = pd.Series([value(one) for _ in range(count)], dtype=kind)
        if one.type.kind == "number" and one.type.scale != 0:
            columns[f"{one.name}__den"] = [draw.choice((1, 2, 100, 10, 50)) for _ in range(count)]
    return pd.DataFrame(columns)


@pytest.fixture(scope="session")
def make_wide() -> Callable[[Card, int, int], pd.DataFrame]:
    """Records for a shipped card."""
    return wide_frame


@pytest.fixture(scope="session")
def as_records() -> Callable[[pd.DataFrame], list[dict[str, Any]]]:
    """The rows of a frame as dicts of plain Python values, None where missing."""

    def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
        whole = [frame[name].astype(object).where(frame[name].notna(), None).tolist() for name in frame]
        return [dict(zip(map(str, frame), row, strict=True)) for row in zip(*whole, strict=True)]

    return records


def in_duckdb(query: str, frame: pd.DataFrame) -> list[tuple[Any, ...]]:
    """Rows of *query* over *frame* as table facts."""
    with duckdb.connect() as connection:
        connection.register("given", frame)
        connection.execute("CREATE TABLE facts AS SELECT * FROM given")
        return connection.execute(query).fetchall()


def in_sqlite(query: str, frame: pd.DataFrame) -> list[tuple[Any, ...]]:
    """The same in SQLite."""
    connection = sqlite3.connect(":memory:")
    try:
        names = ", ".join(map(named, frame.columns))
        connection.execute(f"CREATE TABLE facts ({names})")
        places = ", ".join("?" * len(frame.columns))
        connection.executemany(f"INSERT INTO facts VALUES ({places})", _plain(frame))  # noqa: S608 - question marks
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def _plain(frame: pd.DataFrame) -> list[tuple[Any, ...]]:
    whole = [frame[name].astype(object).where(frame[name].notna(), None).tolist() for name in frame]
    return list(zip(*whole, strict=True))


def _typed(cell: str) -> int | str | None:
    if cell == "∅":
        return None
    return int(cell) if cell.lstrip("-").isdigit() else cell


@pytest.fixture(scope="session")
def postgres(server: Any) -> Run:
    """The same in PostgreSQL."""

    def in_postgresql(query: str, frame: pd.DataFrame) -> list[tuple[Any, ...]]:
        names = ", ".join(f"{named(str(name))} {TYPES.get(str(frame[name].dtype), 'BIGINT')}" for name in frame)
        rows = io.StringIO()
        csv.writer(rows, lineterminator="\n").writerows(
            [["" if cell is None else cell for cell in row] for row in _plain(frame)]
        )
        create, copy = f"CREATE TEMP TABLE facts ({names});", "COPY facts FROM STDIN (FORMAT csv);"
        table = f"CREATE TEMP TABLE said AS {query};"
        out = "COPY (SELECT * FROM said ORDER BY 1) TO STDOUT (FORMAT csv, NULL '∅');"
        said = server.psql("\n".join([create, copy, f"{rows.getvalue()}\\.", table, out, ""]))
        return [tuple(_typed(cell) for cell in row) for row in csv.reader(io.StringIO(said))]

    return in_postgresql


@pytest.fixture(params=["duckdb", "postgresql", "sqlite"])
def database(request: pytest.FixtureRequest) -> tuple[str, Run]:
    """Each database with its dialect."""
    if request.param == "postgresql":
        return "postgresql", request.getfixturevalue("postgres")
    return request.param, in_duckdb if request.param == "duckdb" else in_sqlite


@pytest.fixture(scope="session")
def databases(postgres: Run) -> dict[str, Run]:
    """All three by dialect."""
    return {"duckdb": in_duckdb, "postgresql": postgres, "sqlite": in_sqlite}
