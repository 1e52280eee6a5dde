"""Fixed words of a description in Chinese and English, side by side, so that neither language says less."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Language = Literal["zh", "en"]

PHRASES: dict[str, tuple[str, str]] = {
    # the whole
    "identifier": ("编号", "Identifier"),
    "period": ("评价期", "Period"),
    "period.value": ("{first}至{last}（首尾两日均含）", "{first} to {last}, both days included"),
    "as_of.value": (
        "评价日为评价期内的一天，未指定时为{last}",
        "A rating speaks of a day of the period, {last} unless another is given",
    ),
    "as_of": ("评价日", "as-of day"),
    "points_unit": ("计分单位", "Points unit"),
    "points_unit.value": (
        "{unit}分；每项得分四舍五入到计分单位",
        "{unit}; each line is rounded to it, half away from zero",
    ),
    "item": ("项目", "Item"),
    "content": ("内容", "Content"),
    "note": ("说明", "Note"),
    "unofficial": ("非正式文本：尚未由主管部门发布。", "Not official: no authority has issued this text."),
    "marks": (
        "标注：{proposed}为建议数值，{inferred}为由公开材料推定；未加标注的为已公布。方括号内为依据编号。",
        (
            "Marks: {proposed} is a proposal, {inferred} is concluded from public material; what bears no mark is"
            " published. Numbers in brackets are sources."
        ),
    ),
    "missing.rule": (
        "缺数据：参与运算的值有缺失的，结果即为缺失；条件因缺失无法判断的，不视为符合；统计时略过缺失的值，没有记录时条数与合计为0。",
        (
            "Missing data: what is reckoned with a missing value is missing; a condition that cannot be told does not"
            " apply; totals pass over missing values, and with no records the number and the sum are 0."
        ),
    ),
    "proposed": ("【建议】", "(proposed)"),
    "inferred": ("【推定】", "(inferred)"),
    "uncited": ("【未注明依据】", "(no source given)"),
    "analogue": ("参照", "after"),
    "basis": ("依据", "Source"),
    "number": ("序号", "No."),
    "title": ("名称", "Title"),
    "code": ("代码", "Code"),
    "expression": ("表达式", "Expression"),
    "as_written": ("见表达式", "see the expression"),
    "about": ("{unit}：{what}", "{unit}: {what}"),
    "dash": ("—", "–"),
    # sheets
    "sheet.overview": ("概览", "Overview"),
    "sheet.counted": ("统计口径", "What is counted"),
    "sheet.lines": ("评分项", "Lines"),
    "sheet.tiers": ("分档", "Tiers"),
    "sheet.levels": ("等级与步骤", "Levels and steps"),
    "sheet.tables": ("对照表", "Tables"),
    "sheet.sources": ("依据", "Sources"),
    # units
    "unit": ("评价对象：{title}", "Unit rated: {title}"),
    "unit.from": ("每条“{table}”记录评一个", "One for each row of “{table}”"),
    "unit.from_unit": ("每个已评的“{table}”评一个", "One for each “{table}” already rated"),
    "unit.members": ("评价哪些", "Which"),
    "unit.key": ("编号列", "Key"),
    "unit.name": ("名称取自", "Named by"),
    "unit.division": ("归属地区", "Division"),
    "unit.rated_as": ("归并到", "Rated as"),
    "facts": ("指标", "Facts"),
    "fact": ("指标", "Fact"),
    "how": ("怎样计", "How"),
    "statuses": ("不评分的情形", "Units without a result"),
    "statuses.rule": (
        "自上而下取第一个符合的；其得分不作为结果，也不定等级。",
        "The first that fits, from the top; such a unit has no points and no level.",
    ),
    "status": ("状态", "Status"),
    "condition": ("条件", "Condition"),
    "reason": ("原因", "Reason"),
    # records
    "views": ("记录口径", "Which records count"),
    "view": ("记录", "Records"),
    "view.from": ("取自", "From"),
    "view.where": ("哪些", "Which"),
    "view.time": ("何时", "When"),
    "view.once": ("同一事项", "How often"),
    "all": ("全部", "all"),
    "any_time": ("不限日期", "on any day"),
    "once": ("每个对象每个{keys}只计一条，取{keep}", "one for each unit and {keys}: the {keep}"),
    "every": ("逐条计", "each one"),
    "highest": ("{what}最大的", "highest by {what}"),
    "lowest": ("{what}最小的", "lowest by {what}"),
    "latest": ("{what}最晚的", "latest by {what}"),
    "earliest": ("{what}最早的", "earliest by {what}"),
    # cards
    "card": ("评分表", "Card"),
    "start": ("起评分{points}分。", "Points begin at {points}."),
    "not_rated_when": ("{condition}的，不予评价（NOT_RATED）。", "Not rated (NOT_RATED) where {condition}."),
    "rescaled": (
        "缺数据而不计的项，按其余各项满分折算到{full}分。",
        "Where a line is left out for want of data, points are scaled from the rest of the full points to {full}.",
    ),
    "weights": ("权重", "Weights"),
    "section": ("部分", "Section"),
    "full": ("满分", "Full points"),
    "weight": ("占比", "Share"),
    "lines": ("评分项", "Lines"),
    "line": ("编号", "Line"),
    "way": ("计分办法", "Points"),
    "missing": ("缺数据时", "Without data"),
    "bounds": ("上下限与取整", "Bounds and rounding"),
    "sum_of": ("以下各项之和", "sum of the lines below"),
    "by_tiers": ("按{on}分档，见分档表", "by tiers of {on}: see its table"),
    "only_when": ("仅当{condition}时计", "only where {condition}"),
    "missing.zero": ("记0分", "0 points"),
    "missing.full": ("记满分", "full points"),
    "missing.not_rated": ("不予评价（NOT_RATED）", "not rated (NOT_RATED)"),
    "missing.skip": ("本项不计，总分按其余满分折算", "left out, the total is scaled up"),
    "missing.points": ("记{points}分", "{points} points"),
    "missing.never": ("不会缺", "never missing"),
    "within.both": ("本项不低于{low}、不高于{high}", "this line from {low} to {high}"),
    "within.low": ("本项不低于{low}", "this line not below {low}"),
    "within.high": ("本项不高于{high}", "this line not above {high}"),
    "total.both": ("累计不低于{low}、不高于{high}", "running total from {low} to {high}"),
    "total.low": ("累计不低于{low}", "running total not below {low}"),
    "total.high": ("累计不高于{high}", "running total not above {high}"),
    "total_round": ("累计四舍五入到{step}", "running total rounded to {step}"),
    "round": ("依次四舍五入到{steps}", "rounded to {steps} in turn"),
    "tiers": ("分档：{line} {title}", "Tiers of {line} {title}"),
    "points": ("得分", "Points"),
    # edges
    "edge.from": ("大于等于{n}（含本数）", "{n} or more ({n} included)"),
    "edge.above": ("大于{n}（不含本数）", "above {n} ({n} not included)"),
    "edge.to": ("小于等于{n}（含本数）", "{n} or less ({n} included)"),
    "edge.below": ("小于{n}（不含本数）", "below {n} ({n} not included)"),
    "edge.equal": ("等于{n}", "exactly {n}"),
    "edge.and": ("，", ", "),
    "edge.else": ("其余", "everything else"),
    "edge.any": ("任何数", "any number"),
    "edge.first": ("且不符合以上各行", "and no row above fits"),
    "edge.also": ("且{condition}", "and {condition}"),
    "rows.rule": (
        "自上而下取第一个符合的行；在此之前有条件因缺数据无法判断的，记NO_DATA。",
        "The first row that fits, from the top; where a test before it cannot be decided for want of data, NO_DATA.",
    ),
    # levels
    "levels": ("等级", "Levels"),
    "level": ("等级", "Level"),
    "levels.order": ("由高到低：{order}。", "From best to worst: {order}."),
    "status.row": ("{status}（保留得分，不定等级）", "{status} (keeps its points, has no level)"),
    "steps": ("定级后的步骤", "Steps after the level"),
    "steps.rule": ("按以下顺序逐步执行。", "In this order, one after the other."),
    "step": ("步骤", "Step"),
    "effect": ("结果", "Effect"),
    "step.off": ("【未启用】", " (switched off)"),
    "step.set": ("定为{level}", "becomes {level}"),
    "step.at_most": ("不高于{level}", "at best {level}"),
    "step.at_least": ("不低于{level}", "at least {level}"),
    "step.down": ("降{places}级", "{places} down"),
    "step.up": ("升{places}级", "{places} up"),
    "step.even": ("；状态为{statuses}的也适用", "; even with the status {statuses}"),
    "rank.best": ("{per}{among}{by}排在前{count}的", "{per}{among}the first {count} by {by}"),
    "rank.worst": ("{per}{among}{by}排在末{count}的", "{per}{among}the last {count} by {by}"),
    "rank.beyond": ("{per}{among}{by}排在前{count}以外的", "{per}{among}those beyond the first {count} by {by}"),
    "rank.number": ("{n}个", "{n}"),
    "rank.share": (
        "{n}%（以有得分且无状态的单位数计，{rounding}）",
        "{n} % of all units with points and no status, {rounding},",
    ),
    "rank.up": ("尾数进一", "rounded up"),
    "rank.down": ("尾数舍去", "rounded down"),
    "rank.half_up": ("四舍五入", "rounded half up"),
    "rank.per": ("每个{per}内，", "within each {per}, "),
    "rank.among": ("在{condition}的单位中，", "among units where {condition}, "),
    "rank.by": ("{what}由高到低", "{what} from high to low"),
    "rank.by_asc": ("{what}由低到高", "{what} from low to high"),
    "rank.one_per": ("；每个{key}至多一个", "; one for each {key} at most"),
    "ties.all_in": ("；分界处并列的全部列入", "; all that tie at the edge are taken"),
    "ties.all_out": ("；分界处并列的均不列入", "; none that tie at the edge are taken"),
    "ties.by_key": ("；分界处并列的按编号先后", "; those that tie at the edge in the order of their keys"),
    "consequences": ("结果运用", "What follows from a level"),
    # tables
    "lookups": ("对照表", "Look-up tables"),
    "lookup.key": ("键", "Key"),
    "lookup.value": ("值", "Value"),
    "lookup.else": ("其余", "anything else"),
    "lookup.strict": ("（表中没有的键视为错误）", "(a key that is not listed is an error)"),
    "working_days": ("与官方日历不同的日子", "Days that differ from the official calendar"),
    "day": ("日期", "Day"),
    "day.worked": ("工作日", "worked"),
    "day.off": ("休息日", "not worked"),
    "sources": ("依据", "Sources"),
    "source.url": ("网址", "Address"),
}


@dataclass(frozen=True, slots=True)
class Words:
    """The phrases of one language."""

    language: str

    def __call__(self, key: str, /, **parts: object) -> str:
        """A phrase with its parts filled in."""
        phrase = PHRASES[key][0 if self.language == "zh" else 1]
        return phrase.format(**parts) if parts else phrase

    @property
    def comma(self) -> str:
        """What stands between the items of a list."""
        return "、" if self.language == "zh" else ", "

    def quoted(self, text: str) -> str:
        """A name inside a sentence."""
        return f"“{text}”"
