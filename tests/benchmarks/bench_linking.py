"""Linking 5,000 tickets to 1,200 compounds: how many are linked, how many rightly, and what it costs.

`python tests/benchmarks/bench_linking.py`: writes build/bench/bench_linking.json, exits 1 below what was promised.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from city_of_tickets import cases_of, register_of  # type: ignore[import-not-found]  # beside this script

from data_contracts.linking import Register, questions

PLACES, TICKETS, SEEDS = 1200, 5000, (11, 12, 13)
PRECISION, RECALL, CPU_SECONDS = 0.99, 0.8, 10.0


def measure(seed: int) -> dict[str, float]:
    """One made-up city."""
    places = register_of(PLACES, seed)
    cases = cases_of(places, TICKETS, seed)
    began = time.process_time()
    links = Register(places).link_all(case.ticket for case in cases)
    questions(links)
    spent = time.process_time() - began
    made = [(case.key, link.key) for case, link in zip(cases, links, strict=True) if link.key]
    right = sum(meant == found for meant, found in made)
    known = sum(bool(case.key) for case in cases)
    return {"precision": right / len(made), "recall": right / known, "queued": len(links) - len(made), "cpu_s": spent}


def main() -> int:
    """Measure, write, compare."""
    figures = {str(seed): measure(seed) for seed in SEEDS}
    out = Path("build/bench")
    out.mkdir(parents=True, exist_ok=True)
    (out / "bench_linking.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    for seed, figure in figures.items():
        print(seed, {name: round(value, 4) for name, value in figure.items()})
    kept = all(
        figure["precision"] >= PRECISION and figure["recall"] >= RECALL and figure["cpu_s"] <= CPU_SECONDS
        for figure in figures.values()
    )
    print("kept" if kept else "missed", f"precision >= {PRECISION}, recall >= {RECALL}, <= {CPU_SECONDS} CPU-s")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
