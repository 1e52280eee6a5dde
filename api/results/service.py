"""Use cases of a served result: kinds of unit, a list, one unit. Each takes the result and answers with views."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

import pyarrow as pa
import pyarrow.compute as pc

from api.kernel.paging import Page
from api.kernel.problems import Fault, ProblemError
from api.results.paths import unit_links
from api.results.people import withheld_facts
from api.results.queries import Filters, Result, Rows, UnitTable
from api.results.records import Window, own_record
from api.results.sheet import sheet_of
from api.results.sites import quota_step, sites
from api.results.titles import division_names, level_title, status_title
from api.results.views import Division, KeyColumn, Outcome, Sites, UnitKind, UnitRow, UnitSheet
from api.results.why import why
from scoring.rulebook.shape import Title, UnitRules

MADE_UP: Final = "示例"


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of units."""

    kind: UnitKind
    page: Page
    rows: tuple[UnitRow, ...]


def kinds(result: Result) -> tuple[UnitKind, ...]:
    """Every kind of unit, in the rulebook's order."""
    return tuple(kind(result, rules.name) for rules in result.book.units)


def kind(result: Result, name: str) -> UnitKind:
    """One kind of unit with the outcomes that occur.

    Raises:
        ProblemError: `unit.kind_unknown`.
    """
    units = _units(result, name)
    rules = units.rules
    contract = result.book.contracts[rules.relation.table]
    columns = {column.name: column.title for column in contract.columns}
    names = division_names(result)
    levels, statuses = _counts(units, "level"), _counts(units, "status")
    return UnitKind(
        name,
        Title(rules.title.zh or name, rules.title.en or name),
        units.ratings.num_rows,
        tuple(KeyColumn(column, columns.get(column, column)) for column in rules.key),
        tuple(Outcome(code, level_title(rules, code), levels.get(code, 0)) for code in _order(rules)),
        tuple(Outcome(code, status_title(rules, code), count) for code, count in sorted(statuses.items())),
        tuple(Division(code, names.get(code, code)) for code in units.divisions),
        quota_step(rules) is not None,
        unit_links(name),
    )


def manifest(result: Result) -> dict[str, Any]:
    """The run's manifest as the public may see it: without values across all units that count few people."""
    told = dict(result.manifest)
    told["units"] = {
        name: {**counts, "across": _without_few(result, name, counts.get("across", {}))}
        for name, counts in result.manifest["units"].items()
    }
    return told


def _without_few(result: Result, name: str, across: Mapping[str, str | None]) -> dict[str, str | None]:
    withheld = withheld_facts(result, name, 0) if across else {}
    return {fact: None if fact in withheld else value for fact, value in across.items()}


def is_synthetic(result: Result) -> bool:
    """Whether the data are made up: the manifest says so, or every name carries the mark of made-up names."""
    if "synthetic" in result.manifest:
        return bool(result.manifest["synthetic"])
    names = [result.units(rules.name).ratings["name"] for rules in result.book.units]
    return all(len(column) and pc.all(pc.match_substring(column, MADE_UP)).as_py() for column in names)


def by_division(result: Result, name: str) -> Mapping[str, Counter[str]]:
    """Number of units per division and outcome: the level, or the status where there is no level."""
    found: dict[str, Counter[str]] = {}
    for (division, level, status), count in _units(result, name).counted("division", "level", "status").items():
        found.setdefault(division, Counter())[level or status] += count
    return dict(sorted(found.items()))


def listed(result: Result, name: str, filters: Filters, number: int, size: int) -> Listed:
    """One page of the units that fit.

    Raises:
        ProblemError: `unit.kind_unknown`, or `filter.unknown_value` for a division, level or status that never occurs.
    """
    shown, units = kind(result, name), _units(result, name)
    _check(shown, filters)
    rows = units.select(filters)
    page = Page(number, size, len(rows))
    return Listed(shown, page, unit_rows(result, name, rows[page.start : page.stop]))


def unit(result: Result, name: str, key: str, window: Window, record: str = "") -> UnitSheet:
    """One unit with its lines and records.

    Args:
        result: The result that is served.
        name: Kind of unit.
        key: Its key columns joined with `/`.
        window: Which records of each line are listed.
        record: Record id of its own row, where a key repeats; the first unit of that key when not given.

    Raises:
        ProblemError: `unit.kind_unknown`, `unit.not_found`.
    """
    units = _units(result, name)
    rows = units.find(key)
    if record:
        ids = result.record_ids(name)
        rows = rows[[ids[int(row)].as_py() == record for row in rows]] if len(rows) else rows
    if not len(rows):
        raise ProblemError("unit.not_found", {"unit": name, "key": key})
    row = int(rows[0])
    sheet = sheet_of(result, name, row, window)
    lines = tuple(sheet.lines())
    return UnitSheet(
        unit_rows(result, name, rows[:1])[0],
        Title(units.rules.title.zh or name, units.rules.title.en or name),
        int((units.ranks > 0).sum()),
        why(result, name, row),
        lines,
        sheet.references(lines),
        own_record(result, name, row),
        counted_in(result, name, row),
        result.opened.records is not None,
    )


def candidates(result: Result, division: str = "") -> Sites:
    """Candidates for limited places: of one division, or of all, which are made once for a result.

    Raises:
        ProblemError: `sites.none` when the rulebook limits no places.
    """
    if division:
        return sites(result, unit_rows, division)
    return result.kept("sites", lambda: sites(result, unit_rows))


def counted_in(result: Result, name: str, row: int) -> tuple[UnitRow, ...]:
    """Other units with a line that this unit stands behind: the firm of a project, the candidate it is."""
    record = result.record_ids(name)[row].as_py()
    own = result.units(name).keys[row].as_py()
    found: list[UnitRow] = []
    for other, key in result.leaning_on(name, record):
        if (other, key) != (name, own):
            rows = result.units(other).find(key)
            found += unit_rows(result, other, rows[:1])
    return tuple(found)


def unit_rows(result: Result, name: str, rows: Rows | Sequence[int]) -> tuple[UnitRow, ...]:
    """Rows of a list."""
    units, names = result.units(name), division_names(result)
    taken = units.ratings.take(pa.array(list(map(int, rows)), pa.int64())).to_pylist()
    return tuple(_row(units.rules, row, names) for row in taken)


def query(filters: Filters, **extra: object) -> str:
    """Filters as a query string, without what is empty or the default.

    >>> query(Filters(level="4A"), page=2)
    '?level=4A&page=2'
    """
    named = {name: getattr(filters, name) for name in ("division", "level", "status", "q")}
    named["sort"] = "" if filters.sort == "rank" else filters.sort
    given = {name: value for name, value in {**named, **extra}.items() if value not in ("", None)}
    return f"?{urlencode(given)}" if given else ""


def _row(rules: UnitRules, row: Mapping[str, str], names: Mapping[str, str]) -> UnitRow:
    key = {column: row[column] for column in rules.key}
    division, level, status = row["division"], row["level"] or None, row["status"] or None
    return UnitRow(
        rules.name, key, row["name"], division, names.get(division, division), row["points"] or None,
        level, level_title(rules, level), status, status_title(rules, status),
        int(row["rank"]) if row["rank"] else None, unit_links(rules.name, list(key.values())),
    )  # fmt: skip


def _units(result: Result, name: str) -> UnitTable:
    try:
        return result.units(name)
    except KeyError:
        known = ", ".join(rules.name for rules in result.book.units)
        raise ProblemError("unit.kind_unknown", {"unit": name, "known": known}) from None


def _counts(units: UnitTable, column: str) -> dict[str, int]:
    return {value: count for (value,), count in units.counted(column).items() if value}


def _order(rules: UnitRules) -> tuple[str, ...]:
    return rules.levels.order if rules.levels else ()


def _check(shown: UnitKind, filters: Filters) -> None:
    known = {
        "division": [division.code for division in shown.divisions],
        "level": [outcome.code for outcome in shown.levels],
        "status": [outcome.code for outcome in shown.statuses],
    }
    faults = [
        Fault(name, getattr(filters, name), ", ".join(values) or "-")
        for name, values in known.items()
        if getattr(filters, name) and getattr(filters, name) not in values
    ]
    if faults:
        one = faults[0]
        raise ProblemError("filter.unknown_value", {"where": one.where, "found": one.found}, faults)
