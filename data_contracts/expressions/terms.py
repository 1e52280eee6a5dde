"""The typed core that every expression becomes: what the back ends have to evaluate, and nothing else.

Day functions such as `in_period` are gone here (they are comparisons with fixed days), names are columns with a
type, and each term knows whether it can be missing. Days are whole numbers: days since 1970-01-01.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from typing import Literal as OneOf

Kind = OneOf["number", "text", "truth", "day", "null"]
Comparison = OneOf["=", "<>", "<", "<=", ">", ">="]
Aggregation = OneOf["count", "sum", "mean", "share", "min", "max", "first", "last"]


@dataclass(frozen=True, slots=True)
class Type:
    """What a term is.

    Attributes:
        kind: number, text, truth, day, or null for the literal.
        scale: Decimals of a number that is a whole number of 10^-scale; None for a ratio.
        optional: Whether it can be missing.
        order: For a level: its codes, best first; they can be compared with `worse` and `better`.
    """

    kind: Kind
    scale: int | None = None
    optional: bool = False
    order: tuple[str, ...] | None = None

    def maybe(self, optional: bool = True) -> Type:
        """The same type, missing where *optional* or where it was before."""
        return replace(self, optional=self.optional or optional)


NUMBER = Type("number", scale=0)
TEXT = Type("text")
TRUTH = Type("truth")
DAY = Type("day", scale=0)
NULL = Type("null", optional=True)


@dataclass(frozen=True, slots=True)
class Term:
    """Any typed expression."""

    type: Type


@dataclass(frozen=True, slots=True)
class Constant(Term):
    """A fixed number (a day is its number), text or truth value; None for null."""

    value: Fraction | str | bool | None


@dataclass(frozen=True, slots=True)
class Column(Term):
    """A column of the row at hand, or of the row that a path of foreign keys leads to."""

    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Arithmetic(Term):
    """`+ - * /` of two numbers; division by zero is missing."""

    operator: OneOf["+", "-", "*", "/"]
    left: Term
    right: Term


@dataclass(frozen=True, slots=True)
class Compare(Term):
    """A comparison; unknown when either side is missing."""

    operator: Comparison
    left: Term
    right: Term


@dataclass(frozen=True, slots=True)
class Logic(Term):
    """`and` / `or` in three-valued logic."""

    operator: OneOf["and", "or"]
    left: Term
    right: Term


@dataclass(frozen=True, slots=True)
class Not(Term):
    """Negation in three-valued logic."""

    operand: Term


@dataclass(frozen=True, slots=True)
class Missing(Term):
    """Whether the operand is missing; never itself missing."""

    operand: Term


@dataclass(frozen=True, slots=True)
class If(Term):
    """The one or the other; missing when the test is unknown."""

    test: Term
    then: Term
    otherwise: Term


@dataclass(frozen=True, slots=True)
class Coalesce(Term):
    """The first that is not missing."""

    choices: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Extreme(Term):
    """`least` / `greatest`; missing when any is missing."""

    function: OneOf["least", "greatest"]
    choices: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class TableValue(Term):
    """A table of the rulebook at a key. Without *otherwise*, a key the table lacks is an error of the run."""

    table: str
    keys: tuple[Term, ...]
    otherwise: Constant | None


@dataclass(frozen=True, slots=True)
class Position(Term):
    """The place of a level in its order, 0 the best."""

    operand: Term
    order: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Year(Term):
    """The calendar year of a day."""

    day: Term


@dataclass(frozen=True, slots=True)
class AddMonths(Term):
    """The day so many months later, on the month's last day when it is shorter."""

    day: Term
    months: Term


@dataclass(frozen=True, slots=True)
class AddWorkingDays(Term):
    """The day so many working days later by the official calendar."""

    day: Term
    days: Term


@dataclass(frozen=True, slots=True)
class SincePrevious(Term):
    """Days since the previous record with the same keys; missing for the first and where a key is missing."""

    day: Term
    keys: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Given(Term):
    """A value a person gave within a range: *refused* is true where it breaks the range or lacks its reason."""

    value: Term
    refused: Term


@dataclass(frozen=True, slots=True)
class Aggregate(Term):
    """One number from many records.

    Attributes:
        function: count, sum, mean, share, min, max; first and last by *by*.
        operand: What is aggregated; None for count.
        by: The weight of mean and share; the day or number that orders first and last.
    """

    function: Aggregation
    operand: Term | None
    by: Term | None = None


def walk(term: Term) -> Iterator[Term]:
    """*term* and every term below it, from the outside in.

    >>> [type(part).__name__ for part in walk(Not(TRUTH, Constant(TRUTH, True)))]
    ['Not', 'Constant']
    """
    yield term
    for part in parts(term):
        yield from walk(part)


def parts(term: Term) -> Iterator[Term]:
    """The terms directly below *term*."""
    for field in fields(term):
        value = getattr(term, field.name)
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, Term):
                yield part


def columns(term: Term) -> set[tuple[str, ...]]:
    """Paths of all columns that *term* reads."""
    return {part.path for part in walk(term) if isinstance(part, Column)}
