"""Mappings: strict files, the right sheet, headers found or named, wide sheets made long."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path

import pyarrow as pa
import pytest

from data_contracts.expressions import TEXT, Type
from data_contracts.mapping import MappingError, TableMapping, Unpivot, load_mappings
from data_contracts.mapping.apply import Shaped, shape
from data_contracts.mapping.claims import claim, sheet_for
from data_contracts.mapping.load import read_mappings
from data_contracts.model import RECORD_ID, Column, Contract, Relationship
from data_contracts.problems import UnreadableError
from data_contracts.readers import Sheet
from data_contracts.steps import PLAIN_STEPS, WORD_STEP, Step

GRADE = Type("number", scale=0, optional=True)


def contract(table: str, title: str, *columns: Column, relationships: tuple[Relationship, ...] = ()) -> Contract:
    """A contract whose first column is its key."""
    key = (columns[0].name,)
    return Contract(table, title, "1.0.0", columns, key, False, relationships, (), "en", "")


EVALUATIONS = contract(
    "evaluations",
    "评价",
    Column("rsn", "楼号", TEXT, aliases=("RSN", "楼宇编号")),
    Column("site_address", "地址", TEXT.maybe()),
)
GRADES = contract(
    "grades",
    "分项",
    Column("evaluation", "evaluation", TEXT),
    Column("item", "item", TEXT),
    Column("grade", "grade", GRADE),
    relationships=(Relationship("evaluation", ("evaluation",), "evaluations", (RECORD_ID,)),),
)
CONTRACTS = {"evaluations": EVALUATIONS, "grades": GRADES}


def problems_of(text: str) -> list[str]:
    """What is said about a mapping that is refused."""
    with pytest.raises(MappingError) as caught:
        read_mappings(text, "m.yaml", CONTRACTS)
    return [str(problem) for problem in caught.value.problems]


# Files.


def test_a_mapping_says_where_each_column_comes_from():
    """The whole of what a mapping can say, in one place."""
    text = """\
description: wide sheets of the City
spellings: {name: [upper, {drop_words: [INC]}]}
tables:
  evaluations:
    files: [evaluations.csv, "e_*.xlsx"]
    sheet: Sheet 1
    columns: {rsn: RSN}
    absent: [site_address]
    required: false
    normalise: {rsn: name, site_address: [collapse_spaces]}
  grades:
    record_of: {evaluation: evaluations}
    missing: ["", N/A]
    unpivot: {item: item, value: grade, columns: [LOBBY, ROOF]}
"""

    mappings = read_mappings(text, "m.yaml", CONTRACTS)

    assert mappings["evaluations"] == TableMapping(
        table="evaluations",
        files=("evaluations.csv", "e_*.xlsx"),
        sheet="Sheet 1",
        columns={"rsn": ("RSN",)},
        absent=("site_address",),
        required=False,
        normalise={
            "rsn": (Step("upper"), Step("drop_words", frozenset({"INC"}))),
            "site_address": (Step("collapse_spaces"),),
        },
    )
    assert mappings["grades"] == TableMapping(
        table="grades",
        missing=("", "N/A"),
        unpivot=Unpivot("item", "grade", headers=("LOBBY", "ROOF")),
        record_of={"evaluation": "evaluations"},
    )


@pytest.mark.parametrize(
    "lines,told",
    [
        ("tabels: {}", "m.yaml:1: found no 'tables', allowed: tables is required here"),
        ("tables: {evaluation: {}}", "m.yaml:1: found table 'evaluation', allowed: evaluations, grades; did you mean"),
        ("tables:\n  evaluations:\n    file: x", "m.yaml:3: found 'file', allowed: absent, columns, distinct, files"),
        (
            "tables:\n  evaluations:\n    columns:\n      rns: RSN",
            "m.yaml:4: found column of 'evaluations' 'rns', allowed: rsn, site_address; did you mean 'rsn'?",
        ),
        ("tables:\n  evaluations:\n    columns:\n      rsn:", "m.yaml:4: found nothing, allowed: a header or a list"),
        ("tables:\n  evaluations:\n    absent: [rsn]", "m.yaml:2: found required column 'rsn' in 'absent'"),
        ("tables:\n  evaluations:\n    distinct: yes", "m.yaml:3: found 'yes', allowed: true, false"),
        (
            "tables:\n  grades:\n    unpivot: {item: item, value: grade}",
            "m.yaml:3: found neither, allowed: one of 'columns' and 'all_but'",
        ),
        (
            "tables:\n  grades:\n    unpivot: {item: item, value: grade, columns: [a], all_but: [b]}",
            "m.yaml:3: found both, allowed: one of 'columns' and 'all_but'",
        ),
        (
            "tables:\n  grades:\n    columns: {item: x}\n    unpivot: {item: item, value: grade, columns: [a]}",
            "m.yaml:2: found column 'item' filled in two ways",
        ),
        (
            "tables:\n  grades:\n    distinct: true\n    record_of: {evaluation: evaluations}",
            "m.yaml:2: found 'distinct' with 'unpivot' or 'record_of', allowed: 'distinct' alone",
        ),
        (
            "tables:\n  grades:\n    record_of: {item: evaluations}",
            "m.yaml:3: found 'item', allowed: a column whose relationship in the contract leads to",
        ),
        (
            "tables:\n  evaluations: {distinct: true}\n  grades:\n    record_of: {evaluation: evaluations}",
            "m.yaml:3: found record_of 'evaluations', allowed: a table with one row per delivered row",
        ),
        (
            "tables:\n  grades:\n    normalise: {grade: [upper]}",
            "m.yaml:3: found 'grade' (number), allowed: a text column",
        ),
        (
            "tables:\n  grades:\n    normalise: {item: [uper]}",
            "m.yaml:3: found step 'uper', allowed: collapse_spaces, drop_punctuation, lower, upper; did",
        ),
        (
            "tables:\n  grades:\n    normalise: {item: [{drop_word: [INC]}]}",
            "m.yaml:3: found no 'drop_words', allowed: drop_words is required here",
        ),
        ("tables:\n  grades:\n    normalise: {item: firm}", "m.yaml:3: found spelling 'firm', allowed: "),
        ("- x", "m.yaml:1: found a list, allowed: a mapping of keys"),
        ("tables: {grades: {}, grades: {}}", "m.yaml:1: found key 'grades' twice, allowed: once"),
    ],
)
def test_a_wrong_mapping_is_told_file_line_found_and_allowed(lines, told):
    """A misspelt key that is passed over would silently lose a column."""
    assert any(problem.startswith(told) for problem in problems_of(lines)), problems_of(lines)


def test_all_faults_are_told_together():
    """Nobody should run a program once per typing mistake."""
    assert len(problems_of("tables:\n  evaluations:\n    file: x\n    sheets: y\n    columns: {rns: RSN}")) == 3


def test_a_table_that_is_mapped_twice_is_refused(tmp_path):
    """Two files that speak of one table contradict each other sooner or later."""
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text("tables: {grades: {}}", encoding="utf-8")

    with pytest.raises(MappingError, match=r"b\.yaml:1: found table 'grades' again"):
        load_mappings([tmp_path], CONTRACTS)


def test_other_files_of_the_folder_are_left_alone(tmp_path):
    """A README beside the mappings is no mapping."""
    (tmp_path / "README.md").write_text("x", encoding="utf-8")
    (tmp_path / "a.yaml").write_text("tables: {grades: {}}", encoding="utf-8")

    assert load_mappings([tmp_path], CONTRACTS) == {"grades": TableMapping("grades")}


# Which file feeds which table.

CITY = {
    "complaints": contract("complaints", "投诉", Column("id", "编号", TEXT)),
    "inspections": contract("inspections", "巡查", Column("id", "编号", TEXT)),
    "inspection_items": contract("inspection_items", "巡查项目", Column("id", "编号", TEXT)),
    "firms": contract("firms", "企业", Column("id", "编号", TEXT)),
}


def claimed(*files: str, mappings: Mapping[str, TableMapping] | None = None) -> dict[str, tuple[str, ...]]:
    """Files by table, tables without any left out."""
    return {table: found for table, found in claim(files, CITY, mappings or {}).files.items() if found}


@pytest.mark.parametrize(
    "file,table",
    [
        ("530102_五华区_投诉.xlsx", "complaints"),
        ("五华/投诉2024.csv", "complaints"),
        ("五华区投诉汇总.xlsx", "complaints"),
        ("2024-complaints.parquet", "complaints"),
        ("530102_巡查项目.xlsx", "inspection_items"),
        ("530102_巡查.xlsx", "inspections"),
        ("inspection_items.json", "inspection_items"),
        ("INSPECTIONS.CSV", "inspections"),
    ],
)
def test_a_file_goes_to_the_table_it_is_named_after(file, table):
    """Offices name their files in their own way; the table's name or title is in there."""
    assert claimed(file) == {table: (file,)}


@pytest.mark.parametrize("file", ["readme.md", "confirms.csv", "说明.xlsx", "投诉.docx"])
def test_a_file_that_names_no_table_is_unclaimed(file):
    """It is named in a warning and never refused; `firms` within another word names nothing."""
    assert claim([file], CITY, {}).unclaimed == (file,)


def test_a_mapping_names_its_files_before_any_guess():
    """One delivered file may feed several tables."""
    mappings = {
        "firms": TableMapping("firms", files=("registrations.csv",)),
        "complaints": TableMapping("complaints", files=("registrations.csv", "五华/*")),
    }

    found = claimed("registrations.csv", "五华/巡查.xlsx", mappings=mappings)

    assert found == {"firms": ("registrations.csv",), "complaints": ("registrations.csv", "五华/巡查.xlsx")}


def test_a_name_that_fits_two_tables_is_a_problem():
    """巡查投诉.xlsx is either; the office must say which."""
    claims = claim(["企业投诉.xlsx"], CITY, {})

    codes = [error.code for _, error in claims.problems if error.place == "企业投诉.xlsx"]
    assert codes == ["file.ambiguous"]


def test_a_table_without_a_file_is_a_problem_that_names_the_nearest():
    """A misspelt file name is the usual reason."""
    mappings = {"firms": TableMapping("firms", files=("registrations.csv",))}

    claims = claim(["registration.csv"], {"firms": CITY["firms"]}, mappings)

    [(table, error)] = claims.problems
    assert table == "firms"
    assert str(error) == (
        "registrations.csv: found no such file, allowed: registrations.csv; did you mean 'registration.csv'?"
    )


def test_a_table_that_is_not_required_may_have_no_file():
    """Not every division has a takeover to report."""
    assert claim([], {"firms": CITY["firms"]}, {"firms": TableMapping("firms", required=False)}).problems == ()


@pytest.mark.parametrize(
    "sheets,found",
    [
        (("",), ""),
        (("说明", "企业"), "企业"),
        (("说明", "firms"), "firms"),
        (("说明", "企业名单"), "企业名单"),
        (("说明", "x"), "说明"),
    ],
)
def test_the_sheet_is_the_one_named_after_the_table(sheets, found):
    """A sheet of notes comes first in many a workbook."""
    assert sheet_for(sheets, "a.xlsx", CITY["firms"], TableMapping("firms")) == found


def test_a_sheet_that_the_mapping_names_must_be_there():
    """Reading another one would score another table."""
    with pytest.raises(UnreadableError, match="did you mean 'Firms 2024'"):
        sheet_for(("Notes", "Firms 2024"), "a.xlsx", CITY["firms"], TableMapping("firms", sheet="Firms 2023"))


# Headers and wide sheets.


def sheet(columns: dict[str, list[str | None]], sparse: bool = False, **damage: dict[int, str]) -> Sheet:
    """A delivered sheet."""
    arrays = {header: pa.array(cells, pa.string()) for header, cells in columns.items()}
    rows = len(next(iter(columns.values())))
    return Sheet("e.csv", "", arrays, pa.array(range(2, rows + 2)), damage, sparse)  # type: ignore[arg-type]


def lists(shaped: Shaped | None) -> dict[str, list[str | None]]:
    """Cells by column."""
    assert shaped is not None
    return {name: cells.to_pylist() for name, cells in shaped.cells.items()}


@pytest.mark.parametrize("header", ["楼号", " 楼 号 ", "rsn", "RSN", "ＲＳＮ", "楼宇编号"])
def test_a_column_is_found_by_title_name_or_synonym(header):
    """Width, case and blanks are no difference between headers."""
    shaped, problems = shape(
        sheet({header: ["1"], "地址": ["a"], "x": ["-"]}), EVALUATIONS, TableMapping("evaluations")
    )

    assert problems == []
    assert lists(shaped) == {"rsn": ["1"], "site_address": ["a"]}


def test_a_missing_column_is_told_with_the_nearest_header():
    """A typing mistake in a header is mended in a second, once it is named."""
    shaped, problems = shape(sheet({"RNS": ["1"], "地址": ["a"]}), EVALUATIONS, TableMapping("evaluations"))

    assert shaped is None
    assert [str(problem) for problem in problems] == [
        "e.csv: found no header for '楼号' among RNS, 地址; allowed: 楼号, rsn, RSN, 楼宇编号; did you mean 'RNS'?"
    ]


def test_two_headers_for_one_column_are_refused():
    """Only the office knows which of the two it means."""
    _, problems = shape(sheet({"楼号": ["1"], "RSN": ["2"], "地址": ["a"]}), EVALUATIONS, TableMapping("evaluations"))

    assert [problem.code for problem in problems] == ["header.ambiguous"]


def test_a_mapped_column_goes_by_its_header_alone():
    """What a mapping states is not guessed at."""
    mapping = TableMapping("evaluations", columns={"rsn": ("KEY",)}, absent=("site_address",))

    shaped, _ = shape(sheet({"RSN": ["1"], "KEY": ["2"]}), EVALUATIONS, mapping)

    assert lists(shaped) == {"rsn": ["2"]}


def test_records_may_leave_out_what_is_optional():
    """A JSON object without a key has no value there; a required one is still missed."""
    shaped, _ = shape(sheet({"rsn": ["1"]}, sparse=True), EVALUATIONS, TableMapping("evaluations"))
    _, problems = shape(sheet({"地址": ["a"]}, sparse=True), EVALUATIONS, TableMapping("evaluations"))

    assert lists(shaped) == {"rsn": ["1"]}
    assert [problem.code for problem in problems] == ["header.missing"]


WIDE: dict[str, list[str | None]] = {"RSN": ["1", "2"], "LOBBY": ["3", "4"], "Roof": ["5", None]}


@pytest.mark.parametrize(
    "unpivot,items",
    [
        (Unpivot("item", "grade", headers=("ROOF", "LOBBY")), ("ROOF", "LOBBY")),
        (Unpivot("item", "grade", all_but=("rsn",)), ("LOBBY", "Roof")),
    ],
)
def test_a_wide_sheet_becomes_a_row_per_item(unpivot, items):
    """Fifty columns of grades are fifty rows of one; items are spelt as the mapping spells them."""
    mapping = TableMapping("grades", unpivot=unpivot, record_of={"evaluation": "evaluations"})

    shaped, problems = shape(sheet(WIDE), GRADES, mapping)

    grades: dict[str, list[str | None]] = {"LOBBY": ["3", "4"], "ROOF": ["5", None], "Roof": ["5", None]}
    assert problems == []
    assert shaped is not None
    assert lists(shaped) == {
        "item": [*items, *items],
        "grade": [grades[items[0]][0], grades[items[1]][0], grades[items[0]][1], grades[items[1]][1]],
    }
    assert shaped.delivered.tolist() == [0, 0, 1, 1]
    assert shaped.headers is not None
    assert set(shaped.headers.to_pylist()) == {"LOBBY", "Roof"}


def test_a_missing_item_is_told_like_a_missing_column():
    """A tool that dropped an item is another tool."""
    mapping = TableMapping("grades", unpivot=Unpivot("item", "grade", headers=("LOBBY", "ROOFS")))

    _, problems = shape(sheet(WIDE), GRADES, mapping)

    assert [problem.values["near"] for problem in problems if problem.values["column"] == "ROOFS"] == ["Roof"]


def test_damage_follows_its_cell_into_the_long_table():
    """The damaged cell of fifty is the one that is named."""
    mapping = TableMapping(
        "grades",
        columns={"evaluation": ("RSN",)},
        unpivot=Unpivot("item", "grade", headers=("LOBBY", "Roof")),
    )

    shaped, _ = shape(sheet(WIDE, Roof={1: "digits_lost"}, RSN={0: "digits_lost"}), GRADES, mapping)

    assert shaped is not None
    assert shaped.damage == {
        "grade": {3: "digits_lost"},
        "evaluation": {0: "digits_lost", 1: "digits_lost"},
    }


def test_the_toronto_mappings_name_their_items():
    """20 and 50 items are published; losing one silently would move every score."""
    from importlib.resources import files

    from data_contracts.odcs import load_contracts

    books = files("scoring.rulebook") / "books" / "toronto"
    counts = {}
    for edition in ("rentsafeto-2017", "rentsafeto-2023"):
        contracts = load_contracts([books / edition / "contracts"])
        unpivot = load_mappings([books / edition / "mappings"], contracts)["grades"].unpivot
        counts[edition] = len(set(unpivot.headers)) if unpivot else 0

    assert counts == {"rentsafeto-2017": 20, "rentsafeto-2023": 50}


# Documentation.

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "mappings.md"


def test_the_example_of_the_reference_page_is_a_mapping():
    """A reader copies it first and asks later."""
    from importlib.resources import files

    from data_contracts.odcs import load_contracts

    contracts = load_contracts([files("scoring.rulebook") / "books" / "toronto" / "rentsafeto-2023" / "contracts"])
    [example] = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)

    assert read_mappings(example, "mappings.md", contracts).keys() == contracts.keys()


@pytest.mark.parametrize("key", [field.name for field in fields(TableMapping) if field.name != "table"])
def test_every_key_of_a_mapping_is_on_the_reference_page(key):
    """What is not written down does not exist for the officer who needs it."""
    assert f"| `{key}` |" in PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("step", [*PLAIN_STEPS, WORD_STEP])
def test_every_step_is_on_the_reference_page(step):
    """A firm that was joined to another is told by which step."""
    assert f"`{step}" in PAGE.read_text(encoding="utf-8")
