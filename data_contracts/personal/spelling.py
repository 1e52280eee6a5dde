"""One spelling for what people write in many: before a text is searched, its signs are made alike.

Signs that nobody sees are left out, so each sign of the plain text remembers where it stood.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Final

UNSEEN: Final = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff"
)
DASHES: Final = "‐‑‒–—―−"
SPACES: Final = "\t\n\r\u00a0\u2000-\u200a\u202f\u205f\u3000"
DOTS: Final = "•‧∙⋅・"
NUMERALS: Final = "〇零一二三四五六七八九壹贰叁肆伍陆柒捌玖貳參陸幺"
_WORTH: Final = "001234567891234567892361"
_TRADITIONAL: Final = (
    "電話聯絡繫係訴業戶們負責經辦審復報製號護證來舉當請棟單樓層門劉陳張趙黃吳孫"
    "鄭謝韓馮蕭許鄧葉蘇盧蔣賈閻餘譚鄒龍萬錢湯賀賴龔楊馬羅範鐘鍾遲歐陽諸機雲訊"
)
_SIMPLIFIED: Final = (
    "电话联络系系诉业户们负责经办审复报制号护证来举当请栋单楼层门刘陈张赵黄吴孙"
    "郑谢韩冯萧许邓叶苏卢蒋贾阎余谭邹龙万钱汤贺赖龚杨马罗范钟钟迟欧阳诸机云信"
)


def _ranged(signs: str) -> str:
    """*signs* with each a-b written out."""
    found, at = "", 0
    while at < len(signs):
        last = signs[at + 2] if signs[at + 1 : at + 2] == "-" else signs[at]
        found += "".join(map(chr, range(ord(signs[at]), ord(last) + 1)))
        at += 1 if last == signs[at] else 3
    return found


_LEFT_OUT: Final = frozenset(_ranged(UNSEEN))
_PLAIN: Final[Mapping[int, int | str]] = {
    **{code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)},
    **dict.fromkeys(map(ord, DASHES), "-"),
    **dict.fromkeys(map(ord, _ranged(SPACES)), " "),
    **dict.fromkeys(map(ord, DOTS), "·"),
    **dict(zip(map(ord, _TRADITIONAL), _SIMPLIFIED, strict=True)),
    **{0x2460 + place: str(place + 1) for place in range(9)},  # ①
}
_WIDE: Final = (  # no commas and brackets, which all use
    "\uff03\uff0b\uff0d-\uff1a\uff20-\uff3a\uff3f\uff41-\uff5a\uff5e\u2460-\u2468"
)
ODD: Final = f"{_WIDE}{UNSEEN}{DASHES}{SPACES}{DOTS}{_TRADITIONAL}"
_DIGITS: Final[Mapping[int, str]] = dict(zip(map(ord, NUMERALS), _WORTH, strict=True))


class Plain:
    """A text in one spelling.

    Attributes:
        text: As it is searched.
        numeral: The same with its Chinese numerals as digits; None where there is none.
    """

    def __init__(self, text: str) -> None:
        seen = text if _LEFT_OUT.isdisjoint(text) else ""
        self._places = None if seen else [at for at, sign in enumerate(text) if sign not in _LEFT_OUT]
        kept = seen or "".join(text[at] for at in self._places or ())
        self.text = _with_digits(kept.translate(_PLAIN))
        changed = self.text.translate(_DIGITS)
        self.numeral = None if changed == self.text else changed
        self._size = len(text)

    def place(self, start: int, stop: int) -> tuple[int, int]:
        """Where that part of the plain text stands in what was written."""
        return (start, stop) if self._places is None else (self._places[start], self._places[stop - 1] + 1)


def _with_digits(text: str) -> str:
    """Digits of other scripts as those of this one."""
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(sign)) if not sign.isascii() and sign.isdecimal() else sign for sign in text)
