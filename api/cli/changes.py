"""`changes` and `validate --changes`: every cell that was changed on the way in, as CSV."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    import pyarrow as pa

    from data_contracts.model import Contract

MARK = "\ufeff"


def run_changes(out: Path, table: str, reason: str) -> None:
    """Print the changes of a result.

    Args:
        out: A finished result.
        table: Only this one, by name or title; all when empty.
        reason: Only this one, or those that begin with it and a dot (`linked`); all when empty.

    Raises:
        NotAResultError: No result, one without changes, a table that it does not have, or a reason that there is not.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    from data_contracts.intake.listed import REASONS, changes_csv
    from scoring.evaluation.reopen import NotAResultError, open_result

    result = open_result(out)
    contracts, found = result.rulebook.contracts, result.changes()
    if table:
        names = [name for name, contract in contracts.items() if table in (name, contract.title)]
        if not names:
            raise NotAResultError(f"found table {table!r}, allowed: {', '.join(contracts)}")
        found = found.filter(pc.equal(found["table"].cast(pa.string()), names[0]))
    if reason:
        _refuse_unknown(reason, REASONS["en"])
        reasons = found["reason"].cast(pa.string())
        found = found.filter(pc.or_(pc.equal(reasons, reason), pc.starts_with(reasons, f"{reason}.")))
    for line in changes_csv(found, contracts):
        sys.stdout.write(line)


def _refuse_unknown(reason: str, known: Collection[str]) -> None:
    """A slip would list nothing, as if nothing had been changed; what was linked ends with its confidence."""
    from scoring.evaluation.reopen import NotAResultError

    kind, _, last = reason.rpartition(".")
    if (kind if last.isdigit() else reason) not in {"linked", *known}:
        raise NotAResultError(f"found reason {reason!r}, allowed: linked, {', '.join(known)}")


def write_changes(file: Path, changes: pa.Table, contracts: Mapping[str, Contract]) -> None:
    """Write them to *file*, with the mark that spreadsheet programs need."""
    from data_contracts.intake.listed import changes_csv

    with file.open("w", encoding="utf-8", newline="") as text:
        text.write(MARK)
        text.writelines(changes_csv(changes, contracts))
