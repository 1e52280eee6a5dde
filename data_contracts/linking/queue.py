"""Tickets that wait for a clerk: grouped, so that one decision holds for all tickets with the same candidates."""

from __future__ import annotations

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from data_contracts.linking.register import MAX_CANDIDATES, Link, plain

QUEUE_COLUMNS: Final = (
    "组",
    "单位",
    "工单数",
    "例",
    "候选1",
    "把握1",
    "候选2",
    "把握2",
    "候选3",
    "把握3",
    "确认",
    "工单",
)


def unlinked_by_division(links: Iterable[Link]) -> dict[str, int]:
    """How many tickets no project answers for yet, by division; they never score."""
    return dict(sorted(Counter(link.ticket.division for link in links if not link.key).items()))


def queue_csv(links: Iterable[Link]) -> bytes:
    """What a clerk has to decide: one line for all tickets of one division with the same candidates.

    The clerk writes a candidate (or another key) under 确认; it then holds for every ticket of the line. UTF-8 with the
    mark that spreadsheet programs need.
    """
    groups: dict[tuple[str, tuple[str, ...]], list[Link]] = defaultdict(list)
    for link in links:
        if not link.key:
            keys = tuple(one.key for one in link.candidates) or (plain(link.ticket.text),)
            groups[link.ticket.division, keys].append(link)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(QUEUE_COLUMNS)
    ordered = sorted(groups.items(), key=lambda item: (item[0][0], -len(item[1]), item[0][1]))
    for number, ((division, _), members) in enumerate(ordered, start=1):
        shown = [cell for one in members[0].candidates for cell in (one.key, str(one.confidence))]
        filled = shown + [""] * (2 * MAX_CANDIDATES - len(shown))
        ids = " ".join(link.ticket.ticket_id for link in members)
        example = plain(members[0].ticket.text)
        writer.writerow([str(number), division, str(len(members)), example, *filled, "", ids])
    return text.getvalue().encode("utf-8-sig")


@dataclass(frozen=True, slots=True)
class Decisions:
    """What a clerk has confirmed.

    Attributes:
        keys: Key by ticket id.
        problems: Lines that cannot be used, worded for the clerk.
    """

    keys: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


def decisions_of(data: bytes, keys: Iterable[str]) -> Decisions:
    """Read a queue file that came back.

    Args:
        data: The file.
        keys: All places that may be confirmed.
    """
    known = set(keys)
    rows = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    if rows.fieldnames is None or not {"确认", "工单"} <= set(rows.fieldnames):
        return Decisions(problems=(f"表头应为:{'、'.join(QUEUE_COLUMNS)}",))
    confirmed: dict[str, str] = {}
    problems: list[str] = []
    for number, row in enumerate(rows, start=2):
        key = (row["确认"] or "").strip()
        if key and key not in known:
            problems.append(f"第 {number} 行:确认“{key}”不在登记的项目之中")
        elif key:
            confirmed |= dict.fromkeys((row["工单"] or "").split(), key)
    return Decisions(confirmed, tuple(problems))
