"""Conditional answers: a strong ETag per edition, address and language, and 304 before anything is computed.

The tag is not a digest of the body: everything the service says follows from the result it serves, its own code and
templates, the address and the language, so their digest is as strong and answers a revalidation without rendering.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from starlette.datastructures import Headers, MutableHeaders, QueryParams
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.kernel.i18n import language_of

VARY: Final = "Accept-Language"
OUTSIDE: Final = ("/static/", "/healthz")


class ConditionalAnswers:
    """ASGI middleware: HEAD as GET without a body, ETag on what was found, 304 for what the client has."""

    def __init__(self, app: ASGIApp, edition: Callable[[], str]) -> None:
        self._app = app
        self._edition = edition

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD") or scope["path"].startswith(OUTSIDE):
            await self._app(scope, receive, send)
            return
        tag = self._tag(scope)
        if _has(Headers(scope=scope).get("if-none-match", ""), tag):
            await _not_modified(send, tag)
            return
        head = scope["method"] == "HEAD"

        async def tagged(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 200:
                MutableHeaders(scope=message).update({"ETag": tag, "Cache-Control": "no-cache", "Vary": VARY})
            if message["type"] == "http.response.body" and head:
                message = {**message, "body": b""}
            await send(message)

        await self._app({**scope, "method": "GET"}, receive, tagged)

    def _tag(self, scope: Scope) -> str:
        headers, query = Headers(scope=scope), scope["query_string"].decode("latin-1")
        language = language_of(QueryParams(query).get("lang"), headers.get("accept-language")).language
        parts = "\n".join((build(), self._edition(), scope["path"], query, language))
        return f'"{hashlib.sha256(parts.encode()).hexdigest()[:32]}"'


@cache
def build() -> str:
    """Digest of the service's own code, texts, templates and styles."""
    digest = hashlib.sha256()
    for package in ("api", "scoring", "data_contracts"):
        for file in _sources(files(package)):
            digest.update(file.read_bytes())
    return digest.hexdigest()


def _sources(folder: Traversable) -> list[Traversable]:
    found: list[Traversable] = []
    for item in sorted(folder.iterdir(), key=lambda item: item.name):
        if item.is_dir() and item.name not in ("__pycache__", "books", "contracts", "codes"):
            found += _sources(item)
        elif item.is_file() and item.name.endswith((".py", ".html", ".css", ".svg", ".yaml")):
            found.append(item)
    return found


def _has(header: str, tag: str) -> bool:
    """Whether If-None-Match names the tag; a weak form of it compares equal here, `*` is not looked up."""
    return tag in (one.strip().removeprefix("W/") for one in header.split(","))


async def _not_modified(send: Send, tag: str) -> None:
    headers = [(b"etag", tag.encode()), (b"cache-control", b"no-cache"), (b"vary", VARY.encode())]
    await send({"type": "http.response.start", "status": 304, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
