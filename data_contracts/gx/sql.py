"""Rules that need a query to be said: conditions across columns, foreign keys, spans, divisions without a report.

The condition of a rule in SQL stands in its contract and is sent as it is written there. For `{batch}` comes a query
for the rows, with an alias of Great Expectations' own: hence the common table expression.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import cast

from great_expectations.expectations.core.unexpected_rows_expectation import UnexpectedRowsExpectation
from great_expectations.expectations.expectation import Expectation

from data_contracts.gx.suites import built_in, expectation_of, words_of
from data_contracts.model import Attribution, Contract, Rule


def sql_expectation(rule: Rule, contract: Contract, parents: Mapping[str, str]) -> Expectation | None:
    """The expectation that says *rule* to a database.

    Args:
        rule: Of *contract*.
        contract: Its table.
        parents: Relations of accepted rows, by table; this table's own among them where a rule speaks of coverage.

    Returns:
        A built-in one where there is one, else one with a query for the broken rows; None where neither says it:
        unreadable cells are no rows of a typed table, check digits are no query, volume and drift need last year's
        rows, and freshness a day.
    """
    if built_in(rule, contract) is not None:
        return expectation_of(rule, contract)
    query = _query(rule, parents, contract.table)
    return None if query is None else UnexpectedRowsExpectation(unexpected_rows_query=query, **words_of(rule))


def _query(rule: Rule, parents: Mapping[str, str], table: str) -> str | None:
    match rule.kind:
        case "expression":
            return _rows(str(rule.limits["text"]).replace("{", "{{").replace("}", "}}"))
        case "required":
            column, missing = _named(rule.columns[0]), rule.limits["missing"]
            texts = [_text(one) for one in missing] if isinstance(missing, tuple) else []
            return _rows(f"{column} IS NULL OR {column} IN ({', '.join(texts)})")
        case "foreign_key":
            return _rows(_orphaned(rule, parents[str(rule.limits["table"])], rule.limits["table"] == table))
        case "span":
            return _rows(_misplaced(rule, parents[str(rule.limits["table"])]))
        case "overlap":
            return _rows(_overlapping(rule))
        case "covers":
            return _not_covered(rule, parents[str(rule.limits["table"])], _named(parents[table]))
    return None


def _rows(condition: str) -> str:
    """Rows on which *condition* is true; `place` tells equal rows apart."""
    numbered = "SELECT *, row_number() OVER () AS place FROM {batch}"
    return f"WITH numbered AS ({numbered}) SELECT * FROM numbered AS one WHERE {condition}"  # noqa: S608  # of a contract


def _orphaned(rule: Rule, parent: str, within: bool) -> str:
    """No accepted row has the key; a row with a missing part of the key, or *within* the table its own, claims none."""
    targets = rule.limits["targets"]
    pairs = list(zip(rule.columns, targets if isinstance(targets, tuple) else (), strict=True))
    present = _all(f"one.{_named(column)} IS NOT NULL" for column, _ in pairs)
    same = _all(f"parent.{_named(target)} = one.{_named(column)}" for column, target in pairs)
    other = " OR ".join(f"one.{_named(column)} IS DISTINCT FROM one.{_named(target)}" for column, target in pairs)
    present += f" AND ({other})" if within else ""
    return f"{present} AND NOT EXISTS (SELECT 1 FROM {_named(parent)} AS parent WHERE {same})"  # noqa: S608


def _misplaced(rule: Rule, parent: str) -> str:
    """The key is that of an accepted row, but of no such row that covers this place on this day."""
    by, target = cast("Attribution", rule.limits["by"]), _named(str(rule.limits["target"]))
    key, place, day = (f"one.{_named(column)}" for column in rule.columns)
    known = f"SELECT 1 FROM {_named(parent)} AS parent WHERE parent.{target} = {key}"  # noqa: S608
    lasting = f"{day} BETWEEN parent.{_named(by.begin)} AND COALESCE(parent.{_named(by.end)}, 'infinity')"
    given = _all(f"{part} IS NOT NULL" for part in (key, place, day))
    return (
        f"{given} AND EXISTS ({known}) AND NOT EXISTS ({known} AND parent.{_named(by.match)} = {place} AND {lasting})"
    )


def _overlapping(rule: Rule) -> str:
    """Another row alike in the first columns holds on one of the days; without a last day until further notice."""
    begin, end = (_named(str(rule.limits[name])) for name in ("from", "to"))
    same = _all(f"other.{_named(column)} = one.{_named(column)}" for column in rule.columns[:-2])
    days = _all(f"{a}.{begin} <= COALESCE({b}.{end}, 'infinity')" for a, b in (("one", "other"), ("other", "one")))
    return f"EXISTS (SELECT 1 FROM numbered AS other WHERE other.place <> one.place AND {same} AND {days})"  # noqa: S608


def _not_covered(rule: Rule, parent: str, accepted: str) -> str:
    """No accepted row names it; a row that was refused is like none."""
    target, where = _named(str(rule.limits["target"])), rule.limits["where"]
    asked = where.items() if isinstance(where, dict) else ()
    wanted = _all([f"{target} IS NOT NULL", *(f"{_named(str(name))} = {_text(value)}" for name, value in asked)])
    named = f"SELECT 1 FROM {accepted} WHERE {_named(rule.columns[0])} = parent.{target}"  # noqa: S608
    return f"SELECT DISTINCT {target} FROM {_named(parent)} AS parent WHERE {wanted} AND NOT EXISTS ({named})"  # noqa: S608


def _all(conditions: Iterable[str]) -> str:
    return " AND ".join(conditions)


def _named(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'"
