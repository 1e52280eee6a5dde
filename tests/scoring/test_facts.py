"""Facts of units: which records count, when, how often and for whom, with the cases just beside every edge."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pyarrow as pa
import pytest

from data_contracts.expressions.resolve import day_number
from scoring.evaluation import evaluate
from scoring.facts.engine import FactOverflowError
from scoring.facts.judging import FactError
from scoring.facts.values import scalar

FIRM = {"code": "F"}


def firm_facts(facts: str, records: str = "", more: str = "") -> str:
    """A book of one kind of unit whose only line is worth nothing."""
    return f"""
tables: {{worth: {{rows: {{high: 5, middle: 3, low: 1}}}}, days_for: {{rows: {{lift: 1, roof: 5}}, else: 3}}}}
records: {{{records}}}
units:
  firm:
    from: firms
    key: [code]
    {more}
    facts: {{{facts}}}
    card: {{lines: [{{id: NONE, points: 0}}]}}
"""


def record(record_id: str, **columns: Any) -> dict[str, Any]:
    """A record of firm F."""
    return {"record": record_id, "firm": "F", **columns}


def fact(make_book: Any, facts: str, rows: list[dict[str, Any]], records: str = "", **more: Any) -> Any:
    """The fact `found` of firm F."""
    outcome = make_book(firm_facts(facts, records)).run(firms=[FIRM], records=rows, **more)["F"]
    return outcome.facts["found"]


# When a record counts.


@pytest.mark.parametrize(
    "time, columns, counted",
    [
        ("in_period(happened)", {"happened": "2023-12-31"}, 0),
        ("in_period(happened)", {"happened": "2024-01-01"}, 1),
        ("in_period(happened)", {"happened": "2024-12-31"}, 1),
        ("in_period(happened)", {"happened": "2025-01-01"}, 0),
        ("in_period(happened)", {}, 0),
        ("in_force(happened, until)", {"happened": "2020-01-01", "until": "2024-12-30"}, 0),
        ("in_force(happened, until)", {"happened": "2020-01-01", "until": "2024-12-31"}, 1),
        ("in_force(happened, until)", {"happened": "2020-01-01", "until": "2025-01-01"}, 1),
        ("in_force(happened, until)", {"happened": "2020-01-01"}, 1),
        ("in_force(happened, until)", {"happened": "2024-12-31"}, 1),
        ("in_force(happened, until)", {"happened": "2025-01-01"}, 0),
        ("in_force(happened, until)", {"until": "2025-01-01"}, 0),
        ("within_months(happened, 36)", {"happened": "2021-12-31"}, 0),
        ("within_months(happened, 36)", {"happened": "2022-01-01"}, 1),
        ("within_months(happened, 36)", {"happened": "2024-12-31"}, 1),
        ("within_months(happened, 36)", {"happened": "2025-01-01"}, 0),
        ("overlaps(happened, until)", {"happened": "2023-01-01", "until": "2023-12-31"}, 0),
        ("overlaps(happened, until)", {"happened": "2023-01-01", "until": "2024-01-01"}, 1),
        ("overlaps(happened, until)", {"happened": "2024-12-31"}, 1),
        ("overlaps(happened, until)", {"happened": "2025-01-01"}, 0),
        ("overlaps(happened, until)", {"happened": "2025-01-01", "until": "2026-01-01"}, 0),
        ("overlaps(happened, until)", {"happened": "2020-01-01"}, 1),
        ("any", {}, 1),
    ],
)
def test_a_record_counts_in_its_time(make_book, time: str, columns: dict[str, str], counted: int):
    """A penalty of the last day of the year belongs to the year, one of the next day does not."""
    rows = [record("r", **columns)]

    assert fact(make_book, f'found: {{of: records, time: "{time}", take: count()}}', rows) == counted


@pytest.mark.parametrize("as_of, counted", [("2024-06-29", 0), ("2024-06-30", 1), ("2024-12-31", 1)])
def test_a_rating_within_the_year_sees_the_year_so_far(make_book, as_of: str, counted: int):
    """A quarterly look at the year's rules counts nothing that has not happened yet."""
    book = make_book(firm_facts("found: {of: records, time: in_period(happened), take: count()}"))

    result = book.evaluate(as_of=date.fromisoformat(as_of), firms=[FIRM], records=[record("r", happened="2024-06-30")])

    assert result.units["firm"].facts.values[("found",)].fraction(0) == counted


@pytest.mark.parametrize(
    "as_of, happened, counted",
    [("2024-02-29", "2023-08-29", 0), ("2024-02-29", "2023-08-30", 1), ("2024-08-31", "2024-02-29", 0)],
)
def test_months_back_from_the_last_day_of_a_month(make_book, as_of: str, happened: str, counted: int):
    """Six months before 31 August is 29 February, and that day itself has run out."""
    book = make_book(firm_facts('found: {of: records, time: "within_months(happened, 6)", take: count()}'))

    result = book.evaluate(as_of=date.fromisoformat(as_of), firms=[FIRM], records=[record("r", happened=happened)])

    assert result.units["firm"].facts.values[("found",)].fraction(0) == counted


@pytest.mark.parametrize(
    "starts, ends, days",
    [
        ("2024-01-01", "2024-12-31", 366),
        ("2023-01-01", "2024-01-01", 1),
        ("2023-01-01", "2023-12-31", 0),
        ("2024-12-31", None, 1),
        ("2025-01-01", None, 0),
        ("2024-03-01", "2024-02-28", 0),
        (None, "2024-12-31", None),
    ],
)
def test_days_in_the_period_count_both_ends(make_book, starts: str | None, ends: str | None, days: int | None):
    """A firm that served on a single day served one day."""
    rows = [record("r", happened=starts, until=ends)]
    take = 'found: {of: records, time: any, take: "max(days_in_period(happened, until))"}'

    assert fact(make_book, take, rows) == days


@pytest.mark.parametrize(
    "kind, replied, share",
    [
        ("lift", "2024-02-18", 1),
        ("lift", "2024-02-19", 0),
        ("roof", "2024-02-22", 1),
        ("roof", "2024-02-23", 0),
        ("noise", "2024-02-20", 1),
        ("noise", "2024-02-21", 0),
        (None, "2024-02-10", None),
        ("lift", None, None),
    ],
)
def test_answers_are_due_by_the_working_days_of_their_kind(
    make_book, kind: str | None, replied: str | None, share: Any
):
    """Received on the eve of Spring Festival: the next working day is Sunday 18 February, a make-up day."""
    take = 'found: {of: records, time: any, take: "share(until <= add_working_days(happened, days_for[kind]))"}'

    assert fact(make_book, take, [record("r", kind=kind, happened="2024-02-09", until=replied)]) == share


def test_a_day_without_a_calendar_is_named_with_its_record(make_book):
    """A reply due in a year whose holidays are not announced cannot be judged, and must not be judged in silence."""
    take = 'found: {of: records, time: any, take: "share(until <= add_working_days(happened, 1))"}'

    with pytest.raises(FactError) as caught:
        fact(make_book, take, [record("late", happened="2026-12-31", until="2027-01-04")])

    assert str(caught.value) == (
        "firm: found: found a day and a count outside the working-day calendar: 2026-12-31/1 in record late, "
        "allowed: a year that the calendar knows"
    )


def test_a_city_may_name_working_days_of_its_own(make_book):
    """The same reply is on time once the book says that New Year 2027 is the only day off."""
    rules = firm_facts('found: {of: records, time: any, take: "share(until <= add_working_days(happened, 1))"}')
    book = make_book("working_days: {rows: {2027-01-01: false}}\n" + rules)

    found = book.run(firms=[FIRM], records=[record("r", happened="2026-12-31", until="2027-01-04")])

    assert found["F"].facts["found"] == 1


# Which records count.


@pytest.mark.parametrize("ok, counted", [(True, 1), (False, 0), (None, 0)])
def test_an_unknown_condition_does_not_count_a_record(make_book, ok: bool | None, counted: int):
    """A ticket whose attribution is not decided yet is not held against the firm."""
    rows = [record("r", ok=ok)]

    assert fact(make_book, "found: {of: records, time: any, where: ok, take: count()}", rows) == counted
    assert (
        fact(make_book, "found: {of: valid, take: count()}", rows, "valid: {from: records, where: ok, time: any}")
        == counted
    )
    assert fact(make_book, "found: {of: records, time: any, where: not ok, take: count()}", rows) == (
        1 if ok is False else 0
    )


def test_a_view_of_a_view_narrows_it(make_book):
    """`complaint` is upheld, `repeat` is a complaint: what the first leaves out the second never sees."""
    views = (
        "inner: {from: records, where: ok, time: in_period(happened)}, "
        "outer: {from: inner, where: amount > 1, time: any}"
    )
    day = {"happened": "2024-05-01"}
    rows = [
        record("both", ok=True, amount=2, **day),
        record("not ok", ok=False, amount=2, **day),
        record("small", ok=True, amount=1, **day),
        record("old", ok=True, amount=2, happened="2023-05-01"),
    ]

    assert fact(make_book, "found: {of: outer, take: count()}", rows, views) == 1


def test_only_the_highest_of_one_content_counts(make_book):
    """One award at three levels is one award: the highest; ties go to the smaller record id."""
    view = 'award: {from: records, time: any, once_per: [content], keep: "highest worth[kind]"}'
    rows = [
        record("r3", content="garden", kind="low"),
        record("r1", content="garden", kind="high", amount=1),
        record("r2", content="garden", kind="high", amount=2),
        record("r4", content="party", kind="middle"),
    ]

    assert fact(make_book, 'found: {of: award, take: "sum(worth[kind])"}', rows, view) == 8
    assert fact(make_book, "found: {of: award, take: sum(amount)}", rows, view) == 1


@pytest.mark.parametrize(
    "keep, kept", [("latest happened", 3), ("earliest happened", 1), ("highest amount", 3), ("lowest amount", 1)]
)
def test_what_is_kept_of_a_key(make_book, keep: str, kept: int):
    """The latest state of a party organization, the first notice, the highest award."""
    view = f'state: {{from: records, time: any, once_per: content, keep: "{keep}"}}'
    rows = [record(f"r{day}", content="c", happened=f"2024-01-0{day}", amount=day) for day in (2, 1, 3)]

    assert fact(make_book, "found: {of: state, take: sum(amount)}", rows, view) == kept


def test_what_cannot_be_compared_is_kept_last(make_book):
    """A record without a day cannot be the latest, unless there is no other."""
    view = "state: {from: records, time: any, once_per: [content], keep: latest happened}"
    rows = [record("r1", content="a", amount=1), record("r2", content="a", amount=2, happened="2024-01-01")]

    assert fact(make_book, "found: {of: state, take: sum(amount)}", rows, view) == 2
    assert fact(make_book, "found: {of: state, take: sum(amount)}", rows[:1], view) == 1


def test_records_without_a_key_are_not_taken_for_the_same(make_book):
    """Two awards whose content nobody wrote down are two awards."""
    view = "award: {from: records, time: any, once_per: [content, kind], keep: highest amount}"
    rows = [
        record("r1", kind="x"),
        record("r2", kind="x"),
        record("r3", content="c"),
        record("r4", content="c", kind="x"),
    ]

    assert fact(make_book, "found: {of: award, take: count()}", rows, view) == 4


def test_one_record_per_unit_and_key(make_book):
    """The same content at two firms counts for both."""
    view = "award: {from: records, time: any, once_per: [content], keep: highest amount}"
    book = make_book(firm_facts("found: {of: award, take: count()}", view))
    rows = [{"record": firm, "firm": firm, "content": "same"} for firm in "FG"]

    found = book.run(firms=[{"code": "F"}, {"code": "G"}], records=rows)

    assert {key: outcome.facts["found"] for key, outcome in found.items()} == {"F": 1, "G": 1}


def test_a_view_on_top_of_a_highest_only_view_counts_what_it_kept(make_book):
    """Nested once_per: first the highest of each content, then the latest of each kind."""
    views = (
        "best: {from: records, time: any, once_per: [content], keep: highest amount}, "
        "last: {from: best, time: any, once_per: [kind], keep: latest happened}"
    )
    rows = [
        record("r1", content="a", kind="k", amount=5, happened="2024-01-01"),
        record("r2", content="a", kind="k", amount=1, happened="2024-03-01"),
        record("r3", content="b", kind="k", amount=2, happened="2024-02-01"),
    ]

    assert fact(make_book, "found: {of: last, take: sum(amount)}", rows, views) == 2


@pytest.mark.parametrize("gap, repeats", [(89, 1), (90, 1), (91, 0)])
def test_a_repeat_within_ninety_days(make_book, gap: int, repeats: int):
    """The ninetieth day still is a repeat."""
    view = 'again: {from: records, where: "days_since_previous(happened, content) <= 90", time: any}'
    second = date(2024, 1, 1) + timedelta(days=gap)
    rows = [record("r1", content="c", happened="2024-01-01"), record("r2", content="c", happened=second)]

    assert fact(make_book, "found: {of: again, take: count()}", rows, view) == repeats


def test_a_window_on_top_of_a_window(make_book):
    """Repeats among repeats: each level numbers its own rows."""
    views = (
        'again: {from: records, where: "days_since_previous(happened, content) <= 90", time: any}, '
        'third: {from: again, where: "days_since_previous(happened, content) <= 30", time: any}'
    )
    rows = [record(f"r{month}", content="c", happened=f"2024-0{month}-01") for month in (1, 2, 3, 4)]

    assert fact(make_book, "found: {of: again, take: count()}", rows, views) == 3
    assert fact(make_book, "found: {of: third, take: count()}", rows, views) == 1


# What is taken.


@pytest.mark.parametrize(
    "take, of_some, of_none",
    [
        ("count()", 4, 0),
        ("sum(amount)", Fraction("6.5"), 0),
        ("mean(amount)", Fraction("6.5") / 3, None),
        ("mean(amount, weight)", Fraction("12.5") / 5, None),
        ("share(ok)", Fraction(1, 3), None),
        ("share(ok, weight)", Fraction(2, 5), None),
        ("min(amount)", Fraction("0.5"), None),
        ("max(amount)", Fraction("3.5"), None),
        ("first(amount, happened)", Fraction("2.5"), None),
        ("last(amount, happened)", Fraction("0.5"), None),
        ("first(kind, happened)", "b", None),
        ("last(ok, happened)", False, None),
        ("max(happened)", day_number(date(2024, 3, 1)), None),
        ("sum(amount) / count()", Fraction("6.5") / 4, None),
        ("10 * share(ok) + sum(weight)", Fraction(10, 3) + 6, None),
    ],
)
def test_aggregates_pass_over_what_is_missing(make_book, take: str, of_some: Any, of_none: Any):
    """A mean of three known grades is their mean; nothing known is no grade, but no points either: 0 as a sum."""
    rows = [
        record("r1", amount="2.5", weight=2, ok=True, kind="b", happened="2024-01-01"),
        record("r2", amount="3.5", weight=2, ok=False, kind="a", happened="2024-02-01"),
        record("r3", amount="0.5", weight=1, ok=False, happened="2024-03-01"),
        record("r4", weight=1, ok=None, kind="z"),
    ]
    text = f'found: {{of: records, time: any, take: "{take}"}}'

    assert fact(make_book, text, rows) == of_some
    assert fact(make_book, text, []) == of_none


def test_a_mean_whose_weights_cancel_out_is_missing(make_book):
    """Division by zero is missing."""
    rows = [record("r1", amount=1, weight=1), record("r2", amount=2, weight=-1)]

    assert fact(make_book, 'found: {of: records, time: any, take: "mean(amount, weight)"}', rows) is None


def test_what_an_earlier_fact_found_a_later_one_may_use(make_book):
    """Facts stand in file order."""
    facts = "one: {of: records, time: any, take: count()}, two: {take: one * 2}, found: {take: two + one / 4}"

    assert fact(make_book, facts, [record("r1"), record("r2")]) == Fraction("4.5")


def test_a_path_of_foreign_keys_reaches_columns_of_the_parents(make_book):
    """A ticket is weighed by the area of its project, and by the district of the firm that runs it."""
    facts = (
        'size: {of: records, time: any, take: "sum(project.area)"}, '
        "found: {of: records, time: any, where: \"project.firm.district = 'north'\", take: count()}"
    )
    book = make_book(firm_facts(facts))
    projects = [{"project": "P", "firm": "G", "area": "10.5"}, {"project": "Q", "firm": "H"}]
    rows = [record("r1", project="P"), record("r2", project="Q"), record("r3")]

    found = book.run(firms=[FIRM, {"code": "G", "district": "north"}, {"code": "H"}], projects=projects, records=rows)

    assert (found["F"].facts["size"], found["F"].facts["found"]) == (Fraction("10.5"), 1)


@pytest.mark.parametrize("by, count", [("firm", 2), ("partner", 1), ("project.firm", 3)])
def test_records_belong_by_the_key_that_is_named(make_book, by: str, count: int):
    """Where two keys lead to the firm, the book says which: who did it, or whose project it was."""
    columns = "record* text, firm text? -> firms.code, partner text? -> firms.code, project text? -> projects.project"
    book = make_book(firm_facts(f"found: {{of: records, time: any, by: {by}, take: count()}}"), records=columns)
    rows = [
        {"record": "r1", "firm": "F", "partner": "G", "project": "P"},
        {"record": "r2", "firm": "F", "partner": "F", "project": "P"},
        {"record": "r3", "firm": "G", "project": "P"},
    ]

    found = book.run(firms=[FIRM, {"code": "G"}], projects=[{"project": "P", "firm": "F"}], records=rows)

    assert found["F"].facts["found"] == count


def test_a_record_of_nobody_counts_for_nobody(make_book):
    """A ticket that no compound could be found for is not spread over the city."""
    assert fact(make_book, "found: {of: records, time: any, by: firm, take: count()}", [{"record": "r"}]) == 0


# Refused records.


def test_a_key_that_a_table_lacks_is_named_with_its_record(make_book):
    """The clerk reads which record holds a word the table does not know."""
    take = 'found: {of: records, time: any, take: "sum(worth[kind])"}'

    with pytest.raises(FactError) as caught:
        fact(make_book, take, [record("r1", kind="high"), record("r2", kind="hihg")])

    assert str(caught.value) == (
        "firm: found: found a key that table 'worth' lacks: 'hihg' in record r2, "
        "allowed: a key of the table, or `else:` in it"
    )


@pytest.mark.parametrize(
    "facts, views",
    [
        ('found: {of: records, time: any, where: ok, take: "sum(worth[kind])"}', ""),
        ('found: {of: view, take: "sum(worth[kind])"}', "view: {from: records, time: any, where: ok}"),
        (
            "found: {of: view, take: count()}",
            'view: {from: records, time: in_period(happened), where: "worth[kind] > 1"}',
        ),
        ('found: {of: records, time: any, take: "sum(if(ok, worth[kind], 0))"}', ""),
        ('found: {of: records, time: any, where: "ok and worth[kind] > 1", take: count()}', ""),
        ('found: {of: records, time: any, take: "mean(amount, worth[kind])"}', ""),
    ],
)
def test_a_record_that_does_not_count_needs_no_row_in_the_table(make_book, facts: str, views: str):
    """A refused ticket of a category that was dropped years ago must not stop the year's rating."""
    rows = [record("r", ok=False, kind="unknown", happened="2020-01-01")]

    assert fact(make_book, facts, rows, views) in (0, None)


@pytest.mark.parametrize(
    "facts, views",
    [
        (
            "found: {of: view, take: count()}",
            'view: {from: records, time: any, once_per: [content], keep: "highest worth[kind]"}',
        ),
        ("found: {of: view, take: count()}", 'view: {from: records, time: any, where: "worth[kind] > 1"}'),
        ('found: {of: records, time: any, take: "last(worth[kind], happened)"}', ""),
        ('found: {of: records, time: any, take: "share(ok, worth[kind])"}', ""),
    ],
)
def test_a_gap_is_found_wherever_the_table_is_asked(make_book, facts: str, views: str):
    """Also where records are sorted by it, weighed by it or picked by it."""
    rows = [record("r", ok=False, kind="unknown", happened="2024-01-01", content="c")]

    with pytest.raises(FactError, match="'unknown' in record r, allowed: a key of the table"):
        fact(make_book, facts, rows, views)


def test_the_first_few_of_many_faults_are_named(make_book):
    """Ten thousand bad records make one readable line."""
    rows = [record(f"r{number}", kind="bad") for number in range(1, 9)]

    with pytest.raises(FactError, match=r"'bad' in record r1, .* in record r5, …, allowed"):
        fact(make_book, 'found: {of: records, time: any, take: "sum(worth[kind])"}', rows)


@pytest.mark.parametrize(
    "amount, reason, problem",
    [
        ("0.9", "seen", "0.9"),
        ("1", "seen", None),
        ("1", None, "1.0"),
        ("5", None, None),
        ("10", "x", None),
        ("10.1", "x", "10.1"),
    ],
)
def test_a_value_given_by_a_person_is_checked(make_book, amount: str, reason: str | None, problem: str | None):
    """One to ten points at discretion, and a reason for any but the usual five."""
    take = 'found: {of: records, time: any, take: "sum(given(amount, 1, 10, 5, reason))"}'
    rows = [record("r", amount=amount, reason=reason)]

    if problem is None:
        assert fact(make_book, take, rows) == Fraction(amount)
        return
    with pytest.raises(
        FactError, match=f"firm: found: found the given value {problem} in record r, allowed: within its"
    ):
        fact(make_book, take, rows)


def test_a_sum_beyond_64_bits_names_the_fact(make_book):
    """An engine would turn it into a floating-point number, or wrap it."""
    rows = [record(f"r{number}", amount=9 * 10**16) for number in range(20)]

    with pytest.raises(FactOverflowError, match="firm: found: found a number beyond 64 bits"):
        fact(make_book, "found: {of: records, time: any, take: sum(amount)}", rows)
    with pytest.raises(FactOverflowError, match="firm: found: found a number beyond 64 bits"):
        fact(make_book, 'found: {of: records, time: any, take: "sum(amount * amount)"}', rows)


def test_a_formula_beyond_64_bits_names_the_fact(make_book):
    """On a unit the numbers are exact without end, but a result has to be stored."""
    facts = "big: {of: records, time: any, take: sum(weight)}, found: {take: big * big * big}"

    with pytest.raises(FactOverflowError, match="firm: found: found a number beyond 64 bits"):
        fact(make_book, facts, [record("r", weight=3 * 10**9)])


def test_a_huge_step_on_the_way_is_exact(make_book):
    """Only the result has to fit."""
    facts = "big: {of: records, time: any, take: sum(weight)}, found: {take: big * big * big / big / big}"

    assert fact(make_book, facts, [record("r", weight=3 * 10**9)]) == 3 * 10**9


def test_a_unit_that_a_formula_cannot_judge_is_named(make_book):
    """The message leads to the row of the firm."""
    book = make_book(firm_facts('found: {take: "worth[district]"}'))

    with pytest.raises(FactError) as caught:
        book.run(firms=[{"code": "F", "district": "low"}, {"code": "G", "district": "nowhere"}])

    assert str(caught.value) == (
        "firm: found: in record G: found key 'nowhere' for table 'worth', allowed: high, middle, low"
    )


# Across units.


def test_an_across_fact_is_one_rounded_number_for_all(make_book):
    """The city rate: 5 complaints on 3 staff is 1.6667, rounded once and the same for everybody."""
    facts = (
        "count: {of: records, time: any, by: firm, take: count()}, "
        'found: {across: all, take: "sum(count) / sum(staff)", round: 0.0001}'
    )
    book = make_book(firm_facts(facts))
    rows = [{"record": f"r{number}", "firm": "F"} for number in range(5)]

    found = book.run(firms=[{"code": "F", "staff": 1}, {"code": "G", "staff": 2}], records=rows)

    assert {outcome.facts["found"] for outcome in found.values()} == {Fraction("1.6667")}


@pytest.mark.parametrize(
    "take, north, south",
    [
        ("count()", 3, 1),
        ("sum(staff)", 3, 0),
        ("mean(staff)", Fraction("1.5"), None),
        ("mean(staff, area)", Fraction("1.8"), None),
        ("share(licensed)", Fraction("0.5"), None),
        ("share(licensed, area)", Fraction("0.2"), None),
        ("min(area)", 1, 5),
        ("max(staff)", 2, None),
    ],
)
def test_across_groups_of_units(make_book, take: str, north: Any, south: Any):
    """Each district has its own mean; a missing part is passed over."""
    book = make_book(firm_facts(f'found: {{across: district, take: "{take}", round: 0.1}}'))
    firms = [
        {"code": "A", "district": "north", "staff": 1, "area": 1, "licensed": True},
        {"code": "B", "district": "north", "staff": 2, "area": 4, "licensed": False},
        {"code": "C", "district": "north", "area": 5},
        {"code": "D", "district": "south", "area": 5},
    ]

    found = book.run(firms=firms)

    assert [found[code].facts["found"] for code in "ABCD"] == [north, north, north, south]


def test_across_no_units_at_all(make_book):
    """A district without firms is no error."""
    book = make_book(firm_facts('found: {across: all, take: "sum(staff) / sum(area)", round: 0.1}'))

    assert book.run(firms=[]) == {}


@pytest.mark.parametrize("staff, rate", [(1249, "0.12"), (1250, "0.13"), (1251, "0.13"), (-1250, "-0.13")])
def test_an_across_fact_rounds_half_away_from_zero(make_book, staff: int, rate: str):
    """Below, on and above the half."""
    book = make_book(firm_facts('found: {across: all, take: "sum(staff) / 10000", round: 0.01}'))

    assert book.run(firms=[{"code": "F", "staff": staff}])["F"].facts["found"] == Fraction(rate)


# Units over units.

TWO_UNITS = """
records: {served: {from: project, time: "overlaps(starts, ends)"}}
units:
  project:
    from: projects
    key: [project]
    facts: {noise: {of: records, time: any, take: count()}, rate: {take: noise / area}}
    statuses: [{status: OUT, when: area = 0}]
    card: {start: 100, lines: [{id: NOISE, points: -10 * noise}]}
    levels: {order: [good, poor], rows: [{level: good, from: 80}, {level: poor}]}
  firm:
    from: firms
    key: [code]
    facts:
      mean: {of: served, take: "mean(points, area)"}
      worst: {of: served, take: min(points)}
      poor: {of: served, where: "level = 'poor'", take: count()}
      share: {of: served, take: "share(worse(level, 'good'), area * days_in_period(starts, ends))"}
      noise: {of: served, take: sum(noise)}
      out: {of: served, where: status = 'OUT', take: count()}
    card: {lines: [{id: MEAN, points: mean, missing: not_rated}]}
"""


def test_a_roll_up_is_a_fact_over_units_rated_before(make_book):
    """Area weighs the mean; a project with a status has no points and is passed over; one outside its time too."""
    year = {"starts": "2024-01-01", "ends": "2024-12-31"}
    projects = [
        {"project": "P", "firm": "F", "area": 100, **year},
        {"project": "Q", "firm": "F", "area": 300, **year},
        {"project": "R", "firm": "F", "area": 0, **year},
        {"project": "S", "firm": "F", "area": 900, "starts": "2020-01-01", "ends": "2023-12-31"},
    ]
    rows = [{"record": f"r{number}", "project": "Q"} for number in range(3)]

    found = make_book(TWO_UNITS).run(firms=[FIRM], projects=projects, records=rows)["F"]

    facts = {name: found.facts[name] for name in ("mean", "worst", "poor", "share", "noise", "out")}
    assert facts == {"mean": Fraction("77.5"), "worst": 70, "poor": 1, "share": Fraction(3, 4), "noise": 3, "out": 1}
    assert found.points == Fraction("77.5")


def test_a_firm_without_units_below_has_no_mean(make_book):
    """`missing: not_rated` says so."""
    assert make_book(TWO_UNITS).run(firms=[FIRM])["F"].status == "NOT_RATED"


def test_a_unit_made_from_a_unit_reads_its_facts_points_and_parents(make_book):
    """A demonstration site is a project looked at again, with the level of its operator."""
    rules = (
        TWO_UNITS
        + """
  site:
    from: project
    key: [project]
    facts: {loud: {take: noise * 2}, of_site: {of: records, time: any, take: count()}}
    statuses: [{status: NO, when: firm.points < 60}]
    card:
      lines:
        - {id: BELOW, points: project.points, missing: zero}
        - {id: RATE, points: rate, missing: zero}
        - {id: LOUD, points: loud}
    levels: {order: [in, out], rows: [{level: in, from: 50}, {level: out}]}
"""
    )
    projects = [{"project": "P", "firm": "F", "area": 4, "starts": "2024-01-01"}]
    rows = [{"record": "r1", "project": "P"}, {"record": "r2", "project": "P"}]

    found = make_book(rules).run("site", firms=[FIRM], projects=projects, records=rows)["P"]

    assert found.lines == {"BELOW": 80, "RATE": Fraction("0.5"), "LOUD": 4}
    assert (found.level, found.status, found.facts["of_site"]) == ("in", None, 2)


# Several rows, one unit.

BRANCHES = """
units:
  firm:
    from: firms
    key: [code]
    rated_as: coalesce(head, code)
    facts:
      count: {of: records, time: any, by: firm, take: count()}
      served: {of: projects, time: any, take: sum(area)}
    card: {lines: [{id: COUNT, points: count}]}
  project:
    from: projects
    key: [project]
    card: {lines: [{id: FIRM, points: firm.points, missing: zero}]}
"""


def test_records_of_branches_follow_to_the_head(make_book):
    """A branch is not rated; its records and projects are the head's, also those of a branch of a branch."""
    firms = [{"code": "H"}, {"code": "B", "head": "H"}, {"code": "C", "head": "B"}, {"code": "O"}]
    rows = [{"record": f"r{firm}", "firm": firm} for firm in "HBCO"]
    projects = [{"project": firm, "firm": firm, "area": 1} for firm in "HBCO"]
    book = make_book(BRANCHES)

    found = book.run_all(firms=firms, records=rows, projects=projects)

    counts = {key: (one.facts["count"], one.facts["served"]) for key, one in found["firm"].items()}
    assert counts == {"H": (3, 3), "O": (1, 1)}
    assert {key: one.points for key, one in found["project"].items()} == {"H": 3, "B": 3, "C": 3, "O": 1}


@pytest.mark.parametrize(
    "rated_as, firms, problem",
    [
        ("head", [{"code": "F"}], "firm: found rated_as nothing in record F, allowed: a key of firms"),
        ("head", [{"code": "F", "head": "X"}], "firm: found rated_as X in record F, allowed: a key of firms"),
        (
            "head",
            [{"code": "F", "head": "G"}, {"code": "G", "head": "F"}],
            "firm: found rated_as in a circle, records F, G, allowed: an end",
        ),
    ],
)
def test_a_branch_without_its_head_is_named(make_book, rated_as: str, firms: list[dict[str, str]], problem: str):
    """Rating it alone, or dropping it, would be a guess."""
    book = make_book(BRANCHES.replace("coalesce(head, code)", rated_as))

    with pytest.raises(FactError) as caught:
        book.run(firms=firms)

    assert str(caught.value) == problem


# Earlier rounds.

EARLIER = """
records: {past: {from: earlier.firm, where: "edition_year >= year(period.to) - 1", time: any}}
units:
  firm:
    from: firms
    key: [code]
    facts:
      failing: {of: past, where: "level = 'poor'", take: count()}
      best: {of: past, take: max(points)}
      other: {of: past, where: "worse(level, 'good')", take: count()}
    card: {lines: [{id: NONE, points: 0}]}
    levels: {order: [good, poor], rows: [{level: good}], steps: [{id: STRIKE, when: failing >= 2, set: poor}]}
"""


def test_earlier_rounds_are_records_of_their_units(make_book):
    """Two failing years: a fact over what was published; levels that the order lacks are neither worse nor better."""
    book = make_book(EARLIER)
    past = pa.table(
        {
            "code": ["F", "F", "F", "G", "gone"],
            "points": pa.array([5000, None, 9000, 100, 1], pa.int64()),
            "level": ["poor", "poor", "poor", "AAA", "poor"],
            "status": pa.array([None] * 5, pa.string()),
            "edition_year": [2023, 2024, 2022, 2023, 2023],
            "rulebook": ["old"] * 5,
            "record_id": ["a", "b", "c", "d", "e"],
        }
    )

    evaluation = book.evaluate(firms=[FIRM, {"code": "G"}], earlier={"firm": past})

    values = evaluation.units["firm"].facts.values
    assert [values[("failing",)].fraction(row) for row in (0, 1)] == [2, 0]
    assert [values[("best",)].fraction(row) for row in (0, 1)] == [50, 1]
    assert [values[("other",)].fraction(row) for row in (0, 1)] == [2, 0]
    assert evaluation.units["firm"].rated.level.tolist() == ["poor", "good"]


def test_without_earlier_rounds_there_are_none(make_book):
    """The first year of a scheme runs with the same book."""
    assert make_book(EARLIER).run(firms=[FIRM])["F"].level == "good"


def test_a_table_that_was_not_delivered_is_empty(make_book):
    """A contract with `required: false` may come without a file."""
    rulebook = make_book(firm_facts("found: {of: records, time: any, by: firm, take: count()}")).load()
    firms = pa.table({"record_id": ["F"], "code": ["F"]})

    evaluation = evaluate(rulebook, {"firms": firms})

    assert scalar(evaluation.units["firm"].facts.values[("found",)], 0) == 0
