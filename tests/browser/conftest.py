"""Chromium over running services: the town of the other tests, and a small synthetic Kunming as the demo makes it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, sync_playwright

from api.app import create_app
from data_contracts.intake import take_in
from scoring.evaluation import evaluate
from scoring.evaluation.result import write_result
from scoring.rulebook import find_rulebook, load_rulebook
from scoring.synthetic import synthesize
from tests.api.town.build import build_town

CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)


@contextmanager
def serving(out: Path) -> Iterator[str]:
    """Address of a running service over *out*."""
    config = uvicorn.Config(create_app(out), host="127.0.0.1", port=0, log_level="error")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running service over the town."""
    with serving(build_town(tmp_path_factory.mktemp("town") / "out")) as address:
        yield address


@pytest.fixture(scope="session")
def kunming(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running service over a quarter of the synthetic city."""
    folder = tmp_path_factory.mktemp("kunming")
    synthesize(folder / "city", seed=1, scale=0.25, formats=("parquet",), jobs=1)
    source = find_rulebook("kunming/2024")
    book = load_rulebook(source)
    intake = take_in(folder / "city" / "delivered", book.contracts, {})
    write_result(folder / "out", evaluate(book, intake.tables), intake, {}, source, with_records=True)
    with serving(folder / "out") as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's chromium, without a window."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS.split())
        yield opened
        opened.close()
