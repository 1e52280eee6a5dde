"""The JSON interface under /v1: what the pages show, for machines. Fixed addresses come before /v1/{unit}."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from api.kernel.problems import MEDIA_TYPE
from api.results import service
from api.results.asking import Asked
from api.results.book import Book, book_of
from api.results.examples import LIST_EXAMPLE, PROBLEM_EXAMPLE, SITES_EXAMPLE, UNIT_EXAMPLE
from api.results.opening import Opening
from api.results.paths import unit_api
from api.results.queries import Filters
from api.results.records import Window
from api.results.views import Sites, UnitKind, UnitRow, UnitSheet
from api.settings import PAGE_LIMIT, RECORDS_LIMIT, Settings
from scoring.rulebook.shape import Title

Kind = Annotated[str, Path(description="Kind of unit, a name from /v1/units.", examples=["firm"])]
Key = Annotated[str, Path(description="Its key columns joined with `/`; a slash inside a value as %2F.")]


@dataclass(frozen=True, slots=True)
class Index:
    """Which run is served, and where its parts are."""

    run_id: str
    rulebook: str
    title: Title
    period: Mapping[str, str]
    as_of: str
    links: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Kinds:
    """All kinds of unit."""

    items: tuple[UnitKind, ...]


@dataclass(frozen=True, slots=True)
class UnitList:
    """One page of units.

    Attributes:
        total: Units that fit the filters, on all pages.
        links: self, and where there are any, previous, next, first and last.
    """

    unit: str
    total: int
    page: int
    pages: int
    limit: int
    items: tuple[UnitRow, ...]
    links: Mapping[str, str]


def router(opening: Opening, settings: Settings) -> APIRouter:
    """All JSON routes over the result that *opening* holds."""
    routes = APIRouter(prefix="/v1", tags=["results"], responses=_problems(404, 422, 503))

    @routes.get("/", summary="The run that is served")
    def index() -> Index:
        result = opening.current()
        links = {name: f"/v1/{name}" for name in ("units", "sites", "rulebook", "manifest")}
        links |= {rules.name: unit_api(rules.name) for rules in result.book.units}
        book, manifest = result.book, result.manifest
        return Index(manifest["run_id"], book.id, book.title, manifest["period"], manifest["as_of"], links)

    @routes.get("/units", summary="Kinds of unit, with the count of each level and status")
    def kinds() -> Kinds:
        return Kinds(service.kinds(opening.current()))

    @routes.get(
        "/sites", summary="Candidates per division: every yes and no with its reason", responses=_ok(SITES_EXAMPLE)
    )
    def candidates(division: Annotated[str, Query(description="Only this division.")] = "") -> Sites:
        return service.candidates(opening.current(), division)

    @routes.get("/rulebook", summary="The rulebook of the run")
    def rulebook() -> Book:
        return book_of(opening.current())

    @routes.get("/manifest", summary="The run's manifest: inputs, digests, counts")
    def manifest() -> dict[str, Any]:
        return service.manifest(opening.current())

    @routes.get("/{unit}", summary="List of units", responses=_ok(LIST_EXAMPLE))
    def units(
        unit: Kind,
        filters: Asked,
        page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
        limit: Annotated[int | None, Query(ge=1, le=PAGE_LIMIT, description="Rows per page.")] = None,
    ) -> UnitList:
        found = service.listed(opening.current(), unit, filters, page, limit or settings.page_size)
        return _as_list(unit, found, filters)

    @routes.get("/{unit}/{key:path}", summary="One unit with its lines and their records", responses=_ok(UNIT_EXAMPLE))
    def one(
        unit: Kind,
        key: Key,
        line: Annotated[str, Query(description="List records of this line only.", examples=["CMP-01"])] = "",
        records: Annotated[
            int | None, Query(ge=0, le=RECORDS_LIMIT, description="Records listed per line and table.")
        ] = None,
        page: Annotated[int, Query(ge=1, le=1_000_000, description="Which page of the records.")] = 1,
        record: Annotated[str, Query(description="Record id of the unit's own row, where a key repeats.")] = "",
    ) -> UnitSheet:
        size = settings.records_shown if records is None else records
        return service.unit(opening.current(), unit, key, Window((page - 1) * size, size, line), record)

    return routes


def health(opening: Opening) -> APIRouter:
    """Whether the service answers, and with which run."""
    routes = APIRouter(tags=["service"])

    @routes.get("/healthz", summary="Whether the service answers")
    def healthz() -> dict[str, str]:
        return {"status": "ok", "run_id": opening.current().manifest["run_id"]}

    return routes


def _as_list(unit: str, found: service.Listed, filters: Filters) -> UnitList:
    page = found.page
    numbers = {"self": page.number, "first": 1, "previous": page.previous, "next": page.next, "last": page.count}
    links = {
        name: unit_api(unit) + service.query(filters, page=number, limit=page.size)
        for name, number in numbers.items()
        if number is not None
    }
    return UnitList(unit, page.total, page.number, page.count, page.size, found.rows, links)


def _ok(example: object) -> dict[int | str, dict[str, Any]]:
    return {200: {"content": {"application/json": {"example": example}}}}


def _problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    content = {MEDIA_TYPE: {"schema": {"type": "object"}, "example": PROBLEM_EXAMPLE}}
    return {status: {"description": "A problem (RFC 9457)", "content": content} for status in statuses}
