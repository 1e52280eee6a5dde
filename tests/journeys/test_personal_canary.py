"""Canaries wherever a person could be written down: none of them may be found in anything that comes out."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pytest
from starlette.testclient import TestClient

import scoring
from api.app import create_app
from data_contracts.gx import record
from data_contracts.intake import Intake, take_in
from data_contracts.mapping import load_mappings
from data_contracts.report import batch_report
from data_contracts.shelf import shipped_contracts
from data_contracts.workbook import annotated_copy
from scoring.rulebook import find_rulebook
from scoring.synthetic.city import synthesize
from tests.journeys.canaries import (
    ALL,
    CARD,
    MAIL,
    NAME,
    PHONE,
    WRITTEN,
    contradict,
    deliver_one_row,
    found_in,
    leaks,
    misplace,
    plant,
)

OFFICE = "530102_五华区"
BOOK = "kunming/2024"


@pytest.fixture(scope="module")
def delivery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A city whose office 五华区 writes persons everywhere: in cells, headers, sheets, comments and file names."""
    folder = synthesize(tmp_path_factory.mktemp("city"), seed=5, scale=0.25, jobs=1).delivered[2024][0]
    contracts = shipped_contracts()
    for contract in (one for one in contracts.values() if not one.reference):
        path = folder / f"{OFFICE}_{contract.title}.xlsx"
        if path.exists():
            plant(path, contract)
        else:
            deliver_one_row(path, contract)
        path.rename(folder / f"{OFFICE}_{contract.title}_{PHONE}.xlsx")
    contradict(folder / f"{OFFICE}_投诉工单_{PHONE}.xlsx", folder / f"{OFFICE}_住宅小区_{PHONE}.xlsx")
    misplace(folder / "某单位_从业人员.csv", contracts["staff"])
    (folder / f"备忘 {CARD}.txt").write_text(ALL, "utf-8")
    return folder


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the commands write."""
    return tmp_path_factory.mktemp("work")


def run(*words: str | Path) -> str:
    """What a command says on both its streams."""
    code = "from api.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, words)], capture_output=True, text=True, check=False, timeout=300
    )
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def evaluated(delivery: Path, work: Path) -> str:
    """What `evaluate` says; its result is in work/out."""
    return run("evaluate", BOOK, "--data", delivery, "--out", work / "out", "--records", "--allow-refused", "100")


@pytest.fixture(scope="module")
def intake(delivery: Path) -> Intake:
    """The delivery as a notebook has it."""
    book = scoring.load_rulebook(BOOK)
    with_mappings = load_mappings([find_rulebook(BOOK) / "mappings"], book.contracts)
    return take_in(delivery, book.contracts, with_mappings)


def contents(folder: Path) -> Iterator[tuple[str, str]]:
    """Every file below *folder* by its own name and as text: tables cell by cell, workbooks part by part."""
    for path in sorted(folder.rglob("*")):
        yield str(path.relative_to(folder)), path.name
        if path.suffix == ".parquet":
            table = pq.read_table(path)
            words = pq.read_table(path, read_dictionary=table.column_names)  # some may be in no row
            yield path.name, f"{table.to_pylist()}{table.schema.metadata}"
            yield (
                path.name,
                "".join(str(getattr(one, "dictionary", "")) for each in words.columns for one in each.chunks),
            )
            yield path.name, path.read_bytes().decode("utf-8", "replace")
        elif path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as parts:
                yield from ((f"{path.name}/{part}", parts.read(part).decode("utf-8")) for part in parts.namelist())
        elif path.is_file():
            yield path.name, path.read_bytes().decode("utf-8", "replace")


def test_no_file_of_a_result_and_no_line_of_the_terminal_holds_a_canary(evaluated, work):
    """A telephone number that reaches a public page cannot be taken back."""
    assert (work / "out" / "manifest.json").exists(), evaluated
    assert leaks([("terminal", evaluated), *contents(work / "out")]) == []


def test_checking_and_sending_back_hold_no_canary(delivery, work):
    """A fix workbook is mailed, a report is printed: each goes further than the office that wrote the cell."""
    said = run("fixes", BOOK, "--data", delivery, "--out", work / "fixes")
    again = run("validate", BOOK, "--data", delivery, "--corrections", work / "fixes")
    made = [run("contract", what, "--out", work / folder) for what, folder in (("template", "forms"), ("docs", "docs"))]

    assert {path.suffix for path in (work / "fixes").iterdir()} == {".xlsx", ".html", ".json"}
    written = (one for folder in ("fixes", "forms", "docs") for one in contents(work / folder))
    assert leaks([("fixes", said), ("validate", again), ("contract", str(made)), *written]) == []


def test_a_masked_row_that_comes_back_changes_nothing(delivery, work):
    """The mask is what we sent, not what the office wrote."""
    run("fixes", BOOK, "--data", delivery, "--out", work / "returned")
    book = scoring.load_rulebook(BOOK)
    mappings = load_mappings([find_rulebook(BOOK) / "mappings"], book.contracts)

    before = take_in(delivery, book.contracts, mappings)
    after = take_in(delivery, book.contracts, mappings, corrections=work / "returned")

    assert [str(one) for one in after.batch_problems] == []
    assert after.refused_rows == before.refused_rows
    assert "correction" not in after.changes["reason"].to_pylist()


def test_what_a_clerk_mends_below_a_persons_header_is_told_to_nobody(delivery, work):
    """The header is reworded and the workbook renamed: what was written there is listed as changed, and no more."""
    run("fixes", BOOK, "--data", delivery, "--out", work / "round")
    path = next(path for path in (work / "round").glob("需修改的行_530102_*"))
    book = openpyxl.load_workbook(path)
    page = book["投诉工单"]
    column = next(cell.column for cell in page[1] if cell.value == "诉求 地址")
    for row in range(2, page.max_row + 1):
        page.cell(row, column).value = f"{NAME}家"
    book.save(path)
    path.rename(path.with_name(f"改好 {PHONE}.xlsx"))

    corrections = ("--corrections", work / "round")
    said = run("validate", BOOK, "--data", delivery, *corrections, "--changes", work / "changed.csv")
    said += run("evaluate", BOOK, "--data", delivery, *corrections, "--out", work / "mended", "--allow-refused", "100")
    said += run("fixes", BOOK, "--data", delivery, *corrections, "--out", work / "second")

    changed = (work / "changed.csv").read_text("utf-8")
    assert "诉求 地址,***,***,correction" in changed
    assert (work / "mended" / "manifest.json").exists(), said
    written = (one for folder in ("mended", "second") for one in contents(work / folder))
    assert leaks([("terminal", said), ("changes", changed), *written]) == []


def test_no_answer_of_the_service_holds_a_canary(evaluated, work):
    """Every address of every unit that the office's records lead to, as page and as JSON, in both languages."""
    assert (work / "out" / "manifest.json").exists(), evaluated
    answers = []
    with TestClient(create_app(work / "out")) as client:
        for kind in ("project", "firm", "site"):
            units = [one for one in client.get(f"/v1/{kind}?limit=500").json()["items"] if one["division"] == "530102"]
            assert units
            links = [unit["links"] for unit in units]
            addresses = [each for one in links for each in (one["self"], one["page"], f"{one['page']}?lang=en")]
            answers += [(address, client.get(address).text) for address in addresses]
        fixed = ("/", "/?lang=en", "/sites", "/rulebook", f"/search?q={NAME[:1]}", "/units/project", "/units/none")
        machines = ("/v1/", "/v1/units", "/v1/sites", "/v1/rulebook", "/v1/manifest", "/v1/openapi.json", "/healthz")
        answers += [(address, client.get(address).text) for address in (*fixed, *machines, "/v1/firm/none")]

    assert leaks(answers) == []


def test_no_answer_counts_fewer_than_five_people(evaluated, work):
    """Exact numbers stay in the result folder; of the made-up city's many small ones none is told to the public."""
    assert (work / "out" / "manifest.json").exists(), evaluated
    counts = ("equipment_posts", "equipment_certified", "members", "owners_members", "owners_party", "answers")
    columns = ("headcount", "certified", "members", "party_members", "staff_party_members", "responses")
    out, told, few = scoring.open_result(work / "out"), [], 0
    with TestClient(create_app(work / "out")) as client:
        for kind in ("project", "site"):
            exact = {row["project_id"]: row for row in out.facts(kind).to_pylist()}
            for key, row in list(exact.items())[:80]:
                sheet = client.get(f"/v1/{kind}/{key}").json()
                small = {name for name in counts if row.get(name) and row[name] < 5}
                few += len(small)
                reads = [*sheet["facts"], *(one for line in sheet["lines"] for one in line["reads"])]
                told += [one for one in reads if one["name"] in small and (one["text"] or one["amount"])]
                groups = [group for line in sheet["lines"] for group in line["records"]]
                cells = [item["cells"].get(name) for group in groups for item in group["items"] for name in columns]
                told += [cell for cell in cells if cell and cell["value"] in (1, 2, 3, 4)]
                told += [line for line in sheet["lines"] if line["withheld"] and (line["points"] or line["amount"])]

    assert few > 100
    assert told == []


def test_no_explanation_holds_a_canary(evaluated, work):
    """`explain` lists the columns of every record behind a line."""
    assert (work / "out" / "manifest.json").exists(), evaluated
    out = scoring.open_result(work / "out")
    own = [row["project_id"] for row in out.ratings["project"].to_pylist() if row["division"] == "530102"]
    told = [("tell", str([one.as_json() for one in scoring.tell(out, "project", [key])])) for key in own]
    told += [("explain", run("explain", work / "out", "project", own[0]))]
    told += [("json", run("explain", work / "out", "project", own[0], "--json"))]

    assert leaks(told) == []
    assert own[0] in told[-1][1]


def test_the_library_prints_and_raises_no_canary(intake):
    """A notebook shows whatever stands last in a cell, and a traceback shows what it was about."""
    contracts = scoring.load_rulebook(BOOK).contracts
    shown = [
        ("repr", repr(intake)),
        ("failures", str(intake.failures.table.to_pylist())),
        ("changes", str(intake.changes.to_pylist())),
        ("tables", str({name: table.to_pylist() for name, table in intake.tables.items()})),
        ("record", str(record(intake.checked, contracts))),
        *((f"report.{language}", batch_report(intake, contracts, language)) for language in ("zh", "en")),
    ]
    card = scoring.Card.from_rules(scoring.load_rulebook(BOOK), "project")
    for value in (ALL, *WRITTEN):
        with pytest.raises(scoring.InputError) as refused:
            card.score({one.name: value for one in card.inputs})
        shown.append(("exception", str(refused.value)))

    assert leaks(shown) == []


def test_an_annotated_copy_holds_no_canary(intake, tmp_path):
    """It shows the cells as they were delivered, to whoever opens it."""
    for number, rows in enumerate(intake.returned):
        (tmp_path / f"{number}.xlsx").write_bytes(annotated_copy(rows.sheet, rows.reasons, rows.personal))

    assert leaks(contents(tmp_path)) == []


def test_a_refused_delivery_says_why_without_a_canary(work):
    """A missing column lists the headers that are there, a workbook of another kind its name."""
    bad = work / f"bad {PHONE}"
    bad.mkdir()
    hidden = "\u200d".join((PHONE[:3], PHONE[3:7], PHONE[7:]))
    (bad / f"投诉工单 {PHONE}.csv").write_text(f"工单编号,{MAIL},{hidden},{'某' * 33}{PHONE}\n1,{ALL},1,1\n", "utf-8")
    (bad / f"住宅小区 {CARD}.xlsx").write_bytes(ALL.encode())
    (bad / f"物业服务企业 {PHONE}.json").write_text(f'[{{"统一社会信用代码": {{"{MAIL}": "{ALL}"}}}}]', "utf-8")

    said = run("evaluate", BOOK, "--data", bad, "--out", work / "never")

    assert "***" in said
    assert not (work / "never").exists()
    assert leaks([("terminal", said.replace(str(bad), ""))]) == []
    assert PHONE[:7] not in said.replace(str(bad), "")  # nor the part that a cut leaves


def test_the_canaries_were_really_delivered_and_taken_in(intake, evaluated, work):
    """A canary that nobody planted is never found."""
    assert (work / "out" / "manifest.json").exists(), evaluated
    texts = dict(contents(work / "out"))

    assert all(found_in(one) for one in (ALL, *WRITTEN))
    assert "***" in texts["refused.csv"]
    assert sum(intake.refused_rows.values()) > 100
    kept = {name for name, table in intake.tables.items() if "***" in str(table.to_pylist())}
    assert {"commendations", "compounds", "matters", "projects", "surveys"} <= kept
    rules = set(intake.failures.table["rule"].to_pylist())
    assert {"complaints.ticket_id.person", "inspections.inspection_id.person"} <= rules
    assert any("***" in one.path for one in intake.inputs)
    assert "备忘 ***.txt" in intake.unclaimed
    assert [rows.office for rows in intake.returned if rows.sheet.file == "某单位_从业人员.csv"] == [PHONE]


def test_nothing_of_the_other_offices_was_masked(intake):
    """A mask in a code, number or document of an honest delivery would lose a record."""
    others = [
        str(row)
        for table in intake.tables.values()
        for row in table.to_pylist()
        if row.get("division_code", OFFICE[:6]) != OFFICE[:6]
    ]

    assert len(others) > 10_000
    assert [row for row in others if "***" in row] == []
