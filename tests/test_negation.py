"""Where a note negates, in its own characters; that these phrases leave a text is tested with the notes of films."""

from __future__ import annotations

import time

import pytest

from core.negation import negated, without_negated


@pytest.mark.parametrize(("note", "phrases"), [
    ("No fever, cough or chills. Short of breath.", ["No fever, cough or chills"]),
    ("Patient denies chest pain but has nausea.", ["Patient denies chest pain "]),
    ("Chest pain was denied. Fever: no. Afebrile today", ["Chest pain was denied", " Fever: no", "Afebrile"]),
    ("No improvement, still breathless.", []),
    ("No fever,\n   productive cough for 3 days.", ["No fever"]),
    ("Alert,   no\n  distress.  Tachycardic.", ["no\n  distress"]),
    ("kein Fieber, Husten seit 3 Tagen", ["kein Fieber"]),
    ("", []), ("no", []), ("\n\n\n\n", []),
])
def test_the_phrases_that_a_note_negates(note, phrases):
    assert [note[start:end] for start, end in negated(note)] == phrases


def test_what_is_pointed_at_is_what_leaves():
    note = "Tired. No fever, no chills, and denies cough or sputum. Pneumonia excluded. SpO2 88 %."
    kept, last = [], 0
    for start, end in negated(note):
        kept.append(note[last:start])
        last = end
    words = "".join([*kept, note[last:]]).replace(",", " ").replace(".", " ").split()
    assert words == without_negated(note).replace(",", " ").replace(".", " ").split()


def test_a_long_note_costs_little():
    start = time.process_time()
    negated("no fever, cough and " * 2000 + " " * 20_000 + "\n" * 20_000)
    assert time.process_time() - start < 5
