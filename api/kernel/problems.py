"""Refusals as one tested JSON shape (RFC 9457): a stable code for machines, a text in the reader's language.

Codes are listed in docs/reference/api.md; a test holds that each stands there and has its texts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from api.kernel.i18n import Texts

MEDIA_TYPE: Final = "application/problem+json"
STATUS: Final[Mapping[str, int]] = {
    "request.not_found": 404,
    "request.method_not_allowed": 405,
    "request.invalid": 422,
    "unit.kind_unknown": 404,
    "unit.not_found": 404,
    "filter.unknown_value": 422,
    "sites.none": 404,
    "result.replaced": 503,
    "result.changed": 503,
    "service.failed": 500,
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One wrong part of a request: which part, what was found, what is allowed."""

    where: str
    found: str
    allowed: str


@dataclass(eq=False)
class ProblemError(Exception):
    """A request that cannot be answered.

    Attributes:
        code: Stable, a key of STATUS.
        values: What the text of the code names.
        faults: Wrong parts of the request, for 422.
    """

    code: str
    values: Mapping[str, str] = field(default_factory=dict)
    faults: Sequence[Fault] = ()

    @property
    def status(self) -> int:
        """The HTTP status."""
        return STATUS[self.code]

    def title(self, texts: Texts) -> str:
        """What kind of problem it is."""
        return texts(f"problem.{self.code}.title")

    def detail(self, texts: Texts) -> str:
        """What is wrong this time."""
        return texts(f"problem.{self.code}.detail", **self.values)

    def body(self, texts: Texts, instance: str) -> bytes:
        """The problem as JSON."""
        content = {
            "type": f"urn:property-credit:problem:{self.code}",
            "title": self.title(texts),
            "status": self.status,
            "detail": self.detail(texts),
            "instance": instance,
            "code": self.code,
            "errors": [{"where": one.where, "found": one.found, "allowed": one.allowed} for one in self.faults],
        }
        return json.dumps(content, ensure_ascii=False).encode()
