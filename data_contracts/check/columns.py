"""A typed table as the rules see it: whole columns, each encoded by its distinct values at most once.

Patterns, lists of values, lengths and check digits are tried on the distinct values: a million complaints name a few
thousand firms. Keys, repeats and foreign keys use the same encoding as numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Rows = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
MISSING = -1


class Columns:
    """The columns of one table.

    Args:
        table: Typed columns.
    """

    def __init__(self, table: pa.Table) -> None:
        self._table = table
        self._encoded: dict[str, pa.DictionaryArray] = {}

    @property
    def rows(self) -> int:
        """Number of rows."""
        return int(self._table.num_rows)

    def array(self, name: str) -> pa.Array:
        """The column in one piece."""
        column = self._table[name].combine_chunks()
        array = pa.concat_arrays(column.chunks) if isinstance(column, pa.ChunkedArray) else column
        return array.dictionary_decode() if pa.types.is_dictionary(array.type) else array

    def encoded(self, name: str) -> pa.DictionaryArray:
        """The column as distinct values and the place of each row's value among them; missing stays missing."""
        if name not in self._encoded:
            self._encoded[name] = self.array(name).dictionary_encode()
        return self._encoded[name]

    def distinct(self, name: str) -> pa.Array:
        """The distinct values of a column."""
        return self.encoded(name).dictionary

    def codes(self, name: str) -> Rows:
        """For each row the place of its value among `distinct`, MISSING where there is none."""
        indices = pc.fill_null(self.encoded(name).indices, MISSING)
        codes: Rows = indices.to_numpy(zero_copy_only=False).astype(np.int64, copy=False)
        return codes

    def where(self, name: str, values: Mask) -> Rows:
        """Rows whose value is one of the distinct ones that *values* marks.

        Args:
            name: Column.
            values: Parallel to `distinct`.
        """
        if not values.any():
            return np.empty(0, dtype=np.int64)
        marked = np.append(values, False)  # the last place is where MISSING (-1) looks
        return np.flatnonzero(marked[self.codes(name)])

    def plain(self, names: Sequence[str]) -> pa.Table:
        """Some columns as a table of their own."""
        return pa.table({name: self.array(name) for name in names})

    def missing(self, names: Sequence[str]) -> int:
        """How many rows lack a value in at least one of *names*."""
        if len(names) == 1:
            return int(self._table[names[0]].null_count)
        lacking = reduce(pc.or_, (pc.is_null(self._table[name]) for name in names))
        return int(pc.sum(lacking).as_py() or 0)

    def combined(self, names: Sequence[str]) -> Rows:
        """One number per row that is equal exactly where all of *names* are; MISSING where any of them is."""
        result = self.codes(names[0])
        for name in names[1:]:
            codes = self.codes(name)
            missing = (result == MISSING) | (codes == MISSING)
            result = np.where(missing, MISSING, result * (len(self.distinct(name)) + 1) + codes)
            result = _renumbered(result)
        return result

    def distinct_rows(self, names: Sequence[str]) -> tuple[Rows, pa.Table]:
        """The number of each row's combination of *names* (MISSING where one is missing), and the combinations."""
        codes = self.combined(names)
        if len(names) == 1:
            return codes, pa.table({names[0]: self.distinct(names[0])})
        _, first = np.unique(codes[codes != MISSING], return_index=True)
        return codes, self.plain(names).take(pa.array(np.flatnonzero(codes != MISSING)[first]))

    def is_known_distinct(self, names: Sequence[str]) -> bool:
        """Whether one column alone shows that no two rows are equal in it."""
        return any(len(self.distinct(name)) + self.encoded(name).null_count == self.rows for name in names)


def _renumbered(codes: Rows) -> Rows:
    """The same partition in small numbers, so that a product of several columns cannot overflow."""
    present = codes != MISSING
    encoded = pa.array(codes, mask=~present).dictionary_encode()
    small: Rows = pc.fill_null(encoded.indices, MISSING).to_numpy(zero_copy_only=False).astype(np.int64)
    return small


def rows_where(mask: pa.Array | pa.ChunkedArray) -> Rows:
    """Rows where a boolean column is known to be true.

    >>> rows_where(pa.array([True, None, False, True])).tolist()
    [0, 3]
    """
    if not pc.any(mask, min_count=0).as_py():
        return np.empty(0, dtype=np.int64)
    return np.flatnonzero(pc.fill_null(mask, False).to_numpy(zero_copy_only=False))
