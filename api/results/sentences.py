"""What a line counted, in sentences: what it read, the tier it fell in, the records it rests on, what was missing."""

from __future__ import annotations

from collections.abc import Iterator

from api.kernel.i18n import Texts
from api.results.views import Bounds, RecordGroup, Reference, SheetLine, Tier
from api.web.rendering import Words

MOST_READ = 6


def sentences(line: SheetLine, t: Texts) -> list[str]:
    """Sentences of one line, without their full stops; none for a section."""
    if line.withheld is not None:
        return [*_withheld(line, t)]
    match line.kind:
        case "section" | "together":
            return []
        case "step":
            return [_step(line, t)]
        case "follows":
            return [bounds(line.bounds, t)] if line.bounds else []
    return list(_leaf(line, t))


def edges(tier: Tier, t: Texts) -> str:
    """The edges of a tier in signs: `≥ 0.5 且 < 1.5`."""
    parts = []
    if tier.lower:
        parts.append(t("edge.at_least" if tier.lower_included else "edge.above", edge=tier.lower))
    if tier.upper:
        parts.append(t("edge.at_most" if tier.upper_included else "edge.below", edge=tier.upper))
    text = t("edge.both", lower=parts[0], upper=parts[1]) if len(parts) == 2 else "".join(parts)
    if tier.when:
        test = t("edge.when", test=tier.when.readable.text(t.language))
        return t("edge.both", lower=text, upper=test) if text else test
    return text or t("edge.otherwise")


def bounds(pair: Bounds, t: Texts) -> str:
    """Bounds in words: `限于 0 至 10 分`."""
    if pair.low is not None and pair.high is not None:
        return t("sentence.bounds.both", low=pair.low, high=pair.high)
    return t("sentence.bounds.low", low=pair.low) if pair.low is not None else t("sentence.bounds.high", high=pair.high)


def read(reference: Reference, t: Texts) -> str:
    """One fact with its value."""
    title = reference.title.text(t.language) or reference.name
    if reference.withheld is not None:
        return t("sentence.read", title=title, value=reference.withheld.text(t.language))
    value = {"true": t("service.yes"), "false": t("service.no")}.get(reference.text, reference.text)
    return t("sentence.read", title=title, value=value or t("sentence.missing_value"))


def _withheld(line: SheetLine, t: Texts) -> Iterator[str]:
    """What a line reads, as far as it is shown, and why its points stand elsewhere."""
    if 0 < len(line.reads) <= MOST_READ:
        yield t("service.comma").join(read(reference, t) for reference in line.reads)
    if line.withheld is not None:
        yield line.withheld.text(t.language)


def _leaf(line: SheetLine, t: Texts) -> Iterator[str]:
    if line.status == "not_applicable":
        yield t("sentence.not_applicable")
        return
    if line.status == "waived":
        yield t("sentence.waived")
    if 0 < len(line.reads) <= MOST_READ:
        yield t("service.comma").join(read(reference, t) for reference in line.reads)
    if line.status == "no_data":
        yield _missing(line, t)
    elif line.tier is not None:
        yield t("sentence.tier", edges=edges(line.tier, t), points=line.points)
    elif line.amount is not None and not line.tiered and not _same(line):
        yield t("sentence.rounded", amount=line.amount.text, points=line.points)
    yield from (_counted(group, t) for group in line.records if not group.unit or group.total)


def _missing(line: SheetLine, t: Texts) -> str:
    key = f"sentence.missing.{line.missing}"
    return t(key if t.has(key) else "sentence.missing.number")


def _same(line: SheetLine) -> bool:
    """Whether the exact amount is just what stands as points."""
    if line.amount is None:
        return True
    plain = line.points.rstrip("0").rstrip(".") if "." in line.points else line.points
    return line.amount.exact and line.amount.text == plain


def _counted(group: RecordGroup, t: Texts) -> str:
    table = group.title.text(t.language)
    key = "sentence.counted_units" if group.unit else "sentence.counted"
    text = t(key, table=table, count=group.counts.get("counted", 0))
    for part in ("among", "counted_with"):
        if group.counts.get(part):
            text += t("service.comma") + t(f"sentence.{part}", count=group.counts[part])
    return text


def _step(line: SheetLine, t: Texts) -> str:
    if line.change is None:
        return t("sentence.step_no_data")
    shown = [Words(t).outcome(one.code, one.title) or t("sentence.no_level") for one in line.change]
    return t("sentence.step", before=shown[0], after=shown[1])
