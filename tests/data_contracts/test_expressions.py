"""The expression language: what it reads, what it refuses in which words, and what it means on rows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import narwhals as nw
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_contracts.expressions import (
    DAY,
    NUMBER,
    TEXT,
    TRUTH,
    Environment,
    ExpressionError,
    Type,
    parse,
    resolve,
)
from data_contracts.expressions.exact_rows import exact_flag, safe_reach
from data_contracts.expressions.flags import flag_expression
from data_contracts.expressions.integers import to_integers
from data_contracts.expressions.resolve import ColumnScope, LookupTable, constant
from data_contracts.expressions.syntax import (
    MAX_DEPTH,
    MAX_LENGTH,
    MAX_OPERATORS,
    Binary,
    Call,
    In,
    IsNull,
    Literal,
    LookUp,
    Name,
    Node,
    Unary,
)
from data_contracts.expressions.terms import columns

COLUMNS: dict[str, Type] = {
    "units": NUMBER.maybe(),
    "area": Type("number", scale=2, optional=True),
    "kind": TEXT.maybe(),
    "owner": TEXT.maybe(),
    "begun": DAY.maybe(),
    "ended": DAY.maybe(),
    "upheld": TRUTH.maybe(),
    "closed": TRUTH.maybe(),
}
LEVEL = Type("text", order=("4A", "3A", "2A", "A"))


def message_of(text: str, environment: Environment | None = None, **more: Type) -> str:
    """What is said about an expression that is refused."""
    with pytest.raises(ExpressionError) as caught:
        resolve(parse(text), ColumnScope(COLUMNS | more), environment)
    return str(caught.value)


# Reading.


def test_and_binds_tighter_than_or():
    """A clerk who writes `a or b and c` means what SQL means."""
    node = parse("upheld or closed and units = 1")

    assert isinstance(node, Binary)
    assert node.operator == "or"


def test_not_covers_the_comparison_that_follows():
    """`not a = b` negates the comparison, as in SQL, and not the column."""
    node = parse("not units = 1")

    assert isinstance(node, Unary)
    assert isinstance(node.operand, Binary)


def test_products_come_before_sums_and_sums_before_comparisons():
    """1 + 2 * 3 < 8 is read as arithmetic everywhere."""
    node = parse("1 + 2 * 3 < 8")

    assert isinstance(node, Binary)
    assert node.operator == "<"
    assert isinstance(node.left, Binary)
    assert node.left.operator == "+"


def test_a_doubled_quote_is_a_quote_inside_text():
    """Names such as O'Brien can be written."""
    node = parse("'O''Brien'")

    assert node == Literal(0, "O'Brien")


def test_decimals_are_exact():
    """0.1 is one tenth and not the nearest binary fraction."""
    node = parse("0.10")

    assert node == Literal(0, Fraction(1, 10), 2)


def test_keywords_are_read_in_any_case():
    """A rule copied from an SQL tool in capitals still works."""
    assert parse("units IS NOT NULL AND upheld") == parse("units is not null and upheld")


@pytest.mark.parametrize(
    "text, at, message",
    [
        ("", 0, "found end of expression, allowed: a name, a number, 'text', a function or '('"),
        ("units =", 7, "found end of expression, allowed: a name, a number, 'text', a function or '('"),
        ("units = 1 2", 10, "found '2', allowed: an operator or the end"),
        ("(units = 1", 10, "found end of expression, allowed: ')'"),
        ('kind = "lift"', 7, "found '\"', allowed: text in single quotes"),
        ("kind = 'lift", 7, 'found "\'", allowed: a closing quote for the text that begins here'),
        ("units != 1", 6, "found '!', allowed: <> for 'not equal'"),
        ("upheld & closed", 7, "found '&', allowed: and"),
        ("upheld | closed", 7, "found '|', allowed: or"),
        ("units > 5 %", 10, "found '%', allowed: a plain number (percentages are for rank steps only)"),
        ("units # 1", 6, "found '#', allowed: names, numbers, 'text', and or not = <> < <= > >= + - * / ( ) [ ] , ."),
        ("1 < units < 5", 10, "found '<', allowed: 'and' between two comparisons"),
        ("units is 5", 9, "found '5', allowed: 'null'"),
        ("units between 1 or 5", 16, "found 'or', allowed: 'and'"),
        ("project. = 1", 9, "found '=', allowed: a column name after '.'"),
        ("sla[]", 0, "found sla[], allowed: sla[key]"),
        ("begun > date '2024-02-30'", 13, "found date '2024-02-30', allowed: date 'YYYY-MM-DD'"),
    ],
)
def test_a_fault_of_grammar_is_named_with_its_place(text: str, at: int, message: str):
    """Whoever wrote the rule is told where it breaks and what may stand there."""
    with pytest.raises(ExpressionError) as caught:
        parse(text)

    assert (caught.value.at, str(caught.value)) == (at, message)


def test_an_expression_cannot_exhaust_the_stack():
    """A hostile or generated rulebook ends in a message and not in a crash."""
    deep = "(" * (MAX_DEPTH + 1) + "upheld" + ")" * (MAX_DEPTH + 1)
    wide = " and ".join(["upheld"] * (MAX_OPERATORS + 2))
    long = "units = 1" + " " * MAX_LENGTH

    messages = []
    for text in (deep, wide, long):
        with pytest.raises(ExpressionError) as caught:
            parse(text)
        messages.append(str(caught.value))

    assert messages == [
        "found more than 40 levels of nesting, allowed: fewer",
        "found more than 120 operators, allowed: fewer",
        "found 4009 characters, allowed: at most 4000",
    ]


@pytest.mark.parametrize(
    "outer", ["if({0} between 1 and 2, 1, 2)", "if({0} in (1, 2, 3), 1, 2)", "least(greatest({0}, 1), 2)"]
)
def test_parts_that_are_written_twice_cannot_multiply(outer: str):
    """Ten nested ranges would be a million comparisons: refused at once, not tried."""
    text = "units"
    while len(outer.format(text)) < MAX_LENGTH and text.count("(") < 36:
        text = outer.format(text)

    with pytest.raises(ExpressionError, match="found an expression that repeats its parts too often"):
        resolve(parse(f"{text} = 1"), ColumnScope(COLUMNS))


def test_a_long_list_is_not_a_deep_expression():
    """A thousand codes in a list are fine."""
    text = f"units in ({', '.join(['1'] * 1200)})"

    term = resolve(parse(text), ColumnScope(COLUMNS))

    assert columns(term) == {("units",)}


def test_a_number_longer_than_any_amount_is_refused():
    """A number of four thousand digits is a fault or an attack."""
    assert message_of(f"units = {'9' * 41}") == "found a number of 41 digits, allowed: 40"


def test_the_deepest_and_widest_allowed_expressions_are_read():
    """The limits themselves are inside."""
    deep = "(" * (MAX_DEPTH - 1) + "upheld" + ")" * (MAX_DEPTH - 1)
    wide = " and ".join(["upheld"] * (MAX_OPERATORS + 1))

    assert parse(deep) == Name(MAX_DEPTH - 1, ("upheld",))
    assert isinstance(parse(wide), Binary)


# Types.


@pytest.mark.parametrize(
    "text, message",
    [
        (
            "unts = 1",
            "found 'unts', allowed: area, begun, closed, ended, kind, level, owner, units, upheld; did you mean 'units'?",  # noqa: E501
        ),
        ("kind = 1", "found a text = a number, allowed: two of one kind"),
        (
            "kind < 'b'",
            "found '<' between text values, allowed: worse(…) or better(…) for levels, = or <>",
        ),
        ("upheld > closed", "found '>' between truth values, allowed: = or <>"),
        ("units and upheld", "found a number, allowed: truth"),
        ("not kind", "found a text, allowed: truth"),
        ("kind + 1 > 2", "found a text, allowed: number or day"),
        ("begun * 2 > 1", "found a day with '*', allowed: + or - on days"),
        ("begun + ended > 1", "found two days added, allowed: the difference of two days"),
        ("begun + area > ended", "found a part of a day, allowed: a day plus or minus a whole number"),
        ("units - begun > ended", "found a number minus a day, allowed: a day minus a number"),
        ("units in ()", "found an empty list, allowed: at least one value"),
        ("units in (1, 'two')", "found a number = a text, allowed: two of one kind"),
        ("coalesce(units)", "found 1 arguments for coalesce(…), allowed: 2 to 20"),
        ("year(begun, 1) = 2", "found 2 arguments for year(…), allowed: 1"),
        ("coalesce(units, 'none') = 1", "found number and text in coalesce(…), allowed: values of one kind"),
        ("least(kind, owner) = 'a'", "found a text, allowed: number or day"),
        ("worse(kind, 'A')", "found worse(…) on a text, allowed: on a level, which has an order"),
        ("worse(level, 'B')", "found 'B', allowed: 4A, 3A, 2A, A"),
        ("level = '44A'", "found '44A', allowed: 4A, 3A, 2A, A; did you mean '4A'?"),
        (
            "sum(units) > 1",
            "found sum(…), allowed: an aggregate only in 'take' of records or across units, never inside another",
        ),
        ("in_period(begun)", "found a function that needs 'period.from', allowed: only where a period is given"),
        ("sla[kind] > 1", "found table 'sla', allowed: nothing"),
        ("add_months(begun, area) > ended", "found a number with decimals, allowed: a whole number"),
        (
            "days_since_previous(begun, kind) < 9",
            "found days_since_previous(…), allowed: only in the 'where' of a view",
        ),
    ],
)
def test_a_fault_of_type_says_what_was_found_and_what_is_allowed(text: str, message: str):
    """A rule that cannot mean anything is refused when the contract loads, before any data are read."""
    assert message_of(text, level=LEVEL) == message


def test_an_unknown_function_is_named_with_the_nearest():
    """A slip of the pen in a function name costs one look."""
    assert message_of("colesce(units, 1) = 1").endswith("did you mean 'coalesce'?")


def test_a_table_is_looked_up_with_all_its_keys():
    """A look-up with a key too few would silently take the wrong value."""
    environment = Environment(tables={"sla": LookupTable((TEXT, NUMBER), NUMBER)})

    assert message_of("sla[kind] > 1", environment) == "found 1 keys for 'sla', allowed: 2"
    assert message_of("sal[kind] > 1", environment) == "found table 'sal', allowed: sla; did you mean 'sla'?"


def test_named_days_become_constants():
    """`as_of` is one day for the whole run."""
    environment = Environment(named_days={("as_of",): date(2024, 12, 31)})

    term = resolve(parse("as_of"), ColumnScope(COLUMNS), environment)

    assert term == constant(date(2024, 12, 31))


def test_the_decimals_of_a_result_follow_from_its_parts():
    """Hundredths times units are hundredths, the sum of both is kept in hundredths."""
    scope = ColumnScope(COLUMNS)

    scales = [resolve(parse(text), scope).type.scale for text in ("area * units", "area + units", "area * area")]

    assert scales == [2, 2, 4]


def test_division_is_a_ratio_and_may_be_missing():
    """Division by zero is missing, so a quotient of columns always may be."""
    term = resolve(parse("1 / units"), ColumnScope({"units": NUMBER}))

    assert (term.type.scale, term.type.optional) == (None, True)


def test_the_columns_of_an_expression_are_known():
    """A failure shows every cell that the rule looked at."""
    term = resolve(parse("if(upheld, units, 0) > 3 and kind in ('a', owner)"), ColumnScope(COLUMNS))

    assert columns(term) == {("upheld",), ("units",), ("kind",), ("owner",)}


# Rows.


@pytest.mark.parametrize(
    "text, message",
    [
        ("1 / units > 2", "found a division per record, allowed: + - * here; divide on the unit"),
        (
            "add_months(begun, 3) < ended",
            "found AddMonths, allowed: one table's own columns, arithmetic, comparison, if, coalesce",
        ),
    ],
)
def test_what_rows_cannot_evaluate_is_refused_when_the_rule_is_compiled(text: str, message: str):
    """The refusal comes with the contract, not with the first million rows."""
    term = resolve(parse(text), ColumnScope(COLUMNS))

    with pytest.raises(ExpressionError) as caught:
        flag_expression(term)

    assert str(caught.value) == message


def test_decimals_are_compared_in_whole_numbers():
    """0.5 against a column of hundredths becomes 50: no fraction reaches the rows."""
    term = to_integers(resolve(parse("area >= 0.5"), ColumnScope(COLUMNS)))

    assert [part.value for part in (term.right,)] == [50]  # type: ignore[attr-defined]


def test_a_missing_cell_breaks_no_comparison():
    """What is unknown is no offence: a rule is broken only where it is known to be."""
    table = rows_table([{"units": None}, {"units": 5}, {"units": 6}])

    assert flags("units > 5", table) == [None, False, True]
    assert flags("not units > 5", table) == [None, True, False]


@pytest.mark.parametrize(
    "text, reach",
    [
        ("units > 5", 2**63 - 1),
        ("units + 1 > area", 10**16 - 1),
        ("units * units > 1", 10**9 - 1),
        ("units * area * 100 > 1", 10**8 - 1),
    ],
)
def test_how_large_a_number_may_be_follows_from_the_expression(text: str, reach: int):
    """Beyond it a product could wrap around; the bound is safe for every column at once."""
    assert safe_reach(resolve(parse(text), ColumnScope(COLUMNS))) == reach


WORDS = ("", "a", "b", "O'Brien", "电梯")
DAYS = [date(2023, 12, 31), date(2024, 1, 1), date(2024, 2, 29), date(1969, 12, 31)]
Row = Mapping[str, object]


def rows() -> st.SearchStrategy[list[Row]]:
    """Small tables in which every column may be missing."""
    numbers = st.none() | st.integers(-300, 300)
    one = st.fixed_dictionaries(
        {
            "units": numbers,
            "area": numbers.map(lambda value: None if value is None else Fraction(value, 100)),
            "kind": st.none() | st.sampled_from(WORDS),
            "owner": st.none() | st.sampled_from(WORDS),
            "begun": st.none() | st.sampled_from(DAYS),
            "ended": st.none() | st.sampled_from(DAYS),
            "upheld": st.none() | st.booleans(),
            "closed": st.none() | st.booleans(),
        }
    )
    return st.lists(one, min_size=1, max_size=6)


def numbers(depth: int) -> st.SearchStrategy[str]:
    """Texts of numeric expressions."""
    plain = st.sampled_from(["units", "area", "0", "1.5", "0.25", "12", "-3", "(ended - begun)", "year(begun)"])
    if not depth:
        return plain
    below = numbers(depth - 1)
    return st.one_of(
        plain,
        st.tuples(below, st.sampled_from("+-*"), below).map(lambda parts: f"({' '.join(parts)})"),
        st.tuples(truths(depth - 1), below, below).map(lambda parts: f"if({', '.join(parts)})"),
        st.tuples(below, below).map(lambda parts: f"coalesce({', '.join(parts)})"),
        st.tuples(st.sampled_from(["least", "greatest"]), below, below).map(lambda p: f"{p[0]}({p[1]}, {p[2]})"),
    )


def texts() -> st.SearchStrategy[str]:
    """Texts of text expressions."""
    quoted = st.sampled_from(WORDS).map(lambda word: "'" + word.replace("'", "''") + "'")
    return quoted | st.sampled_from(["kind", "owner", "coalesce(kind, owner)", "coalesce(kind, 'a')"])


def days() -> st.SearchStrategy[str]:
    """Texts of day expressions."""
    plain = [
        "begun",
        "ended",
        "ended - 30",
        "coalesce(ended, begun)",
        "least(begun, ended)",
        "coalesce(ended, date '2024-01-01')",
        "add_days(begun, units)",
    ]
    return st.sampled_from([*plain, "date '2024-02-29'"])


def truths(depth: int) -> st.SearchStrategy[str]:
    """Texts of tests."""
    operators = st.sampled_from(["=", "<>", "<", "<=", ">", ">="])
    equal = st.sampled_from(["=", "<>"])
    plain = st.one_of(
        st.sampled_from(["upheld", "closed", "upheld is null", "kind is not null", "area is null"]),
        st.tuples(texts(), equal, texts()).map(" ".join),
        st.tuples(days(), operators, days()).map(" ".join),
        st.tuples(texts(), texts(), texts()).map(lambda parts: f"{parts[0]} in ({parts[1]}, {parts[2]})"),
        st.tuples(texts(), texts()).map(lambda parts: f"{parts[0]} not in ({parts[1]}, null)"),
    )
    if not depth:
        return plain
    below, amounts = truths(depth - 1), numbers(depth - 1)
    return st.one_of(
        plain,
        st.tuples(amounts, operators, amounts).map(" ".join),
        st.tuples(amounts, amounts, amounts).map(lambda parts: f"{parts[0]} between {parts[1]} and {parts[2]}"),
        st.tuples(below, st.sampled_from(["and", "or"]), below).map(lambda parts: f"({' '.join(parts)})"),
        below.map(lambda text: f"not ({text})"),
    )


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(truths(3), rows())
def test_flags_on_columns_agree_with_reading_the_expression_row_by_row(text: str, many: list[Row]):
    """The fast path means what the text says, missing values, decimals and days included."""
    node = parse(text)

    wanted = [meaning(node, row) for row in many]
    table = rows_table(many)
    assert flags(text, table) == wanted
    assert [exact_flag(resolve(node, ColumnScope(COLUMNS)), row) for row in stored_rows(table)] == wanted


def rows_table(many: list[Row]) -> pa.Table:
    """Rows in the contract's storage types: hundredths for area."""
    stored = {"area": lambda value: None if value is None else int(value * 100)}
    types = {"number": pa.int64(), "text": pa.string(), "day": pa.date32(), "truth": pa.bool_()}
    arrays = {
        name: pa.array([stored.get(name, lambda value: value)(row.get(name)) for row in many], types[kind.kind])
        for name, kind in COLUMNS.items()
    }
    return pa.table(arrays)


def stored_rows(table: pa.Table) -> list[dict[str, Any]]:
    """Rows as stored, days as day numbers."""
    numbers = {name: table[name].cast(pa.int32()) for name in ("begun", "ended")}
    rows: list[dict[str, Any]] = pa.table({name: numbers.get(name, table[name]) for name in COLUMNS}).to_pylist()
    return rows


def flags(text: str, table: pa.Table) -> list[bool | None]:
    """Where the test is true, false or unknown."""
    expression = flag_expression(resolve(parse(text), ColumnScope(COLUMNS)))
    found: list[bool | None] = nw.from_native(table, eager_only=True).with_columns(bad=expression)["bad"].to_list()
    return found


def meaning(node: Node, row: Row) -> object:
    """An independent, slow reading of the syntax tree: exact fractions, None for missing."""
    match node:
        case Literal():
            return node.value
        case Name():
            return row[node.path[0]]
        case Unary(operator="not"):
            operand = meaning(node.operand, row)
            return None if operand is None else not operand
        case Unary():
            return _known(lambda value: -value, meaning(node.operand, row))
        case Binary(operator="and" | "or"):
            return _logic(node.operator, meaning(node.left, row), meaning(node.right, row))
        case Binary():
            return _known(OPERATIONS[node.operator], meaning(node.left, row), meaning(node.right, row))
        case IsNull():
            return (meaning(node.operand, row) is None) is not node.negated
        case In():
            return _within(node, row)
        case Call():
            return _called(node, row)
        case LookUp():
            raise AssertionError("no tables here")
    raise AssertionError(node)


def _known(function, *values):
    return None if any(value is None for value in values) else function(*values)


def _logic(operator: str, left: object, right: object) -> object:
    decisive = operator == "or"
    if decisive in (left, right):
        return decisive
    return None if None in (left, right) else not decisive


def _within(node: In, row: Row) -> object:
    operand = meaning(node.operand, row)
    tests = [_known(lambda one, other: one == other, operand, meaning(choice, row)) for choice in node.choices]
    found = True if True in tests else None if None in tests else False
    return None if found is None else found is not node.negated


def _called(node: Call, row: Row) -> object:
    values = [meaning(argument, row) for argument in node.arguments]
    match node.function:
        case "if":
            return None if values[0] is None else values[1] if values[0] else values[2]
        case "coalesce":
            return next((value for value in values if value is not None), None)
        case "least":
            return _known(min, *values)
        case "greatest":
            return _known(max, *values)
        case "add_days":
            return _known(lambda day, count: day + timedelta(days=count), *values)
        case "year":
            return _known(lambda day: day.year, values[0])
    raise AssertionError(node.function)


def _minus(one, other):
    difference = one - (timedelta(days=int(other)) if isinstance(one, date) and not isinstance(other, date) else other)
    return difference.days if isinstance(difference, timedelta) else difference


OPERATIONS = {
    "+": lambda one, other: one + other,
    "-": _minus,
    "*": lambda one, other: one * other,
    "=": lambda one, other: one == other,
    "<>": lambda one, other: one != other,
    "<": lambda one, other: one < other,
    "<=": lambda one, other: one <= other,
    ">": lambda one, other: one > other,
    ">=": lambda one, other: one >= other,
}
