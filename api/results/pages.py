"""The pages: the same views as the JSON interface, written by templates in the reader's language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse

from api.kernel.i18n import Texts, language_of
from api.kernel.problems import ProblemError
from api.results import sentences, service
from api.results.asking import Asked
from api.results.book import book_of
from api.results.opening import Opening
from api.results.paths import unit_page
from api.results.queries import Filters, Result
from api.results.records import Window
from api.results.sites import quota_step
from api.settings import Settings
from api.web.rendering import render

SEARCH_SHOWN = 20
Number = Annotated[int, Query(ge=1, le=1_000_000)]
Part = Annotated[str, Query(max_length=100)]


def router(opening: Opening, settings: Settings) -> APIRouter:
    """All pages over the result that *opening* holds."""
    routes = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

    @routes.get("/")
    def overview(request: Request) -> HTMLResponse:
        result = opening.current()
        kinds = service.kinds(result)
        tables = {kind.name: service.by_division(result, kind.name) for kind in kinds if not kind.quota}
        quota = next((kind for kind in kinds if kind.quota), None)
        found = service.candidates(result) if quota else None
        once = lambda kind: sum(tables[kind.name].values(), Counter())  # noqa: E731
        return _page("overview.html", request, result, kinds=kinds, tables=tables, once=once, quota=quota, sites=found)

    @routes.get("/search")
    def search(request: Request, q: Part = "") -> HTMLResponse:
        result = opening.current()
        filters = Filters(q=q)
        found = [
            service.listed(result, rules.name, filters, 1, SEARCH_SHOWN)
            for rules in result.book.units
            if q.strip() and quota_step(rules) is None
        ]
        return _page("search.html", request, result, q=q.strip(), found=[one for one in found if one.rows])

    @routes.get("/sites")
    def candidates(request: Request, division: str = "") -> HTMLResponse:
        result = opening.current()
        found = service.candidates(result, division)
        return _page(
            "sites.html", request, result, sites=found, json=f"/v1/sites{'?division=' + division if division else ''}"
        )

    @routes.get("/rulebook")
    def rulebook(request: Request) -> HTMLResponse:
        result = opening.current()
        return _page("rulebook.html", request, result, book=book_of(result), json="/v1/rulebook")

    @routes.get("/units/{unit}")
    def units(
        request: Request,
        unit: str,
        filters: Asked,
        page: Number = 1,
    ) -> HTMLResponse:
        result = opening.current()
        found = service.listed(result, unit, filters, page, settings.page_size)
        here = lambda number: unit_page(unit) + service.query(filters, page=number if number > 1 else "")  # noqa: E731
        json = found.kind.links["self"] + service.query(filters, page=page, limit=settings.page_size)
        return _page("list.html", request, result, found=found, filters=filters, here=here, json=json)

    @routes.get("/units/{unit}/{key:path}")
    def one(request: Request, unit: str, key: str, line: str = "", page: Number = 1, record: str = "") -> HTMLResponse:
        result = opening.current()
        size = settings.records_shown
        window = Window((page - 1) * size, size, line)
        found = service.unit(result, unit, key, window, record)
        return _page(
            "sheet.html", request, result, sheet=found, window=window, page=page, record=record,
            rules=next(rules for rules in book_of(result).units if rules.name == unit),
            kind=service.kind(result, unit), json=found.row.links["self"],
        )  # fmt: skip

    return routes


def problem_page(request: Request, opening: Opening, problem: ProblemError) -> HTMLResponse:
    """A refusal as a page in the reader's language; it still answers when the result itself cannot be read."""
    texts = _texts(request)
    try:
        return _page("problem.html", request, opening.current(), status=problem.status, problem=problem)
    except Exception:  # noqa: BLE001  # the last resort may not fail: the page without what the result would add
        return render("problem.html", texts, _path(request), problem.status, site=None, problem=problem, json="")


def _page(template: str, request: Request, result: Result, status: int = 200, **values: Any) -> HTMLResponse:
    texts = _texts(request)
    tools = {
        "sentences": _bound(sentences.sentences, texts),
        "edges": _bound(sentences.edges, texts),
        "bounds": _bound(sentences.bounds, texts),
    }
    given = {"json": "", **values, "site": result.kept("site", lambda: Site(result)), **tools}
    return render(template, texts, _path(request), status, **given)


def _bound(write: Callable[[Any, Texts], Any], texts: Texts) -> Callable[[Any], Any]:
    return lambda value: write(value, texts)


def _texts(request: Request) -> Texts:
    return language_of(request.query_params.get("lang"), request.headers.get("accept-language"))


def _path(request: Request) -> str:
    query = request.url.query
    return request.url.path + (f"?{query}" if query else "")


class Site:
    """What every page shows of the run: its rulebook, period, menu and notices."""

    def __init__(self, result: Result) -> None:
        manifest, every = result.manifest, service.kinds(result)
        self.title = result.book.title
        self.first, self.last, self.as_of = manifest["period"]["from"], manifest["period"]["to"], manifest["as_of"]
        self.run_id = manifest["run_id"]
        self.every = {kind.name: kind for kind in every}
        self.kinds = [kind for kind in every if not kind.quota]
        self.quota = next((kind for kind in every if kind.quota), None)
        self.bases = book_of(result).bases
        self.synthetic = service.is_synthetic(result)
