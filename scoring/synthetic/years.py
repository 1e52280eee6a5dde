"""One evaluation year as days since 1970-01-01, the only form of a day in these rooms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

EPOCH: Final = date(1970, 1, 1).toordinal()
LAST_YEAR: Final = 2024
MOST_YEARS: Final = 10
NEVER: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Year:
    """A calendar year.

    >>> year = Year(2024)
    >>> year.days, year.last - year.first, year.day(3, 1) - year.day(2, 28)
    (366, 365, 2)
    """

    number: int

    @property
    def first(self) -> int:
        """1 January."""
        return self.day(1, 1)

    @property
    def last(self) -> int:
        """31 December."""
        return self.day(12, 31)

    @property
    def days(self) -> int:
        """365 or 366."""
        return self.last - self.first + 1

    def day(self, month: int, day: int) -> int:
        """A day of the year."""
        return date(self.number, month, day).toordinal() - EPOCH

    def before(self, years: int) -> Year:
        """An earlier year; a later one for a negative number."""
        return Year(self.number - years)
