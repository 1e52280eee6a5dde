"""The parent's side of the child process that parses files: `Fence` starts it, asks it and buries it.

It is started with the first file and serves all that follow; when a file kills it, that one is refused and the next
gets a new child, as does a file so large that it needs more memory. A fresh interpreter is started, not a fork: this
process has threads of its own.
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
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import IO, Any, Final, Self

import pyarrow as pa

from data_contracts.problems import UnreadableError
from data_contracts.readers.sheet import Sheet
from data_contracts.readers.worker import LENGTH, frame, memory_for

MAX_HEAD: Final = 1 << 26
WALL_SECONDS: Final = 60
WALL_SECONDS_PER_MB: Final = 10
_PIECE: Final = 1 << 20
_KEPT: Final = ("PATH", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "LANG", "LC_ALL")
_QUIET: Final = {"ARROW_DEFAULT_MEMORY_POOL": "system", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


class Fence:
    """A child process that parses files, started when there is one; use as a context."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._memory = 0
        self._open: FencedFile | None = None

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

    def open(self, data: bytes, file: str, suffix: str) -> FencedFile:
        """Open a file in the child.

        Raises:
            UnreadableError: It cannot be opened, or not within its limits of time and memory.
        """
        self._prepare(memory_for(suffix, len(data)))
        head, _ = self._ask({"file": file, "suffix": suffix}, data, file, len(data))
        self._open = FencedFile(self, data, file, suffix, tuple(head["sheets"]))
        return self._open

    def sheet(self, opened: FencedFile, name: str, known: Collection[str]) -> Sheet:
        """The cells of one sheet of *opened*, which is opened again when the child holds another file."""
        if self._open is not opened:
            self.open(opened.data, opened.file, opened.suffix)
            self._open = opened
        wanted = {"sheet": name, "file": opened.file, "known": sorted(known)}
        head, cells = self._ask(wanted, b"", opened.file, len(opened.data))
        *columns, rows = pa.ipc.open_stream(pa.py_buffer(cells)).read_next_batch().columns
        return Sheet(
            opened.file,
            name,
            dict(zip(head["headers"], columns, strict=True)),
            rows,
            {header: dict(found) for header, found in head["damage"].items()},
            head["sparse"],
            {header: dict(found) for header, found in head["cover"].items()},
        )

    def _ask(self, wanted: Mapping[str, Any], data: bytes, file: str, size: int) -> tuple[dict[str, Any], bytearray]:
        child = self._running()
        deadline = time.monotonic() + WALL_SECONDS + WALL_SECONDS_PER_MB * (size >> 20)
        try:
            _send(child, frame(json.dumps(wanted).encode()), len(data).to_bytes(LENGTH, "big"), data)
            head = json.loads(_received(child, deadline, MAX_HEAD))
            cells = _received(child, deadline, self._memory)
        except (BrokenPipeError, EOFError, TimeoutError) as error:
            self.close()
            raise UnreadableError("file.costly", file, found=_how_it_ended(child, error)) from None
        if "code" in head:
            raise UnreadableError(head["code"], head["place"], **head["values"])
        return head, cells

    def _prepare(self, memory: int) -> None:
        """Bury a child whose allowance of memory is not this one."""
        if memory != self._memory:
            self.close()
        self._memory = memory

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is None:
            environment = {name: os.environ[name] for name in _KEPT if name in os.environ} | _QUIET
            self._child = subprocess.Popen(  # noqa: S603  # our own interpreter and module, no delivered word
                [sys.executable, "-P", "-m", "data_contracts.readers.worker", str(self._memory)],
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
class FencedFile:
    """A file that the child has opened.

    Attributes:
        data: Its bytes, to open it again.
        sheets: Visible worksheets in their order; one empty name for any file that is no workbook.
    """

    fence: Fence
    data: bytes
    file: str
    suffix: str
    sheets: tuple[str, ...]

    def read(self, sheet: str, known: Collection[str]) -> Sheet:
        """The cells of one sheet under the row in which most of the *known* header keys stand.

        Raises:
            UnreadableError: The cells cannot be used, or not read within the limits.
        """
        return self.fence.sheet(self, sheet, known)


def _widen(pipe: IO[bytes] | None) -> None:
    """Let a whole sheet through at once where the system has such pipes; each full pipe costs two process switches."""
    if pipe is not None and hasattr(fcntl, "F_SETPIPE_SZ"):
        with contextlib.suppress(OSError):
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIECE)


def _send(child: subprocess.Popen[bytes], *contents: bytes) -> None:
    for content in contents:
        left = memoryview(content)
        while child.stdin is not None and left:
            left = left[child.stdin.write(left) :]


def _received(child: subprocess.Popen[bytes], deadline: float, limit: int) -> bytearray:
    length = int.from_bytes(_exactly(child, LENGTH, deadline), "big")
    if length > limit:
        raise EOFError("the answer is too large")
    return _exactly(child, length, deadline)


def _exactly(child: subprocess.Popen[bytes], size: int, deadline: float) -> bytearray:
    if child.stdout is None:
        raise EOFError("no answer")
    pipe, content, done = child.stdout.fileno(), bytearray(size), 0
    while done < size:
        if not select.select([pipe], [], [], max(deadline - time.monotonic(), 0))[0]:
            raise TimeoutError("no answer in time")
        got = os.readv(pipe, [memoryview(content)[done : done + _PIECE]])
        if not got:
            raise EOFError("the child has ended")
        done += got
    return content


def _how_it_ended(child: subprocess.Popen[bytes], error: Exception) -> str:
    """What stopped the child, for people: time, or memory (its allocators give up by ending the process)."""
    return "time" if isinstance(error, TimeoutError) or child.returncode == -signal.SIGPROF else "memory"
