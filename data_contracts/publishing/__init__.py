"""What is written from contracts and never by hand: the data dictionary, JSON Schemas, and what a change breaks.

The tests hold the files in the repository against what these functions write.
"""

from __future__ import annotations

from data_contracts.publishing.dictionary import data_dictionary
from data_contracts.publishing.json_schema import json_schema, json_text
from data_contracts.publishing.releases import breaking_changes, declares_break

__all__ = ["breaking_changes", "data_dictionary", "declares_break", "json_schema", "json_text"]
