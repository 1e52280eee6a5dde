"""What bureaus and streets find at a project in a year: declarations, disclosures, staff, inspections, surveys."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa

from scoring.synthetic.block import Block
from scoring.synthetic.cells import (
    Floats,
    Ints,
    Rows,
    between,
    chance,
    counted,
    days,
    digits,
    flags,
    identifiers,
    likely,
    numbers,
    pick,
    same,
    words,
)
from scoring.synthetic.names import MARK

ITEMS: Final = {
    "security": 15,
    "cleaning": 15,
    "greening": 10,
    "equipment": 20,
    "fire_safety": 15,
    "service": 10,
    "records": 5,
    "party_building": 10,
}
POSTS: Final = ("project_manager", "special_equipment", "fire_control", "security", "cleaning", "maintenance")
SEVERITY: Final = 2.5  # standard deviation of inspectors' severity, in points
_COMPOUNDS_PER_INSPECTOR: Final = 50
_ORDERED: Final = 0.3  # findings that a written order follows


def declarations(block: Block) -> dict[str, Rows]:
    """One declaration per project, made in the spring after the year."""
    count = len(block.home)
    after = block.year.before(-1)
    asked = between(block.of("asked"), 18, 24, count)
    complete = block.of("complete").binomial(asked, likely(2.5 + 1.0 * block.quality))
    declared = between(block.of("declared"), after.day(2, 10), after.day(3, 31), count)
    rows = {
        "project_id": block.project_id,
        "evaluation_year": numbers(np.full(count, block.year.number)),
        "declared_on": days(declared, ~block.applied),
        "applied": flags(block.applied),
        "items_required": numbers(asked),
        "items_complete": numbers(complete),
        "confirmed_on": days(declared + between(block.of("confirmed"), 5, 25, count), ~block.applied),
    }
    return {"declarations": rows}


def disclosures(block: Block) -> dict[str, Rows]:
    """Fees and public revenue, put up once or twice a year by most."""
    made = []
    for kind, odds in (("fees", 3.2), ("public_revenue", 1.6)):
        willing = chance(block.of(kind, "willing"), likely(odds + 1.1 * block.quality), len(block.home))
        twice = chance(block.of(kind, "twice"), 0.45, len(block.home))
        made.append(np.where(willing & (block.span > 30), 1 + twice, 0))
    which, count = np.repeat([0, 1], [made[0].sum(), made[1].sum()]), int(made[0].sum() + made[1].sum())
    project = np.concatenate([counted(made[0])[0], counted(made[1])[0]])
    day = between(block.of("day"), block.first[project], block.last[project], count)
    rows = {
        "disclosure_id": block.ids("G", np.arange(1, count + 1)),
        "compound_id": _compound(block, project),
        "kind": words(("fees", "public_revenue"), which),
        "disclosed_on": days(day),
        "medium": words(("board", "online", "both"), pick(block.of("medium"), (5, 2, 3), count)),
        "complete": flags(chance(block.of("complete"), likely(2.7 + 0.9 * block.quality[project]), count)),
        "confirmed_on": days(day + between(block.of("confirmed"), 1, 30, count)),
    }
    return {"disclosures": rows}


def staff(block: Block) -> dict[str, Rows]:
    """Headcounts per post, at the end of the year or of the service."""
    project, post = counted(np.where(block.span > 25, len(POSTS), 0))
    area, old = block.area[project], block.compounds.old[block.home[project]]
    per_post = np.array([1e9, 70_000, 60_000, 5_500, 8_000, 30_000])[post]
    mean = area / per_post * np.where(old & (post == 1), 0.0, 1.0)
    heads = np.where(post == 0, 1, block.of("heads").poisson(mean) + ((area > 20_000) & (mean > 0)))
    share = likely(2.0 + np.array([1.5, 0.2, 0.2, -1.0, -3.0, -0.5])[post] + 0.9 * block.quality[project])
    rows = {
        "compound_id": _compound(block, project),
        "recorded_on": days(block.last[project]),
        "post": words(POSTS, post),
        "headcount": numbers(heads),
        "certified": numbers(block.of("certified").binomial(heads, share)),
    }
    return {"staff": rows}


def inspections(block: Block) -> dict[str, Rows]:
    """Visits with their items, and what they found; an inspector's severity shifts every visit of theirs."""
    wanted = pick(block.of("visits"), (0.03, 0.27, 0.45, 0.25), len(block.home))
    visits = np.where(block.span < 45, 0, np.where(block.span < 150, np.minimum(wanted, 1), wanted))
    visits[:1] = np.maximum(visits[:1], 1)  # no office sends none at all
    project, _ = counted(visits)
    count = len(project)
    day = between(block.of("day"), block.first[project], block.last[project], count)
    inspector = block.of("inspector").integers(len(severities(block)), size=count)
    kind = pick(block.of("kind"), (0.55, 0.25, 0.15, 0.05), count)
    points = _item_points(block, block.quality[project], severities(block)[inspector])
    number = np.arange(1, count + 1)
    rows = {
        "inspection_id": block.ids("J", number),
        "compound_id": _compound(block, project),
        "inspected_on": days(day),
        "inspector": inspectors(block, inspector),
        "kind": words(("routine", "unannounced", "special", "recheck"), kind),
        "total": numbers(points.sum(axis=1)),
        "weight": numbers(np.where(kind == 1, 2, 1)),
        "confirmed_on": days(day + between(block.of("confirmed"), 1, 20, count)),
    }
    if not count:
        return {}
    return {"inspections": rows, **_items(block, number, points), **_findings(block, project, number, day)}


def severities(block: Block) -> Floats:
    """Points that each inspector of the block takes off (or gives) beyond what is due; planted."""
    count = max(2, len(block.compound_id) // _COMPOUNDS_PER_INSPECTOR)
    return block.lasting.of("severity").normal(scale=SEVERITY, size=count)


def inspectors(block: Block, which: Ints) -> pa.Array:
    """Code names: never a person's."""
    unit = [one.code for one in block.places.units].index(block.unit.code) + 1
    place = np.full(len(which), unit)
    return identifiers(
        "K", digits(place, 2), digits(np.full(len(which), block.number), 3), digits(which + 1, 3), count=len(which)
    )


def _item_points(block: Block, quality: Floats, severity: Floats) -> Ints:
    """Points per visit and item in hundredths, in steps of half a point, shape (visits, items)."""
    full = np.array(list(ITEMS.values()))
    mean = 83.0 + 5.6 * quality - severity + block.of("visit").normal(scale=2.2, size=len(quality))
    share = mean[:, None] / 100 + block.of("item").normal(scale=0.07, size=(len(quality), len(full)))
    return np.asarray(np.round(np.clip(share, 0.05, 1) * full * 2) * 50, np.int64)


def _items(block: Block, number: Ints, points: Ints) -> dict[str, Rows]:
    count, width = points.shape
    rows = {
        "inspection_id": block.ids("J", np.repeat(number, width)),
        "item": words(tuple(ITEMS), np.tile(np.arange(width), count)),
        "full_points": numbers(np.tile(np.array(list(ITEMS.values())) * 100, count)),
        "points": numbers(points.ravel()),
    }
    return {"inspection_items": rows}


def _findings(block: Block, project: Ints, inspection: Ints, day: Ints) -> dict[str, Rows]:
    """About six per project and year, four fifths of them put right."""
    visit, _ = counted(block.of("findings").poisson(3.3 * np.exp(-0.3 * block.quality[project])))
    count, quality = len(visit), block.quality[project[visit]]
    kind = pick(block.of("finding kind"), (0.34, 0.46, 0.12, 0.08), count)
    due = day[visit] + np.array([7, 10, 15, 30, 60])[block.of("allowed").integers(5, size=count)]
    on_time = chance(block.of("on time"), likely(1.6 + 0.95 * quality), count)
    never = ~on_time & chance(block.of("never"), likely(0.55 - 0.5 * quality), count)
    late = due + 1 + block.of("late").exponential(32, count).astype(np.int64)
    done = np.where(on_time, between(block.of("done"), day[visit] + 1, due, count), late)
    ordered = chance(block.of("ordered"), _ORDERED, count)
    rows = {
        "finding_id": block.ids("W", np.arange(1, count + 1)),
        "inspection_id": block.ids("J", inspection[visit]),
        "compound_id": _compound(block, project[visit]),
        "found_on": days(day[visit]),
        "kind": words(("hazard", "defect", "disclosure", "other"), kind),
        "order_number": identifiers("ZG", digits(np.arange(1, count + 1), 7), count=count, missing=~ordered),
        "due_on": days(due),
        "rectified_on": days(done, never),
    }
    return {"findings": rows}


def surveys(block: Block) -> dict[str, Rows]:
    """Surveys of owners in the autumn; some too small to count, some none at all."""
    asked = chance(block.of("asked"), 0.9, len(block.home)) & (block.span > 90)
    project = np.flatnonzero(asked)
    count = len(project)
    households = block.compounds.households[block.home[project]]
    answers = np.round(households * block.of("return").uniform(0.055, 0.34, count)).astype(np.int64) + 4
    spread = block.of("spread").uniform(14, 22, count)
    score = 79.0 + 5.4 * block.quality[project] + block.of("taste").normal(scale=1.8, size=count)
    score += block.of("sample").normal(size=count) * spread / np.sqrt(answers)
    day = np.maximum(
        between(block.of("day"), block.year.day(9, 1), block.year.day(12, 10), count), block.first[project] + 30
    )
    day = np.minimum(day, block.last[project])
    rows = {
        "survey_id": block.ids("M", np.arange(1, count + 1)),
        "compound_id": _compound(block, project),
        "surveyed_on": days(day),
        "surveyor": same(f"第三方调查机构({MARK})", count),
        "responses": numbers(answers),
        "households_covered": numbers(
            np.minimum(np.round(answers * block.of("homes").uniform(0.8, 1, count)).astype(np.int64), households)
        ),
        "score": numbers(np.round(np.clip(score, 20, 99.5) * 100)),
        "margin": numbers(np.round(np.minimum(1.96 * spread / np.sqrt(answers), 99) * 100)),
        "confirmed_on": days(day + between(block.of("confirmed"), 5, 25, count)),
    }
    return {"surveys": rows}


def _compound(block: Block, project: Ints) -> pa.Array:
    return block.compound_id.take(pa.array(block.home[project]))
