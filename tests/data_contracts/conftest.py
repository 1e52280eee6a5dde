"""What several tests of contracts need: the city with planted failures, made once."""

from __future__ import annotations

import pytest

from data_contracts.intake.gather import gather
from data_contracts.intake.make import make_tables
from scoring.synthetic import synthesize
from tests.data_contracts.planted import CONTRACTS, City


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    """A quarter of Kunming."""
    folder = tmp_path_factory.mktemp("planted") / "city"
    synthesize(folder, seed=1, scale=0.25, formats=("parquet",), jobs=1)
    made, problems = make_tables(gather(folder / "delivered", CONTRACTS, {}, None), CONTRACTS, {})
    assert problems == []
    return City(made)
