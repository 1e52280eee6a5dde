"""What in a text leads to a person: numbers, mail addresses, flats, and names beside a word that announces one.

A name alone cannot be told from any other word; columns of names are classified as personal instead. What only looks
like a person's number stays: codes of firms (which may be all digits), numbers of projects and tickets, amounts, days.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from data_contracts.check_digits import Fault, faults

MASK: Final = "***"
_LONG: Final = 15  # digits of the shortest number that holds a birthday
_GAP: Final = r"[ _·-]{0,2}"
_PROVINCE: Final = r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])"
_MONTH_DAY: Final = rf"(?:0[1-9]|1[0-2]){_GAP}(?:0[1-9]|[12][0-9]|3[01])"
_MOBILE_REST: Final = "|".join(  # seldom written in other groups than 3-4-4
    (
        rf"{_GAP}\d{{4}}{_GAP}\d{{4}}",
        rf"{_GAP}\d{{3}}{_GAP}\d{{5}}",
        rf"\d{_GAP}\d{{3}}{_GAP}\d{{4}}",
        rf"\d{_GAP}\d{{4}}{_GAP}\d{{3}}",
        r"\.\d{4}\.\d{4}",
    )
)
_SURNAMES: Final = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜"
    "范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文施陶普保纳沙木和"
)
_ROLES: Final = (
    "投诉人|来电人|联系人|反映人|申请人|举报人|当事人|业主|住户|户主|姓名"
    "|负责人|经办人|填表人|填报人|制表人|审核人|复核人|报送人"  # who signs below a sheet
)
_ALONE: Final = (
    rf"(?<!\d){_PROVINCE}\d{{4}}{_GAP}(?:19|20)\d\d{_GAP}{_MONTH_DAY}{_GAP}\d{{3}}[\dXx](?!\d)",  # identity card
    rf"(?<!\d){_PROVINCE}\d{{4}}{_GAP}(?!20)\d\d{_GAP}{_MONTH_DAY}{_GAP}\d{{3}}(?!\d)",  # its form until 1999
    rf"(?<!\d)62\d\d(?:{_GAP}\d{{4}}){{3}}(?:{_GAP}\d{{1,3}})?(?!\d)",  # bank card
    rf"(?<!\d)(?<!\d\.)(?:(?:\+|00)?86{_GAP})?1[3-9]\d(?:{_MOBILE_REST})(?!\d)",  # mobile telephone
    rf"(?<!\d)\(?0(?:10|2\d|[3-9]\d\d)\)?{_GAP}\d{{3,4}}{_GAP}\d{{4}}(?!\d)",  # telephone with its area's number
    r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+",  # mail
    r"(?<!\d)(?:\d{1,3}|[A-Za-z]) ?(?:栋|幢|座|号楼|#) ?(?:\d{1,2}|[A-Za-z]) ?单元 ?\d{3,4}(?:室|号|房)?(?!\d)",  # flat
    r"(?<!\d)(?:\d{1,3}|[A-Za-z]) ?(?:栋|幢|座|号楼|#) ?\d{3,4}(?:室|房)",
    r"(?<!\d)\d{1,2} ?单元 ?\d{3,4}(?:室|号|房)?(?!\d)",
    r"(?<![\d-])\d{1,3}-\d{1,2}-\d{3,4}(?:室|房)",
    rf"[{_SURNAMES}][\u4e00-\u9fff]{{0,2}}(?=先生|女士|小姐)",
)
_ANNOUNCED: Final = (
    rf"(?:电话|手机|座机|联系方式|[Tt][Ee][Ll])(?:号码?|[:. ])*\K\d{{3,4}}{_GAP}\d{{4}}(?!\d)",
    r"(?:微信|[Qq]{2})(?:号|[: ])*\K[A-Za-z0-9_-]{5,20}",
    rf"(?:{_ROLES})(?:姓名)?[: ]*:[ ]*\K[\u4e00-\u9fff·]{{2,4}}",
)


def _looser(pattern: str) -> str:
    """The pattern for Arrow's expressions, which cannot look around or tell signs by number."""
    plain = (
        pattern.replace("{1,64}@", "+@")
        .replace(r"\K", "")
        .replace(r"(?<!\d)", "(?:^|[^0-9])")
        .replace(r"(?!\d)", "(?:[^0-9]|$)")
    )
    plain = re.sub(r"\(\?<?![^()]*?\)", "", plain).replace("(?=", "(?:")
    return plain.replace(r"\u4e00-\u9fff", "\u4e00-\u9fff")


_SEARCH: Final = re.compile("|".join(f"(?:{pattern})" for pattern in _ALONE), re.ASCII)
_CUED: Final = re.compile(
    "|".join(
        f"{cue}(?P<what{number}>{what})"
        for number, (cue, what) in enumerate(pattern.split(r"\K") for pattern in _ANNOUNCED)
    ),
    re.ASCII,
)
_SUSPECT: Final = "|".join(  # without looking around, so it finds more; then each text found is looked at closely
    (
        *(f"(?:{_looser(pattern)})" for pattern in (*_ALONE, *_ANNOUNCED)),
        "[\uff10-\uff1a\uff20-\uff3a\uff41-\uff5a]|[\t\u00a0\u2002\u2003\u2009\u200b\u3000‐‑‒–—―−]",
    )
)
_PLAIN: Final[dict[int, int | str]] = {
    **{code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)},
    **dict.fromkeys(map(ord, "‐‑‒–—―−"), "-"),
    **dict.fromkeys(map(ord, "\t\u00a0\u2002\u2003\u2009\u200b\u3000"), " "),
}


def masked(text: str) -> str:
    """*text* without what leads to a person.

    >>> masked("请回电13800001111或 0871-65550000,尾号 8888")
    '请回电***或 ***,尾号 8888'
    >>> masked("联系人:某某某,3栋2单元1301漏水")
    '联系人:***,***漏水'
    """
    parts, end = [], 0
    for start, stop in sorted(_spans(text.translate(_PLAIN))):
        if start >= end:
            parts += [text[end:start], MASK]
            end = stop
        elif stop > end:
            end = stop
    return "".join((*parts, text[end:])) if parts else text


def masked_cells(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column of texts, each masked."""
    suspect = pc.fill_null(pc.match_substring_regex(cells, _SUSPECT), False)
    found = cells.filter(suspect).to_pylist()
    if not found:
        return cells
    known = {text: masked(text) for text in dict.fromkeys(found)}
    changed = pc.replace_with_mask(
        cells.combine_chunks(), suspect.combine_chunks(), pa.array([known[text] for text in found], pa.string())
    )
    return pa.chunked_array([changed], pa.string())


def leads_to_person(cells: pa.ChunkedArray) -> list[str]:
    """Distinct texts of a column that lead to a person; one that is nothing but up to 14 digits may be any number."""
    suspect = pc.fill_null(pc.match_substring_regex(cells, _SUSPECT), False)
    found = pc.unique(cells.filter(suspect)).to_pylist()
    return [text for text in found if not (text.isdigit() and len(text) < _LONG) and masked(text) != text]


def _spans(plain: str) -> Iterator[tuple[int, int]]:
    """Begin and end of everything that leads to a person."""
    for match in _SEARCH.finditer(plain):
        if not _is_firm(match.group()):
            yield match.span()
    for match in _CUED.finditer(plain):
        yield match.span(match.lastgroup or 0)


def _is_firm(number: str) -> bool:
    """Whether 18 digits are a firm's code and no identity card: both may begin alike, their check digits differ."""
    if len(number) != 18 or not number.isdigit():
        return False
    code = pa.array([number])
    return bool(faults(code, "GB 32100")[0] == Fault.NONE != faults(code, "GB 11643")[0])
