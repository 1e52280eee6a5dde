from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(path.name for path in FOLDER.glob("*.ipynb"))
LARGEST = 100_000


def texts(notebook: Any) -> list[str]:
    """What the cells print and show as text, pictures left out."""
    found = []
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "stream":
                found.append(output.text)
            elif "image/png" not in output.data:
                found.append(output.data["text/plain"])
    return found


def test_all_three_stories_are_there():
    """They are how a newcomer meets the library."""
    assert NOTEBOOKS == ["01_read_a_year.ipynb", "02_why_this_level.ipynb", "03_what_if_the_rules.ipynb"]


@pytest.mark.parametrize("name", NOTEBOOKS)
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning", "ignore::RuntimeWarning")
def test_a_notebook_runs_and_says_what_it_said(name: str, caplog: pytest.LogCaptureFixture):
    """A story whose numbers no longer come out is worse than none; `jupyter-execute --inplace` tells it anew."""
    caplog.set_level(logging.ERROR)
    notebook: Any = nbformat.read(FOLDER / name, 4)
    told = texts(notebook)

    NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(FOLDER)}}
    ).execute()

    assert texts(notebook) == told


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_is_small_and_names_no_place_of_a_machine(name: str):
    """It is read in a browser and kept in the history."""
    text = (FOLDER / name).read_text("utf-8")

    assert len(text) < LARGEST
    assert str(FOLDER.parent) not in text
    assert "/tmp/" not in text  # noqa: S108 - the very thing that must not be there
    assert not [cell for cell in nbformat.reads(text, 4).cells if cell.cell_type == "code" and not cell.execution_count]
