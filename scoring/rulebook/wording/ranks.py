"""Which units a rank step takes, as a notice says it."""

from __future__ import annotations

from fractions import Fraction

from data_contracts.expressions import Term
from scoring.rulebook.shape import Rank
from scoring.rulebook.wording.sentences import Sentences
from scoring.rulebook.written import plain, written


def ranked(rank: Rank, sentences: Sentences) -> str:
    """Which units a rank step takes, as a sentence."""
    words = sentences.names.words
    share = plain((rank.share or Fraction(0)) * 100)
    rounding = words(f"rank.{rank.rounding}")
    count = (
        words("rank.share", n=share, rounding=rounding) if rank.number is None else words("rank.number", n=rank.number)
    )
    said = words(
        f"rank.{rank.which}",
        per=words("rank.per", per=sentences.or_text(rank.per)) if rank.per else "",
        among=words("rank.among", condition=sentences.or_text(rank.among)) if rank.among else "",
        by=words.comma.join(_criterion(term, highest, sentences) for term, highest in rank.by),
        count=count,
    )
    one = words("rank.one_per", key=sentences.or_text(rank.one_per)) if rank.one_per else ""
    return said + one + words(f"ties.{rank.ties}")


def _criterion(term: Term, highest: bool, sentences: Sentences) -> str:
    text = written(term)
    return sentences.names.words("rank.by" if highest else "rank.by_asc", what=sentences.said(text) or text)
