"""ratings and lines as CSV: opened in a spreadsheet program by an office, and read back by this one."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.evaluation.csv_text import csv_bytes
from scoring.evaluation.reopen import read_texts

NASTY = ["=cmd|' /C calc'!A0", "+86-1", "-2+3", "@SUM(1)", "\tx", "\rx", "'=1", "''=1", "-", '=a,"b"\nc']


@pytest.mark.parametrize("name", NASTY)
def test_no_name_becomes_a_formula(name):
    """The name of a firm is whatever somebody typed; the list of ratings is opened with a double click."""
    cell = csv_bytes(pa.table({"name": [name]})).decode("utf-8").partition("\n")[2]

    assert cell.lstrip('"').startswith("'")


@given(st.lists(st.text("=+-@'\t1.a,\"\n", max_size=4) | st.sampled_from(NASTY), min_size=1))
def test_names_are_read_back_as_they_were(tmp_path_factory, names):
    """What protects a spreadsheet program must not rename a firm on its page."""
    path: Path = tmp_path_factory.mktemp("csv") / "ratings.csv"
    path.write_bytes(csv_bytes(pa.table({"key": [f"k{at}" for at in range(len(names))], "name": names})))

    assert read_texts(path)["name"].to_pylist() == names
