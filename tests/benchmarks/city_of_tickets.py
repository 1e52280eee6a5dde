"""Made-up tickets with the place each one means: aliases, typing errors, look-alikes and places nobody has registered.

Names are put together from common signs; none of them is meant to be a real compound.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import date, timedelta

from data_contracts.linking import Place, Ticket

FIRST, SECOND = "翠锦悦景恒泰春盛兰安桐丰辉云", "湖庭阳润晨福川和林泽岸顺山祥"
KINDS = ("花园", "家园", "雅苑", "名都", "华庭", "佳园", "新村", "公馆", "小区")
ROADS = ("示例路", "样本街", "青年路", "环城北路", "金碧路", "滇池路", "人民中路", "学府路")
DIVISIONS = tuple(f"5301{number:02d}" for number in (2, 3, 11, 12, 14, 15))
SWAPS = {
    "庭": "亭",
    "湖": "胡",
    "阳": "杨",
    "润": "闰",
    "福": "富",
    "园": "圆",
    "锦": "金",
    "华": "花",
    "辉": "晖",
    "和": "河",
}
MEAN = (
    ("name+address", 46),
    ("name", 15),
    ("alias", 12),
    ("typo+address", 10),
    ("typo", 3),
    ("address", 5),
    ("id", 2),
    ("shared", 3),
    ("unknown", 4),
)


@dataclass(frozen=True, slots=True)
class Case:
    """A ticket, the place it means (empty: none that is registered), and how it says so."""

    ticket: Ticket
    key: str
    kind: str


def register_of(size: int, seed: int) -> list[Place]:
    """*size* places: some share a name across divisions, some have a second phase, some have changed hands."""
    draw = random.Random(seed)  # noqa: S311  # made-up data
    places: list[Place] = []
    while len(places) < size:
        number = len(places) + 1
        name = draw.choice(FIRST) + draw.choice(SECOND) + draw.choice(KINDS)
        division = draw.choice(DIVISIONS)
        if any(name in place.names and place.division == division for place in places):
            continue
        house = f"{draw.choice(ROADS)}{number}号"
        alias = (name[:2] + draw.choice(("苑", "府", "郡")),) if draw.random() < 0.3 else ()
        place = Place(
            f"P{number:05d}", (f"C{division}{number:06d}",), division, (name, *alias), house, date(2022, 1, 1)
        )
        places.append(place)
        if draw.random() < 0.1:
            other = replace(place, key=f"P{number:05d}2", ids=(f"C{division}9{number:05d}",), names=(f"{name}二期",))
            places.append(replace(other, address=f"{draw.choice(ROADS)}{number + 20_000}号"))
        if draw.random() < 0.1:
            end = date(2024, draw.randint(2, 11), 1)
            places[places.index(place)] = replace(place, end=end)
            places.append(replace(place, key=f"P{number:05d}3", begin=end + timedelta(days=1)))
    return places


def cases_of(places: list[Place], count: int, seed: int) -> list[Case]:
    """*count* tickets about *places*."""
    draw = random.Random(seed)  # noqa: S311  # made-up data
    kinds, weights = zip(*MEAN, strict=True)
    cases: list[Case] = []
    while len(cases) < count:
        kind = draw.choices(kinds, weights)[0]
        day = date(2024, 1, 1) + timedelta(days=draw.randrange(366))
        place = draw.choice([one for one in places if one.holds_on(day)])
        text = _text(kind, place, draw)
        if text is None:
            continue
        division = "" if draw.random() < 0.05 else place.division
        if kind == "shared":
            division = ""
        decorated = (
            draw.choice(("", "昆明市", "云南省昆明市"))
            + text
            + draw.choice(("", "3栋2单元", " 5幢", "(近地铁)", "物业不作为"))
        )
        ticket = Ticket(f"T{len(cases):05d}", division, decorated, day)
        cases.append(Case(ticket, "" if kind == "unknown" else place.key, kind))
    return cases


def _text(kind: str, place: Place, draw: random.Random) -> str | None:
    name = place.names[0]
    match kind:
        case "name+address":
            return draw.choice((place.address + name, f"{name}({place.address})", f"{name} {place.address}"))
        case "name" | "shared":
            return name
        case "alias":
            return f"{place.address}{place.names[1]}" if len(place.names) > 1 else None
        case "typo+address":
            return place.address + _mistyped(name, draw)
        case "typo":
            return _mistyped(name, draw)
        case "address":
            return place.address
        case "id":
            return f"小区编号{place.ids[0]}"
    unknown = draw.choice(FIRST) + "麓" + draw.choice(KINDS)
    return draw.choice(
        (
            unknown,
            f"{name}三期",
            f"{name}第三期",
            f"新{name}",
            f"{name}幼儿园",
            f"{place.names[0]}旁边的{unknown}",
            f"{draw.choice(ROADS)}9{draw.randrange(9999)}号",
        )
    )


def _mistyped(name: str, draw: random.Random) -> str:
    at = draw.randrange(len(name))
    sign = name[at]
    return draw.choice(
        (name[:at] + SWAPS.get(sign, "某") + name[at + 1 :], name[:at] + name[at + 1 :], name[:at] + sign + name[at:])
    )
