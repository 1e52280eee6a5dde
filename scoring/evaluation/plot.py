"""A unit's sheet as a picture: one bar per line, what it gave and what it could have given.

matplotlib is an extra (`notebooks`), so it is imported when a picture is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from scoring.card.artefact import Card
from scoring.card.reasons import full_points
from scoring.card.sentences import Statement, points_text
from scoring.rulebook.shape import Title
from scoring.rulebook.wording.words import Language

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FONTS = ("Noto Sans CJK SC", "Noto Sans CJK JP", "WenQuanYi Zen Hei", "SimHei")
_UNTITLED = {"card.start": Title("基础分", "Start"), "card.rescaled": Title("缺项折算", "Rescaled for missing lines")}
GIVEN, LOST, TAKEN = "#1f6f8b", "#d8dee4", "#b5482f"


def plot_sheet(
    card: Card, statements: Sequence[Statement], language: Language = "zh", axes: Axes | None = None
) -> Axes:
    """Bars from top to bottom in the card's order: points given, the rest up to full points, deductions in red.

    Args:
        card: The unit's card.
        statements: What the card said, as `Explainer.statements` gives it.
        language: Of the titles; Chinese needs a font with its glyphs.
        axes: Where to draw; a new picture when not given.
    """
    import matplotlib.pyplot as plt

    full = {line.id: full_points(line) for line in card.lines()}
    bars = [one for one in statements if one.points or full.get(one.line, 0)]
    if axes is None:
        _, axes = plt.subplots(figsize=(8, 0.32 * len(bars) + 1.2), layout="constrained")
    unit = float(card.unit)
    for place, one in enumerate(bars):
        rest = max(full.get(one.line, 0) - max(one.points, 0), 0)
        axes.barh(place, one.points * unit, color=GIVEN if one.points >= 0 else TAKEN)
        axes.barh(place, rest * unit, left=max(one.points, 0) * unit, color=LOST)
        axes.annotate(
            points_text(one.points, card.unit), (max(one.points, 0) * unit + rest * unit, place), (4, 0),
            textcoords="offset points", va="center", fontsize=8,
        )  # fmt: skip
    labels = [_label(one, language) for one in bars]
    axes.set_yticks(range(len(bars)), labels, fontsize=8, **_font())
    axes.invert_yaxis()
    axes.margins(x=0.12)
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_title(f"{card.title.text(language) or card.id}: {_total(card, statements)}", loc="left", **_font())
    return axes


def _label(one: Statement, language: Language) -> str:
    title = one.rule.get("title") or one.arguments.get("title") or _UNTITLED.get(one.code, "")
    text = title.text(language) if isinstance(title, Title) else title
    return f"{one.line} {text}".strip()


def _total(card: Card, statements: Sequence[Statement]) -> str:
    return points_text(sum(one.points for one in statements), card.unit)


def _font() -> dict[str, Any]:
    """A font with Chinese glyphs where there is one; text falls back to matplotlib's own otherwise."""
    from matplotlib import font_manager

    known = {font.name for font in font_manager.fontManager.ttflist}
    found = [name for name in FONTS if name in known]
    return {"fontfamily": [*found, "DejaVu Sans"]}
