"""Records to exact numbers: facts compile to one SQL text per view, run on an engine, and come back as int64 pairs."""

from __future__ import annotations
