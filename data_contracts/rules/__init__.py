"""From the words of a contract to its one list of rules: `listing` gathers, `quality` and `values` read."""

from __future__ import annotations

from data_contracts.rules.listing import RuleList
from data_contracts.rules.values import custom_entries, custom_properties

__all__ = ["RuleList", "custom_entries", "custom_properties"]
