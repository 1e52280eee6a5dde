"""What a sentence needs to know of names: what a column is called, its kind, what its codes mean.

A rulebook answers from its contracts and facts (`describe.names`), a frozen card from its inputs (`card.naming`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from data_contracts.expressions.terms import Kind
from scoring.rulebook.wording.words import Words

MADE = {
    "points": ("得分", "points"),
    "level": ("等级", "level"),
    "status": ("状态", "status"),
    "division": ("归属地区", "division"),
    "missing_full": ("缺数据各项的满分之和", "full points of the lines left out"),
    "edition_year": ("评价年度", "year of the edition"),
    "rulebook": ("评分标准", "rulebook"),
    "record_id": ("记录编号", "record id"),
}
DAYS = {
    ("as_of",): ("评价日", "the as-of day"),
    ("period", "from"): ("评价期首日", "the first day of the period"),
    ("period", "to"): ("评价期末日", "the last day of the period"),
}


@dataclass(frozen=True, slots=True)
class Named:
    """A column as people call it.

    Attributes:
        labels: What its codes mean, empty where they mean themselves.
    """

    text: str
    kind: Kind
    labels: Mapping[str, str] = field(default_factory=dict)


class Naming(Protocol):
    """Titles as they are understood in one place."""

    @property
    def words(self) -> Words:
        """The language."""

    def find(self, path: tuple[str, ...]) -> Named | None:
        """What the column at *path* is called; None where the path leads nowhere."""

    def table(self, name: str) -> str:
        """Title of a look-up table."""

    def table_kind(self, name: str) -> Kind:
        """Kind of the values of a look-up table."""
