"""Cases beside a rulebook: what is given, what is compared, and every way to write one wrong."""

from __future__ import annotations

from importlib.resources import as_file
from pathlib import Path
from shutil import copytree

import pytest
import typer

from api.cli.cases import run_test
from data_contracts.document import DocumentError
from scoring.evaluation.cases import CaseResult, NoCasesError, run_cases
from scoring.rulebook import find_rulebook, load_rulebook

BOOK = """
rulebook: invented-town
title: {zh: 某镇, en: An invented town}
basis: proposed
period: {from: 2024-01-01, to: 2024-12-31}
points: {unit: 0.1}
records:
  act: {from: acts, time: in_period(decided_on)}
  low: {from: earlier.firm, where: "level = 'C' and edition_year = 2023", time: any}
units:
  firm:
    from: firms
    key: [credit_code]
    rated_as: coalesce(head_code, credit_code)
    facts:
      good: {of: act, where: "kind = 'good'", take: "sum(given(points, 0, 30, 10, reason))"}
      bad: {of: act, where: "kind = 'bad'", take: sum(points)}
      latest: {of: act, take: max(decided_on)}
      visits_mean: {of: act, take: mean(points)}
      low_before: {of: low, take: count()}
      balance: {take: good - bad}
      all_good: {across: all, take: sum(good), round: 0.1}
    statuses:
      - {status: CLOSED, when: not open}
    card:
      start: 50
      lines:
        - id: SUM
          within: [-20, 40]
          lines:
            - {id: GOOD, points: good}
            - {id: BAD, points: -bad}
        - {id: SHARE, points: "10 * good / all_good", missing: zero}
    levels:
      order: [A, B, C]
      rows: [{level: A, from: 80}, {level: B, from: 60}, {level: C}]
      steps:
        - {id: DOWN, when: bad > 10, move: -1}
        - {id: BEST, best: 1, ties: all_out, set: A}
"""
CONTRACT = """
apiVersion: v3.2.0
kind: DataContract
id: {table}
version: 1.0.0
status: active
schema:
  - name: {table}
    businessName: {title}
    properties:
"""
FIRMS = """
      - {name: credit_code, businessName: 代码, logicalType: string, primaryKey: true, required: true}
      - {name: head_code, businessName: 总公司, logicalType: string}
      - {name: open, businessName: 营业, logicalType: boolean, required: true}
"""
ACTS = """
      - {name: act_id, businessName: 编号, logicalType: string, primaryKey: true, required: true}
      - name: credit_code
        businessName: 代码
        logicalType: string
        relationships: [{id: firm, to: firms.credit_code}]
      - name: kind
        businessName: 类别
        logicalType: string
        enum: [{value: good, label: 良好}, {value: bad, label: 不良}]
      - {name: points, businessName: 分值, logicalType: number, physicalType: "DECIMAL(6,1)"}
      - {name: reason, businessName: 理由, logicalType: string}
      - {name: decided_on, businessName: 认定日期, logicalType: date}
"""
BACKGROUND = """
background:
  firms: [{credit_code: 甲, open: 是}, {credit_code: 乙, open: 是}]
"""
ANY = "{firm: {甲: {level: A}}}"
ONE = "  - {case: 一例, clause: 第一条, given: GIVEN, expect: EXPECT}\n"


@pytest.fixture
def town(tmp_path: Path) -> Path:
    """An invented town's rulebook with two tables and no cases yet."""
    (tmp_path / "contracts").mkdir()
    (tmp_path / "rulebook.yaml").write_text(BOOK, encoding="utf-8")
    for table, title, columns in (("firms", "企业", FIRMS), ("acts", "行为", ACTS)):
        text = CONTRACT.format(table=table, title=title).strip() + columns
        (tmp_path / "contracts" / f"{table}.odcs.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def run(town: Path, given: str, expect: str, background: str = BACKGROUND, more: str = "") -> CaseResult:
    """One case of the town, run."""
    case = ONE.replace("GIVEN", given).replace("EXPECT", expect).replace("clause: 第一条", f"clause: 第一条{more}")
    (town / "cases.yaml").write_text(f"{background}cases:\n{case}", encoding="utf-8")
    return run_cases(town)[0]


def found(result: CaseResult) -> list[tuple[str, str, str]]:
    """What a case got wrong: of what, expected, found."""
    return [(one.what, one.expected, one.found) for one in result.mismatches]


def test_records_are_typed_as_at_intake(town: Path):
    """An officer writes labels, full-width digits and 是/否, as offices do."""
    given = "{tables: {acts: [{act_id: 1, credit_code: 甲, kind: 良好, points: １０, decided_on: 2024年3月1日}]}}"
    facts = "{all_good: 10, latest: 2024-03-01, open: true}"

    result = run(town, given, f"{{firm: {{甲: {{points: 70, lines: {{GOOD: 10, SHARE: 10}}, facts: {facts}}}}}}}")

    assert found(result) == []


def test_a_wrong_expectation_is_shown_with_what_was_found(town: Path):
    """The officer has to see at once which number of which firm differs, and where it is written."""
    result = run(town, "{}", "{firm: {甲: {points: 51, level: B, lines: {GOOD: 1, BAD: no_data}}}}")

    assert found(result) == [
        ("firm 甲 points", "51.0", "50.0"),
        ("firm 甲 level", "B", "C"),
        ("firm 甲 line GOOD", "1.0", "0.0"),
        ("firm 甲 line BAD", "no_data", "applied"),
    ]
    assert {one.line for one in result.mismatches} == {5}


def test_only_what_is_stated_is_compared(town: Path):
    """A case about a level need not repeat every line of the card."""
    result = run(town, "{}", "{firm: {甲: {level: C}}}")

    assert found(result) == []


def test_a_row_changes_the_cells_of_its_key_in_the_background(town: Path):
    """A case says what is special about it, not the whole firm again."""
    given = "{tables: {firms: [{credit_code: 甲, open: 否}, {credit_code: 丙, open: 是}]}}"
    closed = "{status: CLOSED, points: null, level: null, rank: null}"

    result = run(town, given, f"{{firm: {{甲: {closed}, 乙: {{status: null}}, 丙: {{rank: 1}}}}}}")

    assert found(result) == []


def test_a_unit_can_be_expected_to_be_absent(town: Path):
    """That a branch is no firm of its own is an outcome too."""
    given = "{tables: {firms: [{credit_code: 甲分, head_code: 甲, open: 是}]}}"

    result = run(town, given, "{firm: {甲分: absent, 乙: absent, 丙: {level: C}}}")

    assert found(result) == [
        ("firm 乙 absent", "absent", "a unit"),
        ("firm 丙 level", "C", "no unit 丙 among 乙, 甲"),
    ]


@pytest.mark.parametrize(
    "points, expect, mismatches",
    [
        (31, "{refused: record 1}", []),
        (31, "{refused: record 2}", [("refused", "record 2")]),
        (10, "{refused: record 1}", [("refused", "record 1")]),
        (31, "{firm: {甲: {points: 50}}}", [("refused", "-")]),
    ],
)
def test_a_refusal_is_an_outcome(town: Path, points: int, expect: str, mismatches: list[tuple[str, str]]):
    """A value outside its range must stop a rating, and a case says so."""
    act = f"{{act_id: 1, credit_code: 甲, kind: good, points: {points}, reason: 重大, decided_on: 2024-03-01}}"
    given = f"{{tables: {{acts: [{act}]}}}}"

    result = run(town, given, expect)

    assert [(what, expected) for what, expected, _ in found(result)] == mismatches


def test_earlier_rounds_are_given_as_rows(town: Path):
    """A second bad year has consequences that one year's records cannot show."""
    given = "{earlier: {firm: [{credit_code: 甲, points: 30.5, level: C, edition_year: 2023}]}}"

    result = run(town, given, "{firm: {甲: {facts: {low_before: 1}}, 乙: {facts: {low_before: 0}}}}")

    assert found(result) == []


@pytest.mark.parametrize("points, level", [(79.9, "B"), (80, "A"), (80.1, "A")])
def test_points_alone_meet_rows_and_no_ranks(town: Path, points: float, level: str):
    """An edge of a level needs no records; one firm alone would be the best of all firms."""
    result = run(
        town, f"{{points: {points}}}", f"{{level: {level}, points: {points}, steps: {{BEST: null, DOWN: null}}}}"
    )

    assert found(result) == []


def test_points_of_several_units_meet_rank_steps(town: Path):
    """Who is best can only be told among others; ties are part of the rule."""
    one = run(
        town, "{points: {a: 60, b: 59}}", "{a: {level: A, rank: 1, steps: {BEST: B → A}}, b: {level: C, rank: 2}}"
    )
    tied = run(town, "{points: {a: 60, b: 60}}", "{a: {level: B, rank: 1}, b: {level: B, rank: 1}}")

    assert found(one) == []
    assert found(tied) == []


def test_facts_that_are_not_stated_are_as_without_records(town: Path):
    """A case about bad conduct need not say that there was nothing good; what follows from facts is computed."""
    expect = "{points: 35, status: null, facts: {good: 0, visits_mean: null, balance: -15}, steps: {DOWN: null}}"

    result = run(town, "{facts: {open: true, bad: 15}}", expect)

    assert found(result) == []


def test_beside_points_a_fact_that_is_not_stated_is_unknown(town: Path):
    """Nothing is made up about a firm of which only the points are given."""
    unknown = run(town, "{points: 90}", "{level: A, facts: {bad: null}}")
    known = run(town, "{points: 90, facts: {bad: 10.1}}", "{level: B, steps: {DOWN: A → B}}")

    assert found(unknown) == []
    assert found(known) == []


def test_units_share_facts_and_have_their_own(town: Path):
    """Three firms just below, on and just above an edge differ in one number only."""
    given = "{facts: {open: true, good: 20}, units: {a: {bad: 9.9}, b: {bad: 10}, c: {bad: 10.1, open: false}}}"

    result = run(
        town, given, "{a: {points: 63.4, facts: {all_good: 60}}, b: {points: 63.3, rank: 2}, c: {status: CLOSED}}"
    )

    assert found(result) == []


def test_a_section_is_the_sum_of_its_lines_within_its_bounds(town: Path):
    """The sheet prints a total per section; a case can hold it."""
    result = run(
        town, "{facts: {open: true, good: 45.5, bad: 2}}", '{lines: {SUM: 40, GOOD: 45.5, BAD: -2, "SUM:within": -3.5}}'
    )

    assert found(result) == []


def test_a_case_can_speak_of_another_day(town: Path):
    """Whether a record counts yet is a matter of the day."""
    given = "{tables: {acts: [{act_id: 1, credit_code: 甲, kind: bad, points: 5, decided_on: 2024-06-02}]}}"

    before = run(town, given, "{firm: {甲: {points: 50}}}", more=", as_of: 2024-06-01")
    after = run(town, given, "{firm: {甲: {points: 45}}}", more=", as_of: 2024-06-02")

    assert found(before) == []
    assert found(after) == []


@pytest.mark.parametrize(
    "given, expect, message",
    [
        ("{tabels: {}}", ANY, "points, tables, unit, units; did you mean 'tables'?"),
        ("{tables: {firm: []}}", ANY, "found table 'firm', allowed: acts, firms; did you mean 'firms'?"),
        ("{tables: {acts: [{act: 1}]}}", ANY, "found column 'act', allowed: act_id, credit_code"),
        ("{tables: {acts: [{act_id: 1, kind: 好}]}}", ANY, "found '好' in 'kind', allowed: good 良好, bad 不良"),
        ("{tables: {acts: [{act_id: 1, points: x}]}}", ANY, "found 'x' in 'points', allowed: "),
        ("{tables: {acts: [{act_id: 1, points: 1.23}]}}", ANY, "found '1.23' in 'points', allowed: "),
        (
            "{tables: {acts: [{act_id: 1, credit_code: 丁}]}}",
            ANY,
            "found credit_code '丁', allowed: a row of 'firms', here or in background",
        ),
        ("{tables: {acts: [{act_id: 1}, {act_id: 1}]}}", ANY, "found key '1' twice, allowed: once"),
        ("{tables: {acts: [{act_id: [1]}]}}", ANY, "found a list, allowed: one value"),
        ("{earlier: {site: []}}", ANY, "found table 'site', allowed: firm"),
        ("{unit: firms, points: 1}", "{level: A}", "found 'firms', allowed: firm; did you mean 'firm'?"),
        ("{points: 80.05}", "{level: A}", "found '80.05', allowed: points, a multiple of 0.1"),
        ("{facts: {goods: 1}}", "{level: A}", "found fact or column 'goods', allowed: credit_code, "),
        ("{facts: {open: 是}}", "{level: A}", "found '是', allowed: true or false"),
        ("{facts: {good: x}}", "{level: A}", "found 'x', allowed: a decimal number or a/b"),
        ("{facts: {latest: 2024}}", "{level: A}", "found '2024', allowed: a day as YYYY-MM-DD"),
        ("{unit: firm}", "{level: A}", "found none of points, facts and units, allowed: at least one of them"),
        (
            "{points: 1, units: {a: {bad: 1}}}",
            "{a: {level: A}}",
            "found points '1' beside units, allowed: points of each by name",
        ),
        ("{points: {a: 1}, units: {b: {bad: 1}}}", "{a: {level: A}}", "found unit 'b', allowed: a"),
        ("{points: 80}", "{level: D}", "found level 'D', allowed: A, B, C"),
        ("{points: 80}", "{lines: {GOD: 1}}", "found line 'GOD', allowed: SUM, GOOD, BAD, SHARE"),
        ("{points: 80}", "{steps: {DWN: A → B}}", "found step 'DWN', allowed: DOWN, BEST"),
        ("{points: 80}", "{steps: {DOWN: A}}", "found 'A', allowed: from → to, or null where it changes nothing"),
        ("{points: 80}", "{steps: {DOWN: A → D}}", "found level 'D', allowed: A, B, C, -"),
        ("{points: 80}", "{rank: 0}", "found '0', allowed: a place from 1, or null for none"),
        ("{points: 80}", "{levle: A}", "rank, status, steps; did you mean 'level'?"),
        ("{points: 80}", "{}", "found nothing expected, allowed: at least one outcome"),
        ("{}", "{firms: {甲: {level: A}}}", "found 'firms', allowed: firm; did you mean 'firm'?"),
    ],
)
def test_a_wrong_case_is_refused_with_its_place(town: Path, given: str, expect: str, message: str):
    """A misspelled name must not make a case that cannot fail."""
    with pytest.raises(DocumentError) as error:
        run(town, given, expect)

    assert any(message in problem.text for problem in error.value.problems), str(error.value)
    assert {(problem.source, problem.line) for problem in error.value.problems} <= {
        ("cases.yaml", 4),
        ("cases.yaml", 5),
    }


def test_all_faults_of_a_file_are_reported_together(town: Path):
    """An officer corrects a file once."""
    one = "{case: 一, given: {points: x}, expect: {level: D}}"
    other = "{clause: 二, as_of: 2025-01-01, given: {points: 1}}"
    (town / "cases.yaml").write_text(f"cases:\n  - {one}\n  - {other}\n", encoding="utf-8")

    with pytest.raises(DocumentError) as error:
        run_cases(town)

    assert [str(problem) for problem in error.value.problems] == [
        "cases.yaml:2: found 'x', allowed: points, a multiple of 0.1",
        "cases.yaml:2: found level 'D', allowed: A, B, C",
        "cases.yaml:2: found no 'clause', allowed: clause is required here",
        "cases.yaml:3: found '2025-01-01', allowed: a day from 2024-01-01 to 2024-12-31",
        "cases.yaml:3: found no 'case', allowed: case is required here",
        "cases.yaml:3: found no 'expect', allowed: expect is required here",
    ]


def test_an_empty_list_of_cases_is_refused(town: Path):
    """A file without cases would always pass."""
    (town / "cases.yaml").write_text("cases: []\n", encoding="utf-8")

    with pytest.raises(DocumentError, match="found no cases, allowed: at least one under 'cases'"):
        run_cases(town)


def test_a_book_without_cases_says_so(town: Path):
    """Nothing tested is not the same as everything fine."""
    with pytest.raises(NoCasesError, match=r"found no cases.yaml"):
        run_cases(town)


def test_cases_are_no_part_of_the_rules(town: Path):
    """Adding a case must not give a published round another identity."""
    before = load_rulebook(town).files
    run(town, "{}", "{firm: {甲: {level: C}}}")

    assert load_rulebook(town).files == before


def test_the_example_of_the_reference_page_holds(tmp_path: Path):
    """Officers copy from it."""
    page = (Path(__file__).parents[2] / "docs" / "reference" / "cases.md").read_text(encoding="utf-8")
    with as_file(find_rulebook("shandong/2019")) as book:
        copytree(book, tmp_path / "book")
    (tmp_path / "book" / "cases.yaml").write_text(page.split("```yaml\n")[1].split("```")[0], encoding="utf-8")

    results = run_cases(tmp_path / "book")

    assert [found(result) for result in results] == [[], [], [], []]


def test_the_command_shows_case_clause_expected_and_found(town: Path, capsys: pytest.CaptureFixture[str]):
    """What failed is read by an officer, not by a programmer."""
    run(town, "{points: 80}", "{level: B}")

    with pytest.raises(typer.Exit) as ended:
        run_test(str(town))

    assert ended.value.exit_code == 1
    assert capsys.readouterr().out.splitlines() == [
        "cases.yaml:5: 一例 (第一条)",
        "  cases.yaml:5: firm level: expected B, found A",
        f"{town}: 1 cases, 1 failed",
    ]


def test_the_command_is_content_when_all_cases_hold(town: Path, capsys: pytest.CaptureFixture[str]):
    """The last line is what a signature rests on."""
    run(town, "{points: 80}", "{level: A}")

    run_test(str(town))

    assert capsys.readouterr().out == f"{town}: 1 cases, 0 failed\n"


def test_the_command_names_every_fault_of_a_file(town: Path, capsys: pytest.CaptureFixture[str]):
    """A broken file is a refusal, never a pass."""
    (town / "cases.yaml").write_text("cases: []\n", encoding="utf-8")

    with pytest.raises(typer.Exit) as ended:
        run_test(str(town))

    assert ended.value.exit_code == 1
    assert "cases.yaml:1: found no cases" in capsys.readouterr().err
