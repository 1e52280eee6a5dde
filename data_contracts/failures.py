"""What is wrong with delivered rows: one shape for all failures, and the sentence an office reads.

A failure is a row of one Arrow table and not an object: a bad delivery can hold a million of them, and they are
counted, sorted and written far more often than they are looked at one by one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

SCHEMA = pa.schema(
    [
        ("table", pa.string()),
        ("rule", pa.string()),
        ("severity", pa.string()),
        ("file", pa.string()),
        ("sheet", pa.string()),
        ("row", pa.int64()),
        ("column", pa.string()),
        ("value", pa.string()),
        ("message", pa.string()),
        ("legal_basis", pa.string()),
    ]
)
ORDER = ("file", "sheet", "row", "column", "rule")


@dataclass(frozen=True, slots=True)
class Failures:
    """One row per broken cell or row.

    Attributes:
        table: Columns table, rule, severity (error or warning), file, sheet, row (int64 as the office sees it, 1 =
            first line of the sheet), column, value (as delivered), message, legal_basis. A failure of a whole table
            has no row; one that looks at several columns names them all, joined by ", ", with their values.
    """

    table: pa.Table

    def __post_init__(self) -> None:
        if self.table.schema != SCHEMA:
            raise ValueError(f"found columns {self.table.schema}, allowed: {SCHEMA}")

    @classmethod
    def empty(cls) -> Failures:
        """No failure at all.

        >>> len(Failures.empty())
        0
        """
        return cls(SCHEMA.empty_table())

    @classmethod
    def concat(cls, many: Iterable[Failures]) -> Failures:
        """All failures of *many*, in that order."""
        return cls(pa.concat_tables([SCHEMA.empty_table(), *(failures.table for failures in many)]))

    def __len__(self) -> int:
        return int(self.table.num_rows)

    @property
    def errors(self) -> Failures:
        """Those that refuse their row or batch."""
        return self._with_severity("error")

    @property
    def warnings(self) -> Failures:
        """Those that travel with the record."""
        return self._with_severity("warning")

    def sorted(self) -> Failures:
        """By file, sheet, row, column and rule: the order of every output. Whole-table failures come first."""
        keys = [(name, "ascending") for name in ORDER]
        return Failures(self.table.take(pc.sort_indices(self.table, sort_keys=keys, null_placement="at_start")))

    def _with_severity(self, severity: str) -> Failures:
        return Failures(self.table.filter(pc.equal(self.table["severity"], severity)))
