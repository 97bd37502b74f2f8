"""A note cut into sentences, each of which is embedded on its own: so a reader can be told which of them counted.

Beside the embedding stands the number of the sentence, since embeddings tell numbers badly (Wallace et al. 2019, EMNLP,
"Do NLP models know numbers?").
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from core.text import embed

MOST = 48  # sentences that are read; a longer note loses its last ones
LIST = 160  # characters; a longer sentence is a list, and its commas separate it
WIDTH = 384 + 2  # of MiniLM, whether there is a number, and its logarithm
_NUMBER = re.compile(r"(?<![\w/.,:-])\d{1,5}(?:[.,]\d{1,3})?(?![\w/:]|[.,]\d)")  # no date, no time, no name such as PaO2
_END = re.compile(r"(?<=[.!?;])\s+|\s*\n\s*")  # no space follows the point of a number


def sentences(note: str) -> list[str]:
    """The sentences of a note, in order, without empty ones."""
    parts = [part for one in _END.split(note) for part in (re.split(r",\s+", one) if len(one) > LIST else [one])]
    return [one.strip() for one in parts if any(c.isalnum() for c in one)][:MOST]


def vectors(said: Sequence[str]) -> np.ndarray:
    """Embedding and number of each sentence, float32 ``[n, WIDTH]``."""
    found = np.zeros((len(said), WIDTH), np.float32)
    if said:
        found[:, :-2] = embed(said)
        found[:, -2:] = [_number(one) for one in said]
    return found


def _number(sentence: str) -> tuple[float, float]:
    first = _NUMBER.search(sentence)
    return (0.0, 0.0) if first is None else (1.0, float(np.log1p(float(first[0].replace(",", ".")))))
