"""From points to a level: decision rows, then the steps that set, cap, floor, move or rank it."""

from __future__ import annotations
