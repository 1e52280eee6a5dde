"""The card: lines of points, each with its clause, that add up to a unit's points."""

from __future__ import annotations
