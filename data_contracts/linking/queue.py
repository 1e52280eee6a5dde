"""Tickets that wait for a clerk: grouped, so that one decision holds for all tickets with the same candidates."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from data_contracts.linking.register import Candidate, Link
from data_contracts.linking.words import told

NO_PLACE: Final = "无"
CONFIRMED: Final = "确认"
EXAMPLE: Final = "例"
TICKETS: Final = "工单"
EVIDENCE: Final = {
    "id": "编号",
    "name+address": "名称、地址",
    "name": "名称",
    "longer": "名称的一部分",
    "typo+address": "名称相近、地址",
    "typo": "名称相近",
    "address": "地址",
    "similar": "部分相同",
}
MOST_TICKETS: Final = 500  # in one line: a cell of a workbook ends at 32,767 signs


@dataclass(frozen=True, slots=True)
class Question:
    """What a clerk decides at once.

    Attributes:
        division: Whose tickets.
        candidates: Best first; empty where nothing fits.
        example: Text of one ticket; the others say the same of their place (`told`).
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
        examples: What was said of its place, by ticket, when that was decided.
        sources: Where each ticket's decision stands, for messages.
        twice: Tickets with two different decisions.
    """

    keys: Mapping[str, str] = field(default_factory=dict)
    examples: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    twice: tuple[str, ...] = ()


def unlinked_by_division(links: Iterable[Link]) -> dict[str, int]:
    """How many tickets no project answers for yet, by division; they never score."""
    return dict(sorted(Counter(link.ticket.division for link in links if not link.key).items()))


def questions(links: Iterable[Link]) -> list[Question]:
    """What is left to decide: by division, lines of the same candidates together, the most tickets first.

    A line holds what callers put in the same words, building aside: 翠湖花园三期 and a misspelled 翠湖花园 have the
    same candidates, and not the same answer.
    """
    groups: dict[tuple[str, tuple[str, ...], str], list[Link]] = defaultdict(list)
    together: Counter[tuple[str, tuple[str, ...]]] = Counter()
    for link in sorted(links, key=lambda link: (link.ticket.ticket_id, link.ticket.text)):
        if not link.key:
            about = link.ticket.division, tuple(one.key for one in link.candidates)
            groups[*about, told(link.ticket.text, link.ticket.region)].append(link)
            together[about] += 1
    ordered = sorted(
        groups.items(),
        key=lambda item: (item[0][0], not item[0][1], -together[item[0][:2]], item[0][1], -len(item[1]), item[0][2]),
    )
    return [
        Question(
            division,
            members[0].candidates,
            members[0].ticket.text,
            tuple(one.ticket.ticket_id for one in members[at : at + MOST_TICKETS]),
        )
        for (division, _, _), members in ordered
        for at in range(0, len(members), MOST_TICKETS)
    ]


def decisions_of(answers: Iterable[tuple[str, str, str, str]]) -> Decisions:
    """Answered questions by ticket.

    Args:
        answers: Where a line stands, what is written under 确认 (a key, before a space also with its name; 无: no
            registered place; empty: not decided), the ids of its tickets, one per line of the cell, and the example.
    """
    examples: dict[str, str] = {}
    keys: dict[str, str] = {}
    sources: dict[str, str] = {}
    twice: dict[str, None] = {}
    for source, confirmed, tickets, example in answers:
        words = unicodedata.normalize("NFKC", confirmed).split()
        if not words:
            continue
        key = "" if words[0] == NO_PLACE else words[0]
        for ticket in filter(None, map(str.strip, tickets.splitlines())):
            if keys.setdefault(ticket, key) != key:
                twice[ticket] = None
            sources.setdefault(ticket, source)
            examples.setdefault(ticket, example)
    return Decisions(keys, examples, sources, tuple(twice))


def candidates_shown(question: Question, names: Mapping[str, str]) -> Sequence[str]:
    """Candidates as a clerk reads them: key, name and address, what speaks for it and how much, in hundredths."""
    return [
        f"{one.key} {names.get(one.key, '')}".strip() + f"({EVIDENCE[one.evidence]} {one.confidence})"
        for one in question.candidates
    ]
