"""Run a contract's rules over one delivered table: every broken cell named, every accepted row known.

`outcome` holds the shapes, `columns` the table as the rules see it, `cells`, `repeats` and `parents` one kind of rule
each, `run` puts them together.
"""

from __future__ import annotations

from data_contracts.check.outcome import Checked, Compared, Origin, Parent, Unreadable
from data_contracts.check.run import check

__all__ = ["Checked", "Compared", "Origin", "Parent", "Unreadable", "check"]
