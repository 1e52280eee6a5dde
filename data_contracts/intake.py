"""A folder of delivered files in, typed and checked records out: the way through all the other rooms.

Nothing is decided file by file: all files are read, all tables shaped, and only then are rows accepted, so that one
run names every fault of the batch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from data_contracts.failures import Failures
from data_contracts.mapping import TableMapping
from data_contracts.model import Contract
from data_contracts.problems import Problem

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Input:
    """One delivered file that was read.

    Attributes:
        path: Relative to the delivered folder, with forward slashes.
        rows: Delivered rows, headers and blank rows not counted.
    """

    path: str
    sha256: str
    bytes: int
    rows: int


@dataclass(frozen=True, slots=True)
class Intake:
    """What came in.

    Attributes:
        tables: Accepted rows per contract table: `record_id` (string) first, then the contract's columns in order:
            numbers int64 scaled by their decimals, text string, truth bool, day date32; sorted by record_id (bytes).
        failures: Errors and warnings of all tables.
        refused_rows: Rows per table that were not accepted.
        delivered_rows: Rows per table that the mapping made of the files.
        counts: Broken rows per table and rule id, 0 included.
        inputs: The files that were read, by path.
        unclaimed: Files in the folder that nothing claims: a warning, never a refusal.
        refuses_batch: Whether nothing may be rated from this delivery.
        changes: Every automatic change but trimming: table, column, file, sheet, row, raw, clean, reason.
        batch_problems: Faults of files, sheets and headers.
    """

    tables: Mapping[str, pa.Table]
    failures: Failures
    refused_rows: Mapping[str, int]
    delivered_rows: Mapping[str, int]
    counts: Mapping[str, Mapping[str, int]]
    inputs: tuple[Input, ...]
    unclaimed: tuple[str, ...]
    refuses_batch: bool
    changes: pa.Table
    batch_problems: tuple[Problem, ...]


def take_in(
    folder: Path,
    contracts: Mapping[str, Contract],
    mappings: Mapping[str, TableMapping],
    progress: Progress | None = None,
) -> Intake:
    """Read, shape, normalise and check a delivery.

    Args:
        folder: Delivered files; folders inside it are looked through too.
        contracts: By table name; every one of them is expected unless its mapping says `required: false`.
        mappings: By table name, as `load_mappings` gives them; a table without one is found by its name or title.
        progress: Called with the stage (`read`, `check`), how many are done and how many there are.

    Raises:
        NotADirectoryError: *folder* is not a folder.
    """
    raise NotImplementedError
