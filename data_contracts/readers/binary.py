"""What the fast reader does not tell of an .xls workbook: cells that show an error, and the calendar it counts in.

The file is a small file system (compound file) with one stream of records. Only record heads are looked at; lengths are
never trusted, reading beyond the end gives less and not an exception.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from data_contracts.readers.sheet import Damage

_HEADER: Final = 512
_DIRECTORY_ENTRY: Final = 128
_END: Final = 0xFFFFFFFA  # this and all above mark the end of a chain or a free sector
_STREAMS: Final = ("Workbook", "Book")
_EOF, _BOUNDSHEET, _DATEMODE, _BOOLERR, _FORMULA, _BOF = 0x0A, 0x85, 0x22, 0x205, 0x06, 0x809
_BIFF8: Final = 0x600
_IS_ERROR: Final = 2
_NOT_A_NUMBER: Final = 0xFFFF


@dataclass(frozen=True, slots=True)
class BinaryBook:
    """The stream of records of a workbook.

    Attributes:
        records: Its bytes; empty where the file has none that can be found.
    """

    records: bytes

    @classmethod
    def of(cls, data: bytes) -> BinaryBook:
        """Find the stream in the bytes of a file."""
        size = 1 << min(_int(data, 30, 2), 16)
        sectors = _Sectors(data, max(size, _HEADER))
        table = b"".join(sectors.at(sector) for sector in sectors.table())
        directory = sectors.chain(_int(data, 48, 4), table)
        for start in range(0, len(directory), _DIRECTORY_ENTRY):
            entry = directory[start : start + _DIRECTORY_ENTRY]
            name = entry[: max(_int(entry, 64, 2) - 2, 0)].decode("utf-16-le", "ignore")
            if name in _STREAMS:
                return cls(sectors.chain(_int(entry, 116, 4), table)[: _int(entry, 120, 4)])
        return cls(b"")

    @property
    def counts_from_1904(self) -> bool:
        """Whether numbers of days are 1,462 less than elsewhere."""
        return any(kind == _DATEMODE and _int(self.records, at, 2) == 1 for kind, at, _ in self._records(0))

    def errors(self, sheet: str) -> dict[tuple[int, int], Damage]:
        """Row and column, both from 0, of each cell of *sheet* that shows an error."""
        start = dict(self._sheets()).get(sheet)
        if start is None:
            return {}
        found = (_error_at(kind, self.records[at : at + size]) for kind, at, size in self._records(start))
        return dict.fromkeys((place for place in found if place is not None), "error_value")

    def _sheets(self) -> Iterator[tuple[str, int]]:
        wide = False
        for kind, at, size in self._records(0):
            if kind == _BOF:
                wide = _int(self.records, at, 2) == _BIFF8
            elif kind == _BOUNDSHEET:
                head, text = (8, self.records[at + 8 : at + size]) if wide else (7, self.records[at + 7 : at + size])
                code = "utf-16-le" if wide and self.records[at + head - 1] & 1 else "latin-1"
                yield text.decode(code, "ignore"), _int(self.records, at, 4)

    def _records(self, at: int) -> Iterator[tuple[int, int, int]]:
        """Kind, place and size of each record of the part that begins at *at*."""
        while at + 4 <= len(self.records):
            kind, size = _int(self.records, at, 2), _int(self.records, at + 2, 2)
            yield kind, at + 4, size
            if kind == _EOF:
                return
            at += 4 + size


def _error_at(kind: int, body: bytes) -> tuple[int, int] | None:
    if kind == _BOOLERR:
        shows = len(body) > 7 and body[7] == 1
    else:
        shows = kind == _FORMULA and _int(body, 12, 2) == _NOT_A_NUMBER and body[6] == _IS_ERROR
    return (_int(body, 0, 2), _int(body, 2, 2)) if shows else None


@dataclass(frozen=True, slots=True)
class _Sectors:
    """A compound file as sectors of *size* bytes behind its header."""

    data: bytes
    size: int

    def at(self, sector: int) -> bytes:
        start = (sector + 1) * self.size
        return self.data[start : start + self.size]

    def table(self) -> Iterator[int]:
        """Sectors that hold the table of chains: 109 in the header, more in a chain of their own."""
        yield from self._listed(self.data[76:_HEADER])
        more = _int(self.data, 68, 4)
        for _ in range(len(self.data) // self.size):
            if more >= _END:
                return
            listed = self.at(more)
            yield from self._listed(listed[:-4])
            more = _int(listed, self.size - 4, 4)

    def chain(self, sector: int, table: bytes) -> bytes:
        """All bytes of a chain; a chain that leads in a circle ends where the file would."""
        parts = []
        for _ in range(len(self.data) // self.size):
            if sector >= _END:
                break
            parts.append(self.at(sector))
            sector = _int(table, 4 * sector, 4) if 4 * sector + 4 <= len(table) else _END
        return b"".join(parts)

    @staticmethod
    def _listed(numbers: bytes) -> Iterator[int]:
        for at in range(0, len(numbers) - 3, 4):
            if (sector := _int(numbers, at, 4)) < _END:
                yield sector


def _int(data: bytes, at: int, size: int) -> int:
    return int.from_bytes(data[at : at + size], "little")
