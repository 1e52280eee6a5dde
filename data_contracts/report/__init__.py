"""A batch as one HTML page, in Chinese or English: no script, no address, nothing to fetch.

Great Expectations' own pages load from public servers; this one opens on a desk without a network, and prints.
"""

from __future__ import annotations

from data_contracts.report.page import batch_report

__all__ = ["batch_report"]
