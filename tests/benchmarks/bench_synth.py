"""The synthetic city: a year as workbooks in at most 10 CPU-seconds, a thousand cities as Parquet in at most 2 GB.

The limit of ten seconds is meant for two cores; it is asked here of the CPU-seconds of all processes together, which a
busy machine hardly changes. The yardstick is XlsxWriter alone: as many cells of the same kinds, without a city behind
them. Each city is made in a process of its own, whose highest memory the system reports.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import xlsxwriter

from scoring.synthetic.layout import delivered_layouts

LIMIT_SECONDS = 10.0
LIMIT_BYTES = 2 * 10**9
CHILD = """
import json, resource, sys, time
from pathlib import Path
from joblib.externals.loky import get_reusable_executor
from scoring.synthetic import synthesize
begun = time.perf_counter()
made = synthesize(Path(sys.argv[1]), 1, float(sys.argv[2]), formats=(sys.argv[3],))
wall = time.perf_counter() - begun
get_reusable_executor().shutdown(wait=True)
used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
print(json.dumps({
    "scale": made.scale, "files": made.files, "rows": dict(made.rows), "wall_s": wall,
    "cpu_s": sum(one.ru_utime + one.ru_stime for one in used), "peak_bytes": used[0].ru_maxrss * 1024,
}))
"""


def city(scale: float, form: str) -> dict[str, Any]:
    """What it took to make a city, measured inside the process that made it, imports included."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", CHILD, f"{folder}/city", str(scale), form]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def cells(rows: dict[str, int]) -> int:
    """Delivered cells, empty ones counted."""
    return sum(count * len(delivered_layouts()[table].columns) for table, count in rows.items())


def plain_writing(count: int) -> float:
    """CPU-seconds of XlsxWriter for *count* cells: three texts to each number."""
    begun = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        book = xlsxwriter.Workbook(f"{folder}/plain.xlsx", {"in_memory": True})
        sheet = book.add_worksheet()
        for cell in range(count):
            row, column = divmod(cell, 16)
            if column % 4:
                sheet.write_string(row, column, f"T5301022024000{row:06d}" if column == 1 else "街道社区")
            else:
                sheet.write_number(row, column, cell)
        book.close()
    return time.process_time() - begun


def main() -> int:
    """Measure, print, write build/bench/bench_synth.json; 1 when a limit is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scales", type=float, nargs="+", default=[100, 1000], help="of the Parquet runs")
    scales = parser.parse_args().scales
    small = city(1, "xlsx")
    written = cells(small["rows"])
    plain = plain_writing(written)
    large = [city(scale, "parquet") for scale in scales]
    print(
        f"scale 1 as {small['files']} workbooks, {written:,} cells: {small['cpu_s']:.1f} of {LIMIT_SECONDS:.0f} CPU-s "
        f"allowed, {small['wall_s']:.1f} s on the clock, {small['cpu_s'] / plain:.2f} x XlsxWriter alone ({plain:.1f})"
    )
    for one in large:
        print(
            f"scale {one['scale']:g} as Parquet, {sum(one['rows'].values()):,} rows: peak "
            f"{one['peak_bytes'] / 1e6:,.0f} of {LIMIT_BYTES / 1e6:,.0f} MB allowed, {one['cpu_s']:.0f} CPU-s"
        )
    short = small["cpu_s"] > LIMIT_SECONDS or any(one["peak_bytes"] > LIMIT_BYTES for one in large)
    figures = {
        "limits": {"scale_1_cpu_s": LIMIT_SECONDS, "peak_bytes": LIMIT_BYTES},
        "scale_1": {**small, "cells": written, "yardstick_cpu_s": plain, "ratio": small["cpu_s"] / plain},
        "parquet": large,
        "met": not short,
    }
    path = Path("build/bench/bench_synth.json")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return int(short)


if __name__ == "__main__":
    sys.exit(main())
