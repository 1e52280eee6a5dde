"""Names that become names in SQL: units, facts, views, look-up tables and the tables of contracts.

They stand in SQL without quotes, which no two engines write alike, so they have to be plain. Two underscores are kept
for columns that are made on the way.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from data_contracts.document import Place
from data_contracts.expressions.syntax import KEYWORDS
from data_contracts.model import RECORD_ID, Contract
from scoring.rulebook.reading import Reading

ALLOWED = "a-z, 0-9 and single _, beginning with a letter, at most 60 characters"
MADE = ("points", "level", "status")
WORDS = {*KEYWORDS, RECORD_ID, "unit_no", "as_of", "period", "any", "all"}
CALENDARS = ("calendar_days", "calendar_months", "working_counts", "working_days")
# Words that an engine does not take for a table where it stands in FROM.
_SQL = """all analyse analyze and anti any array as asc asof asymmetric at authorization binary both by case cast check
    collate collation column concurrently constraint create cross default deferrable desc describe distinct do else end
    except false fetch for foreign freeze from full glob group having ilike in initially inner intersect into is isnull
    join lambda lateral leading left like limit natural not notnull null offset on only or order outer overlaps pivot
    placing positional primary qualify references returning right select semi show similar some summarize symmetric
    table tablesample then to trailing true union unique unpack unpivot using variadic verbose when where window with
    minus values user unknown"""
SQL_WORDS = frozenset(_SQL.split())
_PLAIN = re.compile(r"[a-z](?:_?[a-z0-9])*_?")


def check_name(reading: Reading, at: Place, name: str, what: str) -> None:
    """Report a name that cannot stand in SQL, or that the language uses itself."""
    if not _PLAIN.fullmatch(name) or len(name) > 60:
        reading.refuse(at, f"found {what} {name[:80]!r}, allowed: {ALLOWED}")
    elif name in WORDS:
        reading.refuse(at, f"found {what} {name!r}, allowed: a name that the language does not use itself")


def check_contracts(reading: Reading, contracts: Mapping[str, Contract], units: list[str], tables: list[str]) -> None:
    """Report tables and columns of contracts whose names collide with what an evaluation makes."""
    made = {*CALENDARS, *(f"lookup_{name}" for name in tables)}
    made |= {f"{prefix}_{unit}" for unit in units for prefix in ("members", "rated", "earlier")}
    for name, contract in contracts.items():
        at = Place(f"contracts/{name}", 1)
        if name in SQL_WORDS or not _PLAIN.fullmatch(name):
            reading.refuse(at, f"found table {name!r}, allowed: a name that is no word of SQL, {ALLOWED}")
        elif name in made:
            reading.refuse(at, f"found table {name!r}, which an evaluation makes itself, allowed: another name")
        for column in contract.columns:
            if "__" in column.name or column.name == "unit_no":
                reading.refuse(at, f"found column {column.name!r}, allowed: other than unit_no, no __")
