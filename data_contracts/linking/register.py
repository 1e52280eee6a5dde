"""Tickets to projects: a hotline writes down what a caller says, and no id.

Only a link that is near certain is made here; everything else goes to a clerk with its candidates, in groups that are
confirmed at once. A wrong link costs a firm points for another's fault, an open one costs a clerk a minute, so every
doubt (two compounds of one name, a phase that no name has, a typing error without an address) is left open. Integers
throughout: a confidence is a rank of evidence in hundredths, not a probability.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

CERTAIN: Final = 95
MAX_CANDIDATES: Final = 3
_KEPT: Final = re.compile(r"[^0-9a-z\u4e00-\u9fff]+")
_HOUSE: Final = re.compile(r"[\u4e00-\u9fff]{1,8}?(?:路|街|巷|道)\d{1,5}号")
_TELLING: Final = frozenset("0123456789abcdefgh一二三四五六七八九十东西南北中上下新老甲乙丙丁")
_PHASE: Final = re.compile(
    r"^(?:期|[一二三四五六七八九十](?![栋幢单号])|[0-9一二三四五六七八九十a-h东西南北甲乙丙丁]{1,2}(?:期|区|苑|组团)|新村|公馆|商铺|商业街|地铁站|旁|对面|附近|隔壁|东侧|西侧|南侧|北侧)"
)
_NEAR_BEFORE: Final = re.compile(r"(?:不是|靠近|邻近|毗邻)$")
_KINDS: Final = ("花园", "小区", "雅苑", "家园", "新村", "名都", "公馆", "华庭", "佳园", "公寓", "苑", "城", "里", "园")
_SHORTEST: Final = 3


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
    """

    key: str
    ids: tuple[str, ...]
    division: str
    names: tuple[str, ...]
    address: str = ""
    begin: date | None = None
    end: date | None = None

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
    """

    ticket_id: str
    division: str
    text: str
    day: date | None = None


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


def plain(text: str) -> str:
    """Letters, digits and characters alone, without width and case.

    >>> plain("翠湖苑 (二期)Ａ栋")
    '翠湖苑二期a栋'
    """
    return _KEPT.sub("", unicodedata.normalize("NFKC", text).casefold())


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
            for name in place.names:
                if len(plain(name)) >= _SHORTEST:
                    self._by_name[plain(name)].add(at)
            for house in _houses(place.address):
                self._by_house[house].add(at)
        for name in self._by_name:
            for pair in _pairs(name):
                self._pairs[pair].add(name)
        self._ids = re.compile("|".join(map(re.escape, sorted(self._by_id, key=len, reverse=True))) or r"(?!)")

    def link(self, ticket: Ticket) -> Link:
        """The place a ticket means, or its candidates."""
        text = plain(ticket.text)
        found = sorted(self._candidates(ticket, text), key=lambda one: (-one.confidence, one.key))
        best: dict[str, Candidate] = {}
        for one in found:
            best.setdefault(one.key, one)
        ranked = tuple(best.values())[:MAX_CANDIDATES]
        certain = [one for one in ranked if one.confidence >= CERTAIN]
        return Link(ticket, certain[0].key if len(certain) == 1 else "", ranked)

    def link_all(self, tickets: Iterable[Ticket]) -> list[Link]:
        """Links in the order of *tickets*."""
        return [self.link(ticket) for ticket in tickets]

    def _candidates(self, ticket: Ticket, text: str) -> Iterator[Candidate]:
        by_id = {at for match in self._ids.findall(text) for at in self._by_id[match]}
        if by_id:
            yield from self._ranked(by_id, 100, "id", ticket)
            return
        houses = _houses(ticket.text)
        at_house = {at for house in houses for at in self._by_house.get(house, ())}
        at_house = {at for at in at_house if self._in_division(at, ticket)}
        named = list(self._named(text))
        if named:
            for name, doubtful in named:
                yield from self._by_exact_name(name, doubtful, at_house, bool(houses), ticket)
            return
        mistyped = list(self._mistyped(text))
        for name in mistyped:
            yield from self._by_typo(name, mistyped, at_house, ticket)
        sure = len(at_house) == 1 and not mistyped and not _has_name(text)
        yield from self._ranked(at_house, 96 if sure else 80, "address", ticket)

    def _by_exact_name(
        self, name: str, doubtful: bool, at_house: set[int], has_house: bool, ticket: Ticket
    ) -> Iterator[Candidate]:
        places = self._by_name[name]
        here = {at for at in places if self._in_division(at, ticket) and self._places[at].holds_on(ticket.day)}
        agreed = here & at_house
        if agreed and not doubtful:
            yield from self._ranked(agreed, 99, "name+address", ticket)
            places = places - agreed
        alone = len({self._compound(at) for at in here}) == 1
        against = has_house and not agreed and any(_houses(self._places[at].address) for at in here)
        sure = alone and not doubtful and not against and not agreed and (ticket.division or len(places) == len(here))
        yield from self._ranked(places, 97 if sure else 70, "name", ticket)

    def _by_typo(self, name: str, others: Sequence[str], at_house: set[int], ticket: Ticket) -> Iterator[Candidate]:
        places = {at for at in self._by_name[name] if self._in_division(at, ticket)}
        agreed = places & at_house
        rivals = {at for other in others if other != name for at in self._by_name[other]} & at_house
        yield from self._ranked(agreed, 96 if len(agreed) == 1 and not rivals else 75, "typo+address", ticket)
        yield from self._ranked(places - agreed, 60, "typo", ticket)

    def _ranked(self, places: Iterable[int], confidence: int, evidence: str, ticket: Ticket) -> Iterator[Candidate]:
        """A place of another division or another time is a candidate at most."""
        for at in sorted(places):
            place, sure = self._places[at], confidence
            if not self._in_division(at, ticket) or not place.holds_on(ticket.day):
                sure = min(confidence, 50)
            yield Candidate(place.key, sure, evidence)

    def _in_division(self, at: int, ticket: Ticket) -> bool:
        return not ticket.division or self._places[at].division == ticket.division

    def _compound(self, at: int) -> tuple[str, ...]:
        place = self._places[at]
        return place.ids or (place.key,)

    def _named(self, text: str) -> Iterator[tuple[str, bool]]:
        """Names that stand in *text* and not within a longer one, and whether what stands around puts them in doubt."""
        spans = [
            (at, at + len(name), name)
            for name in {name for pair in _pairs(text) for name in self._pairs.get(pair, ())}
            for at in _places_of(name, text)
        ]
        for begin, end, name in sorted(spans):
            if any(a <= begin and end <= b and (a, b) != (begin, end) for a, b, _ in spans):
                continue
            yield name, bool(_PHASE.match(text[end:]) or _NEAR_BEFORE.search(text[:begin]))

    def _mistyped(self, text: str) -> Iterator[str]:
        """Names that differ from a part of *text* in one sign, and not in one that tells two compounds apart."""
        counts = Counter(name for pair in set(_pairs(text)) for name in self._pairs.get(pair, ()))
        for name, shared in sorted(counts.items()):
            if len(name) >= _SHORTEST + 1 and shared >= len(name) - 3 and _stands_mistyped(name, text):
                yield name


def _houses(text: str) -> set[str]:
    """Road and number of an address, without what stands before the road's own name: its last two to four signs."""
    found = set()
    for match in _HOUSE.finditer(plain(text)):
        road, number = re.split(r"(?<=[路街巷道])(?=\d)", match[0], maxsplit=1)
        found |= {road[-length:] + number for length in (3, 4, 5) if length <= len(road)}
    return found


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


def _has_name(text: str) -> bool:
    """Whether a text seems to name a compound that no register knows."""
    return any(kind in text for kind in _KINDS)
