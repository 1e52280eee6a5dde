"""Pages of a list by number: a result never changes under its reader, so a number is as safe as a cursor."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list.

    Attributes:
        number: 1 for the first page.
        size: Rows on a full page, at least 1.
        total: Rows of the whole list.
    """

    number: int
    size: int
    total: int

    @property
    def count(self) -> int:
        """Number of pages; an empty list has one, empty page.

        >>> Page(1, 50, 0).count, Page(1, 50, 50).count, Page(1, 50, 51).count
        (1, 1, 2)
        """
        return max(-(-self.total // self.size), 1)

    @property
    def start(self) -> int:
        """Rows before this page."""
        return (self.number - 1) * self.size

    @property
    def stop(self) -> int:
        """Rows up to the end of this page."""
        return min(self.start + self.size, self.total)

    @property
    def previous(self) -> int | None:
        """Number of the page before, None on the first; beyond the end it is the last page."""
        return min(self.number - 1, self.count) if self.number > 1 else None

    @property
    def next(self) -> int | None:
        """Number of the page after, None on the last."""
        return self.number + 1 if self.number < self.count else None
