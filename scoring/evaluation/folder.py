"""A result folder on disk: written whole beside its place, then exchanged with what stood there before.

Whatever fails while writing (a full disk, a broken table) leaves the earlier result byte for byte as it was.
"""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

MANIFEST = "manifest.json"
_EXCHANGE = 2
_AT_FDCWD = -100


class OccupiedFolderError(ValueError):
    """The folder holds something that is not an earlier result, and is left alone."""


@contextmanager
def replacing(folder: Path) -> Iterator[Path]:
    """A new folder to write into; on success it takes the place of *folder*, on any error it is removed.

    Raises:
        OccupiedFolderError: *folder* is a file, or holds files but no manifest.json.
    """
    check_free(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        fresh.chmod(0o755)
        yield fresh
        _sync(fresh)
        _put_in_place(fresh, folder)
    except OSError as error:
        error.filename = error.filename or str(folder)  # a full disk does not say whose
        raise
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def check_free(folder: Path) -> None:
    """Refuse to replace anything but an earlier result or an empty folder."""
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise OccupiedFolderError(f"{folder}: found a file, allowed: a folder for the result")
    outer = next((above for above in folder.absolute().parents if (above / MANIFEST).is_file()), None)
    if outer is not None:
        raise OccupiedFolderError(f"{folder}: found a folder inside the result {outer}, allowed: a folder of its own")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / MANIFEST).is_file():
        raise OccupiedFolderError(
            f"{folder}: found a folder with other files, allowed: a new folder or an earlier result (with {MANIFEST})"
        )


def _put_in_place(fresh: Path, folder: Path) -> None:
    if not folder.exists():
        fresh.rename(folder)
        return
    if _exchange(fresh, folder):
        return
    aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}.old.", dir=folder.parent))
    folder.rename(aside / folder.name)
    try:
        fresh.rename(folder)
    except OSError:
        (aside / folder.name).rename(folder)
        raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _exchange(one: Path, other: Path) -> bool:
    """Swap two folders in one step where the system can (Linux renameat2); False where it cannot."""
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return False
    if renameat2(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _EXCHANGE) == 0:
        return True
    if ctypes.get_errno() in (errno.ENOSYS, errno.EINVAL, errno.EXDEV):
        return False
    raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), str(other))


def _sync(folder: Path) -> None:
    """Flush every file, so that a result that has its name has its bytes."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            descriptor = os.open(path, os.O_RDONLY)
            try:
                with suppress(PermissionError):
                    os.fsync(descriptor)
            finally:
                os.close(descriptor)
