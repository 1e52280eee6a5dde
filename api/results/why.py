"""Why a unit has a status instead of a level: the rule that decided, or those that may have.

The result says which rule decided in the column `status_rule` of facts/<unit>.parquet (1 for the first of `statuses`).
A status that no rule of its own decided (NOT_RATED, NO_DATA) has the rules that may have given it.
"""

from __future__ import annotations

from typing import Final

from api.kernel.i18n import catalog
from api.results.queries import Result
from api.results.titles import statuses_giving, text_of
from api.results.views import Why
from api.results.wording import unit_formula
from scoring.rulebook.shape import Row, Status, Title, UnitRules

DECIDED: Final = "status_rule"


def why(result: Result, kind: str, row: int) -> Why | None:
    """The reasons of a unit's status; None when it has none."""
    units = result.units(kind)
    status = units.ratings["status"][row].as_py()
    if not status:
        return None
    decided = result.opened.facts(kind)[DECIDED][row].as_py()
    if decided:
        return _of(result, units.rules, [units.rules.statuses[int(decided) - 1]], certain=True)
    giving = list(statuses_giving(units.rules, status))
    if giving:
        return _of(result, units.rules, giving, certain=len(giving) == 1)
    return _of_rows(units.rules, status)


def _of(result: Result, unit: UnitRules, rules: list[Status], *, certain: bool) -> Why:
    tests = tuple(one for rule in rules if (one := unit_formula(result.book, rule.when, unit)))
    return Why(
        tuple(
            rule.reason if rule.reason != Title() else test.readable for rule, test in zip(rules, tests, strict=True)
        ),
        tuple(rule.citation.clause for rule in rules),
        tests,
        _shared([rule.citation.basis for rule in rules]),
        certain,
    )


def _of_rows(rules: UnitRules, status: str) -> Why:
    """A status that a row of the level table gives, or a built-in one."""
    rows: list[Row] = [row for row in (rules.levels.rows if rules.levels else ()) if row.status == status]
    if rows:
        titles = tuple(row.title for row in rows)
        bases = [row.citation.basis for row in rows]
        return Why(titles, tuple(row.citation.clause for row in rows), (), _shared(bases), len(rows) == 1)
    key = f"status.{status}_reason"
    return Why((text_of(key),) if key in catalog() else (), ("",), (), "", certain=True)


def _shared(bases: list[str]) -> str:
    return bases[0] if len(set(bases)) == 1 else ""
