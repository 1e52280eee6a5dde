"""The data dictionary (数据字典): every table, column, allowed value and rule, for the people who fill them in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from data_contracts.failures import Wording
from data_contracts.model import Column, Contract, Rule

_KINDS = {"text": "文本", "whole": "整数", "day": "日期", "truth": "是/否"}
_CLASSES = {"public": "可公开", "internal": "内部", "personal": "个人信息"}
_PEOPLE = {"count": "人数,少于5人的不公开", "few": "涉及少于5人,不公开"}
_SHOWN_ABOVE = ("type", "required", "enum")
_HEAD = (
    "# 数据字典",
    "",
    "本页由各数据约定(`data_contracts/contracts/*.odcs.yaml`)生成,请勿手工修改:`property-credit contract docs`。",
    "",
)


def data_dictionary(contracts: Mapping[str, Contract]) -> str:
    """The page as Markdown; the same contracts give the same text."""
    lines = [*_HEAD, "| 表 | 名称 | 版本 | 字段 | 规则 | 报送 |", "| --- | --- | --- | --- | --- | --- |"]
    for table, contract in sorted(contracts.items()):
        delivery = "随系统提供" if contract.reference else "选报" if contract.optional else "必报"
        count = f"{len(contract.columns)} | {len(contract.rules)}"
        lines.append(f"| [`{table}`](#{table}) | {contract.title} | {contract.version} | {count} | {delivery} |")
    for _, contract in sorted(contracts.items()):
        lines += ["", *_table(contract)]
    return "\n".join(lines) + "\n"


def _table(contract: Contract) -> Iterator[str]:
    yield f'## <a id="{contract.table}"></a>{contract.title}(`{contract.table}`,{contract.version})'
    yield ""
    if contract.key:
        yield f"主键:{'、'.join(_titled(contract, name) for name in contract.key)}"
        yield ""
    yield "| 表头 | 字段 | 类型 | 必填 | 密级 | 说明 |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for column in contract.columns:
        yield f"| {' | '.join(_cell(text) for text in _column(column))} |"
    rules = [rule for rule in contract.rules if rule.kind not in _SHOWN_ABOVE]
    if rules:
        yield from ("", "| 规则 | 字段 | 程度 | 内容 | 依据 |", "| --- | --- | --- | --- | --- |")
    for rule in rules:
        yield f"| {' | '.join(_cell(text) for text in _rule(rule, contract))} |"


def _column(column: Column) -> tuple[str, ...]:
    kind = "whole" if column.type.kind == "number" and not column.type.scale else column.type.kind
    shown = _KINDS.get(kind) or f"数字({column.type.scale} 位小数)"
    notes = [column.description] if column.description else []
    if column.aliases:
        notes.append("也可写作:" + "、".join(column.aliases))
    if column.people:
        notes.append(_PEOPLE.get(column.people, f"以{column.people}的人数为准,少于5人的不公开"))
    if column.labels:
        notes.append("可填:" + "、".join(f"{label}(`{code}`)" for code, label in column.labels.items()))
    needed = "入库时推出" if column.attributed else "" if column.type.optional else "是"
    return column.title, f"`{column.name}`", shown, needed, _CLASSES[column.classification], ";".join(notes)


def _rule(rule: Rule, contract: Contract) -> tuple[str, ...]:
    says = rule.message or Wording("zh").asks(rule, contract)
    columns = "、".join(_titled(contract, name) for name in rule.columns)
    return f"`{rule.id}`", columns, "退回" if rule.severity == "error" else "提醒", says, rule.legal_basis


def _titled(contract: Contract, name: str) -> str:
    column = contract.column(name)
    return name if column is None else column.title


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
