"""Canaries in every text column of a delivery: none of them may be found in anything that `evaluate` writes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pytest

from api.cli.evaluate import run_evaluate
from data_contracts.model import Contract
from data_contracts.personal import is_free_text
from data_contracts.shelf import shipped_contracts
from data_contracts.workbook import template_workbook
from scoring.synthetic.city import synthesize

PHONE, MAIL, CARD = "13987654321", "canary@example.com", "530102199003071234"
NAMES = ("金丝雀甲", "金丝雀乙")
CANARIES = (PHONE, MAIL, CARD, *NAMES)
OFFICE = "530102_五华区"


def plant(path: Path, contract: Contract) -> None:
    """A canary in each free text of the second row, in every text of the last, and a caller's name beside them."""
    book = openpyxl.load_workbook(path)
    page = book.worksheets[0]
    columns = {cell.value: cell.column for cell in page[1]}
    for column in contract.columns:
        if column.type.kind != "text" or column.title not in columns:
            continue
        if is_free_text(column, contract):
            page.cell(2, columns[column.title]).value = f"{PHONE} {MAIL}"
        page.cell(page.max_row, columns[column.title]).value = f"{CARD} {PHONE}"
    page.cell(1, page.max_column + 1).value = "投诉人"
    for row in range(2, page.max_row + 1):
        page.cell(row, page.max_column).value = NAMES[0]
    book.save(path)


def member_units(path: Path) -> None:
    """A table with a personal column: one row in order, one refused."""
    contract = shipped_contracts()["member_units"]
    path.write_bytes(template_workbook(contract))
    book = openpyxl.load_workbook(path)
    for number, day in enumerate(("2024-01-02", "昨天"), start=1):
        book[contract.title].append(["530102", f"U{number}", "530102001", "示例单位", "学校", day, "", NAMES[1], PHONE])
    book.save(path)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The result of a city with canaries."""
    folder = synthesize(tmp_path_factory.mktemp("city"), seed=5, scale=0.25, jobs=1).delivered[2024][0]
    for contract in shipped_contracts().values():
        path = folder / f"{OFFICE}_{contract.title}.xlsx"
        if path.exists():
            plant(path, contract)
    member_units(folder / f"{OFFICE}_共建单位.xlsx")
    out = tmp_path_factory.mktemp("result") / "out"
    run_evaluate("kunming/2024", folder, out, None, [], with_records=True, allow_refused=100)
    return out


def contents(out: Path) -> Iterator[tuple[str, str]]:
    """Every file as text; columnar files cell by cell."""
    for path in sorted(out.rglob("*")):
        if path.suffix == ".parquet":
            yield path.name, str(pq.read_table(path).to_pylist())
        elif path.is_file():
            yield path.name, path.read_bytes().decode("utf-8", "replace")


@pytest.mark.parametrize("canary", CANARIES)
def test_no_output_holds_a_canary(written, canary):
    """A telephone number that reaches a public page cannot be taken back."""
    assert [name for name, text in contents(written) if canary in text] == []


def test_the_canaries_were_really_delivered(written):
    """A canary that nobody planted is never found."""
    texts = dict(contents(written))

    assert "***" in texts["refused.csv"]
    assert any("*** ***" in text for name, text in contents(written) if name.endswith(".parquet"))
    assert "member_units" in texts["refused.csv"]
