"""Which sentences and words of a note move the risk: each is left out in turn."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from core.deterioration.judged import Judged

MOST_SENTENCES, MOST_WORDS = 40, 60  # left out one by one; of a longer note neighbours together, and words where they matter
_SENTENCE = re.compile(r"\S.*?(?:[.;!?](?=\s|$)|(?=\n)|$)", re.MULTILINE)
_WORD = re.compile(r"\S+")
Piece = tuple[int, int, float]  # text[start:end] and what it adds to the log odds


def told(stay: Judged) -> tuple[list[Piece], list[Piece], float]:
    """Sentences and words of the note in the order of the text, and what the whole note adds to the log odds.

    Words are those of the sentences that matter most, at most MOST_WORDS.
    """
    text = stay.study.note
    if not stay.noted:
        return [], [], 0.0
    sentences = _sentences(text)
    whole, nothing, *without = stay.with_notes([text, "", *(_without(text, *span) for span in sentences)])
    pieces = [(*span, float(whole - value)) for span, value in zip(sentences, without, strict=True)]
    spans = _words(text, pieces)
    words = [(*span, float(whole - value)) for span, value in zip(
        spans, stay.with_notes([_without(text, *span) for span in spans]), strict=True)]
    return pieces, words, float(whole - nothing)


def _without(text: str, start: int, end: int) -> str:
    return f"{text[:start].rstrip()} {text[end:].lstrip()}".strip()


def _sentences(text: str) -> list[tuple[int, int]]:
    spans = [match.span() for match in _SENTENCE.finditer(text)]
    parts = np.array_split(np.arange(len(spans)), min(len(spans), MOST_SENTENCES))
    return [(spans[part[0]][0], spans[part[-1]][1]) for part in parts]


def _words(text: str, sentences: Sequence[Piece]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for start, end, _ in sorted(sentences, key=lambda piece: -abs(piece[2])):
        found += [match.span() for match in _WORD.finditer(text, start, end)]
    return sorted(found[:MOST_WORDS])
