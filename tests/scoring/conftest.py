"""What the tests of scoring share: a random language of typed expressions, and small rulebooks with their records."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from data_contracts.document import DocumentError
from data_contracts.expressions import DAY, NUMBER, TEXT, TRUTH, Environment, Term, Type, parse, resolve
from data_contracts.expressions.resolve import LookupTable, constant, day_number
from data_contracts.model import RECORD_ID, Contract
from scoring.card.card import STATES
from scoring.evaluation import Evaluation, evaluate
from scoring.evaluation.sheets import unit_keys
from scoring.facts.one_row import Context
from scoring.facts.values import Scalar, scalar
from scoring.rulebook import Rulebook, load_rulebook
from scoring.rulebook.relations import ForeignKey, Relation, RowScope, Schema

settings.register_profile("scoring", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("scoring")

Texts = st.SearchStrategy[str]
Row = dict[tuple[str, ...], Scalar]
LEVELS = ("4A", "3A", "2A", "A")
WORDS = ["lift", "roof", "电梯", "", "a b"]
DAYS = [
    date(1969, 12, 31), date(2003, 12, 31), date(2004, 1, 1), date(2023, 9, 30), date(2023, 12, 31), date(2024, 1, 1),
    date(2024, 1, 31), date(2024, 2, 9), date(2024, 2, 29), date(2024, 5, 11), date(2024, 12, 31), date(2026, 12, 31),
    date(2027, 1, 1), date(1899, 12, 31), date(2100, 12, 31),
]  # fmt: skip


COLUMNS = {
    "n": NUMBER.maybe(), "area": Type("number", 2, optional=True), "always": NUMBER, "kind": TEXT.maybe(),
    "owner": TEXT, "upheld": TRUTH.maybe(), "closed": TRUTH, "begun": DAY.maybe(), "ended": DAY,
    "level": Type("text", optional=True, order=LEVELS), "parent_id": TEXT.maybe(),
}  # fmt: skip
PARENT = {"parent_id": TEXT, "size": Type("number", 1, optional=True), "opened": DAY.maybe()}


@dataclass(frozen=True)
class Language:
    """Random expressions over one table of records, with a parent table, look-up tables and a period.

    Attributes:
        division: Whether `/` may stand in them, as on units; records have no division.
    """

    division: bool

    @property
    def columns(self) -> Mapping[str, Type]:
        """Columns of the table of records."""
        return COLUMNS

    @property
    def schema(self) -> Schema:
        """Two tables: `record`, and `parent` that it leads to."""
        key = ForeignKey("parent", ("parent_id",), "parent", ("parent_id",), optional=True)
        record = Relation("record", "record", {**COLUMNS, RECORD_ID: TEXT}, {"parent": key})
        return Schema({"record": record, "parent": Relation("parent", "parent", {**PARENT, RECORD_ID: TEXT}, {})})

    @property
    def context(self) -> Context:
        """Look-up tables that lack some keys, one of them with an else."""
        return Context(
            {
                "sla": {("lift",): Fraction(7), ("roof",): Fraction(1), ("",): Fraction(0)},
                "weight": {("lift",): Fraction(3, 2), ("电梯",): Fraction(-2)},
                "label": {("1",): "one", ("2",): "two"},
                "both": {("lift", "0"): Fraction(10), ("roof", "1"): Fraction(11)},
            }
        )

    @property
    def environment(self) -> Environment:
        """The period 2024, and the types of the look-up tables."""
        days = {
            ("as_of",): date(2024, 12, 31),
            ("period", "from"): date(2024, 1, 1),
            ("period", "to"): date(2024, 12, 31),
        }
        weight = LookupTable((TEXT,), Type("number", 1), None)
        tables = {
            "sla": LookupTable((TEXT,), NUMBER, constant(Fraction(5))),
            "weight": weight,
            "label": LookupTable((NUMBER,), TEXT, None),
            "both": LookupTable((TEXT, NUMBER), NUMBER, None),
        }
        return Environment(days, tables)

    def term(self, text: str) -> Term:
        """The typed term of a text."""
        schema = self.schema
        return resolve(parse(text), RowScope(schema, schema.tables["record"]), self.environment)

    def rows(self) -> st.SearchStrategy[list[Row]]:
        """A few records, every optional column missing now and then; a parent's columns go with the parent."""
        small = st.integers(-40, 40)
        hundredths = st.integers(-4000, 4000).map(lambda value: Fraction(value, 100))
        parents = st.fixed_dictionaries(
            {
                ("parent", "size"): st.none() | st.integers(-50, 50).map(lambda value: Fraction(value, 10)),
                ("parent", "opened"): st.none() | days_,
            }
        )
        one = st.fixed_dictionaries(
            {
                ("n",): st.none() | small.map(Fraction),
                ("area",): st.none() | hundredths,
                ("always",): st.integers(0, 3).map(Fraction),
                ("kind",): st.none() | st.sampled_from(WORDS),
                ("owner",): st.sampled_from(WORDS),
                ("upheld",): st.none() | st.booleans(),
                ("closed",): st.booleans(),
                ("begun",): st.none() | days_,
                ("ended",): days_,
                ("level",): st.none() | st.sampled_from(LEVELS),
                ("parent_id",): st.none() | st.sampled_from(["p1", "p2"]),
            }
        )
        both = st.tuples(st.lists(one, min_size=1, max_size=5), parents, parents)
        return both.map(lambda drawn: [_with_parent(row, {"p1": drawn[1], "p2": drawn[2]}) for row in drawn[0]])

    def truths(self, depth: int) -> Texts:
        """Texts of tests."""
        return _truths(self.division, depth)

    def anything(self, depth: int) -> Texts:
        """Texts of expressions of any kind."""
        return _anything(self.division, depth)


days_: st.SearchStrategy[Fraction] = st.one_of(st.sampled_from(DAYS), st.dates(date(2023, 6, 1), date(2025, 6, 1))).map(
    lambda day: Fraction(day_number(day))
)


@cache
def _numbers(division: bool, depth: int) -> Texts:
    """Numeric expressions."""
    written = ["0", "1", "1.5", "0.25", "-3", "2000000000", "null"]
    made = ["(ended - begun)", "year(begun)", "days_in_period(begun, ended)"]
    plain = st.sampled_from(["n", "area", "always", "parent.size", *written, *made])
    if not depth:
        return plain
    below, tests, words = _numbers(division, depth - 1), _truths(division, depth - 1), _texts(division, depth - 1)
    operators = st.sampled_from("+-*/" if division else "+-*")
    return st.one_of(
        plain,
        st.builds("({} {} {})".format, below, operators, below),
        st.builds("if({}, {}, {})".format, tests, below, below),
        st.builds("coalesce({}, {})".format, below, below),
        st.builds("least({}, {})".format, below, below),
        st.builds("greatest({}, {}, {})".format, below, below, below),
        st.builds("sla[{}]".format, words),
        st.builds("weight[{}]".format, words),
        st.builds("both[{}, always]".format, words),
        st.builds("given({}, -30, 30, 1, kind)".format, below),
    )


@cache
def _texts(division: bool, depth: int) -> Texts:
    """Text expressions."""
    quoted = st.sampled_from(WORDS).map("'{}'".format)
    plain = quoted | st.sampled_from(["kind", "owner", "coalesce(kind, owner)", "null"])
    if not depth:
        return plain
    below = _texts(division, depth - 1)
    return st.one_of(
        plain,
        st.just("label[always]"),
        st.builds("if({}, {}, {})".format, _truths(division, depth - 1), below, below),
        st.builds("coalesce({}, {})".format, below, below),
    )


@cache
def _days(division: bool, depth: int) -> Texts:
    """Day expressions."""
    plain = st.sampled_from(["begun", "ended", "as_of", "period.from", "parent.opened", "date '2024-02-29'"])
    if not depth:
        return plain
    below = _days(division, depth - 1)
    counts = st.sampled_from(["0", "1", "-1", "12", "-36", "always", "n", "sla[kind]", "sla['lift']", "2000"])
    return st.one_of(
        plain,
        st.builds("add_months({}, {})".format, below, counts),
        st.builds("add_working_days({}, {})".format, below, counts),
        st.builds("add_days({}, {})".format, below, counts),
        st.builds("({} - {})".format, below, counts),
        st.builds("coalesce({}, {})".format, below, below),
        st.builds("greatest({}, {})".format, below, below),
        st.builds("if({}, {}, {})".format, _truths(division, depth - 1), below, below),
    )


@cache
def _truths(division: bool, depth: int) -> Texts:
    """Tests."""
    equal, signs = st.sampled_from(["=", "<>"]), st.sampled_from(["=", "<>", "<", "<=", ">", ">="])
    plain = st.one_of(
        st.sampled_from(["upheld", "closed", "true", "null", "(kind is null)", "(area is not null)"]),
        st.sampled_from(["worse(level, '3A')", "better('2A', level)", "(level = '4A')"]),
        st.sampled_from(["in_period(begun)", "in_force(begun, ended)", "overlaps(begun, ended)"]),
        st.sampled_from(["within_months(begun, 36)", "within_months(ended, always)"]),
    )
    if not depth:
        return plain
    below, amounts = _truths(division, depth - 1), _numbers(division, depth - 1)
    words, dates = _texts(division, depth - 1), _days(division, depth - 1)
    return st.one_of(
        plain,
        st.builds("({} {} {})".format, amounts, signs, amounts),
        st.builds("({} {} {})".format, words, equal, words),
        st.builds("({} {} {})".format, dates, signs, dates),
        st.builds("({} {} {})".format, below, equal, below),
        st.builds("({} between {} and {})".format, amounts, amounts, amounts),
        st.builds("({} not in ({}, {}))".format, words, words, words),
        st.builds("({} {} {})".format, below, st.sampled_from(["and", "or"]), below),
        st.builds("(not {})".format, below),
        st.builds("({} is null)".format, amounts | words | dates | below),
        st.builds("if({}, {}, {})".format, below, below, below),
        st.builds("coalesce({}, {})".format, below, below),
    )


@cache
def _anything(division: bool, depth: int) -> Texts:
    """Expressions of any kind."""
    return st.one_of(
        _numbers(division, depth), _truths(division, depth), _texts(division, depth), _days(division, depth)
    )


def _with_parent(row: Any, parents: Mapping[str, Any]) -> Row:
    nobody: Row = {("parent", "size"): None, ("parent", "opened"): None}
    found = row[("parent_id",)]
    return {**row, **(parents[found] if found else nobody)}


@pytest.fixture(scope="session")
def unit_language() -> Language:
    """Expressions as units evaluate them."""
    return Language(division=True)


@pytest.fixture(scope="session")
def record_language() -> Language:
    """Expressions as records evaluate them."""
    return Language(division=False)


# Small rulebooks.

HEAD = """
rulebook: small
basis: proposed
period: {from: 2024-01-01, to: 2024-12-31}
points: {unit: 0.01}
"""
CONTRACTS = {
    "firms": "code* text, head text?, district text?, licensed truth?, staff number0?, area number2?, founded day?",
    "projects": "project* text, firm text -> firms.code, compound text?, area number2?, starts day?, ends day?",
    "records": (
        "record* text, firm text? -> firms.code, project text? -> projects.project, kind text?, content text?, "
        "happened day?, until day?, amount number1?, weight number0?, ok truth?, reason text?"
    ),
    "visits": "project* text -> projects.project, number* number0, day day?, grade number1?",
}


def contract_text(table: str, columns: str) -> str:
    """A contract file: `name* type? -> table.column`, * for the key, ? for what may be missing."""
    properties, place = [], 0
    for column in columns.split(", "):
        left, _, target = column.partition(" -> ")
        name, kind = left.split()
        plain, kind = kind.endswith("?"), kind.rstrip("?")
        scale = kind.removeprefix("number")
        logical = {"text": "string", "truth": "boolean", "day": "date"}.get(kind, "number")
        found = {"name": name.rstrip("*"), "logicalType": logical, "required": str(not plain).lower()}
        if logical == "number":
            found["physicalType"] = f'"DECIMAL(18,{scale})"'
        if name.endswith("*"):
            place += 1
            found |= {"primaryKey": "true", "primaryKeyPosition": str(place)}
        if target:
            found["relationships"] = f"[{{to: {target}}}]"
        properties.append(f"      - {{{', '.join(f'{key}: {value}' for key, value in found.items())}}}")
    head = ["apiVersion: v3.2.0", "kind: DataContract", f"id: {table}", "version: 1.0.0", "status: active", "schema:"]
    return "\n".join([*head, f"  - name: {table}", "    properties:", *properties]) + "\n"


@dataclass(frozen=True)
class Outcome:
    """What became of one unit.

    Attributes:
        points: None where it has none.
        lines: Points of every line, in order, those that follow from bounds only where they changed something.
        states: State of every line of the card.
        facts: Exact value of every fact and own column.
    """

    points: Fraction | None
    level: str | None
    status: str | None
    rank: int
    lines: dict[str, Fraction]
    states: dict[str, str]
    facts: dict[str, Scalar]


@dataclass(frozen=True)
class Book:
    """A rulebook folder that can be run on rows written in the test."""

    folder: Path

    def load(self, as_of: date | None = None) -> Rulebook:
        """The checked rulebook."""
        return load_rulebook(self.folder, as_of)

    def problems(self, as_of: date | None = None) -> list[str]:
        """All problems, as they are shown."""
        with pytest.raises(DocumentError) as caught:
            self.load(as_of)
        return [str(problem) for problem in caught.value.problems]

    def evaluate(self, as_of: date | None = None, earlier: Any = None, **rows: list[dict[str, Any]]) -> Evaluation:
        """A run over the rows of each table; numbers may be written as text."""
        rulebook = self.load(as_of)
        contracts = rulebook.contracts
        tables = {name: rows_of(contracts[name], rows.get(name, [])) for name in contracts}
        return evaluate(rulebook, tables, earlier=earlier)

    def run(self, unit: str = "firm", **rows: Any) -> dict[str, Outcome]:
        """What became of the units of one kind, by key."""
        return outcomes(self.evaluate(**rows), unit)

    def run_all(self, **rows: Any) -> dict[str, dict[str, Outcome]]:
        """What became of all units, by kind and key."""
        evaluation = self.evaluate(**rows)
        return {unit: outcomes(evaluation, unit) for unit in evaluation.units}


def rows_of(contract: Contract, rows: list[dict[str, Any]]) -> pa.Table:
    """Rows as a contract stores them, with the key as record id."""
    columns = {}
    for column in contract.columns:
        cells = [row.get(column.name) for row in rows]
        if column.type.kind == "number":
            cells = [
                None if cell is None else int(Fraction(str(cell)) * 10 ** (column.type.scale or 0)) for cell in cells
            ]
        if column.type.kind == "day":
            cells = [date.fromisoformat(cell) if isinstance(cell, str) else cell for cell in cells]
        kinds = {"number": pa.int64(), "text": pa.string(), "truth": pa.bool_(), "day": pa.date32()}
        columns[column.name] = pa.array(cells, kinds[column.type.kind])
    unknown = {name for row in rows for name in row} - set(columns)
    assert not unknown, unknown
    ids = ["/".join(str(row.get(name)) for name in contract.key) for row in rows]
    return pa.table({RECORD_ID: pa.array(ids, pa.string()), **columns})


def outcomes(evaluation: Evaluation, unit: str) -> dict[str, Outcome]:
    """Results of one kind of unit by key."""
    result, value = evaluation.units[unit], evaluation.rulebook.unit
    keys = unit_keys(evaluation.rulebook, result)
    found = {}
    for row, key in enumerate(keys):
        lines = {
            line.id: int(line.points[row]) * value for line in result.card.lines if not line.follows or line.points[row]
        }
        assert sum(lines.values()) == int(result.card.points[row]) * value
        found[key] = Outcome(
            points=int(result.card.points[row]) * value if result.rated.has_points[row] else None,
            level=result.rated.level[row],
            status=result.rated.status[row],
            rank=int(result.rated.rank[row]),
            lines=lines,
            states={line.id: STATES[line.state[row]] for line in result.card.lines if not line.follows},
            facts={path[0]: scalar(one, row) for path, one in result.facts.values.items() if len(path) == 1},
        )
    return found


@pytest.fixture
def make_book(tmp_path: Path) -> Callable[..., Book]:
    """Write a rulebook folder: rules below the usual head, contracts of the usual tables, further files as given."""

    def make(rules: str, head: str = HEAD, files: Mapping[str, str] | None = None, **contracts: str) -> Book:
        folder = tmp_path / f"book{len(list(tmp_path.iterdir()))}"
        texts = {
            f"contracts/{name}.odcs.yaml": contract_text(name, text)
            for name, text in {**CONTRACTS, **contracts}.items()
        }
        for name, text in {"rulebook.yaml": head + textwrap.dedent(rules), **texts, **(files or {})}.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return Book(folder)

    return make
