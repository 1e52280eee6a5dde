"""Records behind lines, with their columns: delivered records by their contract, units rated before by their outcome.

Columns that a contract classifies as personal never leave this module, nor do figures on fewer than five people.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from api.results.cells import PERSONAL, cell
from api.results.paths import unit_links, unit_page
from api.results.people import counted_columns, withheld_in_group
from api.results.queries import Result
from api.results.titles import division_names, table_title
from api.results.views import Cell, Record, RecordColumn, RecordGroup
from data_contracts.model import Column as ContractColumn
from data_contracts.model import Contract, Relationship
from scoring.rulebook.shape import Title

PARTS: Final = ("counted", "among", "counted_with")
UNIT_COLUMNS: Final = ("name", "division", "points", "level", "status", "rank")


@dataclass(frozen=True, slots=True)
class Window:
    """Which records of each group are listed.

    Attributes:
        line: Only those of this line; of all lines when empty.
    """

    start: int = 0
    size: int = 100
    line: str = ""


def groups(result: Result, kind: str, behind: pa.Table, line: str, window: Window) -> tuple[RecordGroup, ...]:
    """Records behind one line, table by table.

    Args:
        result: The result that is served.
        kind: Kind of the unit the line is of.
        behind: As `Result.behind` gives it.
        line: Id of the line.
        window: Which of the records are listed.
    """
    if window.line not in ("", line):
        window = Window(0, 0, window.line)
    mine = behind.filter(pc.equal(behind["line"], line))
    tables = list(dict.fromkeys(mine["table"].to_pylist()))
    home = result.units(kind).rules.relation.table
    return tuple(_group(result, home, table, mine.filter(pc.equal(mine["table"], table)), window) for table in tables)


def own_record(result: Result, kind: str, row: int) -> RecordGroup | None:
    """The unit's own row of the table it is made from."""
    rules = result.units(kind).rules
    record = result.record_ids(kind)[row].as_py()
    table = rules.relation.table
    group = _delivered(result, table, [(record, "counted")])
    return group if group.items and group.columns else None


def _group(result: Result, home: str, table: str, found: pa.Table, window: Window) -> RecordGroup:
    pairs = list(zip(found["record"].to_pylist(), found["part"].to_pylist(), strict=True))
    pairs.sort(key=lambda pair: PARTS.index(pair[1]))
    shown = pairs[window.start : window.start + window.size]
    group = (
        _units(result, table, shown) if result.book.unit_named(table) else _delivered(result, table, shown, home, pairs)
    )
    counts = {part: sum(1 for _, one in pairs if one == part) for part in PARTS}
    return RecordGroup(group.table, group.title, group.unit, counts, len(pairs), group.columns, group.items)


def _delivered(
    result: Result,
    table: str,
    pairs: Sequence[tuple[str, str]],
    home: str = "",
    among: Sequence[tuple[str, str]] = (),
) -> RecordGroup:
    """Records *pairs* of a group, all of which are *among*."""
    contract = result.book.contracts.get(table)
    stored = result.rows(table, [record for record, _ in pairs])
    columns = _shown_columns(contract, list(stored.values()))
    links = _unit_links(result, contract, stored) if contract else {}
    warned = result.opened.warnings(table, list(stored))
    withheld = _withheld(result, contract, stored, among or pairs) if contract else {}
    items = []
    for record, part in pairs:
        row, hidden = stored.get(record, {}), withheld.get(record, {})
        cells = {one.name: _cell(row, one, links.get((record, one.name), ""), hidden) for one in columns}
        items.append(Record(record, part, cells, {}, warned.get(record, ())))
    own = _home_columns(contract, home) if len(columns) > 1 else set()
    shown = tuple(
        RecordColumn(one.name, one.title, one.type.kind == "number", one.name in own and _single(items, one.name))
        for one in columns
    )
    return RecordGroup(table, table_title(result, table), False, {}, len(pairs), shown, tuple(items))


def _withheld(
    result: Result, contract: Contract, stored: dict[str, dict[str, Any]], among: Sequence[tuple[str, str]]
) -> dict[str, dict[str, Title]]:
    """What the public may not see of the records on a page, which follows from all of their group."""
    beyond = counted_columns(contract) and len(among) > len(stored)
    return withheld_in_group(contract, result.rows(contract.table, [one for one, _ in among]) if beyond else stored)


def _shown_columns(contract: Contract | None, rows: list[dict[str, Any]]) -> list[ContractColumn]:
    """Columns with a value in any row, personal ones left out."""
    if contract is None:
        return []
    free = [column for column in contract.columns if column.classification != PERSONAL]
    return [column for column in free if any(row.get(column.name) is not None for row in rows)]


def _home_columns(contract: Contract | None, home: str) -> set[str]:
    """Columns of foreign keys to the unit's own table."""
    links = contract.relationships if contract else ()
    return {column for link in links if link.table == home for column in link.columns}


def _single(items: Sequence[Record], column: str) -> bool:
    return len({item.cells[column].text for item in items}) == 1


def _cell(row: dict[str, Any], column: ContractColumn, page: str, withheld: Mapping[str, Title]) -> Cell:
    if column.name in withheld:
        return Cell(None, "", "", withheld[column.name])
    value = cell(row.get(column.name), column)
    return Cell(value.value, value.text, page) if page else value


def _unit_links(result: Result, contract: Contract, stored: dict[str, dict[str, Any]]) -> dict[tuple[str, str], str]:
    """Pages of the units that foreign keys of the rows name, by record and column."""
    found: dict[tuple[str, str], str] = {}
    for link in contract.relationships:
        for rules in result.book.units:
            if rules.relation.table == link.table and rules.key == link.targets and rules.relation.unit is None:
                found |= _pages(result, rules.name, link, stored)
    return found


def _pages(
    result: Result, kind: str, link: Relationship, stored: dict[str, dict[str, Any]]
) -> dict[tuple[str, str], str]:
    named = {record: [row.get(column) for column in link.columns] for record, row in stored.items()}
    texts = {record: [str(value) for value in values] for record, values in named.items() if None not in values}
    units = result.units(kind)
    wanted = pa.array(sorted({"/".join(parts) for parts in texts.values()}), pa.string())
    known = set(units.keys.filter(pc.is_in(units.keys, wanted)).to_pylist())
    return {
        (record, link.columns[-1]): unit_page(kind, parts)
        for record, parts in texts.items()
        if "/".join(parts) in known
    }


def _units(result: Result, kind: str, pairs: Sequence[tuple[str, str]]) -> RecordGroup:
    units = result.units(kind)
    places = result.unit_rows(kind, [record for record, _ in pairs])
    rows = units.ratings.take(pa.array(list(places.values()), pa.int64())).to_pylist()
    by_record = dict(zip(places, rows, strict=True))
    names, divisions = [name for name in UNIT_COLUMNS if any(row[name] for row in rows)], division_names(result)
    items = []
    for record, part in pairs:
        row = by_record.get(record, {})
        key = [row[name] for name in units.rules.key] if row else []
        links = unit_links(kind, key) if row else {}
        cells = {name: Cell(row.get(name) or None, row.get(name) or "") for name in names}
        if "division" in cells:
            code = cells["division"]
            cells["division"] = Cell(code.value, divisions.get(code.text, code.text))
        items.append(Record(record, part, cells, links))
    columns = tuple(RecordColumn(name, name, name in ("points", "rank")) for name in names)
    return RecordGroup(kind, table_title(result, kind), True, {}, len(pairs), columns, tuple(items))
