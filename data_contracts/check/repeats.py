"""Rows that repeat what may stand once: every one of them is named, with the others and what they disagree in."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from data_contracts.check.cells import Broken
from data_contracts.check.columns import MISSING, Columns, Mask, Rows
from data_contracts.check.outcome import Origin
from data_contracts.failures import MAX_LISTED, Wording
from data_contracts.model import RECORD_ID, Contract, Rule


def repeated_rows(rule: Rule, contract: Contract, columns: Columns, origin: Origin, say: Wording) -> Broken:
    """Rows whose values in the rule's columns stand in another row too; rows where one is missing are left out.

    For the key the message also says whether the rows are equal or contradict each other.
    """
    if columns.is_known_distinct(rule.columns):
        return Broken(np.empty(0, dtype=np.int64))
    codes = columns.combined(rule.columns)
    present = codes != MISSING
    counts = np.bincount(codes[present])
    rows = np.flatnonzero(present)[counts[codes[present]] > 1]
    if not len(rows):
        return Broken(rows)
    groups = Groups(codes, rows)
    compared = [column.name for column in contract.columns if column.name not in (*rule.columns, RECORD_ID)]
    differing = groups.differing(columns, compared) if rule.limits.get("key") else []
    titles = {column.name: column.title for column in contract.columns}
    filled = {column.name for column in contract.columns if column.attributed}  # which no office has written
    places = places_of(origin, groups.rows, say)
    messages = []
    for group, (start, end) in enumerate(groups.bounds):
        names = [name for name, unequal in zip(compared, differing, strict=False) if unequal[group]]
        unlike = [titles[name] for name in names if name not in filled] or [titles[name] for name in names]
        kind = "unique" if not rule.limits.get("key") else "unique.contradictory" if unlike else "unique.equal"
        shown = say.listed([titles[name] for name in rule.columns])
        messages.append(say.say(kind, places=places.named(start, end), columns=shown, differing=say.listed(unlike)))
    return Broken(rows, groups.in_row_order(messages))


class Groups:
    """Repeated rows, group by group.

    Args:
        codes: For every row of the table, the number of its group.
        rows: The repeated rows, ascending.
    """

    def __init__(self, codes: Rows, rows: Rows) -> None:
        order = np.argsort(codes[rows], kind="stable")
        self.rows = rows[order]
        self._order = order
        self._starts = np.flatnonzero(np.diff(codes[self.rows], prepend=MISSING))

    @property
    def bounds(self) -> list[tuple[int, int]]:
        """Begin and end of each group in `rows`."""
        starts = self._starts.tolist()
        return list(zip(starts, [*starts[1:], len(self.rows)], strict=True))

    def differing(self, columns: Columns, names: Sequence[str]) -> list[Mask]:
        """For each column, which groups hold more than one value in it (missing counts as a value)."""
        taken = pa.array(self.rows)
        unequal = []
        for name in names:
            encoded = columns.array(name).take(taken).dictionary_encode(null_encoding="encode")
            codes: npt.NDArray[np.int32] = encoded.indices.to_numpy()
            unequal.append(np.minimum.reduceat(codes, self._starts) != np.maximum.reduceat(codes, self._starts))
        return unequal

    def in_row_order(self, messages: Sequence[str]) -> list[str]:
        """Each row's message, in ascending order of rows."""
        sizes = np.diff([*self._starts, len(self.rows)])
        group_of = np.empty(len(self.rows), dtype=np.int64)
        group_of[self._order] = np.repeat(np.arange(len(messages)), sizes)
        return [messages[group] for group in group_of.tolist()]


class Places:
    """Where rows stand, in words."""

    def __init__(self, texts: list[str], one_file: bool, say: Wording) -> None:
        self._texts, self._one_file, self._say = texts, one_file, say

    def named(self, start: int, end: int) -> str:
        """Rows *start* to *end*, the first twelve of them."""
        listed = self._listed(start, end)
        return self._say.say("rows", rows=listed) if self._one_file else listed

    def _listed(self, start: int, end: int) -> str:
        shown = self._say.say("list").join(self._texts[start : min(end, start + MAX_LISTED)])
        more = "more" if self._one_file else "more.places"
        return shown + self._say.say(more, count=end - start) if end - start > MAX_LISTED else shown


def places_of(origin: Origin, rows: Rows, say: Wording) -> Places:
    """Row numbers, with the file and sheet where there is more than one."""
    taken = pa.array(rows)
    numbers = origin.row.take(taken).to_pylist()
    files, sheets = origin.file.take(taken).to_pylist(), origin.sheet.take(taken).to_pylist()
    if len(set(zip(files, sheets, strict=True))) == 1:
        return Places([str(number) for number in numbers], one_file=True, say=say)
    names = [f"{file} {sheet}" if sheet else str(file or "") for file, sheet in zip(files, sheets, strict=True)]
    texts = [say.say("place", file=name, row=number) for name, number in zip(names, numbers, strict=True)]
    return Places(texts, one_file=False, say=say)
