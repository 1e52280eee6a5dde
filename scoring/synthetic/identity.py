"""Made-up identifiers that pass every check: credit codes, compound and project numbers.

The organization code inside every credit code begins with XX, which no registry gives out, so that a synthetic firm
can never be taken for one that exists. Check digits are computed here and not borrowed from the checker, so each can
find a fault of the other.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from scoring.synthetic.cells import Bytes, Ints, digits, identifiers

_ALPHABET = np.frombuffer(b"0123456789ABCDEFGHJKLMNPQRTUWXY", np.uint8)
_X = 33  # the letter's value in an organization code: A is 10, X is 33
_ORGANIZATION = np.array([3, 7, 9, 10, 5, 8, 4, 2])
_CREDIT = np.array([1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28])
_CREDIT_X = 29  # the same letter among the 31 symbols of a credit code
HIGHEST_SERIAL = 999_999


def credit_codes(division: Ints, serial: Ints) -> pa.Array:
    """Unified social credit codes (GB 32100) of made-up firms.

    Args:
        division: Six-digit code of where each firm is registered.
        serial: Its number, 0 to HIGHEST_SERIAL, unique within the division.

    >>> from stdnum.cn import uscc
    >>> uscc.is_valid(credit_codes(np.array([530102]), np.array([1]))[0].as_py())
    True
    """
    count = len(serial)
    tail = digits(serial, 6)
    inner = _inner_digit(tail)
    head = identifiers("91", digits(division, 6), "XX", tail, inner, count=count)
    values = np.frombuffer(head.buffers()[2], np.uint8).reshape(count, 17)
    weighted = _credit_values(values) @ _CREDIT
    return identifiers(values, _ALPHABET[(31 - weighted % 31) % 31][:, None], count=count)


def compound_ids(county: str, serial: Ints) -> pa.Array:
    """C, the county's six digits, a serial of six."""
    return identifiers("C", county, digits(serial, 6), count=len(serial))


def project_ids(number: Ints) -> pa.Array:
    """Six digits of the county, four of the year of filing, a serial of five, given as one number."""
    return identifiers(digits(number, 15), count=len(number))


def _inner_digit(tail: Bytes) -> Bytes:
    """The ninth place of an organization code (GB 11714) that begins with XX."""
    values = np.concatenate([np.full((len(tail), 2), _X), tail.astype(np.int64) - ord("0")], axis=1)
    digit = (11 - values @ _ORGANIZATION % 11) % 11
    return np.where(digit == 10, ord("X"), digit + ord("0")).astype(np.uint8)[:, None]


def _credit_values(codes: Bytes) -> Ints:
    """Values of digits and the letter X, the only letter that a synthetic code holds before its last place."""
    return np.where(codes == ord("X"), _CREDIT_X, codes.astype(np.int64) - ord("0"))
