"""The named steps that bring a name to one spelling, so that two offices' spellings of one firm meet.

Few and named: a mapping states them in the open, and a firm that was joined to another can be told by which step.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from typing import Final

PLAIN_STEPS: Final = ("upper", "lower", "drop_punctuation", "collapse_spaces")
WORD_STEP: Final = "drop_words"


@dataclass(frozen=True, slots=True)
class Step:
    """One step.

    Attributes:
        name: upper, lower, drop_punctuation, collapse_spaces or drop_words.
        words: What drop_words takes out, whole words only, as they read after the steps before it.
    """

    name: str
    words: frozenset[str] = frozenset()

    def apply(self, text: str) -> str:
        """*text* after this step.

        >>> Step("drop_punctuation").apply("M&R HOLDINGS (1998), INC.")
        'MR HOLDINGS 1998 INC'
        """
        match self.name:
            case "upper":
                return text.upper()
            case "lower":
                return text.lower()
            case "drop_punctuation":
                return "".join(character for character in text if unicodedata.category(character)[0] not in "PS")
            case "collapse_spaces":
                return " ".join(text.split())
        return " ".join(word for word in text.split() if word not in self.words)


def spelled(text: str, steps: Iterable[Step]) -> str:
    """*text* after all *steps*, in their order; empty when nothing is left of it.

    >>> spelled("Acme Homes Inc.", [Step("upper"), Step("drop_punctuation"), Step("drop_words", frozenset({"INC"}))])
    'ACME HOMES'
    """
    return reduce(lambda spelling, step: step.apply(spelling), steps, text)
