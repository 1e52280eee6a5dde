"""A folder of delivered files in, typed and checked records out: the way through all the other rooms.

`gather` reads every file once, `make` turns sheets into typed tables with record ids, `settle` checks them in the
order of their foreign keys. Nothing is decided file by file, so that one run names every fault of the batch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pyarrow as pa

from data_contracts.check import Checked
from data_contracts.failures import Failures
from data_contracts.intake.gather import Input, Progress, gather
from data_contracts.intake.link import Linked, Linking
from data_contracts.intake.make import make_tables
from data_contracts.intake.persons import without_personal_changes, without_personal_values
from data_contracts.intake.returns import corrections_as_changes, returned_rows
from data_contracts.intake.settle import Beside, settle
from data_contracts.intake.totals import with_one_reason
from data_contracts.mapping import TableMapping
from data_contracts.model import Contract
from data_contracts.personal import key_id, masked
from data_contracts.problems import Problem
from data_contracts.workbook import ReturnedRows

__all__ = ["Input", "Intake", "Linked", "Progress", "compared_tables", "take_in"]


@dataclass(frozen=True, slots=True)
class Intake:
    """What came in; nothing that names a person, but in `checked`, `returned` and `linked`, which are not printed.

    Attributes:
        tables: Accepted rows per contract table: `record_id` (string) first, then the contract's columns in order:
            numbers int64 scaled by their decimals, text string, truth bool, day date32; sorted by record_id (bytes).
        failures: Errors and warnings of all tables.
        refused_rows: Rows per table that were not accepted.
        delivered_rows: Rows per table that the mapping made of the files, equal rows counted once.
        counts: Broken rows per table and rule id, 0 included.
        checked: Outcome of each table's rules, for the official record.
        inputs: The files that were read, by path.
        unclaimed: Files in the folder that nothing claims: a warning, never a refusal.
        refuses_batch: Whether nothing may be rated from this delivery.
        warnings: Warnings about accepted rows: table, record, rule, column, message.
        changes: Every automatic change but trimming: table, column, file, sheet, row, raw, clean, reason.
        batch_problems: Faults of files, sheets and headers.
        returned: Rows with errors as they were delivered, for the workbooks that go back to the offices.
        linked: By table, rows that tell their place in words: those that got its key, and those that wait for a clerk.
        person_key: Which key made the pseudonyms (`personal.key_id`); empty without one: columns of persons are empty.
    """

    tables: Mapping[str, pa.Table]
    failures: Failures
    refused_rows: Mapping[str, int]
    delivered_rows: Mapping[str, int]
    counts: Mapping[str, Mapping[str, int]]
    checked: Mapping[str, Checked] = field(repr=False)
    inputs: tuple[Input, ...]
    unclaimed: tuple[str, ...]
    refuses_batch: bool
    warnings: pa.Table
    changes: pa.Table
    batch_problems: tuple[Problem, ...]
    returned: tuple[ReturnedRows, ...] = field(default=(), repr=False)
    linked: Mapping[str, Linked] = field(default_factory=dict, repr=False)
    person_key: str = ""


def compared_tables(contracts: Mapping[str, Contract]) -> tuple[str, ...]:
    """Tables with a rule that looks at a year before."""
    return tuple(
        table
        for table, contract in contracts.items()
        if any(rule.kind in ("volume", "drift") for rule in contract.rules)
    )


def take_in(  # noqa: PLR0913, PLR0917  # a delivery and everything that is known beside it
    folder: Path,
    contracts: Mapping[str, Contract],
    mappings: Mapping[str, TableMapping],
    progress: Progress | None = None,
    corrections: Path | None = None,
    key: bytes | None = None,
    before: Mapping[str, pa.Table] | None = None,
    as_of: date | None = None,
) -> Intake:
    """Read, shape, normalise and check a delivery.

    Args:
        folder: Delivered files; folders inside it are looked through too.
        contracts: By table name; every one of them is expected unless its mapping says `required: false`.
        mappings: By table name, as `load_mappings` gives them; a table without one is found by its name or title.
        progress: Called with the stage (`read`, `check`), how many are done and how many there are.
        corrections: Folder of fix workbooks that came back, or one of them: each of their rows replaces the row it
            was made from, which is listed among the changes; each decision about a place holds for its tickets.
        key: Of the pseudonyms (`personal.load_key`); without it, columns of persons are empty.
        before: By table, accepted rows of a year before, for rules on volume and drift (`compared_tables`).
        as_of: Day that the delivery should reach, for rules on freshness.

    Raises:
        NotADirectoryError: *folder* is not a folder.
        ValueError: The foreign keys of the contracts lead in a circle.
    """
    batch = gather(folder, contracts, mappings, progress, corrections)
    made, problems = make_tables(batch, contracts, mappings)
    incomplete = {*batch.incomplete, *(table for table, _ in problems)}
    linking = Linking(batch.decisions)
    settled = settle(made, contracts, mappings, incomplete, progress, Beside(key, before or {}, as_of, linking))
    failures = Failures.concat(outcome.failures for outcome in settled.values()).sorted()
    failures = with_one_reason(failures, batch.sheets, contracts)
    mended = corrections_as_changes(batch, contracts, mappings)
    refused_decisions = (error.problem("zh", masked) for error in linking.problems())
    faults = {*batch.problems, *(problem for _, problem in problems), *refused_decisions}
    return Intake(
        tables={table: outcome.accepted for table, outcome in settled.items()},
        failures=without_personal_values(failures, contracts),
        refused_rows={table: outcome.refused_rows for table, outcome in settled.items()},
        delivered_rows={table: one.table.num_rows for table, one in made.items()},
        counts={table: outcome.counts for table, outcome in settled.items()},
        checked={table: outcome.checked for table, outcome in settled.items()},
        inputs=batch.inputs,
        unclaimed=tuple(map(masked, batch.unclaimed)),
        refuses_batch=bool(faults) or any(outcome.refuses_batch for outcome in settled.values()),
        warnings=pa.concat_tables([settled[table].warnings for table in sorted(settled)]),
        changes=without_personal_changes(
            pa.concat_tables([mended, *(outcome.changes for outcome in settled.values())]),
            contracts,
        ),
        batch_problems=tuple(sorted(faults, key=lambda fault: (fault.place, fault.code, fault.message))),
        returned=returned_rows(batch, failures, contracts, mappings),
        linked=linking.linked,
        person_key=key_id(key) if key is not None else "",
    )
