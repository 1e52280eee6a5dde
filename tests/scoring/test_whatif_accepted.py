"""What intake would make of a change: the synthetic city, taken in, and one record of it otherwise."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from data_contracts.intake import take_in
from data_contracts.mapping.load import load_mappings
from scoring.evaluation.whatif import RecordChange
from scoring.evaluation.whatif.records import RecordChangeError, tables_with
from scoring.rulebook import find_rulebook, load_rulebook
from scoring.synthetic import synthesize

BOOK = find_rulebook("kunming/2024")
RULES = load_rulebook(BOOK)
City = dict[str, pa.Table]


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    """Accepted records of a quarter of the synthetic Kunming."""
    made = synthesize(tmp_path_factory.mktemp("city"), seed=1, scale=0.25, formats=("parquet",), jobs=1)
    delivered = made.delivered[RULES.period_to.year][0]
    intake = take_in(delivered, RULES.contracts, load_mappings([BOOK / "mappings"], RULES.contracts))
    return dict(intake.tables)


def changed(city: City, kind: Any, table: str, record: str, values: dict[str, Any] | None = None) -> City:
    """The city with one record otherwise."""
    return tables_with(RULES, city, RecordChange(kind, table, record, values or {}))


def rows(tables: City, table: str, **wanted: object) -> list[dict[str, Any]]:
    """Rows of a table with these values."""
    found = tables[table]
    for column, value in wanted.items():
        found = found.filter(pc.equal(found[column], value))
    listed: list[dict[str, Any]] = found.to_pylist()
    return listed


@pytest.fixture
def project(city: City) -> dict[str, Any]:
    """The project with the most tickets."""
    counts = pc.value_counts(city["complaints"]["project_id"].drop_null()).to_pylist()
    most = max(counts, key=lambda one: (one["counts"], one["values"]))
    return rows(city, "projects", project_id=most["values"])[0]


def test_a_ticket_moved_to_another_day_counts_for_who_served_then(city: City, project):
    """The office corrects a day, not the project: that is looked up, as it was when the ticket came in."""
    ticket = rows(city, "complaints", project_id=project["project_id"])[0]
    early = project["starts_on"] - timedelta(days=1)

    after = changed(city, "correct", "complaints", ticket["record_id"], {"received_on": early})

    (moved,) = rows(after, "complaints", record_id=ticket["record_id"])
    assert moved["project_id"] != project["project_id"]


def test_a_contract_that_ended_earlier_answers_for_fewer_tickets(city: City, project):
    """The tickets stay, without a firm that answers for them; nobody loses a point by them."""
    days = sorted(row["received_on"] for row in rows(city, "complaints", project_id=project["project_id"]))
    last = days[len(days) // 2]

    after = changed(city, "correct", "projects", project["record_id"], {"ends_on": last})

    kept = [row["received_on"] for row in rows(after, "complaints", project_id=project["project_id"])]
    assert sorted(kept) == [day for day in days if day <= last]
    assert 0 < len(kept) < len(days)
    assert after["complaints"].num_rows == city["complaints"].num_rows


def test_a_record_takes_those_with_it_that_name_it(city: City, project):
    """Intake refuses whoever names a record that is not there, and whoever names those."""
    firm = project["credit_code"]
    served = {row["project_id"] for row in rows(city, "projects", credit_code=firm)}

    after = changed(city, "remove", "firms", rows(city, "firms", credit_code=firm)[0]["record_id"])

    assert rows(after, "projects", credit_code=firm) == []
    assert not served & set(after["declarations"]["project_id"].to_pylist())
    assert not served & set(after["complaints"]["project_id"].to_pylist())
    assert all(after[name].equals(city[name]) for name in ("compounds", "communities", "reporting_units"))


def test_a_record_nobody_names_goes_alone(city: City):
    """Else an effect would be shown that another change has."""
    ticket = rows(city, "complaints")[0]

    after = changed(city, "remove", "complaints", ticket["record_id"])

    assert [name for name in city if not after[name].equals(city[name])] == ["complaints"]
    assert after["complaints"].num_rows == city["complaints"].num_rows - 1


@pytest.mark.parametrize(
    "kind, table, values, message",
    [
        (
            "correct",
            "inspections",
            {"project_id": "nope"},
            "project_id: found nope, 在“物业服务项目”中没有",
        ),
        ("correct", "inspections", {"total": 101}, "inspections: total: found 101"),
        ("add", "penalties", {}, "penalties: penalty_id: found P.*, allowed: no other record with the same"),
    ],
)
def test_a_change_that_the_contract_would_refuse_is_refused(city: City, kind: str, table: str, values, message: str):
    """A what-if on a record that cannot come in would promise a firm what no objection can reach."""
    first = rows(city, table)[0]
    record = "new" if kind == "add" else first["record_id"]
    whole = {name: value for name, value in first.items() if name != "record_id"} if kind == "add" else {}

    with pytest.raises(RecordChangeError, match=message):
        changed(city, kind, table, record, {**whole, **values})
