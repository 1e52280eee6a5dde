"""Text cells become exact values, and every change can be listed."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_contracts.expressions import DAY, TEXT, TRUTH, Type
from data_contracts.model import Column
from data_contracts.normalise import SENTENCES, Normalised, Normaliser, as_text
from data_contracts.steps import Step


def column(kind: Type, labels: dict[str, str] | None = None) -> Column:
    """A column of that type."""
    return Column("c", "列", kind, labels=labels or {})


def normalised(kind: Type, texts: list[str | None], missing: str = "", **options) -> Normalised:
    """The cells of one column, typed."""
    reader = Normaliser(column(kind, options.pop("labels", None)), "en", frozenset({missing}), options.pop("steps", ()))
    return reader.normalise(pa.array(texts, pa.string()), **options)


def changes(found: Normalised) -> list[tuple[int, str | None, str]]:
    """Position, clean value and reason of each change."""
    return [*zip(found.changed.to_pylist(), found.clean.to_pylist(), found.reasons.to_pylist(), strict=True)]


def faults(found: Normalised) -> dict[int, str]:
    """Message by position."""
    return dict(zip(found.broken.to_pylist(), found.messages.to_pylist(), strict=True))


POINTS = Type("number", scale=1)
WHOLE = Type("number", scale=0)


# Numbers.


@pytest.mark.parametrize(
    "text,value",
    [("81.1", 811), ("81", 810), ("81.10", 811), ("-0.5", -5), (".5", 5), ("+7", 70), ("5.", 50), ("007", 70)],
)
def test_a_number_is_a_whole_number_of_its_smallest_part(text, value):
    """81.1 is 811 tenths from here on; a float would not be exactly that."""
    assert normalised(POINTS, [text]).values.to_pylist() == [value]


@pytest.mark.parametrize(
    "text,value,reason",
    [
        ("８１．５", 815, "width"),
        ("－3", -30, "width"),
        ("1,234.5", 12345, "grouping"),
        ("1，234", 12340, "grouping"),
        ("8150%", 815, "percent"),
        ("1200％", 120, "percent"),
    ],
)
def test_other_ways_to_write_a_number_are_read_and_listed(text, value, reason):
    """An office may ask what became of its cell."""
    found = normalised(POINTS, [text])

    assert found.values.to_pylist() == [value]
    assert [change[2] for change in changes(found)] == [reason]


@pytest.mark.parametrize(
    "text,message",
    [
        ("81.15", "has more than 1 decimals"),
        ("1e5", "must be a number with at most 1 decimals"),
        ("12,34", "must be a number with at most 1 decimals"),
        ("½", "must be a number with at most 1 decimals"),
        (".", "must be a number with at most 1 decimals"),
        ("--1", "must be a number with at most 1 decimals"),
        ("abc", "must be a number with at most 1 decimals"),
        ("9" * 19, "is too large a number"),
        ("922337203685477580.8", "is too large a number"),
    ],
)
def test_what_is_no_number_of_the_column_is_refused_and_missing(text, message):
    """Rounding a delivered number would score what nobody delivered."""
    found = normalised(POINTS, [text])

    assert found.values.to_pylist() == [None]
    assert faults(found) == {0: message}


def test_a_fraction_in_a_whole_column_is_told_in_plain_words():
    """`has more than 0 decimals` helps nobody."""
    assert faults(normalised(WHOLE, ["3.5", "3.0"])) == {0: "must be a whole number"}


@pytest.mark.parametrize("text", ["922337203685477580.7", "-922337203685477580.7"])
def test_the_largest_number_is_still_a_number(text):
    """The edge of 64 bits belongs to them."""
    assert normalised(POINTS, [text]).values.to_pylist() == [int(Fraction(text) * 10)]


@given(
    value=st.decimals(min_value=-(10**12), max_value=10**12, places=2),
    shape=st.sampled_from(["{}", " {} ", "　{}", "{:,}"]),
)
def test_any_decimal_comes_back_exactly(value: Decimal, shape: str):
    """Whatever the spelling, scaling and printing lose nothing."""
    kind = Type("number", scale=2)
    found = normalised(kind, [shape.format(value)])

    assert found.values.to_pylist() == [int(Fraction(value) * 100)]
    assert Fraction(as_text(found.values, column(kind)).to_pylist()[0]) == Fraction(value)


# Days.


@pytest.mark.parametrize(
    "text,reason",
    [
        ("2024-03-05", None),
        ("2024/3/5", "date"),
        ("2024.3.5", "date"),
        ("2024-3-5", "date"),
        ("20240305", "date"),
        ("2024年3月5日", "date"),
        ("２０２４－０３－０５", "date"),
        ("2024-03-05 00:00:00", "date"),
        ("2024-03-05T10:02", "time_dropped"),
        ("45356", "serial"),
        ("45356.0", "serial"),
    ],
)
def test_a_day_is_read_however_it_is_written(text, reason):
    """Fourteen offices write one day in a dozen ways."""
    found = normalised(DAY, [text])

    assert found.values.to_pylist() == [date(2024, 3, 5)]
    assert [change[2] for change in changes(found)] == ([reason] if reason else [])


@pytest.mark.parametrize(
    "text",
    ["2023-02-29", "3/5/2024", "2024-3/5", "2024年3-5", "2024-03", "24-03-05", "2024-13-01", "19999", "80500", "昨天"],
)
def test_what_may_be_two_days_or_none_is_refused(text):
    """3/5/2024 is March to one clerk and May to another."""
    assert faults(normalised(DAY, [text])) == {0: "must be a date such as 2024-03-05"}


@given(day=st.dates(date(1954, 10, 3), date(2120, 5, 24)))
def test_a_serial_number_is_the_day_a_spreadsheet_shows(day: date):
    """Counted from 1899-12-30, because a spreadsheet believes in 29 February 1900."""
    serial = (day - date(1899, 12, 30)) // timedelta(days=1)

    assert normalised(DAY, [str(serial)]).values.to_pylist() == [day]


# Truth, text, codes.


def test_yes_and_no_are_read_in_the_words_of_the_offices():
    """A cell of 是 is a yes, and is listed as one."""
    found = normalised(TRUTH, ["是", "否", "Y", "no", "TRUE", "0", "√", "maybe"])

    assert found.values.to_pylist() == [True, False, True, False, True, False, True, None]
    assert faults(found) == {7: "must be true or false"}


def test_a_number_of_a_day_that_counts_from_1904_is_moved():
    """Four years and a day: a workbook made on an old Mac would put every inspection into another period."""
    found = normalised(
        DAY, ["43894", "2024-03-05", "43894", "x"], damage={0: "from_1904", 1: "from_1904", 3: "from_1904"}
    )

    assert found.values.to_pylist() == [date(2024, 3, 5), date(2024, 3, 5), date(2020, 3, 4), None]
    assert changes(found) == [(0, "2024-03-05", "serial_1904"), (2, "2020-03-04", "serial")]
    assert list(faults(found)) == [3]


def test_a_code_of_five_digits_is_no_day():
    """The mark is for columns of days; anywhere else the number is what it is."""
    assert normalised(TEXT, ["43894"], damage={0: "from_1904"}).values.to_pylist() == ["43894"]


def test_text_is_trimmed_and_its_digits_narrowed():
    """A full-width code joins with no other table."""
    found = normalised(TEXT, ["　翠湖苑 ", "５３０１０２（五华）", "a\x00b", "两\n行"])

    assert found.values.to_pylist() == ["翠湖苑", "530102（五华）", None, "两\n行"]
    assert changes(found) == [(0, "翠湖苑", "blanks"), (1, "530102（五华）", "width")]
    assert faults(found) == {2: "contains an invisible control character"}


@pytest.mark.parametrize("kind", [TEXT, WHOLE, POINTS])
@pytest.mark.parametrize("text", ["9.15301E+17", "9e+17", "９.１E+17", "-5E+05"])
def test_powers_of_ten_have_lost_digits(kind, text):
    """9.15301E+17 was a credit code; twelve digits of it are gone, so no check digit is to blame."""
    found = normalised(kind, [text])

    assert found.values.to_pylist() == [None]
    assert faults(found) == {0: SENTENCES["en"]["scientific"]}


@pytest.mark.parametrize("text", ["E+17", "1E7", "9.1E+1", "A栋1E+05室"])
def test_texts_that_only_look_like_powers_of_ten_stay(text):
    """Excel writes two digits after the sign and nothing around; a house number is a house number."""
    assert normalised(TEXT, [text]).values.to_pylist() == [text]


@pytest.mark.parametrize("text,value", [("'0012", "0012"), ('="0012"', "0012"), ('=" 0012 "', "0012"), ("'", "'")])
def test_marks_that_keep_a_code_text_are_taken_off(text, value):
    """Exports guard codes by an apostrophe or a formula; nobody means them as part of the code."""
    found = normalised(TEXT, [text])

    assert found.values.to_pylist() == [value]
    assert changes(found) == ([] if text == value else [(0, value, "quoted")])


def test_a_marked_label_is_still_a_label():
    """The mark is in the way of a code list, too."""
    found = normalised(TEXT, ["'hotline", '="热线"'], labels={"hotline": "热线"})

    assert found.values.to_pylist() == ["hotline", "hotline"]
    assert changes(found) == [(0, "hotline", "quoted"), (1, "hotline", "label")]


def test_labels_become_codes_and_unknown_words_stay():
    """The contract's own rule names what is not in the list; here it is only read."""
    found = normalised(TEXT, ["热线", "hotline", " 热线", "邮件"], labels={"hotline": "热线"})

    assert found.values.to_pylist() == ["hotline", "hotline", "hotline", "邮件"]
    assert [change[0] for change in changes(found)] == [0, 2]


def test_labels_of_numbers_become_numbers():
    """A star rating may be delivered as its name."""
    assert normalised(WHOLE, ["三星", "2"], labels={"3": "三星", "2": "二星"}).values.to_pylist() == [3, 2]


@pytest.mark.parametrize("kind", [WHOLE, TEXT, DAY, TRUTH])
def test_blank_and_declared_texts_are_missing(kind):
    """N/A is no grade; only that it was written so is a change."""
    found = normalised(kind, [None, "", " 　", "N/A", " N/A "], "N/A")

    assert found.values.null_count == 5
    assert changes(found) == [(3, None, "missing"), (4, None, "missing")]


@pytest.mark.parametrize("kind", [WHOLE, TEXT, DAY, TRUTH])
def test_an_error_that_came_along_as_text_is_an_error(kind):
    """A workbook saved as text writes #N/A as a word; it says nothing in any column."""
    found = normalised(kind, ["#N/A", "#DIV/0!"])

    assert found.values.to_pylist() == [None, None]
    assert set(faults(found).values()) == {SENTENCES["en"]["error_value"]}


def test_an_undeclared_marker_is_a_fault_of_a_number():
    """A dash is only missing where the mapping says so."""
    assert faults(normalised(WHOLE, ["-", "N/A"])) == dict.fromkeys((0, 1), "must be a whole number")


def test_names_are_brought_to_one_spelling():
    """Two offices' spellings of one firm must meet; a name of which nothing is left is none."""
    steps = (Step("upper"), Step("drop_punctuation"), Step("drop_words", frozenset({"INC"})), Step("collapse_spaces"))

    found = normalised(TEXT, ["Acme  Homes, Inc.", "ACME HOMES", "Inc."], steps=steps)

    assert found.values.to_pylist() == ["ACME HOMES", "ACME HOMES", None]
    assert changes(found) == [(0, "ACME HOMES", "name"), (2, None, "name")]


def test_a_damaged_cell_is_refused_whatever_it_looks_like():
    """911100006000373376 looks like a code; Excel made it up."""
    found = normalised(TEXT, ["甲", "911100006000373376"], damage={1: "digits_lost"})

    assert found.values.to_pylist() == ["甲", None]
    assert faults(found) == {1: SENTENCES["en"]["digits_lost"]}


def test_a_damaged_cell_is_not_listed_as_changed():
    """It is mended by the office, not by us."""
    found = normalised(WHOLE, ["1,000", "1,000"], damage={0: "digits_lost"})

    assert changes(found) == [(1, "1000", "grouping")]
    assert [*faults(found)] == [0]


def test_faults_and_changes_are_listed_by_position():
    """Each distinct text is looked at once, each cell is named."""
    found = normalised(WHOLE, ["x", "1,000", "2", "x", "1,000"])

    assert [*faults(found)] == [0, 3]
    assert [change[0] for change in changes(found)] == [1, 4]


def test_every_message_is_there_in_both_languages():
    """An office reads Chinese."""
    assert SENTENCES["zh"].keys() == SENTENCES["en"].keys()
