"""What can be moved about a unit: one lever per fact that counts records, one per truth value of its own row.

A lever moves in steps: one record for a count, one of the records among for a share (a hundredth where they have
weights), to the next value where a fact has only some, else to the next whole number; a switch for truth. Facts across
all units stay as they are; facts made from others follow.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor
from typing import Final

import numpy as np

from data_contracts.expressions.terms import Aggregate, Term, columns, walk
from scoring.evaluation.whatif.domains import ANY, Domain, domain_of
from scoring.exact import Ints, Numbers
from scoring.facts.formula import Context, evaluate
from scoring.facts.values import Path, Truths, Value, scalar, taken
from scoring.rulebook.shape import Fact, Rulebook, Title, UnitRules

FINE: Final = 100
Steps = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Lever:
    """A fact that can be moved.

    Attributes:
        base: Its value as it is.
        step: Its values are multiples of this, apart from the base.
        domain: What it can be.
    """

    path: Path
    title: Title
    base: Fraction | bool
    step: Fraction = Fraction(1)
    domain: Domain = ANY

    def moves(self, most: int) -> list[int]:
        """Signed steps, none included, of at most that cost that it can take."""
        if isinstance(self.base, bool):
            return [0, 1]
        if self.base in self.domain.values:
            place = self.domain.values.index(self.base)
            return list(range(-min(place, most), min(len(self.domain.values) - 1 - place, most) + 1))
        return [steps for steps in range(-most, most + 1) if steps == 0 or self._allows(self.after(steps))]

    def after(self, steps: int) -> Fraction | bool:
        """Its value after so many steps."""
        if isinstance(self.base, bool):
            return self.base ^ bool(steps)
        if steps == 0:
            return self.base
        if self.base in self.domain.values:
            return self.domain.values[self.domain.values.index(self.base) + steps]
        return ((floor if steps > 0 else ceil)(self.base / self.step) + steps) * self.step

    def column(self, steps: Ints) -> Value:
        """Its values after so many steps each."""
        some, places = np.unique(steps, return_inverse=True)
        values = [self.after(int(one)) for one in some]
        numbers = [value for value in values if not isinstance(value, bool)]
        return taken(Numbers.from_fractions(numbers) if numbers else Truths.of([*map(bool, values)]), places)

    def _allows(self, value: Fraction | bool) -> bool:
        low, high = self.domain.low, self.domain.high
        return (low is None or value >= low) and (high is None or value <= high)


@dataclass(frozen=True)
class Levers:
    """All levers of one unit.

    Attributes:
        rules: Of its kind.
        base: Its values as they are, one row each.
        all: The levers.
        context: Look-up tables and calendar.
    """

    rules: UnitRules
    base: Mapping[Path, Value]
    all: tuple[Lever, ...]
    context: Context

    def values(self, ways: Sequence[Steps]) -> dict[Path, Value]:
        """Values of the unit after each way: one number of steps per lever; facts made from others follow."""
        count = len(ways)
        values = {path: taken(value, np.zeros(count, np.intp)) for path, value in self.base.items()}
        moved = np.array(ways, np.int64).reshape(count, len(self.all))
        for place, lever in enumerate(self.all):
            if moved[:, place].any():
                values[lever.path] = lever.column(moved[:, place])
        for fact in self._made():
            values[fact.name,] = evaluate(fact.take.term, values, count, self.context)
        return values

    def read_by(self, *terms: Term) -> frozenset[int]:
        """Levers that any of *terms* depends on, through made facts too."""
        made = {(fact.name,): fact for fact in self._made()}
        waiting, seen = [path for term in terms for path in columns(term)], set[Path]()
        while waiting:
            path = waiting.pop()
            if path not in seen:
                seen.add(path)
                waiting += columns(made[path].take.term) if path in made else ()
        return frozenset(place for place, lever in enumerate(self.all) if lever.path in seen)

    def made(self, path: Path) -> Term | None:
        """What a made fact is made by."""
        return next((fact.take.term for fact in self._made() if (fact.name,) == path), None)

    def _made(self) -> Iterator[Fact]:
        return (fact for fact in self.rules.facts if fact.view is None and fact.across is None)


def levers_of(rulebook: Rulebook, rules: UnitRules, base: Mapping[Path, Value]) -> Iterator[Lever]:
    """Facts that count records, and truth values of the unit's own row; what is missing cannot be moved in steps.

    A fact that is not negative is not moved below 0.
    """
    facts = {fact.name: fact for fact in rules.facts}
    for fact in rules.facts:
        value = base[fact.name,]
        if fact.view is not None and isinstance(value, Numbers) and not value.missing[0] and fact.type.kind == "number":
            number = value.fraction(0) or Fraction(0)
            domain = domain_of(fact, rulebook)
            if domain.low is None and number >= 0:
                domain = replace(domain, low=Fraction(0))
            yield Lever((fact.name,), fact.title, number, _step(fact, value), domain)
    read = {path for path in rules.columns if len(path) == 1 and path[0] not in facts}
    for path in sorted(read):
        own = scalar(base[path], 0)
        if isinstance(own, bool):
            yield Lever(path, _column_title(rulebook, rules, path[0]), own)


def _column_title(rulebook: Rulebook, rules: UnitRules, name: str) -> Title:
    """What the contract calls a column of the unit's own row; its name in words in the other language."""
    contract = rulebook.contracts.get(rules.relation.table)
    column = contract.column(name) if contract is not None else None
    words = name.replace("_", " ")
    if contract is None or column is None:
        return Title(words, words)
    return Title(column.title, words) if contract.language == "zh" else Title(words, column.title)


def _step(fact: Fact, value: Numbers) -> Fraction:
    """A share of records moves by one of them; its pair as it left the engine says how many there are."""
    shares = [part for part in walk(fact.take.term) if isinstance(part, Aggregate) and part.function == "share"]
    if not shares:
        return Fraction(1)
    return Fraction(1, FINE if any(share.by is not None for share in shares) else int(value.den[0]))
