"""Examples of the JSON answers for the OpenAPI description: made-up units, each held against its shape by a test."""

from __future__ import annotations

from typing import Any, Final

_LINKS: Final = {"self": "/v1/firm/91000000EXAMPLE00X", "page": "/units/firm/91000000EXAMPLE00X"}
_CITED: Final[dict[str, Any]] = {
    "clause": "CMP-01",
    "source": "",
    "basis": "proposed",
    "analogue": ["SH12345"],
    "note": {"zh": "", "en": ""},
}
_NO_TITLE: Final = {"zh": "", "en": ""}
_TEST: Final = {"code": "party = 0", "readable": {"zh": "党组织得分 = 0", "en": "party points = 0"}}
_RATE: Final = {"zh": "每万平方米有效投诉", "en": "Valid complaints per 10,000 m2"}
_AMOUNT: Final = {"num": 3, "den": 4, "text": "0.75", "exact": True}

ROW_EXAMPLE: Final[dict[str, Any]] = {
    "unit": "firm",
    "key": {"credit_code": "91000000EXAMPLE00X"},
    "name": "示例物业服务有限公司",
    "division": "010101",
    "division_name": "示例区",
    "points": "91.25",
    "level": "4A",
    "level_title": {"zh": "优秀", "en": "Excellent"},
    "status": None,
    "status_title": _NO_TITLE,
    "rank": 12,
    "links": _LINKS,
}

LIST_EXAMPLE: Final[dict[str, Any]] = {
    "unit": "firm",
    "total": 1,
    "page": 1,
    "pages": 1,
    "limit": 50,
    "items": [ROW_EXAMPLE],
    "links": {"self": "/v1/firm?level=4A&page=1&limit=50", "first": "/v1/firm?level=4A&page=1&limit=50"},
}

_RECORDS: Final[dict[str, Any]] = {
    "table": "complaints",
    "title": {"zh": "投诉工单", "en": "complaints"},
    "unit": False,
    "counts": {"counted": 1, "among": 0, "counted_with": 0},
    "total": 1,
    "columns": [{"name": "received_on", "title": "受理日期", "numeric": False, "own": False}],
    "items": [
        {
            "record": "010101/T2024000001",
            "part": "counted",
            "cells": {"received_on": {"value": "2024-03-08", "text": "2024-03-08", "page": "", "withheld": None}},
            "links": {},
            "warnings": [],
        }
    ],
}

UNIT_EXAMPLE: Final[dict[str, Any]] = {
    "row": ROW_EXAMPLE,
    "kind": {"zh": "物业服务企业", "en": "Firm"},
    "ranked": 300,
    "why": None,
    "lines": [
        {
            "kind": "line",
            "id": "CMP-01",
            "title": {"zh": "有效投诉强度", "en": "Rate of valid complaints"},
            "depth": 1,
            "points": "5.00",
            "full": "7.00",
            "amount": _AMOUNT,
            "status": "applied",
            "bounds": None,
            "change": None,
            "formula": {"code": "rate", "readable": _RATE},
            "tiered": True,
            "tier": {
                "lower": "", "lower_included": False, "upper": "1.5", "upper_included": True, "when": None,
                "points": "5.00", "title": _NO_TITLE, "cited": _CITED,
            },
            "missing": "",
            "reads": [{"name": "rate", "title": _RATE, "text": "0.75", "amount": _AMOUNT, "withheld": None}],
            "cited": _CITED,
            "records": [_RECORDS],
            "withheld": None,
        }
    ],
    "facts": [],
    "own": None,
    "counted_in": [],
    "records_listed": True,
}  # fmt: skip

SITES_EXAMPLE: Final[dict[str, Any]] = {
    "unit": "site",
    "title": {"zh": "示范点候选", "en": "Demonstration-site candidate"},
    "step": "QUOTA",
    "step_title": {"zh": "每县两个候选", "en": "Two candidates per division"},
    "places": 2,
    "one_per": {"zh": "所属企业", "en": "Firm"},
    "order": [{"zh": "得分", "en": "Points"}],
    "cited": _CITED,
    "divisions": [
        {
            "division": {"code": "010101", "name": "示例区"},
            "places": 2,
            "filled": 0,
            "candidates": [
                {
                    "row": ROW_EXAMPLE,
                    "holder": {"value": None, "text": "", "page": "", "withheld": None},
                    "verdict": "refused",
                    "cause": "status",
                    "place": None,
                    "why": {
                        "reasons": [{"zh": "小区无党组织", "en": "no party organization in the compound"}],
                        "clauses": ["DX-1"], "tests": [_TEST], "basis": "proposed", "certain": True,
                    },
                }
            ],
        }
    ],
    "totals": {"nominated": 0, "reserve": 0, "refused": 1, "places": 2, "filled": 0},
}  # fmt: skip

PROBLEM_EXAMPLE: Final[dict[str, Any]] = {
    "type": "urn:property-credit:problem:unit.not_found",
    "title": "没有这个对象",
    "status": 404,
    "detail": "评价结果中没有编号为“X”的对象(firm)。",
    "instance": "/v1/firm/X",
    "code": "unit.not_found",
    "errors": [],
}
