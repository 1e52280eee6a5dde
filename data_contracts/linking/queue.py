"""Tickets that wait for a clerk: grouped, so that one decision holds for all tickets with the same candidates."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from data_contracts.linking.register import Candidate, Link, plain

NO_PLACE: Final = "无"
CONFIRMED: Final = "确认"
TICKETS: Final = "工单"
MOST_TICKETS: Final = 500  # in one line: a cell of a workbook ends at 32,767 signs


@dataclass(frozen=True, slots=True)
class Question:
    """What a clerk decides at once.

    Attributes:
        division: Whose tickets.
        candidates: Best first; empty where nothing fits.
        example: Text of one ticket.
        tickets: Their ids, at most 500.
    """

    division: str
    candidates: tuple[Candidate, ...]
    example: str
    tickets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Decisions:
    """What clerks have confirmed.

    Attributes:
        keys: Key by ticket id; empty where the ticket means no registered place.
        sources: Where each ticket's decision stands, for messages.
        twice: Tickets with two different decisions.
    """

    keys: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    twice: tuple[str, ...] = ()


def unlinked_by_division(links: Iterable[Link]) -> dict[str, int]:
    """How many tickets no project answers for yet, by division; they never score."""
    return dict(sorted(Counter(link.ticket.division for link in links if not link.key).items()))


def questions(links: Iterable[Link]) -> list[Question]:
    """What is left to decide: by division, the most tickets first."""
    groups: dict[tuple[str, tuple[str, ...]], list[Link]] = defaultdict(list)
    for link in links:
        if not link.key:
            keys = tuple(one.key for one in link.candidates) or (plain(link.ticket.text),)
            groups[link.ticket.division, keys].append(link)
    ordered = sorted(groups.items(), key=lambda item: (item[0][0], -len(item[1]), item[0][1]))
    return [
        Question(
            division,
            members[0].candidates,
            members[0].ticket.text,
            tuple(one.ticket.ticket_id for one in members[at : at + MOST_TICKETS]),
        )
        for (division, _), members in ordered
        for at in range(0, len(members), MOST_TICKETS)
    ]


def decisions_of(answers: Iterable[tuple[str, str, str]]) -> Decisions:
    """Answered questions by ticket.

    Args:
        answers: Where a line stands, what is written under 确认 (a key, before a space also with its name; 无: no
            registered place; empty: not decided), and the ids of its tickets with spaces between them.
    """
    keys: dict[str, str] = {}
    sources: dict[str, str] = {}
    twice: dict[str, None] = {}
    for source, confirmed, tickets in answers:
        words = confirmed.split()
        if not words:
            continue
        key = "" if words[0] == NO_PLACE else words[0]
        for ticket in tickets.split():
            if keys.setdefault(ticket, key) != key:
                twice[ticket] = None
            sources.setdefault(ticket, source)
    return Decisions(keys, sources, tuple(twice))


def candidates_shown(question: Question, names: Mapping[str, str]) -> Sequence[str]:
    """Candidates as a clerk reads them: key and name."""
    return [f"{one.key} {names.get(one.key, '')}".strip() for one in question.candidates]
