"""Which delivered rows go back to their offices, as they came in and with their reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data_contracts.failures import Failures
from data_contracts.intake.gather import Batch
from data_contracts.intake.made import CHANGES
from data_contracts.mapping import TableMapping
from data_contracts.mapping.apply import headers_of
from data_contracts.model import Contract
from data_contracts.personal import MASK, masked, personal_columns
from data_contracts.readers import Sheet, header_key
from data_contracts.workbook.returned import Reason, ReturnedRows


def returned_rows(
    batch: Batch, failures: Failures, contracts: Mapping[str, Contract], mappings: Mapping[str, TableMapping]
) -> tuple[ReturnedRows, ...]:
    """Rows with at least one error, sheet by sheet; warnings about such a row go along with it."""
    digests = {one.path: one.sha256 for one in batch.inputs}
    rows = failures.table.filter(pc.is_valid(failures.table["row"]))
    by_place: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    refused = rows.filter(pc.equal(rows["severity"], "error"))
    places = pa.table({name: refused[name] for name in ("table", "file", "sheet", "row")}).group_by(
        ["table", "file", "sheet", "row"], use_threads=False
    )
    wanted = {tuple(one.values()) for one in places.aggregate([]).to_pylist()}
    for one in rows.to_pylist():
        if (one["table"], one["file"], one["sheet"], one["row"]) in wanted:
            by_place.setdefault((one["table"], one["file"], one["sheet"] or ""), []).append(one)
    return tuple(_returned(batch, by_place, digests, contracts, mappings))


def corrections_as_changes(
    batch: Batch, contracts: Mapping[str, Contract], mappings: Mapping[str, TableMapping]
) -> pa.Table:
    """Corrected cells among the automatic changes, under their delivered header and the reason `correction`.

    A sheet may feed several tables: a header below which any of them has persons hides its cells.
    """
    personal = {
        (batch.sheets[place].file, batch.sheets[place].name, header)
        for table, contract in contracts.items()
        for place in batch.feeds[table]
        for header in _personal_headers(contract, mappings.get(table, TableMapping(table)))
    }
    rows = []
    for table, file, sheet, row, header, *cells in batch.corrected:
        raw, clean = (MASK, MASK) if (file, sheet, header_key(header)) in personal else cells
        place = {"table": table, "column": header, "file": file, "sheet": sheet, "row": row}
        rows.append({**place, "raw": raw, "clean": clean, "reason": "correction"})
    return pa.Table.from_pylist(rows, CHANGES)


def _personal_headers(contract: Contract, mapping: TableMapping) -> Iterator[str]:
    """Keys of every header below which persons may stand."""
    for column in contract.columns:
        if column.classification == "personal":
            words = column.title, column.name, *column.aliases, *mapping.columns.get(column.name, ())
            yield from map(header_key, words)


def _returned(
    batch: Batch,
    by_place: Mapping[tuple[str, str, str], list[dict[str, Any]]],
    digests: Mapping[str, str],
    contracts: Mapping[str, Contract],
    mappings: Mapping[str, TableMapping],
) -> Iterator[ReturnedRows]:
    offices = {str(rule.limits["table"]) for one in contracts.values() for rule in one.rules if rule.kind == "covers"}
    for table, contract in contracts.items():
        for place in batch.feeds[table]:
            sheet = batch.sheets[place]
            told = by_place.get((table, sheet.file, sheet.name))
            if not told or contract.reference:
                continue
            headers = headers_of(sheet, contract, mappings.get(table, TableMapping(table)))
            reasons: dict[int, list[Reason]] = {}
            for one in told:
                reasons.setdefault(one["row"], []).append(_reason(one, headers, sheet))
            columns = {header: at for at, header in enumerate(sheet.columns)}
            for found in reasons.values():
                found.sort(key=lambda reason: columns.get(next(iter(reason.headers), ""), len(columns)))
            personal = personal_columns(contract)
            own = _own_headers(sheet, headers, mappings.get(table))
            yield ReturnedRows(
                table=table,
                office=_office(sheet, contract, headers, offices),
                sha256=digests.get(sheet.file, ""),
                sheet=_rows_of(sheet, sorted(reasons), own),
                reasons=reasons,
                personal=frozenset(header for name, header in headers.items() if name in personal),
                after=batch.mended.get(sheet.file, ()),
                whole=sheet,
                unasked=frozenset(sheet.columns) - own,
            )


def _reason(failure: Mapping[str, Any], headers: Mapping[str, str], sheet: Sheet) -> Reason:
    """A wide sheet's failure names its header in its message, any other follows from the column."""
    named = [headers[name] for name in (failure["column"] or "").split(", ") if name in headers]
    before = failure["message"].partition(": ")[0]
    found = tuple(named) or ((before,) if before in sheet.columns else ())
    return Reason(found, failure["severity"], masked(failure["message"]), failure["legal_basis"] or "", failure["rule"])


def _office(sheet: Sheet, contract: Contract, headers: Mapping[str, str], offices: Collection[str]) -> str:
    """The code most rows of the sheet report under; one that nobody has to cover may still name the offices."""
    column = next((rule.columns[0] for rule in contract.rules if rule.kind == "covers"), "")
    column = column or next((link.columns[0] for link in contract.relationships if link.table in offices), "")
    if column not in headers:
        return ""
    codes = Counter(text.strip() for text in sheet.columns[headers[column]].to_pylist() if text and text.strip())
    return min(codes, key=lambda code: (-codes[code], code), default="")


def _own_headers(sheet: Sheet, headers: Mapping[str, str], mapping: TableMapping | None) -> set[str]:
    """Headers the table knows: a caller's name in a column nobody asked for does not go on a journey."""
    return set(sheet.columns) if mapping is not None and mapping.unpivot else set(headers.values())


def _rows_of(sheet: Sheet, numbers: list[int], headers: set[str]) -> Sheet:
    at = pa.array(np.flatnonzero(np.isin(sheet.rows.to_numpy(), numbers)))
    columns = {header: cells.take(at) for header, cells in sheet.columns.items() if header in headers}
    return Sheet(sheet.file, sheet.name, columns, sheet.rows.take(at))
