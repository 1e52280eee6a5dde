"""Expressions as sentences, for the shapes that rules of this kind are made of.

A sentence must never say anything else than its expression. What is not understood here, or would be too long to be
read, has no sentence: the reader then sees the expression alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from data_contracts.expressions import parse
from data_contracts.expressions.syntax import Binary, Call, In, IsNull, Literal, LookUp, Name, Node, Unary
from scoring.rulebook.shape import Expression
from scoring.rulebook.wording.naming import Named, Naming
from scoring.rulebook.written import plain

LONGEST = 220
_STRENGTH = {"or": 1, "and": 2, "=": 3, "<>": 3, "<": 3, "<=": 3, ">": 3, ">=": 3, "+": 4, "-": 4, "*": 5, "/": 5}
_SIGNS = {"+": "+", "-": "−", "*": "×", "/": "÷"}
_COMPARED = {
    ("=", "number"): ("{a}等于{b}", "{a} is {b}"),
    ("<>", "number"): ("{a}不等于{b}", "{a} is not {b}"),
    ("<", "number"): ("{a}小于{b}", "{a} is below {b}"),
    ("<=", "number"): ("{a}小于等于{b}", "{a} is {b} or less"),
    (">", "number"): ("{a}大于{b}", "{a} is above {b}"),
    (">=", "number"): ("{a}大于等于{b}", "{a} is {b} or more"),
    ("=", "text"): ("{a}为{b}", "{a} is {b}"),
    ("<>", "text"): ("{a}不为{b}", "{a} is not {b}"),
    ("=", "day"): ("{a}为{b}", "{a} is {b}"),
    ("<>", "day"): ("{a}不为{b}", "{a} is not {b}"),
    ("<", "day"): ("{a}早于{b}", "{a} is before {b}"),
    ("<=", "day"): ("{a}不晚于{b}", "{a} is not after {b}"),
    (">", "day"): ("{a}晚于{b}", "{a} is after {b}"),
    (">=", "day"): ("{a}不早于{b}", "{a} is not before {b}"),
}
_CALLS = {
    ("coalesce", 2): ("{0}（缺失时取{1}）", "{0} ({1} where it is missing)"),
    ("year", 1): ("{0}所在年份", "the year of {0}"),
    ("days_in_period", 2): ("{0}至{1}在评价期内的天数", "the days of the period from {0} to {1}"),
    ("count", 0): ("记录条数", "number of records"),
    ("sum", 1): ("{0}之和", "sum of {0}"),
    ("mean", 1): ("{0}的平均值", "mean of {0}"),
    ("mean", 2): ("{0}按{1}加权的平均值", "mean of {0} weighted by {1}"),
    ("min", 1): ("{0}的最小值", "least {0}"),
    ("max", 1): ("{0}的最大值", "greatest {0}"),
    ("first", 2): ("{1}最早（最小）一条的{0}", "{0} of the record with the earliest (lowest) {1}"),
    ("last", 2): ("{1}最晚（最大）一条的{0}", "{0} of the record with the latest (highest) {1}"),
    ("given", 5): (
        "人工给定的{0}（须在{1}至{2}之间；与参照值{3}不同的须有{4}）",
        "{0} as a person gave it (from {1} to {2}; where it differs from the reference {3}, with {4})",
    ),
}
_LATER = {
    "add_days": ("{0}后{1}日", "{1} days after {0}", "{0}后若干日（日数为{1}）", "as many days after {0} as {1}"),
    "add_months": (
        "{0}后{1}个月",
        "{1} months after {0}",
        "{0}后若干个月（月数为{1}）",
        "as many months after {0} as {1}",
    ),
    "add_working_days": (
        "{0}后{1}个工作日",
        "{1} working days after {0}",
        "{0}后若干个工作日（日数为{1}）",
        "as many working days after {0} as {1}",
    ),
}
_TESTS = {
    ("in_period", 1): ("{0}在评价期内且不晚于评价日", "{0} lies in the period and not after the as-of day"),
    ("in_force", 2): (
        "{0}不晚于评价日，且{1}为空或不早于评价日",
        "{0} is not after the as-of day, and {1} is missing or not before it",
    ),
    ("within_months", 2): ("{0}在评价日前{1}个月内", "{0} lies within {1} months up to the as-of day"),
    ("overlaps", 2): ("{0}至{1}（缺失视为未止）与评价期有重叠", "{0} to {1} (open where missing) meets the period"),
    ("worse", 2): ("{0}低于{1}", "{0} is worse than {1}"),
    ("better", 2): ("{0}高于{1}", "{0} is better than {1}"),
}


class _UnsayableError(Exception):
    """A shape that has no sentence."""


@dataclass(frozen=True, slots=True)
class Sentences:
    """Sentences about one row of a relation."""

    names: Naming

    def of(self, expression: Expression | None) -> str:
        """The expression as a sentence, empty where there is none to be had."""
        return "" if expression is None else self.said(expression.text)

    def said(self, text: str) -> str:
        """*text* as a sentence, empty where there is none to be had."""
        node = parse(text)
        try:
            said = self._test(node) if self._is_test(node) else self._value(node)
        except _UnsayableError:
            return ""
        return said if len(said) <= LONGEST else ""

    def or_text(self, expression: Expression) -> str:
        """The sentence, or the expression itself."""
        return self.of(expression) or expression.text

    @property
    def _zh(self) -> bool:
        return self.names.words.language == "zh"

    def _pick(self, pair: tuple[str, str]) -> str:
        return pair[0] if self._zh else pair[1]

    # tests

    def _is_test(self, node: Node) -> bool:
        match node:
            case Binary():
                return node.operator not in _SIGNS
            case Unary():
                return node.operator == "not"
            case Call():
                test = (node.function, len(node.arguments)) in _TESTS
                return test or (node.function == "coalesce" and self._kind_of(node) == "truth")
            case Name():
                return self._named(node).kind == "truth"
        return isinstance(node, In | IsNull)

    def _is_plain_test(self, node: Node) -> bool:
        if isinstance(node, Call):
            return (node.function, len(node.arguments)) in _TESTS
        return self._is_test(node)

    def _test(self, node: Node, around: int = 0) -> str:
        match node:
            case Binary(operator="and" | "or"):
                return self._joined(node, around)
            case Binary() if node.operator not in _SIGNS:
                return self._compared(node)
            case Unary(operator="not", operand=Name() as name):
                return self._pick(("{a}为否", "{a} is false")).format(a=self._quoted(self._named(name)))
            case Unary(operator="not"):
                return self._pick(("并非（{a}）", "not ({a})")).format(a=self._test(node.operand))
            case Name():
                return self._pick(("{a}为是", "{a} is true")).format(a=self._quoted(self._named(node)))
            case IsNull():
                said = ("{a}不为空", "{a} is given") if node.negated else ("{a}为空", "{a} is missing")
                return self._pick(said).format(a=self._value(node.operand))
            case In():
                return self._one_of(node)
            case Call(function="coalesce"):
                return self._truth(node)
            case Call():
                return self._called(node, _TESTS)
        raise _UnsayableError

    def _joined(self, node: Binary, around: int) -> str:
        strength = _STRENGTH[node.operator]
        word = {"and": ("，且", " and "), "or": ("或", " or ")}[node.operator]
        parts = [self._test(part, strength) for part in (node.left, node.right)]
        said = self._pick(word).join(parts)
        return self._pick(("（{a}）", "({a})")).format(a=said) if around and around != strength else said

    def _compared(self, node: Binary) -> str:
        kind = self._kind(node.left, node.right)
        pair = _COMPARED.get((node.operator, kind))
        if pair is None:
            raise _UnsayableError
        codes = self._codes(node.left, node.right)
        left, right = (self._value(side, codes=codes) for side in (node.left, node.right))
        return self._pick(pair).format(a=left, b=right)

    def _one_of(self, node: In) -> str:
        codes = self._codes(node.operand)
        listed = self.names.words.comma.join(self._value(choice, codes=codes) for choice in node.choices)
        said = {
            False: ("{a}为{b}之一", "{a} is one of {b}"),
            True: ("{a}不为{b}中任何一个", "{a} is none of {b}"),
        }[node.negated]
        return self._pick(said).format(a=self._value(node.operand), b=listed)

    def _kind(self, *nodes: Node) -> str:
        kinds = {self._kind_of(node) for node in nodes}
        if "truth" in kinds:
            raise _UnsayableError
        return next((kind for kind in ("text", "day") if kind in kinds), "number")

    def _kind_of(self, node: Node) -> str:
        match node:
            case Literal(value=str()):
                return "text"
            case Literal(value=bool()):
                return "truth"
            case Literal(value=date()):
                return "day"
            case Name():
                return self._named(node).kind
            case Call(function="add_days" | "add_months" | "add_working_days"):
                return "day"
            case Binary() | Unary() | Call() | In() | IsNull() if self._is_plain_test(node):
                return "truth"
            case Call(function="coalesce" | "least" | "greatest" | "min" | "max"):
                return self._kind_of(node.arguments[0])
            case LookUp():
                return self.names.table_kind(node.table)
        return "number"

    def _codes(self, *nodes: Node) -> Named | None:
        """The column whose codes the literals beside it are."""
        return next((self._named(node) for node in nodes if isinstance(node, Name)), None)

    # values

    def _value(self, node: Node, around: int = 0, codes: Named | None = None) -> str:
        match node:
            case Literal():
                return self._literal(node, codes)
            case Name():
                return self._quoted(self._named(node))
            case Unary(operator="-"):
                return f"−{self._value(node.operand, 6)}"
            case Binary() if node.operator in _SIGNS:
                return self._reckoned(node, around)
            case LookUp():
                return self._looked_up(node)
            case Call() if around:
                return self._pick(("（{a}）", "({a})")).format(a=self._value(node, codes=codes))
            case Call(function="if"):
                return self._chosen(node.arguments)
            case Call(function="least" | "greatest"):
                listed = self.names.words.comma.join(self._value(part, 6) for part in node.arguments)
                least = node.function == "least"
                said = ("{a}中的最小者", "the least of {a}") if least else ("{a}中的最大者", "the greatest of {a}")
                return self._pick(said).format(a=listed)
            case Call(function="share"):
                return self._share(node.arguments)
            case Call(function="days_since_previous"):
                listed = self.names.words.comma.join(self._value(part) for part in node.arguments[1:])
                said = (
                    "与相同{k}的上一条相距的天数（按{d}）",
                    "days since the previous one with the same {k} (by {d})",
                )
                return self._pick(said).format(k=listed, d=self._value(node.arguments[0]))
            case Call(function="add_days" | "add_months" | "add_working_days", arguments=(day, count)):
                plain_zh, plain_en, zh, en = _LATER[node.function]
                pair = (plain_zh, plain_en) if isinstance(count, Literal) else (zh, en)
                return self._pick(pair).format(self._value(day, 6), self._value(count))
            case Call():
                return self._called(node, _CALLS)
        raise _UnsayableError

    def _reckoned(self, node: Binary, around: int) -> str:
        strength = _STRENGTH[node.operator]
        right = strength + (node.operator in ("-", "/"))
        said = f"{self._value(node.left, strength)} {_SIGNS[node.operator]} {self._value(node.right, right)}"
        return f"({said})" if around > strength else said

    def _chosen(self, arguments: Sequence[Node]) -> str:
        test, then, otherwise = self._test(arguments[0]), self._value(arguments[1]), self._value(arguments[2])
        return self._pick(("{t}时取{a}，否则取{b}", "{a} where {t}, else {b}")).format(t=test, a=then, b=otherwise)

    def _share(self, arguments: Sequence[Node]) -> str:
        test = self._test(arguments[0])
        if len(arguments) == 1:
            return self._pick(("符合（{t}）的条数占比", "share of records where {t}")).format(t=test)
        weight = self._value(arguments[1])
        return self._pick(("按{w}计，符合（{t}）的占比", "share by {w} where {t}")).format(t=test, w=weight)

    def _truth(self, node: Node) -> str:
        """coalesce(test, false): what is unknown counts as the literal says."""
        match node:
            case Call(function="coalesce", arguments=(test, Literal(value=bool() as counts))) if self._is_test(test):
                said = ("{t}（无法判断的算符合）", "{t} (or cannot be told)") if counts else (
                    "{t}（无法判断的算不符合）",
                    "{t} (what cannot be told does not count)",
                )  # fmt: skip
                return self._pick(said).format(t=self._test(test))
        raise _UnsayableError

    def _looked_up(self, node: LookUp) -> str:
        keys = self.names.words.comma.join(self._value(key) for key in node.keys)
        title = self.names.words.quoted(self.names.table(node.table))
        return self._pick(("{t}表中{k}对应的值", "the value of {k} in table {t}")).format(t=title, k=keys)

    def _called(self, node: Call, known: dict[tuple[str, int], tuple[str, str]]) -> str:
        pair = known.get((node.function, len(node.arguments)))
        if pair is None:
            raise _UnsayableError
        codes = self._codes(*node.arguments) if node.function in ("worse", "better") else None
        return self._pick(pair).format(*(self._value(part, 6, codes) for part in node.arguments))

    def _literal(self, node: Literal, codes: Named | None) -> str:
        match node.value:
            case str() as text:
                label = codes.labels.get(text, "") if codes else ""
                quoted = self.names.words.quoted(label or text)
                return self._pick((f"{quoted}（{text}）", f"{quoted} ({text})")) if label and label != text else quoted
            case date() as day:
                return f"{day.year}年{day.month}月{day.day}日" if self._zh else str(day)
            case bool() as truth:
                return self._pick(("是", "true") if truth else ("否", "false"))
            case Fraction() as number:
                return plain(number)
        return self._pick(("缺失值", "a missing value"))

    def _named(self, node: Name) -> Named:
        found = self.names.find(node.path)
        if found is None:
            raise _UnsayableError
        return found

    def _quoted(self, named: Named) -> str:
        return self.names.words.quoted(named.text)
