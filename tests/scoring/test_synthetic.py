"""The synthetic city: the same from the same seed, clean by its contracts, like a real one and never taken for one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from stdnum.cn import uscc

from data_contracts.check_digits import faults
from data_contracts.intake import Intake, take_in
from data_contracts.model import Contract
from scoring.rulebook import find_rulebook, load_rulebook
from scoring.synthetic import OccupiedFolderError, Summary, WishError, synthesize
from scoring.synthetic.layout import LayoutError, delivered_layouts
from scoring.synthetic.names import MARK

SMALL = 0.25
Frames = Mapping[str, pd.DataFrame]


@pytest.fixture(scope="module")
def contracts() -> Mapping[str, Contract]:
    """The contracts of the city's offices."""
    return load_rulebook(find_rulebook("kunming/2024")).contracts


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Summary:
    """Two years of the whole city."""
    return synthesize(tmp_path_factory.mktemp("made"), seed=1, years=2, formats=("parquet",))


@pytest.fixture(scope="module")
def city(made: Summary) -> Frames:
    """The last year as delivered."""
    return frames(made.delivered[2024][0])


@pytest.fixture(scope="module")
def truth(made: Summary) -> Frames:
    """What was planted."""
    return frames(made.truth)


@pytest.fixture(scope="module")
def accepted(made: Summary, contracts: Mapping[str, Contract]) -> Intake:
    """The last year as taken in."""
    return take_in(made.delivered[2024][0], contracts, {})


@pytest.fixture(scope="module")
def offices(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    """A small city, as workbooks and as Parquet."""
    out = tmp_path_factory.mktemp("offices")
    return synthesize(out, seed=1, scale=SMALL, formats=("xlsx", "parquet"), jobs=1).delivered[2024]


def frames(folder: Path) -> Frames:
    """Every Parquet file of a folder."""
    return {path.stem: pq.read_table(path).to_pandas() for path in folder.glob("*.parquet")}


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def valid(complaints: pd.DataFrame) -> pd.Series:
    """Tickets that count."""
    return complaints.upheld.eq(True) & complaints.attributable.eq(True) & complaints.duplicate_of.isna()


# The same from the same seed.


def test_the_same_seed_gives_the_same_bytes_of_workbooks(offices: tuple[Path, ...], tmp_path: Path):
    """A benchmark or a bug report names a seed, and everybody must get the same city from it."""
    again = synthesize(tmp_path / "again", seed=1, scale=SMALL, jobs=2)

    assert contents(again.delivered[2024][0]) == contents(offices[0])


def test_another_year_before_changes_nothing_of_the_last(made: Summary, tmp_path: Path):
    """Streams have names: asking for more must not reshuffle what was there."""
    alone = synthesize(tmp_path / "alone", seed=1, formats=("parquet",))

    assert contents(alone.delivered[2024][0]) == contents(made.delivered[2024][0])


def test_another_seed_gives_another_city(city: Frames, tmp_path: Path):
    """A seed that changed nothing would make every experiment the same one."""
    other = frames(synthesize(tmp_path / "other", seed=2, scale=SMALL, formats=("parquet",)).delivered[2024][0])

    assert set(other["complaints"].received_on.head(50)) != set(city["complaints"].received_on.head(50))


def test_both_formats_hold_the_same_rows(offices: tuple[Path, ...], contracts: Mapping[str, Contract]):
    """The workbooks of the demonstration and the Parquet of the benchmarks are one city."""
    from_workbooks, from_parquet = (take_in(folder, contracts, {}).tables for folder in offices)

    assert from_workbooks.keys() == from_parquet.keys()
    assert [table for table in from_parquet if not from_parquet[table].equals(from_workbooks[table])] == []


def test_firms_stay_themselves_from_year_to_year(truth: Frames):
    """Earlier rounds matter to a rulebook only if a good firm of last year is likely a good firm of this one."""
    wide = truth["firms"].pivot_table(index="credit_code", columns="year", values="quality")

    assert 0.6 < np.corrcoef(wide[2023], wide[2024])[0, 1] < 0.95


# Clean, and as offices deliver.


def test_every_row_is_accepted(accepted: Intake):
    """A city that its own contracts refuse would test the refusal of everything and the rating of nothing."""
    assert accepted.failures.errors.table.to_pylist() == []
    assert accepted.batch_problems == ()
    assert accepted.unclaimed == ()


def test_warnings_are_among_the_rows(accepted: Intake):
    """Offices see warnings every year, so the demonstration has some."""
    assert set(accepted.failures.warnings.table["rule"].to_pylist()) >= {"contract_filed", "solved_has_evidence"}


def test_a_workbook_has_the_headers_and_labels_of_its_contract(
    offices: tuple[Path, ...], contracts: Mapping[str, Contract]
):
    """Offices know Chinese headers and words, never a column name or a code."""
    contract = contracts["complaints"]
    delivered = [column for column in contract.columns if column.attributed is None]

    sheet = openpyxl.load_workbook(offices[0] / f"530102_五华区_{contract.title}.xlsx").worksheets[0]
    header, first = (list(row) for row in sheet.iter_rows(max_row=2, values_only=True))

    assert header == [column.title for column in delivered]
    channel = next(column for column in delivered if column.name == "channel")
    assert first[header.index(channel.title)] in channel.labels.values()


def test_a_workbook_says_that_it_is_made_up(offices: tuple[Path, ...]):
    """A file that travels alone must not be taken for a real office's."""
    for path in offices[0].glob("530128*.xlsx"):
        book = openpyxl.load_workbook(path)
        assert "合成数据" in str(book.worksheets[1]["A1"].value)


def test_every_firm_and_compound_is_marked(city: Frames):
    """No name may be taken for a real firm or a real compound."""
    names = pd.concat([city["firms"].name, city["compounds"].name, city["projects"].project_name])

    assert names.str.contains(MARK).all()


def test_credit_codes_pass_both_checks_and_belong_to_nobody(city: Frames):
    """Codes must be valid to get through, and made of serials that no registry issues."""
    codes = city["firms"].credit_code

    assert not faults(pa.array(codes), "GB 32100").any()
    assert all(uscc.is_valid(code) for code in codes)
    assert codes.str[8:10].eq("XX").all()


def test_a_column_that_no_contract_knows_is_an_error():
    """Contracts change; a city that went on delivering the old column would hide it."""
    layout = delivered_layouts()["takeovers"]

    with pytest.raises(LayoutError, match=r"takeovers: lacking .*takeover_id.* unknown \['takeover'\]"):
        layout.shaped({"takeover": pa.array(["Q1"])}, "530102")


# Shaped like the real one.


def test_it_has_the_published_size(city: Frames):
    """354 firms and 1,085 projects were evaluated for 2024, in fourteen counties."""
    assert len(city["firms"]) == 354
    assert len(city["projects"]) == 1085
    assert city["projects"].division_code.str[:6].nunique() == 14


def test_many_firms_work_in_several_divisions(city: Frames):
    """A firm's rating crosses counties: at least fifteen in a hundred do."""
    divisions = city["projects"].groupby("credit_code").division_code.nunique()

    assert (divisions > 1).mean() >= 0.15


def test_coverage_leaves_some_compounds_without_service(city: Frames):
    """A coverage target needs compounds that nobody serves."""
    served = city["compounds"].compound_id.isin(city["projects"].compound_id)

    assert 0.85 <= served.mean() <= 0.92


def test_zones_report_for_themselves_inside_a_county(city: Frames):
    """A zone's compounds count in its parent, so their county must be told."""
    zones = city["compounds"][city["compounds"].division_code.str.len() == 9]

    assert len(zones) > 0
    assert (zones.county_code == zones.division_code.str[:6]).all()


def test_branches_from_here_have_their_head_in_the_register(city: Frames):
    """They roll up to it: a head that is missing would leave their projects with nobody."""
    firms = city["firms"]
    branches = firms[firms.kind.eq("branch")]
    here = branches.head_province.eq("53")

    assert here.any()
    assert (~here).any()
    assert branches[here].head_code.isin(firms.credit_code).all()
    assert not branches[~here].head_code.isin(firms.credit_code).any()


def test_complaints_have_the_published_tail(city: Frames):
    """58 % valid and attributable, 22 for 100,000 m2, a ninth of the compounds with about half of them."""
    complaints = city["complaints"]
    counted = complaints[valid(complaints)]
    served = city["compounds"][city["compounds"].compound_id.isin(city["projects"].compound_id)]
    each = counted.groupby("compound_id").size().reindex(served.compound_id).fillna(0).sort_values(ascending=False)

    assert valid(complaints).mean() == pytest.approx(0.58, abs=0.03)
    assert 1e5 * len(counted) / served.floor_area_m2.astype(float).sum() == pytest.approx(22, abs=3)
    assert each.head(round(0.11 * len(each))).sum() / each.sum() == pytest.approx(0.47, abs=0.07)
    assert (each == 0).any()


def test_complaints_are_late_repeated_and_doubled(city: Frames):
    """The rules on late answers, repeats and duplicates need all three."""
    complaints = city["complaints"]
    own = complaints[complaints.duplicate_of.isna()]

    assert 0.05 < (complaints.replied_on > complaints.due_on).mean() < 0.3
    assert 0.05 < own.case_key.duplicated().mean() < 0.2
    assert complaints.duplicate_of.dropna().isin(complaints.ticket_id).all()
    assert complaints.compound_id.isna().any()


def test_tickets_fall_on_the_days_around_a_handover(city: Frames, truth: Frames):
    """The day before, of and after: where attribution goes wrong by one."""
    projects = city["projects"].sort_values(["compound_id", "starts_on"])
    handed = projects[projects.compound_id.duplicated()]
    tickets = city["complaints"][["ticket_id", "received_on"]].merge(truth["tickets"], on="ticket_id")
    tickets = tickets.merge(projects[["project_id", "compound_id"]], on="project_id")
    received = set(zip(tickets.compound_id, pd.to_datetime(tickets.received_on), strict=True))

    assert len(handed) > 20
    for shift in (-1, 0, 1):
        days = pd.to_datetime(handed.starts_on) + pd.Timedelta(days=shift)
        assert set(zip(handed.compound_id, days, strict=True)) <= received


def test_some_compounds_meet_for_nothing(city: Frames):
    """Fifty meetings without a matter must exist before a rule can be shown not to pay for them."""
    meetings = city["meetings"]
    empty = meetings[~meetings.meeting_id.isin(city["matters"].meeting_id)]

    assert empty.groupby("compound_id").size().max() >= 50


@pytest.mark.parametrize("scale", [0.5, 2])
def test_scale_multiplies_firms_and_projects(scale: float, tmp_path: Path):
    """A country is a large number of cities' worth."""
    rows = synthesize(tmp_path / "scaled", seed=3, scale=scale, formats=("parquet",)).rows

    assert (rows["firms"], rows["projects"]) == (round(354 * scale), round(1085 * scale))


# The planted truth.


def test_tickets_are_attributed_to_the_project_they_were_made_for(accepted: Intake, truth: Frames):
    """Compound and day lead to the firm that served on that day: the intake has to find what was planted."""
    found = accepted.tables["complaints"].select(["ticket_id", "project_id", "compound_id"]).to_pandas()

    both = found.dropna(subset="compound_id").merge(truth["tickets"], on="ticket_id", suffixes=("", "_planted"))

    served = both.project_id_planted.notna()
    assert (both.project_id[served] == both.project_id_planted[served]).all()
    assert both.project_id[~served].isna().all()


def test_tickets_told_in_words_find_their_compound(city: Frames, accepted: Intake):
    """Three of a hundred tickets come without a number; what a hotline wrote down leads to the same firm."""
    delivered = city["complaints"].set_index("ticket_id")
    words = delivered[delivered.compound_id.isna() & delivered.place_told.notna()]
    linked = accepted.linked["complaints"]

    assert len(words) > 0.03 * len(delivered)
    assert linked.automatic > 0.02 * len(delivered)
    assert linked.automatic + len(linked.waiting) == len(words)
    assert not delivered.attributable.reindex([one.ticket.ticket_id for one in linked.waiting]).eq(True).any()


def test_truth_lies_beside_what_is_delivered(made: Summary):
    """An evaluation that could read the truth would prove nothing."""
    delivered = made.delivered[2024][0].parent

    assert made.truth.parent == delivered.parent
    columns = {name for path in delivered.rglob("*.parquet") for name in pq.read_schema(path).names}
    assert columns.isdisjoint({"quality", "severity", "plight"})


def test_severe_inspectors_give_fewer_points(city: Frames, truth: Frames):
    """A severity that could not be seen in the totals could not be found by anyone."""
    severity = truth["inspectors"].drop_duplicates("inspector").set_index("inspector").severity
    inspections = city["inspections"]
    means = inspections.total.astype(float).groupby(inspections.inspector).agg(["mean", "size"])
    often = means[means["size"] >= 15]["mean"]

    assert np.corrcoef(often, severity.reindex(often.index))[0, 1] < -0.4


def test_better_firms_satisfy_more(city: Frames, truth: Frames):
    """Quality is what everything measured has in common."""
    quality = truth["projects"][truth["projects"].year == 2024].set_index("project_id").quality
    by_compound = city["projects"].drop_duplicates("compound_id", keep=False).set_index("compound_id").project_id
    surveys = city["surveys"][city["surveys"].compound_id.isin(by_compound.index)]

    assert np.corrcoef(surveys.score.astype(float), quality[by_compound[surveys.compound_id]])[0, 1] > 0.6


# What is refused.


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"scale": 0.01}, "scale: found 0.01, allowed: 0.25 to 2000"),
        ({"years": 0}, "years: found 0, allowed: 1 to 10"),
        ({"formats": ("csv",)}, "formats: found csv, allowed: xlsx, parquet, each once"),
        ({"formats": ()}, "formats: found none, allowed: xlsx, parquet, each once"),
    ],
)
def test_a_wish_that_cannot_be_met_is_named(arguments: dict[str, object], message: str, tmp_path: Path):
    """A small scale has counties without a firm; better no city than a crooked one."""
    with pytest.raises(WishError, match=message):
        synthesize(tmp_path / "never", seed=1, **arguments)  # type: ignore[arg-type]  # wrong on purpose

    assert not (tmp_path / "never").exists()


def test_a_folder_of_other_files_is_left_alone(tmp_path: Path):
    """A mistyped folder must not cost anyone their files."""
    (tmp_path / "thesis.txt").write_text("all my work", "utf-8")

    with pytest.raises(OccupiedFolderError, match="found files that are no synthetic city"):
        synthesize(tmp_path, seed=1, scale=SMALL, formats=("parquet",))

    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_an_earlier_synthetic_city_is_replaced(tmp_path: Path):
    """Files of two seeds in one folder would be read as one delivery."""
    synthesize(tmp_path, seed=1, scale=SMALL, years=2, formats=("parquet",))

    again = synthesize(tmp_path, seed=2, scale=SMALL, formats=("parquet",))

    assert {path.suffix for path in again.delivered[2024][0].iterdir()} == {".parquet"}
