"""What a request for a list may ask for: the same parameters for JSON and for pages."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query

from api.results.queries import Filters, Sort


def asked(
    division: Annotated[str, Query(description="Division code.", examples=["010101"])] = "",
    level: Annotated[str, Query(description="Level code.", examples=["4A"])] = "",
    status: Annotated[str, Query(description="Status code.", examples=["NOT_APPLIED"])] = "",
    q: Annotated[str, Query(description="Part of the name or of the key.", max_length=100)] = "",
    sort: Annotated[Sort, Query(description="By rank, by key, or by name.")] = "rank",
) -> Filters:
    """The filters that a request asks for."""
    return Filters(division, level, status, q, sort)


Asked = Annotated[Filters, Depends(asked)]
