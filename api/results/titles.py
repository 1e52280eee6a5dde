"""What things are called: levels, statuses, divisions, tables, columns, lines that follow from a bound."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from api.kernel.i18n import catalog
from api.results.queries import Result
from api.results.views import Cited
from data_contracts.expressions.terms import Column as ColumnTerm
from data_contracts.model import Column
from scoring.rulebook.shape import Citation, Line, Status, Title, UnitRules

NO_TITLE = Title()


def text_of(key: str) -> Title:
    """A text of the service in both languages."""
    texts = catalog()[key]
    return Title(texts["zh"], texts["en"])


def level_title(rules: UnitRules, level: str | None) -> Title:
    """Title of a level; empty where the rulebook gives none."""
    return rules.levels.titles.get(level or "", NO_TITLE) if rules.levels else NO_TITLE


def status_title(rules: UnitRules, status: str | None) -> Title:
    """The rulebook's reason where one rule gives the status, else the service's word for a built-in one."""
    if not status:
        return NO_TITLE
    key = f"status.{status}"
    if key in catalog():
        return text_of(key)
    reasons = {reason for _, reason in _reasons(rules, status)}
    return reasons.pop() if len(reasons) == 1 else NO_TITLE


def statuses_giving(rules: UnitRules, status: str) -> tuple[Status, ...]:
    """Rules that give a status, in order."""
    return tuple(rule for rule in rules.statuses if rule.status == status)


def _reasons(rules: UnitRules, status: str) -> Iterator[tuple[int, Title]]:
    for place, rule in enumerate(statuses_giving(rules, status)):
        yield place, rule.reason
    for place, row in enumerate(rules.levels.rows if rules.levels else ()):
        if row.status == status:
            yield place, row.title


def division_names(result: Result) -> Mapping[str, str]:
    """Code to name, from the tables that the division of any kind of unit leads to."""
    return result.kept("division names", lambda: _division_names(result))


def _division_names(result: Result) -> dict[str, str]:
    found: dict[str, str] = {}
    for rules in result.book.units:
        for table in _division_tables(result, rules):
            found |= result.names(table)
    return found


def _division_tables(result: Result, rules: UnitRules) -> Iterator[str]:
    term = rules.division.term if rules.division else None
    if not isinstance(term, ColumnTerm):
        return
    located = result.book.schema.locate(rules.relation, term.path)
    if located is None:
        return
    if located.hops:
        yield located.hops[-1].table
    contract = result.book.contracts.get(located.relation.table)
    for link in contract.relationships if contract else ():
        if link.columns == (located.column,):
            yield link.table


def table_title(result: Result, table: str) -> Title:
    """Title of a delivered table or of a kind of unit; its name where there is none."""
    rules = result.book.unit_named(table)
    if rules is not None:
        return Title(rules.title.zh or table, rules.title.en or table)
    contract = result.book.contracts.get(table)
    spelled = table.replace("_", " ")
    return Title(spelled, spelled) if contract is None else Title(contract.title, spelled)


def column_title(column: Column) -> Title:
    """Title of a contract column: as offices write it, and its name in words."""
    return Title(column.title, column.name.replace("_", " "))


def cited(citation: Citation) -> Cited:
    """A citation as it is answered."""
    return Cited(citation.clause, citation.source, citation.basis, citation.analogue, citation.note)


def line_titles(lines: tuple[Line, ...]) -> dict[str, Title]:
    """Title of every line and section."""
    found: dict[str, Title] = {}
    for line in lines:
        found[line.id] = line.title
        found |= line_titles(line.lines)
    return found
