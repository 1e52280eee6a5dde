"""How fast a card is: one record, its sentences, loading, and the line matrix of coded columns.

CPU seconds of this process, the best of several runs: a neighbor on the machine slows a run, nothing makes it faster.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import numpy.typing as npt

from data_contracts.expressions import NUMBER, TEXT, TRUTH, Type, parse, resolve
from data_contracts.expressions.resolve import ColumnScope, Environment
from scoring.card.artefact import Card, Input
from scoring.card.core import MISSING, Staircase, line_matrix, staircases
from scoring.card.reasons import reasons
from scoring.card.sentences import Explainer
from scoring.rulebook.shape import CardRules, Citation, Expression, Levels, Line, Row, Step, Title

FIGURES = Path("build/bench/bench_card.json")
ROWS = 1_000_000
LINES = 20
KINDS = ("national", "provincial", "city", "county")
LIMITS = {"record_us": 50.0, "sentences_us": 100.0, "load_ms": 1.0, "matrix_rows_per_s": 2.5e6, "matrix_to_floor": 1.2}


def main() -> int:
    """Measure, write the figures, and say which limit is missed."""
    figures = {**one_record(mixed_card()), **matrix(table_card())}
    missed = [name for name, limit in LIMITS.items() if (figures[name] < limit) is (name == "matrix_rows_per_s")]
    for name, value in figures.items():
        print(f"{name:24} {value:12,.3f}   limit {LIMITS.get(name, '')}{'   MISSED' if name in missed else ''}")
    FIGURES.parent.mkdir(parents=True, exist_ok=True)
    FIGURES.write_text(json.dumps({"figures": figures, "limits": LIMITS}, indent=2) + "\n", encoding="utf-8")
    return 1 if missed else 0


def one_record(card: Card) -> dict[str, float]:
    """One record with codes and reasons, then its sentences; loading the artefact."""
    text = card.to_json()
    loaded = Card.from_json(text)
    values = [record(number) for number in range(200)]
    explainer = Explainer(loaded)
    outcomes = [loaded.score(one) for one in values]
    said = [explainer.statements(one, outcome) for one, outcome in zip(values, outcomes, strict=True)]

    def score() -> None:
        for one in values:
            reasons(loaded, loaded.score(one), 4)

    def speak() -> None:
        for one, outcome in zip(values, outcomes, strict=True):
            for statement in explainer.statements(one, outcome):
                explainer.text(statement, "zh")

    return {
        "lines": float(len(loaded.lines())),
        "record_us": best(score, 30) / len(values) * 1e6,
        "sentences_us": best(speak, 30) / len(values) * 1e6,
        "statements": float(len(said[0])),
        "load_ms": best(lambda: Card.from_json(text), 60) * 1e3,
        "load_ready_ms": best(lambda: Card.from_json(text).scorer, 60) * 1e3,
    }


def matrix(card: Card) -> dict[str, float]:
    """The full line matrix against filling the same matrix with searchsorted and take."""
    stairs = staircases(card)
    draw = np.random.default_rng(7)
    coded = {stair.input: draw.integers(-3, 40, ROWS) for stair in stairs}
    for column in list(coded.values())[::4]:
        column[draw.random(ROWS) < 0.1] = MISSING
    same = line_matrix(stairs, coded)
    assert_same(same, floor_matrix(stairs, coded, same.dtype))
    ours = best(lambda: line_matrix(stairs, coded), 5)
    floor = best(lambda: floor_matrix(stairs, coded, same.dtype), 5)
    return {
        "matrix_rows_per_s": ROWS / ours,
        "matrix_to_floor": ours / floor,
        "floor_rows_per_s": ROWS / floor,
    }


def floor_matrix(
    stairs: tuple[Staircase, ...], coded: dict[str, npt.NDArray[np.int64]], kind: np.dtype[np.signedinteger]
) -> npt.NDArray[np.signedinteger]:
    """What anyone would write: one searchsorted and one take per line."""
    found = np.empty((ROWS, len(stairs)), kind, order="F")
    for place, stair in enumerate(stairs):
        places = np.searchsorted(np.array(stair.cuts, np.int64), coded[stair.input], side="right")
        np.take(np.array(stair.points, kind), places, out=found[:, place])
    return found


def assert_same(one: npt.NDArray[np.signedinteger], other: npt.NDArray[np.signedinteger]) -> None:
    """A fast wrong answer is no answer."""
    if not (one == other).all():
        sys.exit("the two matrices differ")


def best(run: Callable[[], object], times: int) -> float:
    """CPU seconds of the fastest of several runs."""
    seconds = []
    for _ in range(times):
        start = time.process_time()
        run()
        seconds.append(time.process_time() - start)
    return min(seconds)


def record(number: int) -> dict[str, object]:
    """Values for every input of the mixed card."""
    found: dict[str, object] = {f"n{place}": (number * 7 + place) % 30 for place in range(10)}
    found |= {f"r{place}": number % 9 for place in range(4)} | {f"r{place}__den": 9 for place in range(4)}
    return {**found, "flag": number % 2 == 0, "kind": KINDS[number % 4], "note": None if number % 5 == 0 else number}


def mixed_card() -> Card:
    """Twenty lines: ten tables, six formulas over ratios, flags, categories, two sections with bounds, four levels."""
    inputs = (
        Input("flag", TRUTH), Input("kind", TEXT, Title(), KINDS), *(Input(f"n{one}", NUMBER) for one in range(10)),
        Input("note", NUMBER.maybe()), *(Input(f"r{one}", Type("number", None)) for one in range(4)),
    )  # fmt: skip
    scope = ColumnScope({one.name: one.type for one in inputs} | {"points": Type("number", 2)})

    def written(text: str) -> Expression:
        return Expression(text, resolve(parse(text), scope, Environment()), 0)

    tables = [tiered(f"T-{one}", written(f"n{one}")) for one in range(10)]
    texts = [
        "4 * r0", "10 * r1 / 3", "2 - 0.5 * least(n1, 4)", "-3 * (n2 + coalesce(least(r2, n3), n3))", "if(flag, 5, 0)",
        "if(kind = 'city', 3, if(kind = 'county', 2, 4))", "if(n4 > 0 or n5 > 0, 5, 0)", "least(n6, 3)", "5 * r3",
        "note / 7",
    ]  # fmt: skip
    formulas = [plain(f"F-{place}", written(text)) for place, text in enumerate(texts)]
    sections = (
        Line("A", Title("甲", "A"), Citation(), lines=tuple(tables), within=(0, 6000)),
        Line("B", Title("乙", "B"), Citation(), lines=tuple(formulas), within=(0, 4000)),
    )
    order = ("4A", "3A", "2A", "A")
    rows = tuple(
        Row((Fraction(edge), True), None, None, level=level) for edge, level in ((90, "4A"), (80, "3A"), (60, "2A"))
    )
    cap = Step("CAP", "at_most", "3A", 0, written("r0 > 0.2"), None, (), True, Title("封顶", "Cap"), Citation(), 0)
    levels = Levels(order, {}, (*rows, Row(None, None, None, level="A")), (cap,))
    return Card("bench/mixed", Title(), Fraction(1, 100), inputs, CardRules(0, None, None, sections), (), levels)


def tiered(name: str, on: Expression) -> Line:
    """Five tiers."""
    edges = ((20, 700), (15, 500), (8, 300), (3, 100))
    rows = tuple(Row((Fraction(edge), True), None, None, points=points) for edge, points in edges)
    title = Title(f"第{name}项", f"Line {name}")
    return Line(name, title, Citation(clause="第五条"), on=on, tiers=(*rows, Row(None, None, None)), full=700)


def plain(name: str, points: Expression) -> Line:
    """A formula."""
    return Line(
        name, Title(f"第{name}项", f"Line {name}"), Citation(clause="第六条"), points=points, full=500, missing="zero"
    )


def table_card() -> Card:
    """Twenty tables of five tiers, a quarter of them over values that may be missing."""
    inputs = tuple(Input(f"n{one:02}", NUMBER.maybe() if one % 4 == 0 else NUMBER) for one in range(LINES))
    scope = ColumnScope({one.name: one.type for one in inputs})
    lines = []
    for one in inputs:
        on = Expression(one.name, resolve(parse(one.name), scope, Environment()), 0)
        line = tiered(one.name, on)
        lines.append(Line(line.id, line.title, line.citation, on=on, tiers=line.tiers, full=700, missing="full"))
    return Card("bench/tables", Title(), Fraction(1, 100), inputs, CardRules(0, None, None, tuple(lines)))


if __name__ == "__main__":
    sys.exit(main())
