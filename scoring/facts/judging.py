"""Errors of a run say where: the kind of unit, the fact, line or step, and the record of the unit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa

from scoring.exact import PointsOverflowError
from scoring.facts.days import CalendarError
from scoring.facts.engine import FactOverflowError
from scoring.facts.formula import UnitError
from scoring.facts.one_row import MissingKeyError, RefusedValueError


class FactError(ValueError):
    """Records that the rulebook cannot judge: a key without a row, a refused value, a member without its unit."""


@contextmanager
def judging(what: str, record_ids: pa.Array) -> Iterator[None]:
    """Name *what* is computed, and the unit's own record, in every error from inside.

    Raises:
        FactError: A unit that cannot be judged.
        FactOverflowError: A number beyond 64 bits.
    """
    try:
        yield
    except UnitError as error:
        raise FactError(f"{what}: in record {record_ids[error.row]}: {error}") from None
    except (MissingKeyError, RefusedValueError, CalendarError) as error:
        raise FactError(f"{what}: {error}") from None
    except PointsOverflowError as error:
        raise FactOverflowError(f"{what}: found a number beyond 64 bits ({error})") from None


@contextmanager
def naming(what: str) -> Iterator[None]:
    """Put *what* before every error from inside that speaks of a unit or a number; `judging` adds the rest."""
    try:
        yield
    except UnitError as error:
        raise UnitError(error.row, f"{what}: {error}") from None
    except PointsOverflowError as error:
        raise PointsOverflowError(f"{what}: {error}") from None
