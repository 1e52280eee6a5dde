"""`fixes`: what lies in the folder when a delivery has something to mend, and when it is refused as a whole."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import typer

from api.cli.contracts import run_fixes

BOOK = Path(__file__).parents[1] / "rulebooks" / "invented" / "event-based"


@pytest.fixture
def delivery(tmp_path: Path) -> Path:
    """The delivery of the harbor, to be broken."""
    return Path(shutil.copytree(BOOK / "delivered", tmp_path / "in"))


def fixes(delivery: Path) -> Path:
    """The folder after a run that found something to mend."""
    out = delivery.parent / "out"
    with pytest.raises(typer.Exit) as ended:
        run_fixes(str(BOOK), delivery, out, None)
    assert ended.value.exit_code == 1
    return out


def test_a_broken_row_is_sent_back_reported_and_recorded(delivery: Path):
    """Workbook, two reports and the official record of one batch come from one run."""
    lines = (delivery / "register.csv").read_text(encoding="utf-8").splitlines()
    (delivery / "register.csv").write_text("\n".join([*lines, lines[-1].replace("20", "19")]) + "\n", encoding="utf-8")

    out = fixes(delivery)

    record = json.loads((out / "validation.json").read_text(encoding="utf-8"))
    assert (record["success"], record["statistics"]["unsuccessful_critical"] >= 1) == (False, True)
    assert {path.suffix for path in out.iterdir()} == {".html", ".json", ".xlsx"}


def test_a_batch_that_lacks_a_file_has_its_record_too(delivery: Path):
    """What was refused as a whole must be on record as well, with what could be judged."""
    (delivery / "register.csv").unlink()

    record = json.loads((fixes(delivery) / "validation.json").read_text(encoding="utf-8"))

    assert record["statistics"]["evaluated_expectations"] > 0
    assert all("result" in entry for entry in record["tables"].values())
