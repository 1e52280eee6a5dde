"""Entity tags, HEAD, protective headers: what goes around every answer."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.app import POLICY, create_app
from scoring.evaluation.reopen import NotAResultError
from tests.api.town.build import build_town


@pytest.mark.parametrize("path", ["/v1/firm", "/v1/sites", "/", "/units/project/P1", "/rulebook"])
def test_what_a_client_has_is_not_sent_again(client: TestClient, path: str):
    """An office that looks every hour loads a page once a year."""
    first = client.get(path)

    again = client.get(path, headers={"if-none-match": first.headers["etag"]})

    assert first.headers["etag"].startswith('"')
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])


def test_tags_differ_by_address_and_language(client: TestClient):
    """One tag for two contents would show a reader the other one's page."""
    paths = ["/v1/firm", "/v1/firm?level=2A", "/units/firm", "/units/firm?lang=en"]
    tags = [client.get(path).headers["etag"] for path in paths]
    english = client.get("/units/firm", headers={"accept-language": "en"})

    assert len({*tags, english.headers["etag"]}) == 5
    assert english.headers["vary"] == "Accept-Language"


def test_a_refusal_carries_no_tag(client: TestClient):
    """What does not exist now may exist after the next run."""
    assert "etag" not in client.get("/v1/firm/X").headers


def test_head_answers_as_get_without_a_body(client: TestClient):
    """Link checkers ask for the head only."""
    head, got = client.head("/v1/firm"), client.get("/v1/firm")

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["etag"] == got.headers["etag"]
    assert head.headers["content-length"] == str(len(got.content))


@pytest.mark.parametrize("path", ["/", "/v1/firm", "/static/site.css", "/nothing", "/v1/firm/X"])
def test_every_answer_is_protected(client: TestClient, path: str):
    """Nothing foreign is loaded, nothing of ours is framed, also on errors."""
    headers = client.get(path).headers

    assert headers["content-security-policy"] == POLICY
    assert headers["x-content-type-options"] == "nosniff"


def test_a_new_evaluation_is_served_without_a_restart(tmp_path: Path):
    """`make demo` again while the service runs: the next request reads the new run, whole."""
    out = build_town(tmp_path / "out", with_records=False)
    client = TestClient(create_app(out))
    before = client.get("/v1/project/P1")

    build_town(out)
    after = client.get("/v1/project/P1", headers={"if-none-match": before.headers["etag"]})

    assert (before.json()["records_listed"], after.json()["records_listed"]) == (False, True)


def test_a_folder_without_a_result_is_refused_at_the_start(tmp_path: Path):
    """A mistyped folder is told when the service starts, by its name, not by the first reader."""
    with pytest.raises(NotAResultError, match=str(tmp_path)):
        create_app(tmp_path)


def test_a_result_that_disappears_is_a_problem_not_a_crash(tmp_path: Path):
    """Between two runs the folder may be gone for a moment: the client is asked to come back."""
    out = build_town(tmp_path / "out")
    client = TestClient(create_app(out), raise_server_exceptions=False)
    out.rename(tmp_path / "away")

    answers = [client.get("/v1/firm"), client.get("/healthz"), client.get("/")]

    assert [answer.status_code for answer in answers] == [503, 503, 503]
    assert answers[0].json()["code"] == "result.replaced"


def test_a_rating_changed_by_hand_is_not_shown(tmp_path: Path):
    """Whoever writes a better level into the folder does not get it published."""
    out = build_town(tmp_path / "out", with_records=False)
    path = out / "ratings" / "firm.csv"
    path.write_bytes(path.read_bytes() + b"X\n")
    client = TestClient(create_app(out), raise_server_exceptions=False)

    machine, page = client.get("/v1/firm"), client.get("/units/firm?lang=zh")

    assert (machine.status_code, machine.json()["code"]) == (503, "result.changed")
    assert page.status_code == 503
    assert "评价结果文件已被改动" in page.text


def test_a_fault_of_the_service_is_told_without_its_inside(town: Path, monkeypatch: pytest.MonkeyPatch):
    """A reader gets a sentence and a code, never a traceback."""
    client = TestClient(create_app(town), raise_server_exceptions=False)
    monkeypatch.setattr("api.results.service.listed", lambda *_: 1 / 0)

    machine, page = client.get("/v1/firm"), client.get("/units/firm?lang=zh")

    assert (machine.status_code, machine.json()["code"]) == (500, "service.failed")
    assert page.status_code == 500
    assert "服务出错" in page.text
    assert not any("ZeroDivision" in answer.text for answer in (machine, page))
