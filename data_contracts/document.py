"""A YAML document in which every value knows its line: what contracts, mappings and rulebooks are read from.

Scalars stay text (`level: 5` is "5", `0.10` keeps its zeros), repeated keys and aliases are refused, and a `Fields`
takes keys one by one so that what is left over can be named with the nearest key that would have been right.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction

import yaml

from data_contracts.expressions.resolve import did_you_mean

MAX_DEPTH = 60


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One fault: where it stands, what was found, what is allowed."""

    source: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.source}:{self.line}: {self.text}"


class DocumentError(ValueError):
    """All problems of a document or folder, together.

    Attributes:
        problems: In order of file and line.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(set(problems))
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(frozen=True, slots=True)
class Place:
    """File and line (from 1) of a value."""

    source: str
    line: int

    def problem(self, text: str) -> Problem:
        """A problem at this place."""
        return Problem(self.source, self.line, text)


@dataclass(frozen=True, slots=True)
class Entry:
    """A value of the document: text, a list or a mapping of further entries, or nothing."""

    value: str | list[Entry] | dict[str, Entry] | None
    at: Place
    quoted: bool = False

    @property
    def shown(self) -> str:
        """How an error names the value."""
        match self.value:
            case None:
                return "nothing"
            case str():
                return repr(self.value)
            case list():
                return "a list"
        return "a mapping"


def read_document(text: str, source: str) -> Entry:
    """Parse YAML text.

    Raises:
        DocumentError: Broken YAML, a repeated key, an alias, more than 60 levels, or nothing at all.
    """
    loader = yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader
    try:
        _check_depth(text, source, loader)
        node = yaml.compose(text, Loader=loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise DocumentError(
            [Problem(source, line, f"found YAML that cannot be read: {error.problem}{_hint(error)}")]
        ) from None
    except (yaml.YAMLError, RecursionError) as error:
        raise DocumentError([Problem(source, 1, f"found YAML that cannot be read: {type(error).__name__}")]) from None
    if node is None:
        raise DocumentError([Problem(source, 1, "found an empty file, allowed: a mapping of keys")])
    problems: list[Problem] = []
    entry = _entry(node, source, problems, set())
    if problems:
        raise DocumentError(problems)
    return entry


def _check_depth(text: str, source: str, loader: type[yaml.CSafeLoader | yaml.SafeLoader]) -> None:
    """Refuse deep nesting before it is composed: the C loader composes recursively and would end the process."""
    depth = 0
    for event in yaml.parse(text, Loader=loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            line = event.start_mark.line + 1 if event.start_mark else 1
            raise DocumentError([Problem(source, line, f"found more than {MAX_DEPTH} levels, allowed: fewer")])


def _hint(error: yaml.MarkedYAMLError) -> str:
    """Inside {…} and […] YAML reads commas and brackets itself: the usual slip of who writes expressions."""
    flow = error.problem is not None and any(end in error.problem for end in ("',' or '}'", "',' or ']'"))
    return "; inside {…} or […], text with , : [ ] { } stands in quotes" if flow else ""


def _entry(node: yaml.Node, source: str, problems: list[Problem], seen: set[int], above: Place | None = None) -> Entry:
    """*node* and all below it; a value of a mapping stands where its key does (*above*)."""
    at = above or Place(source, node.start_mark.line + 1)
    if id(node) in seen:
        problems.append(at.problem("found an alias (*name), allowed: the value written out"))
        return Entry(None, at)
    if not isinstance(node, yaml.ScalarNode):
        seen.add(id(node))
    if isinstance(node, yaml.ScalarNode):
        empty = node.tag == "tag:yaml.org,2002:null"
        return Entry(None if empty else node.value, at, node.style in ("'", '"'))
    if isinstance(node, yaml.SequenceNode):
        return Entry([_entry(item, source, problems, seen) for item in node.value], at)
    values: dict[str, Entry] = {}
    for key, value in node.value:
        place = Place(source, key.start_mark.line + 1)
        if not isinstance(key, yaml.ScalarNode):
            problems.append(place.problem("found a key that is not text, allowed: a plain key"))
        elif key.value in values:
            problems.append(place.problem(f"found key {key.value!r} twice, allowed: once"))
        else:
            values[key.value] = _entry(value, source, problems, seen, place)
    return Entry(values, at)


@dataclass(slots=True)
class Fields:
    """The keys of one mapping, taken one by one; `done` reports what was never asked for.

    Attributes:
        entry: The mapping; anything else is reported and treated as empty.
        problems: Shared list that every fault is added to.
    """

    entry: Entry
    problems: list[Problem]
    _asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not isinstance(self.entry.value, dict):
            self.refuse(self.entry, "a mapping of keys")

    @property
    def at(self) -> Place:
        """Where the mapping begins."""
        return self.entry.at

    def refuse(self, entry: Entry, allowed: str) -> None:
        """Report *entry* as found, with what is allowed."""
        self.problems.append(entry.at.problem(f"found {entry.shown}, allowed: {allowed}"))

    def has(self, key: str) -> bool:
        """Whether the key is written (and remember that it may be)."""
        self._asked.append(key)
        return key in self._values

    def get(self, key: str) -> Entry | None:
        """The entry of *key*, None when it is not written."""
        self._asked.append(key)
        return self._values.get(key)

    def need(self, key: str) -> Entry | None:
        """The entry of *key*; its absence is a problem."""
        entry = self.get(key)
        if entry is None:
            self.problems.append(self.at.problem(f"found no {key!r}, allowed: {key} is required here"))
        return entry

    def text(self, key: str, default: str = "") -> str:
        """Text of an optional key."""
        return self._text(self.get(key), default)

    def needed_text(self, key: str) -> str:
        """Text of a required key."""
        return self._text(self.need(key), "")

    def choice(self, key: str, allowed: Iterable[str], default: str | None = None) -> str:
        """One of *allowed*; required when there is no default."""
        entry = self.need(key) if default is None else self.get(key)
        words = list(allowed)
        if entry is None:
            return default or words[0]
        if entry.value not in words:
            self.refuse(entry, ", ".join(words) + did_you_mean(str(entry.value), words))
            return default or words[0]
        return str(entry.value)

    def flag(self, key: str, default: bool = False) -> bool:
        """True or false."""
        return self.choice(key, ("true", "false"), "true" if default else "false") == "true"

    def number(self, key: str) -> Fraction | None:
        """An exact decimal number, None when the key is not written."""
        entry = self.get(key)
        return None if entry is None else self.as_number(entry)

    def as_number(self, entry: Entry) -> Fraction | None:
        """*entry* as an exact decimal number."""
        number = decimal_number(entry.value)
        if number is None:
            self.refuse(entry, "a decimal number")
        return number

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; a single text counts as a list of one."""
        entry = self.get(key)
        if entry is None:
            return ()
        entries = entry.value if isinstance(entry.value, list) else [entry]
        return tuple(self._text(item, "") for item in entries)

    def items(self, key: str) -> list[Entry]:
        """The entries of an optional list."""
        entry = self.get(key)
        if entry is None:
            return []
        if not isinstance(entry.value, list):
            self.refuse(entry, "a list")
            return []
        return entry.value

    def mapping(self, key: str) -> dict[str, Entry]:
        """The entries of an optional mapping of free keys."""
        entry = self.get(key)
        if entry is None:
            return {}
        if not isinstance(entry.value, dict):
            self.refuse(entry, "a mapping")
            return {}
        return entry.value

    def nested(self, key: str) -> Fields | None:
        """The keys of a mapping below this one."""
        entry = self.get(key)
        return None if entry is None else Fields(entry, self.problems)

    def done(self) -> None:
        """Report every key that nothing asked for."""
        allowed = sorted(set(self._asked))
        for key, entry in self._values.items():
            if key not in allowed:
                hint = did_you_mean(key, allowed)
                self.problems.append(entry.at.problem(f"found {key!r}, allowed: {', '.join(allowed)}{hint}"))

    @property
    def _values(self) -> dict[str, Entry]:
        return self.entry.value if isinstance(self.entry.value, dict) else {}

    def _text(self, entry: Entry | None, default: str) -> str:
        if entry is None or entry.value is None:
            return default
        if not isinstance(entry.value, str):
            self.refuse(entry, "text")
            return default
        return entry.value


def decimal_number(value: object) -> Fraction | None:
    """The exact number a scalar writes; None when it is not one.

    >>> decimal_number("-0.50"), decimal_number("1e5"), decimal_number("x")
    (Fraction(-1, 2), None, None)
    """
    if not isinstance(value, str) or len(value) > 40:
        return None
    digits = value.removeprefix("-")
    whole, dot, part = digits.partition(".")
    plain = whole.isascii() and whole.isdigit() and (not dot or (part.isascii() and part.isdigit()))
    return Fraction(value) if plain else None
