"""Addresses of what the service shows: every key value quoted on its own, so that a slash in a name stays in it."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote


def unit_api(kind: str, key: Sequence[str] = ()) -> str:
    """JSON of a kind of unit, or of one unit.

    >>> unit_api("building", ["415", "2024-06-19"])
    '/v1/building/415/2024-06-19'
    """
    return "/".join(("/v1", *map(_segment, (kind, *key))))


def unit_page(kind: str, key: Sequence[str] = ()) -> str:
    """Page of a kind of unit, or of one unit.

    >>> unit_page("firm", ["A/B 物业"])
    '/units/firm/A%2FB%20%E7%89%A9%E4%B8%9A'
    """
    return "/".join(("/units", *map(_segment, (kind, *key))))


def unit_links(kind: str, key: Sequence[str] = ()) -> dict[str, str]:
    """Both addresses, as answers carry them."""
    return {"self": unit_api(kind, key), "page": unit_page(kind, key)}


def _segment(text: str) -> str:
    return quote(text, safe="")
