"""Parquet files, one per table, written a block at a time so that a large city never stands in memory."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa
import pyarrow.parquet as pq


class ParquetFolder:
    """A folder of open Parquet files; a file appears with its first rows."""

    def __init__(self, folder: Path) -> None:
        """Make the folder."""
        self._folder = folder
        self._files: dict[str, pq.ParquetWriter] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Finish all files."""
        for file in self._files.values():
            file.close()

    def add(self, name: str, rows: pa.Table) -> None:
        """Append *rows* to the file of that name as one row group."""
        if not rows.num_rows:
            return
        if name not in self._files:
            path = self._folder / f"{name}.parquet"
            self._files[name] = pq.ParquetWriter(path, rows.schema, compression="zstd", store_schema=False)
        self._files[name].write_table(rows, row_group_size=rows.num_rows)
