"""Rules that hold a delivery against the accepted records of a year before: how many rows, and of what kinds.

A rule without a year to compare with says nothing. Shares are compared as whole numbers, cross-multiplied: the same
two years give the same answer everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data_contracts.check.columns import Columns
from data_contracts.check.tables import Fault, worded
from data_contracts.failures import Wording, as_written, percent
from data_contracts.model import Column, Contract, Rule

Kind = str | None
_PARTS: Final = 4  # numbers are compared by the quarters of the year before


def unlike_before(rule: Rule, columns: Columns, before: pa.Table | None, say: Wording) -> list[Fault]:
    """One fault for each group with far fewer or more rows than *before*, in order; a group that is new has none."""
    per, least, most = rule.columns[0], rule.limits["least"], rule.limits["most"]
    if before is None or per not in before.column_names:
        return []
    now, then = (_counts(part).get(None, {}) for part in (_grouped(columns.array(per)), _grouped(before[per])))
    found = []
    for group, earlier in sorted((group, count) for group, count in then.items() if group is not None):
        count = now.get(group, 0)
        if not cast("Fraction", least) * earlier <= count <= cast("Fraction", most) * earlier:
            found.append(Fault(worded(rule, say.say("volume", count=count, earlier=earlier), say), group))
    return found


def drifted(rule: Rule, contract: Contract, columns: Columns, before: pa.Table | None, say: Wording) -> list[Fault]:
    """One fault for each column, in each group where the rule has groups, whose rows are of other kinds than *before*.

    Two years are as far apart as the share of rows that would have to be of another kind: half the sum of all
    differences of shares. A group with too few rows in either year is left out.
    """
    per = str(rule.limits["per"])
    if before is None or (per and per not in before.column_names):
        return []
    found: list[Fault] = []
    for name in rule.columns:
        column = contract.column(name)
        if column is None or name not in before.column_names:
            continue
        kinds = _Kinds.of(column, columns.array(name), before[name], say)
        now = _counts(_grouped(kinds.now, columns.array(per) if per else None))
        then = _counts(_grouped(kinds.then, before[per] if per else None))
        told = {
            group: _apart(rule, now[group], then[group], kinds.named, say)
            for group in sorted(now.keys() & then.keys(), key=str)
        }
        for group, sentence in told.items():
            if sentence:
                said = say.say("drift.in", column=column.title) + sentence
                found.append(Fault(worded(rule, said, say), group, per or name))
    return found


def _apart(
    rule: Rule, now: Mapping[Kind, int], then: Mapping[Kind, int], named: Callable[[Kind], str], say: Wording
) -> str:
    """What is said of the kind whose share changed most; nothing where the years are alike or too small to tell."""
    rows, earlier, most = sum(now.values()), sum(then.values()), cast("Fraction", rule.limits["most"])
    if min(rows, earlier) < cast("int", rule.limits["rows"]):
        return ""
    gaps = {kind: abs(now.get(kind, 0) * earlier - then.get(kind, 0) * rows) for kind in {*now, *then}}
    if sum(gaps.values()) * most.denominator <= 2 * most.numerator * rows * earlier:
        return ""
    kind = min(gaps, key=lambda kind: (-gaps[kind], kind is not None, str(kind)))
    shares = percent(now.get(kind, 0), rows), percent(then.get(kind, 0), earlier)
    return say.say("drift", kind=named(kind), share=shares[0], earlier=shares[1])


@dataclass(frozen=True, slots=True)
class _Kinds:
    """The kind of each row in two years, missing where its cell is empty, and how a kind is called.

    A code and a truth value are their own kind, a number is of the quarter of the year before that it lies in. Any
    other cell is merely there: days move on with every year.
    """

    now: pa.Array
    then: pa.Array
    named: Callable[[Kind], str]

    @classmethod
    def of(cls, column: Column, now: pa.Array, then: pa.ChunkedArray, say: Wording) -> _Kinds:
        kind = column.type.kind
        if column.labels or kind == "truth":
            return cls(now.cast(pa.string()), then.cast(pa.string()), lambda code: _code_named(code, column, say))
        if kind != "number":
            return cls(_there(now), _there(then), lambda code: _presence_named(code, say))
        known = np.sort(then.drop_null().to_numpy())
        cuts = np.unique(known[[len(known) * part // _PARTS for part in range(1, _PARTS)]]) if len(known) else known
        return cls(
            _quarters(now, cuts), _quarters(then, cuts), lambda code: _quarter_named(code, cuts.tolist(), column, say)
        )


def _there(part: pa.Array | pa.ChunkedArray) -> pa.Array:
    return pc.if_else(pc.is_valid(part), "", None)


def _quarters(numbers: pa.Array | pa.ChunkedArray, cuts: np.ndarray) -> pa.Array:
    """For each number how many *cuts* lie below it, as text."""
    places = np.searchsorted(cuts, pc.fill_null(numbers, 0).to_numpy(), side="left")
    return pc.if_else(pc.is_valid(numbers), pa.array(places).cast(pa.string()), None)


def _presence_named(code: Kind, say: Wording) -> str:
    return say.say("drift.missing" if code is None else "drift.there")


def _code_named(code: Kind, column: Column, say: Wording) -> str:
    if code is None:
        return say.say("drift.missing")
    word = column.labels.get(code) or (say.say(f"drift.{code}") if column.type.kind == "truth" else code)
    return say.say("drift.code", code=word)


def _quarter_named(code: Kind, cuts: list[int], column: Column, say: Wording) -> str:
    if code is None:
        return say.say("drift.missing")
    place, shown = int(code), [as_written(cut, column.type) for cut in cuts]
    above = say.say("drift.above", low=shown[place - 1]) if place else ""
    up_to = say.say("drift.up_to", high=shown[place]) if place < len(shown) else ""
    return say.say("drift.and").join(filter(None, (above, up_to)))


def _grouped(kinds: pa.Array | pa.ChunkedArray, groups: pa.Array | pa.ChunkedArray | None = None) -> pa.Table:
    known = pa.nulls(len(kinds), pa.string()) if groups is None else groups
    return pa.table({"group": known, "kind": kinds})


def _counts(rows: pa.Table) -> dict[Kind, dict[Kind, int]]:
    """Rows by group and kind."""
    found: dict[Kind, dict[Kind, int]] = {}
    counted = rows.group_by(["group", "kind"], use_threads=False).aggregate([([], "count_all")])
    for one in counted.to_pylist():
        found.setdefault(one["group"], {})[one["kind"]] = one["count_all"]
    return found
