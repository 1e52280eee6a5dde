"""「待对应」: for each office the tickets whose place nobody could tell, with candidates to choose from.

The text of a ticket is shown with telephone and card numbers masked: a clerk needs the place, not the caller.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from data_contracts.linking import CONFIRMED, EXAMPLE, NO_PLACE, TICKETS, Question, candidates_shown
from data_contracts.personal import masked
from data_contracts.workbook.returned import CONTRACT_SHEET
from data_contracts.workbook.sheets import workbook, write_text

QUEUE_PREFIX: Final = "待对应"
QUEUE_HEADERS: Final = ("单位", "工单数", EXAMPLE, "候选1", "候选2", "候选3", "都不是", CONFIRMED, TICKETS)
_WIDTHS: Final = (10, 8, 50, 44, 44, 44, 8, 44, 60)
_HELP: Final = f"选择一个候选,或填写登记的编号;不是登记的小区填“{NO_PLACE}”;一行的决定用于该行全部工单"


def queue_workbook(table: str, asked: Sequence[Question], names: Mapping[str, str]) -> bytes:
    """The bytes of one office's queue; `place` of the answers is the column 确认.

    Args:
        table: Whose rows wait.
        asked: One line each.
        names: Name of each place by its key.
    """
    with workbook(QUEUE_PREFIX) as (pages, data):
        sheet = pages.page(QUEUE_PREFIX)
        for at, (header, width) in enumerate(zip(QUEUE_HEADERS, _WIDTHS, strict=True)):
            write_text(sheet, 0, at, header, pages.looks["needed" if header == CONFIRMED else "header"])
            sheet.set_column(at, at, width, pages.looks["text"])
        confirmed = QUEUE_HEADERS.index(CONFIRMED)
        sheet.write_comment(0, confirmed, _HELP, {"x_scale": 2})
        sheet.freeze_panes(1, 0)
        for row, one in enumerate(asked, start=1):
            shown = [*candidates_shown(one, names), "", "", ""][:3]
            cells = (
                one.division,
                str(len(one.tickets)),
                masked(one.example),
                *shown,
                NO_PLACE,
                "",
                "\n".join(one.tickets),
            )
            for at, text in enumerate(cells):
                write_text(sheet, row, at, text, pages.looks["text"])
            source = f"=$D${row + 1}:$G${row + 1}"
            sheet.data_validation(
                row,
                confirmed,
                row,
                confirmed,
                {"validate": "list", "source": source, "error_type": "information", "error_message": _HELP},
            )
        pages.hidden(CONTRACT_SHEET, [("contract", table)])
    return data.getvalue()
