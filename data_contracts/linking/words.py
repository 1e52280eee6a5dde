"""What a caller says, sign by sign: what puts a name in doubt, which road and number, which district, what stays said.

Lists of words only ever put a link in doubt: a word that is missing here costs precision, one too many costs a clerk a
minute. Traditional signs are those that stand in names of places.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from data_contracts.personal import masked

_OLD: Final = (
    "區東園華龍雲灣麗陽號樓棟單縣鎮鄉廣場莊裡裏馬門錦綠鳳蘭時豐頤濱瀾寶興發際國觀學醫銀億萬長慶貴賢達遠運開關閣雙鄰書畫軒嶺島橋環實質聖聯榮業義藝劍劉匯衛舊"
    "樹楓檔葉藍薈蓮鐵鋼錢鐘鑽順頭願風飛駿鴻鵬鶴麥黃齊繡濤潤輝瑩夢韻覽嶽紅緣維經濟術機組團側邊對傑壹貳贰參叁肆"
)
_NEW: Final = (
    "区东园华龙云湾丽阳号楼栋单县镇乡广场庄里里马门锦绿凤兰时丰颐滨澜宝兴发际国观学医银亿万长庆贵贤达远运开关阁双邻书画轩岭岛桥环实质圣联荣业义艺剑刘汇卫旧"
    "树枫档叶蓝荟莲铁钢钱钟钻顺头愿风飞骏鸿鹏鹤麦黄齐绣涛润辉莹梦韵览岳红缘维经济术机组团侧边对杰一二二三三四"
)
_SIMPLE: Final = str.maketrans(_OLD, _NEW)
_HAN: Final = "\u4e00-\u9fff"
_OTHER: Final = re.compile(rf"[^0-9a-z{_HAN}]+")
_RANGE: Final = re.compile(r"(?<=\d)[-‐‑–—~./](?=\d)")
_HOUSE: Final = re.compile(rf"[{_HAN}]{{1,8}}?(?:路|街|巷|道)\d{{1,5}}号(?![附之])")
_ROAD_BEGINS: Final = re.compile(r".*[省市州县区镇乡村](?=..)|.*街道(?=..)")
_DISTRICT: Final = re.compile(
    rf"[{_HAN}]{{2}}(?:省|(?<![超城都夜])市(?![场民政])|县|(?<![小社园片街校厂库老东西南北中一二三四五六七八九十])区)"
)

_NUMBER: Final = r"第?(?:[0-9之]{1,5}|[一二三四五六七八九十]{1,3}|[ivx]{1,4}|[a-h]|[东西南北甲乙丙丁]{1,2})"
_PHASE: Final = re.compile(
    rf"{_NUMBER}(?:期|区|苑|组团|片区|号?地块|号?院)|(?:期|区|组团)|[东西南北上下新老甲乙丙丁a-h]院|[东西南北](?=[0-9])"
    r"|[新老旧]村|商铺|商业街|地铁|公交"
    r"|旁|对面|斜对|附近|隔壁|周边|外面|外围|后面|前面|背后|背面|[东西南北]侧|以[东西南北]|[往向][东西南北前后]|[与和到至及或]"
)
_LONGER: Final = re.compile(
    r"花园(?!里|内)|家园|雅苑|名都|名苑|公馆|华庭|佳园|公寓|别墅|大厦|广场(?!舞)|国际|苑|城(?!管)|里(?!面|边)|园(?!区|林)|府|郡|庭|轩|湾|墅"
    r"|中心(?!花园|绿)|小学|中学|学校|幼儿园|医院|酒店|宾馆|饭店|市场|菜市|派出所|社区|居委|村|公园|工地|售楼|商业|商场|超市"
)
_NEAR_BEFORE: Final = re.compile(r"(?:不是|靠近|邻近|毗邻|临近|离|距|原|旁边?的?|对面的?|隔壁的?|后面的?|前面的?)$")
_BEFORE: Final = re.compile(r"(?:[省市州县区镇乡村街道路号社办巷弄处在住于到是为诉映询称即的]|名称|编号|[0-9])$")
_BUILDING: Final = re.compile(
    r"(?:(?<![0-9])[0-9]{1,3}|[a-z]|[一二三四五六七八九十]{1,2})(?:栋|幢|号楼|座|单元|号门).*|(?<![0-9])[0-9]{3,4}[室房].*"
)
_MASKED: Final = re.compile(r"(?:业主|联系人|投诉人|来电人|电话|手机)?[:\uff1a]?\s*\*\*\*(?:先生|女士|小姐)?")


_BARE: Final = re.compile(r"[一二三四五六七八九十东西南北上下新老甲乙丙丁a-h]")
_UNLESS_BUILDING: Final = re.compile(r"[一二三四五六七八九十](?![栋幢单号楼层个家户])")


class Doubt(IntEnum):
    """What the words around a name say about it."""

    NONE = 0
    NAME = 1  # it may be part of another name: its address settles that
    PLACE = 2  # another phase, or something near: no address helps, since phases share one


@dataclass(frozen=True, slots=True)
class Said:
    """A text without width, case and signs.

    Attributes:
        text: Letters, digits and characters alone.
        breaks: Where something else stood before, the end included.
    """

    text: str
    breaks: frozenset[int]


def heard(text: str) -> Said:
    """*text* as it is compared."""
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_SIMPLE)
    parts = _OTHER.split(_RANGE.sub("之", folded))
    breaks, length = {0}, 0
    for part in parts:
        length += len(part)
        breaks.add(length)
    return Said("".join(parts), frozenset(breaks))


def plain(text: str) -> str:
    """Letters, digits and characters alone, without width, case and traditional forms.

    >>> plain("翠湖苑 (二期)Ａ棟")
    '翠湖苑二期a栋'
    """
    return heard(text).text


def told(text: str, region: str = "") -> str:
    """What stays of a text without the caller, the building and what stands after it, and the *region* it lies in.

    >>> told("翠湖苑三期 3栋2单元漏水") == told("翠湖苑三期12幢")
    True
    """
    left = plain(_MASKED.sub(" ", masked(text)))
    while region and (district := _DISTRICT.match(left)) and lies_in(region, [district[0]]):
        left = left[district.end() :]
    return _BUILDING.sub("", left)


def doubt(said: Said, begin: int, end: int) -> Doubt:
    """What stands around a name from *begin* to *end*."""
    before, after = said.text[:begin], said.text[end:]
    if _PHASE.match(after) or _bare_phase(said, end) or _NEAR_BEFORE.search(before):
        return Doubt.PLACE
    if begin not in said.breaks and not _BEFORE.search(before):
        return Doubt.NAME
    return Doubt.NAME if end not in said.breaks and _LONGER.match(after) else Doubt.NONE


def _bare_phase(said: Said, end: int) -> bool:
    """Whether a name goes on with a sign that tells compounds apart: 翠湖花园二, 翠湖花园(北)."""
    after = said.text[end:]
    alone = end + 1 in said.breaks and _BARE.match(after)
    return bool(alone or (end not in said.breaks and _UNLESS_BUILDING.match(after)))


def names_a_compound(text: str) -> bool:
    """Whether a plain text seems to name a compound, known or not."""
    return bool(re.search(r"花园|小区|家园|新村|名都|公馆|华庭|佳园|公寓|苑|城|里|园", text))


def houses(text: str) -> set[str]:
    """Road and number of an address, without what stands before the road's own name: its last three to five signs."""
    found = set()
    for road, number in _roads(text):
        found |= {road[-length:] + number for length in (3, 4, 5) if length <= len(road)}
    return found


def exact_houses(text: str) -> set[str]:
    """Road and number where the road's name begins after a district or a street, or with the text."""
    return {_ROAD_BEGINS.sub("", road) + number for road, number in _roads(text)}


def _roads(text: str) -> Iterable[tuple[str, str]]:
    for match in _HOUSE.finditer(plain(text)):
        road, number = re.split(r"(?<=[路街巷道])(?=\d)", match[0], maxsplit=1)
        yield road, number


def districts(said: Said, without: Collection[tuple[int, int]]) -> set[str]:
    """Provinces, cities, counties and districts that a text names, each by its last three signs.

    Args:
        said: The text.
        without: Spans that hold something else, such as the name of a compound.
    """
    signs = list(said.text)
    for begin, end in without:
        signs[begin:end] = " " * (end - begin)
    return set(_DISTRICT.findall("".join(signs)))


def lies_in(region: str, named: Iterable[str]) -> bool:
    """Whether every district that is *named* is one of *region*, in short or in full; an empty region holds all.

    >>> lies_in("云南省昆明市禄劝彝族苗族自治县", ["昆明市", "禄劝县"]), lies_in("云南省昆明市五华区", ["大理市"])
    (True, False)
    """
    return not region or all(_within(one, region) for one in named)


def _within(signs: str, text: str) -> bool:
    rest = iter(text)
    return all(sign in rest for sign in signs)
