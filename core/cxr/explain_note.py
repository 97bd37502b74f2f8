"""Which words of the note moved a finding."""

from __future__ import annotations

import re
import unicodedata

import torch

from core.cxr.inputs import note_states, pixels
from core.cxr.prepared import label_index
from core.cxr.study import CxrStudy
from core.serving import get

CHUNK = 16  # words per pass of the fusion
UNKNOWN = "[UNK]"  # what the tokenizer puts for a word it cannot spell


def note_words(
    study_note: str, study: CxrStudy, target: str, weights: str = "cxr"
) -> tuple[tuple[str, float], ...]:
    """The note's words, each with the fall of the target's logit when the fusion may not read it.

    One word is left out at a time: the number is a difference of two logits and needs no baseline, whereas zero states
    are no note that the model has ever read. Only the fusion runs again; the other words keep the meaning that they
    took from this one in its sentence. Words that say the same hide each other.

    Args:
        study_note: the composed note. target: "group:code"; a bare code means an observation.

    Returns:
        In the order of the note; above zero speaks for the target. Words beyond the longest note that the model reads
        are left out, an empty note gives none.

    Raises:
        InputError: unknown or untrained target.
    """
    served = get(weights)
    k = label_index(target, served)
    states, padding, pieces = note_states(study_note, served)
    words = _words(study_note, pieces)
    if not words:
        return ()
    hidden = padding.repeat(len(words) + 1, 1)  # the last row hides no word
    for row, (_, members) in enumerate(words):
        hidden[row, members] = True
    with served.lock, torch.inference_mode():
        features = served.model.encoder(pixels(study, served.device))
        logits = torch.cat([
            served.model.fuse(features.expand(len(rows), -1, -1, -1), states.expand(len(rows), -1, -1), rows)[:, k]
            for rows in hidden.split(CHUNK)
        ]).cpu()
    return tuple((word, float(logits[-1] - logit)) for (word, _), logit in zip(words, logits, strict=False))


def _words(note: str, pieces: list[str]) -> list[tuple[str, list[int]]]:
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
