"""One run: a rulebook over accepted tables, unit by unit, and the files it leaves."""

from __future__ import annotations

from scoring.evaluation.run import Evaluation, UnitResult, evaluate

__all__ = ["Evaluation", "UnitResult", "evaluate"]
