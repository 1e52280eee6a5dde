"""The child process that opens workbooks: a small loop over its standard input, fenced in by the operating system.

One child reads all workbooks of a delivery, because starting Python costs more than reading a hundred of them. Each
request gets its own allowance of CPU time. What takes more, or more memory, ends the child, and the parent says so.

A frame is its length (8 bytes) and its bytes. A request is two frames, a JSON head and the file's bytes; an answer is
a JSON head and, for cells, an Arrow stream.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Mapping
from typing import Any, BinaryIO, Final

import pyarrow as pa

from data_contracts.problems import UnreadableError
from data_contracts.readers.grid import Grid
from data_contracts.readers.workbooks import Workbook

LENGTH: Final = 8
MEMORY_BYTES: Final = 3 << 29
CPU_SECONDS: Final = 2
CPU_SECONDS_PER_MB: Final = 3


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer until the input ends."""
    book: Workbook | None = None
    while head := read_frame(requests):
        wanted, data = json.loads(head), read_frame(requests)
        if data:
            _allow_cpu(len(data))
            book = None
        try:
            if data:
                book = Workbook.of(data, wanted["file"], wanted["suffix"])
                _answer(answers, {"sheets": book.sheets})
            elif book is not None:
                _answer_grid(answers, book.read(wanted["sheet"]))
        except UnreadableError as error:
            values = {name: value if isinstance(value, int) else str(value) for name, value in error.values.items()}
            _answer(answers, {"code": error.code, "place": error.place, "values": values})
        except MemoryError:
            _answer(answers, {"code": "file.costly", "place": wanted["file"], "values": {}})


def read_frame(stream: BinaryIO) -> bytes:
    """The next frame; empty at the end of the input."""
    length = stream.read(LENGTH)
    return stream.read(int.from_bytes(length, "big")) if len(length) == LENGTH else b""


def frame(content: bytes) -> bytes:
    r"""*content* behind its length.

    >>> frame(b"ab")
    b'\x00\x00\x00\x00\x00\x00\x00\x02ab'
    """
    return len(content).to_bytes(LENGTH, "big") + content


def _answer(answers: BinaryIO, head: Mapping[str, Any], cells: bytes = b"") -> None:
    answers.write(frame(json.dumps(head).encode()) + frame(cells))
    answers.flush()


def _answer_grid(answers: BinaryIO, grid: Grid) -> None:
    names = [str(place) for place in range(len(grid.columns))]
    batch = pa.record_batch(list(grid.columns), names=names)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as stream:
        stream.write_batch(batch)
    damage = [[row, column, kind] for (row, column), kind in grid.damage.items()]
    head = {"first_row": grid.first_row, "damage": damage, "merged": [list(block) for block in grid.merged]}
    _answer(answers, head, sink.getvalue().to_pybytes())


def _allow_cpu(size: int) -> None:
    """Let the CPU time grow with the file that was just received; the hard limit ends what ignores the soft one."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(used.ru_utime + used.ru_stime) + CPU_SECONDS + CPU_SECONDS_PER_MB * (size >> 20)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.RLIM_INFINITY))


def _fence() -> None:
    """No core, no file, no process, no more memory than is stated."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


if __name__ == "__main__":
    _fence()
    serve(sys.stdin.buffer, sys.stdout.buffer)
