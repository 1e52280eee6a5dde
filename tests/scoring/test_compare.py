from __future__ import annotations

import re
import shutil
from datetime import date
from pathlib import Path

import pytest

from data_contracts.expressions import parse, resolve
from data_contracts.expressions.resolve import ColumnScope, Environment
from data_contracts.expressions.terms import DAY, NUMBER, TEXT
from scoring.rulebook import Rulebook, find_rulebook, load_rulebook
from scoring.rulebook.compare import Change, compare
from scoring.rulebook.shelf import shipped_rulebooks
from scoring.rulebook.written import written

EVERYTHING = Path(__file__).parents[1] / "rulebooks" / "everything"


@pytest.fixture
def book() -> Rulebook:
    """An invented book that uses every construct once."""
    return load_rulebook(EVERYTHING)


@pytest.fixture
def edited(tmp_path: Path):
    """A copy of that book in which texts are replaced; each text must stand in it exactly once."""

    def edit(*replacements: tuple[str, str]) -> Rulebook:
        folder = tmp_path / "edited"
        shutil.copytree(EVERYTHING, folder)
        file = folder / "rulebook.yaml"
        text = file.read_text("utf-8")
        for old, new in replacements:
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        file.write_text(text, "utf-8")
        return load_rulebook(folder)

    return edit


@pytest.mark.parametrize("name", shipped_rulebooks())
def test_a_book_does_not_differ_from_itself(name: str):
    """A comparison that cries wolf is not read."""
    book = load_rulebook(find_rulebook(name))

    assert compare(book, load_rulebook(find_rulebook(name))) == []


def test_another_spelling_of_the_same_rule_is_no_change(book, edited):
    """Editors sort keys and add brackets; an officer is asked to sign only what decides otherwise."""
    respelled = edited(
        ("official: false\n", ""),
        ("points: {unit: 0.01}", "points: {unit: 0.010}"),
        ("when: poor > 0.2, at_most: B,", "at_most: B, when: (poor  >  0.20), enabled: true,"),
        ("{level: A, from: 90}", "{from: 90.0, level: A}"),
    )

    assert compare(book, respelled) == []


def test_a_level_edge_that_moves_is_one_change_with_both_values(book, edited):
    """The edge of the best level is what firms read first in a new edition."""
    changes = compare(book, edited(("{level: A, from: 90}", "{level: A, from: 88}")))

    path = ("units", "firm", "levels", "rows", "row 1 (A)", "lower edge")
    assert changes == [Change(path, "changed", "from 90", "from 88")]


def test_an_edge_that_no_longer_includes_its_number_is_a_change(book, edited):
    """含本数 and 不含 differ by the one firm that stands exactly on the edge."""
    changes = compare(book, edited(("{level: A, from: 90}", "{level: A, above: 90}")))

    assert [(change.old, change.new) for change in changes] == [("from 90", "above 90")]


def test_a_tier_that_is_put_between_others_is_one_addition(book, edited):
    """The rows after it keep their edges, so they must not be shown as changed."""
    changes = compare(book, edited(("{below: 2, points: 20}", "{to: 1, points: 30}, {below: 2, points: 20}")))

    (change,) = changes
    assert (change.kind, change.path[-1]) == ("added", "row 2 (30 points)")
    assert change.new == "points: 30, upper edge: to 1, clause: 第六条, source: RULE, basis: published"


def test_a_line_that_goes_is_named_with_all_it_said(book, edited):
    """Who lost which points must be readable without the old edition at hand."""
    removed = ", {id: GOOD-2, title: {zh: 持证率, en: Certified}, points: 5 * trained / staff, missing: zero}"

    (change,) = compare(book, edited((removed, "")))

    assert (change.kind, change.path[-1]) == ("removed", "GOOD-2")
    assert "section: GOOD, points: 5 * trained / staff, missing: zero" in change.old


def test_steps_in_another_order_are_one_change(book, edited):
    """A cap before a floor and a floor before a cap rate firms differently, so order is a clause of its own."""
    lines = (EVERYTHING / "rulebook.yaml").read_text("utf-8").splitlines(keepends=True)
    first = next(place for place, line in enumerate(lines) if "{id: CAP, " in line)
    cap, floor = lines[first : first + 2]

    changes = compare(book, edited((cap + floor, floor + cap)))

    assert [change.path[-1] for change in changes] == ["order of steps"]
    assert changes[0].old == "TOP, CAP, FLOOR, STRIKE, FIRST, VETO"
    assert changes[0].new == "TOP, FLOOR, CAP, STRIKE, FIRST, VETO"


def test_a_citation_is_reported_where_it_is_written_not_where_it_is_inherited(book, edited):
    """One word at the head of the book would otherwise be sixty changes."""
    changes = compare(book, edited(("official: false\nbasis: published", "official: false\nbasis: inferred")))

    assert [str(change) for change in changes] == ["~ basis: published → inferred"]


@pytest.mark.parametrize(
    "old, new, path, before, after",
    [
        ("city: 3, county", "city: 4, county", "tables > award_points > rows > city", "3", "4"),
        ("lift: 1}, else: 5", "lift: 1}", "tables > reply_days > else", "5", ""),
        ("[content], keep", "[issuer, content], keep", "records > award > once_per", "content", "issuer, content"),
        ("where: upheld", "where: not upheld", "records > complaint > where", "upheld", "not upheld"),
        ("round: 0.0001", "round: 0.01", "estate > facts > mean_rate > round", "0.0001", "0.01"),
        ("_full > 40", "_full > 30", "estate > card > not_rated_when", "missing_full > 40", "missing_full > 30"),
        ("within: [0, 60]", "within: [0, null]", "lines > SERVICE > within", "0 to 60", "0 to no bound"),
        ("missing: full,", "missing: 12.5,", "lines > TIME > missing", "full", "12.5"),
        ("round: [0.1, 0.1]", "round: 0.1", "lines > TIME > round", "0.1, 0.1", "0.1"),
        ("not licensed,", "staff = 0,", "statuses > row 1 (NOT_LICENSED) > when", "not licensed", "staff = 0"),
        ("beyond: 10 %", "beyond: 12.5 %", "steps > TOP > beyond", "10 %", "12.5 %"),
        ("asc judged]", "judged]", "steps > FIRST > by", "points, asc judged", "points, judged"),
        ("move: -1", "move: -2", "steps > STRIKE > move", "-1", "-2"),
        ("enabled: false}", "enabled: true}", "steps > FLOOR > enabled", "false", ""),
        ("even: [NOT_LICENSED]", "even: []", "steps > VETO > even", "NOT_LICENSED", ""),
        ("note: 转载", "note: 原件", "sources > ELSEWHERE > note", "转载", "原件"),
        ("measure: 约谈", "measure: 通报", "consequences > firm > C > measure", "约谈", "通报"),
    ],
)
def test_each_kind_of_clause_shows_its_change(book, edited, old: str, new: str, path: str, before: str, after: str):
    """Each of them can move a firm's points or what follows from them."""
    (change,) = compare(book, edited((old, new)))

    assert change.where.endswith(path)
    assert (change.old, change.new) == (before, after)


def test_a_working_day_that_is_added_shows(book, edited, tmp_path):
    """A day off moves the last day of a term, and with it who was late."""
    other = edited()
    days = tmp_path / "edited" / "tables" / "days_off.csv"
    days.write_text(days.read_text("utf-8") + "2024-07-09,false\n", "utf-8")

    assert compare(book, other) == []
    assert [str(change) for change in compare(book, load_rulebook(tmp_path / "edited"))] == [
        "+ working days > 2024-07-09: not worked"
    ]


def test_delivered_tables_are_compared_too():
    """A column that is renamed or bounded otherwise changes what may be rated."""
    changes = compare(
        load_rulebook(find_rulebook("toronto/rentsafeto-2017")), load_rulebook(find_rulebook("toronto/rentsafeto-2023"))
    )

    texts = [str(change) for change in changes]
    assert "~ contracts > grades > rules > grades.grade.range > maximum: 5 → 3" in texts
    assert "~ contracts > evaluations > key: rsn, evaluated_on (may repeat) → rsn, evaluated_on" in texts
    assert any(text.startswith("+ contracts > evaluations > columns > reactive_score: ") for text in texts)
    assert any(text.startswith("~ mappings/rentsafeto.yaml: ") for text in texts)


@pytest.mark.parametrize(
    "text",
    [
        "a - (b - a)",
        "-a / 3",
        "not (a > b or d is not null)",
        "t in ('x', 'it''s') and t is null",
        "if(a between 1 and 2, coalesce(a, b), least(a, b, 0.50))",
        "add_months(d, 1) - date '2024-01-31' < add_working_days(d, 2) - d",
        "given(a, 1, 10, 5, t)",
        "in_period(d)",
        "in_force(d, d)",
        "within_months(d, 12)",
        "days_in_period(d, d)",
        "year(d) = 2024",
        "days_since_previous(d, t) <= 90",
    ],
)
def test_a_term_written_out_reads_as_the_same_term(text: str):
    """What is shown for a term must be the rule itself, brackets and all."""
    days = {("as_of",): date(2024, 6, 1), ("period", "from"): date(2024, 1, 1), ("period", "to"): date(2024, 12, 31)}
    scope = ColumnScope({"a": NUMBER, "b": NUMBER.maybe(), "d": DAY, "t": TEXT.maybe()})
    environment = Environment(named_days=days, windows=True)

    term = resolve(parse(text), scope, environment)
    again = resolve(parse(written(term)), scope, environment)

    assert written(again) == written(term)
    assert _untyped(again) == _untyped(term)


def _untyped(term: object) -> str:
    """The shape of a term without scales: `0.50` and `0.5` are one number."""
    return re.sub(r"type=Type\([^()]*(\([^()]*\))?[^()]*\), ", "", repr(term))
