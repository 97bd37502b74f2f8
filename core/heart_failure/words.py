"""Words of a text: their places in it, the tokens a text encoder makes of them, and which drug they name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.drugs import CLASSES
from core.heart_failure.drugs import FLAG_OF
from core.heart_failure.prescriptions import recognise
from core.spelling import Word, spelt


def words_of(text: str, encoder: str, longest: int) -> tuple[Word, ...]:
    """The words that the encoder of that name reads, at most ``longest`` tokens."""
    from core.text import encoder as encoder_of  # half a second, and numbers alone need none

    return spelt(text, encoder_of(encoder).tokens([text], longest)[2][0])


def by_mention(text: str, flags: Mapping[str, float]) -> list[list]:
    """[start, end, value] of each drug named: that of its flag, shared by all that name it; 0 of classes that no flag has."""
    mentions = recognise(text)
    named = [FLAG_OF.get(one.drug_class) for one in mentions]
    spans: dict[tuple[int, int], float] = {}
    for one, flag in zip(mentions, named, strict=True):
        share = flags[flag] / named.count(flag) if flag is not None else 0.0
        spans[one.start, one.end] = spans.get((one.start, one.end), 0.0) + share
    return [[start, end, value] for (start, end), value in spans.items()]


def by_class(text: str, words: Sequence[Sequence]) -> list[list]:
    """[class, label, value] of each class named: the sum over the words of its mentions."""
    sums: dict[str, float] = {}
    for one in recognise(text):
        inside = sum(value for start, end, value in words if start < one.end and end > one.start)
        sums[one.drug_class] = sums.get(one.drug_class, 0.0) + inside
    return [[code, CLASSES[code], value] for code, value in sums.items()]
