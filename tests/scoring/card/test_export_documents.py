from __future__ import annotations

import io
from dataclasses import replace

import openpyxl
import pytest

from scoring.card.artefact import Card
from scoring.card.export.markdown import to_markdown
from scoring.card.export.tables import sheets
from scoring.card.export.xlsx import to_xlsx
from scoring.rulebook import find_rulebook, load_rulebook
from scoring.rulebook.shape import Title


@pytest.fixture(scope="module")
def firm() -> Card:
    """Kunming's firm: statuses, bounds, levels and steps."""
    return Card.from_rules(load_rulebook(find_rulebook("kunming/2024")), "firm")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_line_level_and_step_is_in_the_document(firm, language):
    """A rule that is not on paper cannot be objected to."""
    text = to_markdown(firm, language)

    for name in [line.id for line in firm.lines()] + ["4A", "CAP-03", "VETO-01", "NEW", firm.digest]:
        assert name.replace("_", "\\_") in text


def test_a_line_stands_with_its_rule_and_bounds(firm):
    """What an officer compares with the published table."""
    (lines,) = [sheet for sheet in sheets(firm, "en") if sheet.title == "Lines"]
    rows = {row[0]: row for row in lines.rows}

    assert rows["GOOD"][7] == "0.00 … 10.00"
    assert rows["GOOD-02"][1:4] == ("GOOD", "Abandoned compounds taken over", "least(2 * taken_over, 4)")
    assert rows["BAD"][8] == "0.00 … 110.00"


def test_what_a_formula_looks_up_is_in_the_document(make_book):
    """`worth[kind]` says nothing to a firm that does not see the table, nor do days off that only the city has."""
    rules = """
        tables: {worth: {rows: {high: 5, low: 0.5}}}
        working_days: {rows: {2027-01-01: false}}
        units:
          firm:
            from: firms
            key: [code]
            card:
              lines:
                - {id: X, points: "worth[head]", missing: zero}
                - {id: Y, points: "if(add_working_days(founded, 1) > date '2027-01-04', 1, 0)", missing: zero}
                - {id: Z, points: 0, total_round: 1}
    """
    card = Card.from_rules(make_book(rules).load(), "firm")

    found = {sheet.title: sheet.rows for sheet in sheets(card, "en")}

    assert found["Tables"] == (("worth", "high", "5"), ("worth", "low", "0.5"))
    assert found["Own days"] == (("2027-01-01", "not worked"),)
    assert [row[9] for row in found["Lines"]] == ["", "", "Σ 1.00"]
    assert "## Own days" in to_markdown(card, "en")


def test_the_workbook_holds_the_same_texts(firm):
    """One reads the document, another the workbook; they must agree."""
    book = openpyxl.load_workbook(io.BytesIO(to_xlsx(firm)))

    for sheet in sheets(firm, "zh"):
        found = [tuple(cell or "" for cell in row) for row in book[sheet.title].iter_rows(values_only=True)]
        assert found == [sheet.header, *sheet.rows]


def test_a_title_never_becomes_a_formula_or_markup(firm):
    """A rulebook comes from elsewhere; opening its card must not run anything."""
    odd = replace(firm, title=Title("=1+1", "=1+1"), statuses=())
    line = replace(firm.rules.lines[0], title=Title("=HYPERLINK(1)|<script>"))
    odd = replace(odd, rules=replace(firm.rules, lines=(line, *firm.rules.lines[1:])))

    book = openpyxl.load_workbook(io.BytesIO(to_xlsx(odd)))
    text = to_markdown(odd)

    kinds = {cell.data_type for page in book for row in page.iter_rows() for cell in row}
    assert kinds <= {"s", "n"}
    assert all(cell.value is None for page in book for row in page.iter_rows() for cell in row if cell.data_type == "n")
    assert "<script>" not in text
    assert "=HYPERLINK(1)\\|&lt;script>" in text


def test_the_same_card_gives_the_same_bytes(firm):
    """A file with another digest looks like another rule."""
    assert to_xlsx(firm) == to_xlsx(firm)
