"""The whole: a seed and a scale in; delivered files, and beside them the planted truth, out.

Units are independent of each other, so workbooks are written by several processes; Parquet is streamed by one.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Final

import pyarrow as pa
from joblib import Parallel, delayed

from scoring.synthetic import complaints, conduct, governance, registry, service
from scoring.synthetic.block import Block, City, YearOfCity, blocks_of, build_city, in_year
from scoring.synthetic.cells import Rows, stacked
from scoring.synthetic.layout import Layout, delivered_layouts
from scoring.synthetic.parquet import ParquetFolder
from scoring.synthetic.truth import TICKETS, block_truth, firm_truth
from scoring.synthetic.workbooks import NOTICE, write_workbooks
from scoring.synthetic.years import LAST_YEAR, MOST_YEARS

FORMATS: Final = ("xlsx", "parquet")
DELIVERED: Final = "delivered"
TRUTH: Final = "truth"
README: Final = "README.txt"
SCALES: Final = (0.25, 2_000.0)
_MAKERS: Final[tuple[Callable[[Block], dict[str, Rows]], ...]] = (
    registry.compounds,
    registry.projects,
    service.declarations,
    service.disclosures,
    service.staff,
    service.inspections,
    service.surveys,
    complaints.complaints,
    governance.party_organizations,
    governance.committees,
    governance.cross_appointments,
    governance.meetings,
    governance.designated_sites,
    conduct.at_projects,
)


class WishError(ValueError):
    """A scale, a number of years or a format that no city can be made of."""


class OccupiedFolderError(ValueError):
    """The folder holds something that is no synthetic city, and is left alone."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What was made.

    Attributes:
        delivered: Per year, folders that an evaluation reads, in the order of the formats.
        truth: The folder that it must not read.
        rows: Delivered rows per table, all years together.
        files: Delivered files of all formats.
    """

    delivered: Mapping[int, tuple[Path, ...]]
    truth: Path
    seed: int
    scale: float
    rows: Mapping[str, int]
    files: int


def synthesize(
    out: Path,
    seed: int,
    scale: float = 1.0,
    years: int = 1,
    formats: Sequence[str] = ("xlsx",),
    jobs: int | None = None,
) -> Summary:
    """Make a synthetic city.

    Args:
        out: Folder to make; an earlier synthetic city in it is replaced, anything else refused.
        seed: The same seed gives the same bytes.
        scale: 1 is 354 firms and 1,085 projects.
        years: How many years, the last of them 2024; with more than one each has a folder of its own in `delivered`.
        formats: The first goes to `delivered`, a further one to `delivered-<format>`: an evaluation reads one of them.
        jobs: Processes that write workbooks; None for as many as there are processors.

    Raises:
        WishError: A scale, a number of years or a format that is not allowed.
        OccupiedFolderError: *out* holds something else.
    """
    _check(scale, years, formats)
    out = out.resolve()
    _refuse_foreign(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    try:
        rows = _make(making, seed, scale, years, formats, jobs)
        (making / README).write_text(_readme(seed, scale, years), "utf-8")
        files = sum(path.is_file() for place in making.glob(f"{DELIVERED}*") for path in place.rglob("*"))
        making.chmod(0o755)
        if out.exists():
            shutil.rmtree(out)
        making.replace(out)
    finally:
        shutil.rmtree(making, ignore_errors=True)
    delivered = {year: tuple(_folder(out, formats, one, year, years) for one in formats) for year in _years(years)}
    return Summary(delivered, out / TRUTH, seed, scale, rows, files)


def _check(scale: float, years: int, formats: Sequence[str]) -> None:
    least, most = SCALES
    if not least <= scale <= most:
        raise WishError(f"scale: found {scale:g}, allowed: {least:g} to {most:g}")
    if not 1 <= years <= MOST_YEARS:
        raise WishError(f"years: found {years}, allowed: 1 to {MOST_YEARS}")
    if not formats or set(formats) - set(FORMATS) or len(set(formats)) < len(formats):
        found = ", ".join(formats) or "none"
        raise WishError(f"formats: found {found}, allowed: {', '.join(FORMATS)}, each once")


def _refuse_foreign(out: Path) -> None:
    if not out.exists():
        return
    if not out.is_dir():
        raise OccupiedFolderError(f"{out}: found a file, allowed: a new folder or an earlier synthetic city")
    readme = out / README
    ours = readme.is_file() and NOTICE in readme.read_text("utf-8", errors="replace")
    if any(out.iterdir()) and not ours:
        raise OccupiedFolderError(
            f"{out}: found files that are no synthetic city, allowed: a new folder or an earlier synthetic city"
        )


def _years(count: int) -> range:
    return range(LAST_YEAR - count + 1, LAST_YEAR + 1)


def _folder(out: Path, formats: Sequence[str], one: str, year: int, years: int) -> Path:
    place = out / (DELIVERED if one == formats[0] else f"{DELIVERED}-{one}")
    return place / str(year) if years > 1 else place


def _make(
    out: Path, seed: int, scale: float, years: int, formats: Sequence[str], jobs: int | None
) -> Mapping[str, int]:
    """Everything into *out*; the truth and the counts come with the first format, a further one makes its own again."""
    layouts = delivered_layouts()
    rows: Counter[str] = Counter()
    with ParquetFolder(out / TRUTH) as truth:
        for year in _years(years):
            truth.add("firms", firm_truth(_now(seed, scale, year)))
            for one in formats:
                folder = _folder(out, formats, one, year, years)
                folder.mkdir(parents=True, exist_ok=True)
                offices = _in_workbooks if one == "xlsx" else _in_parquet
                for counts, planted in offices(folder, seed, scale, year, layouts, jobs):
                    if one == formats[0]:
                        rows.update(counts)
                        _add(truth, planted)
    return dict(sorted(rows.items()))


_Made = tuple[Mapping[str, int], Mapping[str, pa.Table]]


def _in_workbooks(
    folder: Path, seed: int, scale: float, year: int, layouts: Mapping[str, Layout], jobs: int | None
) -> Iterator[_Made]:
    """Each unit in a process of its own, handed back in the order of units."""
    positions = range(len(_now(seed, scale, year).city.places.units))
    tasks = (delayed(_write_unit)(folder, seed, scale, year, position, layouts) for position in positions)
    for made in Parallel(n_jobs=jobs or os.cpu_count() or 1, return_as="generator")(tasks):
        yield from made


def _write_unit(
    folder: Path, seed: int, scale: float, year: int, position: int, layouts: Mapping[str, Layout]
) -> list[_Made]:
    made = []
    for block, tables, planted in _unit(_now(seed, scale, year), position, layouts):
        write_workbooks(folder, block.unit, tables, layouts, block.number)
        made.append((_counts(tables), planted))
    return made


def _in_parquet(
    folder: Path, seed: int, scale: float, year: int, layouts: Mapping[str, Layout], jobs: int | None
) -> Iterator[_Made]:
    """One after the other: a file is written from its beginning to its end."""
    del jobs
    now = _now(seed, scale, year)
    with ParquetFolder(folder) as files:
        for position in range(len(now.city.places.units)):
            for _, tables, planted in _unit(now, position, layouts):
                _add(files, tables)
                yield _counts(tables), planted


def _unit(
    now: YearOfCity, position: int, layouts: Mapping[str, Layout]
) -> Iterator[tuple[Block, Mapping[str, pa.Table], Mapping[str, pa.Table]]]:
    """Per block of a unit: the block, its delivered tables, its truth; records of firms come with the first block."""
    whole = {**registry.firms(now, position), **conduct.of_firms(now, position)}
    for block in blocks_of(now, position):
        made = dict(whole) if block.number == 0 else {}
        for maker in _MAKERS:
            for table, rows in maker(replace(block, draws=block.draws.at(maker.__name__))).items():
                made[table] = stacked([made[table], rows]) if table in made else rows
        planted = {"tickets": pa.table(dict(made.pop(TICKETS)))} if TICKETS in made else {}
        tables = {table: layouts[table].shaped(rows, block.unit.code) for table, rows in made.items()}
        yield block, tables, {**planted, **dict(block_truth(block))}


def _add(folder: ParquetFolder, tables: Mapping[str, pa.Table]) -> None:
    for table, rows in tables.items():
        folder.add(table, rows)


def _counts(tables: Mapping[str, pa.Table]) -> Mapping[str, int]:
    return {table: rows.num_rows for table, rows in tables.items()}


@lru_cache(maxsize=1)
def _now(seed: int, scale: float, year: int) -> YearOfCity:
    """The city in one year, built once per process."""
    return in_year(_city(seed, scale), year)


@lru_cache(maxsize=1)
def _city(seed: int, scale: float) -> City:
    return build_city(seed, scale)


def _readme(seed: int, scale: float, years: int) -> str:
    lines = (
        NOTICE,
        f"seed {seed}, scale {scale:g}, years {LAST_YEAR - years + 1}-{LAST_YEAR}",
        f"{DELIVERED}/: 各报送单位报送的文件,评价时只读这里 (files as offices deliver them: what an evaluation reads).",
        f"{TRUTH}/: 生成时设定的真值,仅供检验,不得用于评价 (what was planted; for tests, never read by an evaluation).",
    )
    return "\n".join(lines) + "\n"
