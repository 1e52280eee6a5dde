"""Rows of an opened result: lists of units, the lines of one, the records behind them. Arrow in, row numbers out.

Ratings, facts and lines stand in one order, so a unit is a row number everywhere; its lines are the block between two
occurrences of the line that every block begins with. A key that repeats names several rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, TypeVar, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from data_contracts.model import RECORD_ID
from scoring.evaluation.reopen import OpenedResult
from scoring.rulebook.shape import Rulebook, UnitRules

Rows = npt.NDArray[np.intp]
Sort = Literal["rank", "key", "name"]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Filters:
    """Which units of a list; an empty text leaves a filter out.

    Attributes:
        q: Part of the name or of the key, whatever its case.
    """

    division: str = ""
    level: str = ""
    status: str = ""
    q: str = ""
    sort: Sort = "rank"


@dataclass(frozen=True)
class UnitTable:
    """All units of one kind.

    Attributes:
        ratings: As in ratings/<unit>.csv, every cell text; row numbers everywhere else are its.
    """

    rules: UnitRules
    ratings: pa.Table

    @cached_property
    def keys(self) -> pa.ChunkedArray:
        """Key of each unit as one text, its columns joined with `/`."""
        columns = [self.ratings[name] for name in self.rules.key]
        return pc.binary_join_element_wise(*columns, "/") if len(columns) > 1 else columns[0]

    @cached_property
    def ranks(self) -> npt.NDArray[np.int64]:
        """Rank of each unit, 0 without one."""
        texts = self.ratings["rank"]
        return np.asarray(pc.cast(pc.if_else(pc.equal(texts, ""), "0", texts), pa.int64()))

    @cached_property
    def divisions(self) -> list[str]:
        """Division codes that occur, sorted."""
        return sorted(set(pc.unique(self.ratings["division"]).to_pylist()) - {""})

    def find(self, key: str) -> Rows:
        """Rows with that key; none when there is no such unit."""
        return np.flatnonzero(np.asarray(pc.equal(self.keys, key)))

    def select(self, filters: Filters) -> Rows:
        """Rows that fit all filters, in the order asked for."""
        mask = np.ones(self.ratings.num_rows, bool)
        for column in ("division", "level", "status"):
            wanted = getattr(filters, column)
            if wanted:
                mask &= np.asarray(pc.equal(self.ratings[column], wanted))
        if filters.q.strip():
            mask &= self._containing(filters.q.strip())
        return self._ordered(np.flatnonzero(mask), filters.sort)

    def counted(self, *columns: str) -> Counter[tuple[str, ...]]:
        """How many units have each combination of values."""
        groups = self.ratings.group_by(list(columns)).aggregate([([], "count_all")])
        return Counter({tuple(row[name] for name in columns): row["count_all"] for row in groups.to_pylist()})

    def _containing(self, part: str) -> npt.NDArray[np.bool_]:
        found = [pc.match_substring(texts, part, ignore_case=True) for texts in (self.ratings["name"], self.keys)]
        return cast("npt.NDArray[np.bool_]", np.asarray(pc.or_(*found)))

    def _ordered(self, rows: Rows, sort: Sort) -> Rows:
        if sort == "name":
            return rows[
                np.argsort(np.array(self.ratings["name"].take(pa.array(rows)).to_pylist(), object), kind="stable")
            ]
        if sort == "rank":
            ranks = self.ranks[rows]
            return rows[np.lexsort((rows, np.where(ranks == 0, np.iinfo(np.int64).max, ranks)))]
        return rows


@dataclass(frozen=True, eq=False)
class Result:
    """An opened result with what makes its rows quick to find.

    Attributes:
        edition: Digest of the manifest.
    """

    opened: OpenedResult
    edition: str
    _kept: dict[str, Any] = field(default_factory=dict)

    @property
    def book(self) -> Rulebook:
        """The rulebook of the run."""
        return self.opened.rulebook

    @property
    def manifest(self) -> Mapping[str, Any]:
        """The manifest of the run."""
        return self.opened.manifest

    def units(self, kind: str) -> UnitTable:
        """All units of one kind.

        Raises:
            KeyError: There is no such kind.
        """
        rules = self.book.unit_named(kind)
        if rules is None:
            raise KeyError(kind)
        return self.kept(f"units/{kind}", lambda: UnitTable(rules, self.opened.ratings[kind]))

    def lines(self, kind: str, row: int) -> list[dict[str, str]]:
        """Lines and steps of one unit in the sheet's order."""
        starts, table = self._line_starts(kind), self.opened.lines(kind)
        stop = int(starts[row + 1]) if row + 1 < len(starts) else table.num_rows
        start = int(starts[row])
        return cast("list[dict[str, str]]", table.slice(start, stop - start).to_pylist())

    def facts(self, kind: str, row: int) -> dict[str, Any]:
        """Exact facts of one unit, a pair of columns each."""
        return cast("dict[str, Any]", self.opened.facts(kind).slice(row, 1).to_pylist()[0])

    def record_ids(self, kind: str) -> pa.ChunkedArray:
        """Record id of each unit's own row."""
        return self.opened.facts(kind)[RECORD_ID]

    def behind(self, kind: str, row: int) -> pa.Table | None:
        """Records behind the lines of one unit: line, table, record, part; None when the run did not list them."""
        if self.opened.records is None:
            return None
        units = self.units(kind)
        key = units.keys[row].as_py()
        if len(units.find(key)) > 1:
            key = f"{key} {self.record_ids(kind)[row].as_py()}"
        records = self.opened.records
        return records.filter(pc.and_(pc.equal(records["key"], key), pc.equal(records["unit"], kind)))

    def leaning_on(self, table: str, record: str) -> list[tuple[str, str]]:
        """Units with a line that a record stands behind: kind and key as the run listed it, each once."""
        records = self.opened.records
        if records is None:
            return []
        found = records.filter(pc.and_(pc.equal(records["record"], record), pc.equal(records["table"], table)))
        pairs = zip(found["unit"].to_pylist(), found["key"].to_pylist(), strict=True)
        return list(dict.fromkeys(pairs))

    def rows(self, table: str, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Accepted records by record id, as stored; ids that the table lacks are left out."""
        if table not in self.manifest.get("lake", {}) or not ids:
            return {}
        rows = self.opened.table(table)
        mine = rows.filter(pc.is_in(rows[RECORD_ID], pa.array(ids, pa.string())))
        return {row[RECORD_ID]: row for row in mine.to_pylist()}

    def unit_rows(self, kind: str, ids: Sequence[str]) -> dict[str, int]:
        """Row number of each unit by the record id of its own row."""
        known = self.record_ids(kind)
        rows = np.flatnonzero(np.asarray(pc.is_in(known, pa.array(ids, pa.string()))))
        return dict(zip(known.take(pa.array(rows)).to_pylist(), rows.tolist(), strict=True))

    def names(self, table: str) -> Mapping[str, str]:
        """Key to name of a table that has a column `name` and a key of one column; empty for any other."""
        return self.kept(f"names/{table}", lambda: self._names(table))

    def kept(self, name: str, make: Callable[[], T]) -> T:
        """What *make* gives, made once for this result; two readers at once may both make it, to the same effect."""
        if name not in self._kept:
            self._kept[name] = make()
        return cast("T", self._kept[name])

    def _names(self, table: str) -> dict[str, str]:
        contract = self.book.contracts.get(table)
        if contract is None or len(contract.key) != 1 or contract.column("name") is None:
            return {}
        if table not in self.manifest.get("lake", {}):
            return {}
        rows = self.opened.table(table)
        return dict(zip(rows[contract.key[0]].to_pylist(), rows["name"].to_pylist(), strict=True))

    def _line_starts(self, kind: str) -> Rows:
        lines = self.opened.lines(kind)["line"]
        first = lines[0].as_py() if len(lines) else ""
        return self.kept(f"starts/{kind}", lambda: np.flatnonzero(np.asarray(pc.equal(lines, first))))
