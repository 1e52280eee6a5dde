"""The cheapest way up for everyone below the best level, in a quarter of the synthetic city.

To find one is quick; to say that there is none, every way of at most 24 steps has to be shut out. Against the time of
the evaluation itself, in the same process: an analyst waits for one as for the other.

`python tests/benchmarks/bench_lift.py`: writes build/bench/bench_lift.json, exits 1 when an answer takes too long.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

from data_contracts.intake import take_in
from data_contracts.mapping.load import load_mappings
from scoring.evaluation.run import Evaluation, evaluate
from scoring.evaluation.whatif import cheapest_lift
from scoring.evaluation.whatif.lift import NoLiftError
from scoring.rulebook import find_rulebook, load_rulebook
from scoring.synthetic import synthesize

FIGURES = Path("build/bench/bench_lift.json")
UNITS = ("project", "firm")
WORST_TO_EVALUATION, MEDIAN_TO_EVALUATION = 25.0, 0.5


def city() -> tuple[Evaluation, float]:
    """The evaluation, and its CPU seconds."""
    book = find_rulebook("kunming/2024")
    rules = load_rulebook(book)
    with tempfile.TemporaryDirectory() as folder:
        made = synthesize(Path(folder), seed=7, scale=0.25, formats=("parquet",), jobs=1)
        delivered = made.delivered[rules.period_to.year][0]
        tables = take_in(delivered, rules.contracts, load_mappings([book / "mappings"], rules.contracts)).tables
    evaluate(rules, tables)
    began = time.process_time()
    found = evaluate(rules, tables)
    return found, time.process_time() - began


def answers(evaluation: Evaluation) -> list[float]:
    """CPU seconds of every answer."""
    seconds = []
    for unit in UNITS:
        for row in range(evaluation.units[unit].count):
            began = time.process_time()
            try:
                cheapest_lift(evaluation, unit, row)
            except NoLiftError:
                continue
            seconds.append(time.process_time() - began)
    return seconds


def main() -> int:
    """Measure, write, compare."""
    evaluation, base = city()
    seconds = answers(evaluation)
    figures = {
        "answers": len(seconds),
        "evaluation_cpu_s": base,
        "worst_cpu_s": max(seconds),
        "median_cpu_s": statistics.median(seconds),
        "worst_to_evaluation": max(seconds) / base,
        "median_to_evaluation": statistics.median(seconds) / base,
    }
    limits = {"worst_to_evaluation": WORST_TO_EVALUATION, "median_to_evaluation": MEDIAN_TO_EVALUATION}
    FIGURES.parent.mkdir(parents=True, exist_ok=True)
    FIGURES.write_text(json.dumps({"figures": figures, "limits": limits}, indent=2) + "\n", encoding="utf-8")
    for name, value in figures.items():
        print(f"{name:24} {value:10,.3f}   limit {limits.get(name, '')}")
    return 1 if any(figures[name] > limit for name, limit in limits.items()) else 0


if __name__ == "__main__":
    sys.exit(main())
