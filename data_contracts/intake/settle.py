"""Which rows are accepted: tables in the order of their foreign keys, children against accepted parents.

Tables made of the same delivered rows (`record_of`) stand and fall together: a building with one impossible grade is
not rated on its other 49, and the one broken cell is the one reason given.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data_contracts.attribution import attributed
from data_contracts.check import Checked, Compared, Origin, Parent, check
from data_contracts.failures import Failures
from data_contracts.intake.gather import Progress
from data_contracts.intake.link import Linking
from data_contracts.intake.made import Made
from data_contracts.intake.order import families_in_order
from data_contracts.intake.persons import without_persons_in_keys
from data_contracts.intake.reasons import with_headers, without_followers
from data_contracts.intake.warned import warnings_of
from data_contracts.mapping import TableMapping
from data_contracts.model import RECORD_ID, Contract
from data_contracts.personal import without_persons


@dataclass(frozen=True, slots=True)
class Settled:
    """The outcome for one table.

    Attributes:
        accepted: Accepted rows, sorted by record id.
        failures: Errors and warnings.
        refused_rows: How many rows were not accepted, for reasons of their own or of the row they came with.
        refuses_batch: Whether a rule of the table as a whole is broken.
        counts: Broken rows per rule id, 0 included.
        checked: The outcome of the rules as such, for the official record.
        changes: What was changed of the delivered cells.
        warnings: About accepted rows, by record.
    """

    accepted: pa.Table
    failures: Failures
    refused_rows: int
    refuses_batch: bool
    counts: Mapping[str, int]
    checked: Checked
    changes: pa.Table
    warnings: pa.Table


@dataclass(frozen=True, slots=True)
class Beside:
    """What is known beside the delivery.

    Attributes:
        key: Of the pseudonyms; without it columns of persons are emptied.
        before: By table, accepted rows of a year before.
        as_of: Day that the delivery should reach.
        linking: Finds the places that rows tell in words, and keeps what it found.
    """

    key: bytes | None = None
    before: Mapping[str, pa.Table] = field(default_factory=dict)
    as_of: date | None = None
    linking: Linking = field(default_factory=Linking)


def settle(
    made: Mapping[str, Made],
    contracts: Mapping[str, Contract],
    mappings: Mapping[str, TableMapping],
    incomplete: Iterable[str],
    progress: Progress | None,
    beside: Beside,
) -> dict[str, Settled]:
    """Check every table.

    Args:
        made: Typed rows by table.
        contracts: By table.
        mappings: By table.
        incomplete: Tables that lack a file: what points to them and how many rows they have is not judged.
        progress: Called with `check`, tables done and tables there are.
        beside: What is known beside the delivery.

    Raises:
        ValueError: Foreign keys lead in a circle.
    """
    judged = {table: _judged(contract, frozenset(incomplete)) for table, contract in contracts.items()}
    made = dict(made)
    parents: dict[str, Parent] = {}
    settled: dict[str, Settled] = {}
    for family in families_in_order(contracts, mappings):
        if progress:
            progress("check", len(settled), len(contracts))
        made |= {table: beside.linking.filled(made[table], contracts[table], parents) for table in family}
        made |= {table: _attributed(made[table], contracts[table], parents) for table in family}
        for table in family:
            beside.linking.attributed(made[table], contracts[table])
        one = _Family(family, made, judged, mappings, beside)
        checked = one.checked(parents)
        accepted = one.accepted(checked)
        for table in family:
            rows = made[table].table
            parents[table] = Parent(rows.filter(accepted[table]), rows.filter(pc.invert(accepted[table])))
            settled[table] = Settled(
                accepted=_in_id_order(without_persons(parents[table].keys, contracts[table], beside.key)),
                failures=Failures.concat([one.reasons(table, checked), made[table].repeated]),
                refused_rows=parents[table].refused.num_rows,
                refuses_batch=checked[table].refuses_batch,
                counts=checked[table].counts,
                checked=checked[table],
                changes=made[table].changes,
                warnings=warnings_of(table, rows, checked[table], accepted[table]),
            )
    if progress:
        progress("check", len(contracts), len(contracts))
    return {table: settled[table] for table in contracts}


def _judged(contract: Contract, incomplete: frozenset[str]) -> Contract:
    """The contract without the rules that a missing file would break a thousand times."""
    rules = (
        rule
        for rule in contract.rules
        if not (rule.kind == "foreign_key" and rule.limits["table"] in incomplete)
        and not (rule.scope == "table" and contract.table in incomplete)
    )
    return replace(contract, rules=tuple(rules))


def _attributed(made: Made, contract: Contract, parents: Mapping[str, Parent]) -> Made:
    """Fill what offices leave to us: the row of another table that covered the day, where a cell names none."""
    for column in contract.columns:
        rule = column.attributed
        if rule is None or rule.table not in parents:
            continue
        key = next(link.targets[0] for link in contract.relationships if link.columns == (column.name,))
        found = attributed(made.table, rule, parents[rule.table].keys, key)
        made = made.with_column(column.name, pc.coalesce(made.table[column.name], found))
    return made


@dataclass(frozen=True, slots=True)
class _Family:
    """Tables made of the same delivered rows; most have no relatives."""

    tables: Sequence[str]
    made: Mapping[str, Made]
    contracts: Mapping[str, Contract]
    mappings: Mapping[str, TableMapping]
    beside: Beside

    def checked(self, parents: Mapping[str, Parent]) -> dict[str, Checked]:
        """Each table by its own rules. Relatives are there for each other whatever becomes of them."""
        relatives = {table: Parent(self.made[table].table, self.made[table].table.slice(0, 0)) for table in self.tables}
        checked = {}
        for table in self.tables:
            one = self.made[table]
            among = {**parents, **relatives}
            found = check(
                self.contracts[table],
                one.table,
                one.origin,
                one.raw,
                among,
                unreadable=one.unreadable,
                compared=Compared(self.beside.before.get(table), self.beside.as_of),
            )
            checked[table] = without_persons_in_keys(found, self.contracts[table], one)
        return checked

    def accepted(self, checked: Mapping[str, Checked]) -> dict[str, pa.Array]:
        """Rows of which every relative accepts its part."""
        if len(self.tables) == 1:
            return {table: checked[table].accepted for table in self.tables}
        refused = np.concatenate([self.made[table].delivered[~_flags(checked[table])] for table in self.tables])
        return {
            table: pa.array(~np.isin(self.made[table].delivered, refused) & _flags(checked[table]))
            for table in self.tables
        }

    def reasons(self, table: str, checked: Mapping[str, Checked]) -> Failures:
        """Failures of one table, in the words that fit its sheet."""
        failures, mapping = checked[table].failures, self.mappings.get(table)
        if mapping is None:
            return failures
        if mapping.record_of:
            refused = {parent: self._refused(parent, checked) for parent in mapping.record_of.values()}
            failures = without_followers(failures, self.contracts[table], mapping.record_of, refused)
        return with_headers(failures, self.made[table], mapping.unpivot.value) if mapping.unpivot else failures

    def _refused(self, table: str, checked: Mapping[str, Checked]) -> Origin:
        rows = pa.array(np.flatnonzero(~_flags(checked[table])))
        origin = self.made[table].origin
        return Origin(*(array.take(rows) for array in (origin.file, origin.sheet, origin.row)))


def _flags(checked: Checked) -> np.ndarray:
    return np.asarray(checked.accepted.to_numpy(zero_copy_only=False), dtype=bool)


def _in_id_order(rows: pa.Table) -> pa.Table:
    return rows.take(pc.sort_indices(rows[RECORD_ID])).combine_chunks()
