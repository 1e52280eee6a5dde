"""Cases: hand-computed examples beside a rulebook, `cases.yaml`, run through the same code as a delivery.

An officer reads and signs them; a rulebook whose cases fail says something else than its office meant. Cases decide
nothing themselves, so they are no part of a rulebook's digest.
"""

from __future__ import annotations

from scoring.evaluation.cases.read import NoCasesError, read_cases
from scoring.evaluation.cases.run import CaseResult, Mismatch, Outcome, run_cases
from scoring.evaluation.cases.shape import Case

__all__ = ["Case", "CaseResult", "Mismatch", "NoCasesError", "Outcome", "read_cases", "run_cases"]
