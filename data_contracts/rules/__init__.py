"""From the words of a contract to its one list of rules: `listing` gathers, `quality` and `values` read."""

from __future__ import annotations

from data_contracts.rules.listing import RuleList
from data_contracts.rules.values import COLUMN_PROPERTIES, custom_entries, custom_properties

__all__ = ["COLUMN_PROPERTIES", "RuleList", "custom_entries", "custom_properties"]
