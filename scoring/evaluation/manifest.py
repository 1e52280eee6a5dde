"""What a run was made from: hashes of inputs, rulebook and SQL, and the versions that ran it.

The run id covers what determines the ratings (accepted records, rulebook, SQL, scorer, as-of day). Engine and package
versions are recorded beside it, not in it, so that two engines can be held to the same run id. `person_key` says which
key made the pseudonyms (null: none): persons of two runs can be told to be the same only where it is the same.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections import Counter
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

from data_contracts.intake import Intake, Linked
from data_contracts.linking import unlinked_by_division
from scoring.evaluation.run import Evaluation, UnitResult

SCORER = "1"
PACKAGES = ("property-credit", "duckdb", "numpy", "pandas", "pyarrow")


def manifest_of(
    evaluation: Evaluation,
    intake: Intake,
    tables: Mapping[str, str],
    files: Mapping[str, str],
    earlier: Sequence[str],
) -> dict[str, Any]:
    """The manifest as plain values, ready for JSON.

    Args:
        evaluation: The run.
        intake: The delivery it was made from.
        tables: Content digest of each accepted table.
        files: SHA-256 of every file of the result.
        earlier: Run ids of the earlier results that were given.
    """
    book = evaluation.rulebook
    sql = hashlib.sha256("\n;\n".join(evaluation.sql).encode()).hexdigest()
    decisive = {
        "as_of": book.as_of.isoformat(),
        "earlier": sorted(earlier),
        "rulebook": dict(sorted(book.files.items())),
        "scorer": SCORER,
        "sql": sql,
        "tables": dict(sorted(tables.items())),
    }
    return {
        "run_id": digest_of(decisive),
        **decisive,
        "rulebook_id": book.id,
        "period": {"from": book.period_from.isoformat(), "to": book.period_to.isoformat()},
        "points_unit": str(book.unit),
        "engine": evaluation.engine,
        "versions": {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}},
        "inputs": [
            {"path": item.path, "sha256": item.sha256, "bytes": item.bytes, "rows": item.rows} for item in intake.inputs
        ],
        "unclaimed": list(intake.unclaimed),
        "person_key": intake.person_key or None,
        "rows": {
            name: {"delivered": intake.delivered_rows[name], "refused": intake.refused_rows[name]}
            for name in sorted(intake.delivered_rows)
        },
        "linked": {table: _linked(one) for table, one in sorted(intake.linked.items())},
        "units": {name: _counts(result) for name, result in evaluation.units.items()},
        "files": dict(sorted(files.items())),
    }


def _linked(one: Linked) -> dict[str, Any]:
    """Rows that tell their place in words; those that no place answers for do not score."""
    return {
        "automatic": one.automatic,
        "confirmed": one.confirmed,
        "elsewhere": one.elsewhere,
        "waiting": unlinked_by_division(one.waiting),
        "unlinked": dict(one.unlinked),
        "unserved": dict(one.unserved),
        "contradicted": len(one.contradicted),
    }


def digest_of(value: object) -> str:
    """SHA-256 of canonical JSON.

    >>> digest_of({"b": 1, "a": 2}) == digest_of({"a": 2, "b": 1})
    True
    """
    return hashlib.sha256(
        json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    ).hexdigest()


def _counts(result: UnitResult) -> dict[str, Any]:
    levels = Counter(level for level in result.rated.level if level is not None)
    statuses = Counter(status for status in result.rated.status if status is not None)
    order = result.rules.levels.order if result.rules.levels else ()
    ranked = {
        step.step.id: {
            str(group or "all"): count for group, count in sorted(step.places.items(), key=lambda item: str(item[0]))
        }
        for step in result.rated.steps
        if step.places
    }
    across = {fact.name: _frozen(result, fact.name) for fact in result.rules.facts if fact.across == ()}
    return {
        "count": result.count,
        "levels": {level: levels.get(level, 0) for level in order},
        "statuses": dict(sorted(statuses.items())),
        "places": ranked,
        "across": across,
    }


def _frozen(result: UnitResult, fact: str) -> str | None:
    values = result.facts.values[(fact,)]
    found = values.fraction(0) if result.count else None  # type: ignore[union-attr]  # across facts are numbers
    return None if found is None else str(found)
