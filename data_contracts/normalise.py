"""Delivered text to the types of a contract, exactly and in the open.

Each distinct text of a column is looked at once. What becomes something other than itself is listed as a change (raw →
clean); what cannot become its type is reported and left missing. A float never exists.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data_contracts.failures import Wording
from data_contracts.model import Column
from data_contracts.parsing import Unparsable, day_of, narrowed, number_of, truth_of
from data_contracts.readers.sheet import BLANKS, Damage
from data_contracts.steps import Step, spelled

STORAGE: Final[Mapping[str, pa.DataType]] = {
    "number": pa.int64(),
    "text": pa.string(),
    "truth": pa.bool_(),
    "day": pa.date32(),
}
ERROR_WORDS: Final = frozenset(
    {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#GETTING_DATA"}
)
SERIALS_FROM_1904: Final = 1462
_CONTROL: Final = frozenset(map(chr, range(32))) - frozenset("\t\r\n")
_ODD_TEXT: Final = (
    r"""[０-９Ａ-Ｚａ-ｚ\x00-\x08\x0b\x0c\x0e-\x1f]|^'[0-9A-Za-z]|^="|^[+-]?[0-9](\.[0-9]+)?[Ee]\+[0-9]{2,}$"""
)
_SCIENTIFIC: Final = re.compile(r"[+-]?\d(?:\.\d+)?[Ee]\+\d{2,}", re.ASCII)
_QUOTED: Final = re.compile(r"""="([^"]*)"|'([0-9A-Za-z].*)""", re.ASCII)
SENTENCES: Final[Mapping[str, Mapping[str, str]]] = {
    "zh": {
        "digits_lost": "超过 15 位的数字被 Excel 改动,末尾几位已丢失:请把该列设为文本格式后重新填写",
        "error_value": "单元格是公式错误值,请改为正确的内容",
        "no_result": "公式没有计算结果,请改为数值",
        "merged": "单元格与其他行或列合并:请取消合并并逐格填写",
        "finer": "小数超过 {scale} 位",
        "large": "数值过大",
        "control": "含有不可见的控制字符",
        "scientific": "被 Excel 改成了科学计数法,原来的数字已丢失:请把该列设为文本格式后重新填写",
    },
    "en": {
        "digits_lost": "Excel has lost the last digits of this long number: format the column as text and retype it",
        "error_value": "the cell is a formula error, replace it by its content",
        "no_result": "the formula has no result, replace it by its value",
        "merged": "the cell is merged with others: unmerge and fill in each",
        "finer": "has more than {scale} decimals",
        "large": "is too large a number",
        "control": "contains an invisible control character",
        "scientific": "Excel has cut the number to powers of ten: format the column as text and retype it",
    },
}

Value = str | int | bool | date | None


@dataclass(frozen=True, slots=True)
class Normalised:
    """One column, typed.

    Attributes:
        values: n values of the column's storage type, missing where the cell was empty or could not be read.
        broken: Positions (int64) of cells that could not be read, ascending.
        messages: Why, parallel to *broken*.
        changed: Positions of cells whose clean value is not what was delivered, ascending.
        clean: What they became, as text (missing for no value), parallel to *changed*.
        reasons: Why, parallel to *changed*: blanks, quoted, width, missing, grouping, percent, date, time_dropped,
            serial, serial_1904, truth, label, name, capitals.
    """

    values: pa.Array
    broken: pa.Array
    messages: pa.Array
    changed: pa.Array
    clean: pa.Array
    reasons: pa.Array


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What one distinct text becomes."""

    value: Value = None
    reason: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Normaliser:
    """How the cells of one column are read.

    Attributes:
        column: The contract's column.
        language: zh or en, for messages.
        missing: Texts that stand for no value; blank always does.
        steps: What brings a name to one spelling; empty for any other column.
        capitals: Whether its letters are capitals by standard, so that small ones mean the same.
    """

    column: Column
    language: str
    missing: frozenset[str] = frozenset()
    steps: tuple[Step, ...] = ()
    capitals: bool = False

    def normalise(self, raw: pa.Array, damage: Mapping[int, Damage] | None = None) -> Normalised:
        """Type the cells of *raw*.

        Args:
            raw: n texts as delivered, missing or blank where the cell is empty.
            damage: By position, what a spreadsheet program has done to the cell.
        """
        encoded = raw.dictionary_encode(null_encoding="encode")
        distinct, indices = encoded.dictionary, encoded.indices
        values, odd = self._plain(distinct)
        outcomes = [self._outcome(text) for text in distinct.take(pa.array(odd)).to_pylist()]
        values = _replaced(values, odd, outcomes, STORAGE[self.column.type.kind])
        broken = self._listed(indices, odd, [outcome.message for outcome in outcomes], len(distinct))
        changed = self._listed(indices, odd, [outcome.reason for outcome in outcomes], len(distinct))
        clean = pa.array([_shown(outcome.value, self.column) for outcome in outcomes], pa.string())
        place = np.zeros(len(distinct), dtype=np.int64)
        place[odd] = np.arange(len(odd))
        cleaned = clean.take(pc.take(pa.array(place), indices.take(changed[0])))
        found = Normalised(values.take(indices), broken[0], broken[1], changed[0], cleaned, changed[1])
        late = [place for place, kind in (damage or {}).items() if kind == "from_1904"]
        if late and self.column.type.kind == "day":
            found = _counted_from_1904(found, late)
        spoiled = {place: kind for place, kind in (damage or {}).items() if kind != "from_1904"}
        return self._with_damage(found, spoiled) if spoiled else found

    def _plain(self, distinct: pa.Array) -> tuple[pa.Array, np.ndarray]:
        """Values of the texts that need no thought, and the positions of the others."""
        kind = self.column.type.kind
        if self.column.labels or self.steps or kind in ("truth", "day"):
            return pa.nulls(len(distinct), STORAGE[kind]), np.arange(len(distinct))
        trimmed = pc.utf8_trim(distinct, characters=BLANKS)
        odd = pc.or_(pc.is_in(trimmed, pa.array(["", *self.missing, *ERROR_WORDS])), pc.is_null(distinct))
        odd = pc.or_(odd, pc.not_equal(trimmed, distinct))
        if kind == "text":
            odd = pc.fill_null(pc.or_(odd, pc.match_substring_regex(trimmed, _ODD_TEXT)), True)
            if self.capitals:
                odd = pc.or_(odd, pc.match_substring_regex(trimmed, "[a-z]"))
            return pc.if_else(odd, None, trimmed), _positions(odd)
        odd = pc.fill_null(pc.or_(odd, pc.invert(pc.match_substring_regex(trimmed, self._plain_number()))), True)
        return _scaled(pc.if_else(odd, None, trimmed), self.column.type.scale or 0), _positions(odd)

    def _plain_number(self) -> str:
        scale = self.column.type.scale or 0
        decimals = rf"(\.[0-9]{{1,{scale}}})?" if scale else ""
        return rf"^-?[0-9]{{1,{18 - scale}}}{decimals}$"

    def _outcome(self, raw: str | None) -> _Outcome:
        text = "" if raw is None else raw.strip(BLANKS)
        if text == "":
            return _Outcome()
        if text in self.missing:
            return _Outcome(None, "missing")
        told = "blanks" if text != raw else ""
        if quoted := _QUOTED.fullmatch(text):
            text, told = (quoted[1] or quoted[2] or "").strip(BLANKS), "quoted"
        ascii_text = narrowed(text)
        if self.column.labels:
            return self._code(text, ascii_text, told)
        reason = "width" if ascii_text != text else told
        if ascii_text in self.missing:
            return _Outcome(None, "missing")
        if text in ERROR_WORDS:
            return _Outcome(message=self._message("error_value"))
        if _SCIENTIFIC.fullmatch(ascii_text):
            return _Outcome(message=self._message("scientific"))
        try:
            value, how = self._parse()(ascii_text)
        except Unparsable as error:
            return _Outcome(message=self._message(error.code))
        return _Outcome(value, how or reason)

    def _code(self, text: str, ascii_text: str, told: str) -> _Outcome:
        """A label becomes its code; anything else stays, for the contract's own rule to name."""
        codes = {label: code for code, label in self.column.labels.items()}
        reason = "width" if ascii_text != text else told
        for spelling in (text, ascii_text):
            if spelling in self.column.labels:
                return self._typed_code(spelling, told if spelling == text else reason)
            if spelling in codes:
                return self._typed_code(codes[spelling], "label")
        if text in ERROR_WORDS:
            return _Outcome(message=self._message("error_value"))
        return self._typed_code(ascii_text, reason)

    def _typed_code(self, code: str, reason: str) -> _Outcome:
        try:
            value, how = self._parse()(code)
        except Unparsable as error:
            return _Outcome(message=self._message(error.code))
        return _Outcome(value, reason or how)

    def _parse(self) -> Callable[[str], tuple[Value, str]]:
        match self.column.type.kind:
            case "number":
                scale = self.column.type.scale or 0
                return lambda text: number_of(text, scale)
            case "day":
                return day_of
            case "truth":
                return truth_of
        return self._text

    def _text(self, text: str) -> tuple[Value, str]:
        if not _CONTROL.isdisjoint(text):
            raise Unparsable("control")
        spelling = spelled(text, self.steps)
        if self.capitals and spelling != spelling.upper():
            return spelling.upper(), "capitals"
        return spelling or None, "name" if spelling != text else ""

    def _message(self, code: str) -> str:
        own = SENTENCES[self.language].get(code)
        if own is None or (code == "finer" and not self.column.type.scale):
            return Wording(self.language).of_type(self.column.type)
        return own.format(scale=self.column.type.scale)

    @staticmethod
    def _listed(indices: pa.Array, odd: np.ndarray, words: Sequence[str], count: int) -> tuple[pa.Array, pa.Array]:
        """Positions of the cells whose distinct text has a word, and those words."""
        if not any(words):
            return pa.array([], pa.int64()), pa.array([], pa.string())
        place = np.full(count, -1, dtype=np.int64)
        place[odd] = [number if word else -1 for number, word in enumerate(words)]
        places = place[indices.to_numpy(zero_copy_only=False)]
        at = np.flatnonzero(places >= 0)
        return pa.array(at), pa.array(words, pa.string()).take(pa.array(places[at]))

    def _with_damage(self, found: Normalised, damage: Mapping[int, Damage]) -> Normalised:
        """A damaged cell is broken whatever its text looks like."""
        messages = dict(zip(found.broken.to_pylist(), found.messages.to_pylist(), strict=True))
        messages |= {position: self._message(kind) for position, kind in damage.items()}
        keep = np.ones(len(found.values), dtype=bool)
        keep[list(damage)] = False
        still = keep[found.changed.to_numpy()]
        order = sorted(messages)
        return Normalised(
            pc.if_else(pa.array(keep), found.values, None),
            pa.array(order, pa.int64()),
            pa.array([messages[position] for position in order], pa.string()),
            found.changed.filter(pa.array(still)),
            found.clean.filter(pa.array(still)),
            found.reasons.filter(pa.array(still)),
        )


def _counted_from_1904(found: Normalised, places: Sequence[int]) -> Normalised:
    """Days that were read from a number, moved to the calendar of a workbook that counts from 1904."""
    changed = found.changed.to_numpy()
    late = np.isin(changed, places) & np.asarray(pc.equal(found.reasons, "serial"))
    days = pc.fill_null(found.values.cast(pa.int32()), 0).to_numpy().copy()
    days[changed[late]] += SERIALS_FROM_1904
    values = pc.if_else(pc.is_valid(found.values), pa.array(days, pa.int32()).cast(pa.date32()), None)
    mask = pa.array(late)
    clean = pc.if_else(mask, values.take(found.changed).cast(pa.string()), found.clean)
    return replace(found, values=values, clean=clean, reasons=pc.if_else(mask, "serial_1904", found.reasons))


def as_text(values: pa.Array, column: Column) -> pa.Array:
    """Typed values as one canonical text each: decimals in full, days YYYY-MM-DD, true or false; missing stays.

    >>> from data_contracts.expressions import Type
    >>> as_text(pa.array([811, -5]), Column("points", "points", Type("number", scale=1))).to_pylist()
    ['81.1', '-0.5']
    """
    if column.type.kind != "number" or not column.type.scale:
        return pc.cast(values, pa.string())
    encoded = values.dictionary_encode()
    shown = [_shown(value, column) for value in encoded.dictionary.to_pylist()]
    return pa.array(shown, pa.string()).take(encoded.indices)


def _shown(value: Value, column: Column) -> str | None:
    match value:
        case None | str():
            return value
        case bool():
            return "true" if value else "false"
        case date():
            return value.isoformat()
    scale = column.type.scale or 0
    digits = f"{abs(value):0{scale + 1}d}"
    sign = "-" if value < 0 else ""
    return f"{sign}{digits[:-scale]}.{digits[-scale:]}" if scale else f"{sign}{digits}"


def _scaled(texts: pa.Array, scale: int) -> pa.Array:
    """Plain decimal texts as whole numbers of 10^-scale: the point is moved by moving text."""
    if scale == 0:
        return pc.cast(texts, pa.int64())
    point = pc.find_substring(texts, ".")
    whole = pc.replace_substring_regex(texts, r"\..*$", "")
    decimals = pc.if_else(pc.less(point, 0), "", pc.replace_substring_regex(texts, r"^[^.]*\.", ""))
    return pc.cast(pc.binary_join_element_wise(whole, pc.utf8_rpad(decimals, scale, "0"), ""), pa.int64())


def _positions(mask: pa.Array) -> np.ndarray:
    return np.flatnonzero(mask.to_numpy(zero_copy_only=False))


def _replaced(values: pa.Array, odd: np.ndarray, outcomes: Sequence[_Outcome], kind: pa.DataType) -> pa.Array:
    if len(odd) == 0:
        return values
    mask = np.zeros(len(values), dtype=bool)
    mask[odd] = True
    return pc.replace_with_mask(values, pa.array(mask), pa.array([outcome.value for outcome in outcomes], kind))
