"""Record ids for every row of a batch, and the links between rows that came from one delivered row.

This waits until all tables are typed, because the content of a delivered row is what all tables made of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa

from data_contracts.identity import content_digests, content_ids, key_ids
from data_contracts.intake.made import Made
from data_contracts.mapping import TableMapping
from data_contracts.model import RECORD_ID, Column, Contract
from data_contracts.normalise import as_text
from data_contracts.personal import is_free_text, masked_cells


def name_records(
    made: dict[str, Made], contracts: Mapping[str, Contract], mappings: Mapping[str, TableMapping]
) -> None:
    """Give every row its id; a row that names the record it was delivered with comes after that one."""
    waiting = list(made)
    while waiting:
        links = {table: mappings[table].record_of if table in mappings else {} for table in waiting}
        ready = [table for table in waiting if not set(links[table].values()) & set(waiting)]
        if not ready:
            raise ValueError(f"found 'record_of' in a circle among {', '.join(waiting)}, allowed: a parent first")
        for table in ready:
            for column, parent in links[table].items():
                made[table] = _linked(made[table], column, made[parent])
            made[table] = _named(made, contracts, mappings, table)
        waiting = [table for table in waiting if table not in ready]


def _linked(made: Made, column: str, parent: Made) -> Made:
    """*column* becomes the id of the parent's row that comes from the same delivered row."""
    top = int(max(made.delivered.max(initial=-1), parent.delivered.max(initial=-1)))
    place = np.full(top + 1, -1, dtype=np.int64)
    place[parent.delivered] = np.arange(len(parent.delivered))
    places = place[made.delivered]
    ids = parent.table[RECORD_ID].take(pa.array(places, mask=places < 0))
    return made.with_column(column, ids)


def _named(
    made: Mapping[str, Made], contracts: Mapping[str, Contract], mappings: Mapping[str, TableMapping], table: str
) -> Made:
    contract, one = contracts[table], made[table]
    keys = [as_text(one.table[name].combine_chunks(), _needed(contract, name)) for name in contract.key]
    names = key_ids(keys) if keys else pa.array([""] * one.table.num_rows, pa.string())
    if contract.key_repeats or not contract.key:
        names = content_ids(names, content_digests(list(_content(made, contracts, mappings, one.delivered))))
    return one.with_column(RECORD_ID, names)


def _content(
    made: Mapping[str, Made],
    contracts: Mapping[str, Contract],
    mappings: Mapping[str, TableMapping],
    delivered: np.ndarray,
) -> Iterator[pa.Array]:
    """Cells of everything that is made of the *delivered* rows, in the order of tables, columns and items.

    Of persons only what is kept: whoever has the record could try numbers until one fits the digest in its id.
    """
    for table in sorted(made):
        one, mapping = made[table], mappings.get(table, TableMapping(table))
        if mapping.distinct or not np.isin(delivered, one.delivered).any():
            continue
        free = (column for column in contracts[table].columns if column.classification != "personal")
        columns = [column for column in free if column.name not in mapping.record_of]
        kept = {column.name: _kept(one.table[column.name], column, contracts[table]) for column in columns}
        for rows in _items(one, mapping):
            place = np.full(int(max(delivered.max(), one.delivered.max())) + 1, -1, dtype=np.int64)
            place[one.delivered[rows]] = rows
            places = place[delivered]
            for column in columns:
                yield as_text(kept[column.name].take(pa.array(places, mask=places < 0)), column)


def _kept(cells: pa.ChunkedArray, column: Column, contract: Contract) -> pa.Array:
    return (masked_cells(cells) if is_free_text(column, contract) else cells).combine_chunks()


def _items(made: Made, mapping: TableMapping) -> list[np.ndarray]:
    """Rows of each item of a wide sheet, by item; all rows at once for any other."""
    if mapping.unpivot is None:
        return [np.arange(made.table.num_rows)]
    items = made.table[mapping.unpivot.item].combine_chunks().dictionary_encode(null_encoding="encode")
    codes = items.indices.to_numpy()
    names = items.dictionary.to_pylist()
    return [np.flatnonzero(codes == code) for code in sorted(range(len(names)), key=lambda code: names[code] or "")]


def _needed(contract: Contract, name: str) -> Column:
    column = contract.column(name)
    if column is None:
        raise ValueError(f"found key column {name!r}, allowed: a column of {contract.table}")
    return column
