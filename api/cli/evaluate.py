"""`evaluate` and `validate`: a delivery through contracts, facts, cards and ratings to a result folder."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from api.cli.persons import not_evaluated, refuse_without_key
from api.cli.persons import person_key as key_in
from api.cli.say import USAGE, note, progress, refuse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from importlib.resources.abc import Traversable

    import pyarrow as pa

    from data_contracts.intake import Intake
    from data_contracts.model import Contract
    from scoring.rulebook import Rulebook

SHOWN = 20
ALLOW_REFUSED = 5.0


def run_evaluate(  # noqa: PLR0913  # one per option of the command
    name: str,
    data: Path,
    out: Path,
    as_of: date | None,
    earlier: list[Path],
    *,
    with_records: bool,
    allow_refused: float = ALLOW_REFUSED,
    corrections: Path | None = None,
    person_key: Path | None = None,
) -> dict[str, Any]:
    """Evaluate and write; returns the manifest.

    Args:
        name: A shipped rulebook or a folder.
        data: Folder of delivered files.
        out: Where the result goes.
        as_of: Day the rating speaks of.
        earlier: Results of earlier rounds.
        with_records: Whether to list the records behind every line.
        allow_refused: Refused rows of one table, in percent, up to which the rest is rated.
        corrections: Folder of workbooks that came back from offices: mended rows and places of tickets.
        person_key: File with the key of the pseudonyms; without it columns of persons are empty.

    Raises:
        typer.Exit: 1 when the delivery is refused; the earlier result in *out* stays as it was.
        KeyFileError: The key cannot be used.
    """
    from data_contracts.gx import record
    from scoring.evaluation import evaluate
    from scoring.evaluation.earlier import earlier_tables, year_before
    from scoring.evaluation.folder import check_free
    from scoring.evaluation.reopen import open_result
    from scoring.evaluation.result import EarlierRounds, write_result

    source, book = opened(name, as_of)
    check_free(out)
    key = key_in(person_key, book.contracts, data, out, corrections, *earlier)
    refuse_without_key(book, key)
    before = [open_result(folder) for folder in earlier]
    rounds = EarlierRounds(
        tuple(result.manifest["run_id"] for result in before), earlier_tables(book, before) if before else {}
    )
    with progress() as show:
        intake = taken_in(source, book, data, show, corrections, key, year_before(book, before))
        _say_intake(intake, book.contracts)
        if intake.refuses_batch:
            raise refuse("refused: nothing was written")
        _check_refused(intake, allow_refused)
        evaluation = evaluate(book, intake.tables, earlier=rounds.tables, progress=show)
        validation = record(intake.checked, book.contracts)
        manifest = write_result(out, evaluation, intake, validation, source, rounds, with_records=with_records)
    for unit, counts in manifest["units"].items():
        note(f"{unit}: {counts['count']} rated{_counted(counts['levels'])}{_counted(counts['statuses'])}")
    return manifest


def _check_refused(intake: Intake, allowed: float) -> None:
    """Say what was left out, and refuse to rate on the rest when it is too much: a gap can raise a rating."""
    for table, refused in sorted(intake.refused_rows.items()):
        if not refused:
            continue
        share = 100 * refused / intake.delivered_rows[table]
        found = f"{table}: {refused} of {intake.delivered_rows[table]} rows refused ({share:.1f} %)"
        if share > allowed:
            mend = "mend them (see `fixes`), or raise --allow-refused"
            raise refuse(f"{found}, allowed: at most {allowed:g} %; {mend}; nothing was written")
        note(f"{found}; whom they belong to is not rated, or on the rest: see refused.csv")


def run_validate(
    name: str,
    data: Path,
    corrections: Path | None = None,
    earlier: Sequence[Path] = (),
    changes: Path | None = None,
    as_of: date | None = None,
    person_key: Path | None = None,
) -> None:
    """Check a delivery and say what was found.

    Args:
        name: A shipped rulebook or a folder.
        data: Folder of delivered files.
        corrections: Folder of workbooks that came back from offices.
        earlier: Results of earlier rounds, to compare with.
        changes: CSV file to list the automatic changes in.
        as_of: Day that the delivery should reach; the last of the period when it is not given.
        person_key: File with the key of the pseudonyms; without it columns of persons are empty.

    Raises:
        typer.Exit: 1 when any row or the batch is refused.
    """
    from api.cli.changes import write_changes
    from data_contracts.quarantine import rows_line
    from scoring.evaluation.earlier import year_before
    from scoring.evaluation.reopen import open_result

    source, book = opened(name, as_of)
    before = year_before(book, [open_result(folder) for folder in earlier])
    key = key_in(person_key, book.contracts, data, corrections, *earlier)
    if key is None and (rules := not_evaluated(book)):
        note(rules)
    with progress() as show:
        intake = taken_in(source, book, data, show, corrections, key, before)
    _say_intake(intake, book.contracts)
    if changes is not None:
        write_changes(changes, intake.changes, book.contracts)
    for table, delivered in sorted(intake.delivered_rows.items()):
        typer.echo(rows_line(book.contracts[table], delivered, intake.refused_rows[table]))
    if intake.refuses_batch or any(intake.refused_rows.values()):
        raise typer.Exit(1)


def opened(name: str, as_of: date | None = None) -> tuple[Path | Traversable, Rulebook]:
    """The rulebook of this name or in this folder, and where it lies."""
    from scoring.rulebook import find_rulebook, load_rulebook

    source = find_rulebook(name)
    return source, load_rulebook(source, as_of)


def taken_in(  # a delivery and everything that is known beside it
    source: Path | Traversable,
    book: Rulebook,
    data: Path,
    show: Any,
    corrections: Path | None,
    key: bytes | None,
    before: Mapping[str, pa.Table],
) -> Intake:
    """The delivery in *data* with what came back in *corrections*.

    Raises:
        typer.Exit: 2 when one of the two is not there: nobody would see that no answer was read.
    """
    from data_contracts.intake import take_in

    if not data.is_dir():
        raise refuse(f"{data}: found no folder, allowed: a folder of delivered files", USAGE)
    if corrections is not None and not corrections.exists():
        raise refuse(f"{corrections}: found nothing, allowed: a folder of workbooks that came back", USAGE)
    mappings = _mappings(source, book.contracts)
    return take_in(data, book.contracts, mappings, show, corrections, key, before=before, as_of=book.as_of)


def _mappings(source: Path | Traversable, contracts: dict[str, Contract] | Any) -> Any:
    from data_contracts.mapping.load import load_mappings

    folder = source / "mappings"
    return load_mappings([folder], contracts) if folder.is_dir() else {}


def _say_intake(intake: Intake, contracts: Mapping[str, Contract]) -> None:
    """Problems of the delivery: files first, then rules, each with its first rows and how many more there are."""
    from data_contracts.quarantine import failure_line, more_line

    say_problems(intake, contracts)
    say_linked(intake, contracts)
    rows = intake.failures.table.to_pylist()
    by_rule = Counter((row["severity"], row["rule"]) for row in rows)
    shown: Counter[tuple[str, str]] = Counter()
    for row in sorted(rows, key=lambda row: row["severity"]):
        kind = (row["severity"], row["rule"])
        shown[kind] += 1
        if shown[kind] <= (SHOWN if row["severity"] == "error" else 3):
            note(failure_line(row, contracts[row["table"]]))
        elif shown[kind] == by_rule[kind]:
            limit = SHOWN if row["severity"] == "error" else 3
            note(more_line(contracts[row["table"]], row["rule"], by_rule[kind] - limit))


def say_problems(intake: Intake, contracts: Mapping[str, Contract]) -> None:
    """Files, sheets and headers that refuse the batch, the first of each kind; then files that nobody claims."""
    from data_contracts.quarantine import more_problems_line, unclaimed_line

    language = next(iter(contracts.values())).language
    by_code, said = Counter(problem.code for problem in intake.batch_problems), Counter[str]()
    for problem in intake.batch_problems:
        said[problem.code] += 1
        if said[problem.code] <= SHOWN:
            note(str(problem))
        elif said[problem.code] == by_code[problem.code]:
            note(more_problems_line(language, problem.code, by_code[problem.code] - SHOWN))
    for name in intake.unclaimed:
        note(unclaimed_line(language, name))


def say_linked(intake: Intake, contracts: Mapping[str, Contract]) -> None:
    """How many rows that tell their place in words were linked, and how many do not score, by division."""
    from data_contracts.linking import unlinked_by_division
    from data_contracts.personal import masked
    from data_contracts.problems import shown

    for table, one in intake.linked.items():
        title, waiting = contracts[table].title, unlinked_by_division(one.waiting)
        if one.automatic or one.confirmed or one.elsewhere or waiting:
            by_clerk = f"经办人确认 {one.confirmed} 条、认定不是登记的小区 {one.elsewhere} 条"
            rest = f";另有 {_per_division(waiting)}待经办人对应,对应之前不计分" if waiting else ""
            note(f"{title}:按地址或名称对应 {one.automatic} 条,{by_clerk}{rest}")
        if one.unlinked:
            note(f"{title}:共 {_per_division(one.unlinked)}没有对应的小区,不计分")
        if one.unserved:
            note(f"{title}:{_per_division(one.unserved)}所在小区当日没有已接收的服务项目,不计分")
        for ticket, key, told in one.contradicted[:SHOWN]:
            given = f"工单 {shown(masked(ticket))} 报送的小区编号 {shown(masked(key))}"
            note(f"{title}:{given} 与所述地址或名称({told})不符,按编号计,请核对")
        if len(one.contradicted) > SHOWN:
            note(f"……{title}还有 {len(one.contradicted) - SHOWN} 处同样的情况")


def _per_division(counts: Mapping[str, int]) -> str:
    from data_contracts.problems import shown

    each = "、".join(f"{shown(division, 20) or '单位不明'} {count}" for division, count in counts.items())
    return f"{sum(counts.values())} 条({each})"


def _counted(counts: dict[str, int]) -> str:
    return "".join(f", {name} {count}" for name, count in counts.items())
