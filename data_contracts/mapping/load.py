"""Mapping files in, mappings out: strict keys, every fault with its file and line.

A mapping is read against the contracts it serves, so that a misspelt column is found before a file is delivered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path

from data_contracts.document import DocumentError, Entry, Fields, Place, Problem, read_document
from data_contracts.expressions.resolve import did_you_mean
from data_contracts.mapping.shape import TableMapping, Unpivot
from data_contracts.model import RECORD_ID, Contract, Relationship
from data_contracts.steps import PLAIN_STEPS, WORD_STEP, Step

SUFFIXES = (".yaml", ".yml")
_STEPS = (*PLAIN_STEPS, WORD_STEP)


class MappingError(DocumentError):
    """Mapping files that cannot be used; `problems` lists one per fault."""


def load_mappings(folders: Sequence[Traversable | Path], contracts: Mapping[str, Contract]) -> dict[str, TableMapping]:
    """Read all mapping files of *folders*, by table name.

    Raises:
        MappingError: Listing every fault of every file; a table that is mapped twice is one.
    """
    problems: list[Problem] = []
    mappings: dict[str, TableMapping] = {}
    for folder in folders:
        for file in sorted(folder.iterdir(), key=lambda file: file.name):
            if not file.name.endswith(SUFFIXES):
                continue
            try:
                found = read_mappings(file.read_text(encoding="utf-8"), str(file), contracts)
            except DocumentError as error:
                problems.extend(error.problems)
                continue
            problems.extend(Problem(str(file), 1, f"found table {table!r} again") for table in mappings.keys() & found)
            mappings |= found
    if problems:
        raise MappingError(problems)
    return mappings


def read_mappings(text: str, source: str, contracts: Mapping[str, Contract]) -> dict[str, TableMapping]:
    """Read one mapping file.

    Raises:
        MappingError: Listing every fault of the file.
    """
    try:
        document = read_document(text, source)
    except DocumentError as error:
        raise MappingError(error.problems) from None
    problems: list[Problem] = []
    fields = Fields(document, problems)
    fields.text("description")
    spellings = {name: tuple(_steps(entry, problems)) for name, entry in fields.mapping("spellings").items()}
    tables = fields.mapping("tables") if fields.need("tables") else {}
    fields.done()
    mappings = {
        table: _TableReader(contracts, contracts[table], spellings, problems).read(entry)
        for table, entry in tables.items()
        if _known(entry.at, "table", table, contracts, problems)
    }
    for table, mapping in mappings.items():
        problems.extend(_unlinkable(mapping, mappings, tables[table].at))
    if problems:
        raise MappingError(problems)
    return mappings


def _unlinkable(mapping: TableMapping, mappings: Mapping[str, TableMapping], at: Place) -> Iterator[Problem]:
    """`record_of` leads to one row, and to a table that is made before."""
    for parent in mapping.record_of.values():
        one, seen = mappings.get(parent), {mapping.table}
        if one is not None and (one.unpivot or one.distinct):
            yield at.problem(f"found record_of {parent!r}, allowed: a table with one row per delivered row")
        while one is not None and one.table not in seen:
            seen.add(one.table)
            one = next((mappings[table] for table in one.record_of.values() if table in mappings), None)
        if one is not None:
            yield at.problem(f"found record_of {parent!r}, which leads back to {one.table!r}, allowed: no circle")


@dataclass(frozen=True, slots=True)
class _TableReader:
    contracts: Mapping[str, Contract]
    contract: Contract
    spellings: Mapping[str, tuple[Step, ...]]
    problems: list[Problem]

    def read(self, entry: Entry) -> TableMapping:
        fields = Fields(entry, self.problems)
        mapping = TableMapping(
            table=self.contract.table,
            files=fields.texts("files"),
            sheet=fields.text("sheet"),
            columns=dict(self._columns(fields)),
            absent=tuple(self._absent(fields)),
            missing=("", *(text for text in fields.texts("missing") if text)),
            unpivot=self._unpivot(fields),
            record_of=dict(self._record_of(fields)),
            distinct=fields.flag("distinct"),
            normalise=dict(self._normalise(fields)),
            required=fields.flag("required", default=True),
        )
        fields.done()
        self._refuse_overlaps(mapping, fields.at)
        return mapping

    def _columns(self, fields: Fields) -> Iterator[tuple[str, tuple[str, ...]]]:
        entries = fields.mapping("columns")
        for name, entry in entries.items():
            if not self._is_column(entry.at, name):
                continue
            headers = Fields(Entry(entries, fields.at), self.problems).texts(name)
            if not all(headers):
                self.problems.append(entry.at.problem(f"found {entry.shown}, allowed: a header or a list of headers"))
            yield name, headers

    def _absent(self, fields: Fields) -> Iterator[str]:
        for name in fields.texts("absent"):
            if not self._is_column(fields.at, name):
                continue
            column = self.contract.column(name)
            if column is not None and not column.type.optional:
                self.problems.append(
                    fields.at.problem(f"found required column {name!r} in 'absent', allowed: optional")
                )
            yield name

    def _unpivot(self, fields: Fields) -> Unpivot | None:
        nested = fields.nested("unpivot")
        if nested is None:
            return None
        unpivot = Unpivot(
            item=nested.needed_text("item"),
            value=nested.needed_text("value"),
            headers=nested.texts("columns"),
            all_but=nested.texts("all_but"),
        )
        nested.done()
        for name in (unpivot.item, unpivot.value):
            self._is_column(nested.at, name)
        if bool(unpivot.headers) == bool(unpivot.all_but):
            found = "both" if unpivot.headers else "neither"
            self.problems.append(nested.at.problem(f"found {found}, allowed: one of 'columns' and 'all_but'"))
        return unpivot

    def _record_of(self, fields: Fields) -> Iterator[tuple[str, str]]:
        for name, entry in fields.mapping("record_of").items():
            table = str(entry.value)
            if not (
                self._is_column(entry.at, name) and _known(entry.at, "table", table, self.contracts, self.problems)
            ):
                continue
            if not any((one.columns, one.table, one.targets) == ((name,), table, (RECORD_ID,)) for one in self._keys()):
                allowed = f"a column whose relationship in the contract leads to {table}.{RECORD_ID}"
                self.problems.append(entry.at.problem(f"found {name!r}, allowed: {allowed}"))
            yield name, table

    def _normalise(self, fields: Fields) -> Iterator[tuple[str, tuple[Step, ...]]]:
        for name, entry in fields.mapping("normalise").items():
            if not self._is_column(entry.at, name):
                continue
            column = self.contract.column(name)
            if column is not None and column.type.kind != "text":
                self.problems.append(entry.at.problem(f"found {name!r} ({column.type.kind}), allowed: a text column"))
            if isinstance(entry.value, list):
                yield name, tuple(_steps(entry, self.problems))
            elif _known(entry.at, "spelling", str(entry.value), self.spellings, self.problems):
                yield name, self.spellings[str(entry.value)]

    def _refuse_overlaps(self, mapping: TableMapping, at: Place) -> None:
        """A column is filled in one way only, and rows are merged or linked, not both."""
        unpivot = mapping.unpivot
        ways = [
            *mapping.columns,
            *mapping.absent,
            *mapping.record_of,
            *((unpivot.item, unpivot.value) if unpivot else ()),
        ]
        self.problems.extend(
            at.problem(f"found column {name!r} filled in two ways, allowed: one of columns, absent, record_of, unpivot")
            for name in dict.fromkeys(ways)
            if ways.count(name) > 1
        )
        if mapping.distinct and (unpivot or mapping.record_of):
            self.problems.append(
                at.problem("found 'distinct' with 'unpivot' or 'record_of', allowed: 'distinct' alone")
            )

    def _is_column(self, at: Place, name: str) -> bool:
        names = [column.name for column in self.contract.columns]
        return _known(at, f"column of {self.contract.table!r}", name, names, self.problems)

    def _keys(self) -> Iterable[Relationship]:
        return self.contract.relationships


def _steps(entry: Entry, problems: list[Problem]) -> Iterator[Step]:
    if not isinstance(entry.value, list):
        problems.append(entry.at.problem(f"found {entry.shown}, allowed: a list of {', '.join(_STEPS)}"))
        return
    for one in entry.value:
        if isinstance(one.value, dict):
            fields = Fields(one, problems)
            if (words := fields.need(WORD_STEP)) is not None and not isinstance(words.value, list):
                fields.refuse(words, "a list of words")
            yield Step(WORD_STEP, frozenset(fields.texts(WORD_STEP)))
            fields.done()
        elif _known(one.at, "step", str(one.value), PLAIN_STEPS, problems):
            yield Step(str(one.value))


def _known(at: Place, what: str, found: str, allowed: Iterable[str], problems: list[Problem]) -> bool:
    words = sorted(allowed)
    if found not in words:
        problems.append(at.problem(f"found {what} {found!r}, allowed: {', '.join(words)}{did_you_mean(found, words)}"))
    return found in words
