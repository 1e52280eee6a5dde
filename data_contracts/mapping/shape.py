"""What a mapping says about one contract table, once it is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from data_contracts.steps import Step


@dataclass(frozen=True, slots=True)
class Unpivot:
    """A wide sheet: some headers become rows of (item, value).

    Attributes:
        headers: The headers that become items; empty when *all_but* is used.
        all_but: Every delivered header but these.
        item: Contract column that takes the header.
        value: Contract column that takes the cell.
    """

    item: str
    value: str
    headers: tuple[str, ...] = ()
    all_but: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TableMapping:
    """How delivered files become the rows of one contract table.

    Attributes:
        table: The contract's table.
        files: Names or patterns; empty: any file named after the table or its title.
        sheet: Sheet of a workbook; empty: the one named after the table, else the first visible one.
        columns: Delivered headers per contract column, any one of them; a column left out goes by the contract's
            title, name and synonyms.
        absent: Contract columns that are not delivered; they must be optional.
        missing: Texts that stand for no value; blank always does.
        unpivot: How a wide sheet becomes long, None for one that is long already.
        record_of: Per contract column, the table whose row from the same delivered row it names (by record id).
        distinct: Whether equal rows become one, and rows without a key none.
        normalise: Steps per column that bring a name to one spelling.
        required: Whether the batch is refused when no file delivers the table.
    """

    table: str
    files: tuple[str, ...] = ()
    sheet: str = ""
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    missing: tuple[str, ...] = ("",)
    unpivot: Unpivot | None = None
    record_of: Mapping[str, str] = field(default_factory=dict)
    distinct: bool = False
    normalise: Mapping[str, tuple[Step, ...]] = field(default_factory=dict)
    required: bool = True
