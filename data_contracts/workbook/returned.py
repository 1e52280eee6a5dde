"""Refused rows as they were delivered, with their reasons: what a fix workbook is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from data_contracts.readers import Sheet

FIX_PREFIX = "需修改的行"
PLACES_SHEET = "_places"
CONTRACT_SHEET = "_contract"
PLACE_HEADERS = ("原文件", "原工作表", "原行号", "处理")
REASON_HEADERS = ("问题", "依据")
MEND, DROP = "修改", "删除"


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
    """

    table: str
    office: str
    sha256: str
    sheet: Sheet
    reasons: Mapping[int, Sequence[Reason]]
    personal: frozenset[str]
