"""Check digits of credit codes and identity numbers, against python-stdnum and published codes."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric, uscc

from data_contracts.check_digits import SCHEMES, Fault, faults

CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"
ORDINAL = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def fault_of(code: str, scheme: str = "GB 32100") -> Fault:
    """The fault of one code."""
    return Fault(faults(pa.array([code]), scheme)[0])


def organization(body: str) -> str:
    """Eight characters with their GB 11714 digit, digit by digit as the standard words it."""
    total = sum(ORDINAL.index(one) * weight for one, weight in zip(body, (3, 7, 9, 10, 5, 8, 4, 2), strict=True))
    return body + {10: "X", 11: "0"}.get(11 - total % 11, str((11 - total % 11) % 11))


credit_codes = st.tuples(
    st.sampled_from(["91", "52", "12", "N2"]),
    st.text("0123456789", min_size=6, max_size=6),
    st.text(CREDIT, min_size=8, max_size=8),
).map(lambda parts: parts[0] + parts[1] + organization(parts[2]))


@given(credit_codes)
def test_a_code_with_both_digits_right_is_accepted(body: str):
    """No firm is sent back for a code that is right."""
    code = body + uscc.calc_check_digit(body)

    assert fault_of(code) is Fault.NONE


@pytest.mark.parametrize(
    "code",
    ["91110000600037341L", "914403001922038216", "9144030071526726XG", "91330100799655058B", "91100000100003962T"],
)
def test_codes_of_well_known_firms_are_accepted(code: str):
    """Both algorithms as published on two web pages are wrong; codes in daily use settle which is right."""
    assert fault_of(code) is Fault.NONE


@given(credit_codes, st.integers(0, 17), st.sampled_from(CREDIT))
def test_any_single_wrong_character_is_found(body: str, place: int, character: str):
    """One slip of the pen must not point at another firm."""
    code = body + uscc.calc_check_digit(body)
    changed = code[:place] + character + code[place + 1 :]

    assert (fault_of(changed) is Fault.NONE) == (changed == code)


@given(credit_codes, st.integers(0, 16))
def test_any_two_neighbors_swapped_are_found(body: str, place: int):
    """The commonest typing error of all."""
    code = body + uscc.calc_check_digit(body)
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]

    assert (fault_of(swapped) is Fault.NONE) == (swapped == code)


@given(credit_codes)
def test_the_inner_digit_is_checked_too(body: str):
    """A made-up code can carry a right last digit; the organization code inside gives it away."""
    other = "0" if body[16] != "0" else "1"
    made_up = body[:16] + other

    assert fault_of(made_up + uscc.calc_check_digit(made_up)) is Fault.INNER_DIGIT


@pytest.mark.parametrize(
    "code",
    [
        "",
        "91110000600037341",
        "91110000600037341LL",
        "91110000600037341l",
        "9111000060003734IL",
        "91A10000600037341L",
        "９1110000600037341L",
        "企110000600037341L",
    ],
)
def test_a_code_of_the_wrong_shape_is_told_so(code: str):
    """Too short, small letters, letters the standard leaves out, full-width digits: not a question of digits."""
    assert fault_of(code) is Fault.SHAPE


def test_a_last_digit_that_does_not_fit_is_told_so():
    """The office is sent to the last place and not to the whole code."""
    assert fault_of("91110000600037341M") is Fault.DIGIT


@given(st.text(CREDIT + "IOSVZ", min_size=18, max_size=18) | st.text(max_size=20))
def test_what_stdnum_refuses_is_refused(text: str):
    """Both read the same standard; this one also looks inside."""
    if fault_of(text) is Fault.NONE and text[:2].isdigit():
        assert uscc.is_valid(text)


days = st.tuples(st.integers(1940, 2024), st.integers(0, 13), st.integers(0, 32))


@given(days, st.integers(0, 999), st.sampled_from("0123456789X"))
def test_identity_numbers_agree_with_stdnum_on_digit_and_birthday(day: tuple[int, int, int], serial: int, last: str):
    """The library also wants the place to have existed that year, which old numbers need not satisfy here."""
    number = f"530102{day[0]:04}{day[1]:02}{day[2]:02}{serial:03}{last}"

    fault = fault_of(number, "GB 11643")

    assert (fault is Fault.DIGIT) == (ric.calc_check_digit(number) != last)
    if fault in (Fault.NONE, Fault.DAY):
        assert (fault is Fault.NONE) == _exists(*day)


def _exists(year: int, month: int, day: int) -> bool:
    try:
        ric.get_birth_date(f"530102{year:04}{month:02}{day:02}0000")
    except ric.InvalidComponent:
        return False
    return True


@pytest.mark.parametrize(
    "day, fault",
    [("20000229", Fault.NONE), ("19000229", Fault.DAY), ("20240431", Fault.DAY), ("20240430", Fault.NONE)],
)
def test_leap_days_exist_in_leap_years_alone(day: str, fault: Fault):
    """1900 was no leap year, 2000 was."""
    body = f"530102{day}001"

    assert fault_of(body + ric.calc_check_digit(body + "0"), "GB 11643") is fault


def test_an_empty_column_has_no_faults():
    """A column without any value is checked like every other."""
    assert [faults(pa.array([], pa.string()), scheme).tolist() for scheme in SCHEMES] == [[], []]
