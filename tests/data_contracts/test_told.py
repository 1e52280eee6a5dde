"""What a terminal says of a failure: an officer reads their own headers, and nothing of a person."""

from __future__ import annotations

from data_contracts.expressions import TEXT
from data_contracts.model import Column, Contract
from data_contracts.quarantine import failure_line, headers, more_line, rows_line

COLUMNS = (Column("kind", "投诉类别", TEXT), Column("caller", "投诉人", TEXT, classification="personal"))
CHINESE = Contract("complaints", "投诉工单", "1.0.0", COLUMNS, (), False, (), (), "zh", "")
ENGLISH = Contract("complaints", "Complaints", "1.0.0", COLUMNS, (), False, (), (), "en", "")
FAILURE = {"file": "a.xlsx", "sheet": "投诉", "row": 3, "severity": "error", "column": "kind", "value": "x"} | {
    "message": "不在允许的取值之中"
}


def test_a_cell_is_named_by_file_sheet_row_and_its_own_header():
    """Nobody at an office knows what a column is called in code."""
    assert failure_line(FAILURE, CHINESE) == "a.xlsx[投诉]第 3 行 退回 投诉类别“x”:不在允许的取值之中"


def test_an_english_contract_keeps_the_form_that_programs_read():
    """file:line: is what editors jump to."""
    warning = FAILURE | {"sheet": None, "severity": "warning"}

    assert failure_line(warning, ENGLISH) == "a.xlsx:3: warning: 投诉类别 'x': 不在允许的取值之中"


def test_a_failure_of_the_whole_table_names_the_table():
    """A division that is missing stands in no row."""
    whole = {**FAILURE, "file": None, "sheet": None, "row": None, "column": "", "value": None}

    assert failure_line(whole, CHINESE) == "投诉工单 退回 不在允许的取值之中"


def test_an_empty_cell_shows_its_header_alone():
    """Quotation marks around nothing are noise."""
    assert failure_line({**FAILURE, "value": ""}, CHINESE) == "a.xlsx[投诉]第 3 行 退回 投诉类别:不在允许的取值之中"


def test_a_person_is_not_shown_even_beside_another_column():
    """The terminal scrolls past many eyes."""
    both = {**FAILURE, "column": "kind, caller", "value": "x, 13800000000"}

    assert failure_line(both, CHINESE) == "a.xlsx[投诉]第 3 行 退回 投诉类别、投诉人“***”:不在允许的取值之中"


def test_counts_carry_the_title_of_the_table():
    """The last lines are what an officer reads first."""
    assert rows_line(CHINESE, 5, 2) == "投诉工单:报送 5 行,退回 2 行"
    assert more_line(ENGLISH, "kind.enum", 7) == "… and 7 more of kind.enum"


def test_a_name_that_is_no_column_stays_as_it_is():
    """A delivered header that no contract knows still says where to look."""
    assert headers("kind, 备注", CHINESE) == "投诉类别、备注"
