"""`refused.csv`: every refused row with every reason, in the words and under the row numbers of the office.

One line per reason, because an office mends cells, not records. Values of personal columns are not repeated, and no
cell can become a formula in the program that opens the file.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from data_contracts.failures import Failures
from data_contracts.model import Contract
from data_contracts.personal import MASK, masked
from data_contracts.problems import Problem
from data_contracts.quarantine.told import headers

COLUMNS: Final = ("table", "file", "sheet", "row", "column", "header", "value", "rule", "message", "legal_basis")
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def refused_csv(problems: Iterable[Problem], failures: Failures, contracts: Mapping[str, Contract]) -> bytes:
    """The file's bytes: UTF-8 with the mark that spreadsheet programs need, lines ended by LF.

    Args:
        problems: Faults of files and headers; they come first, with the place as their file and no row.
        failures: Of all tables; warnings are left out.
        contracts: Say which columns are personal, and under which header the office knows a column.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for problem in problems:
        writer.writerow(map(inert, ("", problem.place, "", "", "", "", "", problem.code, problem.message, "")))
    for line in _lines(failures, contracts):
        writer.writerow(map(inert, line))
    return text.getvalue().encode("utf-8-sig")


def inert(cell: str) -> str:
    """*cell* as text that no spreadsheet program takes for a formula; plain numbers stay as they are.

    >>> inert("=1+1"), inert("-6"), inert("张三")
    ("'=1+1", '-6', '张三')
    """
    if not cell.startswith(_FORMULA) or cell[1:].replace(".", "", 1).isdigit():
        return cell
    return f"'{cell}"


def _lines(failures: Failures, contracts: Mapping[str, Contract]) -> Iterator[Sequence[str]]:
    personal = {
        table: {column.name for column in contract.columns if column.classification == "personal"}
        for table, contract in contracts.items()
    }
    for row in failures.errors.sorted().table.to_pylist():
        cells = {name: "" if cell is None else str(cell) for name, cell in row.items()}
        cells["header"] = headers(cells["column"], contracts[cells["table"]]) if cells["table"] in contracts else ""
        if cells["value"] and personal.get(cells["table"], set()).intersection(cells["column"].split(", ")):
            cells["value"] = MASK
        cells["value"] = masked(cells["value"])
        yield [cells[name] for name in COLUMNS]
