"""A card as plain JSON values and back: only what is listed here can be read, so a card file can hold nothing else.

Terms are lists, `[name, type, parts…]`; everything else is an object without the keys that have their usual value.
Numbers are texts such as "3" or "7/2": JSON's own numbers would pass through floats elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields
from fractions import Fraction
from functools import cache
from typing import Any, cast

from data_contracts.expressions import terms as t
from data_contracts.expressions.terms import Constant, Term, Type
from scoring.rulebook.shape import CardRules, Citation, Expression, Levels, Line, Rank, Row, Status, Step, Title

Json = Any
_TYPE = re.compile(r"(number|text|truth|day|null)(\d{1,2})?(\?)?")
_NUMBER = re.compile(r"-?\d{1,400}(/\d{1,400})?")
MAX_DEPTH = 60


class CardFormatError(ValueError):
    """A card file with something in it that no card has."""


@dataclass(frozen=True, slots=True)
class Codec:
    """One kind of value: how it is written and how it is read."""

    write: Callable[[Any], Json]
    read: Callable[[Json], Any]


def refuse(found: object, allowed: str) -> CardFormatError:
    """The error for a value of the wrong shape."""
    return CardFormatError(f"found {str(found)[:60]!r}, allowed: {allowed}")


def plain(kind: type, allowed: str) -> Codec:
    """A JSON text, whole number or truth value, as it is."""

    def read(node: Json) -> Any:
        if type(node) is not kind:
            raise refuse(node, allowed)
        return node

    return Codec(lambda value: value, read)


def many(part: Codec) -> Codec:
    """A tuple of one kind."""

    def read(node: Json) -> Any:
        if type(node) is not list:
            raise refuse(node, "a list")
        return tuple(map(part.read, node))

    return Codec(lambda values: [part.write(value) for value in values], read)


def maybe(part: Codec) -> Codec:
    """One kind, or null."""
    return Codec(
        lambda value: None if value is None else part.write(value),
        lambda node: None if node is None else part.read(node),
    )


def pair(*parts: Codec) -> Codec:
    """A tuple of fixed length, each place of its own kind."""

    def read(node: Json) -> Any:
        if type(node) is not list or len(node) != len(parts):
            raise refuse(node, f"a list of {len(parts)}")
        return tuple(part.read(one) for part, one in zip(parts, node, strict=True))

    return Codec(lambda value: [part.write(one) for part, one in zip(parts, value, strict=True)], read)


def mapping(part: Codec) -> Codec:
    """Texts to one kind."""

    def read(node: Json) -> Any:
        if type(node) is not dict:
            raise refuse(node, "an object")
        return {name: part.read(one) for name, one in node.items()}

    return Codec(lambda values: {name: part.write(one) for name, one in values.items()}, read)


def one_of(*words: str) -> Codec:
    """One of a few words."""

    def read(node: Json) -> Any:
        if node not in words or type(node) is not str:
            raise refuse(node, ", ".join(words))
        return node

    return Codec(lambda value: value, read)


def record(shape: type, parts: dict[str, Codec]) -> Codec:
    """A frozen dataclass; a part with its usual value is left out."""
    usual = {field.name: field.default for field in fields(shape)}

    def write(value: Any) -> Json:
        named = ((name, getattr(value, name)) for name in parts)
        return {name: parts[name].write(part) for name, part in named if part != usual[name]}

    def read(node: Json) -> Any:
        if type(node) is not dict:
            raise refuse(node, f"an object: {shape.__name__}")
        for name in node:
            if name not in parts:
                raise refuse(name, f"in {shape.__name__}: {', '.join(parts)}")
        for name in parts:
            if name not in node and usual[name] is MISSING:
                raise refuse(f"no {name}", f"{shape.__name__} with it")
        return shape(**{name: parts[name].read(part) for name, part in node.items()})

    return Codec(write, read)


def _read_fraction(node: Json) -> Fraction:
    if type(node) is not str or not _NUMBER.fullmatch(node) or node.endswith("/0"):
        raise refuse(node, "a number as text, such as 3 or 7/2")
    return Fraction(int(node)) if "/" not in node else Fraction(node)


@cache
def _read_type(node: str) -> Type:
    found = _TYPE.fullmatch(node) if type(node) is str else None
    if found is None:
        raise refuse(node, "a type, such as number2?")
    kind, scale, optional = found.groups()
    return Type(cast("Any", kind), None if scale is None else int(scale), optional is not None)


def _write_type(kind: Type) -> str:
    return f"{kind.kind}{'' if kind.scale is None else kind.scale}{'?' if kind.optional else ''}"


TEXT = plain(str, "a text")
WHOLE = plain(int, "a whole number")
TRUTH = plain(bool, "true or false")
FRACTION = Codec(str, _read_fraction)
TYPE = Codec(_write_type, _read_type)


def _write_term(term: Term) -> Json:
    name, parts = _WRITTEN[type(term)]
    return [name, TYPE.write(term.type), *(part.write(getattr(term, field)) for field, part in parts)]


def _read_term(node: Json) -> Term:
    if type(node) is not list or len(node) < 2 or type(node[0]) is not str or node[0] not in _READ:
        raise refuse(node, f"a term: {', '.join(_READ)}")
    shape, parts = _READ[node[0]]
    if len(node) != len(parts) + 2:
        raise refuse(node, f"{node[0]} with {len(parts)} parts")
    kind = TYPE.read(node[1])
    if shape is Constant:
        return Constant(kind, _read_constant(kind, node[2]))
    return shape(kind, *[part.read(one) for part, one in zip(parts, node[2:], strict=True)])


def _write_constant(value: Fraction | str | bool | None) -> Json:
    return str(value) if isinstance(value, Fraction) else value


def _read_constant(kind: Type, node: Json) -> Fraction | str | bool | None:
    if kind.kind in ("number", "day") and node is not None:
        return _read_fraction(node)
    expected = {"text": str, "truth": bool}.get(kind.kind, type(None))
    if type(node) is not expected and node is not None:
        raise refuse(node, f"a constant of kind {kind.kind}")
    return cast("str | bool | None", node)


TERM = Codec(_write_term, _read_term)
TERMS, WORDS = many(TERM), many(TEXT)
_TERM_PARTS: dict[type[Term], dict[str, Codec]] = {
    t.Constant: {"value": Codec(_write_constant, lambda node: node)},
    t.Column: {"path": WORDS},
    t.Arithmetic: {"operator": one_of("+", "-", "*", "/"), "left": TERM, "right": TERM},
    t.Compare: {"operator": one_of("=", "<>", "<", "<=", ">", ">="), "left": TERM, "right": TERM},
    t.Logic: {"operator": one_of("and", "or"), "left": TERM, "right": TERM},
    t.Not: {"operand": TERM},
    t.Missing: {"operand": TERM},
    t.If: {"test": TERM, "then": TERM, "otherwise": TERM},
    t.Coalesce: {"choices": TERMS},
    t.Extreme: {"function": one_of("least", "greatest"), "choices": TERMS},
    t.TableValue: {"table": TEXT, "keys": TERMS, "otherwise": maybe(TERM)},
    t.Position: {"operand": TERM, "order": WORDS},
    t.Year: {"day": TERM},
    t.AddMonths: {"day": TERM, "months": TERM},
    t.AddWorkingDays: {"day": TERM, "days": TERM},
    t.Given: {"value": TERM, "refused": TERM},
}
_WRITTEN = {shape: (shape.__name__.lower(), tuple(parts.items())) for shape, parts in _TERM_PARTS.items()}
_READ = {shape.__name__.lower(): (shape, tuple(parts.values())) for shape, parts in _TERM_PARTS.items()}

TITLE = record(Title, {"zh": TEXT, "en": TEXT})
CITATION = record(
    Citation, {"clause": TEXT, "source": TEXT, "basis": TEXT, "analogue": WORDS, "note": TITLE}
)  # fmt: skip
_TEXT_AND_TERM = pair(TEXT, TERM)


def _read_expression(node: Json) -> Expression:
    text, term = _TEXT_AND_TERM.read(node)
    return Expression(text, term, 0)


EXPRESSION = Codec(
    lambda value: [value.text, _write_term(value.term)],
    _read_expression,
)
EDGE = pair(FRACTION, TRUTH)
BOUNDS = pair(maybe(WHOLE), maybe(WHOLE))
ROW = record(
    Row,
    {
        "lower": maybe(EDGE), "upper": maybe(EDGE), "when": maybe(EXPRESSION), "points": WHOLE, "level": TEXT,
        "status": TEXT, "title": TITLE, "citation": CITATION,
    },
)  # fmt: skip


def _read_policy(node: Json) -> Any:
    if type(node) is int or node in ("zero", "full", "not_rated", "skip"):
        return node
    raise refuse(node, "zero, full, not_rated, skip or a number of units")


_LINE: dict[str, Codec] = {
    "id": TEXT, "title": TITLE, "citation": CITATION, "points": maybe(EXPRESSION), "on": maybe(EXPRESSION),
    "tiers": many(ROW), "when": maybe(EXPRESSION), "full": maybe(WHOLE),
    "missing": maybe(Codec(lambda value: value, _read_policy)), "within": maybe(BOUNDS), "total": maybe(BOUNDS),
    "total_round": maybe(WHOLE), "stages": many(FRACTION),
}  # fmt: skip


@cache
def _line_codec() -> Codec:
    return record(Line, {**_LINE, "lines": many(LINE)})


def _write_line(line: Line) -> Json:
    return _line_codec().write(line)


def _read_line(node: Json) -> Line:
    found: Line = _line_codec().read(node)
    return found


LINE = Codec(_write_line, _read_line)


RULES = record(
    CardRules,
    {
        "start": WHOLE, "full": maybe(WHOLE), "not_rated_when": maybe(EXPRESSION), "lines": many(LINE),
        "citation": CITATION,
    },
)  # fmt: skip
RANK = record(
    Rank,
    {
        "which": one_of("best", "worst", "beyond"), "number": maybe(WHOLE), "share": maybe(FRACTION),
        "rounding": one_of("up", "down", "half_up"), "ties": one_of("all_in", "all_out", "by_key"),
        "by": many(pair(TERM, TRUTH)), "among": maybe(EXPRESSION), "per": maybe(EXPRESSION),
        "one_per": maybe(EXPRESSION),
    },
)  # fmt: skip
STEP = record(
    Step,
    {
        "id": TEXT, "action": one_of("set", "at_most", "at_least", "move"), "level": TEXT, "places": WHOLE,
        "when": maybe(EXPRESSION), "rank": maybe(RANK), "even": WORDS, "enabled": TRUTH, "title": TITLE,
        "citation": CITATION, "line": WHOLE,
    },
)  # fmt: skip
LEVELS = record(
    Levels,
    {"order": WORDS, "titles": mapping(TITLE), "rows": many(ROW), "steps": many(STEP), "citation": CITATION},
)
STATUS = record(Status, {"status": TEXT, "when": EXPRESSION, "reason": TITLE, "citation": CITATION})
