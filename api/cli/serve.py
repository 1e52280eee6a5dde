"""`serve`: a finished result in the browser, on this machine unless told otherwise."""

from __future__ import annotations

import sys
from importlib.abc import MetaPathFinder
from pathlib import Path

from api.cli.say import note


def serve(out: Path, host: str = "127.0.0.1", port: int = 8000) -> None:
    """Serve the result in *out* until interrupted.

    Raises:
        NotAResultError: *out* holds no result.
        DocumentError: The rulebook kept with the result cannot be read.
        SystemExit: 1 when the port is taken.
    """
    sys.meta_path.insert(0, _WithoutPandas())
    import uvicorn

    from api.app import create_app

    app = create_app(out)
    note(f"serving {out} at http://{host}:{port}/ (stop with Ctrl+C)")
    uvicorn.run(app, host=host, port=port, log_level="warning", server_header=False)


class _WithoutPandas(MetaPathFinder):
    """Keeps pandas out of a process: pyarrow imports it with the first list it is given, wherever it is installed.

    Showing a rating needs none of it; without it the service is up sooner and smaller.
    """

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> None:  # noqa: ARG002 - as Python asks
        if fullname == "pandas":
            raise ModuleNotFoundError("found an import of pandas, allowed: none in what shows ratings", name=fullname)
