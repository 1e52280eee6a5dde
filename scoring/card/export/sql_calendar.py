"""Years and months of a day number in SQL, with nothing but whole numbers: no database's own date functions are asked.

The Gregorian calendar in eras of 400 years that begin in March, so that a leap day is the last of its year. Days are
numbers since 1970-01-01. A day outside 1900 to 2100 gives NULL; the writer refuses its row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Final, Literal

from data_contracts.expressions.resolve import day_number
from scoring.facts.days import FIRST_YEAR, LAST_YEAR

Dialect = Literal["duckdb", "postgresql", "sqlite"]
ERA, SHIFT = 146_097, 719_468  # days of 400 years; from 0000-03-01 to 1970-01-01
YEAR: Final = "yoe + era * 400 + CASE WHEN mp < 10 THEN 0 ELSE 1 END"
MONTH: Final = "CASE WHEN mp < 10 THEN mp + 3 ELSE mp - 9 END"
LEAP: Final = "y % 4 = 0 AND (y % 100 <> 0 OR y % 400 = 0)"
LAST: Final = f"CASE WHEN m IN (4, 6, 9, 11) THEN 30 WHEN m <> 2 THEN 31 WHEN {LEAP} THEN 29 ELSE 28 END"
KNOWN: Final = (
    f"d BETWEEN ({day_number(date(FIRST_YEAR, 1, 1))}) AND {day_number(date(LAST_YEAR, 12, 31))}"  # NULL where d is
)


def year_of(dialect: Dialect, day: str) -> str:
    """The calendar year of *day*, a whole number in SQL."""
    return _chain(dialect, f"CASE WHEN {KNOWN} THEN {YEAR} END", f"{day} AS d", _civil(dialect))


def months_later(dialect: Dialect, day: str, months: str) -> str:
    """The day so many months later, on the month's last day when it is shorter."""
    over = _divider(dialect)
    steps = (
        f"({YEAR}) * 12 + ({MONTH}) - 1 + n AS t",
        f"{over('t', '12')} AS y",
        "t - y * 12 + 1 AS m",
        f"{LAST} AS longest, y - CASE WHEN m > 2 THEN 0 ELSE 1 END AS y_march",
        f"{over('y_march', '400')} AS era_then, m - CASE WHEN m > 2 THEN 3 ELSE -9 END AS mp_then",
        "y_march - era_then * 400 AS yoe_then, CASE WHEN dom > longest THEN longest ELSE dom END AS dom_then",
    )
    years = f"era_then * {ERA} + yoe_then * 365 + {over('yoe_then', '4')} - {over('yoe_then', '100')}"
    found = f"{years} + {over('153 * mp_then + 2', '5')} + dom_then - 1 - {SHIFT}"
    known = f"n IS NOT NULL AND {KNOWN} AND y BETWEEN {FIRST_YEAR} AND {LAST_YEAR}"
    given = f"{day} AS d, {months} AS n"
    return _chain(dialect, f"CASE WHEN {known} THEN {found} END", given, (*_civil(dialect), *steps))


def _civil(dialect: Dialect) -> tuple[str, ...]:
    """Steps from the day `d` to its era, year of the era `yoe`, month from March `mp` and day of the month `dom`."""
    over = _divider(dialect)
    years = f"doe - {over('doe', '1460')} + {over('doe', '36524')} - {over('doe', '146096')}"
    return (
        f"{over(f'd + {SHIFT}', str(ERA))} AS era",
        f"d + {SHIFT} - era * {ERA} AS doe",
        f"{over(years, '365')} AS yoe",
        f"doe - (365 * yoe + {over('yoe', '4')} - {over('yoe', '100')}) AS doy",
        f"{over('5 * doy + 2', '153')} AS mp",
        f"doy - {over('153 * mp + 2', '5')} + 1 AS dom",
    )


def _chain(dialect: Dialect, found: str, given: str, steps: Sequence[str]) -> str:
    """A scalar query that adds columns step by step; side by side, because SQLite reads nothing nested deep.

    PostgreSQL and SQLite would put each step into the next, wherever it is named, and a day made from a day grows
    without end: every step is computed once instead.
    """
    steps = (given, *(f"*, {step} FROM c{place}" for place, step in enumerate(steps)))
    once = "" if dialect == "duckdb" else "MATERIALIZED "
    parts = ", ".join(f"c{place} AS {once}(SELECT {step})" for place, step in enumerate(steps))
    return f"(WITH {parts} SELECT {found} FROM c{len(steps) - 1})"  # noqa: S608 - names and numbers of this module


def _divider(dialect: Dialect) -> Callable[[str, str], str]:
    """Whole-number division of numbers that are not negative."""
    return {
        "duckdb": lambda upper, lower: f"(({upper}) // {lower})",
        "postgresql": lambda upper, lower: f"DIV({upper}, {lower})",
        "sqlite": lambda upper, lower: f"(({upper}) / {lower})",
    }[dialect]
