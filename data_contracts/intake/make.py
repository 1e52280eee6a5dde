"""Sheets of text to one typed table per contract, each row with its place in the delivery and its record id.

All sheets of a table are put together before their cells are typed: 350 small workbooks then cost no more than one
large file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data_contracts.check import Origin, Unreadable
from data_contracts.failures import SCHEMA, Failures
from data_contracts.intake.equal import without_equal_rows
from data_contracts.intake.gather import Batch
from data_contracts.intake.made import CHANGES, Made
from data_contracts.intake.naming import name_records
from data_contracts.mapping import TableMapping
from data_contracts.mapping.apply import Shaped, shape
from data_contracts.model import RECORD_ID, Column, Contract
from data_contracts.normalise import STORAGE, Normalised, Normaliser
from data_contracts.personal import masked
from data_contracts.problems import Problem
from data_contracts.readers.sheet import Damage


def make_tables(
    batch: Batch, contracts: Mapping[str, Contract], mappings: Mapping[str, TableMapping]
) -> tuple[dict[str, Made], list[tuple[str, Problem]]]:
    """Type every table of *batch*.

    Returns:
        The tables by name, a table without a sheet being empty, and the headers that were not found, by table.
    """
    links = {table: mapping.record_of for table, mapping in mappings.items() if mapping.record_of}
    related = {*links, *(parent for link in links.values() for parent in link.values())}
    starts = np.cumsum([0, *(len(sheet) for sheet in batch.sheets)])
    made: dict[str, Made] = {}
    problems: list[tuple[str, Problem]] = []
    for table, contract in contracts.items():
        mapping = mappings.get(table, TableMapping(table))
        parts = []
        for place in batch.feeds[table]:
            shaped, faults = shape(batch.sheets[place], contract, mapping)
            problems.extend((table, fault.problem(contract.language, masked)) for fault in faults)
            if shaped is not None:
                parts.append((place, shaped))
        made[table] = _Maker(batch, contract, mapping, parts, starts).made()
        if not mapping.unpivot and table not in related:
            made[table] = without_equal_rows(made[table], contract)
    name_records(made, contracts, mappings)
    return made, problems


@dataclass(frozen=True, slots=True)
class _Maker:
    """The rows of one table: parts of several sheets, one after the other."""

    batch: Batch
    contract: Contract
    mapping: TableMapping
    parts: Sequence[tuple[int, Shaped]]
    starts: np.ndarray

    def made(self) -> Made:
        origin = self._origin()
        columns: dict[str, pa.Array] = {RECORD_ID: pa.nulls(len(origin.row), pa.string())}
        raw: dict[str, pa.ChunkedArray] = {}
        broken: dict[str, pa.Array] = {}
        failures: list[Failures] = []
        changes: list[pa.Table] = [CHANGES.empty_table()]
        codes = {rule.columns[0] for rule in self.contract.rules if rule.kind == "check_digit"}
        for column in self.contract.columns:
            texts = self._texts(column)
            if texts is None:
                columns[column.name] = pa.nulls(len(origin.row), STORAGE[column.type.kind])
                continue
            steps = self.mapping.normalise.get(column.name, ())
            missing, capitals = frozenset(self.mapping.missing), column.name in codes
            reader = Normaliser(column, self.contract.language, missing, steps, capitals)
            found = reader.normalise(texts, self._damage(column))
            columns[column.name], raw[column.name] = found.values, pa.chunked_array([texts])
            changes.append(self._changes(column, texts, found, origin))
            if len(found.broken):
                broken[column.name] = _mask(found.broken, len(texts))
                failures.append(self._failures(column, texts, found, origin))
        table = pa.table(columns)
        unreadable = Unreadable(Failures.concat(failures), broken)
        made = Made(table, origin, self._delivered(), raw, unreadable, self._headers(), pa.concat_tables(changes))
        return _distinct(made, self.contract) if self.mapping.distinct else made

    def _origin(self) -> Origin:
        sheets = [self.batch.sheets[place] for place, _ in self.parts]
        sizes = [len(shaped.delivered) for _, shaped in self.parts]
        files = _repeated([sheet.file for sheet in sheets], sizes)
        names = _repeated([sheet.name or None for sheet in sheets], sizes)
        rows = [sheet.rows.take(pa.array(part.delivered)) for sheet, (_, part) in zip(sheets, self.parts, strict=True)]
        return Origin(files, names, pa.concat_arrays(rows) if rows else pa.array([], pa.int64()))

    def _delivered(self) -> np.ndarray:
        return np.concatenate(
            [np.empty(0, np.int64), *(self.starts[place] + shaped.delivered for place, shaped in self.parts)]
        )

    def _headers(self) -> pa.Array | None:
        headers = [shaped.headers for _, shaped in self.parts if shaped.headers is not None]
        return pa.concat_arrays(headers) if headers else None

    def _texts(self, column: Column) -> pa.Array | None:
        """The delivered texts; None where no file delivers the column."""
        if not any(column.name in shaped.cells for _, shaped in self.parts):
            return None
        return pa.concat_arrays(
            [shaped.cells.get(column.name, pa.nulls(len(shaped.delivered), pa.string())) for _, shaped in self.parts]
        )

    def _damage(self, column: Column) -> dict[int, Damage]:
        damage: dict[int, Damage] = {}
        start = 0
        for _, shaped in self.parts:
            damage |= {start + row: kind for row, kind in shaped.damage.get(column.name, {}).items()}
            start += len(shaped.delivered)
        return damage

    def _changes(self, column: Column, texts: pa.Array, found: Normalised, origin: Origin) -> pa.Table:
        places, size = found.changed, len(found.changed)
        arrays = [
            _repeated([self.contract.table], [size]),
            _repeated([column.name], [size]),
            origin.file.take(places),
            origin.sheet.take(places),
            origin.row.take(places),
            texts.take(places).dictionary_encode(),
            found.clean.dictionary_encode(),
            found.reasons.dictionary_encode(),
        ]
        return pa.table(arrays, schema=CHANGES)

    def _failures(self, column: Column, texts: pa.Array, found: Normalised, origin: Origin) -> Failures:
        places, size = found.broken, len(found.broken)
        rule = next(one for one in self.contract.rules if (one.kind, one.columns) == ("type", (column.name,)))
        fixed = {
            "table": self.contract.table,
            "rule": rule.id,
            "severity": rule.severity,
            "column": column.name,
            "legal_basis": rule.legal_basis,
        }
        arrays = {name: pa.repeat(pa.scalar(text, pa.string()), size) for name, text in fixed.items()}
        arrays["file"] = origin.file.take(places).cast(pa.string())
        arrays["sheet"] = origin.sheet.take(places).cast(pa.string())
        arrays["row"] = origin.row.take(places)
        arrays["value"] = texts.take(places)
        arrays["message"] = found.messages
        return Failures(pa.table([arrays[name] for name in SCHEMA.names], schema=SCHEMA))


def _distinct(made: Made, contract: Contract) -> Made:
    """One row of those that are equal, the first by place; none of a row without a key. Broken rows stay."""
    rows = made.table.num_rows
    broken = np.zeros(rows, dtype=bool)
    for mask in made.unreadable.cells.values():
        broken |= mask.to_numpy(zero_copy_only=False)
    names = [column.name for column in contract.columns]
    numbered = made.table.select(names).append_column("place", pa.array(np.arange(rows)))
    keyed = np.zeros(rows, dtype=bool)
    for name in contract.key or names:
        keyed |= ~pc.is_null(made.table[name]).to_numpy()
    first = numbered.filter(pa.array(keyed & ~broken)).group_by(names).aggregate([("place", "min")])["place_min"]
    return made.take(np.sort(np.concatenate([first.to_numpy(), np.flatnonzero(broken)])))


def _repeated(words: Sequence[str | None], sizes: Sequence[int]) -> pa.DictionaryArray:
    """Each word as often as its size says."""
    known = [word for word in dict.fromkeys(words) if word is not None]
    codes = np.array([known.index(word) if word is not None else -1 for word in words], dtype=np.int32)
    indices = np.repeat(codes, sizes) if len(words) else codes
    return pa.DictionaryArray.from_arrays(pa.array(indices, mask=indices < 0), pa.array(known, pa.string()))


def _mask(positions: pa.Array, size: int) -> pa.Array:
    mask = np.zeros(size, dtype=bool)
    mask[positions.to_numpy()] = True
    return pa.array(mask)
