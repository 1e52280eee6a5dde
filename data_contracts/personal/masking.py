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
from data_contracts.personal.spelling import NUMERALS, ODD, Plain

MASK: Final = "***"
_LONG: Final = 15  # digits of the shortest number that holds a birthday
_GAP: Final = r"[ _·-]{0,2}"
_POINT: Final = r"[ _·.-]{0,2}"  # where digits beyond the point would be no amount
_APART: Final = r"[ _·.-]{1,3}"
_PROVINCE: Final = r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])"
_MONTH_DAY: Final = rf"(?:0[1-9]|1[0-2]){_POINT}(?:0[1-9]|[12][0-9]|3[01])"
_MOBILE_REST: Final = "|".join(  # seldom written in other groups than 3-4-4
    (
        rf"[)）]?{_GAP}\d{{4}}{_GAP}\d{{4}}",
        rf"[)）]?{_GAP}\d{{3}}{_GAP}\d{{5}}",
        rf"\d{_GAP}\d{{3}}{_GAP}\d{{4}}",
        rf"\d{_GAP}\d{{4}}{_GAP}\d{{3}}",
        r"[ ./~]{1,3}\d{4}[ ./~]{1,3}\d{4}",
    )
)
_AREA: Final = r"(?:10|2\d|[3-9]\d\d)"
_LOCAL: Final = rf"(?:\d{{3,4}}{_POINT}\d{{4}}|\d{{3}}{_POINT}\d{{5}})"
_SURNAMES: Final = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜"
    "范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文施陶普保纳沙木和"
    "关焦柳盛鲁聂殷骆牛庞安童游吉齐岳葛章辛尤管柯房卓梅涂祝詹翁凌霍鲍左欧褚訾景古芦司闫肖付"
)
_COMPOUND: Final = "欧阳|上官|司马|诸葛|慕容|司徒|尉迟|皇甫|令狐|夏侯"
_FAMILY: Final = rf"(?:{_COMPOUND}|[{_SURNAMES}])"
_TITLES: Final = "先生|女士|小姐|太太|阿姨|大爷|大妈|大姐|师傅|同志"
_CALLERS: Final = (
    "投诉人|来电人|联系人|联络人|反映人|申请人|举报人|当事人|诉求人|求助人|报修人"
    "|投诉者|来电者|举报者|业主|住户|户主|姓名"
)
_SIGNERS: Final = "负责人|经办人|填表人|填报人|制表人|审核人|复核人|报送人|制表|审核|复核"  # who signs below a sheet
_PLATES: Final = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_HAN: Final = r"[\u4e00-\u9fff]"
_BLOCK: Final = r"(?:\d{1,3}|[A-Za-z]\d?) ?(?:栋|幢|座|号楼|#)"
_STAIR: Final = r"(?:\d{1,2}|[A-Za-z]) ?单元"
_NEXT: Final = r"[ ,，、-]{0,3}第?"
_FLOOR: Final = r"\d{1,2} ?[层楼]"
_FOREIGN_CARDS: Final = ("4", "955")  # of other systems than 银联: any number may begin so
_NO_DOOR: Final = r"(?![\d年月日平米㎡元户人次万件套个余])"


def _spaced(words: str) -> str:
    """*words* with room for a blank between signs: 联 系 人."""
    return "|".join(" ?".join(word) for word in words.split("|"))


_NUMBERS: Final = (  # in Chinese numerals as well
    rf"(?<!\d){_PROVINCE}\d{{4}}{_POINT}(?:19|20)\d\d{_POINT}{_MONTH_DAY}{_POINT}\d{{3}}[\dXx](?!\d)",  # identity card
    rf"(?<!\d){_PROVINCE}\d{{4}}{_POINT}(?!20)\d\d{_POINT}{_MONTH_DAY}{_POINT}\d{{3}}(?!\d)",  # its form until 1999
    rf"(?<!\d)\d(?:{_APART}\d){{16}}{_APART}[\dXx](?!{_POINT}\d)",  # digit by digit
    rf"(?<!\d)62\d\d(?:{_POINT}\d{{4}}){{3}}(?:{_POINT}\d{{1,3}})?(?!\d)",  # bank card
    rf"(?<!\d)62\d{{4}}{_POINT}\d{{10,13}}(?!\d)",
    rf"(?<![\dA-Za-z])(?:955[89]|4\d{{3}})(?:{_POINT}\d{{4}}){{3}}(?:{_POINT}\d{{3}})?(?!\d)",
    rf"(?<!\d)(?<!\d\.)(?:(?:\+|00)?86{_GAP})?[(（]?1[3-9]\d(?:{_MOBILE_REST})(?!\d)",  # mobile telephone
    rf"(?<!\d)1{_APART}[3-9](?:{_APART}\d){{9}}(?!{_POINT}\d)",
    rf"(?<!\d)[(（]?0{_AREA}[)）]?{_POINT}{_LOCAL}(?!\d)",  # telephone with its area's number
    rf"(?:\+|00)86{_POINT}{_AREA}{_POINT}{_LOCAL}(?!\d)",
    rf"(?<!\d)(?:{_BLOCK}{_NEXT} ?)?{_STAIR}{_NEXT} ?\d{{3,4}}(?:室|号|房)?(?!\d)",  # flat
    rf"(?<!\d)(?:{_BLOCK}{_NEXT} ?)?{_STAIR}{_NEXT} ?{_FLOOR} ?\d{{1,4}}(?:室|号|房|户)?(?!\d)",
    rf"(?<!\d){_BLOCK} ?\d{{1,2}} ?门 ?\d{{3,4}}(?:室|号|房)?(?!\d)",
    rf"(?<!\d){_BLOCK}{_NEXT} ?\d{{3,4}}(?:室|房)",
    rf"(?<!\d){_BLOCK} ?\d{{3,4}}{_NO_DOOR}",
    r"(?<!\d)\d{1,3}# ?-? ?\d{1,2}-\d{3,4}(?!\d)",
    r"(?<![\d-])\d{1,3}-\d{1,2}-\d{3,4}(?:室|房)",
)
_ALONE: Final = (
    *_NUMBERS,
    r"[A-Za-z0-9._%+-]{1,64} ?@ ?[A-Za-z0-9\u4e00-\u9fff-]+(?:\.[A-Za-z0-9\u4e00-\u9fff-]+)+",  # mail
    rf"[{_PLATES}][A-HJ-NP-Z][ ·-]?[A-Z]{{0,2}}\d[A-HJ-NP-Z0-9]{{3,5}}(?![A-Za-z0-9])",  # car
    rf"{_FAMILY}[\u4e00-\u9fff]{{0,2}}(?={_TITLES})",
)
_NAME: Final = rf"(?:[\u4e00-\u9fff·]{{2,4}}|{_HAN}(?: {_HAN}){{1,3}}(?!{_HAN})|[A-Z][a-z]+(?: [A-Z][a-z]+){{0,2}})"
_AFTER: Final = r"(?=$|[^\u4e00-\u9fff]|电话|手机|反映|来电|投诉|住)"
_MARK: Final = "(?:号码?|[:. 为是])*"
_ANNOUNCED: Final = (
    rf"(?:电话|手机|座机|联系方式|[致回来]电|拨打|联系|[Tt][Ee][Ll]){_MARK}\K(?!20\d{{6}})\d{{3,4}}{_GAP}\d{{4}}(?!\d)",
    r"(?:微信|[Vv]信|[Ww]e[Cc]hat|[Qq]{2})(?:号码?|[: 为是])*\K[A-Za-z0-9_-]{5,20}",
    r"(?:加微|(?<![A-Za-z])[VvWw][Xx] ?:)(?:号码?|[: 为是])*\K[A-Za-z0-9_-]{5,20}",
    r"(?:护照|通行证|台胞证|回乡证|军官证|证件|身份证)(?:号码?|[: 为是])*\K[A-Za-z]{0,3}\d{7,9}(?:\(\d\))?",
    rf"(?:{_spaced(_CALLERS)}|{_spaced(_SIGNERS)})(?: ?姓名)?[: ]*:[ ]*\K{_NAME}",
    rf"(?:{_spaced(_CALLERS)})[为是叫 ]?\K(?![和于]){_FAMILY}{_HAN}{{1,2}}{_AFTER}",
)


def _looser(pattern: str) -> str:
    """The pattern for Arrow's expressions, which cannot look around or tell signs by number."""
    plain = (
        pattern.replace("{1,64}", "+")
        .replace(r"\K", "")
        .replace(r"(?<!\d)", "(?:^|[^0-9])")
        .replace(r"(?!\d)", "(?:[^0-9]|$)")
        .replace("(?=$|", "(?:$|")
    )
    plain = re.sub(r"\(\?<?![^()]*?\)", "", plain).replace("(?=", "(?:")
    return plain.replace(r"\u4e00-\u9fff", "\u4e00-\u9fff")


_SEARCH: Final = re.compile("|".join(f"(?:{pattern})" for pattern in _ALONE), re.ASCII)
_NUMERAL: Final = re.compile("|".join(f"(?:{pattern})" for pattern in _NUMBERS), re.ASCII)
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
        rf"[{NUMERALS}](?:[ ._·-]{{0,3}}[0-9{NUMERALS}]){{2}}|[{NUMERALS}] ?(?:[栋幢座门#]|号楼|单元)",
        rf"[{ODD}]|[^\P{{Nd}}0-9]",
    )
)


def masked(text: str) -> str:
    """*text* without what leads to a person.

    >>> masked("请回电13800001111或 0871-65550000,尾号 8888")
    '请回电***或 ***,尾号 8888'
    >>> masked("联系人:某某某,3栋2单元1301漏水")
    '联系人:***,***漏水'
    """
    parts, end = [], 0
    for start, stop in sorted(_spans(text)):
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


def masked_words(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column of texts that repeat, such as messages, each masked; faster than `masked_cells` there."""
    words = cells.combine_chunks().dictionary_encode()
    told = masked_cells(pa.chunked_array([words.dictionary])).combine_chunks()
    return pa.chunked_array([told.take(words.indices)])


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """Begin and end of everything that leads to a person."""
    plain = Plain(text)
    found = [match.span() for match in _SEARCH.finditer(plain.text) if not _is_other(match.group())]
    found += [match.span(match.lastgroup or 0) for match in _CUED.finditer(plain.text)]
    if plain.numeral is not None:
        found += [match.span() for match in _NUMERAL.finditer(plain.numeral) if not _is_other(match.group())]
    return (plain.place(start, stop) for start, stop in found)


def _is_other(number: str) -> bool:
    """Whether digits that look like a person's are a firm's code, or no card of a bank."""
    digits = "".join(filter(str.isdigit, number))
    if digits.startswith(_FOREIGN_CARDS) and len(digits) in (16, 19) and len(number) >= len(digits):
        return not _is_luhn(digits)
    return _is_firm(number)


def _is_luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of a bank card.

    >>> _is_luhn("4111111111111111"), _is_luhn("4111111111111112")
    (True, False)
    """
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(doubled)) % 10 == 0


def _is_firm(number: str) -> bool:
    """Whether 18 digits are a firm's code and no identity card: both may begin alike, their check digits differ."""
    if len(number) != 18 or not number.isdigit():
        return False
    code = pa.array([number])
    return bool(faults(code, "GB 32100")[0] == Fault.NONE != faults(code, "GB 11643")[0])
