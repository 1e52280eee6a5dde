"""Reading and checking kunming/2024, as an editor does after every change: at most 0.5 CPU-s, 1.5 with imports."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path

LIMITS = {"load_cpu_s": 0.5, "with_imports_cpu_s": 1.5}
TRIES = 3
PROGRAM = """
import time
from scoring.rulebook import find_rulebook, load_rulebook
import pandas, pyarrow
pyarrow.array(["the first array imports pandas"])
start = time.process_time()
load_rulebook(find_rulebook("kunming/2024"))
print(time.process_time() - start)
"""


def measured() -> dict[str, float]:
    """CPU seconds of the reading alone, and of a whole process that does nothing else; the best of three."""
    best = dict.fromkeys(LIMITS, float("inf"))
    for _ in range(TRIES):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run([sys.executable, "-c", PROGRAM], check=True, capture_output=True, text=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        whole = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        best["load_cpu_s"] = min(best["load_cpu_s"], float(done.stdout))
        best["with_imports_cpu_s"] = min(best["with_imports_cpu_s"], whole)
    return best


def main() -> int:
    """Measure, print, write build/bench/bench_rulebook.json; 1 when a limit is broken."""
    figures = measured()
    for name, limit in LIMITS.items():
        print(f"{name}: {figures[name]:.2f} of {limit} allowed (ratio {figures[name] / limit:.2f})")
    path = Path("build/bench/bench_rulebook.json")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"measured": figures, "limits": LIMITS}, indent=2) + "\n", encoding="utf-8")
    return int(any(figures[name] > limit for name, limit in LIMITS.items()))


if __name__ == "__main__":
    sys.exit(main())
