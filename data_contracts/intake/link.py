"""Rows that tell their place only in words get its key before anything personal is dropped.

What is near certain is filled in here and listed among the changes; the rest waits for a clerk, whose decision counts
for rows that were delivered without a key. A row without a key never scores.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data_contracts.check import Parent
from data_contracts.intake.made import CHANGES, Made
from data_contracts.linking import Decisions, Link, Place, Register, Ticket, told
from data_contracts.model import Contract, Linkage, Region, Relationship
from data_contracts.personal import leads_to_person, masked
from data_contracts.problems import UnreadableError

BY_CLERK: Final = "linked.confirmed"
_SEVERAL: Final = re.compile(r"[、;;]\s*")


@dataclass(frozen=True, slots=True)
class Linked:
    """What became of the rows of one table that tell their place only in words.

    Attributes:
        automatic: How many got a key here.
        confirmed: How many got one from a clerk.
        elsewhere: How many a clerk found to mean no registered place.
        waiting: Those a clerk has to tell, in delivered order.
        unlinked: How many no place answers for, by division: they wait, mean none, or say nothing of their place.
        names: Name and address of each place by its key, for the clerk.
        contradicted: Rows with a registered key whose words tell another place near certainly: id, key, key told.
        unserved: How many have a place for which nobody answered on their day, by division; they do not score either.
    """

    automatic: int
    confirmed: int
    elsewhere: int
    waiting: tuple[Link, ...]
    unlinked: Mapping[str, int]
    names: Mapping[str, str]
    contradicted: tuple[tuple[str, str, str], ...] = ()
    unserved: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Words:
    """A column whose keys may be told in words, and the table they lead to."""

    column: str
    parent: Relationship
    how: Linkage


@dataclass(slots=True)
class _Found:
    """Keys by row, each with its reason, and the rows that have none."""

    keys: dict[int, tuple[str, str]] = field(default_factory=dict)
    waiting: list[Link] = field(default_factory=list)
    elsewhere: int = 0
    contradicted: list[tuple[str, str, str]] = field(default_factory=list)


@dataclass(slots=True)
class Linking:
    """Links rows table by table, as their parents are settled.

    Attributes:
        decisions: Of clerks, by ticket.
        linked: Outcome by table.
    """

    decisions: Decisions = field(default_factory=Decisions)
    linked: dict[str, Linked] = field(default_factory=dict)
    _given: dict[str, str | None] = field(default_factory=dict)
    _nowhere: dict[str, str] = field(default_factory=dict)
    _divisions: set[str] = field(default_factory=set)
    _told: dict[str, Ticket] = field(default_factory=dict)

    def filled(self, made: Made, contract: Contract, parents: Mapping[str, Parent]) -> Made:
        """*made* with the keys that could be told."""
        for column in contract.columns:
            parent = next((link for link in contract.relationships if link.columns == (column.name,)), None)
            if column.linked is not None and parent is not None and parent.table in parents:
                made = self._filled(made, contract, _Words(column.name, parent, column.linked), parents)
        return made

    def _filled(self, made: Made, contract: Contract, words: _Words, parents: Mapping[str, Parent]) -> Made:
        how, ids, given = words.how, made.table[contract.key[0]], made.table[words.column]
        if self.decisions.keys:
            self._given |= dict(zip(ids.to_pylist(), given.to_pylist(), strict=True))
        unnamed = pc.is_in(ids, pa.array(leads_to_person(ids), ids.type))  # refused for its key: asks nobody
        rows = np.flatnonzero(pc.and_not(pc.is_valid(made.table[how.text]), unnamed).to_numpy(False))
        regions = _regions(how.region, parents)
        self._divisions = set(regions) or set(parents[words.parent.table].keys[how.division].to_pylist())
        tickets = self._tickets(made.table.take(pa.array(rows)), contract, how, regions)
        places = list(_places(words, parents, regions)) if tickets else []
        links = Register(places).link_all(tickets)
        names = {place.key: masked(" ".join(filter(None, (*place.names[:1], place.address)))) for place in places}
        found = _Found()
        for row, key, link in zip(rows.tolist(), given.take(pa.array(rows)).to_pylist(), links, strict=True):
            if key is None:
                self._tell(row, link, names, found)
            elif key in names and link.key not in ("", key):
                found.contradicted.append((link.ticket.ticket_id, key, link.key))
        confirmed = sum(reason == BY_CLERK for _, reason in found.keys.values())
        filled = _with_keys(made, contract.table, words.column, found.keys)
        self.linked[contract.table] = Linked(
            automatic=len(found.keys) - confirmed,
            confirmed=confirmed,
            elsewhere=found.elsewhere,
            waiting=tuple(found.waiting),
            unlinked=self._by_division(filled.table, how, pc.is_null(filled.table[words.column])),
            contradicted=tuple(sorted(found.contradicted)),
            names=names,
        )
        return filled

    def _tell(self, row: int, link: Link, names: Mapping[str, str], found: _Found) -> None:
        """What becomes of a row without a key: a clerk's word goes before what is near certain."""
        decided = self.decisions.keys.get(link.ticket.ticket_id)
        self._told[link.ticket.ticket_id] = link.ticket
        if decided and decided not in names:
            self._nowhere[link.ticket.ticket_id] = decided
        elif decided:
            found.keys[row] = decided, BY_CLERK
        elif decided is not None:
            found.elsewhere += 1
        elif link.key:
            best = link.candidates[0]
            found.keys[row] = link.key, f"linked.{best.evidence}.{best.confidence}"
        else:
            found.waiting.append(link)

    def attributed(self, made: Made, contract: Contract) -> None:
        """Count the rows whose place no row of another table answered for on their day: *made* is attributed."""
        place = next((column for column in contract.columns if column.linked), None)
        if place is None or place.linked is None or contract.table not in self.linked:
            return
        for column in contract.columns:
            if column.attributed is not None and column.attributed.match == place.name:
                nobody = pc.and_(pc.is_valid(made.table[place.name]), pc.is_null(made.table[column.name]))
                unserved = self._by_division(made.table, place.linked, nobody)
                self.linked[contract.table] = replace(self.linked[contract.table], unserved=unserved)

    def _tickets(self, rows: pa.Table, contract: Contract, how: Linkage, regions: Mapping[str, str]) -> list[Ticket]:
        ids, texts = rows[contract.key[0]].to_pylist(), rows[how.text].to_pylist()
        return [
            Ticket(ticket, division, text, region=regions.get(division, ""))
            for ticket, division, text in zip(ids, self._known(rows[how.division]), texts, strict=True)
        ]

    def _by_division(self, rows: pa.Table, how: Linkage, which: pa.ChunkedArray) -> dict[str, int]:
        """How many of *rows* there are *which*, by division."""
        return dict(sorted(Counter(self._known(rows[how.division].filter(which))).items()))

    def _known(self, divisions: pa.ChunkedArray) -> list[str]:
        """Divisions as they may be shown: what stands there instead of a code, a person perhaps, is none."""
        return [one if one in self._divisions else "" for one in divisions.to_pylist()]

    def _as_decided(self, ticket: str) -> bool:
        """Whether a ticket says of its place what it said when a clerk decided."""
        now, then = self._told.get(ticket), self.decisions.examples[ticket]
        return now is not None and told(now.text, now.region) == told(then, now.region)

    def problems(self) -> Iterator[UnreadableError]:
        """Decisions for a place or ticket that is not there or has another place by now, or against each other."""
        sources = self.decisions.sources
        for ticket, key in self._nowhere.items():
            yield UnreadableError("link.nowhere", sources[ticket], found=key)
        for ticket in self.decisions.twice:
            yield UnreadableError("link.twice", sources[ticket], found=ticket)
        for ticket, key in self.decisions.keys.items():
            if ticket not in self._given:
                yield UnreadableError("link.unknown", sources[ticket], found=ticket)
            elif self._given[ticket] is None and not self._as_decided(ticket):
                yield UnreadableError("link.changed", sources[ticket], found=ticket)
            elif self._given[ticket] not in (None, key):
                yield UnreadableError("link.stale", sources[ticket], found=f"{ticket} {self._given[ticket]}")


def _places(words: _Words, parents: Mapping[str, Parent], regions: Mapping[str, str]) -> Iterator[Place]:
    """Accepted places with all their names: a project's name leads to its compound."""
    how, key = words.how, words.parent.targets[0]
    names: dict[str, dict[str, None]] = {}
    ids: dict[str, dict[str, None]] = {}
    if how.also is not None and how.also.table in parents:
        for other in parents[how.also.table].keys.to_pylist():
            place = other[how.also.match]
            names.setdefault(place, {}).update(dict.fromkeys(_texts(other, how.also.names)))
            ids.setdefault(place, {}).update(dict.fromkeys(_texts(other, how.also.ids)))
    for row in parents[words.parent.table].keys.to_pylist():
        place, division = row[key], row[how.division]
        own = dict.fromkeys(_texts(row, how.names)) | names.get(place, {})
        yield Place(
            place,
            tuple(ids.get(place, ())),
            division,
            tuple(own),
            row[how.address] or "",
            region=regions.get(division, ""),
        )


def _regions(region: Region | None, parents: Mapping[str, Parent]) -> dict[str, str]:
    """By division, the names of everything it lies in."""
    if region is None or region.table not in parents:
        return {}
    rows = {row[region.code]: row for row in parents[region.table].keys.to_pylist()}
    names = {code: row[region.name] or "" for code, row in rows.items()}
    uppers = {code: names.get(row[region.upper], "") for code, row in rows.items()}
    return {code: "".join(dict.fromkeys((region.within, uppers[code], names[code]))) for code in rows}


def _texts(row: Mapping[str, str | None], columns: Iterable[str]) -> Iterator[str]:
    for name in columns:
        yield from filter(None, _SEVERAL.split(row[name] or ""))


def _with_keys(made: Made, table: str, column: str, found: Mapping[int, tuple[str, str]]) -> Made:
    if not found:
        return made
    keys: list[str | None] = made.table[column].to_pylist()
    changes = []
    files, sheets, rows = (array.to_pylist() for array in (made.origin.file, made.origin.sheet, made.origin.row))
    for row, (key, reason) in found.items():
        keys[row] = key
        place = {"file": files[row], "sheet": sheets[row], "row": rows[row]}
        changes.append({"table": table, "column": column, **place, "raw": None, "clean": key, "reason": reason})
    listed = pa.concat_tables([made.changes, pa.Table.from_pylist(changes, CHANGES)])
    return made.with_column(column, pa.array(keys, pa.string())).with_changes(listed)
