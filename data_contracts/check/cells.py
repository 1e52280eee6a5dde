"""Rules that look at one cell at a time, and rules across the columns of one row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Any, cast

import narwhals as nw
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data_contracts.check.columns import Columns, Mask, Rows, rows_where
from data_contracts.check_digits import Fault, faults
from data_contracts.expressions import Term
from data_contracts.expressions.exact_rows import exact_flag, safe_reach
from data_contracts.expressions.flags import flag_expression
from data_contracts.expressions.resolve import day_number
from data_contracts.failures import Wording, enum_words
from data_contracts.model import Column, Rule

_MAX_ZEROS = 6
_MAX_SUGGESTIONS = 200  # difflib is slow: a column that is wrong throughout gets no hints beyond these
_LONGEST_WORD = 64


@dataclass(frozen=True, slots=True)
class Broken:
    """Rows that break one rule.

    Attributes:
        rows: In ascending order.
        messages: What each is told, parallel to *rows*; one text when all are told the same.
    """

    rows: Rows
    messages: str | Sequence[str] = ""


def broken_cells(
    rule: Rule, column: Column, columns: Columns, unreadable: Mapping[str, pa.Array], say: Wording
) -> Broken:
    """Rows whose cell of *column* breaks *rule*."""
    match rule.kind:
        case "required":
            return Broken(_empty(rule, columns, unreadable.get(column.name)), say.of(rule, column))
        case "range":
            return Broken(_outside(rule, columns), say.of(rule, column))
        case "enum":
            return _unlisted(rule, column, columns, say)
        case "check_digit":
            return _faulty(rule, columns, say)
    wrong = _BY_VALUE[rule.kind](rule, columns.distinct(column.name))
    sentence = rule.message or say.of(rule, column)

    def told(value: object) -> str:
        if column.classification == "personal":
            return sentence  # a hint would say what stands there
        padded = zeros_lost(value, lambda text: not _BY_VALUE[rule.kind](rule, pa.array([text]))[0])
        return sentence + say.say("zeros", near=padded) if padded else sentence

    return _told_by_value(column.name, columns, wrong, told, sentence)


def zeros_lost(value: object, fits: Callable[[str], bool]) -> str:
    """The number with the zeros in front that a spreadsheet program takes away, where one such fits; else nothing.

    >>> zeros_lost("12", lambda text: text == "0012"), zeros_lost("x2", lambda text: True)
    ('0012', '')
    """
    if not isinstance(value, str) or not (value.isascii() and value.isdigit()):
        return ""
    padded = (value.zfill(len(value) + zeros) for zeros in range(1, _MAX_ZEROS + 1))
    return next((text for text in padded if fits(text)), "")


def broken_rows(rule: Rule, columns: Columns, say: Wording) -> Broken:
    """Rows on which the rule's expression is known to be true."""
    bad, table = cast("Term", rule.bad), columns.plain(rule.columns)
    flags = nw.from_native(table, eager_only=True).select(bad=flag_expression(bad))["bad"].to_native()
    rows, large = rows_where(flags), _too_large(table, safe_reach(bad))
    if len(large):
        exact = table.take(pa.array(large)).to_pylist()
        wrong = large[[exact_flag(bad, _stored(row)) is True for row in exact]]
        rows = np.union1d(np.setdiff1d(rows, large), wrong)
    return Broken(rows, say.of(rule, None))


def _too_large(table: pa.Table, reach: int) -> Rows:
    """Rows with a number beyond *reach*: computing with it could overflow."""
    large: Rows = np.empty(0, dtype=np.int64)
    for column in table.columns:
        if pa.types.is_integer(column.type):
            ends = pc.min_max(column).as_py()
            if ends["min"] is not None and max(-ends["min"], ends["max"]) > reach:
                large = np.union1d(large, rows_where(pc.or_(pc.greater(column, reach), pc.less(column, -reach))))
    return large


def _stored(row: dict[str, Any]) -> dict[str, Any]:
    return {name: day_number(value) if isinstance(value, date) else value for name, value in row.items()}


def _empty(rule: Rule, columns: Columns, unreadable: pa.Array | None) -> Rows:
    name = rule.columns[0]
    array = columns.array(name)
    empty = pc.is_null(array) if array.null_count else pa.nulls(0, pa.bool_())
    if array.null_count and unreadable is not None:
        empty = pc.and_not(empty, pc.fill_null(unreadable, False))
    rows = rows_where(empty)
    if missing := rule.limits.get("missing"):
        words = pa.array(cast("tuple[str, ...]", missing), columns.distinct(name).type)
        rows = np.union1d(rows, columns.where(name, _mask(pc.is_in(columns.distinct(name), words))))
    return rows


def _outside(rule: Rule, columns: Columns) -> Rows:
    """The extremes of the column tell whether any row has to be looked at."""
    array = columns.array(rule.columns[0])
    array = array.cast(pa.int32()) if pa.types.is_date32(array.type) else array
    ends = pc.min_max(array).as_py()
    if ends["min"] is None or not any(_BEYOND[name](ends, limit) for name, limit in rule.limits.items()):
        return np.empty(0, dtype=np.int64)
    tests = [_COMPARE[name](array, limit) for name, limit in rule.limits.items()]
    return rows_where(pc.or_(tests[0], tests[1]) if len(tests) == 2 else tests[0])


_COMPARE: dict[str, Callable[[pa.Array, object], pa.Array]] = {
    "minimum": pc.less,
    "maximum": pc.greater,
    "above": pc.less_equal,
    "below": pc.greater_equal,
}
_BEYOND: dict[str, Callable[[dict[str, int], object], bool]] = {
    "minimum": lambda ends, limit: ends["min"] < cast("int", limit),
    "maximum": lambda ends, limit: ends["max"] > cast("int", limit),
    "above": lambda ends, limit: ends["min"] <= cast("int", limit),
    "below": lambda ends, limit: ends["max"] >= cast("int", limit),
}


def _unlisted(rule: Rule, column: Column, columns: Columns, say: Wording) -> Broken:
    distinct = columns.distinct(column.name)
    values = pa.array(cast("tuple[object, ...]", rule.limits["values"]), _storage(distinct.type)).cast(distinct.type)
    wrong = ~_mask(pc.is_in(distinct, values))
    sentence, words = rule.message or say.of(rule, column), [*enum_words(rule, column), *column.labels]

    def told(value: object) -> str:
        if column.classification == "personal":
            return sentence
        if padded := zeros_lost(value, lambda text: text in words):
            return sentence + say.say("zeros", near=padded)
        likely = isinstance(value, str) and len(value) <= _LONGEST_WORD
        near = get_close_matches(str(value), words, n=1) if likely else []
        return sentence + say.say("near", near=near[0]) if near else sentence

    return _told_by_value(column.name, columns, wrong, told, sentence)


def _faulty(rule: Rule, columns: Columns, say: Wording) -> Broken:
    name, scheme = rule.columns[0], str(rule.limits["scheme"])
    found = faults(columns.distinct(name), scheme)
    sentences = {fault: say.say(f"check_digit.{fault.name.lower()}", scheme=scheme) for fault in Fault if fault}
    rows = columns.where(name, found != Fault.NONE)
    return Broken(
        rows, [sentences[Fault(fault)] for fault in found[columns.codes(name)[rows]].tolist()] if len(rows) else ""
    )


def _told_by_value(name: str, columns: Columns, wrong: Mask, told: Callable[[object], str], otherwise: str) -> Broken:
    """A message of its own for each distinct wrong value, for the first few hundred of them."""
    rows = columns.where(name, wrong)
    if not len(rows):
        return Broken(rows)
    places = np.flatnonzero(wrong)[:_MAX_SUGGESTIONS]
    messages = {int(place): told(columns.distinct(name)[int(place)].as_py()) for place in places}
    return Broken(rows, [messages.get(code, otherwise) for code in columns.codes(name)[rows].tolist()])


def _mismatched(rule: Rule, distinct: pa.Array) -> Mask:
    return ~_mask(pc.match_substring_regex(distinct, str(rule.limits["pattern"])))


def _too_long_or_short(rule: Rule, distinct: pa.Array) -> Mask:
    lengths = pc.utf8_length(distinct).to_numpy(zero_copy_only=False)
    low, high = rule.limits.get("least", 0), rule.limits.get("most", 2**31)
    wrong: Mask = (lengths < low) | (lengths > high)
    return wrong


_BY_VALUE: dict[str, Callable[[Rule, pa.Array], Mask]] = {"pattern": _mismatched, "length": _too_long_or_short}


def _storage(kind: pa.DataType) -> pa.DataType:
    """Days are stated as day numbers."""
    return pa.int32() if pa.types.is_date32(kind) else kind


def _mask(array: pa.Array) -> Mask:
    mask: Mask = array.to_numpy(zero_copy_only=False)
    return mask
