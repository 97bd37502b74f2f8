"""Which word pieces of a text encoder spell which word of a text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

UNKNOWN = "[UNK]"  # what the tokenizer puts for a word it cannot spell
_PARTS = re.compile(r"[^\W_]+|[^\w\s]|_")


@dataclass(frozen=True)
class Word:
    """``text[start:end]``; tokens: places of its word pieces."""

    start: int
    end: int
    tokens: list[int]


def spelt(text: str, pieces: Sequence[str]) -> tuple[Word, ...]:
    """The words of a text by the word pieces that spell it, in order; those that no piece is left for are not read.

    Pieces carry no positions in the text, but spell it in order: a piece belongs to the word whose letters it spells.
    """
    found, at = [], 0
    for match in re.finditer(r"\S+", text):
        tokens = []
        for part in _PARTS.findall(_plain(match[0])):
            left = len(part)
            while left > 0 and at < len(pieces):
                left -= left if pieces[at] == UNKNOWN else len(pieces[at].removeprefix("##"))
                tokens.append(at)
                at += 1
        if tokens:
            found.append(Word(match.start(), match.end(), tokens))
    return tuple(found)


def _plain(word: str) -> str:
    """Without accents, as the tokenizer counts letters."""
    return "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))
