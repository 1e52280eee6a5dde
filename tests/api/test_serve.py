"""The process behind `serve`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HEAVY = ("pandas", "sklearn", "matplotlib", "great_expectations", "scipy")
PROGRAM = f"""
import sys
from pathlib import Path

import uvicorn
from starlette.testclient import TestClient

uvicorn.run = lambda app, **_: served.append(app)
served = []

from api.cli.serve import serve

serve(Path(sys.argv[1]))
client = TestClient(served[0])
for path in ("/", "/units/project", "/units/project/P1", "/sites", "/rulebook", "/v1/project/P1", "/v1/project"):
    assert client.get(path).status_code == 200, path
print(sorted(name for name in {HEAVY!r} if sys.modules.get(name) is not None))
"""


def test_what_shows_a_rating_imports_neither_pandas_nor_scikit_learn(town: Path):
    """The public look-up is a small process that is up at once, on the machine of any county."""
    done = subprocess.run([sys.executable, "-c", PROGRAM, str(town)], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr
