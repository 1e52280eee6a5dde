"""Contract files in, contracts out: Open Data Contract Standard 3.2, one delivered table per file."""

from __future__ import annotations

from data_contracts.odcs.load import SUFFIX, ContractError, load_contract, load_contracts

__all__ = ["SUFFIX", "ContractError", "load_contract", "load_contracts"]
