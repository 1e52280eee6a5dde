"""The bytes of one delivered file, which has to be a file itself.

A link may lead to any file of this machine, a pipe never ends, and a device has no size: none of them is opened.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import Final

from data_contracts.problems import UnreadableError

_FLAGS: Final = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_KINDS: Final = {stat.S_IFLNK: "link", stat.S_IFIFO: "pipe", stat.S_IFSOCK: "socket", stat.S_IFDIR: "folder"}


def regular_bytes(path: Path, file: str, limit: int, allowed: str) -> bytes:
    """Read a file, once, and at most *limit* bytes of it.

    Args:
        path: Where it is.
        file: How it is named in messages.
        limit: Bytes it may have.
        allowed: What a sound file is called in messages.

    Raises:
        UnreadableError: Missing, not to be opened, no file itself, too large, empty.
    """
    try:
        _refuse_others(path.lstat().st_mode, file)
        with os.fdopen(os.open(path, _FLAGS), "rb") as stream:
            status = os.fstat(stream.fileno())
            _refuse_others(status.st_mode, file)
            if status.st_size > limit:
                raise UnreadableError("file.large", file, found=status.st_size, allowed=limit)
            data = stream.read(limit + 1)
    except OSError as error:
        found = "no permission" if error.errno == errno.EACCES else error.strerror
        raise UnreadableError("file.unreadable", file, found=found, allowed=allowed) from None
    if len(data) > limit:
        raise UnreadableError("file.large", file, found=len(data), allowed=limit)
    if not data:
        raise UnreadableError("file.empty", file)
    return data


def _refuse_others(mode: int, file: str) -> None:
    if not stat.S_ISREG(mode):
        raise UnreadableError("file.special", file, found=_KINDS.get(stat.S_IFMT(mode), "device"))
