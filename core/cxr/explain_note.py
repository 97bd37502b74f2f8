"""Which words of the note moved a finding."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import torch
from torch import Tensor

from core.cxr.prepared import Prepared, encoded, label_index, prepare
from core.cxr.study import CxrStudy
from core.serving import Served, get

CHUNK = 16  # words per pass of the fusion
UNKNOWN = "[UNK]"  # what the tokenizer puts for a word it cannot spell


def note_words(note: str, study: CxrStudy, target: str, weights: str = "cxr") -> tuple[tuple[str, float], ...]:
    """The note's words, each with the fall of the target's logit when the fusion may not read it.

    One word is left out at a time: the number is a difference of two logits and needs no baseline, whereas zero states
    are no note that the model has ever read. Only the fusion runs again; the other words keep the meaning that they
    took from this one in its sentence. Words that say the same hide each other.

    Args:
        note: the composed note. target: "group:code"; a bare code means an observation.

    Returns:
        In the order of the note; above zero speaks for the target. Words beyond the longest note that the model reads
        are left out, an empty note gives none.

    Raises:
        InputError: unknown or untrained target.
    """
    served = get(weights)
    k = label_index(target, served)
    prepared = prepare(study, note, served)
    return weighed(served, prepared, encoded(served, prepared), note, k) if prepared.pieces else ()


def weighed(
    served: Served, prepared: Prepared, features: Tensor, note: str, k: int
) -> tuple[tuple[str, float], ...]:
    """``note_words`` of label k from the ``features`` of the film (``core.cxr.prepared.encoded``)."""
    words = _words(note, prepared.pieces)
    if not words:
        return ()
    hidden = prepared.padding.repeat(len(words) + 1, 1)  # the last row hides no word
    for row, (_, members) in enumerate(words):
        hidden[row, members] = True
    logits = []
    for rows in hidden.split(CHUNK):
        with served.lock, torch.no_grad():
            logits.append(served.model.fuse(features.expand(len(rows), -1, -1, -1),
                                            prepared.states.expand(len(rows), -1, -1), rows)[:, k])
    *without, whole = torch.cat(logits).tolist()
    return tuple((word, whole - logit) for (word, _), logit in zip(words, without, strict=True))


def _words(note: str, pieces: Sequence[str]) -> list[tuple[str, list[int]]]:
    """Words of the note as written, each with the positions of its word pieces.

    Pieces carry no positions in the text, but spell it in order: a piece belongs to the word whose letters it spells.
    """
    words, at = [], 0
    for word in note.split():
        members = []
        for part in re.findall(r"[^\W_]+|[^\w\s]|_", _plain(word)):
            left = len(part)
            while left > 0 and at < len(pieces):
                left -= left if pieces[at] == UNKNOWN else len(pieces[at].removeprefix("##"))
                members.append(at)
                at += 1
        if members:
            words.append((word, members))
    return words


def _plain(word: str) -> str:
    """Without accents, as the tokenizer counts letters."""
    return "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))
