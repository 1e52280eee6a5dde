"""What one edition of a rulebook changes against another, clause by clause.

Two spellings of one rule are no difference: keys in another order, `0.50` for `0.5`, brackets and blanks in an
expression, a default written out. A citation that a part only inherits is reported where it is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from scoring.rulebook.outline import Formula, Leaf, Node, Order, Sequence, Tree, outline
from scoring.rulebook.shape import Rulebook
from scoring.rulebook.written import written

_INHERITED = ("clause", "source", "basis", "analogue")


@dataclass(frozen=True, slots=True)
class Change:
    """One difference.

    Attributes:
        path: Names from the book down to the clause, e.g. units, firm, levels, rows, row 1 (4A), from.
        kind: added, removed or changed.
        old, new: The clause as text, a part of several clauses on one line; empty where there is none.
    """

    path: tuple[str, ...]
    kind: Literal["added", "removed", "changed"]
    old: str
    new: str

    @property
    def where(self) -> str:
        """The path as one text."""
        return " > ".join(self.path)

    def __str__(self) -> str:
        if self.kind == "added":
            return f"+ {self.where}: {self.new}"
        if self.kind == "removed":
            return f"- {self.where}: {self.old}"
        return f"~ {self.where}: {self.old} → {self.new}"


def compare(old: Rulebook, new: Rulebook) -> list[Change]:
    """Every clause that differs, in the order of *old*; what only *new* has follows at its place in the tree.

    Titles, notes, sources and delivered tables are clauses too. Mappings and files that are not rules are compared by
    content alone.
    """
    changes = list(_trees(outline(old), outline(new), (), {}))
    return [*changes, *_files(old.files, new.files)]


def _files(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Change]:
    for name in dict.fromkeys((*old, *new)):
        if name.startswith("mappings/") and old.get(name) != new.get(name):
            kind: Literal["added", "removed", "changed"] = "changed"
            if name not in old or name not in new:
                kind = "added" if name in new else "removed"
            yield Change((name,), kind, old.get(name, "")[:12], new.get(name, "")[:12])


def _trees(old: Tree, new: Tree, path: tuple[str, ...], around: Mapping[str, tuple[Node, Node]]) -> Iterator[Change]:
    """Differences of two trees; *around* holds how the citation changes that the parts inherit."""
    cites = any(key in tree for tree in (old, new) for key in _INHERITED)
    inherited = {key: (old.get(key, ""), new.get(key, "")) for key in _INHERITED} if cites else around
    for key in dict.fromkeys((*old, *new)):
        one, other = old.get(key, ""), new.get(key, "")
        if key in _INHERITED and around.get(key) == (one, other):
            continue
        yield from _nodes(one, other, (*path, key), inherited)


def _nodes(old: Node, new: Node, path: tuple[str, ...], around: Mapping[str, tuple[Node, Node]]) -> Iterator[Change]:
    if isinstance(old, Order) or isinstance(new, Order):
        yield from _order(old, new, path)
    elif not old or not new:
        if old or new:
            yield Change(path, "added" if new else "removed", _text(old), _text(new))
    elif isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from _trees(old, new, path, around)
    elif isinstance(old, Sequence) and isinstance(new, Sequence):
        yield from _rows(old, new, path, around)
    elif not _same(old, new):
        yield Change(path, "changed", _text(old), _text(new))


def _order(old: Node, new: Node, path: tuple[str, ...]) -> Iterator[Change]:
    """Only what both have can have changed places."""
    if isinstance(old, Order) and isinstance(new, Order):
        ones = [name for name in old.names if name in new.names]
        others = [name for name in new.names if name in old.names]
        if ones != others:
            yield Change(path, "changed", ", ".join(ones), ", ".join(others))


def _same(old: Node, new: Node) -> bool:
    if isinstance(old, Formula) and isinstance(new, Formula):
        return old.text == new.text or written(old.term) == written(new.term)
    return old == new


def _rows(
    old: Sequence, new: Sequence, path: tuple[str, ...], around: Mapping[str, tuple[Node, Node]]
) -> Iterator[Change]:
    """Rows side by side: equal ones first, then those that give the same, then by place."""
    ones, others = [[_text(row) for _, row in rows.rows] for rows in (old, new)]
    for tag, first, last, start, end in SequenceMatcher(None, ones, others, autojunk=False).get_opcodes():
        if tag != "equal":
            yield from _block(old, new, range(first, last), range(start, end), path, around)


def _block(
    old: Sequence,
    new: Sequence,
    mine: range,
    theirs: range,
    path: tuple[str, ...],
    around: Mapping[str, tuple[Node, Node]],
) -> Iterator[Change]:
    pairs = _paired(old, new, list(mine), list(theirs))
    for place in mine:
        name, row = old.rows[place]
        label = (*path, f"row {place + 1} ({name})")
        if place in pairs:
            yield from _trees(row, new.rows[pairs[place]][1], label, around)
        else:
            yield Change(label, "removed", _text(row), "")
    for place in theirs:
        if place not in pairs.values():
            name, row = new.rows[place]
            yield Change((*path, f"row {place + 1} ({name})"), "added", "", _text(row))


def _paired(old: Sequence, new: Sequence, mine: list[int], theirs: list[int]) -> dict[int, int]:
    pairs: dict[int, int] = {}
    free = list(theirs)
    for place in mine:
        same = next((other for other in free if new.rows[other][0] == old.rows[place][0]), None)
        if same is not None:
            pairs[place] = same
            free.remove(same)
    rest = [place for place in mine if place not in pairs]
    return pairs | dict(zip(rest, free, strict=False))


def _text(node: Node) -> str:
    """A clause on one line: its leaves, each after its name."""
    match node:
        case str():
            return node
        case Formula():
            return node.text
        case Sequence():
            return "; ".join(f"{name}: {_text(row)}" for name, row in node.rows)
        case Order():
            return ", ".join(node.names)
    return ", ".join(_named(key, part) for key, part in node.items() if not isinstance(part, Order))


def _named(key: str, node: Node) -> str:
    return f"{key}: {_text(node)}" if isinstance(node, Leaf) else f"{key} ({_text(node)})"
