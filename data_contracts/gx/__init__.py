"""The official validation record: the same rules and counts as Great Expectations suites and results.

`suites` says each rule as an expectation, `record` fills Great Expectations' own results from the counts of the row
checks, `reopen` makes a checkpoint's result of a kept record, `oracle` lets Great Expectations count by itself, for the
tests. This is the only room that imports great_expectations (seconds); import it late.
"""

from __future__ import annotations

from data_contracts.gx.oracle import frame_of, oracle, sql_oracle
from data_contracts.gx.record import record
from data_contracts.gx.reopen import reopened
from data_contracts.gx.suites import expectation_of, suite_document, suite_of

__all__ = ["expectation_of", "frame_of", "oracle", "record", "reopened", "sql_oracle", "suite_document", "suite_of"]
