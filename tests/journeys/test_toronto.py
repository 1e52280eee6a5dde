"""Two real schemes of the City of Toronto, from delivered files to the ratings that the City published."""

from __future__ import annotations

import csv
import hashlib
import random
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from api.cli.evaluate import run_evaluate
from api.cli.main import main
from scoring.evaluation.reopen import OpenedResult, open_result

BOOKS = Path(__file__).parents[2] / "scoring" / "rulebook" / "books" / "toronto"
KNOWN = Path(__file__).parents[1] / "data" / "toronto-2023"
DETERMINED = ("ratings", "lines", "records.parquet")
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, OpenedResult]:
    """Both books evaluated once from the bundled files."""
    out = tmp_path_factory.mktemp("toronto")
    for name in ("rentsafeto-2017", "rentsafeto-2023"):
        run_evaluate(name, BOOKS / name / "sample", out / name, None, [], with_records=True)
    return {name: open_result(out / name) for name in ("rentsafeto-2017", "rentsafeto-2023")}


def delivered(book: str) -> list[dict[str, str]]:
    """The rows as the City delivered them."""
    with (BOOKS / book / "sample" / "evaluations.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def points_of(result: OpenedResult, line: str) -> dict[tuple[str, str], str]:
    """Points of one line by building and day."""
    rows = result.lines("building").to_pylist()
    return {(row["rsn"], row["evaluated_on"]): row["points"] for row in rows if row["line"] == line}


def digests(folder: Path, *names: str) -> dict[str, str]:
    """SHA-256 of every file, or of those below *names*."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    named = {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    return {name: digest for name, digest in named.items() if not names or name.split("/")[0] in names}


def test_every_score_and_band_of_the_first_tool_is_reproduced(results: dict[str, OpenedResult]) -> None:
    """11,760 published scores and bands: one rounding rule off and hundreds of buildings would be misjudged."""
    published = sorted(
        (int(row["RSN"]), row["EVALUATION_COMPLETED_ON"], int(row["SCORE"]), row["RESULTS_OF_SCORE"])
        for row in delivered("rentsafeto-2017")
    )

    ratings = results["rentsafeto-2017"].ratings["building"].to_pylist()

    ours = sorted((int(row["rsn"]), row["evaluated_on"], int(row["points"]), row["level"]) for row in ratings)
    assert len(ours) == 11_760
    assert ours == published


def test_repeated_days_keep_the_score_of_their_own_row(results: dict[str, OpenedResult]) -> None:
    """Building 4304347 has three evaluations of one day with three scores: none may take another's grades."""
    rows = results["rentsafeto-2017"].ratings["building"].to_pylist()

    found = sorted(int(row["points"]) for row in rows if (row["rsn"], row["evaluated_on"]) == ("4304347", "2022-12-07"))

    assert found == [75, 77, 90]


def test_the_redesigned_tool_differs_only_where_the_city_corrected_late(results: dict[str, OpenedResult]) -> None:
    """6,080 of 6,090 proactive scores; the other ten are exactly the published exceptions."""
    with (KNOWN / "known_exceptions.csv").open(encoding="utf-8-sig", newline="") as file:
        exceptions = {(row["RSN"], row["EVALUATION COMPLETED ON"]) for row in csv.DictReader(file)}
    proactive = points_of(results["rentsafeto-2023"], "proactive")
    published = {
        (row["RSN"], row["EVALUATION COMPLETED ON"]): row["PROACTIVE BUILDING SCORE"]
        for row in delivered("rentsafeto-2023")
    }

    differing = {key for key, score in published.items() if proactive[key] != score}

    assert len(published) == 6_090
    assert len(exceptions) == 10
    assert differing == exceptions


def test_current_scores_add_the_reactive_ones(results: dict[str, OpenedResult]) -> None:
    """6,079 of 6,090 current scores; beside the ten exceptions only the row the City contradicts itself on."""
    ratings = results["rentsafeto-2023"].ratings["building"].to_pylist()
    current = {(row["rsn"], row["evaluated_on"]): row["points"] for row in ratings}
    with (KNOWN / "known_exceptions.csv").open(encoding="utf-8-sig", newline="") as file:
        exceptions = {(row["RSN"], row["EVALUATION COMPLETED ON"]) for row in csv.DictReader(file)}
    published = {
        (row["RSN"], row["EVALUATION COMPLETED ON"]): row["CURRENT BUILDING EVAL SCORE"]
        for row in delivered("rentsafeto-2023")
    }

    differing = {key for key, score in published.items() if current[key] != score}

    assert differing == exceptions | {("4155602", "2025-10-22")}


def test_firms_are_rated_by_the_latest_evaluation_of_each_building(results: dict[str, OpenedResult]) -> None:
    """A company's points are the unit-weighted mean of its buildings' newest scores, computed here independently."""
    from decimal import ROUND_HALF_UP, Decimal

    result = results["rentsafeto-2023"]
    registrations = result.table("registrations").select(["rsn", "company_name"]).to_pylist()
    company = {str(row["rsn"]): row["company_name"] for row in registrations}
    newest: dict[str, dict[str, str]] = {}
    for row in result.ratings["building"].to_pylist():
        if row["rsn"] not in newest or row["evaluated_on"] > newest[row["rsn"]]["evaluated_on"]:
            newest[row["rsn"]] = row
    units = {
        (row["RSN"], row["EVALUATION COMPLETED ON"]): int(row["CONFIRMED UNITS"])
        for row in delivered("rentsafeto-2023")
    }
    sums: dict[str, list[int]] = {}
    for rsn, row in newest.items():
        if company[rsn] is not None:
            weight = units[rsn, row["evaluated_on"]]
            total = sums.setdefault(company[rsn], [0, 0])
            total[0] += int(row["points"]) * weight
            total[1] += weight

    firms = {row["company_name"]: row["points"] for row in result.ratings["firm"].to_pylist()}

    expected = {name: str((Decimal(a) / b).quantize(Decimal(1), ROUND_HALF_UP)) for name, (a, b) in sums.items()}
    assert len(firms) == 860
    assert {name: points for name, points in firms.items() if points} == expected


def test_at_most_the_lowest_share_is_audited(results: dict[str, OpenedResult]) -> None:
    """2.5 % of 6,090 is 152; ties at the edge are all in, so everyone at the edge's points is audited."""
    ratings = results["rentsafeto-2023"].ratings["building"].to_pylist()

    audited = [int(row["points"]) for row in ratings if row["level"] == "audit"]
    passed = [int(row["points"]) for row in ratings if row["level"] == "pass"]

    ordered = sorted(audited + passed)
    assert results["rentsafeto-2023"].manifest["units"]["building"]["places"] == {"AUDIT": {"all": 152}}
    assert max(audited) == ordered[151]
    assert max(audited) < min(passed)


def test_every_line_of_a_building_lists_its_records(results: dict[str, OpenedResult]) -> None:
    """90 Shuter St was graded on 41 items: the line names exactly these, and the N/A ones are not behind it."""
    records = results["rentsafeto-2023"].records

    assert records is not None
    mine = [row for row in records.to_pylist() if row["unit"] == "building" and row["key"] == "4153431/2024-06-27"]
    assert sum(row["line"] == "proactive" and row["table"] == "grades" for row in mine) == 41
    assert [row["table"] for row in mine if row["line"] == "reactive"] == ["evaluations"]


@pytest.mark.parametrize("book", ["rentsafeto-2017", "rentsafeto-2023"])
def test_a_second_run_gives_the_same_bytes(book: str, results: dict[str, OpenedResult], tmp_path: Path) -> None:
    """Anyone who repeats a published run can compare files, not just numbers."""
    run_evaluate(book, BOOKS / book / "sample", tmp_path / "again", None, [], with_records=True)

    assert digests(tmp_path / "again") == digests(results[book].folder)


@pytest.mark.parametrize("book", ["rentsafeto-2017", "rentsafeto-2023"])
def test_the_order_of_delivered_rows_does_not_matter(
    book: str, results: dict[str, OpenedResult], tmp_path: Path
) -> None:
    """An office that sorts its file by address must not change anybody's rating, line or record."""
    data = tmp_path / "data"
    data.mkdir()
    for source in (BOOKS / book / "sample").glob("*.csv"):
        with source.open(encoding="utf-8-sig", newline="") as file:
            header, *rows = list(csv.reader(file))
        random.Random(7).shuffle(rows)  # noqa: S311 - a fixed shuffle is what is wanted
        with (data / source.name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([header, *rows])

    run_evaluate(book, data, tmp_path / "out", None, [], with_records=True)

    assert digests(tmp_path / "out", *DETERMINED) == digests(results[book].folder, *DETERMINED)
    assert open_result(tmp_path / "out").manifest["run_id"] == results[book].manifest["run_id"]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The bundled delivery of 2023, free to be broken."""
    return Path(shutil.copytree(BOOKS / "rentsafeto-2023" / "sample", tmp_path / "data"))


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command line as it is called: exit code, standard output, standard error."""

    def called(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["property-credit", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        shown = capsys.readouterr()
        return int(ended.value.code or 0), shown.out, shown.err

    return called


def evaluate(run: Run, data: Path, out: Path, *more: str) -> tuple[int, str]:
    """Exit code and standard error of an evaluation of the redesigned tool."""
    code, _, said = run("evaluate", "rentsafeto-2023", "--data", str(data), "--out", str(out), *more)
    return code, said


def test_the_real_broken_extract_is_refused_and_the_good_result_stays(
    run: Run, data: Path, results: dict[str, OpenedResult], tmp_path: Path
) -> None:
    """The City really published six contradictory rows for two weeks: they must not replace 6,090 good ratings."""
    good = Path(shutil.copytree(results["rentsafeto-2023"].folder, tmp_path / "out"))
    before = digests(good)
    shutil.copy(KNOWN / "broken_extract_2026-07-30.csv", data / "evaluations.csv")

    code, said = evaluate(run, data, good)

    assert code == 1
    assert "6 rows, must be at least" in said
    assert "repeat RSN, Evaluation completed on and contradict each other" in said
    assert said.count("contradict each other") == 3
    assert "evaluations.csv:7: error: Confirmed units '0': must be at least 1" in said
    assert digests(good) == before


def test_a_missing_file_is_named_with_what_was_meant(run: Run, data: Path, tmp_path: Path) -> None:
    """A clerk who saved the file under another name reads which name was expected."""
    (data / "registrations.csv").rename(data / "registration_list.csv")

    code, said = evaluate(run, data, tmp_path / "out")

    assert code == 1
    assert "registrations.csv: found no such file" in said
    assert "registration_list.csv" in said
    assert not (tmp_path / "out").exists()


def test_a_missing_column_names_the_nearest_header(run: Run, data: Path, tmp_path: Path) -> None:
    """A header with a typing error is the commonest fault of a delivery."""
    file = data / "evaluations.csv"
    file.write_text(
        file.read_text(encoding="utf-8").replace("EVALUATION COMPLETED ON", "EVALUATION COMPLETE ON", 1),
        encoding="utf-8",
    )

    code, said = evaluate(run, data, tmp_path / "out")

    assert code == 1
    assert "did you mean 'EVALUATION COMPLETE ON'?" in said


def test_a_file_of_another_encoding_is_read(run: Run, data: Path, tmp_path: Path) -> None:
    """Chinese offices save CSV as GB18030; the ratings must not depend on it."""
    for file in data.glob("*.csv"):
        file.write_bytes(file.read_text(encoding="utf-8-sig").encode("gb18030"))

    code, _ = evaluate(run, data, tmp_path / "out")

    assert code == 0
    assert open_result(tmp_path / "out").manifest["units"]["building"]["count"] == 6_090


def test_an_empty_file_is_refused(run: Run, data: Path, tmp_path: Path) -> None:
    """A file that was cut off by a full disk at the office is not an empty city."""
    (data / "evaluations.csv").write_bytes(b"")

    code, said = evaluate(run, data, tmp_path / "out")

    assert code == 1
    assert "evaluations.csv: found 0 bytes, allowed: a header line and rows" in said


def test_an_as_of_day_outside_the_period_is_refused(run: Run, data: Path, tmp_path: Path) -> None:
    """A rating cannot speak of a day that its rulebook does not cover."""
    code, said = evaluate(run, data, tmp_path / "out", "--as-of", "2027-01-01")

    assert code == 1
    assert "rulebook.yaml:3: found as-of 2027-01-01, allowed: a day of the period, 2023-01-01 to 2026-12-31" in said


def test_unclaimed_files_are_named_and_left_aside(run: Run, data: Path, tmp_path: Path) -> None:
    """A covering letter in the folder is no reason to send a delivery back."""
    (data / "letter.txt").write_text("see attached", encoding="utf-8")

    code, said = evaluate(run, data, tmp_path / "out")

    assert code == 0
    assert "letter.txt: warning: found a file that no table claims" in said


def test_a_disk_that_fills_leaves_the_good_result(
    run: Run, data: Path, results: dict[str, OpenedResult], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk is told in one sentence, and the earlier result is still whole."""
    import errno

    good = Path(shutil.copytree(results["rentsafeto-2023"].folder, tmp_path / "out"))
    before = digests(good)
    write = Path.write_bytes

    def full(path: Path, content: bytes) -> int:
        if path.name == "validation.json":
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        return write(path, content)

    monkeypatch.setattr(Path, "write_bytes", full)

    code, said = evaluate(run, data, good)

    assert code == 1
    assert "found no space left on the disk" in said
    assert digests(good) == before
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".out")] == []


def test_a_folder_with_other_files_is_not_overwritten(run: Run, data: Path, tmp_path: Path) -> None:
    """--out pointed at a folder of photographs must not cost anyone their photographs."""
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").write_bytes(b"meow")

    code, said = evaluate(run, data, tmp_path / "photos")

    assert code == 2
    assert "found a folder with other files, allowed: a new folder or an earlier result" in said
    assert (tmp_path / "photos" / "cat.jpg").read_bytes() == b"meow"


def test_explain_shows_lines_then_records(run: Run, results: dict[str, OpenedResult]) -> None:
    """A landlord asks why 92: the sheet says which items counted."""
    folder = str(results["rentsafeto-2023"].folder)

    code, shown, _ = run("explain", folder, "building", "4153431", "2024-06-27")

    assert code == 0
    assert "points 92" in shown
    assert shown.index("proactive") < shown.index("CLEANING LOG")


def test_records_need_not_be_kept_to_be_explained(run: Run, data: Path, tmp_path: Path) -> None:
    """Without records.parquet the records are found again from the accepted tables."""
    code, _ = evaluate(run, data, tmp_path / "out")

    _, shown, _ = run("explain", str(tmp_path / "out"), "building", "4153431", "2024-06-27")

    assert code == 0
    assert not (tmp_path / "out" / "records.parquet").exists()
    assert "41 records" in shown


def test_refused_rows_are_kept_with_their_reasons(run: Run, data: Path, tmp_path: Path) -> None:
    """One impossible grade refuses its building, names the cell, and leaves the other 6,089 rated."""
    file = data / "evaluations.csv"
    with file.open(encoding="utf-8-sig", newline="") as source:
        header, *rows = list(csv.reader(source))
    rows[0][header.index("GRAFFITI")] = "7"
    with file.open("w", encoding="utf-8", newline="") as target:
        csv.writer(target).writerows([header, *rows])

    code, said = evaluate(run, data, tmp_path / "out")

    assert code == 0
    assert "evaluations.csv:2" in said
    assert open_result(tmp_path / "out").manifest["units"]["building"]["count"] == 6_089
    refused = (tmp_path / "out" / "refused.csv").read_text(encoding="utf-8-sig")
    assert "GRAFFITI" in refused
    assert pq.read_table(tmp_path / "out" / "facts" / "building.parquet").num_rows == 6_089


def test_too_many_refused_rows_are_not_rated_around(
    run: Run, data: Path, results: dict[str, OpenedResult], tmp_path: Path
) -> None:
    """A file delivered twice refuses its rows; rating the city on what is left would raise whoever lost records."""
    good = Path(shutil.copytree(results["rentsafeto-2023"].folder, tmp_path / "out"))
    before = digests(good)
    file = data / "evaluations.csv"
    with file.open(encoding="utf-8-sig", newline="") as source:
        header, *rows = list(csv.reader(source))
    with file.open("w", encoding="utf-8", newline="") as target:
        csv.writer(target).writerows([header, *rows, *rows[:400]])

    code, said = evaluate(run, data, good)
    allowed, _ = evaluate(run, data, tmp_path / "rest", "--allow-refused", "20")

    assert code == 1
    assert "evaluations: 800 of 6490 rows refused (12.3 %), allowed: at most 5 %" in said
    assert digests(good) == before
    assert allowed == 0
    assert open_result(tmp_path / "rest").manifest["units"]["building"]["count"] == 5_690


def test_a_result_inside_a_result_is_refused(
    run: Run, data: Path, results: dict[str, OpenedResult], tmp_path: Path
) -> None:
    """The outer result would take the inner one with it when it is replaced."""
    outer = Path(shutil.copytree(results["rentsafeto-2023"].folder, tmp_path / "out"))

    code, said = evaluate(run, data, outer / "inner")

    assert code == 2
    assert "found a folder inside the result" in said
