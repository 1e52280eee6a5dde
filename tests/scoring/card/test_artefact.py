from __future__ import annotations

import hashlib
import json
import pickle  # noqa: TID251 - to make the file that must be refused
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from data_contracts.expressions import NUMBER
from scoring.card.artefact import Card, CardFormatError, Input
from scoring.rulebook import find_rulebook, load_rulebook
from scoring.rulebook.shelf import shipped_rulebooks


def sealed(body: str) -> str:
    """A card file around *body* with a digest that fits: what a forger can always do."""
    digest = hashlib.sha256(body.encode()).hexdigest()
    return f'{{"card":{body},"format":"property-credit-card/1","sha256":"{digest}"}}\n'


@pytest.mark.parametrize("name", shipped_rulebooks())
def test_every_shipped_card_comes_back_from_its_file_as_it_was(name: str):
    """What a firm is shown years later is the card it was rated with."""
    book = load_rulebook(find_rulebook(name))

    cards = [Card.from_rules(book, unit.name) for unit in book.units]

    assert [Card.from_json(card.to_json()) for card in cards] == cards


def test_a_card_file_is_canonical_json_with_its_own_digest(make_card):
    """Anyone can check a file with nothing but a JSON reader and SHA-256."""
    card = make_card(3)

    node = json.loads(card.to_json())

    body = json.dumps(node["card"], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert hashlib.sha256(body.encode()).hexdigest() == node["sha256"] == card.digest


def test_the_wording_of_a_rulebook_does_not_change_a_digest(tmp_path):
    """A comment or an empty line is no new rule."""
    folder = Path(__file__).parents[2] / "rulebooks" / "everything"
    copy = tmp_path / "copy"
    for path in folder.rglob("*.*"):
        (copy / path.relative_to(folder)).parent.mkdir(parents=True, exist_ok=True)
        (copy / path.relative_to(folder)).write_bytes(path.read_bytes())
    (copy / "rulebook.yaml").write_text("# a comment\n\n" + (folder / "rulebook.yaml").read_text("utf-8"), "utf-8")

    cards = [Card.from_rules(load_rulebook(place), "estate") for place in (folder, copy)]

    assert cards[0].digest == cards[1].digest


@pytest.mark.parametrize("place", [0, 9, 40, 2000, -3, -70, -90])
def test_a_changed_byte_anywhere_is_refused(make_card, place: int):
    """A card that was touched must not rate anybody."""
    data = bytearray(make_card(3).to_json().encode())
    data[place] ^= 1

    with pytest.raises(CardFormatError):
        Card.from_json(bytes(data))


def test_a_card_with_another_digest_than_published_is_refused(make_card):
    """A forger can seal a card of his own; the digest published with the round tells."""
    card, other = make_card(3), make_card(4)

    with pytest.raises(CardFormatError, match=other.digest):
        Card.from_json(card.to_json(), digest=other.digest)


class Trap:
    """What runs code when it is unpickled."""

    def __reduce__(self):
        return print, ("opened",)


def test_a_pickle_is_refused_unopened(tmp_path, capsys):
    """A joblib or pickle file can run a command when it is loaded."""
    path = tmp_path / "card.joblib"
    path.write_bytes(pickle.dumps(Trap()))

    with pytest.raises(CardFormatError, match=r"card\.joblib: found a pickle.*nothing in it was run"):
        Card.load(path)

    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "old, new, message",
    [
        ('"unit":"1/100"', '"unit":0.01', "found the number 0.01"),
        ('"unit":"1/100"', '"unit":"1/0"', "a number as text"),
        ('"unit":"1/100"', '"unit":"1/100","run":"x"', "found 'run', allowed: in Card: id"),
        ('["column","number0",["cases"]]', '["system","number0",["cases"]]', "a term: constant, column"),
        ('["column","number0",["cases"]]', '["column","number0"]', "column with 1 parts"),
        ('["column","number0",["cases"]]', '["column","float",["cases"]]', "a type"),
        ('"full":10000', '"full":NaN', "found the number NaN"),
        ('"full":10000', '"full":"0"', "a whole number"),
    ],
)
def test_a_sealed_file_with_something_no_card_has_is_refused(make_card, old: str, new: str, message: str):
    """The digest proves that a file is whole, not that it is a card."""
    text = make_card(0).to_json()
    body = text[len('{"card":') : text.index(',"format":')]
    assert old in body

    with pytest.raises(CardFormatError, match=message):
        Card.from_json(sealed(body.replace(old, new)))


def test_terms_nested_without_end_are_refused(make_card):
    """A file of a few kilobytes must not bring the service down."""
    text = make_card(0).to_json()
    body = text[len('{"card":') : text.index(',"format":')]
    deep = '["not","truth",' * 5000 + '["constant","truth",true]' + "]" * 5000

    with pytest.raises(CardFormatError, match=r"nested|no JSON"):
        Card.from_json(sealed(body.replace('["column","number0",["cases"]]', deep)))


def _line(card: Card, **change: Any) -> Card:
    first, *others = card.rules.lines
    return replace(card, rules=replace(card.rules, lines=(replace(first, **change), *others)))


def _step(card: Card, **change: Any) -> Card:
    assert card.levels is not None
    first, *others = card.levels.steps
    return replace(card, levels=replace(card.levels, steps=(replace(first, **change), *others)))


@pytest.mark.parametrize(
    "forge, message",
    [
        (lambda card: replace(card, unit=Fraction(0)), "found the points unit 0, allowed: a decimal number above 0"),
        (lambda card: replace(card, unit=Fraction(1, 3)), "found the points unit 1/3"),
        (
            lambda card: replace(card, inputs=(*card.inputs, card.inputs[0])),
            "found inputs area, area__den more than once",
        ),
        (lambda card: replace(card, inputs=card.inputs[:1]), "line 0: found .*, allowed: an input"),
        (
            lambda card: replace(card, inputs=(*card.inputs, Input("points", NUMBER))),
            "found inputs points more than once",
        ),
        (
            lambda card: replace(card, rules=replace(card.rules, lines=card.rules.lines * 2)),
            "found lines and steps 0, ",
        ),
        (lambda card: _line(card, id="card:start"), "found the lines and steps .*, allowed: names without a colon"),
        (lambda card: _line(card, stages=(Fraction(1, 1000),)), "line 0: found the stages 1/1000, allowed: .* 1/100"),
        (lambda card: _line(card, within=(5, 1)), "line 0: found the bounds 5 to 1, allowed: the lower first"),
        (lambda card: _line(card, total_round=0), "line 0: found a step of rounding"),
        (lambda card: _line(card, missing="skip", full=None), "line 0: found skip for a missing amount"),
        (lambda card: _line(card, full=2**62), "line 0: found points of"),
        (lambda card: _line(card, points=None), "line 0: found no amount or several"),
        (lambda card: _step(card, level="Z"), "step CAP: found the level 'Z', allowed: A, B, C"),
        (lambda card: _step(card, when=None), "step CAP: found no test and no rank"),
        (lambda card: _step(card, id="0"), "found lines and steps 0 more than once"),
    ],
)
def test_a_card_that_no_rulebook_makes_is_refused(make_card, forge: Callable[[Card], Card], message: str):
    """Its digest fits, because a forger has sealed it; two lines of one name would still hide one of them."""
    with pytest.raises(CardFormatError, match=message):
        Card.from_json(forge(make_card(5)).to_json())


def test_what_serves_one_rating_imports_neither_pandas_nor_scikit_learn(make_card, tmp_path):
    """The public look-up starts in a blink and fits in a small process; numpy is not needed either."""
    path = tmp_path / "card.json"
    path.write_text(make_card(3).to_json(), "utf-8")
    program = (
        "import sys; from pathlib import Path; from scoring.card.artefact import Card\n"
        f"card = Card.load(Path({str(path)!r}))\n"
        "values = dict(area=1, calm=True, cases=2, kind='red', known=None, rate=None, visits=3)\n"
        "said = card.score(values)\n"
        "from scoring.card.reasons import reasons\n"
        "from scoring.card.sentences import Explainer\n"
        "reasons(card, said)\n"
        "explainer = Explainer(card)\n"
        "assert [explainer.text(one, 'zh') for one in explainer.statements(values, said)]\n"
        "print(sorted({'numpy', 'pandas', 'sklearn', 'pyarrow', 'duckdb', 'yaml'} & set(sys.modules)))"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_a_unit_the_rulebook_does_not_rate_is_named():
    """A typing error in a script is answered with what there is."""
    book = load_rulebook(find_rulebook("kunming/2024"))

    with pytest.raises(LookupError, match="found unit 'firms', allowed: project, firm, site; did you mean 'firm'"):
        Card.from_rules(book, "firms")


def test_points_are_whole_units_of_the_stated_value(make_card):
    """Reading 5.00 as 5 hundredths would cost every firm its level."""
    assert make_card(3).unit == Fraction(1, 100)
