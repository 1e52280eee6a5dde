"""Reading look-up tables: rows written in the rulebook or in a CSV file beside it."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from data_contracts.document import Entry, Fields, Place, decimal_number
from data_contracts.expressions import NUMBER, TEXT, Type
from data_contracts.expressions.resolve import LookupTable, constant, did_you_mean
from scoring.exact import decimals
from scoring.rulebook.names import check_name
from scoring.rulebook.reading import Reading, day_in
from scoring.rulebook.shape import Table

Raw = dict[tuple[str, ...], Entry]
MOST_ROWS = 200_000
_WHOLE = re.compile(r"-?[0-9]{1,18}")


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
        check_name(reading, entry.at, name, "table")
        rows, width = self._rows(fields)
        rows, key_types = self._keys(fields, rows, width)
        values = [*rows.values()]
        if (otherwise := fields.get("else")) is not None:
            values.append(otherwise)
        as_text = fields.choice("values", ("number", "text"), "number") == "text"
        fields.done()
        exact, kind = self._exact(name, values, as_text=as_text)
        default = exact[-1] if otherwise is not None and exact else None
        fallback = None if default is None else constant(default, kind.scale or 0)
        type_ = LookupTable(key_types, kind, fallback)
        return Table(name, dict(zip(rows, exact, strict=False)), default, type_, title, citation)

    def working_days(self, entry: Entry | None) -> dict[date, bool]:
        """Days that differ from the official calendar: whether each is worked."""
        if entry is None:
            return {}
        fields = self.reading.fields(entry)
        self.reading.title(fields.get("title")), self.reading.citation(fields)
        rows, width = self._rows(fields)
        fields.done()
        found: dict[date, bool] = {}
        for key, value in rows.items():
            day = day_in("/".join(key))
            if day is None or width != 1:
                self.reading.refuse(value.at, f"found day {'/'.join(key)!r}, allowed: YYYY-MM-DD")
            elif value.value not in ("true", "false"):
                self.reading.refuse(
                    value.at, f"found {value.shown} for {day}, allowed: true where it is worked, or false"
                )
            else:
                found[day] = value.value == "true"
        return found

    def _exact(self, name: str, values: list[Entry], *, as_text: bool) -> tuple[list[Fraction | str], Type]:
        """All values as numbers, or all as texts; a number in quotes is a text."""
        found = [value for value in values if isinstance(value.value, str)]
        for value in values:
            if not isinstance(value.value, str):
                self.reading.refuse(value.at, f"found {value.shown} in table {name!r}, allowed: a number or text")
        plain = [
            value for value in found if not as_text and not value.quoted and decimal_number(value.value) is not None
        ]
        if len(plain) == len(values) and values:
            numbers = [number for value in plain if (number := self.reading.number(value)) is not None]
            return [*numbers], Type("number", max(map(decimals, numbers), default=0))
        for value in plain:
            text = f"found the number {value.value} among texts in table {name!r}"
            self.reading.refuse(value.at, f"{text}, allowed: values of one kind (quote a code)")
        return [str(value.value) for value in values], TEXT

    def _keys(self, fields: Fields, rows: Raw, width: int) -> tuple[Raw, tuple[Type, ...]]:
        """Keys of their declared types: `keys: number`, or one word per key column; a number key is a whole number."""
        entry, words = fields.get("keys"), fields.texts("keys") or ("text",)
        if entry is not None and (not set(words) <= {"text", "number"} or len(words) not in (1, width)):
            self.reading.refuse(
                entry.at, f"found keys: {', '.join(words)}, allowed: text or number, once or for each key"
            )
            words = ("text",)
        words = words * width if len(words) == 1 else words
        found: Raw = {}
        for key, value in rows.items():
            for part, word in zip(key, words, strict=True):
                if word == "number" and not _WHOLE.fullmatch(part):
                    self.reading.refuse(value.at, f"found key {part!r}, allowed: a whole number")
                    return rows, (TEXT,) * width
            typed = tuple(str(int(part)) if word == "number" else part for part, word in zip(key, words, strict=True))
            if typed in found:
                self.reading.refuse(value.at, f"found key {', '.join(typed)!r} twice, allowed: once")
            found[typed] = value
        return found, tuple(NUMBER if word == "number" else TEXT for word in words)

    def _rows(self, fields: Fields) -> tuple[Raw, int]:
        if fields.has("file") == fields.has("rows"):
            self.reading.refuse(fields.at, "found both or none of file and rows, allowed: one of them")
        if fields.has("file"):
            return self._from_file(fields)
        return {(key,): item for key, item in fields.mapping("rows").items()}, 1

    def _from_file(self, fields: Fields) -> tuple[Raw, int]:
        path, value = fields.needed_text("file"), fields.needed_text("value")
        keys = fields.texts("key") if fields.need("key") is not None else ()
        if not keys:
            return {}, 1
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
        lines = self._lines(path, text)
        if not lines:
            self.reading.refuse(at, f"found nothing in {path}, allowed: a header and rows")
            return {}, max(len(keys), 1)
        header = lines[0][1]
        for column in (*keys, value):
            if column not in header:
                self.reading.refuse(
                    at,
                    f"found no column {column!r} in {path}, allowed: {', '.join(header)}{did_you_mean(column, header)}",
                )
                return {}, max(len(keys), 1)
        rows: Raw = {}
        for line, cells in lines[1:]:
            place = Place(path, line)
            if len(cells) != len(header):
                self.reading.refuse(place, f"found {len(cells)} cells, allowed: {len(header)} as in the header")
                continue
            row = dict(zip(header, cells, strict=True))
            key = tuple(row[column] for column in keys)
            if key in rows:
                self.reading.refuse(place, f"found key {', '.join(key)!r} twice, allowed: once")
            rows[key] = Entry(row[value], place)
        return rows, max(len(keys), 1)

    def _lines(self, path: str, text: str) -> list[tuple[int, list[str]]]:
        reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
        found: list[tuple[int, list[str]]] = []
        try:
            found.extend((reader.line_num, cells) for cells in reader if cells)
        except csv.Error as error:
            self.reading.refuse(Place(path, reader.line_num), f"found {error}, allowed: CSV with quotes in pairs")
        if len(found) > MOST_ROWS:
            self.reading.refuse(Place(path, 1), f"found {len(found)} rows, allowed: at most {MOST_ROWS}")
        return found[:MOST_ROWS]
