"""Check digits of Chinese identifiers, for whole columns at once.

python-stdnum checks one code at a time, refuses letters in the first two places of a credit code (they occur), and
does not look at the inner digit; here a column is a matrix of bytes and a check is one product. The tests hold this
against python-stdnum and against published codes.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Codes = npt.NDArray[np.int8]
_Bytes = npt.NDArray[np.uint8]


class Fault(IntEnum):
    """What is wrong with a code."""

    NONE = 0
    SHAPE = 1  # length or characters
    INNER_DIGIT = 2  # the organization code inside a credit code
    DIGIT = 3
    DAY = 4  # the birthday inside an identity number


_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_WEIGHTS = np.array([1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28])
_ORGANIZATION_WEIGHTS = np.array([3, 7, 9, 10, 5, 8, 4, 2])
_IDENTITY_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
_LENGTH = 18
_NOTHING = 99  # numeric value of a character that may not stand anywhere


def _values(alphabet: str) -> npt.NDArray[np.int64]:
    table = np.full(256, _NOTHING, dtype=np.int64)
    for value, character in enumerate(alphabet):
        table[ord(character)] = value
    return table


_CREDIT = _values(_CREDIT_ALPHABET)
_PLAIN = _values("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")


def faults(values: pa.StringArray, scheme: str) -> Codes:
    """The fault of each value, `Fault.NONE` for a good one.

    Args:
        values: Codes, upper case, without blanks; none missing. Give distinct values.
        scheme: One of SCHEMES.

    >>> faults(pa.array(["91110000600037341L", "91110000600037341M", "91110000"]), "GB 32100").tolist()
    [0, 3, 1]
    """
    found: Codes = np.full(len(values), Fault.SHAPE, dtype=np.int8)
    long_enough = pc.and_(pc.equal(pc.binary_length(values), _LENGTH), pc.equal(pc.utf8_length(values), _LENGTH))
    places = np.flatnonzero(long_enough.to_numpy(zero_copy_only=False))
    if len(places):
        found[places] = SCHEMES[scheme](_matrix(values.take(pa.array(places))))
    return found


def _matrix(values: pa.StringArray) -> _Bytes:
    """Bytes of codes of equal length, one row each."""
    data = b"".join(values.cast(pa.binary()).to_pylist())
    return np.frombuffer(data, dtype=np.uint8).reshape(len(values), _LENGTH)


def _credit_code(codes: _Bytes) -> Codes:
    """GB 32100-2015: 31 symbols, weights 3^i mod 31; places 9-17 are an organization code with a digit of its own."""
    values = _CREDIT[codes]
    well_formed = (values != _NOTHING).all(axis=1) & (values[:, 2:8] <= 9).all(axis=1)
    outer = (31 - values[:, :17] @ _CREDIT_WEIGHTS % 31) % 31 == values[:, 17]
    return _first_fault(
        (~well_formed, Fault.SHAPE), (~_organization_code(codes[:, 8:17]), Fault.INNER_DIGIT), (~outer, Fault.DIGIT)
    )


def _organization_code(codes: _Bytes) -> npt.NDArray[np.bool_]:
    """GB 11714-1997: weights modulo 11, 10 is written X."""
    digit = (11 - _PLAIN[codes[:, :8]] @ _ORGANIZATION_WEIGHTS % 11) % 11
    good: npt.NDArray[np.bool_] = np.where(digit == 10, codes[:, 8] == ord("X"), _PLAIN[codes[:, 8]] == digit)
    return good


def _identity_number(codes: _Bytes) -> Codes:
    """GB 11643-1999: 17 digits with a possible birthday, weights modulo 11, 10 is written X."""
    values = _PLAIN[codes]
    well_formed = (values[:, :17] <= 9).all(axis=1) & ((values[:, 17] <= 9) | (codes[:, 17] == ord("X")))
    digit = (12 - values[:, :17] @ _IDENTITY_WEIGHTS % 11) % 11
    outer = np.where(digit == 10, codes[:, 17] == ord("X"), values[:, 17] == digit)
    return _first_fault((~well_formed, Fault.SHAPE), (~outer, Fault.DIGIT), (~_has_birthday(values), Fault.DAY))


def _has_birthday(values: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    year = values[:, 6:10] @ np.array([1000, 100, 10, 1])
    month, day = values[:, 10] * 10 + values[:, 11], values[:, 12] * 10 + values[:, 13]
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    longest = np.array([0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])[np.where(month <= 12, month, 0)]
    longest = np.where((month == 2) & ~leap, 28, longest)
    possible: npt.NDArray[np.bool_] = (year >= 1850) & (year < 2100) & (day >= 1) & (day <= longest)
    return possible


def _first_fault(*tests: tuple[npt.NDArray[np.bool_], Fault]) -> Codes:
    found: Codes = np.select(
        [broken for broken, _ in tests], [int(fault) for _, fault in tests], int(Fault.NONE)
    ).astype(np.int8)
    return found


SCHEMES: dict[str, Callable[[_Bytes], Codes]] = {"GB 32100": _credit_code, "GB 11643": _identity_number}
