"""The two languages of the service: which one a request asks for, and every text in both, side by side.

Texts live in one YAML file with Chinese and English under each key, so that a reviewer sees a pair and a test can
hold that none is missing. No gettext: there are two languages, no plural forms in Chinese, and no build step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final, Literal

import yaml

Language = Literal["zh", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("zh", "en")
DEFAULT: Final[Language] = "zh"
TAGS: Final[Mapping[Language, str]] = {"zh": "zh-CN", "en": "en"}


@dataclass(frozen=True, slots=True)
class Texts:
    """All texts in one language.

    Attributes:
        asked: Whether the request named the language (`?lang=`), so that links carry it on.
    """

    language: Language
    asked: bool = False

    def __call__(self, key: str, /, **values: object) -> str:
        """The text under *key*, its places filled with *values*.

        Raises:
            KeyError: There is no such text.
        """
        return catalog()[key][self.language].format(**values)

    def has(self, key: str) -> bool:
        """Whether there is a text under *key*."""
        return key in catalog()

    @property
    def tag(self) -> str:
        """Language tag for the `lang` attribute and `Content-Language`."""
        return TAGS[self.language]


@cache
def catalog() -> Mapping[str, Mapping[Language, str]]:
    """Every text: dotted key → language → text."""
    source = (files("api.kernel") / "texts.yaml").read_text(encoding="utf-8")
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # every scalar is text: `yes` is a word here
    return dict(_flat(yaml.load(source, Loader=loader), ""))  # noqa: S506  # the base loader makes no objects


def language_of(asked: str | None, accepted: str | None) -> Texts:
    """The language of an answer: `?lang=` when it names one, else the best of `Accept-Language`, else Chinese.

    >>> language_of(None, "fr, en;q=0.8, zh;q=0.5").language
    'en'
    >>> language_of("zh", "en").language, language_of(None, None).language
    ('zh', 'zh')
    """
    named = _known(asked or "")
    if named is not None:
        return Texts(named, asked=True)
    return Texts(_best(accepted or ""))


def _best(accepted: str) -> Language:
    """The known language with the highest weight; the first of equals."""
    best, weight = DEFAULT, 0.0
    for part in accepted.split(","):
        tag, _, parameter = part.partition(";")
        known, given = _known(tag.strip()), _weight(parameter)
        if known is not None and given > weight:
            best, weight = known, given
    return best


def _known(tag: str) -> Language | None:
    word = tag.lower().replace("_", "-").partition("-")[0]
    return next((language for language in LANGUAGES if language == word), None)


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if not name:
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


def _flat(node: Mapping[str, object], prefix: str) -> list[tuple[str, Mapping[Language, str]]]:
    found: list[tuple[str, Mapping[Language, str]]] = []
    for key, value in node.items():
        if isinstance(value, Mapping) and set(value) == set(LANGUAGES):
            found.append((f"{prefix}{key}", {language: str(value[language]) for language in LANGUAGES}))
        elif isinstance(value, Mapping):
            found += _flat(value, f"{prefix}{key}.")
        else:
            raise TypeError(f"texts.yaml: found {prefix}{key} without both languages, allowed: zh and en")
    return found
