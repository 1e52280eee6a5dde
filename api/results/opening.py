"""Which result is served: the folder as it stands now, every table of an answer from one and the same run.

A new evaluation takes the folder's place in one step. Tables are read when they are first asked for, so the folder is
held by its descriptor where the system can: what is read later comes from the run that was opened, or fails.
"""

from __future__ import annotations

import hashlib
import os
import threading
import weakref
from pathlib import Path

from api.kernel.problems import ProblemError
from api.results.queries import Result
from scoring.evaluation.folder import MANIFEST
from scoring.evaluation.reopen import NotAResultError, open_result

Mark = tuple[int, int, int]


class Opening:
    """The result in a folder; opened again when another has taken its place."""

    def __init__(self, folder: Path) -> None:
        """Open *folder*.

        Raises:
            NotAResultError: It holds no result.
        """
        self._folder = folder
        self._lock = threading.Lock()
        self._mark, self._result = _opened(folder)

    def current(self) -> Result:
        """The result that stands in the folder now.

        Raises:
            ProblemError: `result.replaced` while the folder is gone or unreadable.
        """
        try:
            if _mark(self._folder) != self._mark:
                with self._lock:
                    self._mark, self._result = _opened(self._folder)
        except (OSError, NotAResultError):
            raise ProblemError("result.replaced") from None
        return self._result

    def edition(self) -> str:
        """Digest of the manifest: what entity tags are made of."""
        try:
            return self.current().edition
        except ProblemError:
            return ""


def _opened(folder: Path) -> tuple[Mark, Result]:
    open_result(folder)
    pinned, descriptor = _pinned(folder)
    opened = open_result(pinned)
    result = Result(opened, hashlib.sha256((pinned / MANIFEST).read_bytes()).hexdigest())
    mark = _mark(pinned)
    if descriptor is not None:
        weakref.finalize(result, os.close, descriptor)
    return mark, result


def _pinned(folder: Path) -> tuple[Path, int | None]:
    """A path that stays with this very folder after another has taken its name; the folder itself elsewhere."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return folder, None
    path = Path(f"/proc/self/fd/{descriptor}")
    if not path.is_dir():
        os.close(descriptor)
        return folder, None
    return path, descriptor


def _mark(folder: Path) -> Mark:
    found = (folder / MANIFEST).stat()
    return found.st_dev, found.st_ino, found.st_mtime_ns
