"""Languages, pages of a list, problems: what every room of the service stands on."""

from __future__ import annotations

import json
import string

import pytest

from api.kernel.i18n import Texts, catalog, language_of
from api.kernel.paging import Page
from api.kernel.problems import STATUS, Fault, ProblemError


@pytest.mark.parametrize(
    "asked, accepted, language",
    [
        (None, None, "zh"),
        (None, "", "zh"),
        (None, "fr-FR", "zh"),
        (None, "en-US,en;q=0.9", "en"),
        (None, "zh-TW,en;q=0.9", "zh"),
        (None, "en;q=0.3, zh-CN;q=0.8", "zh"),
        (None, "en;q=nonsense", "zh"),
        ("en", "zh-CN", "en"),
        ("EN_us", None, "en"),
        ("fr", "en", "en"),
    ],
)
def test_language_is_the_one_asked_for_then_the_best_accepted_then_chinese(
    asked: str | None, accepted: str | None, language: str
):
    """Officers read Chinese whatever their browser says nothing about."""
    assert language_of(asked, accepted).language == language


def test_only_a_language_named_in_the_address_is_carried_on():
    """A link that a reader passes on should not fix the language their browser happened to send."""
    assert language_of("en", None).asked
    assert not language_of(None, "en").asked


def test_every_text_names_the_same_places_in_both_languages():
    """A place that only one language fills would fail for half the readers."""
    places = {
        key: [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in texts.values()]
        for key, texts in catalog().items()
    }

    assert {key: found for key, found in places.items() if found[0] != found[1]} == {}


def test_no_chinese_text_has_half_width_punctuation():
    """Official Chinese text sets its own marks; a half-width comma beside a character is a slip."""
    slips = [key for key, texts in catalog().items() if any(mark in texts["zh"] for mark in (",", ";", "?", "!"))]

    assert slips == []


@pytest.mark.parametrize(
    "number, total, expected",
    [(1, 0, (0, 0, None, None)), (1, 50, (0, 50, None, None)), (1, 51, (0, 50, None, 2)), (2, 51, (50, 51, 1, None))],
)
def test_a_page_knows_its_rows_and_neighbors(
    number: int, total: int, expected: tuple[int, int, int | None, int | None]
):
    """Fifty rows fill a page exactly; the fifty-first starts the next."""
    page = Page(number, 50, total)

    assert (page.start, page.stop, page.previous, page.next) == expected


def test_a_page_beyond_the_end_leads_back_to_the_last():
    """A bookmark into a list that has become shorter should not be a dead end."""
    assert Page(9, 50, 51).previous == 2


@pytest.mark.parametrize("code", sorted(STATUS))
def test_every_problem_has_its_texts(code: str):
    """A refusal without words helps nobody."""
    keys = [f"problem.{code}.title", f"problem.{code}.detail"]

    assert [key for key in keys if key not in catalog()] == []


def test_a_problem_is_told_in_one_shape():
    """Machines read the code and the errors, people the title and the detail (RFC 9457)."""
    problem = ProblemError("filter.unknown_value", {"where": "level", "found": "Z"}, [Fault("level", "Z", "2A, A")])

    body = json.loads(problem.body(Texts("en"), "/v1/firm"))

    assert body == {
        "type": "urn:property-credit:problem:filter.unknown_value",
        "title": "Unknown filter value",
        "status": 422,
        "detail": "The value “Z” of “level” does not occur in the result.",
        "instance": "/v1/firm",
        "code": "filter.unknown_value",
        "errors": [{"where": "level", "found": "Z", "allowed": "2A, A"}],
    }
