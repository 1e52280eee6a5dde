from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from data_contracts.expressions.resolve import AGGREGATES, FUNCTIONS
from data_contracts.expressions.syntax import KEYWORDS
from scoring.rulebook.schema import rulebook_schema

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"


@pytest.fixture(scope="module")
def generate() -> Iterator[ModuleType]:
    """The script that writes the pages."""
    sys.path.insert(0, str(REFERENCE))
    import generate as module  # type: ignore[import-not-found]

    yield module
    sys.path.remove(str(REFERENCE))


@pytest.mark.parametrize("page", ["rulebook.md", "expressions.md", "rulebook.schema.json"])
def test_a_generated_page_is_current(generate, page: str):
    """Its examples are run again here: what the page says is what the language does. Run docs/reference/generate.py."""
    assert (REFERENCE / page).read_text("utf-8") == generate.PAGES[page]()


def test_an_example_that_comes_out_otherwise_is_refused(generate):
    """The page must not be able to print an expectation that nobody met."""
    (example,) = [one for chapter in generate.chapters() for one in chapter.examples if one.id == "level-rows"]
    trial = example.trials[0]
    wrong = trial.expect.replace("on 90: {points: 90.00, level: A}", "on 90: {points: 90.00, level: B}")
    broken = generate.Example(
        example.id,
        example.title,
        example.text,
        example.rules,
        example.head,
        {},
        (generate.Trial(trial.given, wrong),),
        (),
    )

    with pytest.raises(generate.ExampleError, match="firm on 90 level: B ≠ A"):
        generate.run(broken)


def test_every_example_with_a_result_shows_at_least_three_units_or_refusals(generate):
    """Below, on and above: two of the three never show which side the edge is on."""
    for chapter in generate.chapters():
        for example in chapter.examples:
            lines = [line for trial in example.trials for line in trial.expect.splitlines() if re.match(r"  \S", line)]
            assert example.refused or len(lines) >= 3, example.id


def test_every_key_of_the_language_stands_on_the_reference_page():
    """A key that is only in the code cannot be used by an office."""
    text = (REFERENCE / "rulebook.md").read_text("utf-8")
    words = set(re.findall(r"[a-z_]+", text))

    keys = {key for part in rulebook_schema()["definitions"].values() for key in part.get("properties", {})}
    keys |= set(rulebook_schema()["properties"])
    assert keys - words == set()


def test_every_function_aggregate_and_keyword_stands_on_the_expressions_page(generate):
    """An expression that nobody can look up is a guess."""
    page = sys.modules[generate.expressions_page.__module__].content()
    entries = {entry["name"]: entry for section in page["sections"] for entry in section["entries"]}
    shown = {
        key: {**entry.get("examples", {}), **entry.get("records", {}), **entry.get("keeps", {})}
        for key, entry in entries.items()
    }

    for name in (*FUNCTIONS, *AGGREGATES):
        assert any(name in example for example in shown[name]), name
    words = set(re.findall(r"[a-z]+", (REFERENCE / "expressions.md").read_text("utf-8")))
    assert words >= KEYWORDS


@pytest.mark.parametrize("page", ["rulebook.md", "expressions.md"])
def test_links_within_the_docs_lead_somewhere(page: str):
    """A reader who follows a link that ends nowhere stops reading."""
    text = (REFERENCE / page).read_text("utf-8")
    anchors = {anchor(line.lstrip("# ")) for line in text.splitlines() if line.startswith("#")}

    for target in re.findall(r"\]\(([^)]+)\)", text):
        file, _, fragment = target.partition("#")
        assert not file or (REFERENCE / file).is_file(), target
        assert file or fragment in anchors, target


def anchor(title: str) -> str:
    """How a forge names a heading."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
