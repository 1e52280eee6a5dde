"""The rulebook language: dated, cited data that says how accepted records become points and a level.

Names are looked up when first used: what serves one published rating needs the shapes, not YAML or contracts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scoring.rulebook.load import load_rulebook
    from scoring.rulebook.shape import Rulebook
    from scoring.rulebook.shelf import find_rulebook, shipped_rulebooks

__all__ = ["Rulebook", "find_rulebook", "load_rulebook", "shipped_rulebooks"]

_ROOMS = {"Rulebook": "shape", "find_rulebook": "shelf", "load_rulebook": "load", "shipped_rulebooks": "shelf"}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_ROOMS[name]}"), name)
