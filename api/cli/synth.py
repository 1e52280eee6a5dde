"""`synth`: a made-up city, delivered as offices deliver."""

from __future__ import annotations

from pathlib import Path

from api.cli.say import note


def run_synth(out: Path, seed: int, scale: float, years: int, formats: list[str]) -> None:
    """Make the city and say what it holds."""
    from scoring.synthetic.city import synthesize

    summary = synthesize(out, seed, scale, years, tuple(formats))
    rows = ", ".join(f"{table} {count}" for table, count in sorted(summary.rows.items()))
    note(f"{summary.files} files in {out}: {rows}")
