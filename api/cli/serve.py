"""`serve`: a finished result in the browser, on this machine unless told otherwise."""

from __future__ import annotations

from pathlib import Path

from api.cli.say import note


def serve(out: Path, host: str = "127.0.0.1", port: int = 8000) -> None:
    """Serve the result in *out* until interrupted.

    Raises:
        NotAResultError: *out* holds no result.
        DocumentError: The rulebook kept with the result cannot be read.
        SystemExit: 1 when the port is taken.
    """
    import uvicorn

    from api.app import create_app

    app = create_app(out)
    note(f"serving {out} at http://{host}:{port}/ (stop with Ctrl+C)")
    uvicorn.run(app, host=host, port=port, log_level="warning", server_header=False)
