"""Words of a text: their places in it, the tokens a text encoder makes of them, and which drug they name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.heart_failure.drugs import CLASSES, FLAG_OF
from core.heart_failure.prescriptions import recognise

_UNKNOWN = "[UNK]"  # what the tokenizer puts for a word it cannot spell
_PARTS = re.compile(r"[^\W_]+|[^\w\s]|_")


@dataclass(frozen=True)
class Word:
    """``text[start:end]``; tokens: places of its word pieces."""

    start: int
    end: int
    tokens: list[int]


def words_of(text: str, encoder: str, longest: int) -> tuple[Word, ...]:
    """The words that the encoder of that name reads, at most ``longest`` tokens."""
    from core.text import encoder as encoder_of  # half a second, and numbers alone need none

    return spelt(text, encoder_of(encoder).tokens([text], longest)[2][0])


def spelt(text: str, pieces: Sequence[str]) -> tuple[Word, ...]:
    """The words of a text by the word pieces that spell it, in order; those that no piece is left for are not read."""
    found, at = [], 0
    for match in re.finditer(r"\S+", text):
        tokens = []
        for part in _PARTS.findall(_plain(match[0])):
            left = len(part)
            while left > 0 and at < len(pieces):
                left -= left if pieces[at] == _UNKNOWN else len(pieces[at].removeprefix("##"))
                tokens.append(at)
                at += 1
        if tokens:
            found.append(Word(match.start(), match.end(), tokens))
    return tuple(found)


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


def _plain(word: str) -> str:
    """Without accents, as the tokenizer counts letters."""
    return "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))
