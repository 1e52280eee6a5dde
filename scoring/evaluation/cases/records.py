"""Rows that a case writes down, as the accepted tables they stand for.

Values are typed as intake types them. Of a contract's rules only those are kept whose breach would change an outcome
without a word: listed codes, and foreign keys that lead nowhere, since such a record would belong to no unit.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files

import pyarrow as pa
import pyarrow.compute as pc

from data_contracts.attribution import attributed
from data_contracts.document import Entry, Fields, Place, Problem
from data_contracts.expressions.resolve import did_you_mean
from data_contracts.identity import key_ids
from data_contracts.model import RECORD_ID, Column, Contract
from data_contracts.normalise import Normaliser, as_text
from scoring.rulebook.shape import Rulebook

Rows = Mapping[str, Sequence[Entry]]


@dataclass(frozen=True, slots=True)
class _Row:
    """One row: where it stands and the cells that are written."""

    at: Place
    cells: Mapping[str, Entry]

    def text(self, column: str) -> str | None:
        """The cell as text, None where it is not written or empty."""
        entry = self.cells.get(column)
        return None if entry is None or not isinstance(entry.value, str) else entry.value


@dataclass(slots=True)
class RecordReader:
    """Makes tables of the rows of cases; every fault of every row goes to *problems*."""

    rulebook: Rulebook
    problems: list[Problem]
    _shipped: dict[str, list[_Row]] = field(default_factory=dict)
    _typed: dict[str, pa.Table] = field(default_factory=dict)

    def tables(self, *layers: Rows) -> dict[str, pa.Table]:
        """Every table of the rulebook's contracts, from rows of several layers.

        A row with the key of a row in an earlier layer changes the cells it writes, any other is added. The code
        lists that ship with the contracts are the layer before all others.
        """
        rows = {name: self._merged(contract, layers) for name, contract in self.rulebook.contracts.items()}
        found = {name: self._table(self.rulebook.contracts[name], one) for name, one in rows.items()}
        for name, contract in self.rulebook.contracts.items():
            found[name] = _with_attributed(contract, found)
        for name, contract in self.rulebook.contracts.items():
            self._check_links(contract, found, rows[name])
        return found

    def earlier(self, given: Rows) -> dict[str, pa.Table]:
        """Earlier rounds by unit; record ids are made up."""
        found = {}
        for unit, entries in given.items():
            kinds = self.rulebook.schema.earlier[f"earlier.{unit}"].columns
            columns = [Column(name, name, kind) for name, kind in kinds.items() if name != RECORD_ID]
            rows = [self._row(entry, [column.name for column in columns]) for entry in entries]
            typed = {column.name: self._column(column, rows, "zh") for column in columns}
            ids = pa.array([f"earlier-{place}" for place in range(len(rows))], pa.string())
            found[unit] = pa.table({name: ids if name == RECORD_ID else typed[name] for name in kinds})
        return found

    def _merged(self, contract: Contract, layers: Iterable[Rows]) -> list[_Row]:
        rows: dict[tuple[object, ...], _Row] = {}
        names = [column.name for column in contract.columns]
        written = ([self._row(entry, names) for entry in layer.get(contract.table, ())] for layer in layers)
        for layer in (self._reference(contract), *written):
            seen = set()
            for row in layer:
                key = _key(contract, row) or (len(rows), row.at)
                if key in seen:
                    shown = "/".join(map(str, key))
                    self.problems.append(row.at.problem(f"found key {shown!r} twice, allowed: once"))
                seen.add(key)
                rows[key] = _Row(row.at, {**rows[key].cells, **row.cells}) if key in rows else row
        return list(rows.values())

    def _reference(self, contract: Contract) -> list[_Row]:
        """Rows of a code list that ships with the contracts; none for a delivered table."""
        name = contract.reference
        if name and name not in self._shipped:
            text = (files("data_contracts") / "codes" / name).read_bytes().decode("utf-8-sig")
            lines = enumerate(csv.DictReader(io.StringIO(text, newline="")), start=2)
            self._shipped[name] = [_shipped_row(Place(name, line), cells) for line, cells in lines]
        return self._shipped.get(name, [])

    def _row(self, entry: Entry, known: Sequence[str]) -> _Row:
        fields = Fields(entry, self.problems)
        cells = entry.value if isinstance(entry.value, dict) else {}
        for name, cell in cells.items():
            if name not in known:
                hint = did_you_mean(name, known)
                self.problems.append(cell.at.problem(f"found column {name!r}, allowed: {', '.join(known)}{hint}"))
            elif isinstance(cell.value, list | dict):
                fields.refuse(cell, "one value")
        return _Row(entry.at, {name: cell for name, cell in cells.items() if name in known})

    def _table(self, contract: Contract, rows: list[_Row]) -> pa.Table:
        if not contract.reference or len(rows) != len(self._reference(contract)):
            return self._new_table(contract, rows)
        if contract.table not in self._typed:
            self._typed[contract.table] = self._new_table(contract, rows)
        return self._typed[contract.table]

    def _new_table(self, contract: Contract, rows: list[_Row]) -> pa.Table:
        columns = {column.name: self._column(column, rows, contract.language) for column in contract.columns}
        return pa.table({RECORD_ID: _record_ids(contract, rows, columns), **columns})

    def _column(self, column: Column, rows: list[_Row], language: str) -> pa.Array:
        texts = pa.array([row.text(column.name) for row in rows], pa.string())
        found = Normaliser(column, language).normalise(texts)
        for place, message in zip(found.broken.to_pylist(), found.messages.to_pylist(), strict=True):
            self._refuse(rows[place], column.name, message)
        if column.labels:
            for row, code in zip(rows, found.values.to_pylist(), strict=True):
                if code is not None and str(code) not in column.labels:
                    labels = [f"{known} {label}" for known, label in column.labels.items()]
                    self._refuse(row, column.name, ", ".join(labels) + did_you_mean(str(code), column.labels))
        return found.values

    def _refuse(self, row: _Row, column: str, allowed: str) -> None:
        entry = row.cells[column]
        self.problems.append(entry.at.problem(f"found {entry.shown} in {column!r}, allowed: {allowed}"))

    def _check_links(self, contract: Contract, tables: Mapping[str, pa.Table], rows: list[_Row]) -> None:
        filled = {column.name for column in contract.columns if column.attributed is not None}
        for link in contract.relationships:
            if filled & set(link.columns):
                continue
            parents = set(_tuples(tables[link.table], link.targets))
            for row, key in zip(rows, _tuples(tables[contract.table], link.columns), strict=True):
                if None not in key and key not in parents:
                    found = f"found {'/'.join(link.columns)} {'/'.join(map(str, key))!r}"
                    self.problems.append(
                        row.at.problem(f"{found}, allowed: a row of {link.table!r}, here or in background")
                    )


def _key(contract: Contract, row: _Row) -> tuple[object, ...]:
    """The row's key as written; empty where it is not written in full, or may repeat."""
    parts = tuple(row.text(column) for column in contract.key)
    return () if contract.key_repeats or None in parts else parts


def _shipped_row(at: Place, cells: Mapping[str, str]) -> _Row:
    return _Row(at, {name: Entry(cell, at) for name, cell in cells.items()})


def _record_ids(contract: Contract, rows: list[_Row], columns: Mapping[str, pa.Array]) -> pa.Array:
    """The key, as at intake; a row without one is known by its number, equal keys by how often they came."""
    known = [column for column in contract.columns if column.name in contract.key]
    if not rows or not known:
        return pa.array([f"#{place + 1}" for place in range(len(rows))], pa.string())
    texts = {column.name: as_text(columns[column.name], column) for column in known}
    seen: Counter[str] = Counter()
    ids = []
    for place, name in enumerate(key_ids([texts[name] for name in contract.key]).to_pylist()):
        if any(texts[part][place].as_py() is None for part in contract.key):
            ids.append(f"#{place + 1}")
            continue
        seen[name] += 1
        ids.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    return pa.array(ids, pa.string())


def _with_attributed(contract: Contract, tables: Mapping[str, pa.Table]) -> pa.Table:
    """Fill what offices leave to us, where the case does not say it."""
    table = tables[contract.table]
    for place, column in enumerate(table.column_names):
        found = contract.column(column)
        if found is None or found.attributed is None:
            continue
        rule = found.attributed
        key = next(link.targets[0] for link in contract.relationships if link.columns == (column,))
        filled = attributed(table, rule, tables[rule.table], key)
        table = table.set_column(place, column, pc.coalesce(table[column], filled))
    return table


def _tuples(table: pa.Table, columns: Sequence[str]) -> list[tuple[object, ...]]:
    return list(zip(*(table[column].to_pylist() for column in columns), strict=True))
