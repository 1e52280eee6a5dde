"""Which delivered file feeds which table.

A mapping may name its files. Where it does not, a file belongs to the table whose name or title stands in its own
name; of several, the one that stands there as a word of its own, then the longest: 巡查项目.xlsx is not 巡查.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from data_contracts.mapping.shape import TableMapping
from data_contracts.model import Contract
from data_contracts.problems import UnreadableError
from data_contracts.readers import FOREIGN, SUFFIXES, header_key


@dataclass(frozen=True, slots=True)
class Claims:
    """The outcome.

    Attributes:
        files: Per table, its files in the order of their paths; empty for a table without any.
        unclaimed: Files that no table claims.
        problems: Missing and ambiguous files, with the table that each speaks of.
    """

    files: Mapping[str, tuple[str, ...]]
    unclaimed: tuple[str, ...]
    problems: tuple[tuple[str, UnreadableError], ...]


def claim(files: Sequence[str], contracts: Mapping[str, Contract], mappings: Mapping[str, TableMapping]) -> Claims:
    """Share out *files* (paths relative to the delivered folder) among the tables."""
    problems: list[tuple[str, UnreadableError]] = []
    claimed: dict[str, list[str]] = {table: [] for table in contracts}
    for table, mapping in mappings.items():
        claimed[table].extend(file for file in files if any(_fits(file, pattern) for pattern in mapping.files))
    named = {file for found in claimed.values() for file in found}
    by_name = [
        table
        for table, contract in contracts.items()
        if not contract.reference and (table not in mappings or not mappings[table].files)
    ]
    for file in files:
        if file in named or PurePosixPath(file).suffix.lower() not in (*SUFFIXES, *FOREIGN):
            continue
        best = _best(file, [contracts[table] for table in by_name])
        if len(best) > 1:
            problems.append((best[0], UnreadableError("file.ambiguous", file, found=", ".join(best))))
        for table in best:
            claimed[table].append(file)
    problems.extend(_missing(files, contracts, mappings, claimed))
    taken = {file for found in claimed.values() for file in found}
    return Claims(
        {table: tuple(sorted(set(found))) for table, found in claimed.items()},
        tuple(file for file in files if file not in taken),
        tuple(problems),
    )


def sheet_for(sheets: Sequence[str], place: str, contract: Contract, mapping: TableMapping) -> str:
    """The sheet of a workbook that holds the table.

    Raises:
        UnreadableError: The mapping names a sheet that is not there.
    """
    if list(sheets) == [""]:
        return ""
    if mapping.sheet:
        if mapping.sheet in sheets:
            return mapping.sheet
        near = _nearest(mapping.sheet, sheets)
        raise UnreadableError("sheet.missing", place, found=mapping.sheet, allowed=", ".join(sheets), near=near)
    if not sheets:
        raise UnreadableError("sheet.empty", place)
    words = [header_key(word) for word in (contract.title, contract.table)]
    keys = {sheet: header_key(sheet) for sheet in sheets}
    equal = [sheet for sheet, key in keys.items() if key in words]
    within = [sheet for sheet, key in keys.items() if any(word in key for word in words)]
    return (*equal, *within, *sheets)[0]


def _fits(file: str, pattern: str) -> bool:
    """A pattern with a slash speaks of the whole path, any other of the file's own name."""
    return fnmatchcase(file if "/" in pattern else PurePosixPath(file).name, pattern)


def _best(file: str, contracts: Sequence[Contract]) -> list[str]:
    stem = PurePosixPath(file).stem.casefold()
    ranks = {contract.table: max(_ranks(stem, contract), default=(False, 0)) for contract in contracts}
    best = max(ranks.values(), default=(False, 0))
    return [table for table, rank in ranks.items() if rank == best and best[1] > 0]


def _ranks(stem: str, contract: Contract) -> Iterator[tuple[bool, int]]:
    """How well the table's words fit: as a word of its own or within another, and how long."""
    for word in {contract.table.casefold(), contract.title.casefold()}:
        at = stem.find(word)
        while word and at >= 0:
            around = stem[at - 1 : at] + stem[at + len(word) : at + len(word) + 1]
            alone = not any(character.isalpha() for character in around)
            if alone or not word.isascii():
                yield alone, len(word)
            at = stem.find(word, at + 1)


def _missing(
    files: Sequence[str],
    contracts: Mapping[str, Contract],
    mappings: Mapping[str, TableMapping],
    claimed: Mapping[str, Sequence[str]],
) -> Iterator[tuple[str, UnreadableError]]:
    for table, contract in contracts.items():
        mapping = mappings.get(table, TableMapping(table))
        if claimed[table] or not mapping.required or contract.reference or contract.optional:
            continue
        wanted = mapping.files or (f"*{contract.title}*", f"*{table}*")
        names = [PurePosixPath(file).name for file in files]
        near = next((found for word in wanted if (found := _nearest(word.strip("*"), names))), "")
        allowed = ", ".join(dict.fromkeys(wanted))
        yield table, UnreadableError("file.missing", wanted[0].strip("*"), allowed=allowed, near=near)


def _nearest(word: str, words: Sequence[str]) -> str:
    return next(iter(get_close_matches(word, words, n=1)), "")
