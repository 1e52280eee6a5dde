"""No public figure on fewer than five people: not as a fact, a record, an amount or points, and not by subtraction."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from api.app import create_app
from api.results.titles import text_of
from api.results.together import is_companion, told_together
from api.results.views import Cited, SheetLine
from data_contracts.intake import take_in
from scoring.evaluation import evaluate
from scoring.evaluation.result import write_result
from scoring.rulebook import load_rulebook
from scoring.rulebook.shape import Title

CONTRACTS = {
    "estates": """
  - name: estates
    properties:
      - {name: estate, logicalType: string, primaryKey: true}
      - {name: filed, logicalType: integer, required: true}
      - {name: posted, logicalType: integer, required: true}
      - name: head_is_member
        logicalType: boolean
        customProperties: [{property: people, value: few}]
""",
    "crews": """
  - name: crews
    properties:
      - name: estate
        logicalType: string
        primaryKey: true
        primaryKeyPosition: 1
        relationships: [{id: home, to: estates.estate}]
      - {name: team, logicalType: string, primaryKey: true, primaryKeyPosition: 2}
      - {name: heads, logicalType: integer, customProperties: [{property: people, value: count}]}
      - {name: certified, logicalType: integer, customProperties: [{property: people, value: count}]}
      - {name: members, logicalType: integer, customProperties: [{property: people, value: count}]}
      - {name: answers, logicalType: integer, customProperties: [{property: people, value: count}]}
      - name: score
        logicalType: integer
        customProperties: [{property: people, value: answers}]
""",
}
HEAD = "apiVersion: v3.2.0\nkind: DataContract\nid: {table}\nversion: 1.0.0\nstatus: active\nschema:{schema}"
RULES = """
rulebook: people
title: {zh: 人数, en: People}
period: {from: 2024-01-01, to: 2024-12-31}
points: {unit: 0.01}
records: {crew: {from: crews, time: any}}
units:
  estate:
    from: estates
    key: [estate]
    name: estate
    facts:
      heads: {of: crew, take: sum(heads)}
      certified: {of: crew, take: sum(certified)}
      first: {of: crew, where: "team = '1'", take: sum(heads)}
      members: {of: crew, take: max(members)}
      answers: {of: crew, take: sum(answers)}
      opinion: {of: crew, take: "mean(score, answers)"}
      liked: {take: "if(opinion >= 50, 1, 0)"}
      total: {across: all, take: sum(members), round: 1}
      notices: {take: posted}
      twice: {take: 2 * filed}
    card:
      lines:
        - id: STAFF
          lines:
            - {id: CERTIFIED, points: 4 * certified / heads, missing: zero}
            - {id: FILED, points: filed}
            - {id: NOTICES, points: notices, within: [0, 2]}
        - id: PARTY
          lines:
            - id: WIDE
              missing: zero
              tiers:
                on: members
                rows: [{from: 5, points: 3}, {from: 3, points: 2}, {from: 1, points: 1}, {points: 0}]
            - id: NARROW
              missing: zero
              tiers: {on: members, rows: [{from: 4, points: 3}, {from: 1, points: 1}, {points: 0}]}
        - {id: OPINION, points: opinion / 10, missing: zero}
        - {id: LIKED, points: liked, missing: zero}
        - {id: HEAD, points: "if(head_is_member, 1, 0)", missing: zero}
"""
TEAMS = {"pair": (5, 2), "trio": (9, 5, 4), "many": (9, 9)}  # heads of each
ROWS = {  # heads, certified, members, answers, score
    "none": (0, 0, 0, 0, None),
    "four": (4, 2, 4, 4, 90),
    "five": (5, 5, 5, 5, 90),
    "six": (9, 6, 3, 30, 80),
    "ten": (10, 5, 2, 40, 70),
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    """A service over five estates."""
    folder = tmp_path_factory.mktemp("people")
    (folder / "contracts").mkdir()
    for table, schema in CONTRACTS.items():
        text = HEAD.format(table=table, schema=schema)
        (folder / "contracts" / f"{table}.odcs.yaml").write_text(text, "utf-8")
    (folder / "rulebook.yaml").write_text(RULES, "utf-8")
    (folder / "data").mkdir()
    estates = "".join(f"{name},3,4,true\n" for name in (*ROWS, *TEAMS))
    crews = "".join(
        f"{name},1,{','.join('' if one is None else str(one) for one in row)}\n" for name, row in ROWS.items()
    )
    for name, teams in TEAMS.items():
        crews += "".join(f"{name},{team},{heads},,,,\n" for team, heads in enumerate(teams, start=1))
    (folder / "data" / "estates.csv").write_text(f"estate,filed,posted,head_is_member\n{estates}", "utf-8")
    (folder / "data" / "crews.csv").write_text(f"estate,team,heads,certified,members,answers,score\n{crews}", "utf-8")
    book = load_rulebook(folder)
    intake = take_in(folder / "data", book.contracts, {})
    assert not len(intake.failures), intake.failures.table.to_pylist()
    write_result(folder / "out", evaluate(book, intake.tables), intake, {}, folder, with_records=True)
    return TestClient(create_app(folder / "out"))


def sheet(client: TestClient, estate: str) -> dict[str, Any]:
    """One estate as answered."""
    found: dict[str, Any] = client.get(f"/v1/estate/{estate}").json()
    return found


def facts(client: TestClient, estate: str) -> dict[str, str]:
    """Its facts, each as text or as what stands instead."""
    return {
        one["name"]: one["withheld"]["zh"] if one["withheld"] else one["text"] for one in sheet(client, estate)["facts"]
    }


def lines(client: TestClient, estate: str) -> dict[str, dict[str, Any]]:
    """Its lines by id."""
    return {one["id"]: one for one in sheet(client, estate)["lines"]}


@pytest.mark.parametrize("estate,shown", [("none", "0"), ("four", "少于5人"), ("five", "5")])
def test_a_number_of_people_is_shown_from_five_on(client, estate, shown):
    """Below, on, and nobody: four party members of one estate are known to each other, and to their neighbors."""
    found = facts(client, estate)

    assert (found["heads"], found["members"], found["answers"]) == (shown, shown, shown)


def test_all_but_few_of_a_number_are_withheld_too(client):
    """Six of nine certified tells of three who are not; five of ten tells of five."""
    assert facts(client, "six")["certified"] == "不公开（其余少于5人）"
    assert facts(client, "six")["heads"] == "9"
    assert facts(client, "ten")["certified"] == "5"
    assert facts(client, "five")["certified"] == "5"


def test_an_average_over_few_and_what_is_made_of_it_are_withheld(client):
    """The opinion of four owners is an opinion of persons."""
    few, many = facts(client, "four"), facts(client, "five")

    assert (few["opinion"], few["liked"]) == ("不公开（涉及少于5人）", "不公开（涉及少于5人）")
    assert (many["opinion"], many["liked"]) == ("90", "不单列")  # LIKED is HEAD's companion, not for being of few


def test_cells_of_records_are_withheld_like_facts(client):
    """The record behind a line would tell what the line does not."""
    (record,) = lines(client, "four")["NARROW"]["records"][0]["items"]

    withheld = {name: cell["withheld"]["en"] for name, cell in record["cells"].items() if cell["withheld"]}
    assert withheld == {
        "heads": "fewer than 5",
        "certified": "fewer than 5",
        "members": "fewer than 5",
        "answers": "fewer than 5",
        "score": "withheld (about fewer than 5 people)",
    }
    assert [cell["value"] for name, cell in record["cells"].items() if name in withheld] == [None] * 5


def test_what_is_said_of_one_person_is_never_shown(client):
    """Whether the project head is a party member is nobody's business but theirs and the bureau's."""
    found = sheet(client, "five")

    assert found["own"]["items"][0]["cells"]["head_is_member"]["withheld"]["zh"] == "不公开（涉及少于5人）"
    assert lines(client, "five")["HEAD"]["points"] == ""
    assert lines(client, "five")["HEAD"]["reads"][0]["text"] == ""


def test_a_tier_that_fits_two_numbers_of_few_shows_its_points_and_one_that_fits_one_does_not(client):
    """Two points for three or four members tell no number; three points for exactly four do."""
    few, many = lines(client, "four"), lines(client, "five")

    assert (few["WIDE"]["points"], few["WIDE"]["amount"], few["WIDE"]["tier"]) == ("", None, None)  # NARROW's companion
    assert few["NARROW"]["points"] == ""
    assert few["PARTY:together"]["points"] == few["PARTY"]["points"] == "5.00"
    assert (many["WIDE"]["points"], many["WIDE"]["amount"]["text"]) == ("3.00", "5")
    ten = lines(client, "ten")
    assert (ten["WIDE"]["points"], ten["NARROW"]["points"], ten["WIDE"]["amount"]) == ("1.00", "1.00", None)


def test_points_that_tell_are_told_together_with_a_line_that_nobody_else_reads(client):
    """4 x 2/4 points would tell that half of so few are certified; NOTICES joins, and hides its value and its bound."""
    found = lines(client, "four")

    assert (found["CERTIFIED"]["points"], found["FILED"]["points"], found["NOTICES"]["points"]) == ("", "3.00", "")
    assert "NOTICES:within" not in found
    assert found["STAFF:together"]["points"] == "4.00"  # 2 for the certified, 4 for notices, of which 2 count
    assert found["STAFF:together"]["title"]["zh"] == "合并计分(CERTIFIED、NOTICES)"
    assert facts(client, "four")["notices"] == "不单列"
    assert facts(client, "five")["notices"] == "4"


@pytest.mark.parametrize("estate", list(ROWS))
def test_every_printed_sum_stays_true(client, estate):
    """A sheet that does not add up is not believed."""
    found = sheet(client, estate)
    told = [line for line in found["lines"] if line["kind"] != "step"]

    top = sum(Fraction(line["points"] or 0) for line in told if line["depth"] == 0)
    assert top == Fraction(found["row"]["points"])
    for name in ("STAFF", "PARTY"):
        at = next(place for place, line in enumerate(told) if line["id"] == name)
        inner = [line for line in told[at + 1 :] if line["depth"] == 1 and line["id"] in _inside(name)]
        assert sum(Fraction(line["points"] or 0) for line in inner) == Fraction(told[at]["points"])


def _inside(section: str) -> set[str]:
    names = {"STAFF": ("CERTIFIED", "FILED", "NOTICES"), "PARTY": ("WIDE", "NARROW")}[section]
    return {f"{section}:together", *names, *(f"{name}:within" for name in names)}


def test_pages_say_it_in_the_readers_language(client):
    """The page and the data say the same."""
    zh, en = (client.get(f"/units/estate/four?lang={language}").text for language in ("zh", "en"))

    assert "少于5人" in zh
    assert "合并计分" in zh
    assert "fewer than 5" in en
    assert "Points told together" in en


def test_a_value_across_all_units_is_withheld_in_the_manifest_by_its_number(client):
    """Fourteen members in all estates may be told, though not those of each."""
    assert client.get("/v1/manifest").json()["units"]["estate"]["across"] == {"total": "14"}


SECRET = Title("秘", "secret")


def tree(shape: list[Any], depth: int = 0, at: str = "") -> list[SheetLine]:
    """Lines of nested lists: a number is a line's points, negative for one that may not show them."""
    found = []
    for place, one in enumerate(shape):
        name = f"{at}{place}"
        if isinstance(one, list):
            inner = tree(one, depth + 1, f"{name}.")
            total = sum(Fraction(line.points) for line in inner if line.depth == depth + 1)
            found += [line("section", name, depth, int(total)), *inner]
        else:
            found.append(line("line", name, depth, abs(one), SECRET if one < 0 else None))
    return found


def line(kind: Any, name: str, depth: int, points: int, withheld: Title | None = None) -> SheetLine:
    """One line of a sheet."""
    bare = (None, None, "applied", None, None, None, False, None, "", (), Cited())
    return SheetLine(kind, name, Title(name), depth, str(points), *bare, (), withheld)


LEAVES = st.integers(-9, 9).filter(bool)
SHAPES = st.recursive(
    st.lists(LEAVES, min_size=1, max_size=4),
    lambda inner: st.lists(LEAVES | inner, min_size=1, max_size=4),
    max_leaves=12,
)


@given(SHAPES)
def test_whatever_the_card_sums_stay_true_and_no_withheld_line_stands_alone(shape):
    """By subtraction from its section and its neighbors no withheld line can be had, wherever there is another."""
    before = tree(shape)
    total = sum(Fraction(one.points) for one in before if one.depth == 0)

    after = told_together(before, Fraction(1), lambda _: 0)

    assert sum(Fraction(one.points or 0) for one in after if one.depth == 0) == total or _alone(before)
    for depth, group in _groups(after):
        hidden = [one for one in group if one.withheld]
        told = [one for one in group if one.kind == "together"]
        assert len(hidden) != 1 or len(group) == 1 or told, (depth, group)
        assert bool(told) == (len(hidden) > 1)
    assert all(one.points == "" for one in after if one.withheld)
    assert {one.id for one in before if one.withheld} == {
        one.id for one in after if one.withheld == SECRET and one.kind == "line"
    }
    assert all(one.withheld == text_of("people.companion") for one in after if is_companion(one))


def _alone(lines_: list[SheetLine]) -> bool:
    """Whether the card is one line, however deep."""
    return sum(one.kind == "line" for one in lines_) == 1


def _groups(lines_: list[SheetLine]) -> list[tuple[str, list[SheetLine]]]:
    """Lines by the section they stand in."""
    found: dict[str, list[SheetLine]] = {}
    for one in lines_:
        owner = one.id.partition(":")[0] if one.kind == "together" else one.id.rpartition(".")[0]
        found.setdefault("" if owner == "card" else owner, []).append(one)
    return list(found.items())


@pytest.mark.parametrize(
    "name,seen,first", [("pair", [None, None], None), ("trio", [9, None, None], 9), ("many", [9, 9], 9)]
)
@pytest.mark.parametrize("size", [1, 100])
def test_no_sum_less_the_numbers_that_are_shown_tells_of_few(client, name, seen, first, size):
    """Of 7 in two teams 5 would tell that the other are 2: on one page, or on two."""
    shown: list[int | None] = []
    at = 1
    while len(shown) < len(seen):
        answer = client.get(f"/v1/estate/{name}?line=CERTIFIED&records={size}&page={at}").json()
        (line,) = (line for line in answer["lines"] if line["id"] == "CERTIFIED")
        (group,) = line["records"]
        shown += [item["cells"]["heads"]["value"] for item in group["items"]]
        at += 1
    facts = {fact["name"]: fact["amount"] for fact in answer["facts"]}

    assert sorted(shown, key=str) == sorted(seen, key=str)
    assert facts["heads"] is not None
    assert (facts["first"] and int(facts["first"]["num"])) == first
