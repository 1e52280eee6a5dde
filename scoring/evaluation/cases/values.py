"""Single values that a case writes, checked against what they stand for; every fault with its line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from data_contracts.document import Entry, Problem, decimal_number
from data_contracts.expressions import Type
from data_contracts.expressions.resolve import day_number, did_you_mean
from scoring.exact import decimal_text
from scoring.facts.values import Scalar
from scoring.rulebook.shape import Rulebook


@dataclass(frozen=True, slots=True)
class Values:
    """Reads values; faults go to *problems*."""

    rulebook: Rulebook
    problems: list[Problem]

    def refuse(self, entry: Entry, text: str) -> None:
        """Add a fault."""
        self.problems.append(entry.at.problem(text))

    def named(self, entry: Entry, name: str, known: Iterable[str], what: str) -> bool:
        """Whether *name* is one of *known*."""
        words = list(known)
        if name not in words:
            self.refuse(
                entry, f"found {what} {name!r}, allowed: {', '.join(words) or 'none'}{did_you_mean(name, words)}"
            )
        return name in words

    def points(self, entry: Entry) -> int:
        """Points as whole units; 0 where they cannot be read."""
        number, unit = decimal_number(entry.value), self.rulebook.unit
        if number is None or (number / unit).denominator != 1:
            self.refuse(entry, f"found {entry.shown}, allowed: points, a multiple of {decimal_text(1, unit)}")
            return 0
        return (number / unit).numerator

    def points_text(self, entry: Entry) -> str:
        """Points as they are printed."""
        return decimal_text(self.points(entry), self.rulebook.unit)

    def scalar(self, entry: Entry, kind: Type) -> Scalar:
        """A fact or column; None where nothing is written."""
        if entry.value is None:
            return None
        value, allowed = _parsed(entry.value if isinstance(entry.value, str) else "", kind)
        if value is None:
            self.refuse(entry, f"found {entry.shown}, allowed: {allowed}")
        return value

    def day(self, entry: Entry) -> date | None:
        """A day of the rulebook's period."""
        first, last = self.rulebook.period_from, self.rulebook.period_to
        day = _day(str(entry.value))
        if day is None or not first <= day <= last:
            self.refuse(entry, f"found {entry.shown}, allowed: a day from {first} to {last}")
            return None
        return day


def _parsed(text: str, kind: Type) -> tuple[Scalar, str]:
    """The value that *text* writes, None when it is not one, and what would be."""
    match kind.kind:
        case "text":
            return text or None, "text"
        case "truth":
            return {"true": True, "false": False}.get(text), "true or false"
        case "day":
            day = _day(text)
            return None if day is None else Fraction(day_number(day)), "a day as YYYY-MM-DD"
    above, slash, below = text.partition("/")
    number, divisor = decimal_number(above.strip()), decimal_number(below.strip()) if slash else Fraction(1)
    return None if number is None or not divisor else number / divisor, "a decimal number or a/b"


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
