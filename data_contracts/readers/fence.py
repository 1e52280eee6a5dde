"""The parent's side of the child process that opens workbooks: `Fence` starts it, asks it and buries it.

It is started with the first workbook and serves all that follow; when a workbook kills it, that one is refused and the
next gets a new child. A fresh interpreter is started, not a fork: this process has threads of its own.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Any, Final, Self

import pyarrow as pa

from data_contracts.problems import UnreadableError
from data_contracts.readers.grid import Grid
from data_contracts.readers.worker import LENGTH, frame

MAX_ANSWER: Final = 1 << 30
WALL_SECONDS: Final = 60
WALL_SECONDS_PER_MB: Final = 10
_PIECE: Final = 1 << 20
_KEPT: Final = ("PATH", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "LANG", "LC_ALL")
_QUIET: Final = {"ARROW_DEFAULT_MEMORY_POOL": "system", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


class Fence:
    """A child process that opens workbooks, started when there is one; use as a context."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._open: FencedWorkbook | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the child."""
        child, self._child, self._open = self._child, None, None
        if child is None:
            return
        child.kill()
        child.communicate()

    def open(self, data: bytes, file: str, suffix: str) -> FencedWorkbook:
        """Open a workbook in the child.

        Raises:
            UnreadableError: It cannot be opened, or not within its limits of time and memory.
        """
        head, _ = self._ask({"file": file, "suffix": suffix}, data, file, len(data))
        self._open = FencedWorkbook(self, data, file, suffix, tuple(head["sheets"]))
        return self._open

    def cells(self, book: FencedWorkbook, sheet: str) -> Grid:
        """The cells of one sheet of *book*, which is opened again when the child holds another one."""
        if self._open is not book:
            self.open(book.data, book.file, book.suffix)
            self._open = book
        head, cells = self._ask({"sheet": sheet, "file": book.file}, b"", book.file, len(book.data))
        batch = pa.ipc.open_stream(pa.py_buffer(cells)).read_next_batch()
        damage = {(row, column): kind for row, column, kind in head["damage"]}
        merged = [(top, left, bottom, right) for top, left, bottom, right in head["merged"]]
        return Grid(batch.columns, head["first_row"], damage, merged)

    def _ask(self, wanted: Mapping[str, str], data: bytes, file: str, size: int) -> tuple[dict[str, Any], bytes]:
        child = self._running()
        deadline = time.monotonic() + WALL_SECONDS + WALL_SECONDS_PER_MB * (size >> 20)
        try:
            _send(child, frame(json.dumps(wanted).encode()) + frame(data))
            head, cells = json.loads(_received(child, deadline)), _received(child, deadline)
        except (BrokenPipeError, EOFError, TimeoutError) as error:
            self.close()
            raise UnreadableError("file.costly", file, found=_how_it_ended(child, error)) from None
        if "code" in head:
            raise UnreadableError(head["code"], head["place"], **head["values"])
        return head, cells

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is None:
            environment = {name: os.environ[name] for name in _KEPT if name in os.environ} | _QUIET
            self._child = subprocess.Popen(  # our own interpreter and module, no delivered word
                [sys.executable, "-P", "-m", "data_contracts.readers.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment,
                bufsize=0,
            )
            for pipe in (self._child.stdin, self._child.stdout):
                _widen(pipe)
        return self._child


@dataclass(frozen=True, slots=True, eq=False)
class FencedWorkbook:
    """A workbook that the child has opened.

    Attributes:
        data: Its bytes, to open it again.
        sheets: Visible worksheets, in their order.
    """

    fence: Fence
    data: bytes
    file: str
    suffix: str
    sheets: tuple[str, ...]

    def read(self, sheet: str) -> Grid:
        """The cells of one sheet; raises UnreadableError."""
        return self.fence.cells(self, sheet)


def _widen(pipe: IO[bytes] | None) -> None:
    """Let a whole sheet through at once where the system has such pipes; each full pipe costs two process switches."""
    if pipe is not None and hasattr(fcntl, "F_SETPIPE_SZ"):
        with contextlib.suppress(OSError):
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIECE)


def _send(child: subprocess.Popen[bytes], content: bytes) -> None:
    left = memoryview(content)
    while child.stdin is not None and left:
        left = left[child.stdin.write(left) :]


def _received(child: subprocess.Popen[bytes], deadline: float) -> bytes:
    length = int.from_bytes(_exactly(child, LENGTH, deadline), "big")
    if length > MAX_ANSWER:
        raise EOFError("the answer is too large")
    return _exactly(child, length, deadline)


def _exactly(child: subprocess.Popen[bytes], size: int, deadline: float) -> bytes:
    if child.stdout is None:
        raise EOFError("no answer")
    pipe, pieces = child.stdout.fileno(), []
    while size:
        if not select.select([pipe], [], [], max(deadline - time.monotonic(), 0))[0]:
            raise TimeoutError("no answer in time")
        piece = os.read(pipe, min(size, _PIECE))
        if not piece:
            raise EOFError("the child has ended")
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


def _how_it_ended(child: subprocess.Popen[bytes], error: Exception) -> str:
    """What stopped the child, for people: time, or memory (its allocators give up by ending the process)."""
    return "time" if isinstance(error, TimeoutError) or child.returncode == -signal.SIGXCPU else "memory"
