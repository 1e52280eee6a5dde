"""The child process that parses files: a small loop over its standard input, fenced in by the operating system.

One child reads all files of a delivery, because starting Python costs more than reading a hundred workbooks. Each file
gets its own allowance of CPU time. What takes more, or more memory, ends the child, and the parent says so.

A frame is its length (8 bytes) and its bytes. A request is two frames, a JSON head and the file's bytes; an answer is
a JSON head and, for cells, an Arrow stream.
"""

from __future__ import annotations

import json
import resource
import signal
import sys
from collections.abc import Callable, Collection, Mapping
from typing import Any, BinaryIO, Final

import pyarrow as pa

from data_contracts.problems import UnreadableError
from data_contracts.readers.columnar import parquet_sheet
from data_contracts.readers.delimited import delimited_sheet
from data_contracts.readers.grid import sheet_under_header
from data_contracts.readers.records import record_sheet
from data_contracts.readers.sheet import Sheet
from data_contracts.readers.workbooks import KINDS, Workbook

LENGTH: Final = 8
MEMORY_BYTES: Final = 3 << 29
MEMORY_PER_BYTE: Final = 12
LARGE: Final = 1 << 25
CPU_SECONDS: Final = 1.0
CPU_SECONDS_PER_MB: Final = 3.0
CPU_SECONDS_PER_TEXT_MB: Final = 0.5
_LEAST: Final = 0.001
_TEXTS: Final = (".csv", ".json")
_SINGLE: Final[Mapping[str, Callable[[bytes, str, Collection[str]], Sheet]]] = {
    ".csv": delimited_sheet,
    ".json": record_sheet,
    ".parquet": parquet_sheet,
}


def memory_for(suffix: str, size: int) -> int:
    """Bytes that a child may have to read a file of *size* bytes: large rows of text need more."""
    return MEMORY_BYTES + (MEMORY_PER_BYTE * size if suffix in _SINGLE and size > LARGE else 0)


def seconds_for(suffix: str, size: int) -> float:
    """CPU-seconds that a file of *size* bytes may take: one that is packed holds more than it shows."""
    return CPU_SECONDS + (CPU_SECONDS_PER_TEXT_MB if suffix in _TEXTS else CPU_SECONDS_PER_MB) * size / (1 << 20)


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer until the input ends."""
    opened: Opened | None = None
    seconds = 0.0
    while head := read_frame(requests):
        wanted, data = json.loads(head), read_frame(requests)
        if data:
            opened, seconds = None, seconds_for(wanted["suffix"], len(data))
        _limit_cpu(seconds)
        try:
            if data:
                opened = Opened(data, wanted["file"], wanted["suffix"])
                _answer(answers, {"sheets": opened.sheets})
            elif opened is not None:
                _answer_sheet(answers, opened.read(wanted["sheet"], frozenset(wanted["known"])))
        except UnreadableError as error:
            values = {name: value if isinstance(value, int) else str(value) for name, value in error.values.items()}
            _answer(answers, {"code": error.code, "place": error.place, "values": values})
        except MemoryError:
            _answer(answers, {"code": "file.costly", "place": wanted["file"], "values": {"found": "memory"}})
        except Exception as error:  # noqa: BLE001  # a fault of ours costs its file, and not the delivery
            values = {"found": type(error).__name__, "allowed": ", ".join(_SINGLE) + ", " + KINDS}
            _answer(answers, {"code": "file.unreadable", "place": wanted["file"], "values": values})
        seconds = max(_limit_cpu(0), _LEAST)


class Opened:
    """A file whose sheets can be read; raises UnreadableError."""

    def __init__(self, data: bytes, file: str, suffix: str) -> None:
        self._data, self._file, self._suffix = data, file, suffix
        self._book = None if suffix in _SINGLE else Workbook.of(data, file, suffix)
        self.sheets = ("",) if self._book is None else self._book.sheets

    def read(self, sheet: str, known: Collection[str]) -> Sheet:
        """The cells of one sheet, under their header."""
        if self._book is None:
            return _SINGLE[self._suffix](self._data, self._file, known)
        place = Sheet(self._file, sheet, {}, pa.array([], pa.int64()))
        return sheet_under_header(place, self._book.read(sheet), known)


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


def _answer_sheet(answers: BinaryIO, sheet: Sheet) -> None:
    """Cells go straight into the pipe: a copy of them would count against this process."""
    damage, cover = ({name: list(found.items()) for name, found in one.items()} for one in (sheet.damage, sheet.cover))
    head = {"headers": list(sheet.columns), "damage": damage, "cover": cover, "sparse": sheet.sparse}
    columns = [*sheet.columns.values(), sheet.rows]
    batch = pa.record_batch(columns, names=[str(place) for place in range(len(columns))])
    size = pa.MockOutputStream()
    _write(size, batch)
    answers.write(frame(json.dumps(head).encode()) + size.size().to_bytes(LENGTH, "big"))
    _write(answers, batch)
    answers.flush()


def _write(sink: object, batch: pa.RecordBatch) -> None:
    with pa.ipc.new_stream(sink, batch.schema) as stream:
        stream.write_batch(batch)


def _limit_cpu(seconds: float) -> float:
    """Let the system end this process after so many seconds of work, 0: never; what was left of the limit before."""
    return signal.setitimer(signal.ITIMER_PROF, seconds)[0]


def _fence(memory: int) -> None:
    """No core, no file, no process, no more memory than is stated."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


if __name__ == "__main__":
    _fence(int(sys.argv[1]))
    serve(sys.stdin.buffer, sys.stdout.buffer)
