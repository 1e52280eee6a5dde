"""What tests of several packages need: a PostgreSQL server."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


class Server:
    """A PostgreSQL server of its own in a temporary folder, reached by a socket in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def address(self) -> str:
        """As SQLAlchemy takes it; the host in front is not looked up."""
        return f"postgresql+psycopg://postgres@socket/postgres?host={self.folder}"

    def psql(self, script: str) -> str:
        """What a script prints."""
        place = ("-h", str(self.folder), "-U", "postgres", "-d", "postgres")
        return self.call("psql", "-qX", "-v", "ON_ERROR_STOP=1", *place, text=script)

    def call(self, *command: str, text: str = "") -> str:
        """Run a program as the server's user."""
        user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        done = subprocess.run([*user, *command], input=text, capture_output=True, text=True, cwd="/", check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout


def _program(name: str) -> str:
    found = shutil.which(name) or next(iter(sorted(map(str, Path("/usr/lib/postgresql").glob(f"*/bin/{name}")))), None)
    assert found is not None, f"found no {name}, allowed: a PostgreSQL server (`make system`)"
    return found


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL server that ends with the tests."""
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    server, data = Server(folder), str(folder / "data")
    try:
        superuser = ("-U", "postgres", "-A", "trust")
        server.call(_program("initdb"), "-D", data, "-E", "UTF8", "--locale=C", "--no-sync", *superuser)
        options = f"-k {folder} -c listen_addresses='' -c fsync=off"
        server.call(_program("pg_ctl"), "-D", data, "-w", "-l", str(folder / "log"), "-o", options, "start")
        yield server
        server.call(_program("pg_ctl"), "-D", data, "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
