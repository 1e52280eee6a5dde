"""A finished result, opened read-only: its manifest, the rulebook it was made with, and its tables."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from data_contracts.expressions.resolve import did_you_mean
from scoring.evaluation.csv_text import as_delivered
from scoring.evaluation.folder import MANIFEST
from scoring.rulebook import Rulebook, load_rulebook


class NotAResultError(ValueError):
    """A folder that no evaluation has written, or one with a file that is not as it was written."""


class MissingFileError(NotAResultError):
    """A file of a result that is not there, perhaps because another run has just taken the folder's place."""


@dataclass(frozen=True)
class OpenedResult:
    """A result folder; every table is read when it is first asked for and kept.

    Whatever is read must have the SHA-256 that the manifest names; else `NotAResultError`, before any of it is used.

    Attributes:
        manifest: As written: run_id, rulebook, period, counts, digests.
    """

    folder: Path
    manifest: Mapping[str, Any]

    @cached_property
    def rulebook(self) -> Rulebook:
        """The rulebook of the run, from the copy kept with the result."""
        for path in self.folder.glob("rulebook/**/*"):
            if path.is_file():
                self._bytes(path.relative_to(self.folder).as_posix())
        return load_rulebook(self.folder / "rulebook", date.fromisoformat(self.manifest["as_of"]))

    @property
    def units(self) -> list[str]:
        """Kinds of unit, in the rulebook's order."""
        return [unit.name for unit in self.rulebook.units]

    @cached_property
    def ratings(self) -> Mapping[str, pa.Table]:
        """Ratings by kind of unit; every column is text."""
        return {unit: self._texts(f"ratings/{unit}.csv") for unit in self.units}

    def lines(self, unit: str) -> pa.Table:
        """All lines of one kind of unit; every column is text."""
        return self.kept(f"lines/{unit}", lambda: self._texts(f"lines/{unit}.csv"))

    def facts(self, unit: str) -> pa.Table:
        """Exact facts of one kind of unit."""
        return self.kept(f"facts/{unit}", lambda: self._parquet(f"facts/{unit}.parquet"))

    @cached_property
    def records(self) -> pa.Table | None:
        """Records behind every line; None when the run did not list them."""
        return self._parquet("records.parquet") if (self.folder / "records.parquet").is_file() else None

    @cached_property
    def _warnings(self) -> pa.Table | None:
        return self._parquet("warnings.parquet") if (self.folder / "warnings.parquet").is_file() else None

    def warnings(self, table: str, records: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Messages of the contract's warnings about *records* of a delivered table, by record id."""
        found: dict[str, tuple[str, ...]] = {}
        if self._warnings is None or not records:
            return found
        mine = pc.and_(
            pc.equal(self._warnings["table"], table),
            pc.is_in(self._warnings["record"], pa.array(records, pa.string())),
        )
        for row in self._warnings.filter(mine).to_pylist():
            found[row["record"]] = (*found.get(row["record"], ()), row["message"])
        return found

    def changes(self) -> pa.Table:
        """Automatic changes of delivered cells.

        Raises:
            NotAResultError: The result was written before they were kept.
        """
        path = self.folder / "changes.parquet"
        if not path.is_file():
            raise NotAResultError(f"{path}: found no changes, allowed: a result that keeps them; evaluate again")
        return self._parquet("changes.parquet")

    def earlier(self) -> dict[str, pa.Table]:
        """Tables of earlier rounds that the run was given, by kind of unit."""
        names = sorted(path.name for path in self.folder.glob("earlier/*.parquet"))
        return {Path(name).stem: self._parquet(f"earlier/{name}") for name in names}

    def table(self, name: str) -> pa.Table:
        """Accepted records of one delivered table."""
        return self.kept(f"lake/{name}", lambda: self._parquet(self.manifest["lake"][name]))

    def tables(self) -> dict[str, pa.Table]:
        """All accepted tables."""
        return {name: self.table(name) for name in self.manifest["lake"]}

    def key_columns(self, unit: str) -> tuple[str, ...]:
        """Columns that name a unit of this kind.

        Raises:
            NotAResultError: There is no such kind of unit.
        """
        rules = self.rulebook.unit_named(unit)
        if rules is None:
            hint = did_you_mean(unit, self.units)
            raise NotAResultError(f"found unit {unit!r}, allowed: {', '.join(self.units)}{hint}")
        return rules.key

    @property
    def _files(self) -> Mapping[str, str]:
        """SHA-256 of every file; results of old do not have it."""
        found: Mapping[str, str] = self.manifest.get("files", {})
        return found

    def _bytes(self, name: str) -> bytes:
        try:
            content = (self.folder / name).read_bytes()
        except FileNotFoundError:
            raise MissingFileError(f"{name}: found no such file, {_AS_WRITTEN}") from None
        except OSError as error:
            raise NotAResultError(f"{name}: found no readable file ({type(error).__name__}), {_AS_WRITTEN}") from None
        found, written = hashlib.sha256(content).hexdigest(), self._files.get(name)
        if self._files and found != written:
            own = f"SHA-256 {written}" if written else "it wrote none of that name"
            raise NotAResultError(f"{name}: found a file with the SHA-256 {found}, {_AS_WRITTEN} ({own})")
        return content

    def _parquet(self, name: str) -> pa.Table:
        return _parsed(name, lambda: pq.read_table(pa.BufferReader(self._bytes(name))))

    def _texts(self, name: str) -> pa.Table:
        return _parsed(name, lambda: texts_of(self._bytes(name)))

    @cached_property
    def _tables(self) -> dict[str, pa.Table]:
        return {}

    def kept(self, name: str, read: Callable[[], pa.Table]) -> pa.Table:
        """What *read* makes, made once."""
        if name not in self._tables:
            self._tables[name] = read()
        return self._tables[name]


def open_result(folder: Path | str) -> OpenedResult:
    """Open what `evaluate --out` wrote.

    Raises:
        NotAResultError: The folder holds no readable manifest, or one that no run has written.
    """
    folder = Path(folder)
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        reason = f"found no readable {MANIFEST} ({type(error).__name__})"
        raise NotAResultError(f"{folder}: {reason}, allowed: a folder that evaluate --out wrote") from None
    if not isinstance(manifest, dict) or not {"run_id", "as_of", "lake"} <= set(manifest):
        raise NotAResultError(f"{folder}: found another {MANIFEST}, allowed: a folder that evaluate --out wrote")
    return OpenedResult(folder, manifest)


def read_texts(path: Path) -> pa.Table:
    """A CSV in which every cell is text; empty cells are empty texts."""
    return texts_of(path.read_bytes())


def texts_of(content: bytes) -> pa.Table:
    """The same of its bytes."""
    names = next(csv.reader([content.split(b"\n", 1)[0].decode("utf-8")]))
    options = pa_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False)
    parsing = pa_csv.ParseOptions(newlines_in_values=True)
    table = pa_csv.read_csv(pa.BufferReader(content), parse_options=parsing, convert_options=options)
    return pa.table({name: as_delivered(table[name]) for name in table.column_names})


def _parsed(name: str, read: Callable[[], pa.Table]) -> pa.Table:
    try:
        return read()
    except (pa.ArrowException, StopIteration, UnicodeDecodeError) as error:
        raise NotAResultError(f"{name}: found no table ({type(error).__name__}), {_AS_WRITTEN}") from None


_AS_WRITTEN = "allowed: the file as the run wrote it"
