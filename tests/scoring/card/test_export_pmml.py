from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from scoring.card.artefact import Card
from scoring.card.core import line_matrix, staircases
from scoring.card.export import ExportError
from scoring.card.export.pmml import field_of, table_lines, to_pmml
from scoring.card.export.sql import to_sql
from scoring.rating.batch import rate_frame
from scoring.rulebook import find_rulebook, load_rulebook
from scoring.rulebook.shape import CardRules, Citation, Line, Row, Title

RECORDS = 100_000


def table(rows: list[tuple[int | None, int]]) -> tuple[Row, ...]:
    """Tiers `below edge: points`, the last without an edge."""
    from fractions import Fraction

    return tuple(
        Row(None, None if edge is None else (Fraction(edge, 10), False), None, points=points) for edge, points in rows
    )


@pytest.fixture(scope="module")
def card(make_card, expression) -> Card:
    """A card of tables alone: numbers, decimals, a ratio, truth and categories."""
    tiers = {
        "cases": table([(10, 900), (30, 500), (80, -100), (None, -700)]),
        "area": table([(0, 5), (1, 10), (1234, 20), (99999, 3), (None, 0)]),
        "visits": table([(-10, 1), (0, 2), (31, 300), (None, 150)]),
        "rate": table([(0, -50), (3, 10), (7, 33), (25, 40), (None, 77)]),
    }
    policies: dict[str, Any] = {"visits": "full", "rate": -25}
    lines = [
        Line(name, Title(), Citation(), on=expression(name), tiers=rows, missing=policies.get(name), full=900)
        for name, rows in tiers.items()
    ]
    lines.append(Line("calm", Title(), Citation(), points=expression("if(calm, 3, -1)"), full=300))
    kinds = "if(kind = 'red', 4, if(kind = '白', 1.25, 0.5))"
    lines.append(Line("kind", Title(), Citation(), points=expression(kinds), full=400, missing="zero"))
    lines.append(Line("known", Title(), Citation(), points=expression("if(known, 1, 2)"), full=200, missing=55))
    for name, text in {"unasked": "if(known is null, 3, 1)", "odd": "if(kind is null or kind = 'red', -1, 2)"}.items():
        lines.append(Line(name, Title(), Citation(), points=expression(text), full=300, missing="full"))
    for name in ("visits", "rate"):  # a table without an edge asks for no number
        always = table([(None, 40)])
        lines.append(Line(f"any {name}", Title(), Citation(), on=expression(name), tiers=always, missing=7, full=40))
    made: Card = make_card(1)
    return replace(made, rules=CardRules(0, None, None, tuple(lines)), statuses=(), levels=None)


def jpmml(path: Path, frame: pd.DataFrame) -> pd.DataFrame:
    """The reference implementation, on a Java machine of its own."""
    from jpmml_evaluator import make_evaluator

    said: pd.DataFrame = make_evaluator(str(path)).evaluateAll(frame)
    return said


@pytest.fixture(scope="module")
def pmml4s() -> Iterator[Callable[[Path, pd.DataFrame], pd.DataFrame]]:
    """An independent implementation in Scala; its Java process ends with the tests."""
    from pypmml import Model

    yield lambda path, frame: Model.load(str(path)).predict(frame)
    Model.close()


def fielded(card: Card, frame: pd.DataFrame) -> pd.DataFrame:
    """A frame with the fields of the PMML file; a ratio by 0 is missing, a negative denominator turns the sign."""
    fields: dict[str, Any] = {}
    for one in card.inputs:
        column = frame[one.name]
        if one.type.kind == "number" and one.type.scale is None:
            lower = frame[f"{one.name}__den"]
            upper = column.where(lower >= 0, -column).where(lower != 0)
            fields |= {one.name: upper.astype("Float64"), f"{one.name}__den": lower.abs().where(lower != 0, 1)}
        elif one.type.kind == "number" and one.type.scale:
            fields[field_of(one)] = column * 10**one.type.scale // frame[f"{one.name}__den"]
        elif one.type.kind == "truth":
            fields[one.name] = column.astype("boolean").map({True: "true", False: "false"})
        else:
            fields[field_of(one)] = column
    return pd.DataFrame({name: column.astype(object).where(column.notna(), None) for name, column in fields.items()})


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_every_way_of_scoring_gives_the_same_points(card, make_frame, as_records, databases, pmml4s, tmp_path):
    """Batch, record, three databases, two PMML engines, coded columns: a rating does not depend on who computes it."""
    frame = make_frame(77, RECORDS)
    path = tmp_path / "card.pmml"
    path.write_text(to_pmml(card), "utf-8")
    expected = rate_frame(card, frame).points.tolist()
    fields = fielded(card, frame)

    said = {name: run(to_sql(card, name, ["id"]), frame.assign(id=range(RECORDS))) for name, run in databases.items()}
    points = {name: [row[-3] for row in rows] for name, rows in said.items()}
    points["record"] = [card.score(record).points for record in as_records(frame)]
    points["jpmml"] = jpmml(path, fields)["points"].astype(int).tolist()
    points["pmml4s"] = pmml4s(path, fields)["points"].astype(int).tolist()

    differing = {
        name: sum(one != other for one, other in zip(found, expected, strict=True)) for name, found in points.items()
    }
    assert differing == dict.fromkeys(points, 0)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_the_reference_engine_names_the_same_reasons(card, make_frame, as_records, tmp_path):
    """Whoever uses the file tells a firm the same lines first."""
    frame = make_frame(5, 300)
    path = tmp_path / "card.pmml"
    path.write_text(to_pmml(card), "utf-8")

    rows = jpmml(path, fielded(card, frame))

    ids = [line.id for line in card.lines()]
    for record, (_, row) in zip(as_records(frame), rows.iterrows(), strict=True):
        losses = card.score(record).losses
        told = [row[f"reason_{rank + 1}"] for rank in range(len(losses))]
        lost = {ids[place]: loss for loss, place in losses}
        assert sorted(told) == sorted(lost)
        assert [lost[name] for name in told] == [loss for loss, _ in losses]


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_kunmings_table_lines_are_carried_over(tmp_path):
    """The three tables of the proposal can be checked by anybody with a PMML engine."""
    project = Card.from_rules(load_rulebook(find_rulebook("kunming/2024")), "project")
    path = tmp_path / "project.pmml"
    path.write_text(to_pmml(project, table_lines(project)), "utf-8")
    edges = [(1, 2), (2, 4), (3, 2), (151, 100), (5, 2), (4, 1), (401, 100), (10**12 + 1, 2 * 10**12)]
    frame = pd.DataFrame({"members": 3, "solved": 4, "rate": [n for n, _ in edges], "rate__den": [d for _, d in edges]})

    points = jpmml(path, frame.astype({"rate": float, "rate__den": float}))["points"]

    assert table_lines(project) == ["CMP-01", "PTY-02", "PTY-04"]
    assert (points - 600).astype(int).tolist() == [700, 700, 500, 300, 300, 100, 0, 500]


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_a_denominator_too_large_for_doubles_is_not_scored(tmp_path):
    """Above 2^51 a quotient may fall on the wrong side of an edge, so the file does not take it."""
    project = Card.from_rules(load_rulebook(find_rulebook("kunming/2024")), "project")
    path = tmp_path / "project.pmml"
    path.write_text(to_pmml(project, ["CMP-01"]), "utf-8")

    said = jpmml(path, pd.DataFrame({"rate": [1.0], "rate__den": [2.0**51]}))

    assert "cannot accept invalid value" in said["errors"].iloc[0]


def test_what_pmml_cannot_say_is_refused_by_name():
    """A cap or veto left out would lift firms a level."""
    book = load_rulebook(find_rulebook("kunming/2024"))

    with pytest.raises(ExportError) as error:
        to_pmml(Card.from_rules(book, "firm"))

    said = str(error.value)
    for part in (
        "status NEW: found a status", "section GOOD: found a bound (within)", "section BAD: found a bound (total)",
        "step CAP-01: found a level step (at_most)", "step VETO-01: found a level step (set)",
        "line BASE: found missing: not_rated", "line BAD-01: found 4 values",
    ):  # fmt: skip
        assert part in said


def test_lines_the_card_does_not_have_are_refused(card):
    """A typing error must not give an empty model."""
    with pytest.raises(ExportError, match="found lines X, allowed: cases, area"):
        to_pmml(card, ["X"])


def test_coded_columns_give_the_same_line_matrix(card, make_frame):
    """The fast way for millions of rows is the same table."""
    coded_lines = tuple(line for line in card.rules.lines if line.on is None or line.on.text != "rate")
    whole = replace(card, rules=replace(card.rules, lines=coded_lines))
    frame = make_frame(3, 5000)
    batch = rate_frame(card, frame)
    missing = -(2**63)
    kinds = {kind: place for place, kind in enumerate(card.inputs[3].categories)}
    coded = {
        "area": (frame["area"] * 100 // frame["area__den"]).to_numpy(),
        "calm": frame["calm"].astype("int64").to_numpy(),
        "cases": frame["cases"].to_numpy(),
        "kind": frame["kind"].map(kinds).astype("Int64").fillna(missing).to_numpy("int64"),
        "known": frame["known"].astype("Int64").fillna(missing).to_numpy("int64"),
        "visits": frame["visits"].fillna(missing).to_numpy("int64"),
    }

    matrix = line_matrix(staircases(whole), coded)

    expected = {line.id: line.points.tolist() for line in batch.lines}
    assert [column.tolist() for column in matrix.T] == [expected[line.id] for line in whole.lines()]
