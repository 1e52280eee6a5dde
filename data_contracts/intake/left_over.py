"""Sheets that nobody reads and that hold rows all the same: a workbook of four quarters must not lose three of them.

One sheet of a workbook feeds a table. Another one with the table's headers and rows below them is neither taken in (it
may be a draft) nor passed over.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from data_contracts.mapping import TableMapping
from data_contracts.mapping.apply import headers_of
from data_contracts.model import Contract
from data_contracts.personal import masked
from data_contracts.problems import UnreadableError, shown
from data_contracts.readers import Delivered, Sheet, header_key


def left_over(
    delivered: Delivered, taken: Collection[str], contract: Contract, mapping: TableMapping
) -> Iterator[UnreadableError]:
    """A fault for each sheet that looks like *contract*'s table and is not among those *taken* of its file.

    A mapping that names its sheet has chosen, and nothing is said.
    """
    if mapping.sheet:
        return
    columns = [column for column in contract.columns if column.attributed is None]
    words = {header_key(word) for column in columns for word in (column.title, column.name, *column.aliases)}
    for name in delivered.sheets:
        if name in taken:
            continue
        try:
            sheet = delivered.read(name, words)
        except UnreadableError:
            continue  # no table
        if len(sheet) and _looks_like(sheet, contract, mapping, len(columns)):
            read = ", ".join(shown(masked(one)) for one in taken)
            yield UnreadableError("sheet.left", delivered.file, found=shown(masked(name)), allowed=read)


def _looks_like(sheet: Sheet, contract: Contract, mapping: TableMapping, columns: int) -> bool:
    """The key is there, and most columns: a summary by county has one of them, a list of headers none."""
    found: Mapping[str, str] = headers_of(sheet, contract, mapping)
    return found.keys() >= set(contract.key) and 2 * len(found) > columns
