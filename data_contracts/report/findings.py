"""The broken rules of a batch, each with what it asks, how often it was broken, and where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from data_contracts.failures import Failures, Wording
from data_contracts.model import Contract, Rule
from data_contracts.personal import MASK, masked

MAX_EXAMPLES: Final = 20
MAX_SHOWN: Final = 60  # characters of a value; the whole value stands in the fix workbook


@dataclass(frozen=True, slots=True)
class Place:
    """Rows of one sheet that are broken in the same way.

    Attributes:
        file: File and sheet; empty for a fault of the table as a whole.
        rows: As the office counts them.
        value: What stands there, without what leads to a person, cut when it is long.
        told: What their office is told beyond what the rule asks, in the contract's language.
    """

    file: str
    rows: tuple[int, ...]
    value: str
    told: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken rule.

    Attributes:
        table, rule, severity: Which, and whether it refuses rows.
        columns: Their titles.
        count: Broken rows or cells.
        asks: What the rule asks.
        language: Of *asks*: the contract's own words stay in its language.
        basis: Clause, empty when none.
        places: Where the first of them stand.
        shown: How many those are.
    """

    table: str
    rule: str
    severity: str
    columns: tuple[str, ...]
    count: int
    asks: str
    language: str
    basis: str
    places: tuple[Place, ...]
    shown: int


TELLING: Final = ("unique", "overlap", "check_digit", "row_count", "volume", "drift", "freshness")  # of their own rows


def findings(failures: Failures, contracts: Mapping[str, Contract], language: str) -> Iterator[Finding]:
    """Errors first, the most frequent first."""
    table = failures.table
    counted = (
        table.group_by(["severity", "table", "rule"], use_threads=False).aggregate([([], "count_all")]).to_pylist()
    )
    for one in sorted(counted, key=lambda one: (one["severity"], -one["count_all"], one["table"], one["rule"])):
        fits = pc.and_(pc.equal(table["rule"], one["rule"]), pc.equal(table["table"], one["table"]))
        yield _finding(one, table.filter(fits).slice(0, MAX_EXAMPLES), contracts[one["table"]], language)


def _finding(one: Mapping[str, Any], examples: pa.Table, contract: Contract, language: str) -> Finding:
    rule = next((rule for rule in contract.rules if rule.id == one["rule"]), None) or _of_intake(examples)
    columns = [contract.column(name) for name in rule.columns]
    personal = any(column is not None and column.classification == "personal" for column in columns)
    return Finding(
        table=contract.table,
        rule=rule.id,
        severity=one["severity"],
        columns=tuple(column.title for column in columns if column is not None),
        count=one["count_all"],
        asks=rule.message or Wording(language).asks(rule, contract),
        language=contract.language if rule.message else language,
        basis=rule.legal_basis,
        places=tuple(_places(examples.to_pylist(), _plain(rule, contract), personal)),
        shown=examples.num_rows,
    )


def _of_intake(examples: pa.Table) -> Rule:
    """What intake asks of every table, beyond its contract: no key may lead to a person."""
    first = examples.slice(0, 1).to_pylist()[0]
    return Rule(first["rule"], "person", tuple((first["column"] or "").split(", ")), message=first["message"])


def _plain(rule: Rule, contract: Contract) -> str:
    """How each message about *rule* begins that only repeats what it asks."""
    column = contract.column(rule.columns[0]) if len(rule.columns) == 1 else None
    return rule.message or ("" if rule.kind in TELLING else Wording(contract.language).of(rule, column))


def _places(examples: list[dict[str, Any]], plain: str, personal: bool) -> Iterator[Place]:
    rows: dict[tuple[str, str, str], list[int]] = {}
    for one in examples:
        file = " ".join(filter(None, (one["file"], one["sheet"]))) if one["row"] else ""
        told = one["message"].removeprefix(plain).lstrip("; ")
        key = (file, _shown(one["value"], personal), told)
        rows.setdefault(key, []).extend([one["row"]] if one["row"] else [])
    return (Place(file, tuple(found), value, told) for (file, value, told), found in rows.items())


def _shown(value: str | None, personal: bool) -> str:
    text = masked(value or "")
    if personal and text:
        return MASK
    return text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + "…"
