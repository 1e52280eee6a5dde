from __future__ import annotations

import shutil
from pathlib import Path

import openpyxl
import pytest
import typer

from api.cli.describe import run_describe, run_diff

EVERYTHING = str(Path(__file__).parents[1] / "rulebooks" / "everything")


@pytest.fixture
def later(tmp_path: Path) -> Path:
    """The invented book with the edge of its best level moved."""
    folder = tmp_path / "later"
    shutil.copytree(EVERYTHING, folder)
    file = folder / "rulebook.yaml"
    file.write_text(file.read_text("utf-8").replace("{level: A, from: 90}", "{level: A, from: 88}"), "utf-8")
    return folder


def test_without_a_file_the_document_goes_to_standard_output(capsys):
    """It can be piped to whatever an office prints with."""
    run_describe(EVERYTHING)

    assert capsys.readouterr().out.startswith("# 各种规则一览\n")


@pytest.mark.parametrize("language, title", [("zh", "# 各种规则一览"), ("en", "# One of everything")])
def test_a_markdown_file_is_written_in_the_language_asked_for(tmp_path, language: str, title: str):
    """A city publishes in Chinese, a colleague abroad reads English."""
    run_describe(EVERYTHING, language, tmp_path / "scheme.md")

    assert (tmp_path / "scheme.md").read_bytes().decode("utf-8").startswith(f"{title}\n")


def test_a_workbook_is_written_where_the_name_says_so(tmp_path):
    """Offices pass workbooks on."""
    run_describe(EVERYTHING, "zh", tmp_path / "scheme.XLSX")

    assert openpyxl.load_workbook(tmp_path / "scheme.XLSX").sheetnames[0] == "概览"


@pytest.mark.parametrize(
    "language, name, message",
    [
        ("fr", "scheme.md", "found language 'fr', allowed: zh, en"),
        ("zh", "scheme.docx", "found '.docx', allowed: .md, .xlsx"),
        ("zh", "scheme", "found 'no ending', allowed: .md, .xlsx"),
    ],
)
def test_what_cannot_be_written_is_named_before_anything_is(tmp_path, capsys, language: str, name: str, message: str):
    """A file of another kind than its name says is worse than none."""
    with pytest.raises(typer.Exit) as ended:
        run_describe(EVERYTHING, language, tmp_path / name)

    assert ended.value.exit_code == 2
    assert message in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_equal_books_end_with_0_and_print_nothing(capsys):
    """Scripts ask by exit code, as they ask diff(1)."""
    run_diff(EVERYTHING, EVERYTHING)

    assert capsys.readouterr().out == ""


def test_different_books_end_with_1_and_print_each_change(later, capsys):
    """One line per clause can be read aloud in a meeting."""
    with pytest.raises(typer.Exit) as ended:
        run_diff(EVERYTHING, str(later))

    assert ended.value.exit_code == 1
    printed = capsys.readouterr().out
    assert printed == "~ units > firm > levels > rows > row 1 (A) > lower edge: from 90 → from 88\n"


def test_a_book_that_cannot_be_read_ends_with_2_and_its_problems(later, capsys):
    """A broken book must not look like one that merely differs."""
    file = later / "rulebook.yaml"
    file.write_text(file.read_text("utf-8").replace("{level: A, from: 88}", "{level: A, form: 88}"), "utf-8")

    with pytest.raises(typer.Exit) as ended:
        run_diff(EVERYTHING, str(later))

    assert ended.value.exit_code == 2
    told = capsys.readouterr().err
    assert "found 'form'" in told
    assert "did you mean 'from'?" in told
