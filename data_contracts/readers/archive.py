"""A packed workbook looked through before any spreadsheet program's code touches it.

Every part is unpacked here once, against the size it declares: an archive that lies is found by the first byte too
many. Parts are searched as bytes and never parsed, so there is nothing in them to expand.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from typing import Final

from data_contracts.problems import UnreadableError

MAX_ENTRIES: Final = 2_000
MAX_UNPACKED: Final = 1 << 29
MAX_RATIO: Final = 300
SMALL: Final = 1 << 25
_DOCTYPES: Final = tuple("<!DOCTYPE".encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be"))
_MACROS: Final = ("vbaproject.bin", "xl/macrosheets/", "basic/")
_ENCRYPTED: Final = 1
_PLAIN_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_LOCAL_HEADER: Final = 30


def unpacked(data: bytes, file: str) -> dict[str, bytes]:
    """The parts of a packed workbook, by name.

    Raises:
        UnreadableError: Too many parts, too large, not of its declared size, encrypted, with macros or with a
            document type definition.
        zipfile.BadZipFile: No archive.
    """
    entries = zipfile.ZipFile(io.BytesIO(data)).infolist()
    _refuse_measures(entries, len(data), file)
    if any(entry.flag_bits & _ENCRYPTED for entry in entries):
        raise UnreadableError("file.encrypted", file)
    if any(name in entry.filename.casefold() for entry in entries for name in _MACROS):
        raise UnreadableError("file.macros", file)
    parts = {entry.filename: _inflated(data, entry, file) for entry in entries}
    if b"encryption-data" in parts.get("META-INF/manifest.xml", b""):
        raise UnreadableError("file.encrypted", file)
    if b"macroEnabled" in parts.get("[Content_Types].xml", b""):
        raise UnreadableError("file.macros", file)
    for name in _with_doctype(parts):
        raise UnreadableError("file.doctype", file, found=name)
    return parts


def _refuse_measures(entries: list[zipfile.ZipInfo], size: int, file: str) -> None:
    """What the archive declares, before a byte of it is unpacked."""
    declared = sum(entry.file_size for entry in entries)
    if len(entries) > MAX_ENTRIES:
        raise UnreadableError("file.parts", file, found=len(entries), allowed=MAX_ENTRIES)
    if declared > (allowed := min(MAX_UNPACKED, max(SMALL, MAX_RATIO * size))):
        raise UnreadableError("file.unpacked", file, found=declared, allowed=allowed)
    names = {entry.filename for entry in entries}
    if len(names) < len(entries):
        raise UnreadableError("file.twins", file, found=len(entries), allowed=len(names))


def _inflated(data: bytes, entry: zipfile.ZipInfo, file: str) -> bytes:
    if entry.compress_type not in _PLAIN_METHODS:
        raise UnreadableError("file.method", file, found=entry.compress_type, allowed="deflate")
    header = data[entry.header_offset : entry.header_offset + _LOCAL_HEADER]
    begin = entry.header_offset + _LOCAL_HEADER + sum(int.from_bytes(header[at : at + 2], "little") for at in (26, 28))
    packed = memoryview(data)[begin : begin + entry.compress_size]
    if entry.compress_type == zipfile.ZIP_STORED:
        content = bytes(packed)
    else:
        stream = zlib.decompressobj(-zlib.MAX_WBITS)
        content = stream.decompress(packed, entry.file_size + 1)
    if len(content) != entry.file_size:
        raise UnreadableError("file.packed", file, found=entry.filename, allowed=entry.file_size)
    if zlib.crc32(content) != entry.CRC:
        raise zipfile.BadZipFile(f"Bad CRC-32 for {entry.filename}")
    return content


def _with_doctype(parts: dict[str, bytes]) -> Iterator[str]:
    """Parts that declare a document type: the only door to entities, inner or outer."""
    for name, content in parts.items():
        if any(mark in content for mark in _DOCTYPES):
            yield name
