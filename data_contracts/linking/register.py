"""Tickets to projects: a hotline writes down what a caller says, and no id.

Only a link that is near certain is made here; everything else goes to a clerk with its candidates, in groups that are
confirmed at once. A wrong link costs a firm points for another's fault, an open one costs a clerk a minute, so every
doubt (two compounds of one name, a phase that no name has, a typing error without an address) is left open. Integers
throughout: a confidence is a rank of evidence in hundredths, not a probability.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import takewhile
from typing import Final

from data_contracts.linking.words import (
    Doubt,
    Said,
    districts,
    doubt,
    exact_houses,
    heard,
    houses,
    lies_in,
    names_a_compound,
    plain,
)

CERTAIN: Final = 95
MAX_CANDIDATES: Final = 3
_AT_HOUSE: Final = 80
_DOUBTED: Final = 70
_ELSEWHERE: Final = 50
_TELLING: Final = frozenset("0123456789abcdefgh一二三四五六七八九十东西南北中上下新老甲乙丙丁")
_PART_OF_ID: Final = re.compile(r"[0-9a-z]")
_SHORTEST: Final = 3
_TELLS_ALONE: Final = 6  # signs of an id that needs no word before it: "C1" may be a building


@dataclass(frozen=True, slots=True)
class Place:
    """One project at one compound, as a register knows it.

    Attributes:
        key: What a ticket is linked to, such as a project id.
        ids: Further ids a caller or clerk may give, such as the compound's.
        division: Code of the division it lies in.
        names: Name and aliases.
        address: Street and number; empty when unknown.
        begin, end: First and last day it answers for the compound; None is open.
        region: Province, city and district it lies in, in words: a text that names others means another place; empty
            when unknown.
    """

    key: str
    ids: tuple[str, ...]
    division: str
    names: tuple[str, ...]
    address: str = ""
    begin: date | None = None
    end: date | None = None
    region: str = ""

    def holds_on(self, day: date | None) -> bool:
        """Whether it answers for that day; an unknown day fits any."""
        return day is None or ((self.begin is None or self.begin <= day) and (self.end is None or day <= self.end))


@dataclass(frozen=True, slots=True)
class Ticket:
    """What is known of a complaint before it is linked.

    Attributes:
        division: Code of the division it was sent to; empty when unknown.
        text: Address as spoken or typed.
        day: Received on.
        region: Of its division, in words, as for a place.
    """

    ticket_id: str
    division: str
    text: str
    day: date | None = None
    region: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One place a ticket may mean: evidence in hundredths, and which: id, name, name+address, address, typo, …."""

    key: str
    confidence: int
    evidence: str


@dataclass(frozen=True, slots=True)
class Link:
    """The outcome for one ticket.

    Attributes:
        key: The place, empty while a clerk has to decide.
        candidates: Best first, at most three.
    """

    ticket: Ticket
    key: str
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A ticket and what its text says.

    Attributes:
        houses: Whether it gives a road and number.
        at_house: Places of its division there.
        districts: It names, each by three signs.
    """

    ticket: Ticket
    said: Said
    houses: bool
    at_house: Collection[int]
    districts: Collection[str]


@dataclass(frozen=True, slots=True)
class _Named:
    """A registered name that stands in a text."""

    name: str
    begin: int
    end: int
    doubt: Doubt


class Register:
    """All places, ready to be searched.

    Args:
        places: Of the whole city: a name is only telling when no other division has it too.
    """

    def __init__(self, places: Iterable[Place]) -> None:
        self._places = list(places)
        self._by_id: dict[str, set[int]] = defaultdict(set)
        self._by_name: dict[str, set[int]] = defaultdict(set)
        self._by_house: dict[str, set[int]] = defaultdict(set)
        self._pairs: dict[str, set[str]] = defaultdict(set)
        for at, place in enumerate(self._places):
            for one in (place.key, *place.ids):
                self._by_id[plain(one)].add(at)
            for name in map(plain, place.names):
                if len(name) >= _SHORTEST:
                    self._by_name[name].add(at)
            for house in houses(place.address):
                self._by_house[house].add(at)
        self._names = sorted(self._by_name)
        for name in self._names:
            for pair in _pairs(name):
                self._pairs[pair].add(name)
        self._ids = _ids(self._by_id)

    def link(self, ticket: Ticket) -> Link:
        """The place a ticket means, or its candidates."""
        said = heard(ticket.text)
        named = list(self._named(said))
        found = sorted(
            self._candidates(self._asked(ticket, said, named), named), key=lambda one: (-one.confidence, one.key)
        )
        best: dict[str, Candidate] = {}
        for one in found:
            best.setdefault(one.key, one)
        ranked = tuple(best.values())[:MAX_CANDIDATES]
        certain = [one for one in ranked if one.confidence >= CERTAIN]
        return Link(ticket, certain[0].key if len(certain) == 1 else "", ranked)

    def link_all(self, tickets: Iterable[Ticket]) -> list[Link]:
        """Links in the order of *tickets*."""
        return [self.link(ticket) for ticket in tickets]

    def _asked(self, ticket: Ticket, said: Said, named: Iterable[_Named]) -> _Asked:
        roads = houses(ticket.text)
        at_house = {at for house in roads for at in self._by_house.get(house, ()) if self._in_division(at, ticket)}
        outside = districts(said, [(one.begin, one.end) for one in named])
        return _Asked(ticket, said, bool(roads), at_house, outside)

    def _candidates(self, asked: _Asked, named: Sequence[_Named]) -> Iterator[Candidate]:
        by_id = {at for known in self._ids_in(asked.said) for at in self._by_id[known]}
        if by_id:
            against = any(not by_id & self._by_name[one.name] for one in named)
            yield from self._ranked(by_id, _DOUBTED if against else 100, "id", asked)
        alone = len({self._compound(at) for one in named for at in self._here(one.name, asked.ticket)}) == 1
        for one in () if by_id else named:
            yield from self._by_exact_name(one, alone, asked)
        if named:
            yield from self._ranked(() if by_id else asked.at_house, _AT_HOUSE, "address", asked)
        if by_id or named:
            return
        mistyped = list(self._mistyped(asked.said.text))
        for name in mistyped:
            yield from self._by_typo(name, mistyped, asked)
        sure = self._alone_at_house(asked) and not mistyped and not names_a_compound(asked.said.text)
        yield from self._ranked(asked.at_house, 96 if sure else _AT_HOUSE, "address", asked)
        if not mistyped and not asked.at_house:
            for name, share in self._similar(asked.said.text):
                here = (at for at in self._by_name[name] if self._in_division(at, asked.ticket))
                yield from self._ranked(here, share // 2, "similar", asked)

    def _alone_at_house(self, asked: _Asked) -> bool:
        """Whether an address is that of one compound, to the sign: 南环城路 ends like 环城路."""
        exact = exact_houses(asked.ticket.text)
        here = {at for at in asked.at_house if self._places[at].holds_on(asked.ticket.day)}
        alone = len({self._compound(at) for at in here}) == 1
        return alone and all(exact & exact_houses(self._places[at].address) for at in here)

    def _ids_in(self, said: Said) -> Iterator[str]:
        """Ids that a text gives, not within longer ones."""
        for match in self._ids.finditer(said.text):
            if match.end() in said.breaks or not _PART_OF_ID.match(said.text[match.end() :]):
                yield match[0]

    def _here(self, name: str, ticket: Ticket) -> set[int]:
        """Places of that name in the ticket's division that answer for its day."""
        places = self._by_name[name]
        return {at for at in places if self._in_division(at, ticket) and self._places[at].holds_on(ticket.day)}

    def _by_exact_name(self, one: _Named, alone: bool, asked: _Asked) -> Iterator[Candidate]:
        places, ticket = self._by_name[one.name], asked.ticket
        here = self._here(one.name, ticket)
        agreed = here & set(asked.at_house)
        if agreed and one.doubt < Doubt.PLACE:
            yield from self._ranked(agreed, 99, "name+address", asked)
            places = places - agreed
        longer = self._longer(one.name, here, ticket)
        against = asked.houses and not agreed and any(houses(self._places[at].address) for at in here)
        sure = (
            alone
            and not longer
            and one.doubt == Doubt.NONE
            and not against
            and not agreed
            and (ticket.division or len(places) == len(here))
        )
        yield from self._ranked(places, 97 if sure else _DOUBTED, "name", asked)
        if not agreed:
            yield from self._ranked(longer, 65, "longer", asked)

    def _longer(self, name: str, here: Iterable[int], ticket: Ticket) -> set[int]:
        """Places whose name goes on where *name* ends, such as its second phase: callers leave that out."""
        own = {self._compound(at) for at in here}
        follows = takewhile(lambda other: other.startswith(name), self._names[bisect_right(self._names, name) :])
        longer = {at for other in follows for at in self._by_name[other]}
        return {at for at in longer if self._in_division(at, ticket) and self._compound(at) not in own}

    def _by_typo(self, name: str, others: Sequence[str], asked: _Asked) -> Iterator[Candidate]:
        at_house = set(asked.at_house)
        places = {at for at in self._by_name[name] if self._in_division(at, asked.ticket)}
        agreed = self._here(name, asked.ticket) & at_house
        rivals = {at for other in others if other != name for at in self._by_name[other]} & at_house
        yield from self._ranked(agreed, 96 if len(agreed) == 1 and not rivals else 75, "typo+address", asked)
        yield from self._ranked(places - agreed, 60, "typo", asked)

    def _ranked(self, places: Iterable[int], confidence: int, evidence: str, asked: _Asked) -> Iterator[Candidate]:
        """A place of another division, another district or another time is a candidate at most."""
        for at in sorted(places):
            place, address = self._places[at], plain(self._places[at].address)
            fits = (
                self._in_division(at, asked.ticket)
                and place.holds_on(asked.ticket.day)
                and lies_in(place.region, (one for one in asked.districts if one not in address))
            )
            yield Candidate(place.key, confidence if fits else min(confidence, _ELSEWHERE), evidence)

    def _in_division(self, at: int, ticket: Ticket) -> bool:
        return not ticket.division or self._places[at].division == ticket.division

    def _compound(self, at: int) -> tuple[str, ...]:
        place = self._places[at]
        return place.ids or (place.key,)

    def _named(self, said: Said) -> Iterator[_Named]:
        """Names that stand in a text and not within a longer one, and whether what stands around puts them in doubt."""
        spans = [
            (at, at + len(name), name)
            for name in {name for pair in _pairs(said.text) for name in self._pairs.get(pair, ())}
            for at in _places_of(name, said.text)
        ]
        for begin, end, name in sorted(spans):
            if any(a <= begin and end <= b and (a, b) != (begin, end) for a, b, _ in spans):
                continue
            yield _Named(name, begin, end, doubt(said, begin, end))

    def _similar(self, text: str) -> Iterator[tuple[str, int]]:
        """Names of which a text holds half or more, and how much, in hundredths: callers leave out 小区."""
        counts = Counter(name for pair in set(_pairs(text)) for name in self._pairs.get(pair, ()))
        for name, shared in sorted(counts.items()):
            if 2 * shared >= len(name) - 1:
                yield name, min(100 * shared // (len(name) - 1), 100)

    def _mistyped(self, text: str) -> Iterator[str]:
        """Names that differ from a part of *text* in one sign, and not in one that tells two compounds apart."""
        counts = Counter(name for pair in set(_pairs(text)) for name in self._pairs.get(pair, ()))
        for name, shared in sorted(counts.items()):
            if len(name) >= _SHORTEST + 1 and shared >= len(name) - 3 and _stands_mistyped(name, text):
                yield name


def _ids(known: Iterable[str]) -> re.Pattern[str]:
    """Where an id may begin and end; a short one only after a word that announces it."""
    ordered = sorted(filter(None, known), key=len, reverse=True)
    alone = "|".join(re.escape(one) for one in ordered if len(one) >= _TELLS_ALONE) or "(?!)"
    announced = "|".join(re.escape(one) for one in ordered if len(one) < _TELLS_ALONE) or "(?!)"
    return re.compile(f"(?:(?<![0-9a-z])(?:{alone})|(?<=编号|编码|代码)(?:{announced}))")


def _pairs(text: str) -> list[str]:
    return [text[at : at + 2] for at in range(len(text) - 1)]


def _places_of(name: str, text: str) -> Iterator[int]:
    at = text.find(name)
    while at >= 0:
        yield at
        at = text.find(name, at + 1)


def _stands_mistyped(name: str, text: str) -> bool:
    telling = [sign for sign in name if sign in _TELLING]
    for length in (len(name), len(name) - 1, len(name) + 1):
        for at in range(len(text) - length + 1):
            part = text[at : at + length]
            if one_apart(name, part) and [sign for sign in part if sign in _TELLING] == telling:
                return True
    return False


def one_apart(one: str, other: str) -> bool:
    """Whether two texts differ in at most one sign: another one, one more or one less.

    >>> one_apart("悦庭花园", "悦亭花园"), one_apart("悦庭花园", "悦花园"), one_apart("悦庭花园", "悦庭家苑")
    (True, True, False)
    """
    short, long = sorted((one, other), key=len)
    if len(long) - len(short) > 1:
        return False
    same = 0
    while same < len(short) and short[same] == long[same]:
        same += 1
    return short[same + (len(short) == len(long)) :] == long[same + 1 :]
