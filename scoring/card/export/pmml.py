"""Table lines of a card as a PMML 4.4 Scorecard with reason codes.

PMML adds the points of tables and nothing else, so bounds, conditions, rescaling, statuses and levels are refused by
name. Points and edges are whole numbers: an evaluator that computes in doubles still gives the same points. A ratio
comes as two whole numbers, limited so that its quotient as a double cannot fall on the wrong side of an edge. Truth is
written as the texts true and false, for one evaluator reads a missing boolean as false.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from data_contracts.expressions.terms import Column, columns
from scoring.card.artefact import Card, Input
from scoring.card.core import MISSING, NotCodedError, Staircase, missing_points, points_without, staircase
from scoring.card.export import ExportError
from scoring.card.inputs import DEN
from scoring.card.ladder import Ladder
from scoring.card.reasons import full_points
from scoring.rulebook.shape import Line

NAMESPACE = "http://www.dmg.org/PMML-4_4"
EXACT = 2**51


def field_of(one: Input) -> str:
    """The PMML field of an input: its name; with decimals `area__e2`, the whole number of hundredths."""
    return f"{one.name}__e{one.type.scale}" if one.type.kind == "number" and one.type.scale else one.name


def table_lines(card: Card) -> list[str]:
    """Ids of the lines that PMML can say."""
    return [line.id for line in card.lines() if not list(_problems(card, line))]


def to_pmml(card: Card, lines: Sequence[str] | None = None) -> str:
    """A Scorecard whose score is the points of *lines*, in units.

    Args:
        card: What to write.
        lines: Ids of table lines; the whole card when not given, which then must be nothing but a sum of tables.

    Raises:
        ExportError: Everything that PMML cannot say, by name, together.
    """
    chosen = _chosen(card, lines)
    found = [problem for line in chosen for problem in _problems(card, line)]
    if lines is None:
        found = [*_whole_card(card), *found]
    if found:
        raise ExportError(f"{'; '.join(dict.fromkeys(found))}; allowed in PMML: a sum of tables over one value each")
    used = {path for line in chosen for path in _read(line)}
    inputs = [one for one in card.inputs if one.path in used]
    ratios = {one.name: _highest_den(one, chosen) for one in inputs if _is_ratio(one)}
    root = Element("PMML", {"xmlns": NAMESPACE, "version": "4.4"})
    header = SubElement(root, "Header", {"description": f"{card.id} {card.digest}"})
    SubElement(header, "Application", {"name": "property-credit"})
    _dictionary(root, inputs, ratios)
    _scorecard(root, card, inputs, chosen, whole=lines is None)
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _chosen(card: Card, lines: Sequence[str] | None) -> list[Line]:
    known = {line.id: line for line in card.lines()}
    unknown = [name for name in lines or () if name not in known]
    if unknown:
        raise ExportError(f"found lines {', '.join(unknown)}, allowed: {', '.join(known)}")
    return [line for name, line in known.items() if lines is None or name in lines]


def _whole_card(card: Card) -> Iterator[str]:
    """What a whole card has besides lines."""
    yield from (f"status {one.status}: found a status" for one in card.statuses)
    waiting = list(card.rules.lines)
    while waiting:
        line = waiting.pop(0)
        if line.is_section:
            yield from _bounds(line)
            if line.when is not None:
                yield f"section {line.id}: found a condition (when: {line.when.text})"
        waiting = [*line.lines, *waiting]
    if card.levels is not None:
        yield "levels: found rows that give a level"
        yield from (f"step {step.id}: found a level step ({step.action})" for step in card.levels.steps)


def _problems(card: Card, line: Line) -> Iterator[str]:
    yield from _bounds(line)
    if line.when is not None:
        yield f"line {line.id}: found a condition (when: {line.when.text})"
    if line.missing in ("skip", "not_rated"):
        yield f"line {line.id}: found missing: {line.missing}"
    if line.when is None and _ratio_ladder(card, line) is None:
        try:
            staircase(card, line)
        except NotCodedError as error:
            yield str(error).partition(", allowed")[0]


def _bounds(line: Line) -> Iterator[str]:
    bounds = ("within", "total", "total_round")
    word = "section" if line.is_section else "line"
    yield from (f"{word} {line.id}: found a bound ({name})" for name in bounds if getattr(line, name) is not None)


def _read(line: Line) -> set[tuple[str, ...]]:
    return {path for part in (line.on, line.points) if part is not None for path in columns(part.term)}


def _is_ratio(one: Input) -> bool:
    return one.type.kind == "number" and one.type.scale is None


def _ratio_ladder(card: Card, line: Line) -> Ladder | None:
    if line.on is None or not isinstance(line.on.term, Column):
        return None
    path = line.on.term.path
    one = next(one for one in card.inputs if one.path == path)
    return Ladder.of(line.tiers) if _is_ratio(one) else None


def _highest_den(one: Input, lines: Sequence[Line]) -> int:
    """The largest denominator with which the quotient as a double stays on its side of every edge."""
    ladders = [Ladder.of(line.tiers) for line in lines if one.path in _read(line)]
    edges = [abs(edge.numerator) for ladder in ladders if ladder is not None for edge, _ in ladder.cuts]
    return EXACT // max([1, *edges])


def _dictionary(root: Element, inputs: Sequence[Input], ratios: dict[str, int]) -> None:
    dictionary = SubElement(root, "DataDictionary")
    for one in inputs:
        if _is_ratio(one):
            _double(dictionary, one.name, -EXACT, EXACT)
            _double(dictionary, one.name + DEN, 1, ratios[one.name])
            continue
        if one.type.kind in ("number", "day"):
            _double(dictionary, field_of(one), -EXACT, EXACT)
            continue
        named = {"name": field_of(one), "optype": "categorical", "dataType": "string"}
        field = SubElement(dictionary, "DataField", named)
        for value in one.categories or ("false", "true"):
            SubElement(field, "Value", {"value": value})


def _double(dictionary: Element, name: str, low: int, high: int) -> None:
    """A whole number kept as a double: one evaluator reads a missing integer as 0, another stops at 2^31."""
    field = SubElement(dictionary, "DataField", {"name": name, "optype": "continuous", "dataType": "double"})
    SubElement(field, "Interval", {"closure": "closedClosed", "leftMargin": f"{low}.0", "rightMargin": f"{high}.0"})


def _scorecard(root: Element, card: Card, inputs: Sequence[Input], lines: Sequence[Line], *, whole: bool) -> None:
    model = SubElement(
        root, "Scorecard",
        {
            "modelName": card.id, "functionName": "regression", "useReasonCodes": "true",
            "reasonCodeAlgorithm": "pointsBelow", "initialScore": str(card.rules.start if whole else 0),
        },
    )  # fmt: skip
    schema = SubElement(model, "MiningSchema")
    for one in inputs:
        for name in (one.name, one.name + DEN) if _is_ratio(one) else (field_of(one),):
            SubElement(schema, "MiningField", {"name": name, "invalidValueTreatment": "returnInvalid"})
    output = SubElement(model, "Output")
    SubElement(
        output, "OutputField",
        {"name": "points", "optype": "continuous", "dataType": "double", "feature": "predictedValue"},
    )  # fmt: skip
    for rank in range(1, len(lines) + 1):
        named = {"name": f"reason_{rank}", "optype": "categorical", "dataType": "string"}
        SubElement(output, "OutputField", {**named, "feature": "reasonCode", "rank": str(rank)})
    _quotients(model, [one for one in inputs if _is_ratio(one)])
    characteristics = SubElement(model, "Characteristics")
    for line in lines:
        _characteristic(characteristics, card, line)


def _quotients(model: Element, ratios: Sequence[Input]) -> None:
    if not ratios:
        return
    local = SubElement(model, "LocalTransformations")
    for one in ratios:
        derived = {"name": f"{one.name}__ratio", "optype": "continuous", "dataType": "double"}
        apply = SubElement(SubElement(local, "DerivedField", derived), "Apply", {"function": "/"})
        SubElement(apply, "FieldRef", {"field": one.name})
        SubElement(apply, "FieldRef", {"field": one.name + DEN})


def _characteristic(parent: Element, card: Card, line: Line) -> None:
    full = str(full_points(line))
    item = SubElement(parent, "Characteristic", {"name": line.id, "reasonCode": line.id, "baselineScore": full})
    one = next(one for one in card.inputs if one.path in _read(line))
    ladder = _ratio_ladder(card, line)
    if ladder is not None:
        _climb(item, f"{one.name}__ratio", line, ladder, points_without(card, line, one))
        return
    stairs = staircase(card, line)
    if one.type.kind in ("text", "truth"):
        _categories(item, one, stairs)
    else:
        _steps(item, one, stairs)


def _steps(item: Element, one: Input, stairs: Staircase) -> None:
    cuts, points = list(stairs.cuts), list(stairs.points)
    if cuts and cuts[0] == MISSING + 1:
        _attribute(item, points.pop(0), field_of(one), "isMissing")
        cuts.pop(0)
    for cut, worth in zip(cuts, points, strict=False):
        _attribute(item, worth, field_of(one), "lessThan", str(cut))
    _attribute(item, points[-1], field_of(one), "isNotMissing")


def _categories(item: Element, one: Input, stairs: Staircase) -> None:
    points = list(stairs.points)
    if len(stairs.cuts) and stairs.cuts[0] == MISSING + 1:
        _attribute(item, points.pop(0), field_of(one), "isMissing")
    for value, worth in zip(one.categories or ("false", "true"), points, strict=True):
        _attribute(item, worth, field_of(one), "equal", value)


def _climb(item: Element, field: str, line: Line, ladder: Ladder, missing: int) -> None:
    _attribute(item, missing, field, "isMissing")
    points = [line.tiers[row].points if row >= 0 else missing_points(line) for row in ladder.rows]
    for (edge, below), worth in zip(ladder.cuts, points, strict=False):
        _attribute(item, worth, field, "lessOrEqual" if below else "lessThan", repr(float(edge)))
    _attribute(item, points[-1], field, "isNotMissing")


def _attribute(item: Element, points: int, field: str, operator: str, value: str | None = None) -> None:
    attribute = SubElement(item, "Attribute", {"partialScore": str(points)})
    predicate = {"field": field, "operator": operator}
    SubElement(attribute, "SimplePredicate", predicate if value is None else {**predicate, "value": value})
