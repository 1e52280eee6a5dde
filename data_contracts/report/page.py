"""The page itself: HTML from an intake, every delivered word escaped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from html import escape

from data_contracts.intake import Intake
from data_contracts.intake.listed import reason_in_words
from data_contracts.model import Contract
from data_contracts.report.findings import Finding, Place, findings
from data_contracts.report.words import STYLE, WORDS

LANGUAGES = {"zh": "zh-CN", "en": "en"}
Cell = str | int | float  # HTML, a count, a percentage


def batch_report(intake: Intake, contracts: Mapping[str, Contract], language: str = "zh") -> str:
    """The page; the same batch gives the same text. Values of personal columns are masked.

    Args:
        intake: What came in.
        contracts: By table name.
        language: zh or en; what a contract says in its own words stays in the contract's language.
    """
    return _Page(intake, contracts, language).text()


class _Page:
    def __init__(self, intake: Intake, contracts: Mapping[str, Contract], language: str) -> None:
        self.intake, self.contracts, self.language = intake, contracts, language
        self.words = WORDS[language]
        self.findings = tuple(findings(intake.failures, contracts, language))

    def text(self) -> str:
        title = self.words["title"]
        state = "refused" if self.intake.refuses_batch else "taken"
        parts = [
            f'<!doctype html>\n<html lang="{LANGUAGES[self.language]}">\n<head>\n<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>",
            f'<h1>{title}</h1>\n<p class="state {state}">{self.words[state]}</p>',
            self._figures(),
            self._section("problems", self._list(problem.message for problem in self.intake.batch_problems)),
            self._section("tables", self._tables()),
            self._section("rules", "\n".join(map(self._finding, self.findings))),
            self._section("changes", self._changes()),
            self._section("unclaimed", self._list(self.intake.unclaimed)),
            self._section("inputs", self._inputs()),
            "</main>\n</body>\n</html>\n",
        ]
        return "\n".join(parts)

    def _section(self, name: str, content: str) -> str:
        inside = content or f"<p>{self.words['none']}</p>"
        return f"<section>\n<h2>{self.words[name]}</h2>\n{inside}\n</section>"

    def _figures(self) -> str:
        delivered, refused = (self._sum(rows) for rows in (self.intake.delivered_rows, self.intake.refused_rows))
        counts = Counter[str]()
        for one in self.findings:
            counts[one.severity] += one.count
        figures = {
            "files": len(self.intake.inputs),
            "delivered": delivered,
            "accepted": delivered - refused,
            "refused_rows": refused,
            "errors": counts["error"],
            "warnings": counts["warning"],
        }
        shown = "".join(f"<div><dt>{self.words[name]}</dt><dd>{count}</dd></div>" for name, count in figures.items())
        return f'<dl class="figures">{shown}</dl>'

    def _sum(self, rows: Mapping[str, int]) -> int:
        return sum(count for table, count in rows.items() if not self.contracts[table].reference)

    def _tables(self) -> str:
        rows: list[tuple[Cell, ...]] = []
        empty = []
        for table, delivered in sorted(self.intake.delivered_rows.items()):
            if self.contracts[table].reference:
                continue
            if delivered:
                refused = self.intake.refused_rows[table]
                share = 100 * refused / delivered if refused else ""
                rows.append((self._titled(table), delivered, delivered - refused, refused, share))
            else:
                empty.append(self._titled(table))
        listed = self.words["list"].join(empty)
        rest = f'<p class="soft">{self.words["not_delivered"]}{listed}</p>' if empty else ""
        return self._table(("table", "delivered", "accepted", "refused_rows", "share"), rows) + rest

    def _finding(self, one: Finding) -> str:
        contract, words = self.contracts[one.table], self.words
        columns = self._told(words["list"].join(one.columns), contract.language)
        tag = words[one.severity].format(count=one.count)
        more = words["more"].format(count=one.count, shown=one.shown) if one.count > one.shown else ""
        parts = [
            f'<article class="{one.severity}">',
            f"<h3>{' · '.join(filter(None, (self._titled(one.table), columns)))}",
            f'<span class="tag">{tag}</span></h3>',
            f"<p>{self._told(one.asks, one.language)}</p>",
            f"<ul>{''.join(self._place(place, contract.language) for place in one.places)}</ul>",
            _soft(more),
            _soft(one.basis and words["basis"] + words["colon"] + self._told(one.basis, contract.language)),
            _soft(f"{words['rule']}{words['colon']}<code>{escape(one.rule)}</code>"),
            "</article>",
        ]
        return "\n".join(filter(None, parts))

    def _place(self, one: Place, language: str) -> str:
        """Rows, their value, and what their office is told of them in *language*."""
        rows = self.words["list"].join(map(str, one.rows))
        place = escape(self.words["place"].format(file=one.file, rows=rows)) + self.words["colon"] if one.rows else ""
        value = f"<q>{escape(one.value)}</q>" if one.value.strip(", ") else self.words["empty"]
        told = self.words["then"] + self._told(one.told, language) if one.told else ""
        return f"<li>{place}{value}{told}</li>"

    def _changes(self) -> str:
        changes = self.intake.changes
        words = (reason_in_words(reason, self.language) for reason in changes["reason"].to_pylist())
        counts = Counter(zip(changes["table"].to_pylist(), words, strict=True))
        rows = [(self._titled(table), escape(reason), count) for (table, reason), count in sorted(counts.items())]
        return self._table(("table", "reason", "count"), rows)

    def _inputs(self) -> str:
        rows = [(escape(one.path), one.rows, f"<code>{one.sha256}</code>") for one in self.intake.inputs]
        summary = self.words["listed"].format(count=len(rows))
        table = self._table(("file", "rows", "digest"), rows)
        return table and f"<details>\n<summary>{summary}</summary>\n{table}\n</details>"

    def _table(self, headers: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
        """A table whose first column names its rows; nothing where there are none."""
        if not rows:
            return ""
        numbers = {at for row in rows for at, cell in enumerate(row) if not isinstance(cell, str)}
        heads = (f'<th scope="col"{_look(at in numbers)}>{self.words[name]}</th>' for at, name in enumerate(headers))
        lines = (f'<tr><th scope="row">{first}</th>{"".join(map(_cell, rest))}</tr>' for first, *rest in rows)
        body = "\n".join(lines)
        return f"<table>\n<thead><tr>{''.join(heads)}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>"

    def _list(self, texts: Iterable[str]) -> str:
        items = "".join(f"<li>{escape(text)}</li>" for text in texts)
        return items and f"<ul>{items}</ul>"

    def _titled(self, table: str) -> str:
        """A table's title; on a page in another language its name before it."""
        contract = self.contracts[table]
        title = self._told(contract.title, contract.language)
        return title if contract.language == self.language else f"{escape(table)} {title}"

    def _told(self, text: str, language: str) -> str:
        """Words in their language, which is said where it is not the page's."""
        if language == self.language:
            return escape(text)
        return text and f'<span lang="{LANGUAGES[language]}">{escape(text)}</span>'


def _cell(cell: Cell) -> str:
    shown = f"{cell:.1f} %" if isinstance(cell, float) else str(cell)
    return f"<td{_look(not isinstance(cell, str))}>{shown}</td>"


def _look(number: bool) -> str:
    return ' class="n"' if number else ""


def _soft(text: str) -> str:
    return text and f'<p class="soft">{text}</p>'
