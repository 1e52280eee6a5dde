"""What a contract says about one delivered table: the frozen form of an ODCS 3.2 file that all other rooms read.

Loading lives in `odcs`, rules in `rules`; here are only the shapes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from data_contracts.expressions import Term, Type

Severity = Literal["error", "warning"]
RECORD_ID = "record_id"


@dataclass(frozen=True, slots=True)
class Attribution:
    """How a foreign key that no office delivers is filled at intake.

    Attributes:
        table: The parent, in which the row is looked up.
        match: Column of both tables that has to be equal.
        day: Column of this table: the day that has to lie within the parent's span.
        begin: Parent's first day.
        end: Parent's last day, missing while it lasts.
    """

    table: str
    match: str
    day: str
    begin: str
    end: str


@dataclass(frozen=True, slots=True)
class OtherNames:
    """Another table whose names and ids lead to the same place: a project's name to its compound.

    Attributes:
        table: Of the other names.
        match: Its column that holds the key of the place.
        names, ids: Its columns that a caller may quote.
    """

    table: str
    match: str
    names: tuple[str, ...]
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Region:
    """In which words a text may tell the region of a place; other districts in it mean a place elsewhere.

    Attributes:
        within: Province and city of all places.
        table: Of the divisions.
        code, name: Its columns with the code and the name of a division.
        upper: Its column with the code of the division that it lies in; the own one where it lies in none.
    """

    within: str
    table: str
    code: str
    name: str
    upper: str


@dataclass(frozen=True, slots=True)
class Linkage:
    """How a foreign key that an office cannot give is found in words.

    Attributes:
        text: Column of this table with the place as it was told; personal, so it is emptied after linking.
        division: Column of both tables: a place of another division is never certain.
        names: Columns of the parent with its names, several in one cell with 、 or ; between them.
        address: Column of the parent with street and number.
        also: Further names of the same places; None where no table has any.
        region: Where the places lie; None where a text may name any district.
    """

    text: str
    division: str
    names: tuple[str, ...]
    address: str
    also: OtherNames | None = None
    region: Region | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a delivered table.

    Attributes:
        name: English name used everywhere in code.
        title: Header as offices write it (businessName); the name where the contract gives none.
        type: Kind, decimals and whether it may be missing.
        aliases: Other headers that mean the same (synonyms).
        labels: Code to label for an enumerated column; empty when free.
        classification: public, internal or personal.
        attributed: How the column is filled when offices do not deliver it; None for a delivered column.
        pseudonym: Kind of person whose pseudonym a personal column keeps; empty: the column is emptied at intake.
        linked: How a key that an office leaves out is found in words; None where it is not.
        people: `count`: how many people; `few`: something of fewer than five people, whatever it says; a column of the
            table: an average over so many people. Empty: nothing of people.
        may_lack: Whether files without this header are complete; then the column is empty.
        merged: Whether a cell merged over several rows speaks for all of them; otherwise it is a fault.
    """

    name: str
    title: str
    type: Type
    aliases: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    description: str = ""
    classification: str = "internal"
    attributed: Attribution | None = None
    linked: Linkage | None = None
    may_lack: bool = False
    merged: bool = False
    pseudonym: str = ""
    people: str = ""


@dataclass(frozen=True, slots=True)
class Relationship:
    """A foreign key from many rows to one: *columns* of this table equal *targets* of *table*.

    `targets` is the target's key, or the single implicit column `record_id`.
    """

    name: str
    columns: tuple[str, ...]
    table: str
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """One check of a table.

    Attributes:
        id: Stable name, `<table>.<column>.<kind>` or the contract's own id.
        kind: required, type, enum, pattern, range, length, check_digit, unique, overlap, foreign_key, span, expression;
            of the table as a whole: row_count, covers, volume, drift, freshness.
        columns: Columns it looks at, in the order they are shown.
        bad: For `expression`: the term that is true on a broken row.
        limits: Named parameters: minimum, maximum, pattern, values, least, most, …
        severity: An error quarantines the row (or refuses the batch for a table rule), a warning travels with it.
        scope: row, or table when the rule speaks of the table as a whole.
        message: What the office reads when the contract words it itself; empty for the built-in wording.
        legal_basis: Clause that asks for it, empty when none.
    """

    id: str
    kind: str
    columns: tuple[str, ...]
    severity: Severity = "error"
    scope: Literal["row", "table"] = "row"
    bad: Term | None = None
    limits: Mapping[str, object] = field(default_factory=dict)
    message: str = ""
    legal_basis: str = ""


@dataclass(frozen=True, slots=True)
class Contract:
    """One delivered table: its columns, key, foreign keys and rules.

    Attributes:
        key: Columns of the primary key, in order.
        key_repeats: Whether repeated keys are accepted (the contract's duplicate rule is a warning): a record's
            identity is then key + content digest + occurrence among equal rows.
        language: zh or en: the language of its messages.
        digest: SHA-256 of the contract file's bytes.
        optional: Whether a delivery without the table is complete.
        reference: CSV file of `codes/` that holds the table; empty for a table that offices deliver.
    """

    table: str
    title: str
    version: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    key_repeats: bool
    relationships: tuple[Relationship, ...]
    rules: tuple[Rule, ...]
    language: str
    digest: str
    reference: str = ""
    optional: bool = False

    def column(self, name: str) -> Column | None:
        """The column of that name, None when there is none."""
        return next((column for column in self.columns if column.name == name), None)
