"""The contracts that travel with the package."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from data_contracts.model import Contract
from data_contracts.odcs import load_contracts


@cache
def shipped_contracts() -> dict[str, Contract]:
    """All shipped contracts, by table name."""
    return load_contracts([files("data_contracts") / "contracts"])


@cache
def released_contracts() -> dict[str, Contract]:
    """The contracts as they were last released, by table name."""
    return load_contracts([files("data_contracts") / "released"])
