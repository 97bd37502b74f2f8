"""What a note says: terms with their places, negated, uncertain; counts by column."""

from __future__ import annotations

from functools import partial

import pytest

from core.deterioration.lexicon import MARKERS, SYMPTOMS
from core.deterioration.note_features import COLUMNS, features, mentions
from tests.pace import GROWN, linear


def said(text: str) -> list[tuple[str, str, str]]:
    return [(one.term, one.kind, "no" if one.negated else "maybe" if one.uncertain else "yes") for one in mentions(text)]


def test_places_are_those_of_the_text():
    text = "Pt  pale &\nclammy,\tgiven  LASIX 40 mg; SOB."
    assert [text[one.start:one.end] for one in mentions(text)] == ["pale", "clammy", "LASIX", "SOB"]
    assert [one.term for one in mentions(text)] == ["pallor", "sweating", "furosemide", "dyspnoea"]


@pytest.mark.parametrize(("text", "expected"), [
    ("Denies chest pain or nausea, has a headache.", [("chest pain", "no"), ("nausea", "no"), ("headache", "yes")]),
    ("No fever, no cough. Wheezing.", [("fever", "no"), ("cough", "no"), ("wheeze", "yes")]),
    ("Vomiting: no", [("vomiting", "no")]),
    ("Possible sepsis, tachycardic.", [("sepsis", "maybe"), ("tachycardia", "yes")]),
    ("?PE not seen; ?sepsis", [("sepsis", "maybe")]),
    ("r/o pneumonia or stroke", [("pneumonia", "maybe"), ("stroke", "maybe")]),
    ("Sepsis is suspected but hypotensive now", [("sepsis", "maybe"), ("hypotension", "yes")]),
    ("Seizure cannot be ruled out.", [("seizure", "maybe")]),
    ("No fever, given morphine, no heparin", [("fever", "no"), ("morphine", "yes"), ("heparin", "no")]),
    ("No pain, cough, or wheeze; on aspirin", [("pain", "no"), ("cough", "no"), ("wheeze", "no"), ("aspirin", "yes")]),
    ("No rash, ?sepsis", [("rash", "no"), ("sepsis", "maybe")]),
    ("If hypotensive, give norepinephrine", [("hypotension", "maybe"), ("norepinephrine", "yes")]),
    ("abdominal pain and severe pain", [("abdominal pain", "yes"), ("pain", "yes")]),
    ("pulmonary oedema, ankle oedema", [("pulmonary oedema", "yes"), ("oedema", "yes")]),
    ("painting in the pale-blue room", []),
    ("respiratory failure, intubated", [("respiratory failure", "yes"), ("ventilation", "yes")]),
])
def test_what_is_affirmed_negated_and_uncertain(text, expected):
    assert [(term, state) for term, _, state in said(text)] == expected


@pytest.mark.parametrize(("text", "drugs"), [
    ("WARFARIN SODIUM 5 MG PO TABS", ["warfarin"]),
    ("5 ML VIAL : DILTIAZEM HCL 25 MG/5ML IV SOLN", ["diltiazem"]),
    ("HYDROCODONE-APAP 5-325", ["hydrocodone"]), ("insulin-lispro", ["insulin"]),
    ("POTASSIUM CHLORIDE 20 MEQ", ["potassium"]), ("potassium 5.2, calcium low", []),
    ("SODIUM CHLORIDE 0.9 %; sodium 128; ALBUMIN 5%; albumin 28", ["sodium", "albumin"]), ("K-DUR", ["potassium"]),
    ("Tazocin and noradrenaline", ["piperacillin", "norepinephrine"]),
])
def test_drugs_by_any_of_their_names(text, drugs):
    assert [one.term for one in mentions(text) if one.kind == "medication"] == drugs


@pytest.mark.parametrize(("kind", "words"), [("symptom", SYMPTOMS), ("marker", MARKERS)])
def test_each_term_is_found_by_its_name_or_a_word_for_it(kind, words):
    others = {"wheeze": "wheezing", "organ failure": "renal failure", "ventilation": "intubated", "infarction": "NSTEMI",
              "embolism": "DVT"}
    for term in words:
        assert said(others.get(term, term))[0][:2] == (term, kind), term


def test_counts():
    counts = features("Pale. No fever, ?sepsis. Given morphine, fentanyl; not given heparin.")
    assert tuple(counts) == COLUMNS
    assert (counts["symptoms"], counts["symptoms_negated"], counts["markers_uncertain"]) == (1, 1, 1)
    assert (counts["symptom_pallor"], counts["symptom_fever"], counts["marker_sepsis"], counts["symptom_cough"]) == (1, -1, -1, 0)
    assert counts["class_opioid"] == 2
    assert counts["words"] == 10
    assert set(features("").values()) == {0}
    assert features("No fever. Fever today.")["symptom_fever"] == features("Fever. No fever.")["symptom_fever"] == 1


@pytest.mark.parametrize("part", ["no pain, possible sepsis, given lasix and ", "?", "p", " possible"])
def test_a_note_costs_as_much_as_it_is_long(part):
    much = 4000 // len(part)
    assert linear(partial(mentions, part * much), partial(mentions, part * much * GROWN))
