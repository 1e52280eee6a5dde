"""The JSON interface: what it answers, what it refuses, what it never tells."""

from __future__ import annotations

import shutil
from fractions import Fraction
from pathlib import Path
from typing import Any, get_type_hints

import pyarrow.parquet as pq
import pytest
from pydantic import TypeAdapter
from starlette.testclient import TestClient

from api.app import create_app
from api.kernel.problems import STATUS
from api.results.examples import LIST_EXAMPLE, SITES_EXAMPLE, UNIT_EXAMPLE
from api.results.http import UnitList
from api.results.views import Sites, UnitSheet
from tests.api.town.build import TOWN, build_town

UNITS = ("project", "firm", "site")


def answer(client: TestClient, path: str, status: int = 200) -> Any:
    """The JSON under *path*."""
    response = client.get(path)
    assert response.status_code == status, response.text
    return response.json()


def line(sheet: Any, name: str) -> Any:
    """The line of that id."""
    return next(one for one in sheet["lines"] if one["id"] == name)


def test_the_index_names_the_run_and_leads_on(client: TestClient):
    """A program that knows one address finds the others, and which run it reads."""
    index = answer(client, "/v1/")

    assert index["rulebook"] == "town-2024"
    assert len(index["run_id"]) == 64
    assert {client.get(path).status_code for path in index["links"].values()} == {200}


def test_kinds_count_levels_statuses_and_divisions(client: TestClient):
    """The overview's numbers come from here; they must be those of the ratings."""
    firm = answer(client, "/v1/units")["items"][1]

    assert firm["title"] == {"zh": "企业", "en": "Firm"}
    assert [(one["code"], one["count"]) for one in firm["levels"]] == [("2A", 3), ("A", 1)]
    assert [(one["code"], one["count"]) for one in firm["statuses"]] == [("NOT_APPLIED", 1)]
    assert firm["divisions"] == [{"code": "01", "name": "东区"}, {"code": "02", "name": "西区"}]


@pytest.mark.parametrize(
    "query, names",
    [
        ("", ["P5", "P6", "P3", "P1", "P2", "P4"]),
        ("sort=key", ["P1", "P2", "P3", "P4", "P5", "P6"]),
        ("division=02", ["P5", "P4"]),
        ("level=poor", ["P4"]),
        ("q=三花", ["P3"]),
        ("q=p2", ["P2"]),
        ("q=%20", ["P5", "P6", "P3", "P1", "P2", "P4"]),
        ("q=nothing", []),
        ("division=01&level=sound&limit=2&page=2", ["P1", "P2"]),
    ],
)
def test_a_list_is_filtered_sorted_and_paged(client: TestClient, query: str, names: list[str]):
    """Ranks first, units without one last; a name or code is found by any part, whatever its case."""
    found = answer(client, f"/v1/project?{query}")

    assert [item["key"]["project_id"] for item in found["items"]] == names


def test_pages_of_a_list_lead_to_each_other_and_keep_the_filters(client: TestClient):
    """A program that follows `next` reads every unit once."""
    seen, path = [], "/v1/project?level=sound&limit=2"
    while path:
        found = answer(client, path)
        seen += [item["key"]["project_id"] for item in found["items"]]
        path = found["links"].get("next", "")

    assert seen == ["P5", "P6", "P3", "P1", "P2"]
    assert found["total"] == 5


def test_a_unit_is_found_by_its_own_link_even_with_a_slash_in_its_key(client: TestClient):
    """A code such as F/1 must not be taken for two values."""
    row = answer(client, "/v1/firm?q=F/1")["items"][0]

    assert row["links"]["self"] == "/v1/firm/F%2F1"
    assert answer(client, row["links"]["self"])["row"]["name"] == "示例甲物业有限公司"
    assert client.get(row["links"]["page"]).status_code == 200


@pytest.mark.parametrize("kind", UNITS)
def test_lines_add_up_to_the_points_of_every_unit(client: TestClient, kind: str):
    """A firm adds its sheet up by hand: sections as printed, lines as printed, the total as printed."""
    for row in answer(client, f"/v1/{kind}?limit=500")["items"]:
        sheet = answer(client, row["links"]["self"])
        leaves = [one for one in sheet["lines"] if one["kind"] in ("line", "follows")]
        if row["points"] is not None:
            assert sum(Fraction(one["points"]) for one in leaves) == Fraction(row["points"])
        top = [one for one in sheet["lines"] if one["depth"] == 0]
        assert sum(Fraction(one["points"]) for one in top) == sum(Fraction(one["points"]) for one in leaves)


def test_a_line_tells_amount_tier_clause_basis_and_what_it_read(client: TestClient):
    """Every point leads to its rule: the tier it fell in, the clause, and whether that is published."""
    sheet = answer(client, "/v1/project/P2")
    tiered = line(sheet, "CARE-1")

    assert tiered["points"] == "30.00"
    assert (tiered["tier"]["upper"], tiered["tier"]["upper_included"], tiered["tier"]["points"]) == ("2", True, "30.00")
    assert tiered["reads"][0]["title"]["zh"] == "属实投诉数"
    assert line(sheet, "CARE-2")["amount"] == {"num": 10, "den": 1, "text": "10", "exact": True}
    assert line(sheet, "CARE")["cited"]["basis"] == "published"
    assert line(sheet, "CARE-2")["cited"]["basis"] == "inferred"
    assert line(sheet, "VOICE")["cited"]["analogue"] == ["NEIGHBOR"]


def test_what_a_bound_takes_is_a_line_of_its_own(client: TestClient):
    """50 and 20 points under a bound of 60: the sheet shows the 10 that are gone."""
    sheet = answer(client, "/v1/project/P1")
    bound = line(sheet, "CARE:within")

    assert (bound["kind"], bound["points"], bound["bounds"]) == ("follows", "-10.00", {"low": "0.00", "high": "60.00"})
    assert line(sheet, "CARE")["points"] == "60.00"


def test_not_applicable_and_no_data_are_said(client: TestClient):
    """A line of 0 points says why it has none."""
    sheet = answer(client, "/v1/project/P4")

    assert line(sheet, "SIZE")["status"] == "not_applicable"
    assert (line(sheet, "VOICE")["status"], line(sheet, "VOICE")["missing"]) == ("no_data", "skip")


def test_a_line_lists_its_records_and_their_part(client: TestClient):
    """Of P2's two tickets of the year one was upheld; the one of the year before counts nowhere."""
    group = line(answer(client, "/v1/project/P2"), "CARE-2")["records"][0]

    assert group["counts"] == {"counted": 1, "among": 1, "counted_with": 0}
    assert [(item["record"], item["part"]) for item in group["items"]] == [("T2", "counted"), ("T3", "among")]
    assert group["items"][0]["cells"]["category"] == {"value": "noise", "text": "噪声", "page": "", "withheld": None}
    assert group["items"][0]["cells"]["received_on"]["value"] == "2024-03-02"


def test_a_warning_goes_along_with_its_record(client: TestClient):
    """What the office was asked about is seen by whoever reads the line that rests on it."""
    group = line(answer(client, "/v1/project/P2"), "CARE-2")["records"][0]

    assert [item["warnings"] for item in group["items"]] == [["属实的噪声投诉请附检测记录"], []]


def test_records_are_paged_and_can_be_asked_for_one_line(client: TestClient):
    """A project with thousands of tickets stays readable, and none of them is out of reach."""
    sheet = answer(client, "/v1/project/P2?line=CARE-2&records=1&page=2")

    assert [item["record"] for item in line(sheet, "CARE-2")["records"][0]["items"]] == ["T3"]
    assert line(sheet, "CARE-2")["records"][0]["total"] == 2
    assert line(sheet, "CARE-1")["records"][0]["items"] == []


def test_personal_columns_are_never_told(client: TestClient, town: Path):
    """Names of complainants and contacts were delivered; neither the lake nor a public answer may hold one of them."""
    delivered = {"张某示例", "李某示例", "王某示例", "赵某示例"}
    answers = [client.get(f"/v1/{kind}/{key}").text for kind in UNITS for key in ("P1", "P2", "P4", "F%2F1", "F-3")]
    pages = [client.get(f"/units/{kind}/{key}").text for kind in UNITS for key in ("P1", "P2", "P4", "F%2F1", "F-3")]

    tickets = pq.read_table(next((town / "lake" / "tickets").glob("*.parquet")))
    assert "complainant" in tickets.column_names
    assert delivered & set(tickets["complainant"].to_pylist()) == set()
    assert {name for name in delivered for text in (*answers, *pages) if name in text} == set()
    assert not any("complainant" in text or "投诉人" in text for text in (*answers, *pages))


def test_a_firm_leads_to_its_projects_and_a_project_to_its_firm(client: TestClient):
    """Units are linked through the records behind their lines, not by names that code would have to know."""
    firm = answer(client, "/v1/firm/F-2")
    project = answer(client, "/v1/project/P3")

    items = line(firm, "BASE")["records"][0]["items"]
    assert [item["links"]["self"] for item in items] == ["/v1/project/P3", "/v1/project/P6"]
    assert [(other["unit"], other["name"]) for other in project["counted_in"]] == [
        ("firm", "示例乙物业有限公司"),
        ("site", "示例三花园"),
    ]
    assert project["own"]["items"][0]["cells"]["firm_id"]["page"] == "/units/firm/F-2"


def test_a_line_reads_through_to_units_rated_before(client: TestClient):
    """A candidate's points are its project's: the value stands on the candidate's own sheet."""
    read = line(answer(client, "/v1/site/P1"), "S-1")["reads"][0]

    assert (read["title"]["zh"], read["text"]) == ("项目得分", "98")


def test_a_veto_holds_for_a_firm_that_did_not_apply(client: TestClient):
    """Status and level stand side by side; the step says from where to where."""
    sheet = answer(client, "/v1/firm/F-3")

    assert (sheet["row"]["status"], sheet["row"]["level"], sheet["row"]["points"]) == ("NOT_APPLIED", "A", None)
    assert sheet["why"]["reasons"] == [{"zh": "未申报", "en": "did not apply"}]
    assert [one["code"] for one in line(sheet, "VETO")["change"]] == ["", "A"]


def test_sites_say_every_yes_and_every_no(client: TestClient):
    """Two places in the east, at most one per firm: the second-best candidate is passed over, and told so."""
    found = answer(client, "/v1/sites")
    east, west = found["divisions"]

    assert [(one["row"]["key"]["project_id"], one["verdict"], one["cause"]) for one in east["candidates"]] == [
        ("P6", "nominated", "ranked"),
        ("P1", "nominated", "ranked"),
        ("P3", "reserve", "one_each"),
        ("P2", "reserve", "quota_filled"),
    ]
    assert (west["places"], west["filled"]) == (2, 0)
    assert {one["cause"] for one in west["candidates"]} == {"status"}
    assert found["totals"] == {"nominated": 2, "reserve": 2, "refused": 2, "places": 4, "filled": 2}
    assert east["candidates"][0]["holder"]["text"] == "示例乙物业有限公司"


def test_sites_can_be_asked_for_one_division(client: TestClient):
    """An office reads its own candidates."""
    found = answer(client, "/v1/sites?division=02")

    assert [one["division"]["name"] for one in found["divisions"]] == ["西区"]


def test_the_rulebook_is_told_with_its_bases(client: TestClient):
    """Whatever is proposed or inferred can be counted, and listed with its source."""
    book = answer(client, "/v1/rulebook")

    assert book["bases"] == {"published": 2, "inferred": 1, "proposed": 8, "": 6}
    tiers = next(one for one in book["units"][0]["lines"] if one["id"] == "CARE-1")["tiers"]
    assert [(tier["upper"], tier["points"]) for tier in tiers] == [("0", "50.00"), ("2", "30.00"), ("", "0.00")]
    formula = next(one for one in book["units"][0]["lines"] if one["id"] == "CARE-2")["formula"]
    assert formula == {
        "code": "20 * (1 - upheld_share)",
        "readable": {"zh": "20 × (1 - 属实比例)", "en": "20 × (1 - Share upheld)"},
    }


def test_the_manifest_and_the_health_name_the_same_run(client: TestClient):
    """A monitor and an auditor speak of one run."""
    assert answer(client, "/healthz") == {"status": "ok", "run_id": answer(client, "/v1/manifest")["run_id"]}


@pytest.mark.parametrize(
    "path, status, code",
    [
        ("/v1/nothing", 404, "unit.kind_unknown"),
        ("/v1/firm/X", 404, "unit.not_found"),
        ("/v1/firm/", 404, "unit.not_found"),
        ("/v1/firm?level=5A", 422, "filter.unknown_value"),
        ("/v1/firm?division=99", 422, "filter.unknown_value"),
        ("/v1/sites?division=99", 422, "filter.unknown_value"),
        ("/v1/firm?page=0", 422, "request.invalid"),
        ("/v1/firm?limit=501", 422, "request.invalid"),
        ("/v1/firm?limit=many", 422, "request.invalid"),
        ("/v1/firm?sort=points", 422, "request.invalid"),
        ("/v1/project/P1?records=1001", 422, "request.invalid"),
    ],
)
def test_a_refusal_is_a_problem_with_a_code(client: TestClient, path: str, status: int, code: str):
    """Machines act on the code; the faults name where, what was found, what is allowed."""
    response = client.get(path)

    assert response.headers["content-type"] == "application/problem+json"
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert status != 422 or response.json()["errors"][0]["allowed"]


def test_a_refusal_speaks_the_language_asked_for(client: TestClient):
    """Firms read Chinese, developers English."""
    assert client.get("/v1/firm/X").json()["title"] == "没有这个评价对象"
    assert client.get("/v1/firm/X?lang=en").json()["title"] == "No such unit"


def test_nothing_can_be_written(client: TestClient):
    """The service only reads."""
    response = client.post("/v1/firm")

    assert (response.status_code, response.json()["code"]) == (405, "request.method_not_allowed")


def test_a_book_without_places_has_no_sites(tmp_path: Path):
    """Elsewhere nothing is limited per division: that is said, not shown as an empty list, and no menu leads there."""
    rules = shutil.copytree(TOWN, tmp_path / "rules")
    book = (rules / "rulebook.yaml").read_text(encoding="utf-8")
    (rules / "rulebook.yaml").write_text(book[: book.index("  site:")] + book[book.index("consequences:") :], "utf-8")
    client = TestClient(create_app(build_town(tmp_path / "out", rules)))

    assert answer(client, "/v1/sites", 404)["code"] == "sites.none"
    assert client.get("/sites?lang=zh").status_code == 404
    assert "/sites" not in client.get("/").text


def test_openapi_describes_every_route_with_examples_of_the_right_shape(client: TestClient):
    """A developer starts from the description; an example that does not fit its shape would mislead."""
    paths = answer(client, "/v1/openapi.json")["paths"]

    assert set(paths) == {
        "/healthz", "/v1/", "/v1/units", "/v1/sites", "/v1/rulebook", "/v1/manifest", "/v1/{unit}", "/v1/{unit}/{key}",
    }  # fmt: skip
    for shape, example in ((UnitList, LIST_EXAMPLE), (UnitSheet, UNIT_EXAMPLE), (Sites, SITES_EXAMPLE)):
        adapter: TypeAdapter[Any] = TypeAdapter(shape)
        assert adapter.dump_python(adapter.validate_python(example), mode="json") == example


def test_the_reference_names_every_route_field_and_code(client: TestClient):
    """An undocumented field is one that nobody can rely on."""
    page = (Path(__file__).parents[2] / "docs" / "reference" / "api.md").read_text(encoding="utf-8")
    paths = set(answer(client, "/v1/openapi.json")["paths"])
    fields = {name for shape in (UnitSheet, UnitList, Sites) for name in get_type_hints(shape)}

    assert {word for word in (*paths, *fields, *STATUS) if f"`{word}`" not in page} == set()
