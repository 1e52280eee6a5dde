"""YAML with a place for every value: what contracts, mappings and rulebooks are read from."""

from __future__ import annotations

import pytest

from data_contracts.document import DocumentError, Fields, Problem, read_document


def problems_of(text: str) -> list[str]:
    """What reading *text* reports."""
    with pytest.raises(DocumentError) as error:
        read_document(text, "rulebook.yaml")
    return [str(problem) for problem in error.value.problems]


def test_a_code_stays_text_and_a_number_keeps_its_zeros() -> None:
    """Level "5" and division "01" are codes: YAML must not turn them into numbers."""
    fields = Fields(read_document("level: 5\ndivision: 01\nunit: 0.10\n", "a.yaml"), [])

    assert [fields.text(key) for key in ("level", "division", "unit")] == ["5", "01", "0.10"]


def test_every_value_knows_its_line() -> None:
    """An officer's engineer goes to the line that the message names."""
    document = read_document("points:\n  unit: 0.01\nlevels:\n  - x\n", "a.yaml")

    fields = Fields(document, [])
    points = fields.nested("points")

    assert points is not None
    assert [points.at.line, fields.items("levels")[0].at.line] == [1, 4]


def test_a_repeated_key_is_refused() -> None:
    """The second of two equal keys would silently win."""
    assert problems_of("from: 1\nto: 2\nfrom: 3\n") == ["rulebook.yaml:3: found key 'from' twice, allowed: once"]


def test_an_alias_is_refused() -> None:
    """Nested aliases make a small file explode."""
    assert problems_of("a: &x [1]\nb: *x\n") == [
        "rulebook.yaml:2: found an alias (*name), allowed: the value written out"
    ]


def test_broken_yaml_names_its_line() -> None:
    """A missing bracket is found where the reader lost its way."""
    assert problems_of("a: [1\nb: 2\n")[0].startswith("rulebook.yaml:2: found YAML that cannot be read")


def test_nothing_is_not_a_document() -> None:
    """A file emptied by a full disk is not a rulebook without rules."""
    assert problems_of("") == ["rulebook.yaml:1: found an empty file, allowed: a mapping of keys"]


def test_unknown_keys_are_named_with_the_nearest_one() -> None:
    """A misspelt key must not be ignored: the rule would simply not hold."""
    problems: list[Problem] = []
    fields = Fields(read_document("at_mots: 3A\n", "rulebook.yaml"), problems)
    fields.text("at_most")

    fields.done()

    assert [str(problem) for problem in problems] == [
        "rulebook.yaml:1: found 'at_mots', allowed: at_most; did you mean 'at_most'?"
    ]


@pytest.mark.parametrize("written", ["1e5", "0x10", "1.", ".5", "１", "1_000", "nan", "-", ""])
def test_only_plain_decimals_are_numbers(written: str) -> None:
    """Exponents and other spellings of numbers hide mistakes of a factor of ten."""
    problems: list[Problem] = []

    number = Fields(read_document(f"points: '{written}'\n", "a.yaml"), problems).number("points")

    assert number is None
    assert problems[0].text.endswith("allowed: a decimal number")
