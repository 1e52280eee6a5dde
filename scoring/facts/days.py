"""Calendar arithmetic on day numbers (days since 1970-01-01): months, years and official working days.

Engines get the same answers from small tables made here, so that no engine's own date functions are ever asked.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

import numpy as np
import pyarrow as pa

from data_contracts.expressions.resolve import EPOCH, day_number

FIRST_YEAR, LAST_YEAR = 1900, 2100
_FIRST_DAY, _LAST_DAY = day_number(date(FIRST_YEAR, 1, 1)), day_number(date(LAST_YEAR, 12, 31))


class CalendarError(ValueError):
    """A day outside the years 1900 to 2100, or outside those that the working-day calendar knows."""


def day_of(number: int) -> date:
    """The day with that number.

    >>> day_of(0)
    datetime.date(1970, 1, 1)
    """
    return EPOCH + timedelta(days=number)


def year_of(day: int) -> int:
    """The calendar year.

    Raises:
        CalendarError: A day outside 1900 to 2100.

    >>> year_of(0)
    1970
    """
    return _checked(day).year


def add_months(day: int, months: int) -> int:
    """The day so many months later, on the month's last day when it is shorter.

    Raises:
        CalendarError: The day, or the result, outside 1900 to 2100.

    >>> day_of(add_months(day_number(date(2024, 1, 31)), 1))
    datetime.date(2024, 2, 29)
    """
    start = _checked(day)
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise CalendarError(f"found {start} plus {months} months, allowed: days from {FIRST_YEAR} to {LAST_YEAR}")
    last = calendar.monthrange(year, month + 1)[1]
    return day_number(date(year, month + 1, min(start.day, last)))


def _checked(day: int) -> date:
    if not _FIRST_DAY <= day <= _LAST_DAY:
        raise CalendarError(f"found day number {day}, allowed: days from {FIRST_YEAR} to {LAST_YEAR}")
    return day_of(day)


@dataclass(frozen=True)
class WorkingDays:
    """Official working days with the make-up Saturdays.

    Attributes:
        overrides: Days that differ from the shipped calendar. A year that it does not know yet, right after or
            before those it knows, counts as known once it is named here: Monday to Friday but for these days.
    """

    overrides: Mapping[date, bool] = field(default_factory=dict)

    @cached_property
    def days(self) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """Numbers of all working days, ascending."""
        import chinese_calendar

        shipped = _shipped_years()
        working = set()
        for year in self._years:
            day = date(year, 1, 1)
            while day.year == year:
                usual = chinese_calendar.is_workday(day) if year in shipped else day.weekday() < 5
                if self.overrides.get(day, usual):
                    working.add(day_number(day))
                day += timedelta(days=1)
        return np.array(sorted(working), np.int64)

    @cached_property
    def _years(self) -> range:
        shipped, named = _shipped_years(), {day.year for day in self.overrides}
        first, last = shipped[0], shipped[-1]
        while first - 1 in named:
            first -= 1
        while last + 1 in named:
            last += 1
        return range(first, last + 1)

    @property
    def span(self) -> tuple[int, int]:
        """First and last day the calendar knows."""
        return day_number(date(self._years[0], 1, 1)), day_number(date(self._years[-1], 12, 31))

    def add(self, day: int, count: int) -> int:
        """The day *count* working days after *day*; 0 is the day itself.

        Raises:
            CalendarError: The day or the result lies in a year without a calendar.
        """
        first, last = self.span
        place = int(np.searchsorted(self.days, day, side="right")) + count - 1
        if not first <= day <= last or (count and not 0 <= place < len(self.days)):
            raise CalendarError(
                f"found {_shown(day)} plus {count} working days, allowed: {day_of(first)} to {day_of(last)}"
            )
        return day if count == 0 else int(self.days[place])


def _shipped_years() -> range:
    import chinese_calendar.constants

    known = [day.year for day in chinese_calendar.constants.holidays]
    return range(min(known), max(known) + 1)


def _shown(day: int) -> str:
    return str(day_of(day)) if _FIRST_DAY <= day <= _LAST_DAY else f"day number {day}"


def month_tables() -> dict[str, pa.Table]:
    """`calendar_days` (day, year, month_no, day_of_month) and `calendar_months` (month_no, first_day, last_day)."""
    first, last = day_number(date(FIRST_YEAR, 1, 1)), day_number(date(LAST_YEAR, 12, 31))
    days = np.arange(first, last + 1)
    stamps = days.astype("datetime64[D]")
    months = stamps.astype("datetime64[M]").astype(np.int64) + 1970 * 12
    numbers = np.arange(FIRST_YEAR * 12, (LAST_YEAR + 1) * 12)
    firsts = (numbers - 1970 * 12).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    lasts = (numbers + 1 - 1970 * 12).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) - 1
    in_month = days - firsts[months - numbers[0]] + 1
    return {
        "calendar_days": pa.table({"day": days, "year": months // 12, "month_no": months, "day_of_month": in_month}),
        "calendar_months": pa.table({"month_no": numbers, "first_day": firsts, "last_day": lasts}),
    }


def working_day_tables(working: WorkingDays) -> dict[str, pa.Table]:
    """`working_counts` (day, workday_no: working days up to and with it) and `working_days` (workday_no, day)."""
    first, last = working.span
    days = np.arange(first, last + 1)
    counts = np.searchsorted(working.days, days, side="right")
    return {
        "working_counts": pa.table({"day": days, "workday_no": counts.astype(np.int64)}),
        "working_days": pa.table({"workday_no": np.arange(1, len(working.days) + 1), "day": working.days}),
    }
