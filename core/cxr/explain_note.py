"""Which words of the note moved a finding."""

from __future__ import annotations

import torch
from torch import Tensor

from core.cxr.prepared import Prepared, encoded, label_index, prepare
from core.cxr.study import CxrStudy
from core.serving import Served, get
from core.spelling import spelt

CHUNK = 16  # words per pass of the fusion


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
    words = spelt(note, prepared.pieces)
    if not words:
        return ()
    hidden = prepared.padding.repeat(len(words) + 1, 1)  # the last row hides no word
    for row, word in enumerate(words):
        hidden[row, word.tokens] = True
    logits = []
    for rows in hidden.split(CHUNK):
        with served.lock, torch.no_grad():
            logits.append(served.model.fuse(features.expand(len(rows), -1, -1, -1),
                                            prepared.states.expand(len(rows), -1, -1), rows)[:, k])
    *without, whole = torch.cat(logits).tolist()
    return tuple((note[word.start:word.end], whole - logit) for word, logit in zip(words, without, strict=True))
