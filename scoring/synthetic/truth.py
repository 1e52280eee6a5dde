"""The planted truth, for those who test a rating against it: never delivered, never read by an evaluation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import pyarrow as pa

from scoring.synthetic.block import Block, YearOfCity
from scoring.synthetic.cells import same, words
from scoring.synthetic.firms import Plight, Standing
from scoring.synthetic.service import inspectors, severities

TICKETS: Final = "truth.tickets"


def firm_truth(now: YearOfCity) -> pa.Table:
    """Quality, party building, standing and plight of every firm of the year."""
    city, conduct = now.city, now.conduct
    return pa.table(
        {
            "year": pa.array(np.full(len(city.firms), now.year.number)),
            "credit_code": city.credit_codes,
            "quality": pa.array(conduct.quality),
            "party": pa.array(conduct.party),
            "standing": words([one.name.lower() for one in Standing], city.firms.standing),
            "plight": words([one.name.lower() for one in Plight], conduct.plight),
        }
    )


def block_truth(block: Block) -> Iterator[tuple[str, pa.Table]]:
    """Quality per project, severity per inspector; tickets come with the complaints."""
    year = pa.array(np.full(len(block.home), block.year.number))
    yield (
        "projects",
        pa.table(
            {
                "year": year,
                "project_id": block.project_id,
                "quality": pa.array(block.quality),
                "party": pa.array(block.party),
            }
        ),
    )
    severity = severities(block)
    which = np.arange(len(severity))
    unit = same(block.unit.code, len(which))
    yield (
        "inspectors",
        pa.table({"division_code": unit, "inspector": inspectors(block, which), "severity": pa.array(severity)}),
    )
