"""What is wrong with delivered rows: one shape for all failures, and the sentence an office reads.

A failure is a row of one Arrow table and not an object: a bad delivery can hold a million of them, and they are
counted, sorted and written far more often than they are looked at one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction

import pyarrow as pa
import pyarrow.compute as pc

from data_contracts.expressions import Type
from data_contracts.expressions.resolve import EPOCH
from data_contracts.model import Column, Contract, Rule

SCHEMA = pa.schema(
    [
        ("table", pa.string()),
        ("rule", pa.string()),
        ("severity", pa.string()),
        ("file", pa.string()),
        ("sheet", pa.string()),
        ("row", pa.int64()),
        ("column", pa.string()),
        ("value", pa.string()),
        ("message", pa.string()),
        ("legal_basis", pa.string()),
    ]
)


@dataclass(frozen=True, slots=True)
class Failures:
    """One row per broken cell or row.

    Attributes:
        table: Columns table, rule, severity (error or warning), file, sheet, row (int64 as the office sees it, 1 =
            first line of the sheet), column, value (as delivered), message, legal_basis. A failure of a whole table
            has no row; one that looks at several columns names them all, joined by ", ", with their values.
    """

    table: pa.Table

    def __post_init__(self) -> None:
        if self.table.schema != SCHEMA:
            raise ValueError(f"found columns {self.table.schema}, allowed: {SCHEMA}")

    @classmethod
    def empty(cls) -> Failures:
        """No failure at all.

        >>> len(Failures.empty())
        0
        """
        return cls(SCHEMA.empty_table())

    @classmethod
    def concat(cls, many: Iterable[Failures]) -> Failures:
        """All failures of *many*, in that order."""
        return cls(pa.concat_tables([SCHEMA.empty_table(), *(failures.table for failures in many)]))

    def __len__(self) -> int:
        return int(self.table.num_rows)

    @property
    def errors(self) -> Failures:
        """Those that refuse their row or batch."""
        return self._with_severity("error")

    @property
    def warnings(self) -> Failures:
        """Those that travel with the record."""
        return self._with_severity("warning")

    def sorted(self) -> Failures:
        """By file, sheet, row, column and rule: the order of every output. Whole-table failures come first."""
        first = {"file": "", "sheet": "", "row": 0, "column": "", "rule": ""}
        keys = pa.table({name: pc.fill_null(self.table[name], before) for name, before in first.items()})
        return Failures(self.table.take(pc.sort_indices(keys, sort_keys=[(name, "ascending") for name in first])))

    def _with_severity(self, severity: str) -> Failures:
        return Failures(self.table.filter(pc.equal(self.table["severity"], severity)))


MAX_LISTED = 12
SENTENCES: Mapping[str, Mapping[str, str]] = {
    "zh": {
        "required": "必填,不能为空",
        "type.text": "无法读取",
        "type.whole": "应为整数",
        "type.number": "应为数字,小数不超过 {scale} 位",
        "type.day": "应为日期,如 2024-03-05",
        "type.truth": "应为“是”或“否”",
        "enum": "不在允许的取值之中:{values}",
        "near": ";是否应为“{near}”?",
        "zeros": ";前面的 0 可能被 Excel 去掉了,是否应为“{near}”?",
        "pattern": "格式不符,应符合 {pattern}",
        "between": "应在 {low} 与 {high} 之间(含两端)",
        "minimum": "应不小于 {low}",
        "maximum": "应不大于 {high}",
        "above": "应大于 {low}",
        "below": "应小于 {high}",
        "length": "长度应为 {low} 至 {high} 个字符",
        "length.exact": "长度应为 {low} 个字符",
        "length.least": "长度应不少于 {low} 个字符",
        "length.most": "长度应不超过 {high} 个字符",
        "check_digit.shape": "不是有效的代码({scheme}):应为 18 位数字或规定的大写字母",
        "check_digit.inner_digit": "不是有效的代码({scheme}):第 9 至 17 位组织机构代码的校验位不符,请核对有无错写",
        "check_digit.digit": "不是有效的代码({scheme}):最后一位校验位不符,请核对有无错写",
        "check_digit.day": "不是有效的代码({scheme}):其中的出生日期不存在",
        "unique": "{places}的{columns}重复",
        "unique.equal": "{places}的{columns}重复,内容完全相同",
        "unique.contradictory": "{places}的{columns}重复,内容互相矛盾:{differing}不同",
        "repeat": "与{place}完全相同,只计一次",
        "overlap": "{places}的{columns}相同,而起止日期重叠",
        "covers": "“{title}”中的这一项在本表中没有任何记录",
        "covers.refused": "“{title}”中的这一项在本表中的行全部被退回,改正之前视为未报送",
        "volume": "共 {count} 行,上一年度为 {earlier} 行,相差过大",
        "freshness": "最近的“{column}”为 {newest},距 {as_of} 已 {days} 天,超过 {allowed} 天",
        "drift": "{kind}占 {share},上一年度占 {earlier},分布相差过大",
        "drift.in": "“{column}”中",
        "drift.missing": "空白",
        "drift.there": "已填写",
        "drift.code": "“{code}”",
        "drift.true": "是",
        "drift.false": "否",
        "drift.above": "大于 {low} 的",
        "drift.up_to": "不大于 {high} 的",
        "drift.and": "、",
        "rows": "第 {rows} 行",
        "place": "{file}第 {row} 行",
        "more": " 等 {count}",
        "more.places": "等 {count} 行",
        "span": "“{title}”中的该项不在同一小区,或其起止日期不含这一天;请核对,或留空由系统归属",
        "foreign_key": "在“{title}”中没有对应的记录",
        "foreign_key.refused": "“{title}”中对应的记录本身被退回,须先改正那一行;本行无误则不必改动",
        "expression": "不应出现:{text}",
        "row_count": "共 {count} 行,{bound}",
        "bound.least": "应不少于 {least} 行",
        "bound.most": "应不超过 {most} 行",
        "bound.both": "应为 {least} 至 {most} 行",
        "asks.check_digit": "应为有效的代码({scheme})",
        "asks.unique": "{columns}不得重复",
        "asks.overlap": "{columns}相同的行,起止日期不得重叠",
        "asks.foreign_key": "应在“{title}”中有对应的记录",
        "asks.covers": "“{title}”中的每一项都应有记录",
        "asks.volume": "行数应为上一年度的 {least} 至 {most} 倍",
        "asks.row_count": "行数{bound}",
        "asks.span": "“{title}”中的该项应在同一小区,其起止日期应含这一天",
        "asks.freshness": "最近的{columns}距统计日应不超过 {days} 天",
        "asks.drift": "各类取值的占比应与上一年度相近",
        "list": "、",
        "then": ";",
    },
    "en": {
        "required": "required, must not be empty",
        "type.text": "cannot be read",
        "type.whole": "must be a whole number",
        "type.number": "must be a number with at most {scale} decimals",
        "type.day": "must be a date such as 2024-03-05",
        "type.truth": "must be true or false",
        "enum": "not one of the allowed values: {values}",
        "near": "; did you mean '{near}'?",
        "zeros": "; Excel may have dropped the zeros in front, did you mean '{near}'?",
        "pattern": "does not have the form {pattern}",
        "between": "must be between {low} and {high}, both included",
        "minimum": "must be at least {low}",
        "maximum": "must be at most {high}",
        "above": "must be more than {low}",
        "below": "must be less than {high}",
        "length": "must have {low} to {high} characters",
        "length.exact": "must have {low} characters",
        "length.least": "must have at least {low} characters",
        "length.most": "must have at most {high} characters",
        "check_digit.shape": "not a valid code ({scheme}): must be 18 digits or the capital letters it allows",
        "check_digit.inner_digit": "not a valid code ({scheme}): check digit of its organization code is wrong",
        "check_digit.digit": "not a valid code ({scheme}): last check digit is wrong",
        "check_digit.day": "not a valid code ({scheme}): its birthday does not exist",
        "unique": "{places} repeat {columns}",
        "unique.equal": "{places} repeat {columns} and are equal",
        "unique.contradictory": "{places} repeat {columns} and contradict each other in {differing}",
        "repeat": "equals {place}, so it counts once",
        "overlap": "{places} have the same {columns} and overlap in time",
        "covers": "this entry of {title} has no row here",
        "covers.refused": "every row of this entry of {title} was refused, which is like none",
        "volume": "{count} rows against {earlier} a year before, which is too far apart",
        "freshness": "the newest {column} is {newest}, {days} days before {as_of}, allowed: at most {allowed}",
        "drift": "{kind}: {share} of rows against {earlier} a year before, the column is spread too differently",
        "drift.in": "{column}: ",
        "drift.missing": "empty",
        "drift.there": "filled in",
        "drift.code": "{code}",
        "drift.true": "true",
        "drift.false": "false",
        "drift.above": "above {low}",
        "drift.up_to": "up to {high}",
        "drift.and": ", ",
        "rows": "rows {rows}",
        "place": "{file} row {row}",
        "more": " and others, {count} in all,",
        "more.places": " and others, {count} in all,",
        "span": "its entry in {title} is of another place or did not last on that day: check it, or leave it empty",
        "foreign_key": "no such record in {title}",
        "foreign_key.refused": "its record in {title} was itself refused: mend that one first",
        "expression": "must not happen: {text}",
        "row_count": "{count} rows, {bound}",
        "bound.least": "must be at least {least}",
        "bound.most": "must be at most {most}",
        "bound.both": "must be {least} to {most}",
        "asks.check_digit": "must be a valid code ({scheme})",
        "asks.unique": "no two rows have the same {columns}",
        "asks.overlap": "rows of the same {columns} must not overlap in time",
        "asks.foreign_key": "must have its record in {title}",
        "asks.covers": "every entry of {title} has a row here",
        "asks.volume": "rows must be {least} to {most} times those of the year before",
        "asks.row_count": "the number of rows {bound}",
        "asks.span": "its entry in {title} must be of the same place and last on that day",
        "asks.freshness": "the newest {columns} must be at most {days} days before the as-of day",
        "asks.drift": "the shares of values must be near those of the year before",
        "list": ", ",
        "then": "; ",
    },
}


@dataclass(frozen=True, slots=True)
class Wording:
    """The built-in sentences in one language.

    Attributes:
        language: zh or en.
    """

    language: str

    def say(self, sentence: str, **parts: object) -> str:
        """One sentence with its parts filled in.

        >>> Wording("en").say("minimum", low=3)
        'must be at least 3'
        """
        return SENTENCES[self.language][sentence].format(**parts)

    def listed(self, words: Sequence[str]) -> str:
        """Words in a row, the first twelve of them."""
        shown = self.say("list").join(words[:MAX_LISTED])
        return shown + "…" if len(words) > MAX_LISTED else shown

    def of(self, rule: Rule, column: Column | None) -> str:
        """What a broken cell of *column* is told by *rule*, where that does not depend on the cell."""
        match rule.kind:
            case "type" if column is not None:
                return self.of_type(column.type)
            case "enum" if column is not None:
                return self.say("enum", values=self.listed(enum_words(rule, column)))
            case "range" if column is not None:
                return self._range(rule.limits, column.type)
            case "length":
                return self._length(rule.limits)
            case "foreign_key" | "covers" | "span":
                return self.say(rule.kind, title=rule.limits.get("title", rule.limits["table"]))
        return self.say(rule.kind, **rule.limits)

    def asks(self, rule: Rule, contract: Contract) -> str:
        """What *rule* asks of every row, without any broken row in view."""
        columns = [column for name in rule.columns if (column := contract.column(name)) is not None]
        titles = [column.title for column in columns]
        match rule.kind:
            case "check_digit":
                return self.say("asks.check_digit", **rule.limits)
            case "unique":
                return self.say("asks.unique", columns=self.listed(titles))
            case "overlap":
                return self.say("asks.overlap", columns=self.listed(titles[:-2]))
            case "foreign_key" | "covers" | "span":
                return self.say(f"asks.{rule.kind}", title=rule.limits.get("title", rule.limits["table"]))
            case "volume":
                times = {name: f"{float(Fraction(str(limit))):g}" for name, limit in rule.limits.items()}
                return self.say("asks.volume", **times)
            case "row_count":
                return self.say("asks.row_count", bound=self._bound(rule))
            case "freshness":
                return self.say("asks.freshness", columns=self.listed(titles or rule.columns), days=rule.limits["days"])
            case "drift":
                return self.say("asks.drift")
        return self.of(rule, columns[0] if len(columns) == 1 else None)

    def of_type(self, kind: Type) -> str:
        """What a cell is told that did not become its column's type."""
        name = "whole" if kind.kind == "number" and not kind.scale else kind.kind
        return self.say(f"type.{name}", scale=kind.scale)

    def row_count(self, rule: Rule, count: int) -> str:
        """What a table is told that has too few or too many rows."""
        return self.say("row_count", count=count, bound=self._bound(rule))

    def _bound(self, rule: Rule) -> str:
        bound = "both" if len(rule.limits) == 2 else next(iter(rule.limits))
        return self.say(f"bound.{bound}", **rule.limits)

    def _range(self, limits: Mapping[str, object], kind: Type) -> str:
        shown = {name: as_written(value, kind) for name, value in limits.items()}
        if shown.keys() == {"minimum", "maximum"}:
            return self.say("between", low=shown["minimum"], high=shown["maximum"])
        return self.say("then").join(self.say(name, low=text, high=text) for name, text in shown.items())

    def _length(self, limits: Mapping[str, object]) -> str:
        low, high = limits.get("least"), limits.get("most")
        kind = "length" if None not in (low, high) else "length.least" if high is None else "length.most"
        return self.say("length.exact" if low == high else kind, low=low, high=high)


def enum_words(rule: Rule, column: Column) -> list[str]:
    """The allowed values as the office writes them: labels where there are some."""
    values = rule.limits["values"]
    codes = [as_written(value, column.type) for value in values] if isinstance(values, tuple) else []
    return [column.labels.get(code, code) for code in codes]


def percent(part: int, whole: int) -> str:
    """A share to a tenth of a percent, half away from zero; both are counts.

    >>> percent(1, 3), percent(1, 2000), percent(2, 2)
    ('33.3%', '0.1%', '100.0%')
    """
    tenths = (2000 * part + whole) // (2 * whole)
    return f"{tenths // 10}.{tenths % 10}%"


def as_written(value: object, kind: Type) -> str:
    """A stored value as people write it: decimals restored, a day as 2024-03-05.

    >>> (
    ...     as_written(1050, Type("number", scale=2)),
    ...     as_written(-5, Type("number", scale=1)),
    ...     as_written(3, Type("number", scale=0)),
    ... )
    ('10.5', '-0.5', '3')
    """
    if kind.kind == "day" and isinstance(value, int):
        return (EPOCH + timedelta(days=value)).isoformat()
    if isinstance(value, bool):
        return "true" if value else "false"
    if kind.kind == "number" and isinstance(value, int) and kind.scale:
        sign, amount = "-" if value < 0 else "", abs(Fraction(value))
        whole, part = divmod(int(amount), 10**kind.scale)
        return f"{sign}{whole}.{part:0{kind.scale}}".rstrip("0").rstrip(".")
    return str(value)
