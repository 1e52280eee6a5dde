"""How a rating follows from accepted records: a pure library without server, network, clock or web.

>>> import scoring
>>> card = scoring.Card.from_rules(scoring.load_rulebook("lianyungang/2018"), "firm")
>>> card.id.endswith("/firm")
True

Names are looked up when they are first used, so that serving one published rating loads neither pandas nor
scikit-learn. `docs/reference/library.md` shows each of them at work.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from scoring.card.artefact import Card, CardFormatError
    from scoring.card.export import ExportError
    from scoring.card.export.markdown import to_markdown
    from scoring.card.export.pmml import to_pmml
    from scoring.card.export.sql import to_sql
    from scoring.card.export.xlsx import to_xlsx
    from scoring.card.frames import select
    from scoring.card.inputs import InputError
    from scoring.card.one import Outcome, RankStepError
    from scoring.card.reasons import Reason, reasons
    from scoring.card.sentences import Explainer, Statement
    from scoring.evaluation.plot import plot_sheet
    from scoring.evaluation.reopen import open_result
    from scoring.evaluation.run import evaluate
    from scoring.evaluation.told import tell
    from scoring.evaluation.whatif import RecordChange, cheapest_lift, evaluate_edited, evaluate_with, moves
    from scoring.rating.batch import rate_frame
    from scoring.rating.statutory import StatutoryScorecard
    from scoring.rulebook.shape import Rulebook

__all__ = [
    "Card", "CardFormatError", "Explainer", "ExportError", "InputError", "Outcome", "RankStepError", "Reason",
    "RecordChange", "Rulebook", "Statement", "StatutoryScorecard", "cheapest_lift", "evaluate", "evaluate_edited",
    "evaluate_with", "load_rulebook", "moves", "open_result", "plot_sheet", "rate_frame", "reasons", "select", "tell",
    "to_markdown", "to_pmml", "to_sql", "to_xlsx",
]  # fmt: skip

_ROOMS = {
    "scoring.card.artefact": ("Card", "CardFormatError"),
    "scoring.card.export": ("ExportError",),
    "scoring.card.export.markdown": ("to_markdown",),
    "scoring.card.export.pmml": ("to_pmml",),
    "scoring.card.export.sql": ("to_sql",),
    "scoring.card.export.xlsx": ("to_xlsx",),
    "scoring.card.frames": ("select",),
    "scoring.card.inputs": ("InputError",),
    "scoring.card.one": ("Outcome", "RankStepError"),
    "scoring.card.reasons": ("Reason", "reasons"),
    "scoring.card.sentences": ("Explainer", "Statement"),
    "scoring.evaluation.plot": ("plot_sheet",),
    "scoring.evaluation.reopen": ("open_result",),
    "scoring.evaluation.run": ("evaluate",),
    "scoring.evaluation.told": ("tell",),
    "scoring.evaluation.whatif": ("RecordChange", "cheapest_lift", "evaluate_edited", "evaluate_with", "moves"),
    "scoring.rating.batch": ("rate_frame",),
    "scoring.rating.statutory": ("StatutoryScorecard",),
    "scoring.rulebook.shape": ("Rulebook",),
}
_HOMES = {name: room for room, names in _ROOMS.items() for name in names}


def load_rulebook(name: str | Path, as_of: date | None = None) -> Rulebook:
    """A shipped rulebook by name, or the one in a folder, read and checked.

    Args:
        name: `kunming/2024` or a folder with rulebook.yaml.
        as_of: Day the rating speaks of; the last day of the period when not given.

    Raises:
        UnknownRulebookError: No such rulebook.
        DocumentError: Every problem of the folder, by file and line.
    """
    from scoring.rulebook.load import load_rulebook as load
    from scoring.rulebook.shelf import find_rulebook

    return load(find_rulebook(str(name)), as_of)


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
