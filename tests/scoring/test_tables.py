"""Look-up tables and working days: read from the book or a file, typed, and refused with their place."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

UNIT = """
units: {firm: {from: firms, key: code, card: {lines: [{id: A, points: 0}]}}}
"""


def tables(make_book: Any, text: str, **files: str) -> Any:
    """The tables of a book."""
    named = {f"tables/{name}.csv": content for name, content in files.items()}
    return make_book(f"tables: {{t: {text}}}\n{UNIT}", files=named)


@pytest.mark.parametrize(
    "text, rows, kind, scale",
    [
        ("{rows: {a: 1, b: 2.50}}", {("a",): Fraction(1), ("b",): Fraction(5, 2)}, "number", 1),
        ("{rows: {a: -0.001}}", {("a",): Fraction(-1, 1000)}, "number", 3),
        ("{rows: {a: x, b: y}}", {("a",): "x", ("b",): "y"}, "text", None),
        ("{rows: {a: '01', b: '02'}}", {("a",): "01", ("b",): "02"}, "text", None),
        ("{rows: {a: 01, b: 02}, values: text}", {("a",): "01", ("b",): "02"}, "text", None),
        ("{rows: {1: 5, 02: 6}, keys: number}", {("1",): Fraction(5), ("2",): Fraction(6)}, "number", 0),
        ("{rows: {01: 5}}", {("01",): Fraction(5)}, "number", 0),
    ],
)
def test_values_are_exact_numbers_or_texts(make_book, text: str, rows: Any, kind: str, scale: int | None):
    """A code keeps its zeros, a number its exact value."""
    table = tables(make_book, text).load().tables["t"]

    assert (dict(table.rows), table.type.value.kind, table.type.value.scale) == (rows, kind, scale)


def test_a_file_may_have_several_keys(make_book):
    """The least area of a site goes by district and kind."""
    text = "{file: tables/area.csv, key: [district, size], keys: [text, number], value: area}"
    content = '\ufeffdistrict,size,area,note\n"north, old",1,50000,"a ""quoted"" note"\nsouth,02,20000.5,\n\n'

    table = tables(make_book, text, area=content).load().tables["t"]

    assert dict(table.rows) == {("north, old", "1"): Fraction(50000), ("south", "2"): Fraction("20000.5")}
    assert [key.kind for key in table.type.keys] == ["text", "number"]


@pytest.mark.parametrize(
    "content, expected",
    [
        ("k,v\nx,1\nx,2\n", "tables/a.csv:3: found key 'x' twice, allowed: once"),
        ("k,v\nx,1\ny\n", "tables/a.csv:3: found 1 cells, allowed: 2 as in the header"),
        ('k,v\nx,"1\n', "tables/a.csv:2: found unexpected end of data, allowed: CSV with quotes in pairs"),
        ("kay,v\nx,1\n", "rulebook.yaml:6: found no column 'k' in tables/a.csv, allowed: kay, v"),
        ("", "rulebook.yaml:6: found nothing in tables/a.csv, allowed: a header and rows"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_line(make_book, content: str, expected: str):
    """The line of the file, what stands there, what may."""
    assert tables(make_book, "{file: tables/a.csv, key: k, value: v}", a=content).problems()[0] == expected


def test_a_file_that_is_not_there_is_named_with_the_nearest(make_book):
    """A slip in a file name costs one look."""
    assert tables(make_book, "{file: tables/b.csv, key: k, value: v}", a="k,v\n").problems() == [
        "rulebook.yaml:6: found no file 'tables/b.csv', allowed: tables/a.csv; did you mean 'tables/a.csv'?"
    ]


@pytest.mark.parametrize("content, line", [(b"rulebook: \xff\n", 1), (b"rulebook: x\n# \xce\xef\n", 2)])
def test_a_file_in_another_encoding_is_refused(make_book, content: bytes, line: int):
    """A rulebook saved as GB18030 would turn its levels into other words."""
    book = make_book(UNIT)
    (book.folder / "tables").mkdir()
    (book.folder / "tables" / "a.csv").write_bytes(content)

    assert book.problems() == [f"tables/a.csv:{line}: found bytes that are not UTF-8, allowed: UTF-8"]


def test_a_large_table_is_refused(make_book):
    """A table of a million rows is data, not a rule."""
    content = "k,v\n" + "".join(f"{number},1\n" for number in range(200_001))

    assert tables(make_book, "{file: tables/a.csv, key: k, value: v}", a=content).problems() == [
        "tables/a.csv:1: found 200002 rows, allowed: at most 200000"
    ]


@pytest.mark.parametrize(
    "text, expected",
    [
        ("{rows: {2024-02-30: true}}", ["found day '2024-02-30', allowed: YYYY-MM-DD"]),
        ("{rows: {20240201: true}}", ["found day '20240201', allowed: YYYY-MM-DD"]),
        ("{rows: {2024-02-01: no}}", ["found 'no' for 2024-02-01, allowed: true where it is worked, or false"]),
        ("{rows: {2024-02-01: true, 2024-02-01: false}}", ["found key '2024-02-01' twice, allowed: once"]),
        (
            "{rows: {2024-02-01: true}, else: true}",
            ["found 'else', allowed: analogue, basis, clause, file, note, rows, source, title; did you mean 'clause'?"],
        ),
    ],
)
def test_working_days_are_days(make_book, text: str, expected: list[str]):
    """A day typed wrong would silently stay a working day."""
    book = make_book(f"working_days: {text}\n{UNIT}")

    assert book.problems() == [f"rulebook.yaml:6: {problem}" for problem in expected]
