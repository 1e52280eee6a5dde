"""One delivered text to one exact value: numbers, days and truth values, in every spelling that offices use.

Only spellings that can mean one thing are read. `3/5/2024` may be March or May, `1.2E+05` has lost digits: both are
refused rather than guessed.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Final

_NUMBER: Final = re.compile(r"([+-]?)(?=\.?\d)(\d*)(?:\.(\d*))?", re.ASCII)
_GROUPED: Final = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?", re.ASCII)
_CLOCK: Final = r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)"
_DAY: Final = re.compile(rf"(\d{{4}})([-/.年])(\d{{1,2}})(?:\2|月)(\d{{1,2}})日?({_CLOCK}?)", re.ASCII)
_COMPACT: Final = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_SERIAL: Final = re.compile(r"(\d{5})(?:\.0*)?", re.ASCII)
_SERIAL_ZERO: Final = date(1899, 12, 30)
_TRUE: Final = frozenset({"是", "有", "y", "yes", "true", "t", "1", "√"})
_FALSE: Final = frozenset({"否", "无", "n", "no", "false", "f", "0", "×"})
_WIDE: Final = {
    **{ord("０") + offset: ord("0") + offset for offset in range(10)},
    **{ord("Ａ") + offset: ord("A") + offset for offset in range(26)},
    **{ord("ａ") + offset: ord("a") + offset for offset in range(26)},
}
_WIDE_SIGNS: Final = str.maketrans("．，－＋／：−％", ".,-+/:-%")
MAX_STORED: Final = 2**63 - 1


class Unparsable(ValueError):  # noqa: N818  # an outcome of one cell, caught where it is raised for
    """A text that is not of its column's type.

    Attributes:
        code: type, finer (more decimals than the column has) or large.
    """

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def narrowed(text: str) -> str:
    """Full-width letters and digits as ASCII; Chinese punctuation stays what it is.

    >>> narrowed("５３０１０２（五华）Ａ栋")
    '530102（五华）A栋'
    """
    return text if text.isascii() else text.translate(_WIDE)


def number_of(text: str, scale: int) -> tuple[int, str]:
    """A decimal number as a whole number of 10^-scale, and what was changed: nothing, grouping, percent or width.

    Raises:
        Unparsable: Not a decimal number, finer than *scale*, or beyond 64 bits.

    >>> number_of("81.10", 1), number_of("1,234", 0), number_of("-0.5", 2)
    ((811, ''), (1234, 'grouping'), (-50, ''))
    >>> number_of("85.5%", 4)
    (8550, 'percent')
    """
    plain = text if text.isascii() else text.translate(_WIDE_SIGNS)
    change = "" if plain == text else "width"
    if plain.endswith("%"):
        plain, change = _hundredth(plain.removesuffix("%").rstrip()), "percent"
    elif _GROUPED.fullmatch(plain):
        plain, change = plain.replace(",", ""), "grouping"
    match = _NUMBER.fullmatch(plain)
    if match is None:
        raise Unparsable("type")
    sign, whole, decimals = match[1], match[2], (match[3] or "").rstrip("0")
    if len(decimals) > scale:
        raise Unparsable("finer")
    if len(whole.lstrip("0")) + scale > len(str(MAX_STORED)):
        raise Unparsable("large")
    value = int(f"0{whole}{decimals.ljust(scale, '0')}")
    if value > MAX_STORED:
        raise Unparsable("large")
    return -value if sign == "-" else value, change


def _hundredth(text: str) -> str:
    """A plain decimal number with its point two places further left; anything else as it is, to be refused."""
    match = _NUMBER.fullmatch(text)
    if match is None:
        return "%"
    digits = match[2].zfill(3)
    return f"{match[1]}{digits[:-2]}.{digits[-2:]}{match[3] or ''}"


def day_of(text: str) -> tuple[date, str]:
    """A calendar day, and what had to be changed: nothing, date (another order of writing), time_dropped or serial.

    Days are written year first, with `-`, `/`, `.` or 年月日, or as eight digits; five digits are the days that a
    spreadsheet counts from 1899-12-30, from 1954 to 2119.

    Raises:
        Unparsable: Anything else, or a day the calendar does not have.

    >>> day_of("2024年3月5日")[0] == day_of("20240305")[0] == day_of("45356")[0] == date(2024, 3, 5)
    True
    """
    plain = text if text.isascii() else text.translate(_WIDE_SIGNS)
    if (match := _SERIAL.fullmatch(plain)) and 20_000 <= int(match[1]) < 80_500:
        return _SERIAL_ZERO + timedelta(days=int(match[1])), "serial"
    match = _COMPACT.fullmatch(plain)
    parts = match.groups() if match else None
    if (match := _DAY.fullmatch(plain)) and _consistent(plain, match[2]):
        parts = (match[1], match[3], match[4])
    if parts is None:
        raise Unparsable("type")
    try:
        day = date(*map(int, parts))
    except ValueError:
        raise Unparsable("type") from None
    if match and match.re is _DAY and match[5]:
        return day, "date" if set(match[5]) <= set("T :0.") else "time_dropped"
    return day, "" if day.isoformat() == text else "date"


def _consistent(text: str, separator: str) -> bool:
    """年 goes with 月 and 日, any other sign with itself."""
    return ("月" in text) == (separator == "年") and ("日" not in text or separator == "年")


def truth_of(text: str) -> tuple[bool, str]:
    """是 / 否, 有 / 无, yes / no, y / n, true / false, 1 / 0, whatever their case.

    Raises:
        Unparsable: Any other word.

    >>> truth_of("是"), truth_of("false")
    ((True, 'truth'), (False, ''))
    """
    word = text.lower()
    if word not in _TRUE and word not in _FALSE:
        raise Unparsable("type")
    value = word in _TRUE
    return value, "" if word in ("true", "false") else "truth"
