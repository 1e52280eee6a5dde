"""refused.csv: what an office opens to see what it must mend."""

from __future__ import annotations

import csv
import io

import pyarrow as pa

from data_contracts.expressions import TEXT
from data_contracts.failures import SCHEMA, Failures
from data_contracts.model import Column, Contract
from data_contracts.problems import UnreadableError
from data_contracts.quarantine import COLUMNS, inert, refused_csv

CONTRACTS = {
    "complaints": Contract(
        table="complaints",
        title="投诉工单",
        version="1.0.0",
        columns=(Column("caller", "来电人", TEXT, classification="personal"), Column("kind", "类别", TEXT)),
        key=(),
        key_repeats=False,
        relationships=(),
        rules=(),
        language="zh",
        digest="",
    )
}


def failure(**cells: object) -> dict[str, object]:
    """One failure; what is not given is empty."""
    given = {"table": "complaints", "rule": "r", "severity": "error", "file": "a.csv", "row": 2, "message": "m"}
    return dict.fromkeys(SCHEMA.names) | given | cells


def lines(*failures: dict[str, object], problems: tuple[UnreadableError, ...] = ()) -> list[list[str]]:
    """The file as a spreadsheet program reads it, without its header."""
    table = Failures(pa.Table.from_pylist(list(failures), SCHEMA))
    data = refused_csv([error.problem("zh") for error in problems], table, CONTRACTS)
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    assert tuple(rows[0]) == COLUMNS
    return rows[1:]


def test_each_reason_is_a_line_with_its_place():
    """An office mends cells: it needs file, sheet, row, column and what stands there."""
    cell = failure(sheet="投诉", column="kind", value="x", legal_basis="第六条")

    assert lines(cell) == [["complaints", "a.csv", "投诉", "2", "kind", "类别", "x", "r", "m", "第六条"]]


def test_warnings_refuse_nothing_and_are_left_out():
    """The file lists what keeps a row from being rated."""
    assert lines(failure(severity="warning")) == []


def test_faults_of_files_come_first():
    """A missing column explains the rest."""
    rows = lines(failure(), problems=(UnreadableError("file.empty", "b.csv"),))

    assert rows[0][1] == "b.csv"
    assert rows[0][7] == "file.empty"
    assert len(rows) == 2


def test_values_of_personal_columns_are_not_repeated():
    """The list goes through many hands; the office has the file."""
    rows = lines(
        failure(column="caller", value="13800000000"),
        failure(column="kind, caller", value="x, 13800000000"),
        failure(column="kind", value="x"),
    )

    assert sorted(row[6] for row in rows) == ["***", "***", "x"]


def test_no_cell_becomes_a_formula():
    """A delivered =HYPERLINK(…) must not run on the officer's machine."""
    rows = lines(failure(column="kind", value="=1+1"))

    assert rows[0][6] == "'=1+1"


def test_numbers_below_zero_stay_numbers():
    """-6 is a value, not an attack."""
    assert [inert(text) for text in ("-6", "-0.5", "+86", "-6+1", "@x", "\tx")] == [
        "-6",
        "-0.5",
        "+86",
        "'-6+1",
        "'@x",
        "'\tx",
    ]


def test_the_bytes_are_the_same_every_time():
    """A second run writes the same file."""
    table = Failures(pa.Table.from_pylist([failure(row=3), failure(row=1)], SCHEMA))
    turned = Failures(pa.Table.from_pylist([failure(row=1), failure(row=3)], SCHEMA))

    assert refused_csv([], table, CONTRACTS) == refused_csv([], turned, CONTRACTS)
