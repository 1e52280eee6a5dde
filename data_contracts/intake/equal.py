"""Rows that were delivered twice: of rows equal from end to end one stays, and the others are told so.

A workbook that is sent again, or under two names, takes nothing from anybody. Rows that share a key and differ anywhere
contradict each other: those are for the contract's own rule.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data_contracts.check import Origin
from data_contracts.failures import SCHEMA, Failures, Wording
from data_contracts.intake.made import Made
from data_contracts.model import Contract, Rule


def without_equal_rows(made: Made, contract: Contract) -> Made:
    """*made* with the first of equal rows, in the order of the files, and a warning about each of the others.

    Rows with a cell that could not be read stay, and so does everything where the contract lets keys repeat.
    """
    rule = next((rule for rule in contract.rules if rule.kind == "unique" and rule.limits.get("key")), None)
    rows = made.table.num_rows
    if rule is None or contract.key_repeats or any(len(made.table[key].unique()) == rows for key in contract.key):
        return made
    repeats = _rows_to_compare(made, contract)
    if not len(repeats):
        return made
    first_of = _first_of(made, [column.name for column in contract.columns], repeats)
    others = np.array([row for row in repeats.tolist() if first_of[row] != row], dtype=np.int64)
    if not len(others):
        return made
    kept = np.setdiff1d(np.arange(rows), others)
    return replace(made.take(kept), repeated=_told(rule, contract, made, others, first_of))


def _rows_to_compare(made: Made, contract: Contract) -> np.ndarray:
    """Rows that share their key with another one, without those that have an unreadable cell."""
    keys = made.table.select(list(contract.key)).append_column("place", pa.array(np.arange(made.table.num_rows)))
    grouped = keys.group_by(list(contract.key), use_threads=False).aggregate([("place", "list"), ("place", "count")])
    several = grouped.filter(pc.greater(grouped["place_count"], 1))
    rows = np.sort(pc.list_flatten(several["place_list"]).to_numpy())
    for mask in made.unreadable.cells.values():
        rows = rows[~np.asarray(mask)[rows]]
    return rows


def _first_of(made: Made, names: list[str], rows: np.ndarray) -> dict[int, int]:
    """For each of *rows* the first one that equals it, itself or an earlier one."""
    numbered = made.table.select(names).take(pa.array(rows)).append_column("place", pa.array(rows))
    grouped = numbered.group_by(names, use_threads=False).aggregate([("place", "min"), ("place", "list")])
    pairs = zip(grouped["place_min"].to_pylist(), grouped["place_list"].to_pylist(), strict=True)
    return {place: first for first, places in pairs for place in places}


def _told(rule: Rule, contract: Contract, made: Made, others: np.ndarray, first_of: dict[int, int]) -> Failures:
    say, places = Wording(contract.language), made.origin
    own, first = _places(places, others), _places(places, np.array([first_of[row] for row in others.tolist()]))
    found = []
    for (file, sheet, row), (first_file, first_sheet, first_row), place in zip(
        own, first, others.tolist(), strict=True
    ):
        name = " ".join(filter(None, (first_file, first_sheet)))
        where = say.say("place", file=name, row=first_row)
        if (file, sheet) == (first_file, first_sheet):
            where = say.say("rows", rows=first_row)
        cells = (made.raw[key][place].as_py() for key in rule.columns if key in made.raw)
        found.append(
            {
                "table": contract.table,
                "rule": rule.id,
                "severity": "warning",
                "file": file,
                "sheet": sheet,
                "row": row,
                "column": ", ".join(rule.columns),
                "value": ", ".join(cell or "" for cell in cells),
                "message": say.say("repeat", place=where),
                "legal_basis": rule.legal_basis,
            }
        )
    return Failures(pa.Table.from_pylist(found, SCHEMA))


def _places(origin: Origin, rows: np.ndarray) -> list[tuple[str, str | None, int]]:
    taken = pa.array(rows)
    columns = (array.take(taken).to_pylist() for array in (origin.file, origin.sheet, origin.row))
    return list(zip(*columns, strict=True))
