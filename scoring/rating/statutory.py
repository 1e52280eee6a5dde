"""A frozen card as a scikit-learn estimator: fit checks, transform gives lines, predict gives levels.

It stands in `rating`, not in `card`, because a level takes rows and steps. Nothing is learned: `fit` only looks whether
the columns are the card's. Without a card every column is a line worth its own value, to the hundredth.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import _check_feature_names_in, check_is_fitted, validate_data

from data_contracts.expressions.terms import Column, Type
from scoring.card.artefact import Card, Input
from scoring.card.frames import framed
from scoring.card.inputs import InputError
from scoring.exact import Ints, PointsOverflowError, fraction_to_units
from scoring.rating.batch import Batch, rate_frame
from scoring.rulebook.shape import CardRules, Citation, Expression, Line, Title

HUNDREDTH = Fraction(1, 100)


class StatutoryScorecard(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no annotations
    """Points and levels of a statutory card.

    Args:
        card: The card; None for the plain sum of all columns.

    Attributes:
        card_: The card in use.
        n_features_in_: Number of columns.
        feature_names_in_: Their names, where the data had names.
    """

    def __init__(self, card: Card | None = None) -> None:
        self.card = card

    def fit(self, X: Any, y: Any = None) -> Self:  # noqa: N803, ARG002 - scikit-learn's names
        """Check that *X* is what the card reads.

        Args:
            X: With a card: a DataFrame of its inputs in their order, see `scoring.card.frames`. Without one: numbers,
                (rows × columns).
            y: Not used.

        Raises:
            InputError: No card, or columns or values that the card cannot read.
        """
        if self.card is None:
            values = validate_data(self, X, dtype="numeric")
            self.card_ = _sum_of([f"x{place}" for place in range(values.shape[1])])
            _as_frame(self.card_, values)
            return self
        if not isinstance(self.card, Card):
            raise InputError(f"found {type(self.card).__name__} for a card, allowed: Card; see Card.from_rules")
        rate_frame(self.card, framed(X))
        self.card_ = self.card
        self.feature_names_in_ = np.array([str(name) for name in X.columns], object)
        self.n_features_in_ = len(self.feature_names_in_)
        return self

    def rate(self, X: Any) -> Batch:  # noqa: N803 - scikit-learn's name
        """Lines, points, levels, statuses and steps of every row."""
        check_is_fitted(self, "card_")
        if self.card is None:
            return rate_frame(self.card_, _as_frame(self.card_, validate_data(self, X, dtype="numeric", reset=False)))
        frame = framed(X)
        if [str(name) for name in frame.columns] != list(self.feature_names_in_):
            found, allowed = ", ".join(map(str, frame.columns)), ", ".join(self.feature_names_in_)
            raise InputError(f"found columns {found}, allowed: those of fit, in their order: {allowed}")
        return rate_frame(self.card_, frame)

    def transform(self, X: Any) -> npt.NDArray[np.int64]:  # noqa: N803 - scikit-learn's name
        """Points of every line in units, (rows × lines); a row adds up to its points."""
        return self.rate(X).matrix()

    def decision_function(self, X: Any) -> Ints:  # noqa: N803 - scikit-learn's name
        """Points in whole units, (rows,)."""
        return self.rate(X).points

    def predict(self, X: Any) -> npt.NDArray[Any]:  # noqa: N803 - scikit-learn's name
        """Level of every row, None where it has none; the points where the card has no levels."""
        batch = self.rate(X)
        return batch.points if self.card_.levels is None else batch.level

    def get_feature_names_out(self, input_features: Any = None) -> npt.NDArray[Any]:
        """Ids of the lines, also those that follow from bounds; without a card the names of the columns."""
        check_is_fitted(self, "card_")
        names = _check_feature_names_in(self, input_features)
        return names if self.card is None else np.array(self.card_.line_ids(), object)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = []
        return tags


def _sum_of(names: list[str]) -> Card:
    """The card in which every column is a line worth its own value."""
    kind = Type("number", 2)
    lines = tuple(Line(name, Title(), Citation(), points=Expression(name, Column(kind, (name,)), 0)) for name in names)
    inputs = tuple(Input(name, kind) for name in names)
    return Card("sum", Title("合计", "Sum"), HUNDREDTH, inputs, CardRules(0, None, None, lines))


def _as_frame(card: Card, values: npt.NDArray[Any]) -> Any:
    """Numbers as exact hundredths, halves away from zero."""
    import pandas as pd

    columns: dict[str, Any] = {}
    for place, one in enumerate(card.inputs):
        try:
            units = [fraction_to_units(Fraction(value), HUNDREDTH) for value in values[:, place].tolist()]
        except PointsOverflowError as error:
            raise InputError(f"column {place}: {error}") from None
        columns[one.name], columns[f"{one.name}__den"] = np.array(units, np.int64), 100
    return pd.DataFrame(columns)
