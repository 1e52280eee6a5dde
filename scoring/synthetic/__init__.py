"""A realistic city that does not exist: offices' files of any size from a seed, and the truth they were made from.

For demonstrations, tests and benchmarks. Everything delivered follows the contracts; whatever is planted (how good a
firm is, how severe an inspector) stays in the truth folder. Rating never imports this room.
"""

from __future__ import annotations

from scoring.synthetic.city import DELIVERED, FORMATS, TRUTH, OccupiedFolderError, Summary, WishError, synthesize

__all__ = ["DELIVERED", "FORMATS", "TRUTH", "OccupiedFolderError", "Summary", "WishError", "synthesize"]
