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

KUNMING = Path(str(find_rulebook("kunming/2024")))


@pytest.fixture
def kunming() -> Rulebook:
    """The shipped book, unchanged."""
    return load_rulebook(KUNMING)


@pytest.fixture
def edited(tmp_path: Path):
    """A copy of the shipped book in which texts are replaced; each text must stand in it exactly once."""

    def edit(*replacements: tuple[str, str]) -> Rulebook:
        folder = tmp_path / "edited"
        shutil.copytree(KUNMING, folder)
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


def test_another_spelling_of_the_same_rule_is_no_change(kunming, edited):
    """Editors sort keys and add brackets; an officer is asked to sign only what decides otherwise."""
    respelled = edited(
        ("official: false\n", ""),
        ("points: {unit: 0.01}", "points: {unit: 0.010}"),
        ("when: poor > 0.2, at_most: 3A}", "at_most: 3A, when: (poor  >  0.20), enabled: true}"),
        ("{level: 4A, from: 90}", "{from: 90.0, level: 4A}"),
    )

    assert compare(kunming, respelled) == []


def test_a_level_edge_that_moves_is_one_change_with_both_values(kunming, edited):
    """The edge of 4A is what firms read first in a new edition."""
    changes = compare(kunming, edited(("{level: 4A, from: 90}", "{level: 4A, from: 88}")))

    path = ("units", "firm", "levels", "rows", "row 1 (4A)", "lower edge")
    assert changes == [Change(path, "changed", "from 90", "from 88")]


def test_an_edge_that_no_longer_includes_its_number_is_a_change(kunming, edited):
    """含本数 and 不含 differ by the one firm that stands exactly on the edge."""
    changes = compare(kunming, edited(("{level: 4A, from: 90}", "{level: 4A, above: 90}")))

    assert [(change.old, change.new) for change in changes] == [("from 90", "above 90")]


def test_a_tier_that_is_put_between_others_is_one_addition(kunming, edited):
    """The rows after it keep their edges, so they must not be shown as changed."""
    changes = compare(kunming, edited(("{to: 1.5, points: 5}", "{to: 1, points: 6}, {to: 1.5, points: 5}")))

    (change,) = changes
    assert (change.kind, change.path[-1]) == ("added", "row 2 (6 points)")
    assert change.new == "points: 6, upper edge: to 1, basis: proposed, analogue: SH12345"


def test_a_line_that_goes_is_named_with_all_it_said(kunming, edited):
    """Who lost which points must be readable without the old edition at hand."""
    lines = (KUNMING / "rulebook.yaml").read_text("utf-8").splitlines(keepends=True)
    (removed,) = [line for line in lines if "{id: GOOD-02, " in line]

    (change,) = compare(kunming, edited((removed, "")))

    assert (change.kind, change.path[-1]) == ("removed", "GOOD-02")
    assert "points: least(2 * taken_over, 4)" in change.old
    assert "section: GOOD" in change.old


def test_lines_in_another_order_are_one_change(kunming, edited):
    """Order decides where a running total is bounded, so it is a clause of its own."""
    lines = (KUNMING / "rulebook.yaml").read_text("utf-8").splitlines(keepends=True)
    first = next(place for place, line in enumerate(lines) if "{id: FLOOR-01, " in line)
    floor, cap = lines[first : first + 2]

    changes = compare(kunming, edited((floor + cap, cap + floor)))

    assert [change.path[-1] for change in changes] == ["order of steps"]
    assert changes[0].old.startswith("FLOOR-01, CAP-01")
    assert changes[0].new.startswith("CAP-01, FLOOR-01")


def test_a_citation_is_reported_where_it_is_written_not_where_it_is_inherited(kunming, edited):
    """One word at the head of the book would otherwise be sixty changes."""
    changes = compare(kunming, edited(("official: false\nbasis: proposed", "official: false\nbasis: inferred")))

    assert [str(change) for change in changes] == ["~ basis: proposed → inferred"]


def test_tables_records_facts_steps_sources_and_consequences_are_compared(kunming, edited):
    """Each kind of clause can move a level, so each must show itself."""
    changes = compare(
        kunming,
        edited(
            ("rows: {national: 5, ", "rows: {national: 6, "),
            ('time: "within_months(awarded_on, 36)"', 'time: "within_months(awarded_on, 24)"'),
            ("take: sum(items_complete)}", "take: max(items_complete), time: any}"),
            ("when: poor > 0.2, at_most: 3A}", "when: poor > 0.2, at_most: 2A}"),
            ("SEED: {title: ", "SEED: {note: read again, title: "),
            ("not_rated_when: missing_full > 40", "not_rated_when: missing_full > 30"),
        ),
    )

    assert {change.path[:2] for change in changes} == {
        ("sources", "SEED"),
        ("tables", "award_points"),
        ("records", "award"),
        ("units", "project"),
        ("units", "firm"),
    }
    assert {change.path[-1]: (change.old, change.new) for change in changes} == {
        "note": ("", "read again"),
        "national": ("5", "6"),
        "time": ("within_months(awarded_on, 36)", "within_months(awarded_on, 24)"),
        "take": ("sum(items_complete)", "max(items_complete)"),
        "not_rated_when": ("missing_full > 40", "missing_full > 30"),
        "at_most": ("3A", "2A"),
    }


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
