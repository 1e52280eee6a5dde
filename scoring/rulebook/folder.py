"""The files of a rulebook folder as texts: what is read, and what its digest is taken over."""

from __future__ import annotations

from importlib.resources import files as package_files
from importlib.resources.abc import Traversable
from pathlib import Path

from data_contracts.document import DocumentError, Problem

FILE, CASES = "rulebook.yaml", "cases.yaml"
MOST_BYTES = 20_000_000
_FOLDERS = ("contracts", "mappings", "tables")
_SUFFIXES = ("yaml", "csv")


def rule_texts(folder: Path | Traversable) -> dict[str, str]:
    """Texts of everything that a rating by the rulebook in *folder* follows from, by relative path.

    Contracts are among them even where they are the shipped ones: a result keeps what it was made with.

    Raises:
        FileNotFoundError: There is no rulebook.yaml in the folder.
        DocumentError: Files that are not UTF-8, or larger than any rule.
    """
    problems: list[Problem] = []
    texts = _texts(folder, problems)
    if FILE not in texts and not problems:
        raise FileNotFoundError(f"found no {FILE} in {folder}, allowed: a rulebook folder")
    if not (folder / "contracts").is_dir():
        texts |= _texts(contract_folder(folder), problems, "contracts/", 1)
    if problems:
        raise DocumentError(problems)
    return dict(sorted(texts.items()))


def contract_folder(folder: Path | Traversable) -> Path | Traversable:
    """The rulebook's own contracts, or the shipped ones."""
    own = folder / "contracts"
    return own if own.is_dir() else package_files("data_contracts") / "contracts"


def _texts(folder: Path | Traversable, problems: list[Problem], prefix: str = "", depth: int = 0) -> dict[str, str]:
    """`sample/` and cases are not rules."""
    found: dict[str, str] = {}
    for item in sorted(folder.iterdir(), key=lambda item: item.name):
        path = f"{prefix}{item.name}"
        if item.is_dir() and depth < 2 and item.name in _FOLDERS:
            found |= _texts(item, problems, f"{path}/", depth + 1)
        elif item.is_file() and item.name != CASES and item.name.rpartition(".")[2] in _SUFFIXES:
            text = _text(item, path, problems)
            if text is not None:
                found[path] = text
    return found


def _text(item: Path | Traversable, path: str, problems: list[Problem]) -> str | None:
    with item.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        problems.append(Problem(path, 1, f"found more than {MOST_BYTES} bytes, allowed: at most that many"))
        return None
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        problems.append(Problem(path, line, "found bytes that are not UTF-8, allowed: UTF-8"))
        return None
