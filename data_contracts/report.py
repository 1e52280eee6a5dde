"""A batch as one HTML page, in Chinese or English: no script, no address, nothing to fetch.

Great Expectations' own pages load from public servers; this one opens on a desk without a network.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any, Final

import pyarrow.compute as pc

from data_contracts.failures import Failures
from data_contracts.intake import Intake
from data_contracts.intake.listed import reason_in_words
from data_contracts.model import Contract
from data_contracts.personal import MASK, masked

MAX_EXAMPLES: Final = 20
WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "zh": {
        "title": "数据接收报告",
        "refused": "整批退回:未入库",
        "taken": "已接收",
        "problems": "文件与表头的问题",
        "tables": "各表情况",
        "rules": "未通过的规则",
        "changes": "自动整理",
        "inputs": "收到的文件",
        "unclaimed": "未识别的文件",
        "table": "表",
        "delivered": "报送行数",
        "accepted": "接收行数",
        "refused_rows": "退回行数",
        "rule": "规则",
        "severity": "程度",
        "count": "次数",
        "says": "内容",
        "basis": "依据",
        "example": "例(最多 20 条)",
        "reason": "整理方式",
        "file": "文件",
        "rows": "行数",
        "error": "退回",
        "warning": "提醒",
        "none": "无",
        "row": "{file} 第 {row} 行",
    },
    "en": {
        "title": "Report of a delivery",
        "refused": "Refused as a whole: nothing was taken in",
        "taken": "Taken in",
        "problems": "Faults of files and headers",
        "tables": "Tables",
        "rules": "Rules that were broken",
        "changes": "Automatic changes",
        "inputs": "Files received",
        "unclaimed": "Files no table claims",
        "table": "table",
        "delivered": "rows delivered",
        "accepted": "rows accepted",
        "refused_rows": "rows refused",
        "rule": "rule",
        "severity": "severity",
        "count": "count",
        "says": "says",
        "basis": "basis",
        "example": "examples (at most 20)",
        "reason": "change",
        "file": "file",
        "rows": "rows",
        "error": "error",
        "warning": "warning",
        "none": "none",
        "row": "{file} row {row}",
    },
}
_STYLE: Final = (
    "body{font:15px/1.6 'Noto Sans CJK SC','Microsoft YaHei',sans-serif;max-width:75rem;margin:2rem auto}"
    "table{border-collapse:collapse;width:100%;margin:.5rem 0 2rem}"
    "th,td{border:1px solid #c5ccd3;padding:.3rem .6rem;text-align:left;vertical-align:top}"
    "th{background:#dde7f0}td.n{text-align:right}.error{background:#fde3e0}.warning{background:#fdf3d0}"
)


def batch_report(intake: Intake, contracts: Mapping[str, Contract], language: str = "zh") -> str:
    """The page; the same batch gives the same text. Values of personal columns are masked.

    Args:
        intake: What came in.
        contracts: By table name.
        language: zh or en; messages stay in the language of their contract.
    """
    words = WORDS[language]
    state = "refused" if intake.refuses_batch else "taken"
    parts = [
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">',
        f"<title>{words['title']}</title><style>{_STYLE}</style></head><body>",
        f'<h1>{words["title"]}</h1><p class="{"error" if intake.refuses_batch else ""}">{words[state]}</p>',
        _section(words["problems"], ("",), [(problem.message,) for problem in intake.batch_problems], words),
        _section(
            words["tables"],
            _named(words, "table", "delivered", "accepted", "refused_rows"),
            _tables(intake, contracts),
            words,
        ),
        _section(
            words["rules"],
            _named(words, "table", "rule", "severity", "count", "says", "basis", "example"),
            list(_rules(intake.failures, contracts, words)),
            words,
        ),
        _section(
            words["changes"], _named(words, "table", "reason", "count"), _changes(intake, contracts, language), words
        ),
        _section(words["unclaimed"], ("",), [(name,) for name in intake.unclaimed], words),
        _section(
            words["inputs"],
            (*_named(words, "file", "rows"), "SHA-256"),
            [(one.path, one.rows, one.sha256) for one in intake.inputs],
            words,
        ),
        "</body></html>\n",
    ]
    return "\n".join(parts)


def _named(words: Mapping[str, str], *names: str) -> tuple[str, ...]:
    return tuple(words[name] for name in names)


def _section(title: str, headers: Sequence[str], rows: Sequence[Sequence[object]], words: Mapping[str, str]) -> str:
    if not rows:
        return f"<h2>{title}</h2><p>{words['none']}</p>"
    head = "".join(f"<th>{escape(header)}</th>" for header in headers) if any(headers) else ""
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    return f"<h2>{title}</h2><table><tr>{head}</tr>{body}</table>"


def _cell(value: object) -> str:
    number = ' class="n"' if isinstance(value, int) else ""
    return f"<td{number}>{escape(str(value)).replace(chr(10), '<br>')}</td>"


def _tables(intake: Intake, contracts: Mapping[str, Contract]) -> list[tuple[object, ...]]:
    return [
        (contracts[table].title, delivered, intake.tables[table].num_rows, intake.refused_rows[table])
        for table, delivered in sorted(intake.delivered_rows.items())
        if not contracts[table].reference
    ]


def _rules(
    failures: Failures, contracts: Mapping[str, Contract], words: Mapping[str, str]
) -> Iterator[tuple[object, ...]]:
    """Errors first, the most frequent first."""
    table = failures.table
    counted = (
        table.group_by(["severity", "table", "rule"], use_threads=False).aggregate([([], "count_all")]).to_pylist()
    )
    for one in sorted(counted, key=lambda one: (one["severity"], -one["count_all"], one["table"], one["rule"])):
        fits = pc.and_(pc.equal(table["rule"], one["rule"]), pc.equal(table["table"], one["table"]))
        examples = table.filter(fits).slice(0, MAX_EXAMPLES).to_pylist()
        contract = contracts[one["table"]]
        shown = "\n".join(_example(example, contract, words) for example in examples)
        yield (
            contract.title,
            one["rule"],
            words[one["severity"]],
            one["count_all"],
            examples[0]["message"],
            examples[0]["legal_basis"] or "",
            shown,
        )


def _example(failure: Mapping[str, Any], contract: Contract, words: Mapping[str, str]) -> str:
    columns = [contract.column(name) for name in (failure["column"] or "").split(", ")]
    personal = any(column is not None and column.classification == "personal" for column in columns)
    value = MASK if personal and failure["value"] else masked(failure["value"] or "")
    place = words["row"].format(file=failure["file"], row=failure["row"]) if failure["row"] else ""
    return " ".join(filter(None, (place, value)))


def _changes(intake: Intake, contracts: Mapping[str, Contract], language: str) -> list[tuple[object, ...]]:
    counts = Counter(zip(intake.changes["table"].to_pylist(), intake.changes["reason"].to_pylist(), strict=True))
    return [
        (contracts[table].title, f"{reason_in_words(reason, language)} ({reason})", count)
        for (table, reason), count in sorted(counts.items())
    ]
