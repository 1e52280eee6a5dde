"""The town of `rulebook.yaml` and `data/`, evaluated: a small result folder for the tests of the service."""

from __future__ import annotations

from pathlib import Path

from data_contracts.intake import take_in
from scoring.evaluation import evaluate
from scoring.evaluation.result import write_result
from scoring.rulebook import load_rulebook

TOWN = Path(__file__).parent


def build_town(out: Path, rules: Path = TOWN, *, with_records: bool = True) -> Path:
    """Evaluate the town into *out*, by its own rulebook or by another one in *rules*."""
    book = load_rulebook(rules)
    intake = take_in(TOWN / "data", book.contracts, {})
    write_result(out, evaluate(book, intake.tables), intake, {}, rules, with_records=with_records)
    return out
