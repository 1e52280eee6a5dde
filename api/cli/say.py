"""What the terminal shows: progress on a terminal and nothing in a pipe, and every refusal as one clear message."""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer

REFUSED, USAGE = 1, 2
USAGE_ERRORS = ("OccupiedFolderError", "NotAResultError", "MissingFileError", "KeyFileError")


def note(text: str) -> None:
    """Tell people something, on standard error."""
    typer.echo(text, err=True)


def refuse(text: str, code: int = REFUSED) -> typer.Exit:
    """Say why; the caller raises what comes back, which ends the command with *code*."""
    note(text)
    return typer.Exit(code)


@contextmanager
def refusals() -> Iterator[None]:
    """Turn the product's own errors into a message and an exit code; any other fault keeps its traceback."""
    try:
        yield
    except OSError as error:
        sys.exit(_disk(error))
    except ValueError as error:
        if not _is_ours(error):
            raise
        note(str(error))
        sys.exit(USAGE if type(error).__name__ in USAGE_ERRORS else REFUSED)
    except (LookupError, OverflowError) as error:
        if not _is_ours(error):
            raise
        note(str(error.args[0]))
        sys.exit(USAGE if type(error).__name__ == "UnknownRulebookError" else REFUSED)


def _is_ours(error: Exception) -> bool:
    return type(error).__module__.partition(".")[0] in ("data_contracts", "scoring", "api")


def _disk(error: OSError) -> int:
    reasons = {
        errno.ENOSPC: "found no space left on the disk, allowed: enough room for the whole result; nothing was changed",
        errno.EACCES: "found no permission, allowed: a folder that can be written; nothing was changed",
        errno.EROFS: "found a read-only disk, allowed: a folder that can be written; nothing was changed",
    }
    reason = reasons.get(error.errno or 0)
    if reason is None:
        raise error
    note(f"{error.filename or 'output'}: {reason}")
    return REFUSED


@contextmanager
def progress() -> Iterator[Callable[[str, int, int], None]]:
    """A progress display on a terminal; silent in a pipe."""
    if not sys.stderr.isatty():
        yield lambda *_: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as display:
        tasks: dict[str, object] = {}

        def show(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = display.add_task(stage, total=total)
            display.update(tasks[stage], completed=done, total=total)  # type: ignore[arg-type]  # ids come from add_task

        yield show


def table(headers: list[str], rows: list[list[str]], numeric: tuple[int, ...] = ()) -> None:
    """Print an aligned table; Chinese characters count as two columns wide."""
    shown = [headers, *rows]
    widths = [max((_width(row[place]) for row in shown), default=0) for place in range(len(headers))]
    for row in shown:
        cells = [_padded(cell, widths[place], right=place in numeric) for place, cell in enumerate(row)]
        typer.echo("  " + "  ".join(cells).rstrip())


def _width(text: str) -> int:
    from unicodedata import east_asian_width

    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def _padded(text: str, width: int, *, right: bool) -> str:
    gap = " " * (width - _width(text))
    return gap + text if right else text + gap
