"""A card as one SELECT: whole numbers only, keyed, the same points in DuckDB, PostgreSQL and SQLite.

The source table has the columns of `columns_of`. A row with a value the card cannot read gets the status REFUSED and no
points, as does one with a day outside the calendar; a card with something SQL cannot say is refused here by name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from scoring.card.artefact import NO_DATA, NOT_RATED, Card
from scoring.card.export import ExportError
from scoring.card.export.sql_calendar import Dialect
from scoring.card.export.sql_inputs import bad_values, columns_of, given
from scoring.card.export.sql_terms import WHOLE, Num, Sql, TermWriter, named, quoted, rounded
from scoring.rulebook.shape import Levels, Line, Step

REFUSED = "REFUSED"
DIALECTS: tuple[Dialect, ...] = ("duckdb", "postgresql", "sqlite")


def to_sql(card: Card, dialect: Dialect, key: Sequence[str], table: str = "facts") -> str:
    """The card as a query.

    Args:
        card: What to write.
        dialect: duckdb, postgresql or sqlite.
        key: Columns of *table* that name a unit; at least one, for rows come back in any order.
        table: Where the inputs stand.

    Returns:
        A SELECT of key columns, one column per line (in units), `points` (in units), `level` and `status`.

    Raises:
        ExportError: A rank step, working days or anything else that SQL cannot say, by name.
    """
    if dialect not in DIALECTS:
        raise ExportError(f"found {dialect!r}, allowed: {', '.join(DIALECTS)}")
    if not key:
        raise ExportError("found no key, allowed: at least one column that names a unit; rows are never told by place")
    _check_key(card, key)
    return _Writer(card, dialect, tuple(key), table).select()


def _check_key(card: Card, key: Sequence[str]) -> None:
    """A database reads `Points` and `points` as one name, and the query's own columns begin with `_`."""
    taken = {name.lower() for name in (*columns_of(card), *card.line_ids(), "points", "level", "status")}
    names = [name.lower() for name in key]
    if taken & set(names) or len(set(names)) != len(names):
        raise ExportError(f"found the key {', '.join(key)}, allowed: columns that the card does not use itself")
    if any(name.startswith("_") for name in names):
        raise ExportError(f"found the key {', '.join(key)}, allowed: columns that do not begin with _")


class _Writer:
    """Builds the chain of common table expressions; each stage adds columns to the one before."""

    def __init__(self, card: Card, dialect: Dialect, key: tuple[str, ...], table: str) -> None:
        self.card, self.dialect, self.key = card, dialect, key
        self.stages: list[str] = []
        self.source = named(table)
        self.terms = TermWriter(dialect, dict(self._slots()), card.tables)
        self.applies: dict[str, str] = {}
        self.leaves = {line.id: place for place, line in enumerate(card.lines())}
        self.shown: list[tuple[str, str]] = []
        self.inexact: list[str] = []
        self.early: tuple[str, ...] = ()

    def select(self) -> str:
        """The whole query."""
        self._stage_inputs()
        self._stage_amounts()
        self._stage_points()
        self._totals()
        self._statuses()
        self.early = tuple(self.inexact)
        if self.card.levels is not None:
            self._levels(self.card.levels)
        return self._final()

    def _add(self, columns: Sequence[str]) -> None:
        source = f"_s{len(self.stages)}" if self.stages else self.source
        materialized = "" if self.dialect == "duckdb" else "MATERIALIZED "
        star = "*" if self.stages else f"{', '.join(map(named, self.key))}"
        listed = ",\n    ".join([star, *columns])
        body = f"\n  SELECT {listed}\n  FROM {source}\n"  # noqa: S608 - every name is quoted by `named`
        self.stages.append(f"_s{len(self.stages) + 1} AS {materialized}({body})")

    def _slots(self) -> Iterator[tuple[tuple[str, ...], Sql]]:
        for place, one in enumerate(self.card.inputs):
            scale = one.type.scale
            if one.type.kind == "number":
                yield one.path, Num(f"_i{place}", f"_d{place}" if scale is None else 10**scale)
            else:
                yield one.path, Num(f"_i{place}", 1) if one.type.kind == "day" else f"_i{place}"

    def _stage_inputs(self) -> None:
        bad = [test for one in self.card.inputs for test in bad_values(one, self.dialect)]
        self._add([f"({' OR '.join(bad) or 'FALSE'}) AS _bad", *(named(name) for name in columns_of(self.card))])
        columns = [column for place, one in enumerate(self.card.inputs) for column in given(place, one, self.dialect)]
        self._add(columns)

    def _stage_amounts(self) -> None:
        """Per line: whether it applies, and its amount or its tier's points."""
        columns = [f"{test} AS {name}" for name, test in self._conditions(self.card.rules.lines, ("TRUE", "TRUE"))]
        whole = WHOLE[self.dialect]
        for place, line in enumerate(self.card.lines()):
            self.terms.place = f"line {line.id}"
            if line.on is not None:
                answers = [str(row.points) for row in line.tiers]
                chosen = self.terms.row_of(line.tiers, self.terms.number(line.on.term), answers)
                columns.append(f"CAST({chosen} AS {whole}) AS _n{place}")
            elif line.points is not None:
                amount = self.terms.number(line.points.term)
                columns += [
                    f"CAST({amount.num} AS {whole}) AS _n{place}",
                    f"CAST({amount.den} AS {whole}) AS _m{place}",
                ]
        columns += [f"{test} AS _x{place}" for place, test in enumerate(self._status_tests())]
        self._add([*columns, *self._inexact()])

    def _conditions(self, lines: tuple[Line, ...], outer: tuple[str, str]) -> Iterator[tuple[str, str]]:
        """For each `when` a column that says whether its lines count; *outer* is the column and test around them."""
        for line in lines:
            name, test = outer
            if line.when is not None:
                self.terms.place = f"line {line.id}"
                own = f"({self.terms.text(line.when.term)} IS TRUE)"
                name, test = f"_w{len(self.applies)}", own if test == "TRUE" else f"({test} AND {own})"
                yield name, test
            self.applies[line.id] = name
            yield from self._conditions(line.lines, (name, test))

    def _status_tests(self) -> Iterator[str]:
        for one in self.card.statuses:
            self.terms.place = f"status {one.status}"
            yield f"({self.terms.text(one.when.term)} IS TRUE)"

    def _inexact(self) -> list[str]:
        """Whether a day lies outside the calendar; in SQLite also, whether a number that was compared is a float."""
        hidden, self.terms.hidden = list(dict.fromkeys(self.terms.hidden)), []
        tests, self.terms.outside = list(dict.fromkeys(self.terms.outside)), []
        if self.dialect == "sqlite" and hidden:
            tests.append(f"'real' IN ({', '.join(f'TYPEOF({one})' for one in hidden)})")
        if not tests:
            return []
        self.inexact.append(f"_f{len(self.inexact)}")
        return [f"COALESCE({' OR '.join(tests)}, FALSE) AS {self.inexact[-1]}"]

    def _stage_points(self) -> None:
        """Per line: its points in units, NULL where its value is missing; then with what stands for a missing one."""
        columns = []
        for place, line in enumerate(self.card.lines()):
            points = f"_n{place}" if line.tiers else self._in_units(f"_n{place}", f"_m{place}", line.stages)
            columns.append(f"CASE WHEN {self.applies[line.id]} THEN {points} END AS _u{place}")
        self._add(columns)
        self._add([f"{self._with_policy(line, place)} AS _p{place}" for place, line in enumerate(self.card.lines())])

    def _in_units(self, num: str, den: str, stages: tuple[Fraction, ...]) -> str:
        upper, lower = num, den
        for step in stages or (self.card.unit,):
            count = rounded(self.dialect, f"({upper} * {step.denominator})", f"({lower} * {step.numerator})")
            upper, lower = f"({count} * {step.numerator})", str(step.denominator)
        last = (stages or (self.card.unit,))[-1] / self.card.unit
        return f"({count} * {last.numerator})"

    def _with_policy(self, line: Line, place: int) -> str:
        worth = line.missing if isinstance(line.missing, int) else (line.full or 0) if line.missing == "full" else 0
        return f"CASE WHEN {self.applies[line.id]} THEN COALESCE(_u{place}, {worth}) ELSE 0 END"

    def _totals(self) -> None:
        """Running totals: columns so far, and what each bound takes or gives as a column of its own."""
        so_far = [str(self.card.rules.start)]
        if self.card.rules.start:
            self.shown.append(("card:start", so_far[0]))
        for line in self.card.rules.lines:
            so_far = self._added(line, so_far)
        skipping = [place for place, line in enumerate(self.card.lines()) if line.missing == "skip"]
        gone = self._gone
        missing = (
            " + ".join(f"CASE WHEN {gone(place)} THEN {self._full(place)} ELSE 0 END" for place in skipping) or "0"
        )
        self._add([f"({missing}) AS _missing", f"({' + '.join(so_far)}) AS _sum"])
        full = self.card.rules.full
        if skipping and full is not None:
            scaled = rounded(self.dialect, f"(_sum * {full})", f"NULLIF({full} - _missing, 0)")
            change = f"CASE WHEN _missing > 0 AND _missing < {full} THEN {scaled} - _sum ELSE 0 END"
            self._add([f"{change} AS _rescaled"])
            self.shown.append(("card:rescaled", "_rescaled"))
            self._add(["(_sum + _rescaled) AS _points"])
        else:
            self._add(["_sum AS _points"])

    def _full(self, place: int) -> int:
        return self.card.lines()[place].full or 0

    def _gone(self, place: int) -> str:
        line = self.card.lines()[place]
        return f"({self.applies[line.id]} AND _u{place} IS NULL)"

    def _added(self, line: Line, so_far: list[str]) -> list[str]:
        before = len(so_far)
        if line.is_section:
            for part in line.lines:
                so_far = self._added(part, so_far)
        else:
            so_far = [*so_far, f"_p{self.leaves[line.id]}"]
            self.shown.append((line.id, so_far[-1]))
        own = f"({' + '.join(so_far[before:])})"
        if line.within is not None:
            change = f"{_clipped(own, line.within)} - {own}"
            so_far = self._followed(
                f"{line.id}:within", f"CASE WHEN {self._applied(line)} THEN {change} ELSE 0 END", so_far
            )
        if line.total is not None:
            total = f"({' + '.join(so_far)})"
            so_far = self._followed(f"{line.id}:total", f"{_clipped(total, line.total)} - {total}", so_far)
        if line.total_round is not None:
            total = f"({' + '.join(so_far)})"
            change = f"{rounded(self.dialect, total, line.total_round)} * {line.total_round} - {total}"
            so_far = self._followed(f"{line.id}:total_round", change, so_far)
        return so_far

    def _applied(self, line: Line) -> str:
        if line.is_section:
            return f"({' OR '.join(self._applied(part) for part in line.lines)})"
        place = self.leaves[line.id]
        return f"({self.applies[line.id]} AND _u{place} IS NOT NULL)"

    def _followed(self, name: str, change: str, so_far: list[str]) -> list[str]:
        column = f"_b{len(self.shown)}"
        self._add([f"({change}) AS {column}"])
        self.shown.append((name, column))
        return [*so_far, column]

    def _statuses(self) -> None:
        """Refused rows, statuses in order, then NOT_RATED where a value that is needed is missing."""
        gone = [
            self._gone(place) for place, line in enumerate(self.card.lines()) if line.missing in (None, "not_rated")
        ]
        full = self.card.rules.full
        if full is not None and any(line.missing == "skip" for line in self.card.lines()):
            gone.append(f"(_missing > 0 AND _missing >= {full})")
        if self.card.rules.not_rated_when is not None:
            unit = self.card.unit
            self.terms.columns["missing_full",] = Num(f"(_missing * {unit.numerator})", unit.denominator)
            self.terms.place = "not_rated_when"
            gone.append(f"({self.terms.text(self.card.rules.not_rated_when.term)} IS TRUE)")
        inexact = self._inexact()
        if inexact:
            self._add(inexact)
        floats = [*self.inexact, *(["TYPEOF(_points) <> 'integer'"] if self.dialect == "sqlite" else [])]
        arms = [f"WHEN {' OR '.join(['_bad', *floats])} THEN {quoted(REFUSED)}"]
        arms += [f"WHEN _x{place} THEN {quoted(one.status)}" for place, one in enumerate(self.card.statuses)]
        arms += [f"WHEN {' OR '.join(gone)} THEN {quoted(NOT_RATED)}"] if gone else []
        self._add([f"CASE {' '.join(arms)} END AS _status"])

    def _levels(self, levels: Levels) -> None:
        """Rows give a level (its place in the order) or a status; then the steps, one after the other."""
        unit = self.card.unit
        points = Num(f"CASE WHEN _status IS NULL THEN _points * {unit.numerator} END", unit.denominator)
        self.terms.columns["points",], self.terms.place = points, "levels"
        chosen = self.terms.row_of(levels.rows, points, [str(place) for place in range(len(levels.rows))])
        self._add([f"CASE WHEN _status IS NULL THEN {chosen} END AS _row", *self._inexact()])
        places = " ".join(
            f"WHEN {place} THEN {levels.order.index(row.level)}" for place, row in enumerate(levels.rows) if row.level
        )
        statuses = " ".join(
            f"WHEN {place} THEN {quoted(row.status)}" for place, row in enumerate(levels.rows) if row.status
        )
        by_row = f"CASE _row {statuses} END" if statuses else "NULL"
        status = (
            f"CASE WHEN _status IS NULL AND _row IS NULL THEN {quoted(NO_DATA)} ELSE COALESCE(_status, {by_row}) END"
        )
        level = f"CASE _row {places} END" if places else "NULL"
        self._add([f"{level} AS _l0", f"{status} AS _outcome"])
        for place, step in enumerate(levels.steps):
            self._step(levels, step, place)

    def _step(self, levels: Levels, step: Step, place: int) -> None:
        if step.when is None:
            raise ExportError(f"step {step.id}: found a rank step, allowed in SQL: steps with a test")
        before = f"_l{place}"
        self.terms.columns["level",], self.terms.columns["status",] = self._named_level(levels, before), "_outcome"
        self.terms.place = f"step {step.id}"
        test = f"({self.terms.text(step.when.term)} IS TRUE)"
        even = f" OR _outcome IN ({', '.join(map(quoted, step.even))})" if step.even else ""
        arms = f"WHEN {test} AND (_outcome IS NULL{even}) THEN {_moved(levels, step, before)}"
        self._add([f"CASE {arms} ELSE {before} END AS _l{place + 1}", *self._inexact()])

    def _named_level(self, levels: Levels, column: str) -> str:
        arms = " ".join(f"WHEN {place} THEN {quoted(level)}" for place, level in enumerate(levels.order))
        return f"CASE {column} {arms} END"

    def _final(self) -> str:
        levels = self.card.levels
        level = self._named_level(levels, f"_l{len(levels.steps)}") if levels is not None else "NULL"
        status = "_outcome" if levels is not None else "_status"
        late = [name for name in self.inexact if name not in self.early]
        if late:
            status = f"CASE WHEN {' OR '.join(late)} THEN {quoted(REFUSED)} ELSE {status} END"
        fine = f"{status} IS NULL OR {status} <> {quoted(REFUSED)}"
        big = "BIGINT" if self.dialect != "sqlite" else "INTEGER"
        columns = [*map(named, self.key)]
        columns += [
            f"CAST(CASE WHEN {fine} THEN {column} END AS {big}) AS {named(name)}" for name, column in self.shown
        ]
        columns.append(f"CAST(CASE WHEN {fine} THEN _points END AS {big}) AS points")
        columns += [f"CASE WHEN {fine} THEN {level} END AS level", f"{status} AS status"]
        stages, listed = ",\n".join(self.stages), ",\n  ".join(columns)
        order = ", ".join(map(named, self.key))
        return f"WITH {stages}\nSELECT\n  {listed}\nFROM _s{len(self.stages)}\nORDER BY {order}\n"


def _clipped(value: str, bounds: tuple[int | None, int | None]) -> str:
    low, high = bounds
    arms = [f"WHEN {value} < {low} THEN {low}"] if low is not None else []
    arms += [f"WHEN {value} > {high} THEN {high}"] if high is not None else []
    return f"CASE {' '.join(arms)} ELSE {value} END" if arms else value


def _moved(levels: Levels, step: Step, before: str) -> str:
    last = len(levels.order) - 1
    if step.action == "set":
        return str(levels.order.index(step.level))
    if step.action == "move":
        moved = f"({before} - ({step.places}))"
        return f"CASE WHEN {moved} < 0 THEN 0 WHEN {moved} > {last} THEN {last} ELSE {moved} END"
    target = levels.order.index(step.level)
    sign = "<" if step.action == "at_most" else ">"
    return f"CASE WHEN {before} {sign} {target} THEN {target} ELSE {before} END"
