"""Writing a result: everything into a fresh folder that then takes its place, all or nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from data_contracts.intake import Intake
from data_contracts.lake import store
from data_contracts.quarantine import refused_csv
from scoring.evaluation.csv_text import csv_bytes
from scoring.evaluation.folder import MANIFEST, replacing
from scoring.evaluation.manifest import manifest_of
from scoring.evaluation.run import Evaluation
from scoring.evaluation.sheets import facts, lines, ratings, records
from scoring.rulebook.folder import rule_texts


@dataclass(frozen=True)
class EarlierRounds:
    """Earlier rounds of a run: their run ids and their tables by kind of unit."""

    run_ids: tuple[str, ...]
    tables: Mapping[str, pa.Table]


def write_result(
    out: Path,
    evaluation: Evaluation,
    intake: Intake,
    validation: Mapping[str, Any],
    source: Path | Traversable,
    earlier: EarlierRounds | None = None,
    *,
    with_records: bool = False,
) -> dict[str, Any]:
    """Write a run to *out* and return its manifest.

    Args:
        out: A new folder, or an earlier result, which is replaced only when everything has been written.
        evaluation: The run.
        intake: The delivery it was made from.
        validation: The official validation record.
        source: Folder of the rulebook; its rule files are kept with the result.
        earlier: Earlier rounds that were given; kept with the result, so that it can be made again.
        with_records: Whether to list the records behind every line in records.parquet.

    Raises:
        OccupiedFolderError: *out* holds other files.
        OSError: The disk is full or not writable; *out* is as it was.
    """
    with replacing(out) as folder:
        for path, text in rule_texts(source).items():
            _write(folder / "rulebook" / path, text.encode())
        lake = [store(folder / "lake", name, table) for name, table in sorted(intake.tables.items())]
        for name, result in evaluation.units.items():
            _write(folder / "ratings" / f"{name}.csv", csv_bytes(ratings(evaluation.rulebook, result)))
            _write(folder / "lines" / f"{name}.csv", csv_bytes(lines(evaluation.rulebook, result)))
            _write_parquet(folder / "facts" / f"{name}.parquet", facts(evaluation.rulebook, result))
        if with_records:
            _write_parquet(folder / "records.parquet", records(evaluation))
        refused = refused_csv(intake.batch_problems, intake.failures, evaluation.rulebook.contracts)
        _write(folder / "refused.csv", refused)
        _write_parquet(folder / "warnings.parquet", intake.warnings)
        _write_parquet(folder / "changes.parquet", intake.changes)
        _write(folder / "validation.json", _json(validation))
        for name, table in (earlier.tables if earlier else {}).items():
            _write_parquet(folder / "earlier" / f"{name}.parquet", table)
        digests = {file.table: file.sha256 for file in lake}
        manifest = manifest_of(evaluation, intake, digests, _hashes(folder), earlier.run_ids if earlier else ())
        manifest["lake"] = {file.table: file.path(folder / "lake").relative_to(folder).as_posix() for file in lake}
        _write(folder / MANIFEST, _json(manifest))
    return manifest


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _write_parquet(path: Path, table: pa.Table) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path, compression="zstd", version="2.6", write_statistics=True)


def _json(value: Mapping[str, Any]) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()


def _hashes(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
