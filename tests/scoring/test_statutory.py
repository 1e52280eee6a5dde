from __future__ import annotations

import pickle  # noqa: TID251 - joblib's workers receive estimators this way

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.estimator_checks import parametrize_with_checks

from scoring.card.artefact import Card
from scoring.card.frames import select
from scoring.card.inputs import InputError
from scoring.rating.statutory import StatutoryScorecard
from scoring.rulebook import find_rulebook, load_rulebook


@pytest.fixture(scope="module")
def card() -> Card:
    """Kunming's project: sections with bounds, skipped lines, two levels."""
    return Card.from_rules(load_rulebook(find_rulebook("kunming/2024")), "project")


@pytest.fixture
def frame(card: Card) -> pd.DataFrame:
    """Three projects: good, without inspection, outside the round."""
    whole = {one.name: [1, 1, 1] for one in card.inputs if one.type.kind == "number"}
    odd = {
        "filed": [True, False, True],
        "residential": [True, True, False],
        "visits": pd.array([96, None, 90], "Int64"),
    }
    bare = {"fee_notices": [1, 0, 1], "revenue_notices": [1, 0, 1], "revenue_fines": 0, "hazards_met": [1, 0, 1]}
    picked: pd.DataFrame = select(card, pd.DataFrame({**whole, **odd, **bare}))
    return picked


@parametrize_with_checks([StatutoryScorecard()])
def test_it_keeps_every_promise_of_a_scikit_learn_estimator(estimator, check):
    """It goes into other people's pipelines: no check is expected to fail."""
    check(estimator)


def test_lines_add_up_to_the_points_of_the_row(card, frame):
    """What is printed on a sheet is what is compared with a level's edge."""
    scorecard = StatutoryScorecard(card).fit(frame)

    assert scorecard.transform(frame).sum(axis=1).tolist() == scorecard.decision_function(frame).tolist()


def test_levels_are_predicted_and_a_unit_outside_the_round_has_none(card, frame):
    """A status stands instead of a level; it must not be read as the worst one."""
    scorecard = StatutoryScorecard(card).fit(frame)

    assert scorecard.predict(frame).tolist() == ["sound", "poor", None]
    assert scorecard.rate(frame).status.tolist() == [None, None, "NOT_RATED"]


def test_lines_carry_their_ids_as_column_names(card, frame):
    """A column without a name cannot be explained."""
    scorecard = StatutoryScorecard(card).set_output(transform="pandas").fit(frame)

    lines = scorecard.transform(frame)

    assert list(lines.columns) == list(scorecard.get_feature_names_out())
    assert list(lines.columns[:5]) == ["BAS-01", "BAS-02", "BAS-03", "BAS-04", "BAS:within"]
    assert lines["card:rescaled"].ne(0).tolist() == [False, True, False]


def test_it_works_inside_a_pipeline(card, frame):
    """A bureau's own preparation of columns can stand before it."""
    wide = frame.assign(note="x")
    picked = FunctionTransformer(lambda table: select(card, table))

    levels = make_pipeline(picked, StatutoryScorecard(card)).fit(wide).predict(wide)

    assert levels.tolist() == ["sound", "poor", None]


def test_its_lines_stand_beside_other_columns(card, frame):
    """Validation compares the statutory lines with other predictors in one table."""
    columns = list(frame.columns)
    both = ColumnTransformer([("card", StatutoryScorecard(card), columns), ("days", "passthrough", ["days"])])

    table = both.set_output(transform="pandas").fit_transform(frame)

    assert table["card__BAS-02"].tolist() == [500, 0, 500]
    assert table["days__days"].tolist() == [1, 1, 1]


def test_clones_and_copies_say_the_same(card, frame):
    """Cross-validation clones, joblib pickles: the card travels as its sealed file."""
    scorecard = StatutoryScorecard(card).fit(frame)

    copies = [clone(scorecard).fit(frame), pickle.loads(pickle.dumps(scorecard))]  # noqa: S301 - our own bytes

    assert [copy.predict(frame).tolist() for copy in copies] == [["sound", "poor", None]] * 2
    assert [copy.card_ for copy in copies] == [card, card]


@pytest.mark.parametrize(
    "change, message",
    [
        (lambda frame: frame[frame.columns[::-1]], "found columns"),
        (lambda frame: frame.assign(extra=1), "found columns"),
        (lambda frame: frame.to_numpy(object), "found ndarray, allowed: a DataFrame"),
        (lambda frame: frame.assign(days=1.5), "days: found .*float64"),
        (lambda frame: frame.assign(days=np.inf), "days: found .*float64"),
        (lambda frame: frame.assign(residential="yes"), "residential: found"),
    ],
)
def test_other_columns_than_the_cards_are_refused(card, frame, change, message: str):
    """A frame that only has the right width must not be rated."""
    with pytest.raises(InputError, match=message):
        StatutoryScorecard(card).fit(change(frame))
    with pytest.raises(InputError, match=message):
        StatutoryScorecard(card).fit(frame).predict(change(frame))


def test_without_a_card_every_column_is_worth_its_own_value():
    """Halves go away from zero, also where a float only looks like a half."""
    table = np.array([[0.125, -0.125], [2.675, 1.0]])

    lines = StatutoryScorecard().fit(table).transform(table)

    assert lines.tolist() == [[13, -13], [267, 100]]
