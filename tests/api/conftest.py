"""The town's result, and a client of a service over it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from tests.api.town.build import build_town


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A result folder that no test changes."""
    return build_town(tmp_path_factory.mktemp("town") / "out")


@pytest.fixture(scope="session")
def client(town: Path) -> Iterator[TestClient]:
    """A browser without a language of its own."""
    with TestClient(create_app(town), headers={"accept-language": ""}) as opened:
        yield opened
