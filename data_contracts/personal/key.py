"""The key of the pseudonyms: made once, kept by one person, never beside the data.

Whoever has the lake and the key can try names until one fits; whoever has the lake alone cannot. So the key lies
outside data and results, only its owner reads it, and a result tells no more of it than which key it was.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final

KEY_BYTES: Final = 32
LEAST_DISTINCT: Final = 8
ID_LENGTH: Final = 16
_ID_MESSAGE: Final = b"\x1fproperty-credit person key"  # a pseudonym's message begins with its kind, never with \x1f
SENTENCES: Final[Mapping[str, Mapping[str, str]]] = {
    "zh": {
        "key.missing": "{place}:未找到密钥文件;应为至少 {allowed} 个随机字节(可用 person-key 命令生成)",
        "key.inside": "{place}:密钥位于 {found} 之内;应放在数据和结果之外",
        "key.readable": "{place}:他人可读取密钥(权限 {found});应只有本人可读写(chmod 600)",
        "key.short": "{place}:密钥只有 {found} 字节;应不少于 {allowed} 字节",
        "key.weak": "{place}:密钥只含 {found} 种不同的字节;应为随机字节(可用 person-key 命令生成)",
        "key.exists": "{place}:文件已存在;应为新文件:密钥一旦覆盖,以前各年的化名再也无法对应",
    },
    "en": {
        "key.missing": "{place}: found no file, allowed: at least {allowed} random bytes (see `person-key`)",
        "key.inside": "{place}: found the key within {found}, allowed: outside data and results",
        "key.readable": "{place}: found a key that others can read ({found}), allowed: its owner alone (chmod 600)",
        "key.short": "{place}: found {found} bytes, allowed: at least {allowed}",
        "key.weak": "{place}: found only {found} different bytes, allowed: random ones (see `person-key`)",
        "key.exists": "{place}: found a file, allowed: a new one; an overwritten key links no earlier year",
    },
}


class KeyFileError(ValueError):
    """A key that cannot be used, or lies where it must not; says so in Chinese, then in English.

    Attributes:
        code: Stable name of the fault, such as `key.short`.
    """

    def __init__(self, code: str, place: Path, **values: object) -> None:
        self.code = code
        said = (SENTENCES[language][code].format(place=place, **values) for language in ("zh", "en"))
        super().__init__("\n".join(said))


def load_key(path: Path, *data: Path) -> bytes:
    """The key of the pseudonyms.

    Args:
        path: A file of at least 32 random bytes that only its owner can read.
        data: Folders of data and results, in which the key must not lie.

    Raises:
        KeyFileError: No such file, too short or not random, readable by others, or beside the data.
    """
    if not path.is_file():
        raise KeyFileError("key.missing", path, allowed=KEY_BYTES)
    lies = path.resolve(), path.parent.resolve() / path.name  # a link in the data goes wherever the data go
    for folder in data:
        if any(one.is_relative_to(folder.resolve()) for one in lies):
            raise KeyFileError("key.inside", path, found=folder)
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise KeyFileError("key.readable", path, found=f"{mode:04o}")
    key = path.read_bytes()
    if len(key) < KEY_BYTES:
        raise KeyFileError("key.short", path, found=len(key), allowed=KEY_BYTES)
    if len(set(key)) < LEAST_DISTINCT:
        raise KeyFileError("key.weak", path, found=len(set(key)))
    return key


def make_key(path: Path) -> str:
    """Write a new key that only its owner can read; returns its id.

    Raises:
        KeyFileError: There is a file of that name: a key is never overwritten.
    """
    key = secrets.token_bytes(KEY_BYTES)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise KeyFileError("key.exists", path) from None
    with os.fdopen(handle, "wb") as file:
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
    return key_id(key)


def key_id(key: bytes) -> str:
    """Which key it is, without telling it: two results of one id can be linked by their pseudonyms, no others can.

    >>> key_id(bytes(range(32))) == key_id(bytes(range(32))), key_id(bytes(range(32))) == key_id(bytes(range(1, 33)))
    (True, False)
    """
    return hmac.new(key, _ID_MESSAGE, hashlib.sha256).hexdigest()[:ID_LENGTH]
