"""The lake: accepted records as immutable Parquet, each file named by the SHA-256 of its bytes.

One content is one file, so storing twice is storing once, and a file that is there is never written again. Writer
settings are fixed; the bytes still depend on the Arrow that wrote them (it signs its files), the records do not.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from data_contracts.model import RECORD_ID

SUFFIX: Final = ".parquet"
ROW_GROUP: Final = 131_072


class LakeError(ValueError):
    """A file of the lake that is missing or is not what its name says."""


@dataclass(frozen=True, slots=True)
class LakeFile:
    """One file of the lake.

    Attributes:
        table: Contract table; also the folder.
        sha256: Of the file's bytes; also its name.
        rows: Records in it.
        bytes: Its size.
    """

    table: str
    sha256: str
    rows: int
    bytes: int

    def path(self, root: Path) -> Path:
        """Where it lies under the lake's *root*."""
        return root / self.table / f"{self.sha256}{SUFFIX}"


def store(root: Path, table: str, records: pa.Table) -> LakeFile:
    """Put *records* into the lake, sorted by record id.

    The file appears whole or not at all: it is written beside its place, flushed, and linked to its name.

    Args:
        root: Folder of the lake, made when it is not there.
        table: Contract table.
        records: Columns `record_id` first.

    Raises:
        LakeError: A file of that name is there with other bytes.
        OSError: The disk is full or may not be written; nothing is left behind.
    """
    data = parquet_bytes(records)
    file = LakeFile(table, hashlib.sha256(data).hexdigest(), records.num_rows, len(data))
    path = file.path(root)
    if path.exists():
        _verified(path, file.sha256)
        return file
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".partial")
    try:
        with os.fdopen(handle, "wb") as partial:
            partial.write(data)
            partial.flush()
            os.fsync(partial.fileno())
        Path(name).chmod(0o444)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return file


def fetch(root: Path, file: LakeFile) -> pa.Table:
    """The records of *file*, after its bytes have been compared with its name.

    Raises:
        LakeError: The file is missing or was changed.
    """
    return pq.read_table(pa.BufferReader(_verified(file.path(root), file.sha256)))


def parquet_bytes(records: pa.Table) -> bytes:
    """*records* as Parquet: sorted by record id, one chunk, fixed compression, encodings and row groups."""
    ordered = records.take(pc.sort_indices(records[RECORD_ID])).combine_chunks().replace_schema_metadata(None)
    sink = pa.BufferOutputStream()
    pq.write_table(
        ordered,
        sink,
        row_group_size=ROW_GROUP,
        version="2.6",
        data_page_version="1.0",
        compression="zstd",
        compression_level=3,
        use_dictionary=True,
        write_statistics=True,
        store_schema=False,
    )
    data: bytes = sink.getvalue().to_pybytes()
    return data


def _verified(path: Path, sha256: str) -> bytes:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise LakeError(f"{path}: found no such file, allowed: every file that was stored") from None
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        raise LakeError(f"{path}: found content {found[:12]}…, allowed: the content its name says")
    return data
