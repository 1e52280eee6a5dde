"""Running cases: what is given through the same code as a delivery, then every comparison."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from importlib.resources.abc import Traversable
from pathlib import Path

from data_contracts.expressions import Type
from scoring.card.card import STATES
from scoring.evaluation.cases.read import read_cases
from scoring.evaluation.cases.shape import (
    ABSENT,
    NONE,
    Case,
    Check,
    GivenUnits,
    all_lines,
    fact_text,
    following,
    known_columns,
)
from scoring.evaluation.cases.units import stated_result
from scoring.evaluation.run import UnitResult, evaluate
from scoring.evaluation.sheets import unit_keys
from scoring.exact import decimal_text
from scoring.facts.duckdb import DuckDBEngine
from scoring.facts.engine import Engine
from scoring.facts.values import scalar
from scoring.rulebook.load import load_rulebook
from scoring.rulebook.shape import Rulebook


@dataclass(frozen=True)
class Outcome:
    """What became of one unit of a case.

    Attributes:
        key: Its key; empty for a unit stated by itself.
        row: Its row in *result*.
        result: All units of its kind.
        unit: Value of one point unit.
        columns: Types of own columns and facts.
    """

    key: str
    row: int
    result: UnitResult
    unit: Fraction
    columns: Mapping[str, Type]

    def text(self, what: str, name: str) -> str:
        """One part of the outcome as cases write it; NONE for nothing."""
        rated, row = self.result.rated, self.row
        match what:
            case "points":
                return self._printed(int(self.result.card.points[row])) if rated.has_points[row] else NONE
            case "level":
                return rated.level[row] or NONE
            case "status":
                return rated.status[row] or NONE
            case "rank":
                return str(rated.rank[row] or NONE)
            case "step":
                return self._step(name)
            case "fact":
                return fact_text(scalar(self.result.facts.values[tuple(name.split("."))], row), self.columns[name])
        return self._printed(self.line_units(name))

    def line_units(self, name: str) -> int:
        """Units of points of a line, of what followed from one, or of a section with all that belongs to it."""
        section = next((line for line in all_lines(self.result.rules.card.lines) if line.id == name), None)
        if section is None or not section.is_section:
            return sum(int(line.points[self.row]) for line in self.result.card.lines if line.id == name)
        parts = [part for line in section.lines for part in (line.id, *following(line.id))]
        return sum(map(self.line_units, parts)) + self.line_units(f"{name}:within")

    def state(self, name: str) -> str:
        """applied, not_applicable, no_data or waived; empty for what is no line of its own."""
        return next((STATES[line.state[self.row]] for line in self.result.card.lines if line.id == name), "")

    def _step(self, name: str) -> str:
        step = next((step for step in self.result.rated.steps if step.step.id == name), None)
        if step is None or not step.bit[self.row]:
            return NONE
        return f"{step.before[self.row] or NONE} → {step.after[self.row] or NONE}"

    def _printed(self, units: int) -> str:
        return decimal_text(units, self.unit)


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Where a case and the rulebook disagree.

    Attributes:
        what: Unit, key and what of it.
        line: Line of cases.yaml that expects it.
    """

    what: str
    expected: str
    found: str
    line: int


@dataclass(frozen=True)
class CaseResult:
    """One case that was run.

    Attributes:
        case: What was run.
        outcomes: By kind of unit; empty where the run was refused.
        mismatches: Empty when the case holds.
    """

    case: Case
    outcomes: Mapping[str, tuple[Outcome, ...]]
    mismatches: tuple[Mismatch, ...]


def run_cases(folder: Path | Traversable) -> list[CaseResult]:
    """Run all cases of a rulebook folder, in order.

    Raises:
        DocumentError: Every fault of the rulebook, else of its cases.
        NoCasesError: The folder has no cases.yaml.
    """
    book = load_rulebook(folder)
    books = {None: book, book.as_of: book}
    engine = DuckDBEngine()
    results = []
    for case in read_cases(folder, book):
        if case.as_of not in books:
            books[case.as_of] = load_rulebook(folder, case.as_of)
        results.append(_run(books[case.as_of], case, engine))
    return results


def _run(book: Rulebook, case: Case, engine: Engine) -> CaseResult:
    try:
        outcomes = _outcomes(book, case, engine)
    except (ValueError, LookupError, OverflowError) as error:
        if not type(error).__module__.startswith("scoring."):
            raise
        found = str(error.args[0])
        held = bool(case.refused) and case.refused in found
        return CaseResult(case, {}, () if held else (Mismatch("refused", case.refused or NONE, found, case.at.line),))
    if case.refused:
        return CaseResult(case, outcomes, (Mismatch("refused", case.refused, NONE, case.at.line),))
    mismatches = (_mismatch(check, outcomes[check.unit]) for check in case.checks)
    return CaseResult(case, outcomes, tuple(one for one in mismatches if one is not None))


def _outcomes(book: Rulebook, case: Case, engine: Engine) -> dict[str, tuple[Outcome, ...]]:
    if isinstance(case.given, GivenUnits):
        names = [one.name for one in case.given.units]
        result = stated_result(book, case.given)
        return {result.rules.name: _each(book, names, result)}
    evaluation = evaluate(book, case.given.tables, engine, case.given.earlier)
    return {name: _each(book, unit_keys(book, result), result) for name, result in evaluation.units.items()}


def _each(book: Rulebook, keys: Iterable[str], result: UnitResult) -> tuple[Outcome, ...]:
    columns = known_columns(book, result.rules)
    return tuple(Outcome(key, row, result, book.unit, columns) for row, key in enumerate(keys))


def _mismatch(check: Check, outcomes: tuple[Outcome, ...]) -> Mismatch | None:
    found = [one for one in outcomes if check.key is None or one.key == check.key]
    label = " ".join(part for part in (check.unit, check.key or "", check.what, check.name) if part)
    if check.what == ABSENT:
        return Mismatch(label, ABSENT, "a unit", check.at.line) if found else None
    if len(found) != 1:
        keys = ", ".join(one.key for one in outcomes) or "no units"
        none = f"no unit {check.key} among {keys}" if check.key is not None else f"{len(outcomes)} units: {keys}"
        return Mismatch(label, check.expected, none, check.at.line)
    states = check.what == "line" and check.expected in STATES
    text = found[0].state(check.name) if states else found[0].text(check.what, check.name)
    return None if text == check.expected else Mismatch(label, check.expected, text, check.at.line)
