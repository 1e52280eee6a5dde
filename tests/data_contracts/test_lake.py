"""The lake: one content is one file, and no file changes."""

from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path

import pyarrow as pa
import pytest

from data_contracts.lake import LakeError, LakeFile, fetch, parquet_bytes, store

RECORDS = pa.table({"record_id": ["b", "a", "é", "Z"], "points": pa.array([2, 1, None, 4], pa.int64())})


def files(root: Path) -> list[str]:
    """Everything below the lake, hidden or not."""
    return sorted(path.name for path in root.rglob("*") if path.is_file())


def test_a_file_is_named_by_its_bytes(tmp_path):
    """Anyone can tell with sha256sum that a record was not touched."""
    file = store(tmp_path, "complaints", RECORDS)

    data = file.path(tmp_path).read_bytes()
    assert file == LakeFile("complaints", hashlib.sha256(data).hexdigest(), 4, len(data))
    assert file.path(tmp_path) == tmp_path / "complaints" / f"{file.sha256}.parquet"


def test_the_order_of_rows_and_chunks_leaves_no_trace():
    """A shuffled delivery is the same delivery."""
    shuffled = pa.concat_tables([RECORDS.slice(2), RECORDS.slice(0, 2)])

    assert parquet_bytes(shuffled) == parquet_bytes(RECORDS)


def test_records_come_back_sorted_by_the_bytes_of_their_id(tmp_path):
    """No locale decides the order, so no machine changes it."""
    file = store(tmp_path, "complaints", RECORDS)

    assert fetch(tmp_path, file).to_pydict() == {"record_id": ["Z", "a", "b", "é"], "points": [4, 1, 2, None]}


def test_schema_metadata_is_no_part_of_the_content():
    """Where a table came from does not make it another."""
    marked = RECORDS.replace_schema_metadata({"pandas": "x"})

    assert parquet_bytes(marked) == parquet_bytes(RECORDS)


def test_storing_twice_is_storing_once(tmp_path):
    """An unchanged table of last year takes no room."""
    first = store(tmp_path, "complaints", RECORDS)
    written = first.path(tmp_path).stat().st_mtime_ns

    second = store(tmp_path, "complaints", RECORDS)

    assert second == first
    assert first.path(tmp_path).stat().st_mtime_ns == written


def test_a_stored_file_is_read_only(tmp_path):
    """A slip of the hand does not edit the past."""
    file = store(tmp_path, "complaints", RECORDS)

    assert file.path(tmp_path).stat().st_mode & 0o777 == 0o444


def test_a_changed_file_is_refused(tmp_path):
    """A rating must not rest on records that somebody mended by hand."""
    file = store(tmp_path, "complaints", RECORDS)
    file.path(tmp_path).chmod(0o644)
    file.path(tmp_path).write_bytes(b"PAR1")

    for read in (lambda: fetch(tmp_path, file), lambda: store(tmp_path, "complaints", RECORDS)):
        with pytest.raises(LakeError, match="found content"):
            read()


def test_a_missing_file_is_refused(tmp_path):
    """An explicit list of files is read, never whatever lies there."""
    with pytest.raises(LakeError, match="found no such file"):
        fetch(tmp_path, LakeFile("complaints", "0" * 64, 1, 1))


def test_a_full_disk_leaves_nothing_behind(tmp_path, monkeypatch):
    """Half a file under a good name would be believed."""

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(OSError, match="No space left"):
        store(tmp_path, "complaints", RECORDS)
    assert files(tmp_path) == []
