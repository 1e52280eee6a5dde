"""All rules of a contract over one table."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from functools import reduce
from typing import cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data_contracts.check.before import drifted, unlike_before
from data_contracts.check.belonging import misplaced
from data_contracts.check.cells import Broken, broken_cells, broken_rows
from data_contracts.check.columns import Columns, Mask, rows_where
from data_contracts.check.outcome import WARNED, Checked, Compared, Origin, Parent, Unreadable
from data_contracts.check.parents import orphans
from data_contracts.check.repeats import repeated_rows
from data_contracts.check.spans import overlapping_rows
from data_contracts.check.tables import Fault, not_covered, stale, wrong_count
from data_contracts.failures import SCHEMA, Failures, Wording, as_written
from data_contracts.model import Contract, Rule


def check(  # noqa: PLR0913, PLR0917  # what is checked, and everything it is compared with
    contract: Contract,
    table: pa.Table,
    origin: Origin,
    raw: Mapping[str, pa.ChunkedArray],
    parents: Mapping[str, Parent],
    language: str | None = None,
    unreadable: Unreadable | None = None,
    compared: Compared | None = None,
) -> Checked:
    """Check one table against its contract.

    Args:
        contract: What is allowed.
        table: The contract's columns, typed: numbers int64 scaled by the column's decimals, text string, truth
            bool, day date32; plus `record_id` when it is its own parent.
        origin: Where the rows stand.
        raw: Delivered text by column, shown as the failure's value; the typed value stands in for a column left out.
        parents: By table name, every table a foreign key points to, except this one.
        language: zh or en; the contract's own by default.
        unreadable: Cells that are missing because they could not be read; `required` does not report them again.
        compared: What the delivery is held against besides its contract.

    Raises:
        ValueError: A column or parent that the contract needs is not given.
    """
    _needs(contract, table, parents)
    run = _Run(contract, table, origin, raw, Wording(language or contract.language), unreadable or Unreadable())
    for rule in contract.rules:
        if rule.scope == "table" or (rule.kind == "foreign_key" and rule.limits["table"] == contract.table):
            continue  # when all others have spoken
        if rule.kind == "span":
            run.add(rule, misplaced(rule, run.columns, parents[str(rule.limits["table"])], run.say))
        elif rule.kind == "foreign_key":
            run.add(rule, orphans(rule, run.columns, parents[str(rule.limits["table"])], run.say))
        else:
            run.add(rule, run.broken(rule))
    run.add_own_orphans(table)
    for rule in (rule for rule in contract.rules if rule.scope == "table"):
        run.add_faults(rule, run.faults(rule, parents, compared or Compared()))
    return run.outcome()


def _needs(contract: Contract, table: pa.Table, parents: Mapping[str, Parent]) -> None:
    if lacking := [column.name for column in contract.columns if column.name not in table.column_names]:
        raise ValueError(
            f"found no column {', '.join(lacking)} in {contract.table}, allowed: every column of its contract"
        )
    for relationship in contract.relationships:
        if relationship.table not in parents and relationship.table != contract.table:
            raise ValueError(
                f"found no parent {relationship.table!r} for {contract.table}, allowed: every table it points to"
            )


_OF_EMPTY_CELLS = ("type", "required", "expression")


def _asked(rule: Rule) -> tuple[str, ...]:
    """Columns without which a row is left alone: a span may lack its last day."""
    return rule.columns[:-1] if rule.kind == "overlap" else rule.columns


class _Run:
    def __init__(
        self,
        contract: Contract,
        table: pa.Table,
        origin: Origin,
        raw: Mapping[str, pa.ChunkedArray],
        say: Wording,
        unreadable: Unreadable,
    ) -> None:
        self.contract, self.origin, self.raw, self.say = contract, origin, raw, say
        self.unreadable = unreadable
        self.columns = Columns(table)
        self.refused: Mask = np.zeros(table.num_rows, dtype=np.bool_)
        self.refuses_batch = False
        self.counts: dict[str, int] = {rule.id: 0 for rule in contract.rules}
        self.failures = [unreadable.failures]
        self.warned = [WARNED.empty_table()]

    def broken(self, rule: Rule) -> Broken:
        column = self.contract.column(rule.columns[0])
        if rule.kind == "expression":
            found = broken_rows(rule, self.columns, self.say)
            return Broken(found.rows[~self.unread(rule)[found.rows]], found.messages)
        if rule.kind == "unique":
            return repeated_rows(rule, self.contract, self.columns, self.origin, self.say)
        if rule.kind == "overlap":
            return overlapping_rows(rule, self.contract, self.columns, self.origin, self.unread(rule), self.say)
        if column is None:
            raise ValueError(f"found rule {rule.id} on no column of {self.contract.table}")
        if rule.kind == "type":
            cells = self.unreadable.cells.get(column.name)
            return Broken(np.empty(0, dtype=np.int64) if cells is None else rows_where(cells))
        return broken_cells(rule, column, self.columns, self.unreadable.cells, self.say)

    def unread(self, rule: Rule) -> Mask:
        """Rows with a cell that *rule* looks at and nobody could read: missing for us, but not left empty."""
        found: Mask = np.zeros(self.columns.rows, dtype=np.bool_)
        for cells in (self.unreadable.cells[name] for name in rule.columns if name in self.unreadable.cells):
            found |= np.asarray(cells)
        return found

    def faults(self, rule: Rule, parents: Mapping[str, Parent], compared: Compared) -> list[Fault]:
        """What is wrong with the table as a whole, once its rows are judged."""
        match rule.kind:
            case "row_count":
                return wrong_count(rule, self.columns, self.say)
            case "covers":
                return not_covered(rule, self.columns, parents[str(rule.limits["table"])], self.refused, self.say)
            case "volume":
                return unlike_before(rule, self.columns, compared.before, self.say)
            case "freshness":
                return stale(rule, self.contract, self.columns, compared.as_of, self.refused, self.say)
        return drifted(rule, self.contract, self.columns, compared.before, self.say)

    def add(self, rule: Rule, broken: Broken) -> None:
        self.counts[rule.id] = len(broken.rows)
        if rule.severity == "error":
            self.refused[broken.rows] = True
        if len(broken.rows) and rule.kind != "type":  # those were reported where they were read
            self.failures.append(self._failures(rule, broken))
            if rule.severity == "warning":
                told = self.failures[-1].table.select(["rule", "column", "message"])
                self.warned.append(told.add_column(0, WARNED.field("place"), [pa.array(broken.rows)]))

    def add_own_orphans(self, table: pa.Table) -> None:
        """Foreign keys into the table itself: refusing a row can orphan others, so until nothing changes."""
        rules = [
            rule
            for rule in self.contract.rules
            if rule.kind == "foreign_key" and rule.limits["table"] == self.contract.table
        ]
        if not rules:
            return
        while True:
            keys = Parent(table.filter(pa.array(~self.refused)), table.filter(pa.array(self.refused)))
            found = [(rule, self._of_others(rule, orphans(rule, self.columns, keys, self.say))) for rule in rules]
            before = int(self.refused.sum())
            for rule, broken in found:
                if rule.severity == "error":
                    self.refused[broken.rows] = True
            if int(self.refused.sum()) == before:
                break
        for rule, broken in found:
            self.add(rule, broken)

    def _of_others(self, rule: Rule, broken: Broken) -> Broken:
        """Without rows that name themselves: what became of such a row has a reason of its own."""
        targets = cast("tuple[str, ...]", rule.limits["targets"])
        alike = [pc.equal(*map(self.columns.array, pair)) for pair in zip(rule.columns, targets, strict=True)]
        others = ~np.asarray(pc.fill_null(reduce(pc.and_, alike), False))[broken.rows]
        return Broken(broken.rows[others], list(itertools.compress(broken.messages, others)))

    def add_faults(self, rule: Rule, faults: Sequence[Fault]) -> None:
        self.counts[rule.id] = len(faults)
        self.refuses_batch = self.refuses_batch or bool(faults and rule.severity == "error")
        files = pc.unique(self.origin.file).to_pylist() if faults else []
        place = {"file": str(files[0])} if len(files) == 1 else {}
        known = dict.fromkeys(SCHEMA.names) | self._named(rule) | place | {"column": ", ".join(rule.columns)}
        rows = [
            known
            | {"message": fault.message, "value": fault.value}
            | ({"column": fault.column} if fault.column else {})
            for fault in faults
        ]
        self.failures.append(Failures(pa.Table.from_pylist(rows, SCHEMA)))

    def outcome(self) -> Checked:
        failures = Failures.concat(self.failures).sorted()
        silent = (rule for rule in self.contract.rules if rule.scope == "row" and rule.kind not in _OF_EMPTY_CELLS)
        missing = {rule.id: self.columns.missing(_asked(rule)) for rule in silent}
        warned = pa.concat_tables(self.warned)
        return Checked(pa.array(~self.refused), failures, self.refuses_batch, self.counts, missing, warned)

    def _failures(self, rule: Rule, broken: Broken) -> Failures:
        taken, size = pa.array(broken.rows), len(broken.rows)
        arrays: dict[str, pa.Array | pa.ChunkedArray] = {
            name: pa.repeat(pa.scalar(text, pa.string()), size) for name, text in self._named(rule).items()
        }
        arrays["file"] = self.origin.file.take(taken).cast(pa.string())
        arrays["sheet"] = self.origin.sheet.take(taken).cast(pa.string())
        arrays["row"] = self.origin.row.take(taken)
        arrays["column"] = pa.repeat(pa.scalar(", ".join(rule.columns)), size)
        arrays["value"] = self._values(rule, taken)
        arrays["message"] = self._messages(rule, broken)
        return Failures(pa.table([arrays[name] for name in SCHEMA.names], SCHEMA))

    def _named(self, rule: Rule) -> dict[str, str]:
        return {
            "table": self.contract.table,
            "rule": rule.id,
            "severity": rule.severity,
            "legal_basis": rule.legal_basis,
        }

    def _messages(self, rule: Rule, broken: Broken) -> pa.Array:
        """The contract's own words; where the rows must still be told apart, the built-in ones follow."""
        telling = ("unique", "overlap", "foreign_key", "enum", "pattern", "length", "check_digit")
        if isinstance(broken.messages, str) or (rule.message and rule.kind not in telling):
            return pa.repeat(pa.scalar(rule.message or broken.messages), len(broken.rows))
        if rule.message and rule.kind in ("unique", "overlap", "check_digit"):
            return pa.array([rule.message + self.say.say("then") + message for message in broken.messages])
        return pa.array(broken.messages)

    def _values(self, rule: Rule, taken: pa.Array) -> pa.Array | pa.ChunkedArray:
        shown = [self._shown(name, taken) for name in rule.columns]
        if len(shown) == 1:
            return shown[0]
        return pc.binary_join_element_wise(*shown, ", ", null_handling="replace", null_replacement="")

    def _shown(self, name: str, taken: pa.Array) -> pa.Array | pa.ChunkedArray:
        """The cell as delivered, or else its typed value as people write it."""
        if name in self.raw:
            return self.raw[name].take(taken).cast(pa.string())
        column, array = self.contract.column(name), self.columns.array(name).take(taken)
        if column is None or pa.types.is_string(array.type):
            return array.cast(pa.string())
        array = array.cast(pa.int32()) if pa.types.is_date32(array.type) else array
        return pa.array(
            [None if value is None else as_written(value, column.type) for value in array.to_pylist()], pa.string()
        )
