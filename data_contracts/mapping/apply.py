"""One delivered sheet to the text columns of one table: headers found, wide rows made long, nothing typed yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

import numpy as np
import pyarrow as pa

from data_contracts.mapping.shape import TableMapping, Unpivot
from data_contracts.model import Column, Contract
from data_contracts.problems import LONGEST_HEADER, UnreadableError
from data_contracts.readers import Sheet, header_key
from data_contracts.readers.sheet import Damage

MAX_LISTED = 12


@dataclass(frozen=True, slots=True)
class Shaped:
    """Rows of one table, made of one sheet.

    Attributes:
        cells: Delivered text per contract column; a column that is not delivered is left out.
        damage: Per contract column and row, what a spreadsheet program has done to the cell.
        delivered: Per row, the position (int64) of the delivered row that it comes from.
        headers: Per row, the delivered header that its value stands under; None for a sheet that is not wide.
    """

    cells: Mapping[str, pa.Array]
    damage: Mapping[str, Mapping[int, Damage]]
    delivered: np.ndarray
    headers: pa.Array | None = None


def shape(sheet: Sheet, contract: Contract, mapping: TableMapping) -> tuple[Shaped | None, list[UnreadableError]]:
    """Find each contract column in *sheet*.

    Returns:
        The rows, or None with every header that is missing or ambiguous.
    """
    headers = {header_key(header): header for header in sheet.columns}
    problems: list[UnreadableError] = []
    found: dict[str, str] = {}
    for column in _delivered_columns(contract, mapping):
        header = _header_of(column, mapping, headers, sheet, problems)
        if header is not None:
            found[column.name] = header
    items = _items(mapping.unpivot, headers, sheet, problems) if mapping.unpivot else []
    if problems:
        return None, problems
    if mapping.unpivot is None:
        sheet = _filled_down(sheet, contract, found)
        cells = {name: sheet.columns[header] for name, header in found.items()}
        damage = {name: sheet.damage[header] for name, header in found.items() if header in sheet.damage}
        return Shaped(cells, damage, np.arange(len(sheet))), []
    return _long(sheet, mapping.unpivot, found, items), []


def headers_of(sheet: Sheet, contract: Contract, mapping: TableMapping) -> dict[str, str]:
    """The delivered header of each contract column that has one of its own, by column name."""
    headers = {header_key(header): header for header in sheet.columns}
    found = (
        (column.name, _header_of(column, mapping, headers, sheet, []))
        for column in _delivered_columns(contract, mapping)
    )
    return {name: header for name, header in found if header is not None}


def _filled_down(sheet: Sheet, contract: Contract, found: Mapping[str, str]) -> Sheet:
    """Where the contract allows it, a cell merged over several rows speaks for all of them."""
    columns, damage = dict(sheet.columns), dict(sheet.damage)
    for column in contract.columns:
        header = found.get(column.name, "")
        if not column.merged or header not in sheet.cover:
            continue
        places = np.arange(len(sheet))
        for row, first in sheet.cover[header].items():
            places[row] = first
        columns[header] = columns[header].take(pa.array(places))
        damage[header] = {row: kind for row, kind in damage[header].items() if row not in sheet.cover[header]}
    return replace(sheet, columns=columns, damage=damage)


def _delivered_columns(contract: Contract, mapping: TableMapping) -> Iterator[Column]:
    made = {*mapping.absent, *mapping.record_of}
    if mapping.unpivot:
        made |= {mapping.unpivot.item, mapping.unpivot.value}
    return (column for column in contract.columns if column.name not in made)


def _header_of(
    column: Column, mapping: TableMapping, headers: Mapping[str, str], sheet: Sheet, problems: list[UnreadableError]
) -> str | None:
    wanted = mapping.columns.get(column.name) or tuple(dict.fromkeys((column.title, column.name, *column.aliases)))
    found = list(dict.fromkeys(headers[key] for word in wanted if (key := header_key(word)) in headers))
    if len(found) == 1:
        return found[0]
    if found:
        listed = ", ".join(found)
        problems.append(UnreadableError("header.ambiguous", sheet.place, column=column.title, found=listed))
    elif not (column.attributed or column.may_lack or (sheet.sparse and column.type.optional)):
        problems.append(_no_header(sheet, column.title, wanted))
    return None


def _no_header(sheet: Sheet, column: str, wanted: Sequence[str]) -> UnreadableError:
    delivered = list(sheet.columns)
    listed = (*delivered[:MAX_LISTED], *(["…"] if len(delivered) > MAX_LISTED else []))
    likeness = {  # comparing takes the product of both lengths
        header: max(SequenceMatcher(None, header_key(header), header_key(word)).ratio() for word in wanted)
        for header in delivered
        if len(header) <= LONGEST_HEADER
    }
    near = max(likeness, key=lambda header: likeness[header], default="")
    hint = near if likeness.get(near, 0) >= 0.6 else ""
    allowed = ", ".join(wanted)
    return UnreadableError("header.missing", sheet.place, column=column, found=listed, allowed=allowed, near=hint)


def _items(
    unpivot: Unpivot, headers: Mapping[str, str], sheet: Sheet, problems: list[UnreadableError]
) -> list[tuple[str, str]]:
    """Item (as the mapping spells it) and the delivered header of each wide column."""
    if unpivot.headers:
        missing = [word for word in unpivot.headers if header_key(word) not in headers]
        problems.extend(_no_header(sheet, word, (word,)) for word in missing)
        return [(word, headers[header_key(word)]) for word in unpivot.headers if word not in missing]
    others = {header_key(word) for word in unpivot.all_but}
    return [(header, header) for key, header in headers.items() if key not in others]


def _long(sheet: Sheet, unpivot: Unpivot, found: Mapping[str, str], items: Sequence[tuple[str, str]]) -> Shaped:
    """Row by row, item by item."""
    rows, width = len(sheet), len(items)
    delivered = np.repeat(np.arange(rows), width)
    place = pa.array(np.tile(np.arange(width), rows))
    order = pa.array((np.arange(width) * rows + np.arange(rows)[:, None]).ravel())
    values = pa.concat_arrays([sheet.columns[header] for _, header in items])
    cells = {name: sheet.columns[header].take(pa.array(delivered)) for name, header in found.items()}
    cells[unpivot.item] = pa.array([item for item, _ in items], pa.string()).take(place)
    cells[unpivot.value] = values.take(order)
    damage = {
        name: {row * width + item: kind for row, kind in sheet.damage[header].items() for item in range(width)}
        for name, header in found.items()
        if header in sheet.damage
    }
    damage[unpivot.value] = {
        row * width + item: kind
        for item, (_, header) in enumerate(items)
        for row, kind in sheet.damage.get(header, {}).items()
    }
    return Shaped(cells, damage, delivered, pa.array([header for _, header in items], pa.string()).take(place))
