"""The composition root: one finished result to one web application. Nothing is read from the environment here."""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.kernel.conditional import ConditionalAnswers
from api.kernel.i18n import language_of
from api.kernel.problems import MEDIA_TYPE, Fault, ProblemError
from api.results import http, pages
from api.results.opening import Opening
from api.settings import Settings
from scoring.evaluation.reopen import MissingFileError, NotAResultError

POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
MACHINES = ("/v1", "/healthz")


def create_app(folder: Path, settings: Settings | None = None) -> FastAPI:
    """A web application over the result in *folder*.

    Raises:
        NotAResultError: The folder holds no result.
        DocumentError: The rulebook kept with the result cannot be read.
    """
    chosen = settings or Settings(folder)
    opening = Opening(chosen.folder)
    opening.current().book  # noqa: B018  # read now: a broken copy should stop the start, not the first reader
    app = FastAPI(
        title="property-credit",
        summary="Ratings of property-service firms with every line and record behind them, read-only",
        version="1",
        openapi_url="/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.include_router(http.health(opening))
    app.include_router(http.router(opening, chosen))
    app.include_router(pages.router(opening, chosen))
    with as_file(files("api.web") / "static") as static:
        app.mount("/static", StaticFiles(directory=static), name="static")
    _answer_problems(app, opening)
    app.add_middleware(ConditionalAnswers, edition=opening.edition)
    app.add_middleware(SecurityHeaders)
    return app


class SecurityHeaders:
    """ASGI middleware: the same protective headers on every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = POLICY
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "same-origin"
            await send(message)

        await self._app(scope, receive, guarded)


def _answer_problems(app: FastAPI, opening: Opening) -> None:
    def answer(request: Request, problem: ProblemError) -> Response:
        if not request.url.path.startswith(MACHINES):
            return pages.problem_page(request, opening, problem)
        texts = language_of(request.query_params.get("lang"), request.headers.get("accept-language"))
        headers = {"Content-Language": texts.tag}
        return Response(problem.body(texts, request.url.path), problem.status, headers, MEDIA_TYPE)

    async def refused(request: Request, error: Exception) -> Response:
        return answer(request, as_problem(error))

    for kind in (ProblemError, HTTPException, RequestValidationError, FileNotFoundError, NotAResultError, Exception):
        app.add_exception_handler(kind, refused)


def as_problem(error: Exception) -> ProblemError:
    """Whatever went wrong, as one of the problems the service knows."""
    match error:
        case ProblemError():
            return error
        case RequestValidationError():
            faults = [_fault(one) for one in error.errors()]
            return ProblemError("request.invalid", {}, faults)
        case HTTPException(status_code=405):
            return ProblemError("request.method_not_allowed")
        case HTTPException():
            return ProblemError("request.not_found")
        case FileNotFoundError() | MissingFileError():
            return ProblemError("result.replaced")
        case NotAResultError():
            return ProblemError("result.changed")
    return ProblemError("service.failed")


def _fault(error: dict[str, object]) -> Fault:
    """One fault of FastAPI's own check of parameters."""
    location = error.get("loc", ())
    where = ".".join(str(part) for part in location[1:]) if isinstance(location, tuple) else str(location)
    return Fault(where, str(error.get("input", "")), str(error.get("msg", "")))
