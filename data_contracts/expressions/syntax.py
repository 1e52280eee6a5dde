"""Text to syntax tree: the grammar of contract rules and rulebook expressions.

One hand-written precedence parser: it is shorter than a grammar for a generator, and every error can say
where it stands, what was found and what is allowed. Nothing here knows columns or types.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import NoReturn

MAX_LENGTH = 4_000
MAX_DEPTH = 40
MAX_OPERATORS = 120
MAX_DIGITS = 40


class ExpressionError(ValueError):
    """An expression that cannot be read or does not fit its columns.

    Attributes:
        at: Offset of the fault in the expression's text, from 0.
    """

    def __init__(self, message: str, at: int = 0) -> None:
        super().__init__(message)
        self.at = at


@dataclass(frozen=True, slots=True)
class Node:
    """Any part of an expression; *at* is its offset in the text."""

    at: int


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A number, text, truth value, day or null, as written."""

    value: Fraction | str | bool | date | None
    decimals: int = 0


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A column or a path of foreign keys that ends at a column: `project.floor_area_m2`."""

    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unary(Node):
    """`not x` or `-x`."""

    operator: str
    operand: Node


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """Arithmetic, comparison, `and` and `or`."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class In(Node):
    """`x in (a, b)`; *negated* for `not in`."""

    operand: Node
    choices: tuple[Node, ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class IsNull(Node):
    """`x is null`; *negated* for `is not null`."""

    operand: Node
    negated: bool


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A function or aggregate with its arguments."""

    function: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class LookUp(Node):
    """A table of the rulebook at a key: `sla_days[category]`."""

    table: str
    keys: tuple[Node, ...]


KEYWORDS = frozenset({"and", "or", "not", "in", "is", "between", "null", "true", "false"})
_TOKEN = re.compile(
    r"""(?P<space>\s+)
      | (?P<number>[0-9]+(?:\.[0-9]+)?)
      | (?P<text>'(?:[^']|'')*')
      | (?P<name>[^\W\d]\w*)
      | (?P<symbol><>|<=|>=|[-+*/=<>(),.\[\]])""",
    re.VERBOSE,
)
_DAY = re.compile(r"'[0-9]{4}-[0-9]{2}-[0-9]{2}'")
_COMPARISONS = ("=", "<>", "<", "<=", ">", ">=")


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int


def parse(text: str) -> Node:
    """Read one expression.

    Args:
        text: The expression: at most 4,000 characters, 120 operators, nested at most 40 deep, so that no
            expression can exhaust the stack of whatever walks it.

    Raises:
        ExpressionError: With the offset of the first fault and what is allowed there.

    >>> parse("rate < 1.5").operator
    '<'
    """
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"found {len(text)} characters, allowed: at most {MAX_LENGTH}")
    return _Parser(_tokens(text)).whole()


def _tokens(text: str) -> list[_Token]:
    tokens, at = [], 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise ExpressionError(f"found {text[at]!r}, allowed: {_hint(text[at])}", at)
        kind = match.lastgroup or ""
        word = match.group()
        if kind == "name" and word.lower() in KEYWORDS:
            kind, word = "keyword", word.lower()
        if kind != "space":
            tokens.append(_Token(kind, word, at))
        at = match.end()
    return [*tokens, _Token("end", "end of expression", len(text))]


def _hint(character: str) -> str:
    hints = {
        '"': "text in single quotes",
        "!": "<> for 'not equal'",
        "'": "a closing quote for the text that begins here",
        "&": "and",
        "|": "or",
        "%": "a plain number (percentages are for rank steps only)",
    }
    return hints.get(character, "names, numbers, 'text', and or not = <> < <= > >= + - * / ( ) [ ] , .")


class _Parser:
    """Precedence climbing over a token list: or, and, not, comparison, sum, product, sign, atom."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._next = 0
        self._depth = 0
        self._operators = 0

    def whole(self) -> Node:
        node = self._either()
        if self._peek.kind != "end":
            self._refuse("an operator or the end")
        return node

    @property
    def _peek(self) -> _Token:
        return self._tokens[self._next]

    def _take(self) -> _Token:
        token = self._peek
        self._next += 1
        return token

    def _accept(self, *texts: str) -> _Token | None:
        token = self._peek
        return self._take() if token.kind in ("symbol", "keyword") and token.text in texts else None

    def _expect(self, text: str) -> _Token:
        return self._accept(text) or self._refuse(repr(text))

    def _refuse(self, allowed: str) -> NoReturn:
        token = self._peek
        found = token.text if token.kind == "end" else repr(token.text)
        raise ExpressionError(f"found {found}, allowed: {allowed}", token.at)

    def _operator(self, *texts: str) -> _Token | None:
        token = self._accept(*texts)
        if token is not None:
            self._operators += 1
            if self._operators > MAX_OPERATORS:
                raise ExpressionError(f"found more than {MAX_OPERATORS} operators, allowed: fewer", token.at)
        return token

    def _chain(self, part: Callable[[], Node], *operators: str) -> Node:
        node = part()
        while token := self._operator(*operators):
            node = Binary(token.at, token.text, node, part())
        return node

    def _either(self) -> Node:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise ExpressionError(f"found more than {MAX_DEPTH} levels of nesting, allowed: fewer", self._peek.at)
        node = self._chain(self._both, "or")
        self._depth -= 1
        return node

    def _both(self) -> Node:
        return self._chain(self._negation, "and")

    def _negation(self) -> Node:
        negations = []
        while token := self._operator("not"):
            negations.append(token)
        node = self._comparison()
        for token in reversed(negations):
            node = Unary(token.at, "not", node)
        return node

    def _comparison(self) -> Node:
        left = self._sum()
        if token := self._accept(*_COMPARISONS):
            node: Node = Binary(token.at, token.text, left, self._sum())
            if self._peek.text in _COMPARISONS and self._peek.kind == "symbol":
                self._refuse("'and' between two comparisons")
            return node
        if token := self._accept("is"):
            negated = self._accept("not") is not None
            self._expect("null")
            return IsNull(token.at, left, negated)
        negated = self._peek.text == "not" and self._tokens[self._next + 1].text in ("in", "between")
        if negated:
            self._take()
        if token := self._accept("in"):
            return In(token.at, left, self._arguments("(", ")"), negated)
        if token := self._accept("between"):
            return self._between(token.at, left, negated)
        return left

    def _between(self, at: int, operand: Node, negated: bool) -> Node:
        low = self._sum()
        self._expect("and")
        inside = Binary(at, "and", Binary(at, ">=", operand, low), Binary(at, "<=", operand, self._sum()))
        return Unary(at, "not", inside) if negated else inside

    def _sum(self) -> Node:
        return self._chain(self._product, "+", "-")

    def _product(self) -> Node:
        return self._chain(self._signed, "*", "/")

    def _signed(self) -> Node:
        signs = []
        while token := self._operator("-"):
            signs.append(token)
        node = self._atom()
        for token in reversed(signs):
            node = Unary(token.at, "-", node)
        return node

    def _atom(self) -> Node:
        token = self._peek
        if token.kind == "number":
            if len(token.text) > MAX_DIGITS:
                raise ExpressionError(f"found a number of {len(token.text)} digits, allowed: {MAX_DIGITS}", token.at)
            self._take()
            return Literal(token.at, Fraction(token.text), len(token.text.partition(".")[2]))
        if token.kind == "text":
            self._take()
            return Literal(token.at, token.text[1:-1].replace("''", "'"))
        if token.kind == "name":
            return self._named()
        if word := self._accept("null", "true", "false"):
            return Literal(token.at, {"null": None, "true": True, "false": False}[word.text])
        if self._accept("("):
            node = self._either()
            self._expect(")")
            return node
        return self._refuse("a name, a number, 'text', a function or '('")

    def _named(self) -> Node:
        token = self._take()
        if token.text == "date" and self._peek.kind == "text":
            return self._day(token.at)
        if self._peek.text == "(":
            return Call(token.at, token.text, self._arguments("(", ")"))
        if self._peek.text == "[":
            keys = self._arguments("[", "]")
            if not keys:
                raise ExpressionError(f"found {token.text}[], allowed: {token.text}[key]", token.at)
            return LookUp(token.at, token.text, keys)
        path = [token.text]
        while self._accept("."):
            if self._peek.kind != "name":
                self._refuse("a column name after '.'")
            path.append(self._take().text)
        return Name(token.at, tuple(path))

    def _day(self, at: int) -> Literal:
        token = self._take()
        try:
            return Literal(at, date.fromisoformat(token.text[1:-1] if _DAY.fullmatch(token.text) else "no day"))
        except ValueError:
            raise ExpressionError(f"found date {token.text}, allowed: date 'YYYY-MM-DD'", token.at) from None

    def _arguments(self, opening: str, closing: str) -> tuple[Node, ...]:
        self._expect(opening)
        if self._accept(closing):
            return ()
        arguments = [self._either()]
        while self._accept(","):
            arguments.append(self._either())
        self._expect(closing)
        return tuple(arguments)
