"""DuckDB, embedded: the default engine."""

from __future__ import annotations

import duckdb
import pyarrow as pa

from scoring.facts.engine import FactOverflowError, day_columns_as_numbers


class DuckDBEngine:
    """An in-memory DuckDB over Arrow tables; nothing is written to disk."""

    def __init__(self, threads: int = 2) -> None:
        self._connection = duckdb.connect(":memory:", config={"threads": threads, "enable_external_access": False})
        self._loaded: dict[str, pa.Table] = {}

    @property
    def name(self) -> str:
        """Name and version."""
        return f"duckdb {duckdb.__version__}"

    def load(self, name: str, table: pa.Table) -> None:
        """Register *table*; the connection holds it until the engine goes."""
        self._loaded[name] = day_columns_as_numbers(table)
        self._connection.register(name, self._loaded[name])

    def run(self, sql: str) -> pa.Table:
        """The answer of one query as Arrow."""
        try:
            return self._connection.sql(sql).to_arrow_table()
        except (duckdb.OutOfRangeException, duckdb.ConversionException) as error:
            raise FactOverflowError(str(error).splitlines()[0]) from None
