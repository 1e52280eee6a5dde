"""A folder of files in, accepted records out: real deliveries, and the ways in which small ones go wrong."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Callable
from datetime import date
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest
import xlsxwriter

from data_contracts.failures import Failures
from data_contracts.intake import Intake, take_in
from data_contracts.mapping import TableMapping, load_mappings
from data_contracts.mapping.load import read_mappings
from data_contracts.model import Contract
from data_contracts.odcs import load_contract, load_contracts

BOOKS = files("scoring.rulebook") / "books" / "toronto"
BROKEN = Path(__file__).parent.parent / "data" / "toronto-2023" / "broken_extract_2026-07-30.csv"


@cache
def book(edition: str) -> tuple[dict[str, Contract], dict[str, TableMapping]]:
    """Contracts and mappings of a shipped book."""
    contracts = load_contracts([BOOKS / edition / "contracts"])
    return contracts, load_mappings([BOOKS / edition / "mappings"], contracts)


@cache
def sample(edition: str) -> Intake:
    """The book's own data, taken in once."""
    with as_file(BOOKS / edition / "sample") as folder:
        return take_in(folder, *book(edition))


def delivered(edition: str, name: str) -> list[list[str]]:
    """Rows of a bundled file, header first."""
    text = (BOOKS / edition / "sample" / name).read_text(encoding="utf-8")
    return list(csv.reader(io.StringIO(text)))


def write(path: Path, rows: list[list[str]], encoding: str = "utf-8") -> None:
    """Rows as a delivered file."""
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows(rows)


def told(failures: Failures) -> list[tuple[str, int | None, str]]:
    """Rule, row and message of each failure."""
    return [(row["rule"], row["row"], row["message"]) for row in failures.table.to_pylist()]


# Real deliveries.


def test_every_evaluation_of_the_first_tool_is_accepted():
    """The City published a score for each of the 11,760, so each is rated."""
    intake = sample("rentsafeto-2017")

    rows = {name: table.num_rows for name, table in intake.tables.items()}
    assert rows == {"evaluations": 11_760, "grades": 235_200}
    assert (len(intake.failures.errors), intake.refuses_batch) == (0, False)
    assert intake.counts["evaluations"]["created-in-error"] == 7


def test_repeated_evaluations_of_one_day_are_told_apart():
    """Four days hold nine evaluations; two of them are equal in every cell, and still two records."""
    evaluations = sample("rentsafeto-2017").tables["evaluations"]

    ids = evaluations["record_id"].to_pylist()
    assert len(set(ids)) == len(ids)
    assert sum(name.endswith("#2") for name in ids) == 1


def test_every_evaluation_of_the_second_tool_is_accepted():
    """6,090 rows, each joined to its building, and each building's firm made of 960 spellings."""
    intake = sample("rentsafeto-2023")

    rows = {name: table.num_rows for name, table in intake.tables.items()}
    assert rows == {
        "evaluations": 6_090,
        "grades": 304_500,
        "management_companies": 860,
        "registrations": 3_611,
    }
    assert (len(intake.failures.errors), intake.refuses_batch) == (0, False)


def test_every_evaluated_building_leads_to_its_registration_and_firm():
    """The firm's rating is the mean of its buildings: a building that joins nothing would be lost."""
    tables = sample("rentsafeto-2023").tables

    firms = set(tables["management_companies"]["company_name"].to_pylist())
    assert set(tables["evaluations"]["rsn"].to_pylist()) <= set(tables["registrations"]["rsn"].to_pylist())
    assert set(tables["registrations"]["company_name"].drop_null().to_pylist()) == firms
    assert "SIGNET GROUP" in firms
    assert tables["registrations"]["company_name"].null_count == 477


def test_tables_have_the_contracts_columns_and_storage_types():
    """The engine reads whole numbers, days and text; 81.1 is 811 tenths."""
    evaluations = sample("rentsafeto-2023").tables["evaluations"]

    contract = book("rentsafeto-2023")[0]["evaluations"]
    assert evaluations.column_names == ["record_id", *(column.name for column in contract.columns)]
    assert evaluations.schema.field("evaluated_on").type == pa.date32()
    assert 811 in evaluations["proactive_score"].to_pylist()
    assert evaluations["record_id"].to_pylist() == sorted(evaluations["record_id"].to_pylist(), key=str.encode)


def test_every_grade_belongs_to_an_accepted_evaluation():
    """50 grades a row; a blank before the digit and N/A are what they look like."""
    tables = sample("rentsafeto-2023").tables

    counts = tables["grades"].group_by("evaluation").aggregate([("item", "count")])
    assert set(counts["item_count"].to_pylist()) == {50}
    assert set(counts["evaluation"].to_pylist()) == set(tables["evaluations"]["record_id"].to_pylist())
    assert set(tables["grades"]["grade"].to_pylist()) == {None, 0, 1, 2, 3}


def test_the_place_of_rows_and_columns_leaves_no_trace(tmp_path):
    """The same records sorted by somebody in a spreadsheet are the same records, ids and all."""
    header, *rows = delivered("rentsafeto-2017", "evaluations.csv")
    rows.sort(key=lambda row: "".join(row)[::-1])
    order = sorted(range(len(header)), key=lambda place: header[place][::-1])
    write(tmp_path / "evaluations.csv", [[row[place] for place in order] for row in [header, *rows]])

    intake = take_in(tmp_path, *book("rentsafeto-2017"))

    for name, table in sample("rentsafeto-2017").tables.items():
        assert intake.tables[name].equals(table)


def test_another_encoding_leaves_no_trace(tmp_path):
    """A clerk who opens and saves the file in Excel changes its bytes, not its records."""
    rows = delivered("rentsafeto-2017", "evaluations.csv")
    rows[1][7] = "翠湖苑 1 栋"
    for name in ("utf-8-sig", "gb18030"):
        (tmp_path / name).mkdir()
        write(tmp_path / name / "evaluations.csv", rows, name)

    one, other = (take_in(tmp_path / name, *book("rentsafeto-2017")) for name in ("utf-8-sig", "gb18030"))

    assert one.tables["evaluations"].equals(other.tables["evaluations"])
    assert "翠湖苑 1 栋" in one.tables["evaluations"]["site_address"].to_pylist()


def test_the_broken_extract_is_refused_with_every_reason(tmp_path):
    """On 30 July 2026 the City's file had six rows; all that is wrong with it is said in one run."""
    shutil.copy(BROKEN, tmp_path / "evaluations.csv")
    write(tmp_path / "registrations.csv", delivered("rentsafeto-2023", "registrations.csv"))

    intake = take_in(tmp_path, *book("rentsafeto-2023"))

    assert intake.refuses_batch
    assert [(rule, row) for rule, row, _ in told(intake.failures.errors)] == [
        ("evaluations.row_count", None),
        ("one-evaluation-a-day", 2),
        ("one-evaluation-a-day", 3),
        ("one-evaluation-a-day", 5),
        ("evaluations.confirmed_storeys.range", 7),
        ("evaluations.confirmed_units.range", 7),
        ("evaluations.registration.foreign_key", 7),
    ]
    assert (intake.refused_rows["evaluations"], intake.refused_rows["grades"]) == (4, 200)


# Small deliveries.

HEAD = "apiVersion: v3.2.0\nkind: DataContract\nid: {}\nversion: 1.0.0\nstatus: active\n"
ENGLISH = "customProperties: [{property: language, value: en}]\n"


def contract_of(table: str, properties: str, title: str = "", more: str = "", head: str = ENGLISH) -> Contract:
    """One contract; *properties* are flow mappings, one a line."""
    lines = "".join(f"      - {line.strip()}\n" for line in properties.strip().splitlines())
    named = f"    businessName: {title}\n" if title else ""
    text = f"{HEAD.format(table)}{head}schema:\n  - name: {table}\n{named}    properties:\n{lines}{more}"
    return load_contract(text, f"{table}.odcs.yaml")


VISITS = contract_of(
    "visits",
    """
    {name: house, logicalType: string, primaryKey: true}
    {name: units, logicalType: integer, required: true, logicalTypeOptions: {minimum: 1}}
    """,
)
MARKS = contract_of(
    "marks",
    """
    {name: visit, logicalType: string, primaryKey: true, primaryKeyPosition: 1, relationships: [{to: visits.record_id}]}
    {name: item, logicalType: string, primaryKey: true, primaryKeyPosition: 2}
    {name: mark, logicalType: integer, logicalTypeOptions: {minimum: 0, maximum: 3}}
    """,
)
WIDE = {"visits": VISITS, "marks": MARKS}
WIDE_MAPPINGS = """\
tables:
  visits: {files: visits.csv}
  marks:
    files: visits.csv
    record_of: {visit: visits}
    unpivot: {item: item, value: mark, columns: [Lobby, Roof]}
"""


@pytest.fixture
def wide(tmp_path) -> Callable[[str], Intake]:
    """Take in a wide sheet of houses with two marks each."""

    def taken(text: str) -> Intake:
        (tmp_path / "visits.csv").write_text(text, encoding="utf-8")
        return take_in(tmp_path, WIDE, read_mappings(WIDE_MAPPINGS, "m.yaml", WIDE))

    return taken


def test_a_refused_row_takes_what_was_made_of_it_along_with_one_reason(wide):
    """Fifty grades of a refused evaluation are not fifty faults."""
    intake = wide("house,units,Lobby,Roof\na,0,1,2\nb,5,1,2\n")

    assert told(intake.failures) == [("visits.units.range", 2, "must be at least 1")]
    assert intake.refused_rows == {"visits": 1, "marks": 2}
    assert intake.tables["marks"]["visit"].to_pylist() == ["b", "b"]


def test_one_impossible_mark_refuses_the_whole_delivered_row(wide):
    """A house is not rated on the marks that happen to be possible; the header of the bad one is named."""
    intake = wide("house,units,Lobby,Roof\na,1,1,7\nb,5,1,2\n")

    assert told(intake.failures) == [("marks.mark.range", 2, "Roof: must be between 0 and 3, both included")]
    assert intake.refused_rows == {"visits": 1, "marks": 2}


def test_equal_faults_of_one_row_name_their_own_headers(wide):
    """Two cells of 7 are two cells to mend; an unreadable one is named too."""
    intake = wide("house,units,Lobby,Roof\na,1,7,7\nb,5,x,2\n")

    assert [(row, message.partition(":")[0]) for _, row, message in told(intake.failures)] == [
        (2, "Lobby"),
        (2, "Roof"),
        (3, "Lobby"),
    ]


def test_a_repeated_key_is_told_once_a_row(wide):
    """The marks of a repeated house repeat too, and nobody needs to hear it."""
    intake = wide("house,units,Lobby,Roof\na,1,1,1\na,1,1,1\n")

    assert [rule for rule, _, _ in told(intake.failures)] == ["visits.house.unique"] * 2
    assert intake.refused_rows == {"visits": 2, "marks": 4}


def test_children_are_judged_against_accepted_parents(tmp_path):
    """A record of a refused firm is refused with words of its own: mend the firm first."""
    firms = contract_of(
        "firms",
        """
        {name: code, logicalType: string, primaryKey: true}
        {name: staff, logicalType: integer, required: true}
        """,
    )
    awards = contract_of(
        "awards",
        """
        {name: award, logicalType: string, primaryKey: true}
        {name: firm, logicalType: string, required: true, relationships: [{id: holder, to: firms.code}]}
        """,
    )
    write(tmp_path / "firms.csv", [["code", "staff"], ["a", "x"], ["b", "2"]])
    write(tmp_path / "awards.csv", [["award", "firm"], ["1", "a"], ["2", "b"], ["3", "c"]])

    intake = take_in(tmp_path, {"awards": awards, "firms": firms}, {})

    assert told(intake.failures) == [
        ("awards.holder.foreign_key", 2, "its record in firms was itself refused: mend that one first"),
        ("awards.holder.foreign_key", 4, "no such record in firms"),
        ("firms.staff.type", 2, "must be a whole number"),
    ]
    assert intake.tables["awards"]["record_id"].to_pylist() == ["2"]


LINKED = {
    "firms": contract_of("firms", "{name: code, logicalType: string, primaryKey: true}", "企业", head=""),
    "awards": contract_of(
        "awards",
        """
        {name: award, logicalType: string, primaryKey: true}
        {name: firm, businessName: 企业代码, logicalType: string, relationships: [{id: holder, to: firms.code}]}
        """,
        "表彰",
        head="",
    ),
}


def test_a_missing_file_is_one_problem_and_not_one_per_child(tmp_path):
    """A thousand orphans would hide that a file was forgotten."""
    write(tmp_path / "530102_表彰.csv", [["award", "企业代码"], ["1", "a"], ["2", "b"]])

    intake = take_in(tmp_path, LINKED, {})

    assert [problem.message for problem in intake.batch_problems] == ["企业:未找到该文件;应交:*企业*, *firms*"]
    assert (len(intake.failures), intake.refuses_batch) == (0, True)


def test_all_problems_of_files_are_told_together(tmp_path):
    """A missing column here and an empty file there are mended in one round."""
    (tmp_path / "企业.csv").write_bytes(b"")
    write(tmp_path / "530102_表彰.csv", [["award", "企业代号"], ["1", "a"]])
    write(tmp_path / "530103_表彰.csv", [["award", "企业代码"], ["2", "a"]])

    intake = take_in(tmp_path, LINKED, {})

    assert [(problem.place, problem.code) for problem in intake.batch_problems] == [
        ("530102_表彰.csv", "header.missing"),
        ("企业.csv", "file.empty"),
    ]
    assert intake.batch_problems[0].message.endswith("是否应为“企业代号”?")
    assert intake.delivered_rows == {"awards": 1, "firms": 0}


def test_workbooks_of_all_divisions_become_one_table(tmp_path):
    """One workbook per division and table, with Chinese headers, as the offices deliver."""
    for division, names in (("530102_五华区", "ab"), ("530103_盘龙区", "c")):
        with xlsxwriter.Workbook(tmp_path / f"{division}_企业.xlsx") as workbook:
            sheet = workbook.add_worksheet("企业")
            for at, cell in enumerate(["code", *names]):
                sheet.write_string(at, 0, cell)
    write(tmp_path / "表彰.csv", [["award", "企业代码"], ["1", "c"]])

    intake = take_in(tmp_path, LINKED, {})

    assert intake.tables["firms"]["code"].to_pylist() == ["a", "b", "c"]
    assert [(one.path, one.rows) for one in intake.inputs] == [
        ("530102_五华区_企业.xlsx", 2),
        ("530103_盘龙区_企业.xlsx", 1),
        ("表彰.csv", 1),
    ]
    assert not intake.refuses_batch


def test_files_that_nothing_claims_are_named_and_harmless(tmp_path):
    """Notes and lock files travel along; what is hidden is not worth a word."""
    write(tmp_path / "企业.csv", [["code"], ["a"]])
    write(tmp_path / "表彰.csv", [["award", "企业代码"], ["1", "a"]])
    for name in ("说明.txt", ".DS_Store", "~$企业.xlsx"):
        (tmp_path / name).write_bytes(b"x")

    intake = take_in(tmp_path, LINKED, {})

    assert (intake.unclaimed, intake.refuses_batch) == (("说明.txt",), False)


def test_every_change_is_listed_with_its_place(tmp_path):
    """An office may ask what became of its cell: raw, clean and why."""
    contract = contract_of(
        "fees",
        """
        {name: id, logicalType: string, primaryKey: true}
        {name: paid_on, logicalType: date}
        {name: yuan, logicalType: number, physicalType: 'DECIMAL(12,2)'}
        """,
    )
    write(tmp_path / "fees.csv", [["id", "paid_on", "yuan"], ["１", "2024/3/5", "1,000.5"], [" 2 ", "2024-03-05", "-"]])

    intake = take_in(tmp_path, {"fees": contract}, {"fees": TableMapping("fees", missing=("", "-"))})

    assert intake.tables["fees"].to_pylist() == [
        {"record_id": "1", "id": "1", "paid_on": date(2024, 3, 5), "yuan": 100050},
        {"record_id": "2", "id": "2", "paid_on": date(2024, 3, 5), "yuan": None},
    ]
    listed = [
        (row["column"], row["row"], row["raw"], row["clean"], row["reason"]) for row in intake.changes.to_pylist()
    ]
    assert listed == [
        ("id", 2, "１", "1", "width"),
        ("id", 3, " 2 ", "2", "blanks"),
        ("paid_on", 2, "2024/3/5", "2024-03-05", "date"),
        ("yuan", 2, "1,000.5", "1000.50", "grouping"),
        ("yuan", 3, "-", None, "missing"),
    ]


def test_a_table_of_distinct_rows_keeps_what_is_broken(tmp_path):
    """Rows without a key make none; a row that cannot be read is refused, not merged away."""
    contract = contract_of("houses", "{name: number, logicalType: integer, primaryKey: true}")
    write(tmp_path / "houses.csv", [["number"], ["2"], ["1"], ["2"], [" "], ["x"], ["x"]])

    intake = take_in(tmp_path, {"houses": contract}, {"houses": TableMapping("houses", distinct=True)})

    assert intake.tables["houses"]["number"].to_pylist() == [1, 2]
    assert [row for _, row, _ in told(intake.failures)] == [6, 7]


def test_a_column_that_is_not_delivered_is_empty(tmp_path):
    """The mapping says so; without a word from it the column would be missed."""
    mapping = TableMapping("awards", absent=("firm",))
    write(tmp_path / "企业.csv", [["code"], ["a"]])
    write(tmp_path / "表彰.csv", [["award"], ["1"]])

    intake = take_in(tmp_path, LINKED, {"awards": mapping})

    assert intake.tables["awards"].to_pylist() == [{"record_id": "1", "award": "1", "firm": None}]


def test_a_table_that_is_not_required_may_be_absent(tmp_path):
    """Its table is there, empty and typed, so that a rulebook can read it."""
    write(tmp_path / "企业.csv", [["code"], ["a"]])

    intake = take_in(tmp_path, LINKED, {"awards": TableMapping("awards", required=False)})

    assert (intake.tables["awards"].num_rows, intake.refuses_batch) == (0, False)
    assert intake.tables["awards"].column_names == ["record_id", "award", "firm"]


def test_reference_tables_come_from_the_code_lists(tmp_path):
    """No office delivers the list of streets, and the manifest still says which list it was."""
    contract = contract_of(
        "subdistricts",
        """
        {name: code, logicalType: string, primaryKey: true}
        {name: name, logicalType: string}
        """,
        head="customProperties: [{property: reference, value: subdistricts.csv}]\n",
    )

    intake = take_in(tmp_path, {"subdistricts": contract}, {})

    assert intake.tables["subdistricts"].num_rows == 150
    assert [one.path for one in intake.inputs] == ["codes/subdistricts.csv"]


def test_a_ticket_goes_to_the_project_that_served_on_the_day(tmp_path):
    """The firm before answers for the last day of its contract, the new one for its first."""
    projects = contract_of(
        "projects",
        """
        {name: project, logicalType: string, primaryKey: true}
        {name: compound, logicalType: string, required: true}
        {name: starts_on, logicalType: date, required: true}
        {name: ends_on, logicalType: date}
        """,
    )
    span = "{table: projects, match: compound, day: received_on, from: starts_on, to: ends_on}"
    custom = f"customProperties: [{{property: attributed, value: {span}}}]"
    tickets = contract_of(
        "tickets",
        f"""
        {{name: ticket, logicalType: string, primaryKey: true}}
        {{name: compound, logicalType: string}}
        {{name: received_on, logicalType: date, required: true}}
        {{name: project, logicalType: string, relationships: [{{to: projects.project}}], {custom}}}
        """,
    )
    write(
        tmp_path / "projects.csv",
        [
            ["project", "compound", "starts_on", "ends_on"],
            ["old", "c", "2024-01-01", "2024-06-30"],
            ["new", "c", "2024-07-01", ""],
        ],
    )
    days = ["2023-12-31", "2024-01-01", "2024-06-30", "2024-07-01"]
    rows = [[str(place), "c", day] for place, day in enumerate(days)]
    write(tmp_path / "tickets.csv", [["ticket", "compound", "received_on"], *rows])

    intake = take_in(tmp_path, {"tickets": tickets, "projects": projects}, {})

    assert intake.tables["tickets"]["project"].to_pylist() == [None, "old", "old", "new"]
    assert len(intake.failures) == 0


def test_a_record_must_lie_within_the_contract_that_it_names(tmp_path):
    """A ticket of July that names the project of June would count against the firm that had left."""
    projects = contract_of(
        "projects",
        """
        {name: project, logicalType: string, primaryKey: true}
        {name: compound, logicalType: string, required: true}
        {name: starts_on, logicalType: date, required: true}
        {name: ends_on, logicalType: date}
        """,
    )
    span = "{table: projects, match: compound, day: received_on, from: starts_on, to: ends_on}"
    custom = f"customProperties: [{{property: attributed, value: {span}}}]"
    tickets = contract_of(
        "tickets",
        f"""
        {{name: ticket, logicalType: string, primaryKey: true}}
        {{name: compound, logicalType: string}}
        {{name: received_on, logicalType: date}}
        {{name: project, logicalType: string, relationships: [{{to: projects.project}}], {custom}}}
        """,
    )
    write(
        tmp_path / "projects.csv",
        [
            ["project", "compound", "starts_on", "ends_on"],
            ["old", "c", "2024-01-01", "2024-06-30"],
            ["new", "c", "2024-07-01", ""],
            ["far", "d", "2024-01-01", ""],
        ],
    )
    given = [
        ["c", "2023-12-31", "old"],
        ["c", "2024-01-01", "old"],
        ["c", "2024-06-30", "old"],
        ["c", "2024-07-01", "old"],
        ["c", "2024-07-01", "far"],
        ["c", "2024-07-01", "none"],
        ["", "2024-07-01", "new"],
        ["c", "", "new"],
    ]
    rows = [[str(place), *cells] for place, cells in enumerate(given)]
    write(tmp_path / "tickets.csv", [["ticket", "compound", "received_on", "project"], *rows])

    intake = take_in(tmp_path, {"tickets": tickets, "projects": projects}, {})

    wrong = "tickets.project.span"
    assert [(rule, row) for rule, row, _ in told(intake.failures)] == [
        (wrong, 2), (wrong, 5), (wrong, 6), ("tickets.project.foreign_key", 7)
    ]  # fmt: skip
    assert intake.tables["tickets"]["ticket"].to_pylist() == ["1", "2", "6", "7"]


def test_progress_is_told_to_the_end(tmp_path):
    """An officer who waits sees how far it is."""
    write(tmp_path / "企业.csv", [["code"], ["a"]])
    write(tmp_path / "表彰.csv", [["award", "企业代码"], ["1", "a"]])
    heard: list[tuple[str, int, int]] = []

    take_in(tmp_path, LINKED, {}, lambda *step: heard.append(step))

    assert heard == [("read", 0, 2), ("read", 1, 2), ("read", 2, 2), ("check", 0, 2), ("check", 1, 2), ("check", 2, 2)]


def test_a_folder_that_is_not_there_is_an_error(tmp_path):
    """A misspelt path is not an empty delivery."""
    with pytest.raises(NotADirectoryError, match="found no folder"):
        take_in(tmp_path / "none", LINKED, {})


def test_foreign_keys_in_a_circle_are_an_error(tmp_path):
    """No order of tables could settle them."""
    one = contract_of(
        "ones",
        """
        {name: id, logicalType: string, primaryKey: true}
        {name: two, logicalType: string, relationships: [{id: two, to: twos.id}]}
        """,
    )
    two = contract_of(
        "twos",
        """
        {name: id, logicalType: string, primaryKey: true}
        {name: one, logicalType: string, relationships: [{id: one, to: ones.id}]}
        """,
    )

    with pytest.raises(ValueError, match="in a circle among ones, twos"):
        take_in(tmp_path, {"ones": one, "twos": two}, {})


def test_the_digest_of_a_repeating_record_knows_all_its_cells():
    """Two evaluations of a day that differ in one grade alone are two records by content, not by place."""
    ids = sample("rentsafeto-2017").tables["evaluations"]["record_id"]

    repeated = pc.starts_with(ids, "4304347/2022-12-07#")
    assert len({name.split("#")[1] for name in ids.filter(repeated).to_pylist()}) == 3


WARNED = """
apiVersion: v3.2.0
kind: DataContract
id: visits
version: 1.0.0
status: active
schema:
  - name: visits
    properties:
      - {name: id, logicalType: string, primaryKey: true}
      - name: points
        logicalType: integer
        required: true
        quality: [{metric: invalidValues, arguments: {validValues: ['1', '2']}, mustBe: 0, severity: warning, id: odd}]
      - {name: note, logicalType: string, quality: [{metric: nullValues, mustBe: 0, severity: warning, id: noted}]}
"""


def test_warnings_go_along_with_the_records_that_were_accepted(tmp_path):
    """A refused row goes back with its reasons; only what is rated can carry a remark into a line."""
    (tmp_path / "visits.csv").write_text("id,points,note\nb,9,x\na,9,\nc,,\nd,1,x\n", encoding="utf-8")
    contract = load_contract(WARNED, "visits.odcs.yaml")

    intake = take_in(tmp_path, {"visits": contract}, {})

    assert intake.warnings.select(["table", "record", "rule", "column"]).to_pylist() == [
        {"table": "visits", "record": "a", "rule": "noted", "column": "note"},
        {"table": "visits", "record": "a", "rule": "odd", "column": "points"},
        {"table": "visits", "record": "b", "rule": "odd", "column": "points"},
    ]
