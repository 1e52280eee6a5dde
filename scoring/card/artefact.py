"""The frozen card: all that one kind of unit needs to get from its facts to points and a level, free of files.

Its file is canonical JSON with the SHA-256 of the card inside; reading it runs no code, and a file whose digest does
not fit is refused. Lines, rows and steps are the rulebook's own shapes, so nothing can be lost between the two.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data_contracts.expressions.terms import Type
from scoring.card.codec import (
    FRACTION,
    LEVELS,
    RULES,
    STATUS,
    TEXT,
    TITLE,
    TRUTH,
    TYPE,
    WORDS,
    CardFormatError,
    Codec,
    Json,
    many,
    mapping,
    maybe,
    pair,
    record,
)
from scoring.rulebook.shape import CardRules, Levels, Line, Status, Title

if TYPE_CHECKING:
    from scoring.card.one import Outcome, Scorer
    from scoring.facts.one_row import Context
    from scoring.rulebook.shape import Rulebook

__all__ = ["NOT_RATED", "NO_DATA", "STATES", "Card", "CardFormatError", "Input"]

NOT_RATED, NO_DATA = "NOT_RATED", "NO_DATA"
APPLIED, NOT_APPLICABLE, NO_VALUE, WAIVED = range(4)
STATES = ("applied", "not_applicable", "no_data", "waived")
_BEGIN, _BETWEEN, _END = '{"card":', ',"format":"property-credit-card/1","sha256":"', '"}\n'
_UNTITLED = Title()
SHOWN = 5  # faults named at once
_PICKLES = (b"\x80", b"PK\x03\x04", b"\x1f\x8b", b"\x78")


@dataclass(frozen=True, slots=True)
class Input:
    """A value that a card reads.

    Attributes:
        name: Its path with dots, `visits` or `compound.households`.
        type: Kind, decimals and whether it may be missing. A number without a scale is a ratio.
        title: What it is called.
        categories: For a text: all it may be; empty where any text is allowed.
    """

    name: str
    type: Type
    title: Title = _UNTITLED
    categories: tuple[str, ...] = ()

    @property
    def path(self) -> tuple[str, ...]:
        """The path as terms know it."""
        return tuple(self.name.split("."))


@dataclass(frozen=True)
class Card:
    """The card of one kind of unit.

    Attributes:
        id: The rulebook's id and the kind of unit, `kunming-2024/firm`.
        unit: Value of one point unit, e.g. 1/100.
        inputs: What it reads, sorted by name; the columns of every batch in this order.
        rules: Start, lines, bounds and policies, points as whole units.
        statuses: Statuses that stand instead of a result, in order.
        levels: Order, rows and steps; None where only points are given.
        tables: Look-up tables that its expressions use.
        working_days: Where an expression counts working days: the days that differ from the official calendar.
    """

    id: str
    title: Title
    unit: Fraction
    inputs: tuple[Input, ...]
    rules: CardRules
    statuses: tuple[Status, ...] = ()
    levels: Levels | None = None
    tables: Mapping[str, Mapping[tuple[str, ...], Fraction | str]] = field(default_factory=dict)
    working_days: Mapping[date, bool] = field(default_factory=dict)

    @classmethod
    def from_rules(cls, rulebook: Rulebook, unit: str) -> Card:
        """The card of a rulebook's *unit*.

        Raises:
            LookupError: There is no such unit.
        """
        from scoring.card.rules import card_of

        return card_of(rulebook, unit)

    @classmethod
    def from_json(cls, text: str | bytes, digest: str | None = None) -> Card:
        """Read a card file.

        Args:
            text: As `to_json` wrote it, to the byte.
            digest: The SHA-256 it must have, where it is known from elsewhere.

        Raises:
            CardFormatError: Not a card file, a digest that does not fit, or something that no card has.
        """
        return _read(text, digest)

    @classmethod
    def load(cls, path: Path | str, digest: str | None = None) -> Card:
        """Read a card from disk; see `from_json`."""
        path = Path(path)
        try:
            return _read(path.read_bytes(), digest)
        except CardFormatError as error:
            raise CardFormatError(f"{path.name}: {error}") from None

    def to_json(self) -> str:
        """The card file: canonical JSON on one line, its digest at the end."""
        return f"{_BEGIN}{self._body}{_BETWEEN}{self.digest}{_END}"

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the card's canonical JSON."""
        return hashlib.sha256(self._body.encode()).hexdigest()

    @cached_property
    def _body(self) -> str:
        return json.dumps(CARD.write(self), ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    def __repr__(self) -> str:
        return f"<Card {self.id}: {len(self.inputs)} inputs, {len(self.lines())} lines, sha256 {self.digest[:12]}…>"

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return Card.from_json, (self.to_json(),)

    @cached_property
    def context(self) -> Context:
        """What its expressions need besides inputs: look-up tables and the calendar."""
        from scoring.facts.days import WorkingDays
        from scoring.facts.one_row import Context

        return Context(self.tables, WorkingDays(self.working_days))

    @cached_property
    def scorer(self) -> Scorer:
        """What scores one record; made once."""
        from scoring.card.one import Scorer

        return Scorer(self)

    def score(self, values: Mapping[str, Any]) -> Outcome:
        """Points, level and lines of one unit.

        Args:
            values: Every input by name, None where it is missing. Numbers are int, Decimal or Fraction; a number may
                also be given as whole numbers `x` and `x__den`. Days are dates, or days since 1970-01-01.

        Raises:
            InputError: A value that is not allowed, or not there.
            RankStepError: A level that depends on the other units.
        """
        return self.scorer.score(values)

    def lines(self) -> list[Line]:
        """All lines with an amount of their own, in order."""
        return _leaves(self.rules.lines)

    def line_ids(self) -> list[str]:
        """Ids of all lines a sheet can have, in order, with those that follow from bounds."""
        first = ["card:start"] if self.rules.start else []
        skips = self.rules.full is not None and any(line.missing == "skip" for line in self.lines())
        return [*first, *_sheet_ids(self.rules.lines), *(["card:rescaled"] if skips else [])]

    def points_only(self) -> Card:
        """The same card without levels."""
        return replace(self, levels=None)

    def input(self, name: str) -> Input | None:
        """The input of that name."""
        return next((one for one in self.inputs if one.name == name), None)


def _sheet_ids(lines: tuple[Line, ...]) -> list[str]:
    found = []
    for line in lines:
        found += _sheet_ids(line.lines) if line.is_section else [line.id]
        found += [
            f"{line.id}:{bound}" for bound in ("within", "total", "total_round") if getattr(line, bound) is not None
        ]
    return found


def _leaves(lines: tuple[Line, ...]) -> list[Line]:
    return [leaf for line in lines for leaf in (_leaves(line.lines) if line.is_section else [line])]


def _read(text: str | bytes, digest: str | None) -> Card:
    if isinstance(text, bytes):
        if text.startswith(_PICKLES):
            raise CardFormatError("found a pickle, joblib or archive file, allowed: card JSON; nothing in it was run")
        try:
            text = text.decode("utf-8")
        except UnicodeDecodeError:
            raise CardFormatError("found bytes that are not UTF-8, allowed: card JSON") from None
    body, own = _opened(text)
    found = hashlib.sha256(body.encode()).hexdigest()
    if found != own:
        raise CardFormatError(f"found a card whose digest is {found}, allowed: {own}, as the file says: it was changed")
    if digest is not None and found != digest:
        raise CardFormatError(f"found the card {found}, allowed: {digest}")
    try:
        node = json.loads(body, parse_float=_no_float, parse_constant=_no_float)
    except (ValueError, RecursionError) as error:
        if isinstance(error, CardFormatError):
            raise
        raise CardFormatError(f"found no JSON ({error}), allowed: card JSON") from None
    try:
        card: Card = CARD.read(node)
        _check(card)
    except RecursionError:
        raise CardFormatError("found terms nested too deep, allowed: what a rulebook can say") from None
    card.__dict__["_body"], card.__dict__["digest"] = body, found
    return card


def _check(card: Card) -> None:
    from scoring.card.sound import faults

    if found := list(faults(card)):
        raise CardFormatError("; ".join(found[:SHOWN]))


def _opened(text: str) -> tuple[str, str]:
    digest = text[-len(_END) - 64 : -len(_END)]
    body = text[len(_BEGIN) : -len(_END) - 64 - len(_BETWEEN)]
    if text != f"{_BEGIN}{body}{_BETWEEN}{digest}{_END}":
        raise CardFormatError("found no card file, allowed: a file as Card.to_json writes it, to the byte")
    return body, digest


def _no_float(text: str) -> None:
    raise CardFormatError(f"found the number {text}, allowed: whole numbers; others are texts such as 7/2")


def _write_tables(tables: Mapping[str, Mapping[tuple[str, ...], Fraction | str]]) -> Json:
    return {name: [[list(key), _write_value(value)] for key, value in rows.items()] for name, rows in tables.items()}


def _write_value(value: Fraction | str) -> Json:
    return str(value) if isinstance(value, Fraction) else {"text": value}


def _read_tables(node: Json) -> dict[str, dict[tuple[str, ...], Fraction | str]]:
    if type(node) is not dict:
        raise CardFormatError("found no tables, allowed: an object of tables")
    return {name: dict(many(pair(WORDS, Codec(str, _read_value))).read(rows)) for name, rows in node.items()}


def _read_value(node: Json) -> Fraction | str:
    if type(node) is dict and list(node) == ["text"]:
        return str(TEXT.read(node["text"]))
    number: Fraction = FRACTION.read(node)
    return number


def _write_working_days(days: Mapping[date, bool]) -> Json:
    return {day.isoformat(): worked for day, worked in days.items()}


def _read_working_days(node: Json) -> dict[date, bool]:
    try:
        return {date.fromisoformat(day): worked for day, worked in mapping(TRUTH).read(node).items()}
    except ValueError as error:
        raise CardFormatError(f"found {error}, allowed: days as YYYY-MM-DD with true or false") from None


INPUT = record(Input, {"name": TEXT, "type": TYPE, "title": TITLE, "categories": WORDS})
CARD = record(
    Card,
    {
        "id": TEXT, "title": TITLE, "unit": FRACTION, "inputs": many(INPUT), "rules": RULES, "statuses": many(STATUS),
        "levels": maybe(LEVELS), "tables": Codec(_write_tables, _read_tables),
        "working_days": Codec(_write_working_days, _read_working_days),
    },
)  # fmt: skip
