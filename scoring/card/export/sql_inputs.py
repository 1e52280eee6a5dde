"""What a row has to hold before a card is asked, in SQL: which columns, which values, and how they are taken."""

from __future__ import annotations

from collections.abc import Iterator

from scoring.card.artefact import Card, Input
from scoring.card.export.sql_calendar import Dialect
from scoring.card.export.sql_terms import WHOLE, named, quoted
from scoring.card.inputs import DEN, LIMIT


def columns_of(card: Card) -> list[str]:
    """Columns the source table must have besides its key.

    A number without decimals, a truth value, a text or a day (its number since 1970-01-01) is one column; any other
    number is two, `x` and `x__den`, both whole.
    """
    return [name for one in card.inputs for name in (one.name, one.name + DEN)[: 2 if is_pair(one) else 1]]


def is_pair(one: Input) -> bool:
    """Whether an input is a numerator and a denominator."""
    return one.type.kind == "number" and one.type.scale != 0


def bad_values(one: Input, dialect: Dialect) -> Iterator[str]:
    """Tests that are true for a value the card cannot read."""
    name = named(one.name)
    if not one.type.optional:
        yield f"{name} IS NULL"
    if one.categories:
        yield f"COALESCE({name} NOT IN ({', '.join(map(quoted, one.categories))}), FALSE)"
    if one.type.kind == "text" and dialect == "sqlite":
        yield f"TYPEOF({name}) NOT IN ('text', 'null')"
    if one.type.kind == "truth" and dialect == "sqlite":
        yield f"COALESCE(TYPEOF({name}) NOT IN ('integer', 'null') OR {name} NOT IN (0, 1), FALSE)"
    if one.type.kind in ("number", "day"):
        yield from _bad_number(one, name, dialect)


def _bad_number(one: Input, name: str, dialect: Dialect) -> Iterator[str]:
    for part in (name, named(one.name + DEN))[: 2 if is_pair(one) else 1]:
        yield f"COALESCE({_not_whole(part, dialect)}, FALSE)"
    if not is_pair(one):
        return
    den = named(one.name + DEN)
    yield f"({name} IS NOT NULL AND {den} IS NULL)"
    if not one.type.optional:
        yield f"{den} = 0"
    if one.type.scale:
        upper, lower = _cast(name, dialect), _cast(den, dialect)
        yield f"COALESCE(({upper} * {10**one.type.scale}) % NULLIF({lower}, 0) <> 0, FALSE)"


def _not_whole(name: str, dialect: Dialect) -> str:
    """Neither missing nor a whole number below 2^62."""
    if dialect == "sqlite":
        return f"TYPEOF({name}) NOT IN ('integer', 'null') OR {name} NOT BETWEEN {-LIMIT + 1} AND {LIMIT - 1}"
    if dialect == "duckdb":
        text, test = f"CAST({name} AS VARCHAR)", "regexp_full_match({0}, '-?[0-9]{{1,19}}')"
    else:
        text, test = f"CAST({name} AS TEXT)", "{0} ~ '^-?[0-9]{{1,19}}$'"
    within = f"CAST({text} AS {WHOLE[dialect]}) NOT BETWEEN {-LIMIT + 1} AND {LIMIT - 1}"
    return f"CASE WHEN {test.format(text)} THEN {within} ELSE TRUE END AND {name} IS NOT NULL"


def _cast(name: str, dialect: Dialect) -> str:
    if dialect == "sqlite":
        return name
    kind = "VARCHAR" if dialect == "duckdb" else "TEXT"
    return f"CAST(CAST({name} AS {kind}) AS {WHOLE[dialect]})"


def given(place: int, one: Input, dialect: Dialect) -> Iterator[str]:
    """Columns i… and d… of one input; all missing in a row that is refused."""
    name = named(one.name)
    if one.type.kind in ("text", "truth"):
        yield f"CASE WHEN NOT _bad THEN {name} END AS _i{place}"
        return
    num = _cast(name, dialect)
    if not is_pair(one):
        yield f"CASE WHEN NOT _bad THEN {num} END AS _i{place}"
        return
    den = f"NULLIF({_cast(named(one.name + DEN), dialect)}, 0)"
    if one.type.scale is None:
        yield f"CASE WHEN NOT _bad THEN {num} * SIGN({den}) END AS _i{place}"
        yield f"CASE WHEN NOT _bad THEN ABS({den}) END AS _d{place}"
        return
    divided = f"{num} * {10**one.type.scale}"
    whole = {
        "duckdb": f"({divided}) // {den}",
        "postgresql": f"DIV({divided}, {den})",
        "sqlite": f"({divided}) / {den}",
    }
    yield f"CASE WHEN NOT _bad THEN {whole[dialect]} END AS _i{place}"
