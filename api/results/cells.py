"""Stored values as people read them: scaled whole numbers with their decimals, codes with their label, days as days."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Final

from api.results.views import Amount, Cell
from data_contracts.expressions import Type
from data_contracts.model import Column
from scoring.exact import decimal_text, decimals, round_fraction
from scoring.facts.days import day_of

PERSONAL: Final = "personal"
READING_STEP: Final = Fraction(1, 10_000)


def amount_of(num: int, den: int) -> Amount:
    """An exact number with its decimal text: in full where that takes few places, else rounded to four.

    >>> amount_of(1, 3).text, amount_of(5, 2).text, amount_of(-7, 1).text
    ('0.3333', '2.5', '-7')
    """
    value = Fraction(num, den)
    rounded = round_fraction(value, READING_STEP)
    text = decimal_text(int(rounded / READING_STEP), READING_STEP)
    return Amount(value.numerator, value.denominator, text.rstrip("0").rstrip("."), rounded == value)


def plain(value: Fraction) -> str:
    """A number of the rulebook, with all its decimals.

    >>> plain(Fraction("0.250")), plain(Fraction(7))
    ('0.25', '7')
    """
    places = decimals(value)
    return decimal_text(int(value * 10**places), Fraction(1, 10**places))


def cell(value: Any, column: Column) -> Cell:
    """A stored value of a contract column.

    >>> from data_contracts.expressions import Type
    >>> cell(1250, Column("area", "面积", Type("number", 2))).text
    '12.50'
    """
    if value is None:
        return Cell(None, "")
    match column.type.kind:
        case "number" if column.type.scale:
            text = decimal_text(int(value), Fraction(1, 10**column.type.scale))
            return Cell(text, text)
        case "number":
            return Cell(int(value), str(value))
        case "truth":
            return Cell(bool(value), str(value).lower())
        case "day":
            return Cell(value.isoformat(), value.isoformat())
    return Cell(str(value), column.labels.get(str(value), str(value)))


def fact_value(facts: dict[str, Any], name: str, kind: Type) -> tuple[str, Amount | None]:
    """A fact of one unit as text and, for a number, as an exact pair; empty where it is missing."""
    value = facts.get(name)
    if value is None:
        return "", None
    if kind.kind == "day":
        return day_of(int(value)).isoformat(), None
    if kind.kind == "number":
        amount = amount_of(int(value), int(facts.get(f"{name}__den") or 1))
        return amount.text, amount
    return (str(value).lower() if kind.kind == "truth" else str(value)), None
