"""Contract files in, contracts out: Open Data Contract Standard 3.2, one delivered table per file."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources.abc import Traversable
from pathlib import Path

from data_contracts.model import Contract


class ContractError(ValueError):
    """Contract files that cannot be used.

    Attributes:
        problems: One `file:line: found …, allowed: …` per fault.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


def load_contract(text: str, source: str) -> Contract:
    """Read one contract file.

    Raises:
        ContractError: Listing every fault of the file.
    """
    raise NotImplementedError


def load_contracts(folders: Sequence[Traversable | Path]) -> dict[str, Contract]:
    """Read all `*.odcs.yaml` of *folders*, by table name, and check foreign keys across them.

    Raises:
        ContractError: Listing every fault of every file; the same table twice is one.
    """
    raise NotImplementedError
