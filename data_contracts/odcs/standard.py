"""What the standard itself says: which keys there are, and its JSON Schema as the last word."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any, get_args

import jsonschema_rs
from open_data_contract_standard.model import OpenDataContractStandard
from pydantic import BaseModel

from data_contracts.document import Entry, Problem, decimal_number
from data_contracts.expressions.resolve import did_you_mean


def unknown_keys(document: Entry) -> Iterator[Problem]:
    """Keys that ODCS does not have where they stand."""
    return _unknown_keys(document, OpenDataContractStandard)


def _unknown_keys(entry: Entry, model: type[BaseModel]) -> Iterator[Problem]:
    if isinstance(entry.value, list):
        for item in entry.value:
            yield from _unknown_keys(item, model)
    if not isinstance(entry.value, dict):
        return
    known = {info.alias or name: info.annotation for name, info in model.model_fields.items()}
    for key, value in entry.value.items():
        if key not in known:
            yield value.at.problem(f"found {key!r}, allowed: {', '.join(sorted(known))}{did_you_mean(key, known)}")
        elif models := list(_models(known[key])):
            yield from _unknown_keys(value, models[-1] if isinstance(value.value, list) else models[0])


def _models(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)


def against_standard(document: Entry) -> Iterator[Problem]:
    """What the JSON Schema of ODCS 3.2 refuses.

    A compiled validator says at once that a contract is sound; only a broken one is read again for the words.
    """
    plain = _plain(document)
    if _compiled().is_valid(plain):
        return
    from jsonschema.exceptions import best_match  # type: ignore[import-untyped]

    for error in _validator().iter_errors(plain):
        deepest = best_match([error])
        entry = document
        for step in deepest.absolute_path:
            below: Any = entry.value  # a mapping or list: the path leads through what _plain made of it
            entry = below[step]
        yield entry.at.problem(f"found {entry.shown}, allowed by ODCS 3.2: {deepest.message}")


@cache
def _schema() -> Any:
    return json.loads(files("open_data_contract_standard").joinpath("schema.json").read_text("utf-8"))


@cache
def _compiled() -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(_schema())


@cache
def _validator() -> Any:
    from jsonschema import Draft201909Validator  # type: ignore[import-untyped]

    return Draft201909Validator(_schema())


def _plain(entry: Entry) -> object:
    """The document as the standard sees it: unquoted numbers and truth values are not text."""
    if isinstance(entry.value, dict):
        return {key: _plain(value) for key, value in entry.value.items()}
    if isinstance(entry.value, list):
        return [_plain(value) for value in entry.value]
    if entry.value is None or entry.quoted:
        return entry.value
    number = decimal_number(entry.value)
    if number is not None:
        return int(number) if number.denominator == 1 else float(number)
    return {"true": True, "false": False}.get(entry.value, entry.value)
