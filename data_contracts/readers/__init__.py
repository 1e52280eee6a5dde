"""Delivered files to text cells, each with its file, sheet and row.

Cells stay text until a contract says what they are: a reader that guesses turns an 18-digit code into a plausible
wrong one. Every file is parsed in a child process with limits (`Fence`); this process only receives cells.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from data_contracts.problems import UnreadableError
from data_contracts.readers.fence import Fence
from data_contracts.readers.regular import regular_bytes
from data_contracts.readers.sheet import Sheet, header_key

__all__ = ["FOREIGN", "SUFFIXES", "Delivered", "Fence", "Sheet", "header_key", "open_delivered"]

_SINGLE: Final = (".csv", ".json", ".parquet")
_WORKBOOKS: Final = (".xlsx", ".xls", ".ods")
_MACROS: Final = (".xlsm", ".xltm", ".xlam", ".xlsb")
SUFFIXES: Final = (*_SINGLE, *_WORKBOOKS)
FOREIGN: Final = (*_MACROS, ".xltx", ".et", ".ett", ".numbers", ".tsv")
MAX_BYTES: Final = 1 << 29
MAX_RECORD_BYTES: Final = 1 << 26
MAX_WORKBOOK_BYTES: Final = 1 << 27
_SIGNATURES: Final = {
    b"PK\x03\x04": ".xlsx",
    b"\xd0\xcf\x11\xe0": ".xls",
    b"PAR1": ".parquet",
    b"%PDF": ".pdf",
    b"\x89PNG": ".png",
    b"Rar!": ".rar",
    b"7z\xbc\xaf": ".7z",
}
_PAGES: Final = (b"<html", b"<table", b"<?xml", b"<!doctype", b"{\\rtf")
_SNIFFED: Final = 512
_CONTAINERS: Final = {".ods": ".xlsx"}
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")


@dataclass(frozen=True, slots=True)
class Delivered:
    """An opened file.

    Attributes:
        file: Path relative to the delivered folder, with forward slashes.
        sha256: Of its bytes, which are the bytes that are read.
        size: Bytes.
        sheets: Visible sheets of a workbook in their order; one empty name for any other file.
        read: The cells of one of *sheets*, under the row in which most of the given header keys stand; raises
            UnreadableError.
    """

    file: str
    sha256: str
    size: int
    sheets: tuple[str, ...]
    read: Callable[[str, Collection[str]], Sheet]


def open_delivered(path: Path, file: str, fence: Fence) -> Delivered:
    """Open one delivered file, once: its bytes are hashed and read from memory.

    Args:
        path: Where it is.
        file: How it is named in every message.
        fence: Parses it; the sheets can be read until it is closed.

    Raises:
        UnreadableError: Missing, no file itself, empty, too large, of another kind than its name says, encrypted,
            with macros or broken.
    """
    suffix = path.suffix.lower()
    data = regular_bytes(path, file, _limit(file, suffix), suffix)
    _refuse_disguise(data, file, suffix)
    opened = fence.open(data, file, suffix)
    return Delivered(file, hashlib.sha256(data).hexdigest(), len(data), opened.sheets, opened.read)


def _limit(file: str, suffix: str) -> int:
    """Bytes that a file of this kind may have."""
    if suffix in _MACROS:
        raise UnreadableError("file.macros", file)
    if suffix not in SUFFIXES:
        raise UnreadableError("file.kind", file, found=suffix or "nameless", allowed=", ".join(SUFFIXES))
    return MAX_WORKBOOK_BYTES if suffix in _WORKBOOKS else MAX_RECORD_BYTES if suffix == ".json" else MAX_BYTES


def _refuse_disguise(data: bytes, file: str, suffix: str) -> None:
    """A workbook renamed to .csv would be read as one very odd line."""
    kind = next((kind for signature, kind in _SIGNATURES.items() if data.startswith(signature)), None)
    if kind is None:
        page = data[:_SNIFFED].lstrip().lower().startswith(_PAGES)
        if page or suffix in _WORKBOOKS or suffix == ".parquet":
            raise UnreadableError("file.kind", file, found="html/xml" if page else "text", allowed=suffix)
    elif kind == ".xls" and suffix in _WORKBOOKS and _ENCRYPTED in data:
        raise UnreadableError("file.encrypted", file)
    elif kind != _CONTAINERS.get(suffix, suffix):
        raise UnreadableError("file.kind", file, found=kind, allowed=suffix)
