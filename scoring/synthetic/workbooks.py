"""Excel workbooks as offices deliver them: one per unit and table, Chinese headers and labels, ids as text, real dates.

The same cells give the same bytes: the day of creation is fixed, and workbooks are put together in memory, where
XlsxWriter dates the parts of the archive itself. A second sheet says that everything is made up; intake reads the
first.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import xlsxwriter

from data_contracts.model import Column
from scoring.synthetic.layout import Layout
from scoring.synthetic.names import MARK
from scoring.synthetic.places import Unit
from scoring.synthetic.years import EPOCH

NOTICE: Final = (
    f"合成数据({MARK}):企业、小区、人员和记录均为程序虚构,不代表任何真实主体。"
    "Synthetic data: every firm, compound and record is made up."
)
_CREATED: Final = datetime(2025, 1, 2)  # noqa: DTZ001  # a workbook knows no zone
_SERIAL_ZERO: Final = 693_594  # ordinal of 1899-12-30, from which spreadsheets count days
_TRUTH: Final = ("否", "是")


def write_workbooks(
    folder: Path, unit: Unit, tables: Mapping[str, pa.Table], layouts: Mapping[str, Layout], part: int
) -> None:
    """Write each table of *unit* that has rows; the parts after the first of a large unit carry a number.

    Args:
        folder: An existing folder.
        unit: Whose files they are.
        tables: Rows by table.
        layouts: How each table is delivered.
        part: From 0.
    """
    ending = f"_{part + 1}" if part else ""
    with _uncollected():
        for table, rows in tables.items():
            if rows.num_rows:
                path = folder / f"{unit.code}_{unit.name}_{layouts[table].title}{ending}.xlsx"
                _write(path, rows, layouts[table])


@contextmanager
def _uncollected() -> Iterator[None]:
    """XlsxWriter makes an object per cell and no cycles; looking for some would take a seventh of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _write(path: Path, rows: pa.Table, layout: Layout) -> None:
    book = xlsxwriter.Workbook(str(path), {"in_memory": True, "strings_to_urls": False})
    book.set_properties({"title": layout.title, "comments": NOTICE, "created": _CREATED})
    sheet = book.add_worksheet(layout.title)
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for place, column in enumerate(layout.columns):
        sheet.write_string(0, place, column.title)
        _fill(sheet, place, rows[column.name].combine_chunks(), column, day)
    sheet.set_column(0, len(layout.columns) - 1, 16)
    book.add_worksheet("说明").write_string(0, 0, NOTICE)
    book.close()


def _fill(sheet: Any, place: int, cells: pa.Array, column: Column, day: Any) -> None:  # XlsxWriter has no types
    match column.type.kind:
        case "day":
            for row, value in _present(cells.cast(pa.int32())):
                sheet.write_number(row, place, value + EPOCH - _SERIAL_ZERO, day)
        case "number":
            for row, value in _present(cells):
                sheet.write_number(row, place, float(value))
        case "truth":
            for row, value in _present(cells):
                sheet.write_string(row, place, _TRUTH[value])
        case _:
            labels = column.labels
            for row, value in _present(cells):
                sheet.write_string(row, place, labels.get(value, value))


def _present(cells: pa.Array) -> list[tuple[int, Any]]:
    """Row numbers and values of the cells that hold something."""
    return [(row, value) for row, value in enumerate(cells.to_pylist(), 1) if value is not None]
