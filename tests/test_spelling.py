"""Word pieces find the words that they spell."""

from __future__ import annotations

import pytest

from core.spelling import spelt
from core.text import encoder


def test_words_are_found_by_the_pieces_that_spell_them():
    words = spelt("Bisoprolol 5 mg (é)", ["bis", "##opro", "##lol", "5", "mg", "(", "e", ")"])
    assert [(w.start, w.end, w.tokens) for w in words] == [(0, 10, [0, 1, 2]), (11, 12, [3]), (13, 15, [4]), (16, 19, [5, 6, 7])]
    assert spelt("one two", ["one"]) == spelt("one", ["one"])


@pytest.mark.parametrize("note", [
    "Thoraxröntgen bei Übelkeit, V. a. Pneumonie.", "38.5°C; x-ray follow-up (2/3)",
    "naïve patient \U0001f600 with dyspnoea",
    "a_b _ -- 12,5 mg/d", "e\u0301le\u0300ve",
])
def test_word_pieces_find_their_words(note):
    pieces = encoder().tokens([note], 96)[2][0]
    words = spelt(note, pieces)
    assert [note[word.start:word.end] for word in words] == note.split()
    assert [k for word in words for k in word.tokens] == list(range(len(pieces)))
