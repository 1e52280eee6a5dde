"""The reasons an office reads, once the rows of a wide sheet are many rows of a table.

One broken key must not be told fifty times, and one broken cell of fifty must say under which header it stands.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data_contracts.check import Origin
from data_contracts.failures import SCHEMA, Failures
from data_contracts.intake.made import Made
from data_contracts.model import Contract


def without_followers(
    failures: Failures, contract: Contract, record_of: Mapping[str, str], refused: Mapping[str, Origin]
) -> Failures:
    """Leave out what only repeats that the record a row belongs to was refused.

    Args:
        failures: Of a table whose rows name the record they were delivered with.
        contract: Of that table.
        record_of: Its columns that do so, with the table they name.
        refused: By that table, where its own refused rows stand.
    """
    rules = [
        rule.id for rule in contract.rules if rule.kind in ("unique", "foreign_key") and record_of.keys() & rule.columns
    ]
    places = [place_keys(refused[table].file, refused[table].sheet, refused[table].row) for table in record_of.values()]
    if not rules or not places:
        return failures
    table = failures.table
    follows = pc.and_(
        pc.is_in(table["rule"], pa.array(rules)),
        pc.is_in(place_keys(table["file"], table["sheet"], table["row"]), pa.concat_arrays(places)),
    )
    return Failures(table.filter(pc.invert(follows)))


def with_headers(failures: Failures, made: Made, value: str) -> Failures:
    """Begin each message about the *value* column with the delivered header.

    Rules on one cell depend on its text alone, so the cells of a row that hold the failing text are the failing ones.
    """
    table = failures.table
    own = pc.fill_null(pc.equal(table["column"], value), False)
    cells = table.filter(own).to_pylist()
    if not cells or made.headers is None:
        return failures
    headers = _headers(made, made.headers, value, {cell["row"] for cell in cells})
    seen: Counter[tuple[object, ...]] = Counter()
    for cell in cells:
        found = headers.get((cell["file"], cell["sheet"], cell["row"], cell["value"]), [])
        turn = (cell["file"], cell["sheet"], cell["row"], cell["value"], cell["rule"])
        if found:
            cell["message"] = f"{found[seen[turn] % len(found)]}: {cell['message']}"
        seen[turn] += 1
    others = table.filter(pc.invert(own))
    return Failures(pa.concat_tables([others, pa.Table.from_pylist(cells, SCHEMA)])).sorted()


def _headers(made: Made, headers: pa.Array, value: str, rows: Iterable[int]) -> dict[tuple[object, ...], list[str]]:
    """Headers by file, sheet, row and delivered text, in the order of the sheet."""
    lines = pc.is_in(made.origin.row, pa.array(sorted(rows), pa.int64()))
    places = pa.array(np.flatnonzero(lines.to_numpy(zero_copy_only=False)))
    columns = (made.origin.file, made.origin.sheet, made.origin.row, made.raw[value], headers)
    found: dict[tuple[object, ...], list[str]] = {}
    for *cell, header in zip(*(column.take(places).to_pylist() for column in columns), strict=True):
        found.setdefault(tuple(cell), []).append(header)
    return found


def place_keys(file: pa.Array, sheet: pa.Array, row: pa.Array) -> pa.Array:
    """File, sheet and row of each failure as one text; a missing sheet is an empty one."""
    parts = (column.cast(pa.string()) for column in (file, sheet, row))
    joined = pc.binary_join_element_wise(*parts, "\x1f", null_handling="replace", null_replacement="")
    return joined.combine_chunks() if isinstance(joined, pa.ChunkedArray) else joined
