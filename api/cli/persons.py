"""The key of the pseudonyms on the command line: made, read, and what its absence means said in one line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from api.cli.say import note, refuse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from data_contracts.model import Contract
    from scoring.rulebook import Rulebook


def run_person_key(out: Path) -> None:
    """Write a new key to *out* and print its id.

    Raises:
        KeyFileError: There is a file already.
    """
    from data_contracts.personal import make_key

    typer.echo(make_key(out))
    note(f"{out}:请与数据分开妥善保管,遗失后各年人员无法对应 / keep it apart from the data; lost, it links no years")


def person_key(path: Path | None, contracts: Mapping[str, Contract], *folders: Path | None) -> bytes | None:
    """The key in *path*; without one, say which columns stay empty.

    Args:
        path: The key file, None when none was given.
        contracts: By table.
        folders: Of data and results: the key must not lie in any of them.

    Raises:
        KeyFileError: The key cannot be used, or lies where it must not.
    """
    from data_contracts.personal import load_key, pseudonym_columns

    if path is not None:
        return load_key(path, *(folder for folder in folders if folder is not None))
    empty = [f"{table}.{name}" for table, one in sorted(contracts.items()) for name in sorted(pseudonym_columns(one))]
    if empty:
        columns = ", ".join(empty)
        note(f"未给出 --person-key:人员列置空 / no --person-key given: columns of persons are left empty: {columns}")
    return None


def refuse_without_key(book: Rulebook, key: bytes | None) -> None:
    """Rules about persons see nobody without the key: then nothing is rated, rather than rated wrongly.

    Raises:
        typer.Exit: 1 when the rulebook reads pseudonyms and there is no key.
    """
    if key is None and (rules := not_evaluated(book)):
        raise refuse(f"{rules};未写入任何结果 / nothing was written")


def not_evaluated(book: Rulebook) -> str:
    """What is told of the rules that need the key; empty when there is none."""
    from scoring.rulebook.lineage import reading_persons

    names = ", ".join(reading_persons(book))
    if not names:
        return ""
    return f"以下规则须识别人员,未给出 --person-key,未评价 / not evaluated, for they need --person-key: {names}"
