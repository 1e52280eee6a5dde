"""Refused rows as they were delivered, with their reasons: what a fix workbook is made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import pyarrow as pa

from data_contracts.readers import Sheet

FIX_PREFIX = "需修改的行"
PLACES_SHEET = "_places"
CONTRACT_SHEET = "_contract"
PLACE_HEADERS = ("原文件", "原工作表", "原行号", "处理")
REASON_HEADERS = ("问题", "依据")
MEND, DROP = "修改", "删除"
_ORIGIN_HEADERS: Final = ("kind", "name", "table or digest", "version or rows", "contract")
_ROWS_IN_A_CELL: Final = 2_000


@dataclass(frozen=True, slots=True)
class Origins:
    """What a fix workbook was made from: its hidden sheet, written and read back.

    Attributes:
        sheets: Table of each of its sheets.
        versions: Version and digest of the contract, by table.
        files: SHA-256 of each original file.
        rows: Numbers of the rows that were sent out, by original file and sheet.
        after: Name of each earlier fix workbook that had already been applied, by its SHA-256.
    """

    sheets: dict[str, str] = field(default_factory=dict)
    versions: dict[str, tuple[str, str]] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    rows: dict[tuple[str, str], set[int]] = field(default_factory=dict)
    after: dict[str, str] = field(default_factory=dict)

    def lines(self) -> Iterator[tuple[str, ...]]:
        """The lines of the hidden sheet."""
        yield _ORIGIN_HEADERS
        for name, table in self.sheets.items():
            yield ("sheet", name, table, *self.versions.get(table, ("", "")))
        for file, digest in self.files.items():
            yield "file", file, digest, "", ""
        for (file, sheet), numbers in self.rows.items():
            listed = sorted(numbers)
            for start in range(0, len(listed), _ROWS_IN_A_CELL):
                yield "rows", file, sheet, " ".join(map(str, listed[start : start + _ROWS_IN_A_CELL])), ""
        for digest, name in self.after.items():
            yield "after", name, digest, "", ""

    @classmethod
    def of(cls, columns: Mapping[str, pa.Array]) -> Origins | None:
        """The origins that a hidden sheet names; None where it is no such sheet."""
        if tuple(columns) != _ORIGIN_HEADERS:
            return None
        found = cls()
        for line in zip(*(cells.to_pylist() for cells in columns.values()), strict=True):
            kind, name, word, rest, digest = (text or "" for text in line)
            match kind:
                case "sheet":
                    found.sheets[name] = word
                    found.versions[word] = rest, digest
                case "file":
                    found.files[name] = word
                case "rows":
                    numbers = (int(number) for number in rest.split() if number.isdecimal())
                    found.rows.setdefault((name, word), set()).update(numbers)
                case "after":
                    found.after[word] = name
        return found


@dataclass(frozen=True, slots=True)
class Reason:
    """Why one row was refused, or what was noted about it.

    Attributes:
        headers: Delivered headers of the cells concerned; empty where the sheet has none of them.
        severity: error or warning.
        message: What the office reads.
        legal_basis: Clause, empty when none.
        rule: Id of the rule.
    """

    headers: tuple[str, ...]
    severity: str
    message: str
    legal_basis: str
    rule: str


@dataclass(frozen=True, slots=True)
class ReturnedRows:
    """Refused rows of one delivered sheet and table.

    Attributes:
        table: Contract table.
        office: Code of the office that delivered the sheet; empty where the contract names none.
        sha256: Of the delivered file.
        sheet: The refused rows alone, as delivered.
        reasons: By row number.
        personal: Headers of personal columns, whose cells leave this system masked.
        after: Fix workbooks that were applied to the file before: name and SHA-256.
        whole: All rows of the sheet, with their damage.
        unasked: Its headers that the table does not know, whose cells stay where they are.
    """

    table: str
    office: str
    sha256: str
    sheet: Sheet
    reasons: Mapping[int, Sequence[Reason]]
    personal: frozenset[str]
    after: tuple[tuple[str, str], ...] = ()
    whole: Sheet | None = None
    unasked: frozenset[str] = frozenset()
