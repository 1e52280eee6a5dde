"""An .xlsx of 200,000 complaints from file to fix list: read in the fenced child, normalised, validated, written.

CPU-seconds of this process and its child together. The rows and the planted failures are those of bench_checks.
`python tests/benchmarks/bench_xlsx.py`: writes build/bench/bench_xlsx.json, exits 1 when it took too long.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
import time
from pathlib import Path

import pyarrow as pa
import xlsxwriter
from bench_checks import CONTRACT, complaints  # type: ignore[import-not-found]  # beside this script

from data_contracts.intake import take_in
from data_contracts.normalise import as_text
from data_contracts.odcs import load_contract
from data_contracts.workbook import fix_workbooks

PROJECTS = """\
apiVersion: v3.2.0
kind: DataContract
id: projects
version: 1.0.0
status: active
schema:
  - name: projects
    properties:
      - {name: project_id, logicalType: string, primaryKey: true}
"""
CPU_SECONDS = 10.0
MEMORY_MB = 2_048


def main() -> int:
    """Make the delivery, take it in, write the fix list."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000)
    rows = parser.parse_args().rows
    contracts = {name: load_contract(text, name) for name, text in (("complaints", CONTRACT), ("projects", PROJECTS))}
    with tempfile.TemporaryDirectory() as folder:
        planted = deliver(Path(folder), rows, contracts["complaints"])
        began = spent()
        intake = take_in(Path(folder), contracts, {})
        taken = spent()
        workbooks = fix_workbooks(intake.returned, contracts)
        figures = {
            "rows": rows,
            "take_in_cpu_s": taken - began,
            "fix_list_cpu_s": spent() - taken,
            "cpu_s": spent() - began,
            "child_peak_mb": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024,
            "failures": len(intake.failures),
            "planted": planted,
            "returned_rows": sum(len(one.sheet) for one in intake.returned),
            "fix_list_bytes": sum(map(len, workbooks.values())),
        }
    return report(figures)


def deliver(folder: Path, rows: int, contract: object) -> int:
    """Write the workbook and the list of projects; how many cells or rows of the workbook are wrong."""
    table, planted = complaints(rows)
    texts: list[list[str | None]] = []
    for column in contract.columns:  # type: ignore[attr-defined]  # a Contract
        array = table[column.name]
        array = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
        texts.append(as_text(array, column).to_pylist())
    with xlsxwriter.Workbook(folder / "complaints.xlsx", {"constant_memory": True}) as book:
        sheet = book.add_worksheet("complaints")
        sheet.write_row(0, 0, [column.name for column in contract.columns])  # type: ignore[attr-defined]
        for at, row in enumerate(zip(*texts, strict=True), start=1):
            for place, text in enumerate(row):
                if text is not None:
                    sheet.write_string(at, place, text)
    numbers = "\n".join(f"P{number:05}" for number in range(20_000))
    (folder / "projects.csv").write_text(f"project_id\n{numbers}\n", encoding="utf-8")
    return len(planted)


def spent() -> float:
    """CPU-seconds of this process and of its children that have ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def report(figures: dict[str, float]) -> int:
    """Print, write, compare."""
    folder = Path("build/bench")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "bench_xlsx.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    for name, value in figures.items():
        print(f"{name}: {value:,.2f}")
    kept = figures["cpu_s"] <= CPU_SECONDS and figures["child_peak_mb"] <= MEMORY_MB and figures["returned_rows"] > 0
    print("kept" if kept else "missed", f"<= {CPU_SECONDS} CPU-s, child <= {MEMORY_MB} MB")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
