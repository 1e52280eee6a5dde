"""`fixes`: what lies in the folder when a delivery has something to mend, and when it is refused as a whole."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import openpyxl
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


def broken(delivery: Path) -> list[str]:
    """A row more, whose day is no day; the lines of the file."""
    lines = (delivery / "register.csv").read_text(encoding="utf-8").splitlines()
    lines.append(lines[-1].replace("20", "19"))
    (delivery / "register.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return lines


def test_a_small_original_goes_back_marked(delivery: Path):
    """Beside the rows to mend lies the whole sheet, every cell in its row."""
    lines = broken(delivery)

    (copy,) = fixes(delivery).glob("标注_register*.xlsx")

    page = openpyxl.load_workbook(copy).worksheets[0]
    assert page.max_row == len(lines)
    assert [page.cell(len(lines), 1).value, page.cell(1, 1).value] == [lines[-1].split(",")[0], lines[0].split(",")[0]]
    assert any(cell.comment for cell in page[len(lines)])


def test_workbooks_of_another_run_are_left_alone(delivery: Path, capsys: pytest.CaptureFixture[str]):
    """They may be mended by now; and an office whose rows are all right gets none of its old ones again."""
    broken(delivery)
    out = fixes(delivery)
    assert fixes(delivery) == out  # the same run once more
    path = next(out.glob("需修改的行*.xlsx"))
    book = openpyxl.load_workbook(path)
    book.save(path)
    before = path.read_bytes()

    with pytest.raises(typer.Exit) as ended:
        run_fixes(str(BOOK), delivery, out, None)

    assert (ended.value.exit_code, path.read_bytes()) == (2, before)
    assert path.name in capsys.readouterr().err


@pytest.mark.parametrize("missing", ["data", "corrections"])
def test_a_folder_that_is_not_there_is_refused(delivery: Path, missing: str, capsys: pytest.CaptureFixture[str]):
    """A slip in `--corrections` would send every row out again, as if no office had answered."""
    folders = {"data": delivery, "corrections": delivery, missing: delivery / "nowhere"}

    with pytest.raises(typer.Exit) as ended:
        run_fixes(str(BOOK), folders["data"], delivery.parent / "out", folders["corrections"])

    assert ended.value.exit_code == 2
    assert "nowhere: found no" in capsys.readouterr().err
    assert not (delivery.parent / "out").exists()
