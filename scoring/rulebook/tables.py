"""Reading look-up tables: rows written in the rulebook or in a CSV file beside it."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from fractions import Fraction
from typing import cast

from data_contracts.document import Entry, Fields, Place, decimal_number
from data_contracts.expressions import NUMBER, TEXT, Type
from data_contracts.expressions.resolve import LookupTable, constant, did_you_mean
from scoring.exact import decimals
from scoring.rulebook.reading import Reading
from scoring.rulebook.shape import Table

Raw = dict[tuple[str, ...], tuple[str, Place]]


@dataclass(slots=True)
class TableReader:
    """Reads the tables of one rulebook; *files* holds the texts of the folder by relative path."""

    reading: Reading
    files: dict[str, str]

    def table(self, name: str, entry: Entry) -> Table:
        """One table; a broken one is reported and comes back empty, so that its uses are still checked."""
        reading, fields = self.reading, self.reading.fields(entry)
        title, citation = reading.title(fields.get("title")), reading.citation(fields)
        reading.check_cited(citation, entry.at, f"table {name!r}")
        rows, width = self._rows(fields)
        otherwise = fields.get("else")
        key_type = NUMBER if fields.choice("keys", ("text", "number"), "text") == "number" else TEXT
        fields.done()
        values = [(text, at) for text, at in rows.values()]
        if otherwise is not None:
            values.append((str(otherwise.value), otherwise.at))
        numbers = [decimal_number(text) for text, _ in values]
        numeric = bool(numbers) and None not in numbers
        kind = Type("number", max(decimals(cast("Fraction", number)) for number in numbers)) if numeric else TEXT
        for (text, at), number in zip(values, numbers, strict=True):
            if not numeric and number is not None:
                reading.refuse(
                    at,
                    f"found the number {text} among texts in table {name!r}, "
                    "allowed: values of one kind (quote a code)",
                )
        exact = [
            cast("Fraction", number) if numeric else text for (text, _), number in zip(values, numbers, strict=True)
        ]
        default = exact[-1] if otherwise is not None else None
        fallback = None if default is None else constant(default, kind.scale or 0)
        return Table(
            name,
            dict(zip(rows, exact, strict=False)),
            default,
            LookupTable((key_type,) * width, kind, fallback),
            title,
            citation,
        )

    def _rows(self, fields: Fields) -> tuple[Raw, int]:
        if fields.has("file") == fields.has("rows"):
            self.reading.refuse(fields.at, "found both or none of file and rows, allowed: one of them")
        if fields.has("file"):
            return self._from_file(fields)
        return {(key,): (str(item.value), item.at) for key, item in fields.mapping("rows").items()}, 1

    def _from_file(self, fields: Fields) -> tuple[Raw, int]:
        path, keys, value = fields.needed_text("file"), fields.texts("key"), fields.needed_text("value")
        at = (fields.get("file") or fields.entry).at
        text = self.files.get(path)
        if text is None:
            known = [name for name in self.files if name.endswith(".csv")]
            self.reading.refuse(
                at,
                f"found no file {path!r}, allowed: {', '.join(known) or 'a CSV file of this folder'}"
                f"{did_you_mean(path, known)}",
            )
            return {}, max(len(keys), 1)
        reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
        header = next(reader, [])
        for column in (*keys, value):
            if column not in header:
                self.reading.refuse(
                    at,
                    f"found no column {column!r} in {path}, allowed: {', '.join(header)}{did_you_mean(column, header)}",
                )
                return {}, max(len(keys), 1)
        rows: Raw = {}
        for line, cells in enumerate(reader, start=2):
            place = Place(path, line)
            if len(cells) != len(header):
                self.reading.refuse(place, f"found {len(cells)} cells, allowed: {len(header)} as in the header")
                continue
            row = dict(zip(header, cells, strict=True))
            key = tuple(row[column] for column in keys)
            if key in rows:
                self.reading.refuse(place, f"found key {', '.join(key)!r} twice, allowed: once")
            rows[key] = (row[value], place)
        return rows, max(len(keys), 1)
