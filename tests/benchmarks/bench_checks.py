"""Row checks on a million complaints against Great Expectations and pandera, in one run on one machine.

Ratios are the figures that count: seconds differ between machines, their quotients hardly do. Great Expectations and
pandera are given pandas frames that are ready before the clock starts, and pandera leaves the check digits and foreign
keys out; what they are compared with does all rules and names every failing cell.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import pandera.pandas as pandera
import pyarrow as pa
import pyarrow.compute as pc
from stdnum.cn import uscc

from data_contracts import gx
from data_contracts.check import Checked, Origin, Parent, check
from data_contracts.model import Contract
from data_contracts.odcs import load_contract

CONTRACT = """\
apiVersion: v3.2.0
kind: DataContract
id: complaints
version: 1.0.0
status: active
schema:
  - name: complaints
    properties:
      - {name: ticket_id, logicalType: string, primaryKey: true, logicalTypeOptions: {pattern: '^T[0-9]{8}$'}}
      - {name: channel, logicalType: string, required: true, enum: [{value: hotline}, {value: petition}, {value: online}]}
      - {name: project_id, logicalType: string, logicalTypeOptions: {pattern: '^P[0-9]{5}$'}, relationships: [{to: projects.project_id}]}
      - {name: credit_code, logicalType: string, required: true, quality: [{type: custom, engine: property-credit, implementation: {checkDigit: GB 32100}}]}
      - {name: category, logicalType: string, required: true, enum: [{value: leak}, {value: lift}, {value: noise}, {value: parking}]}
      - {name: received_on, logicalType: date, required: true, logicalTypeOptions: {minimum: '2024-01-01', maximum: '2024-12-31'}}
      - {name: due_on, logicalType: date, required: true}
      - {name: replied_on, logicalType: date}
      - {name: upheld, logicalType: boolean, required: true}
      - {name: division_code, logicalType: string, required: true, logicalTypeOptions: {minLength: 6, maxLength: 6}}
      - {name: satisfaction, logicalType: integer, logicalTypeOptions: {minimum: 1, maximum: 5}}
      - {name: amount, logicalType: number, physicalType: 'DECIMAL(9,2)', logicalTypeOptions: {minimum: 0}}
      - {name: duplicate_of, logicalType: string}
      - {name: note, logicalType: string, logicalTypeOptions: {maxLength: 100}}
    quality:
      - {metric: rowCount, mustBeGreaterOrEqualTo: 1000}
      - {id: replied_early, type: sql, query: SELECT COUNT(*) FROM complaints WHERE replied_on < received_on, mustBe: 0}
      - {id: due_early, type: sql, query: SELECT COUNT(*) FROM complaints WHERE due_on < received_on, mustBe: 0}
      - {id: own_duplicate, type: sql, query: SELECT COUNT(*) FROM complaints WHERE duplicate_of = ticket_id, mustBe: 0}
      - {id: upheld_unanswered, type: sql, query: SELECT COUNT(*) FROM complaints WHERE upheld and replied_on is null, mustBe: 0}
"""  # noqa: E501
COLUMNS, RULES, PLANTED = 14, 25, 40
Result = TypeVar("Result")
LIMITS = {
    "checks_cpu_s": 1.2,
    "checks_to_great_expectations": 1 / 12,
    "checks_to_pandera": 1.0,
    "checks_with_record_to_great_expectations": 1 / 6,
    "memory_above_data_mb": 600,
}
DAY = np.datetime64("2024-01-01", "D").astype(int)


def main() -> int:
    """Run everything; 0 when every limit is kept and every planted failure was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    rows = parser.parse_args().rows
    contract = load_contract(CONTRACT, "bench.odcs.yaml")
    counted = [rule for rule in contract.rules if rule.kind != "type"]
    if (len(contract.columns), len(counted)) != (COLUMNS, RULES):
        raise SystemExit(
            f"found {len(contract.columns)} columns and {len(counted)} rules, wanted {COLUMNS} and {RULES}"
        )
    table, planted = complaints(rows)
    figures = measured(contract, table)
    checked = figures.pop("checked")
    figures["planted"], figures["all_named"] = len(planted), named(checked) == planted
    oracle = figures.pop("oracle")
    figures["agrees_with_great_expectations"] = all(
        checked.counts[rule] == result["unexpected_count"] for rule, result in oracle.items()
    )
    return report(figures | {"rows": rows})


def measured(contract: Contract, table: pa.Table) -> dict[str, Any]:
    """CPU-seconds and memory of the checks, with the record, and of the two libraries."""
    rows = table.num_rows
    origin = Origin(pa.array(["12345.csv"] * rows), pa.nulls(rows, pa.string()), pa.array(np.arange(rows) + 2))
    projects = pa.table({"project_id": [f"P{number:05}" for number in range(20_000)]})
    parents = {"projects": Parent(projects, projects.slice(0, 0))}

    def run() -> Checked:
        return check(contract, table, origin, {}, parents)

    run_once = cpu(run)
    before = reset_peak()
    checks, checked = min((cpu(run) for _ in range(3)), key=lambda pair: pair[0])
    memory = peak() - before
    recorded, _ = cpu(lambda: gx.record({"complaints": run()}, {"complaints": contract}))
    theirs, counts = cpu(lambda: gx.oracle(contract, table))
    other, _ = cpu(pandera_run(gx.frame_of(contract, table)))
    return {
        "checked": checked,
        "oracle": counts,
        "first_run_cpu_s": run_once[0],
        "checks_cpu_s": checks,
        "with_record_cpu_s": recorded,
        "great_expectations_cpu_s": theirs,
        "pandera_cpu_s": other,
        "checks_to_great_expectations": checks / theirs,
        "checks_to_pandera": checks / other,
        "checks_with_record_to_great_expectations": recorded / theirs,
        "memory_above_data_mb": memory,
    }


def report(figures: dict[str, Any]) -> int:
    """Print each figure with its limit, write build/bench/checks.json."""
    kept = {name: figures[name] <= limit for name, limit in LIMITS.items()}
    kept |= {name: bool(figures[name]) for name in ("all_named", "agrees_with_great_expectations")}
    for name, value in figures.items():
        limit = f"  (limit {LIMITS[name]:.3f})" if name in LIMITS else ""
        text = f"{value:.3f}" if isinstance(value, float) else str(value)
        print(f"{'' if kept.get(name, True) else 'SHORT '}{name}: {text}{limit}")
    folder = Path("build/bench")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "checks.json").write_text(json.dumps(figures | {"limits": LIMITS}, indent=2) + "\n")
    return 0 if all(kept.values()) else 1


# The city's complaints of a year, with failures planted.


def complaints(rows: int) -> tuple[pa.Table, set[tuple[int, str, str, str]]]:
    """Good rows, and then for every rule some broken ones: (row as the office counts, column, value, rule)."""
    random = np.random.default_rng(2024)
    received = DAY + random.integers(0, 366, rows)
    columns: dict[str, list[Any] | pa.Array] = {
        "ticket_id": pa.array([f"T{number:08}" for number in range(rows)]),
        "channel": picked(random, ["hotline", "petition", "online"], rows),
        "project_id": picked(random, [f"P{number:05}" for number in range(20_000)], rows, missing=0.2),
        "credit_code": picked(random, credit_codes(random, 3_000), rows),
        "category": picked(random, ["leak", "lift", "noise", "parking"], rows),
        "received_on": days(received),
        "due_on": days(received + 15),
        "replied_on": days(received + random.integers(0, 30, rows)),
        "upheld": pa.array(random.random(rows) < 0.4),
        "division_code": picked(random, [f"5301{number:02}" for number in range(11, 25)], rows),
        "satisfaction": pa.array(random.integers(1, 6, rows), mask=random.random(rows) < 0.5),
        "amount": pa.array(random.integers(0, 10**7, rows)),
        "duplicate_of": picked(random, [f"T{number:08}" for number in range(900_000, 900_500)], rows, missing=0.99),
        "note": picked(random, ["电梯停运。" * count for count in range(20)], rows),
    }
    return planted_in(pa.table(columns), random)


def planted_in(table: pa.Table, random: np.random.Generator) -> tuple[pa.Table, set[tuple[int, str, str, str]]]:
    """Broken cells at random rows, each row with one of them."""
    kinds = list(BROKEN)
    places = iter(random.permutation(table.num_rows).tolist())
    upheld = table["upheld"].to_pylist()
    expected: set[tuple[int, str, str]] = set()
    changes: dict[str, dict[int, Any]] = {}
    for rule in kinds:
        for _ in range(PLANTED):
            row = next(row for row in places if rule != "upheld_unanswered" or upheld[row])
            column, value, named_columns = BROKEN[rule](row, table)
            changes.setdefault(column, {})[row] = value
            expected.add((row + 2, named_columns, rule))
            if rule == "complaints.project_id.pattern":  # and no project has such a number
                expected.add((row + 2, named_columns, "complaints.project.foreign_key"))
    for _ in range(PLANTED // 2):  # a repeated key breaks both rows
        one, other = next(places), next(places)
        changes.setdefault("ticket_id", {})[one] = table["ticket_id"][other].as_py()
        expected |= {(row + 2, "ticket_id", "complaints.ticket_id.unique") for row in (one, other)}
    for column, cells in changes.items():
        whole = replaced(table[column].combine_chunks(), cells)
        table = table.set_column(table.column_names.index(column), column, whole)
    return table, {(row, column, shown(table, row - 2, column), rule) for row, column, rule in expected}


Plant = Callable[[int, pa.Table], tuple[str, Any, str]]


def cell(column: str, value: Any) -> Plant:
    """One wrong value in one column."""
    return lambda _row, _table: (column, value, column)


BROKEN: dict[str, Plant] = {
    "complaints.ticket_id.required": cell("ticket_id", None),
    "complaints.ticket_id.pattern": lambda row, _: ("ticket_id", f"X{row:08}", "ticket_id"),
    "complaints.channel.required": cell("channel", None),
    "complaints.channel.enum": cell("channel", "hotlin"),
    "complaints.project.foreign_key": cell("project_id", "P99999"),
    "complaints.project_id.pattern": cell("project_id", "P1"),
    "complaints.credit_code.required": cell("credit_code", None),
    "complaints.credit_code.check_digit": cell("credit_code", "91530102MA6K000000"),
    "complaints.category.required": cell("category", None),
    "complaints.category.enum": cell("category", "fire"),
    "complaints.received_on.required": cell("received_on", None),
    "complaints.received_on.range": cell("received_on", int(DAY) - 1),
    "complaints.due_on.required": cell("due_on", None),
    "complaints.upheld.required": cell("upheld", None),
    "complaints.division_code.required": cell("division_code", None),
    "complaints.division_code.length": cell("division_code", "53010"),
    "complaints.satisfaction.range": cell("satisfaction", 6),
    "complaints.amount.range": cell("amount", -1),
    "complaints.note.length": cell("note", "x" * 101),
    "replied_early": lambda row, table: ("replied_on", day_before(table, row), "replied_on, received_on"),
    "due_early": lambda row, table: ("due_on", day_before(table, row), "due_on, received_on"),
    "upheld_unanswered": lambda _row, _table: ("replied_on", None, "upheld, replied_on"),
    "own_duplicate": lambda row, table: ("duplicate_of", table["ticket_id"][row].as_py(), "duplicate_of, ticket_id"),
}


def day_before(table: pa.Table, row: int) -> int:
    """Number of the day before a ticket came in."""
    return int(table["received_on"][row].value) - 1


def replaced(array: pa.Array, cells: dict[int, Any]) -> pa.Array:
    """The array with some cells changed."""
    mask = np.zeros(len(array), dtype=bool)
    mask[list(cells)] = True
    values = [cells[row] for row in sorted(cells)]
    numbers = (
        pa.array(values, pa.int32()).cast(array.type)
        if pa.types.is_date32(array.type)
        else pa.array(values, array.type)
    )
    changed: pa.Array = pc.replace_with_mask(array, pa.array(mask), numbers)
    return changed


def picked(random: np.random.Generator, words: list[str], rows: int, missing: float = 0.0) -> pa.Array:
    """Words at random, some missing."""
    places = pa.array(random.integers(0, len(words), rows), mask=random.random(rows) < missing)
    return pa.DictionaryArray.from_arrays(places.cast(pa.int32()), pa.array(words)).dictionary_decode()


def days(numbers: np.ndarray[Any, Any]) -> pa.Array:
    """Day numbers as days."""
    return pa.array(numbers.astype(np.int32)).cast(pa.date32())


def credit_codes(random: np.random.Generator, count: int) -> list[str]:
    """Valid credit codes: python-stdnum gives the last digit, GB 11714 the inner one."""
    ordinal = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    codes = []
    for body in random.choice(list("0123456789ABCDEFGHJKLMNPQRTUWXY"), (count, 8)):
        total = sum(ordinal.index(one) * weight for one, weight in zip(body, (3, 7, 9, 10, 5, 8, 4, 2), strict=True))
        digit = (11 - total % 11) % 11
        code = "91530102" + "".join(body) + ("X" if digit == 10 else str(digit))
        codes.append(code + uscc.calc_check_digit(code))
    return codes


def shown(table: pa.Table, row: int, columns: str) -> str:
    """What a failure shows for that row."""
    values = [table[name][row].as_py() for name in columns.split(", ")]
    if columns == "amount":
        values = [value / 100 for value in values]
    return ", ".join({None: "", True: "true", False: "false"}.get(value, str(value)) for value in values)


def named(checked: Checked) -> set[tuple[int, str, str, str]]:
    """What the checks named, in the same form."""
    found = checked.failures.table.select(["row", "column", "value", "rule"]).to_pylist()
    return {(row["row"], row["column"], row["value"] or "", row["rule"]) for row in found}


# The clock and the others.


def cpu(action: Callable[[], Result]) -> tuple[float, Result]:
    """CPU-seconds of this process, all threads, and the result."""
    start = time.process_time()
    result = action()
    return time.process_time() - start, result


def reset_peak() -> float:
    """Forget the peak of resident memory; megabytes in use now."""
    Path("/proc/self/clear_refs").write_text("5")
    return peak()


def peak() -> float:
    """Peak of resident memory in megabytes since it was last forgotten."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def pandera_run(frame: pd.DataFrame) -> Callable[[], int]:
    """The rules pandera can say, all failures gathered."""
    listed = {"channel": ["hotline", "petition", "online"], "category": ["leak", "lift", "noise", "parking"]}
    column, is_ = pandera.Column, pandera.Check
    columns = {name: column(checks=is_.isin(values), nullable=False) for name, values in listed.items()}
    columns |= {name: column(nullable=False) for name in ("credit_code", "due_on", "upheld")}
    columns |= {name: column(nullable=True) for name in ("replied_on", "duplicate_of")}
    columns |= {
        "ticket_id": column(checks=is_.str_matches(r"^T[0-9]{8}$"), unique=True, nullable=False),
        "project_id": column(checks=is_.str_matches(r"^P[0-9]{5}$"), nullable=True),
        "received_on": column(checks=is_.in_range(pd.Timestamp(2024, 1, 1), pd.Timestamp(2024, 12, 31))),
        "division_code": column(checks=is_.str_length(6, 6), nullable=False),
        "satisfaction": column(checks=is_.in_range(1, 5), nullable=True),
        "amount": column(checks=is_.ge(0), nullable=True),
        "note": column(checks=is_.str_length(max_value=100), nullable=True),
    }
    across = [
        is_(lambda rows: ~(rows["replied_on"] < rows["received_on"])),
        is_(lambda rows: ~(rows["due_on"] < rows["received_on"])),
        is_(lambda rows: ~(rows["duplicate_of"] == rows["ticket_id"])),
        is_(lambda rows: ~((rows["upheld"] == True) & rows["replied_on"].isna())),  # noqa: E712  # None is not True
        is_(lambda rows: len(rows) >= 1000),
    ]
    schema = pandera.DataFrameSchema(columns, checks=across)

    def run() -> int:
        try:
            schema.validate(frame, lazy=True)
        except pandera.errors.SchemaErrors as errors:
            return len(errors.failure_cases)
        return 0

    return run


if __name__ == "__main__":
    sys.exit(main())
