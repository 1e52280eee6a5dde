"""Hostile and clumsy files: each is refused by name, soon, and without the memory it asks for."""

from __future__ import annotations

import json
import os
import resource
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_contracts.expressions import TEXT
from data_contracts.mapping import TableMapping
from data_contracts.mapping.apply import shape
from data_contracts.model import Column, Contract
from data_contracts.problems import UnreadableError
from data_contracts.readers import Fence, open_delivered, worker
from data_contracts.readers.grid import header_of
from tests.data.hostile.make_hostile import repeated

CORPUS = Path(__file__).parents[1] / "data" / "hostile"
EXPECTED: dict[str, str] = json.loads((CORPUS / "expected.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def fence() -> Iterator[Fence]:
    """One child process for all files."""
    with Fence() as one:
        yield one


def outcome(path: Path, fence: Fence) -> str:
    """The code of the refusal, or that cells came out."""
    try:
        delivered = open_delivered(path, path.name, fence)
        sheet = delivered.read(delivered.sheets[0], ())
    except UnreadableError as error:
        return error.code
    return "cells" if {len(column) for column in sheet.columns.values()} == {len(sheet)} else "ragged columns"


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_hostile_file_is_refused_by_name(name, fence):
    """The office is told what is wrong with its file; the machine is not taken down by it."""
    assert outcome(CORPUS / name, fence) in EXPECTED[name].split("|")


def test_the_corpus_is_what_its_script_makes():
    """A file whose making nobody knows cannot be trusted to be the attack it is named after."""
    made = {path.name for path in CORPUS.iterdir()} - {"expected.json", "make_hostile.py", "__pycache__"}

    assert made == set(EXPECTED)


def test_a_workbook_that_kills_its_reader_leaves_the_next_one_readable(tmp_path, fence):
    """One county's broken file must not cost the other thirteen theirs."""
    good = tmp_path / "投诉.xlsx"
    with xlsxwriter.Workbook(good) as book:
        sheet = book.add_worksheet("投诉")
        sheet.write_row(0, 0, ["编号"])
        sheet.write_row(1, 0, ["1"])

    outcomes = [outcome(path, fence) for path in (good, CORPUS / "bomb_shared.xlsx", good)]

    assert outcomes == ["cells", "file.costly", "cells"]


def test_reading_costs_this_process_no_memory(fence):
    """What a bomb asks for is asked of the child, which may not have it."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    outcomes = [outcome(CORPUS / name, fence) for name in sorted(EXPECTED) if name.startswith("bomb")]

    grown_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert "cells" not in outcomes
    assert grown_kb < 100 * 1024
    assert worker.MEMORY_BYTES <= 2 << 30


def test_one_child_reads_all_workbooks(tmp_path):
    """Starting Python 361 times would cost more than reading 361 workbooks."""
    paths = [tmp_path / f"{place}.xlsx" for place in range(3)]
    for path in paths:
        with xlsxwriter.Workbook(path) as book:
            book.add_worksheet("a").write_column(0, 0, ["编号", path.stem])

    with Fence() as fence:
        opened = [open_delivered(path, path.name, fence) for path in paths]
        children = set(Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text(encoding="ascii").split())
        cells = [one.read("a", ()).columns["编号"].to_pylist() for one in opened]

    assert cells == [["0"], ["1"], ["2"]]
    assert len(children) == 1


@pytest.mark.parametrize("rows, code", [(50, "cells"), (20_000, "sheet.repeated")])
def test_a_row_may_stand_for_a_few_others_and_not_for_all(tmp_path, fence, rows: int, code: str):
    """LibreOffice writes equal rows once, with their number; nobody has as many as the file has bytes."""
    path = tmp_path / "投诉.ods"
    path.write_bytes(repeated(rows))

    assert outcome(path, fence) == code


def test_a_line_of_100_mb_is_refused(tmp_path, fence):
    """It is a lost quotation mark or an attack; neither is a row."""
    path = tmp_path / "投诉.csv"
    path.write_bytes(b"a,b\n1," + b"x" * 100_000_000 + b"\n")

    assert outcome(path, fence) == "row.long"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_changed_hostile_file_is_read_or_refused(tmp_path, fence, data):
    """Attacks come in variants; none may end in a traceback."""
    name = data.draw(st.sampled_from(sorted(name for name in EXPECTED if not name.startswith("bomb"))))
    content = bytearray((CORPUS / name).read_bytes())
    for at, byte in data.draw(st.lists(st.tuples(st.integers(0, 5_000), st.integers(0, 255)), max_size=5)):
        if content:
            content[at % len(content)] = byte
    path = tmp_path / f"投诉{Path(name).suffix}"
    path.write_bytes(bytes(content))

    assert outcome(path, fence) != "ragged columns"


def clumsy(folder: Path, suffix: str = ".xlsx") -> Path:
    """A workbook as a clerk makes it: a merged title, two header rows, one merged cell below them."""
    path = folder / f"投诉{suffix}"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("投诉")
        sheet.merge_range(0, 0, 0, 3, "五华区投诉工单汇总")
        sheet.write_row(1, 0, ["填报单位:住建局"])
        sheet.merge_range(2, 0, 3, 0, "编号")
        sheet.merge_range(2, 1, 2, 2, "日期")
        sheet.write_row(3, 1, ["受理", "办结"])
        sheet.merge_range(2, 3, 3, 3, "小区")
        for row, number in enumerate(("1", "2"), start=4):
            sheet.write_row(row, 0, [number, "2024-03-05", "2024-03-06"])
        sheet.merge_range(4, 3, 5, 3, "翠湖苑")
    return path


@pytest.fixture(scope="module")
def good_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A small delivery of each kind by suffix, as an office would send it."""
    rows = [{"编号": f"T{row}", "日期": "2024-03-05", "件数": row} for row in range(12)]
    parquet = tmp_path_factory.mktemp("good") / "投诉.parquet"
    pq.write_table(pa.Table.from_pylist(rows), parquet)
    lines = ["编号,日期,件数", *(f'"{one["编号"]}",{one["日期"]},{one["件数"]}' for one in rows)]
    return {
        ".xlsx": clumsy(parquet.parent).read_bytes(),
        ".csv": "\n".join(lines).encode(),
        ".json": json.dumps(rows, ensure_ascii=False).encode(),
        ".parquet": parquet.read_bytes(),
    }


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_good_file_is_read_or_refused(tmp_path, fence, good_files, data):
    """Mails and discs damage files; whatever is left of one ends in cells or in a reason."""
    suffix = data.draw(st.sampled_from(sorted(good_files)))
    content = good_files[suffix]
    for at, gone, put in data.draw(
        st.lists(st.tuples(st.integers(0, 20_000), st.integers(0, 20), st.binary(max_size=12)), max_size=4)
    ):
        place = at % (len(content) + 1)
        content = content[:place] + put + content[place + gone :]
    path = tmp_path / f"投诉{suffix}"
    path.write_bytes(content)

    assert outcome(path, fence) != "ragged columns"


def test_the_header_is_found_below_titles_and_across_two_rows(tmp_path, fence):
    """Clerks give their sheets a title and group their columns; the numbers of the rows stay theirs."""
    path = clumsy(tmp_path)
    known = {"编号", "受理", "日期办结", "小区"}

    sheet = open_delivered(path, path.name, fence).read("投诉", known)

    assert list(sheet.columns) == ["编号", "受理", "日期办结", "小区"]
    assert sheet.rows.to_pylist() == [5, 6]


def test_a_merged_cell_is_marked_and_says_whose_text_it_shows(tmp_path, fence):
    """Only the contract can say whether a merged cell speaks for all its rows."""
    path = clumsy(tmp_path)

    sheet = open_delivered(path, path.name, fence).read("投诉", {"编号", "受理", "办结", "小区"})

    assert sheet.damage == {"小区": {1: "merged"}}
    assert sheet.cover == {"小区": {1: 0}}


@pytest.mark.parametrize(
    "merged,expected", [(True, (["翠湖苑", "翠湖苑"], {})), (False, (["翠湖苑", ""], {1: "merged"}))]
)
def test_a_merged_cell_speaks_for_its_rows_where_the_contract_says_so(tmp_path, fence, merged, expected):
    """A compound written once for its three tickets is fine; a merged date may be anybody's."""
    column = Column("compound", "小区", TEXT, merged=merged)
    contract = Contract("complaints", "投诉", "1.0.0", (column,), (), False, (), (), "zh", "")
    sheet = open_delivered(clumsy(tmp_path), "投诉.xlsx", fence).read("投诉", {"编号", "受理", "办结", "小区"})

    shaped, _ = shape(sheet, contract, TableMapping("complaints"))

    assert shaped is not None
    assert (shaped.cells["compound"].to_pylist(), shaped.damage["compound"]) == expected


def test_titles_above_comma_separated_rows_are_passed_over(tmp_path, fence):
    """A title has one cell; as the header it would make every row below it ragged."""
    path = tmp_path / "投诉.csv"
    path.write_text("五华区投诉工单\n\n编号,小区\n1,翠湖苑\n", encoding="gb18030")

    sheet = open_delivered(path, path.name, fence).read("", {"编号", "小区"})

    assert (list(sheet.columns), sheet.rows.to_pylist()) == (["编号", "小区"], [4])


@pytest.mark.parametrize(
    "top,expected",
    [
        ([["编号", "小区"], ["小区", "1"]], (["编号", "小区"], 1)),
        ([["编号", "备注"], ["1", "小区"]], (["编号", "备注"], 1)),
        ([["a", "b"], ["c", "d"]], (["a", "b"], 1)),
        ([["小区情况", ""], ["编号", "小区"], ["1", "2"]], (["编号", "小区"], 2)),
    ],
)
def test_data_are_not_taken_for_headers(top, expected):
    """A cell that happens to hold the word of a header does not swallow the first record."""
    assert header_of(top, frozenset({"编号", "小区"})) == expected
