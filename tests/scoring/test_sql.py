"""Expressions over records as SQL on DuckDB against the same expressions read for one record at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from data_contracts.expressions import ExpressionError, Term, Type, parse, resolve
from data_contracts.expressions.integers import to_integers
from data_contracts.expressions.terms import Constant
from data_contracts.model import RECORD_ID
from scoring.facts.days import CalendarError, WorkingDays, month_tables, working_day_tables
from scoring.facts.duckdb import DuckDBEngine
from scoring.facts.engine import FactOverflowError
from scoring.facts.one_row import MissingKeyError, RefusedValueError, one_row
from scoring.facts.sql import Rows, literal, text_literal
from scoring.facts.values import Path, Scalar
from scoring.facts.views import guard_queries
from scoring.rulebook.relations import RowScope

REFUSALS = (MissingKeyError, RefusedValueError, CalendarError)
ARROW = {"number": pa.int64(), "text": pa.string(), "truth": pa.bool_(), "day": pa.int64()}
LOOK_UPS: dict[str, tuple[list[tuple[Any, ...]], pa.DataType]] = {
    "sla": ([("lift", 7), ("roof", 1), ("", 0)], pa.int64()),
    "weight": ([("lift", 15), ("电梯", -20)], pa.int64()),
    "label": ([(1, "one"), (2, "two")], pa.string()),
    "both": ([("lift", 0, 10), ("roof", 1, 11)], pa.int64()),
}


@pytest.fixture(scope="module")
def engine() -> DuckDBEngine:
    """DuckDB with the calendars and look-up tables of the language."""
    made = DuckDBEngine(threads=1)
    for name, table in {**month_tables(), **working_day_tables(WorkingDays())}.items():
        made.load(name, table)
    for name, (rows, found) in LOOK_UPS.items():
        columns = list(zip(*rows, strict=True))
        keys = {f"key_{place}": pa.array(column) for place, column in enumerate(columns[:-1], start=1)}
        made.load(f"lookup_{name}", pa.table({**keys, "found": pa.array(columns[-1], found)}))
    return made


def load(engine: DuckDBEngine, kinds: Mapping[str, Type], rows: Sequence[Mapping[Path, Any]]) -> None:
    """The records, and the parents that they name."""
    columns = {
        name: pa.array([_cell(row[(name,)], kind) for row in rows], ARROW[kind.kind]) for name, kind in kinds.items()
    }
    columns[RECORD_ID] = pa.array([f"r{place}" for place in range(len(rows))])
    engine.load("record", pa.table(columns))
    parents = {row[("parent_id",)]: row for row in rows if row[("parent_id",)]}
    engine.load(
        "parent",
        pa.table(
            {
                "parent_id": pa.array(list(parents), pa.string()),
                "size": pa.array(
                    [_cell(row[("parent", "size")], Type("number", 1)) for row in parents.values()], pa.int64()
                ),
                "opened": pa.array(
                    [_cell(row[("parent", "opened")], Type("day", 0)) for row in parents.values()], pa.int64()
                ),
                RECORD_ID: pa.array(list(parents), pa.string()),
            }
        ),
    )


def _cell(value: Any, kind: Type) -> Any:
    return int(value * 10 ** (kind.scale or 0)) if isinstance(value, Fraction) else value


def answers(engine: DuckDBEngine, term: Term, rows: Rows) -> tuple[dict[str, Any], set[str]]:
    """Value of the term by record, and the records that a guard refuses."""
    sql = rows.render(term)
    body = f"FROM record AS v{rows.join_sql()}"
    found = engine.run(f"SELECT v.record_id AS record_id, {sql} AS found {body}").to_pylist()
    refused = {
        row[RECORD_ID] for guard in guard_queries(rows.guards, body) for row in engine.run(guard.sql).to_pylist()
    }
    return {row[RECORD_ID]: exactly(row["found"], term) for row in found}, refused


def exactly(value: Any, term: Term) -> Scalar:
    """A stored answer as the exact value that it stands for."""
    if value is None or term.type.kind in ("text", "truth"):
        return value  # type: ignore[no-any-return]
    return Fraction(int(value), 10 ** (to_integers(term).type.scale or 0))


@settings(max_examples=300, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(data=st.data())
def test_sql_on_records_means_what_each_record_means_alone(record_language, engine: DuckDBEngine, data: st.DataObject):
    """A firm can check every counted record by hand and must find what the engine found, errors included."""
    term = record_language.term(data.draw(record_language.anything(3)))
    records = data.draw(record_language.rows())
    load(engine, record_language.columns, records)
    rows = Rows(record_language.schema, record_language.schema.tables["record"])

    try:
        found, refused = answers(engine, term, rows)
    except FactOverflowError:
        reject()

    assert set(found) == {f"r{place}" for place in range(len(records))}
    for place, record in enumerate(records):
        name = f"r{place}"
        try:
            wanted = one_row(term, record, record_language.context)
        except REFUSALS:
            assert name in refused
        else:
            assert name not in refused
            assert found[name] == wanted


def test_numbers_written_in_a_rule_are_64_bits_wide(record_language, engine: DuckDBEngine):
    """Two billions plus two billions: engines take a written number for 32 bits, where that wraps or fails."""
    term = record_language.term("if(closed, 2000000000, 1) + if(closed, 2000000000, 1) + 2000000000 * 3")
    record: dict[Path, Any] = dict.fromkeys([(name,) for name in record_language.columns], None)
    load(engine, record_language.columns, [{**record, ("closed",): True}])

    found, _ = answers(engine, term, Rows(record_language.schema, record_language.schema.tables["record"]))

    assert found == {"r0": 10_000_000_000}


def test_a_product_beyond_64_bits_is_an_error(record_language, engine: DuckDBEngine):
    """It would wrap to a small number in silence."""
    term = record_language.term("n * n * n")
    record: dict[Path, Any] = dict.fromkeys([(name,) for name in record_language.columns], None)
    load(engine, record_language.columns, [{**record, ("n",): Fraction(3 * 10**9)}])

    with pytest.raises(FactOverflowError):
        answers(engine, term, Rows(record_language.schema, record_language.schema.tables["record"]))


def test_days_since_the_previous_record_of_the_same_keys(record_language, engine: DuckDBEngine):
    """Repeats within 90 days: the same day counts, a record without its key or day does not, ties go by record id."""
    schema = record_language.schema
    environment = replace(record_language.environment, windows=True)
    term = resolve(parse("days_since_previous(begun, kind)"), RowScope(schema, schema.tables["record"]), environment)
    record: dict[Path, Scalar] = dict.fromkeys([(name,) for name in record_language.columns], None)
    days = [("a", 100), ("b", 110), ("a", 190), ("a", 190), (None, 191), ("a", None), ("a", 281), (None, 300)]
    rows = [{**record, ("kind",): kind, ("begun",): None if day is None else Fraction(day)} for kind, day in days]
    load(engine, record_language.columns, rows)

    found, _ = answers(engine, term, Rows(schema, schema.tables["record"]))

    assert [found[f"r{place}"] for place in range(8)] == [None, None, 90, 0, None, None, 91, None]


@pytest.mark.parametrize("text", ["O'Brien", "back\\slash"])
def test_texts_that_engines_read_differently_are_refused(text: str):
    """A quote is doubled in one engine and escaped in another."""
    with pytest.raises(ExpressionError, match="allowed: texts without quotes and backslashes"):
        text_literal(text)


def test_a_number_beyond_the_engines_is_refused():
    """An engine would turn it into a floating-point number."""
    with pytest.raises(ExpressionError, match="allowed: numbers below 2\\^62"):
        literal(Constant(Type("number", 0), Fraction(2**62)))
