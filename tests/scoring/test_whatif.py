from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pyarrow.compute as pc
import pytest

from api.cli.evaluate import run_evaluate
from data_contracts.document import DocumentError
from scoring.evaluation import Evaluation, evaluate
from scoring.evaluation.reopen import OpenedResult, open_result
from scoring.evaluation.whatif import RecordChange, evaluate_edited, evaluate_with, moves
from scoring.evaluation.whatif.records import RecordChangeError
from scoring.evaluation.whatif.rules import EditError

SAMPLE = Path(__file__).parents[2] / "scoring/rulebook/books/toronto/rentsafeto-2023/sample"


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> OpenedResult:
    """Toronto's sample, rated."""
    out = tmp_path_factory.mktemp("whatif") / "out"
    run_evaluate("toronto/rentsafeto-2023", SAMPLE, out, None, [], with_records=False)
    return open_result(out)


@pytest.fixture(scope="module")
def before(result: OpenedResult) -> Evaluation:
    """The run as it was."""
    return evaluate(result.rulebook, result.tables())


def test_the_same_run_again_moves_nobody(result, before):
    """What is shown as an effect must come from the change alone."""
    assert moves(before, evaluate(result.rulebook, result.tables())) == []


def test_a_removed_record_moves_its_building_and_its_company(result, before):
    """An objection that succeeds reaches the firm above; officers see all of it first."""
    grade = result.table("grades").filter(pc.equal(result.table("grades")["grade"], 0)).to_pylist()[0]

    after = evaluate_with(result.rulebook, result.tables(), RecordChange("remove", "grades", grade["record_id"]))

    found = moves(before, after)
    buildings = [one for one in found if one.unit == "building" and "proactive" in one.lines]
    (building,) = buildings
    assert building.key == grade["evaluation"]
    old, new = building.lines["proactive"]
    assert int(new) > int(old)


def test_a_corrected_record_is_read_with_the_contracts_types(result, before):
    """A grade of 0 that should have been 3 gives back what it cost."""
    grade = result.table("grades").filter(pc.equal(result.table("grades")["grade"], 0)).to_pylist()[0]
    change = RecordChange("correct", "grades", grade["record_id"], {"grade": 3})

    found = moves(before, evaluate_with(result.rulebook, result.tables(), change))

    assert [one.key for one in found if "proactive" in one.lines] == [grade["evaluation"]]


def test_an_added_record_reaches_units_it_pushes_over_a_rank(result, before):
    """The share of audited buildings is counted again: a new building can change who is among the lowest."""
    some = result.table("evaluations").to_pylist()[0]
    kinds = {column.name: column for column in result.rulebook.contracts["evaluations"].columns}
    values = {name: some[name] for name in kinds if some[name] is not None and kinds[name].type.kind != "day"}
    values |= {name: date(2024, 1, 2) for name, column in kinds.items() if column.type.kind == "day"}
    scaled = {
        name: Fraction(value, 10 ** (kinds[name].type.scale or 0))
        for name, value in values.items()
        if kinds[name].type.kind == "number"
    }
    change = RecordChange("add", "evaluations", "new", {**values, **scaled})

    found = moves(before, evaluate_with(result.rulebook, result.tables(), change))

    assert [one.key for one in found if one.before is None] == [f"{some['rsn']}/2024-01-02"]


@pytest.mark.parametrize(
    "change, message",
    [
        (RecordChange("remove", "grade", "x"), "found table 'grade', allowed: .*did you mean 'grades'"),
        (RecordChange("remove", "grades", "x"), "found record 'x' 0 times"),
        (
            RecordChange("correct", "grades", "", {"grades": 1}),
            "found column 'grades', allowed: .*did you mean 'grade'",
        ),
        (RecordChange("correct", "grades", "", {"grade": 1.5}), "found float '1.5'"),
        (RecordChange("correct", "grades", "", {"item": None}), "grades.item: found no value, allowed: a value"),
        (RecordChange("correct", "grades", "", {"item": " "}), "grades.item: found str ' ', allowed: "),
        (RecordChange("correct", "grades", "", {"item": "x "}), "grades.item: found str 'x ', allowed: 'x'"),
        (RecordChange("correct", "grades", "", {"item": "a\x00"}), "grades.item: found .* control character"),
        (RecordChange("correct", "grades", "", {"grade": Decimal("NaN")}), "grades.grade: found Decimal 'NaN'"),
        (RecordChange("correct", "grades", "", {"grade": Decimal("Infinity")}), "grades.grade: found Decimal 'Inf"),
        (RecordChange("correct", "grades", "", {"grade": Decimal("1E+999999999")}), "grades.grade: found Decimal"),
        (RecordChange("correct", "grades", "", {"grade": 2**63}), "grades.grade: found int"),
        (RecordChange("correct", "grades", "", {"grade": 10**5000}), "grades.grade: found int of more digits"),
        (RecordChange("delete", "grades", ""), "found 'delete' of str .*, allowed: remove, correct, add"),  # type: ignore[arg-type]  # what is refused
        (RecordChange("add", "grades", "new", {"grade": 1}), "found no evaluation, item, allowed: a whole record"),
        (RecordChange("correct", "grades", "", {"grade": 9}), "grades: grade: found 9, "),
        (RecordChange("correct", "grades", "", {"evaluation": "x"}), "grades: evaluation: found x, no such record"),
    ],
)
def test_a_change_no_record_could_have_is_refused(result, change: RecordChange, message: str):
    """A what-if on impossible data is an answer to nothing."""
    first = result.table("grades")["record_id"][0].as_py()
    asked = RecordChange(change.kind, change.table, change.record or first, change.values)

    with pytest.raises(RecordChangeError, match=message):
        evaluate_with(result.rulebook, result.tables(), asked)


def test_another_number_in_the_rules_names_who_moves(result, before):
    """Ten percent audited instead of 2.5: the bureau sees the load before it decides."""
    edits = {"units.building.levels.steps.AUDIT.worst": "10 %"}

    after = evaluate_edited(result.folder / "rulebook", edits, result.tables(), result.rulebook)

    found = moves(before, after)
    assert Counter((one.before[1], one.after[1]) for one in found if one.before and one.after) == {
        ("pass", "audit"): len(found)
    }
    assert all(list(one.lines) == ["AUDIT"] and one.changes_level for one in found)
    assert len(found) > 0


@pytest.mark.parametrize(
    "place, message",
    [
        ("units.building.level", "units.building: found no 'level', allowed: .*did you mean 'levels'"),
        ("units.building.levels.steps.AUDITS.worst", "found no 'AUDITS'"),
        ("units.building.levels", "found several values"),
    ],
)
def test_a_place_the_rulebook_does_not_have_is_named(result, place: str, message: str):
    """Editing the wrong line would answer another question."""
    with pytest.raises(EditError, match=message):
        evaluate_edited(result.folder / "rulebook", {place: "1"}, result.tables(), result.rulebook)


def test_a_number_is_edited_as_the_text_that_stands_there(result):
    """2.5 as a float is another number than 2.5 as it is written."""
    place = "units.building.levels.steps.AUDIT.worst"

    with pytest.raises(EditError, match=f"{place}: found float 2.5, allowed: the text that stands there"):
        evaluate_edited(str(result.folder / "rulebook"), {place: 2.5}, result.tables(), result.rulebook)  # type: ignore[dict-item]  # refused


def test_an_edit_that_breaks_the_rulebook_is_refused_like_any_mistake(result):
    """The copy is read with every check."""
    with pytest.raises(DocumentError, match="found 'many', allowed: a whole number of units or a percentage"):
        evaluate_edited(
            result.folder / "rulebook",
            {"units.building.levels.steps.AUDIT.worst": "many"},
            result.tables(),
            result.rulebook,
        )
