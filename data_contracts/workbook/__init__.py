"""Workbooks for offices: templates to fill in, rows to mend, an original with its broken cells marked.

Every cell is written as text or number by its own call, never as what it looks like: a delivered `=…` stays a word.
"""

from __future__ import annotations

from data_contracts.workbook.annotated import annotated_copies, annotated_copy
from data_contracts.workbook.fixes import fix_workbooks
from data_contracts.workbook.queue import QUEUE_PREFIX, queue_workbook
from data_contracts.workbook.returned import ReturnedRows
from data_contracts.workbook.template import template_name, template_workbook

__all__ = [
    "QUEUE_PREFIX",
    "ReturnedRows",
    "annotated_copies",
    "annotated_copy",
    "fix_workbooks",
    "queue_workbook",
    "template_name",
    "template_workbook",
]
