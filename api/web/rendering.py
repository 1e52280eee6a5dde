"""Templates to pages: one environment, undefined names are errors, everything is escaped.

A page never carries a script or a style of its own, so the policy sent with it forbids both; charts are SVG drawn
here, with attributes only.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, Final
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

from api.kernel.conditional import build
from api.kernel.i18n import LANGUAGES, Texts
from scoring.rulebook.shape import Title

SHADES: Final = 5


def render(template: str, texts: Texts, path: str, status: int = 200, **values: Any) -> HTMLResponse:
    """A page in the reader's language.

    *path* is the page's own address with its query, for the link to the other language.
    """
    page = environment().get_template(template)
    body = page.render(t=texts, words=Words(texts), path=path, build=build()[:12], **values)
    return HTMLResponse(body, status, {"Content-Language": texts.tag})


@cache
def environment() -> Environment:
    """The one template environment."""
    made = Environment(
        loader=PackageLoader("api.web", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["number"] = grouped
    made.globals.update(segments=segments, shade=shade, zip=zip)
    return made


class Words:
    """What templates say in the reader's language."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts

    def url(self, path: str, /, **parameters: object) -> str:
        """An address of this service that keeps the language the reader asked for."""
        given = {name: value for name, value in parameters.items() if value not in ("", None)}
        if self._texts.asked:
            given["lang"] = self._texts.language
        path, _, fragment = path.partition("#")
        mark = "&" if "?" in path else "?"
        return path + (mark + urlencode(given) if given else "") + (f"#{fragment}" if fragment else "")

    def switch(self, path: str) -> str:
        """The same page in the other language."""
        path, _, query = path.partition("?")
        rest = "&".join(part for part in query.split("&") if part and not part.startswith("lang="))
        other = next(language for language in LANGUAGES if language != self._texts.language)
        return f"{path}?{rest}&lang={other}" if rest else f"{path}?lang={other}"

    def title(self, title: Title, otherwise: str = "") -> str:
        """A title in the reader's language, else in the other one, else *otherwise*."""
        return title.text(self._texts.language) or otherwise

    def outcome(self, code: str | None, title: Title) -> str:
        """A level with its title, `4A 优秀`; a code in small letters is for machines and gives way to its title."""
        words = self.title(title)
        if code and words and words != code and not code.islower():
            return f"{code} {words}"
        return words or code or ""

    def truth(self, value: object, text: str) -> str:
        """是 or 否 for a truth value, the text for anything else."""
        if isinstance(value, bool):
            return self._texts("service.yes" if value else "service.no")
        return text


def grouped(value: int) -> str:
    """A count with its thousands apart.

    >>> grouped(12345)
    '12,345'
    """
    return f"{value:,}"


def shade(place: int, count: int) -> int:
    """Which of five shades, best to worst, a level has by its place among *count*.

    >>> [shade(place, 4) for place in range(4)], shade(0, 1)
    ([1, 2, 4, 5], 1)
    """
    if count < 2:
        return 1
    return 1 + (2 * place * (SHADES - 1) + count - 1) // (2 * (count - 1))


def segments(counts: Sequence[int], width: int = 1000) -> list[tuple[int, int]]:
    """Start and length of each part of a bar *width* units long; parts of 0 have no length, the rest add up to it.

    >>> segments([1, 0, 3], 100)
    [(0, 25), (25, 0), (25, 75)]
    """
    total, done, found = sum(counts), 0, []
    for count in counts:
        start = done * width // total if total else 0
        done += count
        found.append((start, (done * width // total if total else 0) - start))
    return found
