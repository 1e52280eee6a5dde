"""What if: a fact were better, a record were not there, a rule said another number. Nothing here changes a result."""

from __future__ import annotations

from scoring.evaluation.whatif.lift import Change, Lift, cheapest_lift
from scoring.evaluation.whatif.moves import Move, moves
from scoring.evaluation.whatif.records import RecordChange, evaluate_with
from scoring.evaluation.whatif.rules import evaluate_edited

__all__ = ["Change", "Lift", "Move", "RecordChange", "cheapest_lift", "evaluate_edited", "evaluate_with", "moves"]
