"""What keeps rows from being rated, told to people: `refused` as a file for offices, `told` line by line."""

from __future__ import annotations

from data_contracts.quarantine.refused import COLUMNS, inert, refused_csv
from data_contracts.quarantine.told import (
    failure_line,
    headers,
    more_line,
    more_problems_line,
    rows_line,
    unclaimed_line,
)

__all__ = [
    "COLUMNS",
    "failure_line",
    "headers",
    "inert",
    "more_line",
    "more_problems_line",
    "refused_csv",
    "rows_line",
    "unclaimed_line",
]
