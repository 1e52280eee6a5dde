"""Row checks: which rows are broken, what they are told, and what is accepted."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pytest

from data_contracts.check import Checked, Origin, Parent, Unreadable, check
from data_contracts.failures import SCHEMA, SENTENCES, Failures, Wording
from data_contracts.model import Contract
from data_contracts.odcs import load_contract

HEAD = """\
apiVersion: v3.2.0
kind: DataContract
id: visits
version: 1.0.0
status: active
schema:
  - name: visits
    properties:
"""
STORAGE = {"number": pa.int64(), "text": pa.string(), "day": pa.date32(), "truth": pa.bool_()}
DAY = date(2024, 3, 5)


def contract_of(*properties: str, quality: str = "", language: str = "zh") -> Contract:
    """A contract of these properties, each one line of flow YAML."""
    lines = "".join(f"      - {{{text}}}\n" for text in properties)
    head = HEAD.replace(
        "status: active\n", f"status: active\ncustomProperties: [{{property: language, value: {language}}}]\n"
    )
    return load_contract(f"{head}{lines}" + (f"    quality: [{quality}]\n" if quality else ""), "v.odcs.yaml")


def table_of(contract: Contract, columns: dict[str, list[object]]) -> pa.Table:
    """Typed columns; those left out are missing throughout."""
    rows = len(next(iter(columns.values())))
    arrays = {
        column.name: pa.array(columns.get(column.name, [None] * rows), STORAGE[column.type.kind])
        for column in contract.columns
    }
    return pa.table(arrays | {"record_id": pa.array([f"r{row}" for row in range(rows)])})


def run(
    contract: Contract,
    columns: dict[str, list[object]],
    parents: dict[str, Parent] | None = None,
    origin: Origin | None = None,
    raw: dict[str, pa.ChunkedArray] | None = None,
    unreadable: Unreadable | None = None,
) -> Checked:
    """Check rows that stand in one file from line 2 on."""
    table = table_of(contract, columns)
    rows = table.num_rows
    place = origin or Origin(pa.array(["v.csv"] * rows), pa.nulls(rows, pa.string()), pa.array(range(2, rows + 2)))
    return check(contract, table, place, raw or {}, parents or {}, unreadable=unreadable)


def found(checked: Checked, *columns: str) -> list[tuple[object, ...]]:
    """Some columns of the failures, in their order."""
    return [tuple(row.values()) for row in checked.failures.table.select(list(columns)).to_pylist()]


def keys_of(**columns: list[object]) -> pa.Table:
    """A small table of keys."""
    return pa.table({name: pa.array(values) for name, values in columns.items()})


TEXT = "name: a, logicalType: string"
WHOLE = "name: a, logicalType: integer"


# One cell.


@pytest.mark.parametrize(
    "column, values, wrong, message",
    [
        (f"{TEXT}, required: true", ["x", None, ""], [3], "必填,不能为空"),
        (f"{WHOLE}, logicalTypeOptions: {{minimum: 1}}", [0, 1, 2, None], [2], "应不小于 1"),
        (f"{WHOLE}, logicalTypeOptions: {{maximum: 5}}", [4, 5, 6, None], [4], "应不大于 5"),
        (f"{WHOLE}, logicalTypeOptions: {{exclusiveMinimum: 1}}", [1, 2], [2], "应大于 1"),
        (f"{WHOLE}, logicalTypeOptions: {{exclusiveMaximum: 5}}", [4, 5], [3], "应小于 5"),
        (
            f"{WHOLE}, logicalTypeOptions: {{minimum: 1, maximum: 5}}",
            [0, 1, 5, 6],
            [2, 5],
            "应在 1 与 5 之间(含两端)",
        ),
        (
            "name: a, logicalType: date, logicalTypeOptions: {minimum: '2024-03-05'}",
            [date(2024, 3, 4), DAY, None],
            [2],
            "应不小于 2024-03-05",
        ),
        (
            "name: a, logicalType: number, physicalType: 'DECIMAL(5,2)', logicalTypeOptions: {maximum: 0.5}",
            [49, 50, 51],
            [4],
            "应不大于 0.5",
        ),
        (f"{TEXT}, logicalTypeOptions: {{minLength: 2}}", ["电", "电梯", None], [2], "长度应不少于 2 个字符"),
        (f"{TEXT}, logicalTypeOptions: {{maxLength: 2}}", ["电梯", "电梯间"], [3], "长度应不超过 2 个字符"),
        (f"{TEXT}, logicalTypeOptions: {{minLength: 2, maxLength: 2}}", ["电", "电梯"], [2], "长度应为 2 个字符"),
        (f"{TEXT}, logicalTypeOptions: {{minLength: 1, maxLength: 2}}", ["", "电"], [2], "长度应为 1 至 2 个字符"),
        (
            f"{TEXT}, logicalTypeOptions: {{pattern: '^P[0-9]$'}}",
            ["P1", "XP1", "P１"],
            [3, 4],
            "格式不符,应符合 ^P[0-9]$",
        ),
        (
            f"{TEXT}, enum: [{{value: lift, label: 电梯}}, {{value: leak, label: 漏水}}]",
            ["lift", "fire", None],
            [3],
            "不在允许的取值之中:电梯、漏水",
        ),
        (f"{WHOLE}, enum: [{{value: 1}}, {{value: 3}}]", [1, 2, 3], [3], "不在允许的取值之中:1、3"),
        (
            f"{TEXT}, quality: [{{metric: missingValues, arguments: {{missingValues: [无]}}, mustBe: 0}}]",
            ["有", "无", None],
            [3, 4],
            "必填,不能为空",
        ),
    ],
)
def test_a_broken_cell_is_named_by_row_and_told_what_is_allowed(
    column: str, values: list[object], wrong: list[int], message: str
):
    """Just inside, on and just outside each limit; a missing cell breaks nothing but `required`."""
    checked = run(contract_of(column), {"a": values})

    assert found(checked, "row", "message") == [(row, message) for row in wrong]
    assert checked.accepted.to_pylist() == [row not in wrong for row in range(2, len(values) + 2)]


def test_a_near_miss_of_a_listed_value_is_answered_with_the_right_one():
    """Most wrong values are typing errors; the office sees at once what was meant."""
    contract = contract_of(f"{TEXT}, enum: [{{value: leak, label: 房屋漏水}}, {{value: lift, label: 电梯}}]")

    checked = run(contract, {"a": ["房屋露水"]})

    assert found(checked, "message") == [("不在允许的取值之中:房屋漏水、电梯;是否应为“房屋漏水”?",)]


@pytest.mark.parametrize(
    "code, message",
    [
        ("9111", "不是有效的代码(GB 32100):应为 18 位数字或规定的大写字母"),
        ("91110000600037341M", "不是有效的代码(GB 32100):最后一位校验位不符,请核对有无错写"),
        ("91110000600037342L", "不是有效的代码(GB 32100):第 9 至 17 位组织机构代码的校验位不符,请核对有无错写"),
    ],
)
def test_a_wrong_credit_code_is_told_which_digit(code: str, message: str):
    """Three different slips, three different places to look."""
    entry = "{type: custom, engine: property-credit, implementation: {checkDigit: GB 32100}}"

    checked = run(contract_of(f"{TEXT}, quality: [{entry}]"), {"a": [code, "91110000600037341L", None]})

    assert found(checked, "row", "message") == [(2, message)]


def test_a_failure_shows_the_cell_as_the_office_wrote_it():
    """'１２' is found in the sheet; 12 is not."""
    contract = contract_of(f"{WHOLE}, logicalTypeOptions: {{maximum: 5}}")

    checked = run(contract, {"a": [12]}, raw={"a": pa.chunked_array([["１２"]])})

    assert found(checked, "value") == [("１２",)]


def test_without_the_delivered_text_the_typed_value_is_shown_in_units():
    """Nobody outside the program knows of hundredths."""
    area = "name: area, logicalType: number, physicalType: 'DECIMAL(9,2)', logicalTypeOptions: {minimum: 0}"
    day = "name: day, logicalType: date, logicalTypeOptions: {maximum: '2024-01-01'}"

    checked = run(contract_of(area, day), {"area": [-1050], "day": [DAY]})

    assert found(checked, "value") == [("-10.5",), ("2024-03-05",)]


def test_a_cell_that_could_not_be_read_is_reported_once():
    """'12a' in a required number is one mistake and not two."""
    contract = contract_of(f"{WHOLE}, required: true")
    row = dict.fromkeys(SCHEMA.names) | {"rule": "visits.a.type", "severity": "error", "row": 3}
    unreadable = Unreadable(Failures(pa.Table.from_pylist([row], SCHEMA)), {"a": pa.array([False, True, False])})

    checked = run(contract, {"a": [1, None, None]}, unreadable=unreadable)

    assert found(checked, "row", "rule") == [(3, "visits.a.type"), (4, "visits.a.required")]
    assert checked.accepted.to_pylist() == [True, False, False]
    assert checked.counts == {"visits.a.type": 1, "visits.a.required": 1}


# Across columns.


def test_a_condition_across_columns_names_all_its_cells():
    """The office sees both days and decides which of them is wrong."""
    contract = contract_of(
        "name: begun, logicalType: date",
        "name: ended, logicalType: date",
        quality="{id: order, type: sql, query: SELECT COUNT(*) FROM visits WHERE ended < begun, mustBe: 0}",
    )

    checked = run(contract, {"begun": [DAY, DAY, DAY], "ended": [date(2024, 3, 4), DAY, None]})

    assert found(checked, "row", "rule", "column", "value", "message") == [
        (2, "order", "ended, begun", "2024-03-04, 2024-03-05", "不应出现:ended < begun")
    ]


def test_a_day_may_be_moved_in_a_condition():
    """Answered within fifteen days, the fifteenth included."""
    query = "SELECT COUNT(*) FROM visits WHERE ended > add_days(begun, 15)"
    contract = contract_of(
        "name: begun, logicalType: date",
        "name: ended, logicalType: date",
        quality=f"{{id: late, type: sql, query: '{query}', mustBe: 0}}",
    )

    checked = run(contract, {"begun": [DAY, DAY], "ended": [date(2024, 3, 20), date(2024, 3, 21)]})

    assert found(checked, "row") == [(3,)]


def test_a_product_of_huge_numbers_does_not_wrap_around():
    """2^32 times 2^32 is 0 in 64 bits; the rule must still see that it is more than 5."""
    query = "{id: big, type: sql, query: SELECT COUNT(*) FROM visits WHERE a * b > 5, mustBe: 0}"
    contract = contract_of(WHOLE, "name: b, logicalType: integer", quality=query)

    checked = run(contract, {"a": [2**32, 2, 3, 2**32, 2**62], "b": [2**32, 2, 3, None, -2]})

    assert found(checked, "row") == [(2,), (4,)]


def test_a_warning_does_not_refuse_the_row():
    """It travels with the record into the firm's lines."""
    entry = "{metric: nullValues, mustBe: 0, severity: warning, description: 请补填}"

    checked = run(contract_of(f"{TEXT}, quality: [{entry}]"), {"a": [None, "x"]})

    assert checked.accepted.to_pylist() == [True, True]
    assert found(checked, "severity", "message") == [("warning", "请补填")]
    assert (len(checked.failures.warnings), len(checked.failures.errors)) == (1, 0)


@pytest.mark.parametrize(
    "rule,value,near",
    [
        ("logicalTypeOptions: {pattern: '^0[0-9]{5}$'}", "12345", "012345"),
        ("logicalTypeOptions: {minLength: 6, maxLength: 6}", "123", "000123"),
        ("enum: [{value: '01'}, {value: '12'}]", "1", "01"),
        ("logicalTypeOptions: {pattern: '^9[0-9]{5}$'}", "12345", ""),
        ("logicalTypeOptions: {pattern: '^0[0-9]{5}$'}", "1234x", ""),
    ],
)
def test_zeros_that_excel_took_away_are_offered_again(rule, value, near):
    """A code of digits loses its zeros in a number cell, and the office sees nothing wrong with it."""
    checked = run(contract_of(f"name: code, logicalType: string, {rule}"), {"code": [value]})

    message = str(found(checked, "message")[0][0])
    assert message.endswith(f";前面的 0 可能被 Excel 去掉了,是否应为“{near}”?" if near else message[-1])
    assert ("Excel" in message) == bool(near)


def test_a_contract_s_own_words_come_before_the_hint():
    """The clause says what is asked for, the hint what probably happened."""
    entry = "{metric: invalidValues, arguments: {pattern: '^0[0-9]$'}, mustBe: 0, description: 编号应为两位}"

    checked = run(contract_of(f"name: code, logicalType: string, quality: [{entry}]"), {"code": ["1", "x"]})

    assert found(checked, "message") == [
        ("编号应为两位;前面的 0 可能被 Excel 去掉了,是否应为“01”?",),
        ("编号应为两位",),
    ]


def test_a_reference_without_its_zeros_is_told_the_whole_code():
    """The parent is there under 007; the child delivered 7."""
    column = "name: firm, logicalType: string, relationships: [{to: firms.code}]"
    known = keys_of(code=["007", "8"])

    checked = run(contract_of(column), {"firm": ["7", "9", "8"]}, {"firms": Parent(known, known.slice(0, 0))})

    assert [str(message).partition(";")[2] for (message,) in found(checked, "message")] == [
        "前面的 0 可能被 Excel 去掉了,是否应为“007”?",
        "",
    ]


# Repeats.

REPEATED = ("name: rsn, businessName: 编号, logicalType: string, primaryKey: true", "name: score, logicalType: integer")


def test_every_row_of_a_repeated_key_is_named_with_the_others():
    """Nobody but the office can say which of them is right, so all are sent back."""
    checked = run(contract_of(*REPEATED), {"rsn": ["1", "2", "1"], "score": [93, 80, 65]})

    message = "第 2、4 行的编号重复,内容互相矛盾:score不同"
    assert found(checked, "row", "message") == [(2, message), (4, message)]
    assert checked.accepted.to_pylist() == [False, True, False]


def test_equal_rows_are_told_apart_from_contradictory_ones():
    """A line sent twice is deleted; a contradiction has to be looked into. A missing cell is not a value."""
    checked = run(contract_of(*REPEATED), {"rsn": ["1", "1", "2", "2"], "score": [None, None, 5, None]})

    assert [message for (message,) in found(checked, "message")] == [
        "第 2、3 行的编号重复,内容完全相同",
        "第 2、3 行的编号重复,内容完全相同",
        "第 4、5 行的编号重复,内容互相矛盾:score不同",
        "第 4、5 行的编号重复,内容互相矛盾:score不同",
    ]


def test_repeats_across_files_name_file_and_sheet():
    """Two offices that report one firm have to be told of each other."""
    origin = Origin(pa.array(["a.xlsx", "b.csv"]), pa.array(["三月", None]), pa.array([7, 9]))

    checked = run(contract_of(*REPEATED), {"rsn": ["1", "1"], "score": [1, 1]}, origin=origin)

    assert {message for (message,) in found(checked, "message")} == {
        "a.xlsx 三月第 7 行、b.csv第 9 行的编号重复,内容完全相同"
    }


def test_a_key_of_several_columns_repeats_only_as_a_whole():
    """One building may be evaluated on two days, and two buildings on one."""
    contract = contract_of(
        "name: rsn, logicalType: integer, primaryKey: true, primaryKeyPosition: 1",
        "name: day, logicalType: date, primaryKey: true, primaryKeyPosition: 2",
    )
    other = date(2024, 3, 6)

    checked = run(contract, {"rsn": [1, 1, 2, 1], "day": [DAY, other, DAY, DAY]})

    assert found(checked, "row", "column", "value") == [
        (2, "rsn, day", "1, 2024-03-05"),
        (5, "rsn, day", "1, 2024-03-05"),
    ]


def test_rows_without_a_key_do_not_repeat_each_other():
    """Two empty cells are two missing keys and not one key twice."""
    checked = run(contract_of(*REPEATED), {"rsn": [None, None], "score": [1, 1]})

    assert {rule for (rule,) in found(checked, "rule")} == {"visits.rsn.required"}


def test_long_repeats_are_cut_short_and_counted():
    """A column filled with one value must not become a message of a megabyte."""
    checked = run(contract_of(*REPEATED), {"rsn": ["1"] * 40, "score": [1] * 40})

    message = "第 2、3、4、5、6、7、8、9、10、11、12、13 等 40 行的编号重复,内容完全相同"
    assert {text for (text,) in found(checked, "message")} == {message}


def test_the_contracts_own_words_come_before_the_rows_that_repeat():
    """The bureau's sentence says what to do, ours which rows it is about."""
    entry = "{metric: duplicateValues, arguments: {properties: [rsn]}, mustBe: 0, description: 同一项目只报一次}"

    checked = run(contract_of(*REPEATED, quality=entry), {"rsn": ["1", "1"], "score": [1, 1]})

    assert {text for (text,) in found(checked, "message")} == {"同一项目只报一次;第 2、3 行的编号重复,内容完全相同"}


# Spans.


@pytest.mark.parametrize(
    "spans, wrong",
    [
        ([(1, 10), (10, 20)], [2, 3]),
        ([(1, 10), (11, 20)], []),
        ([(1, 30), (5, 6), (20, 25)], [2, 3, 4]),
        ([(1, None), (20, 25)], [2, 3]),
        ([(20, None), (1, 19)], []),
        ([(None, 10), (1, 10)], []),
    ],
)
def test_spans_that_share_a_day_overlap(spans: list[tuple[int | None, int | None]], wrong: list[int]):
    """Days on the edge count; a span without an end lasts."""
    entry = "{id: once, type: custom, engine: property-credit, implementation: {noOverlap: {per: [c], from: f, to: t}}}"
    contract = contract_of(
        "name: c, logicalType: string", "name: f, logicalType: date", "name: t, logicalType: date", quality=entry
    )
    days: list[list[object]] = [
        [None if day is None else date(2024, 1, day) for day in one] for one in zip(*spans, strict=True)
    ]

    checked = run(contract, {"c": ["小区"] * len(spans), "f": days[0], "t": days[1]})

    assert [row for (row,) in found(checked, "row")] == wrong


def test_overlapping_rows_are_named_together_and_compounds_kept_apart():
    """The message leads from one project to the other."""
    entry = "{id: once, type: custom, engine: property-credit, implementation: {noOverlap: {per: [c], from: f, to: t}}}"
    contract = contract_of(
        "name: c, businessName: 小区, logicalType: string",
        "name: f, logicalType: date",
        "name: t, logicalType: date",
        quality=entry,
    )

    checked = run(contract, {"c": ["甲", "乙", "甲"], "f": [DAY, DAY, DAY], "t": [None, None, None]})

    message = "第 2、4 行的小区相同,而起止日期重叠"
    assert found(checked, "row", "message") == [(2, message), (4, message)]


# Foreign keys.

CHILD = "name: p, businessName: 项目编号, logicalType: string, relationships: [{to: projects.id, id: project}]"


def test_a_row_whose_parent_is_not_there_is_refused():
    """A ticket of an unknown project would count for nobody."""
    parent = Parent(keys_of(id=["P1"]), keys_of(id=["P2"]))

    checked = run(contract_of(CHILD), {"p": ["P1", "P2", "P3", None]}, {"projects": parent})

    assert found(checked, "row", "message") == [
        (3, "“projects”中对应的记录本身被退回,须先改正那一行;本行无误则不必改动"),
        (4, "在“projects”中没有对应的记录"),
    ]


def test_an_accepted_parent_wins_over_a_refused_row_of_the_same_key():
    """One of two delivered copies was refused: the child still has its parent."""
    parent = Parent(keys_of(id=["P1"]), keys_of(id=["P1"]))

    checked = run(contract_of(CHILD), {"p": ["P1"]}, {"projects": parent})

    assert len(checked.failures) == 0


def test_a_parent_of_several_columns_is_found_by_all_of_them():
    """Building and day together; a missing part means no parent is claimed."""
    text = HEAD + "      - {name: rsn, logicalType: integer}\n      - {name: day, logicalType: date}\n"
    keys = "        from: [visits.rsn, visits.day]\n        to: [evaluations.rsn, evaluations.on]\n"
    contract = load_contract(f"{text}    relationships:\n      - id: evaluation\n{keys}", "v.odcs.yaml")
    parent = Parent(pa.table({"rsn": [1, 2], "on": [DAY, DAY]}), pa.table({"rsn": [3], "on": [DAY]}))
    other = date(2024, 3, 6)

    checked = run(contract, {"rsn": [1, 1, 3, None, 2], "day": [DAY, other, DAY, DAY, DAY]}, {"evaluations": parent})

    assert [row for (row,) in found(checked, "row")] == [3, 4]


def test_a_row_may_point_into_its_own_table():
    """A duplicate ticket names the first one; when that is refused, so is every ticket that leans on it."""
    contract = contract_of(
        "name: id, logicalType: string, primaryKey: true",
        "name: first, logicalType: string, relationships: [{to: visits.id}]",
        "name: units, logicalType: integer, logicalTypeOptions: {minimum: 1}",
    )

    checked = run(contract, {"id": ["a", "b", "c", "d"], "first": [None, "a", "b", None], "units": [0, 1, 1, 1]})

    assert checked.accepted.to_pylist() == [False, False, False, True]
    assert [row for row, rule in found(checked, "row", "rule") if rule == "visits.first.foreign_key"] == [3, 4]


def test_the_identity_of_a_record_can_be_pointed_at():
    """Where a key may repeat, a row is found by its record id."""
    contract = contract_of("name: of, logicalType: string, relationships: [{to: others.record_id}]")

    checked = run(contract, {"of": ["x", "y"]}, {"others": Parent(keys_of(record_id=["x"]), keys_of(record_id=["z"]))})

    assert found(checked, "row") == [(3,)]


# The table as a whole.


@pytest.mark.parametrize("rows, refused", [(2, True), (3, False), (5, False), (6, True)])
def test_a_delivery_of_a_wrong_size_is_refused_as_a_whole(rows: int, refused: bool):
    """Six rows instead of six thousand are not a delivery."""
    contract = contract_of(TEXT, quality="{metric: rowCount, mustBeBetween: [3, 5]}")

    checked = run(contract, {"a": ["x"] * rows})

    assert checked.refuses_batch is refused
    assert checked.counts["visits.row_count"] == int(refused)
    if refused:
        assert found(checked, "file", "row", "message") == [("v.csv", None, f"共 {rows} 行,应为 3 至 5 行")]


def test_a_warning_about_the_size_refuses_nothing():
    """Volume against last year is a question and not a verdict."""
    contract = contract_of(TEXT, quality="{metric: rowCount, mustBeGreaterThan: 3, severity: warning}")

    checked = run(contract, {"a": ["x"]})

    assert (checked.refuses_batch, len(checked.failures.warnings)) == (False, 1)


def test_divisions_that_did_not_report_are_named():
    """Nothing is rated while a county is missing; zones need not report."""
    column = "name: division, logicalType: string, relationships: [{to: divisions.code, id: reporting}]"
    covers = "{covers: {column: division, table: divisions, where: {kind: county}}}"
    entry = f"{{id: all, type: custom, engine: property-credit, implementation: {covers}, description: 请补报}}"
    contract = contract_of(column, quality=entry)
    known = keys_of(code=["530102", "530103", "530111402"], kind=["county", "county", "zone"])

    checked = run(contract, {"division": ["530102", None]}, {"divisions": Parent(known, known.slice(0, 0))})

    assert checked.refuses_batch
    assert found(checked, "column", "value", "message") == [("division", "530103", "请补报")]


def test_a_division_whose_rows_were_all_refused_has_not_reported():
    """A county with nothing but broken rows would otherwise be rated as if it had no complaints."""
    column = "name: division, logicalType: string, relationships: [{to: divisions.code, id: reporting}]"
    covers = "{covers: {column: division, table: divisions}}"
    entry = f"{{id: all, type: custom, engine: property-credit, implementation: {covers}}}"
    contract = contract_of(column, "name: n, logicalType: integer, required: true", quality=entry)
    known = keys_of(code=["1", "2", "3"])

    checked = run(
        contract, {"division": ["1", "1", "2"], "n": [1, None, None]}, {"divisions": Parent(known, known.slice(0, 0))}
    )

    told = [pair for pair in found(checked, "value", "message") if pair[1] != "必填,不能为空"]
    assert told == [
        ("2", "“divisions”中的这一项在本表中的行全部被退回,改正之前视为未报送"),
        ("3", "“divisions”中的这一项在本表中没有任何记录"),
    ]


# Everything together.


def test_failures_are_sorted_by_place_and_an_empty_table_has_none():
    """Two runs over one delivery write the same bytes."""
    contract = contract_of(
        "name: a, logicalType: string, required: true", "name: b, logicalType: string, required: true"
    )
    origin = Origin(pa.array(["z.csv", "a.csv", "a.csv"]), pa.nulls(3, pa.string()), pa.array([2, 9, 2]))

    checked = run(contract, {"a": [None] * 3, "b": [None] * 3}, origin=origin)
    empty = run(contract, {"a": [], "b": []})

    assert found(checked, "file", "row", "column") == [
        ("a.csv", 2, "a"),
        ("a.csv", 2, "b"),
        ("a.csv", 9, "a"),
        ("a.csv", 9, "b"),
        ("z.csv", 2, "a"),
        ("z.csv", 2, "b"),
    ]
    assert (len(empty.failures), len(empty.accepted)) == (0, 0)


def test_the_legal_basis_stands_with_each_failure():
    """An office may ask by what right it is sent back."""
    column = f"{TEXT}, required: true, customProperties: [{{property: legalBasis, value: 示例办法第三条}}]"

    checked = run(contract_of(column), {"a": [None]})

    assert found(checked, "table", "legal_basis") == [("visits", "示例办法第三条")]


def test_an_english_contract_speaks_english():
    """Toronto's offices read English."""
    checked = run(contract_of(*REPEATED, language="en"), {"rsn": ["1", "1"], "score": [1, 2]})

    assert {text for (text,) in found(checked, "message")} == {
        "rows 2, 3 repeat 编号 and contradict each other in score"
    }


def test_columns_may_come_in_pieces_and_in_dictionaries():
    """Files are read part by part; what was one column stays one column."""
    contract = contract_of(f"{TEXT}, enum: [{{value: x}}]")
    column = pa.chunked_array([pa.array(["x"]).dictionary_encode(), pa.array(["y"]).dictionary_encode()])
    origin = Origin(pa.array(["v.csv"] * 2).dictionary_encode(), pa.nulls(2, pa.string()), pa.array([2, 3]))

    checked = check(contract, pa.table({"a": column}), origin, {}, {})

    assert found(checked, "file", "row", "value") == [("v.csv", 3, "y")]


def test_a_table_or_parent_that_is_not_given_is_a_fault_of_the_caller():
    """A check that silently skips a column would look like one that passed."""
    contract = contract_of(CHILD)
    origin = Origin(pa.array([], pa.string()), pa.array([], pa.string()), pa.array([], pa.int64()))

    with pytest.raises(ValueError, match="found no column p in visits"):
        check(contract, pa.table({"q": pa.array([], pa.string())}), origin, {}, {})
    with pytest.raises(ValueError, match="found no parent 'projects' for visits"):
        check(contract, pa.table({"p": pa.array([], pa.string())}), origin, {}, {})


def test_both_languages_say_the_same_sentences():
    """A sentence that exists in one language alone would break the other's run."""
    parts = {
        language: {name: sorted(part.split("}")[0] for part in text.split("{")[1:]) for name, text in sentences.items()}
        for language, sentences in SENTENCES.items()
    }

    assert parts["zh"] == parts["en"]


def test_a_cell_that_is_not_its_type_is_told_the_type():
    """Readers and checks speak with one voice."""
    contract = contract_of(
        WHOLE, "name: d, logicalType: number, physicalType: 'DECIMAL(5,2)'", "name: t, logicalType: date"
    )

    told = [Wording("zh").of_type(column.type) for column in contract.columns]

    assert told == ["应为整数", "应为数字,小数不超过 2 位", "应为日期,如 2024-03-05"]
