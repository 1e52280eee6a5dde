"""One record's values, checked and put in the form that closures compute with, before anything is computed.

Numbers with known decimals become whole numbers of them, ratios a pair, days their number. Nothing is guessed: a
float, a text for a number or an unknown category is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from numbers import Integral
from typing import Any, cast

from scoring.card.artefact import Card, Input

EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
LIMIT = 2**62
DIGITS = 40  # more places than any number below 2^62 and 2^-62 that a card reads
DEN = "__den"
ALONE = object()  # instead of a denominator, for a number that stands alone; None is a denominator that is missing

Slot = int | tuple[int, int] | str | bool | None
Reader = Callable[[Any, Any], Slot]


class InputError(ValueError):
    """Values that a card cannot read: unknown, missing without a rule, of the wrong kind."""


class Inputs:
    """Reads one record for a card."""

    def __init__(self, card: Card) -> None:
        self._card = card
        self._readers = [(one.name, one.name + DEN, reader_of(one)) for one in card.inputs]
        self._names = frozenset(one.name for one in card.inputs)
        self._pairs = {one.name + DEN for one in card.inputs if one.type.kind == "number"}

    def row(self, values: Mapping[str, Any]) -> list[Any]:
        """One slot per input.

        Raises:
            InputError: Naming the input, what was found and what is allowed.
        """
        values = values if type(values) is dict else self._plain(values)
        try:
            if len(values) == len(self._readers):
                return [read(values[name], ALONE) for name, _, read in self._readers]
            row = [read(values[name], values.get(den, ALONE)) for name, den, read in self._readers]
        except KeyError:
            raise self._missing(values) from None
        for name in values:
            if name not in self._names and name not in self._pairs:
                raise self._unknown(name)
        return row

    def _plain(self, values: Any) -> dict[str, Any]:
        """Any mapping as a dict, which makes up no value for a name it does not have, as a Counter would."""
        found = dict(values.items()) if hasattr(values, "items") else None
        if found is None or len(found) != len(values):
            what = type(values).__name__ + (" with repeated names" if found is not None else "")
            raise InputError(f"found {what}, allowed: every input of {self._card.id} by its name")
        return found

    def _missing(self, values: Mapping[str, Any]) -> InputError:
        for name in values:
            if name not in self._names and name not in self._pairs:
                return self._unknown(name)
        absent = [name for name, _, _ in self._readers if name not in values]
        return InputError(f"found no {', '.join(absent)}, allowed: every input of {self._card.id}, None where missing")

    def _unknown(self, name: str) -> InputError:
        from data_contracts.expressions.resolve import did_you_mean

        allowed = sorted(self._names)
        return InputError(f"found {name!r}, allowed: {', '.join(allowed)}{did_you_mean(str(name), allowed)}")


def reader_of(one: Input) -> Reader:
    """What reads the values of one input."""
    match one.type.kind:
        case "number":
            return _ratio(one) if one.type.scale is None else _scaled(one, 10**one.type.scale)
        case "day":
            return _day(one)
        case "truth":
            return _truth(one)
    return _text(one)


def shown(value: object) -> str:
    """A value as errors name it, with its type."""
    return f"{type(value).__name__} {_quoted(value)}"


def _quoted(value: object) -> str:
    """A value without what leads to a person: a traceback is read by many."""
    from data_contracts.personal import masked

    try:
        return repr(masked(str(value))[:40])
    except ValueError:  # Python refuses to write out a number of thousands of digits
        return "of more digits than can be shown"


def refused(one: Input, value: object, allowed: str) -> InputError:
    """The error for a value of *one*."""
    if value is None:
        return InputError(f"{one.name}: found no value, allowed: {allowed}; the rulebook has no rule for a missing one")
    return InputError(f"{one.name}: found {shown(value)}, allowed: {allowed}{' or None' if one.type.optional else ''}")


def lonely(one: Input) -> InputError:
    """The error for a number whose denominator is missing: neither the number itself nor a missing one is meant."""
    return InputError(f"{one.name}: found a number without its {one.name}{DEN}, allowed: both, or neither")


def _exact(one: Input, value: object, den: object) -> Fraction | None:
    """A number in any exact form; None when missing."""
    allowed = "int, Decimal or Fraction below 2^62"
    if value is None:
        if not one.type.optional:
            raise refused(one, value, allowed)
        return None
    if den is None:
        raise lonely(one)
    if den is not ALONE:
        return _quotient(one, value, den)
    exact = exact_of(value)
    if exact is None or abs(exact.numerator) >= LIMIT or exact.denominator >= LIMIT:
        raise refused(one, value, allowed)
    return exact


def exact_of(value: object) -> Fraction | None:
    """A number that is exact: whole, a Fraction, or a Decimal of no absurd size; None for anything else.

    >>> exact_of(Decimal("2.50")), exact_of(0.5), exact_of(Decimal("Infinity"))
    (Fraction(5, 2), None, None)
    """
    if _is_whole(value):
        return Fraction(int(cast("int", value)))
    if isinstance(value, Fraction) or (isinstance(value, Decimal) and _is_near(value)):
        return Fraction(value)
    return None


def _is_near(value: Decimal) -> bool:
    """Finite, and not absurdly large or small: 1E+999999999 would take hours to write out as a fraction."""
    return value.is_finite() and (value.is_zero() or abs(value.adjusted()) < DIGITS)


def _is_whole(value: object) -> bool:
    """Any whole number, numpy's too, but no truth value and no span of time, which numpy counts among them."""
    kind = getattr(getattr(value, "dtype", None), "kind", "i")
    return not isinstance(value, bool) and isinstance(value, Integral) and kind in "iu"


def _quotient(one: Input, num: object, den: object) -> Fraction | None:
    allowed = f"whole numbers {one.name} and {one.name}{DEN}"
    if not _is_whole(num) or not _is_whole(den):
        raise refused(one, den if _is_whole(num) else num, allowed)
    upper, lower = int(cast("int", num)), int(cast("int", den))
    if abs(upper) >= LIMIT or abs(lower) >= LIMIT:
        raise refused(one, max(abs(upper), abs(lower)), f"{allowed} below 2^62")
    if lower == 0 and not one.type.optional:
        raise refused(one, f"{upper}/0", allowed)
    return Fraction(upper, lower) if lower else None


def _scaled(one: Input, factor: int) -> Reader:
    def read(value: Any, den: Any) -> Slot:
        if type(value) is int and den is ALONE and -LIMIT < value * factor < LIMIT:
            return value * factor
        exact = _exact(one, value, den)
        if exact is None:
            return None
        whole = exact * factor
        if whole.denominator != 1 or abs(whole.numerator) >= LIMIT:
            allowed = f"a number of at most {one.type.scale} decimals below 2^62"
            raise refused(one, value if den is ALONE else exact, allowed)
        return whole.numerator

    return read


def _ratio(one: Input) -> Reader:
    def read(value: Any, den: Any) -> Slot:
        if type(value) is int and type(den) is int and 0 < den < LIMIT and -LIMIT < value < LIMIT:
            return value, den
        if type(value) is Fraction and den is ALONE:
            num, low = value.numerator, value.denominator
            if low < LIMIT and -LIMIT < num < LIMIT:
                return num, low
        exact = _exact(one, value, den)
        return None if exact is None else (exact.numerator, exact.denominator)

    return read


def _day(one: Input) -> Reader:
    def read(value: Any, _: Any) -> Slot:
        if value is None and one.type.optional:
            return None
        if type(value) is date:
            return value.toordinal() - EPOCH_ORDINAL
        if isinstance(value, Fraction) and value.denominator == 1:
            value = value.numerator
        if _is_whole(value) and abs(int(value)) < LIMIT:
            return int(value)
        raise refused(one, value, "a date, or whole days since 1970-01-01")

    return read


def _truth(one: Input) -> Reader:
    def read(value: Any, _: Any) -> Slot:
        if value is True or value is False or (value is None and one.type.optional):
            return value
        if type(value).__name__ in ("bool", "bool_"):
            return bool(value)
        raise refused(one, value, "True or False")

    return read


def _text(one: Input) -> Reader:
    known = frozenset(one.categories)

    def read(value: Any, _: Any) -> Slot:
        if value is None and one.type.optional:
            return None
        if not isinstance(value, str):
            raise refused(one, value, ", ".join(one.categories) or "a text")
        if known and value not in known:
            from data_contracts.expressions.resolve import did_you_mean

            hint = did_you_mean(value, list(one.categories))
            raise InputError(f"{one.name}: found {_quoted(value)}, allowed: {', '.join(one.categories)}{hint}")
        return value

    return read
