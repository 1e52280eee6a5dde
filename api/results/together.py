"""Points told only together: where a line's points would tell a figure on few people, another line joins it.

A sum of two lines tells neither, so every printed sum stays true: the section's, the unit's, and that of the lines that
are shown with `together`. The other line's values are not shown either; of all that could join, the one is taken whose
values the fewest other rules read. Where a section holds nothing else, its own sum is told together with its neighbors.
A result that is one figure alone stays: the points of a unit are published.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Final

from api.results.titles import text_of
from api.results.views import Cited, Reference, SheetLine
from scoring.exact import decimal_text
from scoring.rulebook.shape import Title

COMPANION: Final = "people.companion"
Rank = Callable[[str], int]


def told_together(lines: Sequence[SheetLine], unit: Fraction, rank: Rank) -> list[SheetLine]:
    """*lines* with the points of withheld ones in a line of their own at the end of each section.

    Args:
        lines: In the sheet's order, sections before their lines; those with `withheld` may not show their points.
        unit: Value of one unit of points.
        rank: By id of a line: how many other rules read what it reads.
    """
    if not any(line.withheld for line in lines):
        return list(lines)
    sheet = _Sheet(lines, unit, rank)
    sheet.close(sheet.inside(-1), -1)
    return list(sheet.written(sheet.inside(-1), ""))


def is_companion(line: SheetLine) -> bool:
    """Whether a line is withheld for another's sake."""
    return line.withheld == text_of(COMPANION)


class _Sheet:
    def __init__(self, lines: Sequence[SheetLine], unit: Fraction, rank: Rank) -> None:
        self._lines, self._unit, self._rank = lines, unit, rank
        self._why: dict[int, Title] = {at: line.withheld for at, line in enumerate(lines) if line.withheld}

    def inside(self, owner: int) -> list[int]:
        """Places right below a section; of the sheet itself for -1."""
        depth = -1 if owner < 0 else self._lines[owner].depth
        found = []
        for at in range(owner + 1, len(self._lines)):
            if self._lines[at].depth <= depth:
                break
            if self._lines[at].depth == depth + 1:
                found.append(at)
        return found

    def close(self, group: Sequence[int], owner: int) -> None:
        """See that no withheld line of *group* stands alone, from the inside out."""
        for at in group:
            if self._lines[at].kind == "section":
                self.close(self.inside(at), at)
        withheld = [at for at in group if at in self._why]
        if len(withheld) != 1:
            return
        free = [at for at in group if at not in self._why]
        others = [at for at in free if self._lines[at].kind == "line"] or [
            at for at in free if self._lines[at].kind == "section"
        ]
        if others:
            self._join(min(others, key=lambda at: (self._lines[at].status != "applied", self._rank_of(at), at)))
        elif owner >= 0:
            self._why[owner] = self._why[withheld[0]]

    def written(self, group: Sequence[int], owner: str) -> Iterator[SheetLine]:
        """The lines of *group* and below, then what is told together."""
        withheld = [at for at in group if self._hides(at)]
        for at in group:
            line = self._lines[at]
            if at in withheld and line.kind == "follows":
                continue
            yield self._public(at) if at in self._why else line
            if line.kind == "section":
                yield from self.written(self.inside(at), line.id)
        if len([at for at in withheld if at in self._why]) > 1:
            yield self._together(withheld, owner)

    def _rank_of(self, at: int) -> int:
        return self._rank(self._lines[at].id)

    def _join(self, at: int) -> None:
        """Withhold a line, or a section with everything in it."""
        self._why[at] = text_of(COMPANION)
        for inner in self.inside(at) if self._lines[at].kind == "section" else ():
            if inner not in self._why:
                self._join(inner)

    def _hides(self, at: int) -> bool:
        """Whether a line is withheld, or follows from the bounds of one that is."""
        line = self._lines[at]
        owner = line.id.partition(":")[0]
        return at in self._why or (
            line.kind == "follows" and any(self._lines[one].id == owner and self._is_leaf(one) for one in self._why)
        )

    def _is_leaf(self, at: int) -> bool:
        return self._lines[at].kind == "line"

    def _public(self, at: int) -> SheetLine:
        line = replace(self._lines[at], points="", amount=None, tier=None, status="", withheld=self._why[at])
        if not is_companion(line):
            return line
        return replace(line, records=(), reads=tuple(without_value(one) for one in line.reads))

    def _together(self, places: Sequence[int], owner: str) -> SheetLine:
        total = sum((Fraction(self._lines[at].points) for at in places), Fraction(0))
        ids = ", ".join(self._lines[at].id for at in places if at in self._why)
        names = Title(ids.replace(", ", "、"), ids)
        said = text_of("people.together")
        title = Title(f"{said.zh}({names.zh})", f"{said.en} ({names.en})")
        depth = self._lines[places[0]].depth
        points = decimal_text(int(total / self._unit), self._unit)
        name = f"{owner or 'card'}:together"
        return SheetLine(
            "together", name, title, depth, points, None, None, "", None, None, None, False, None, "", (), Cited()
        )


def without_value(reference: Reference) -> Reference:
    """The name alone of what a companion reads."""
    return (
        reference
        if reference.withheld
        else replace(reference, text="", amount=None, withheld=text_of("people.not_alone"))
    )
