"""The rulebook language: dated, cited data that says how accepted records become points and a level."""

from __future__ import annotations

from scoring.rulebook.load import load_rulebook
from scoring.rulebook.shape import Rulebook
from scoring.rulebook.shelf import find_rulebook, shipped_rulebooks

__all__ = ["Rulebook", "find_rulebook", "load_rulebook", "shipped_rulebooks"]
