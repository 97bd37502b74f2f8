"""What of a note may be read: sections, leakage, negation, rendered fields; and the generator that leaks."""

from __future__ import annotations

import time

import numpy as np
import pytest

from core.cxr.labels import OBSERVATIONS
from core.cxr.notes import LONGEST, compose, filter_sections, render, without_negated
from core.cxr.study import CxrStudy
from core.cxr.training.note_generator import MARK, generate
from core.uploads import InputError

REPORT = """                                 FINAL REPORT
 EXAMINATION:  CHEST (PORTABLE AP)

 INDICATION:  Woman with cough  // pneumonia?

 COMPARISON:  Effusion has grown.

 FINDINGS:

 Right basal consolidation.  HEART: Enlarged.

 IMPRESSION:

 Pneumothorax.
"""


def test_a_report_keeps_its_indication_alone():
    note = filter_sections(REPORT)
    assert note.kept == "EXAMINATION: CHEST (PORTABLE AP)\nINDICATION: Woman with cough // pneumonia?"
    assert [name for name, _ in note.dropped] == ["FINAL REPORT", "COMPARISON", "FINDINGS", "IMPRESSION"]
    assert dict(note.dropped)["FINDINGS"] == "Right basal consolidation. HEART: Enlarged."


@pytest.mark.parametrize(("note", "kept"), [
    ("", ""),
    ("Cough and fever for 3 days.", "Cough and fever for 3 days."),
    ("Known COPD and plan to travel", "Known COPD and plan to travel"),
    ("Chief complaint: cough. History: COPD. Findings: opacity. Impression: PNA",
     "Chief complaint: cough.\nHistory: COPD."),
    ("Cough. IMPRESSION RIGHT EFFUSION", "Cough."),
    ("Physical findings: crackles. CXR: effusion", "Physical findings: crackles."),
    ("**Impression**\nedema\n**History**\nfall", "**History**\nfall"),
    ("Impression - effusion\nIndication - cough", "Indication - cough"),
    ("Indication: cough\r\nFINDINGS AND IMPRESSION: mass\r\n", "Indication: cough"),
    ("Reason for exam: fall. Radiologist's report: large pneumothorax", "Reason for exam: fall."),
    ("INDICATION: Dyspnea.\n\nPA and lateral views of the chest. Large effusion.", "INDICATION: Dyspnea."),
    ("HISTORY: Cough.\n\nHe also reports fever.", "HISTORY: Cough.\n\nHe also reports fever."),
    ("Anamnese: Husten.\nFragestellung: Infiltrat?\nBefund: Erguss.\nBeurteilung: Pneumonie.",
     "Anamnese: Husten.\nFragestellung: Infiltrat?"),
    ("Klinische Angaben: Dyspnoe\nBefund und Beurteilung: Kardiomegalie", "Klinische Angaben: Dyspnoe"),
])
def test_sections(note: str, kept: str):
    assert filter_sections(note).kept == kept


def test_leaks_are_located_in_what_is_kept():
    note = filter_sections(
        "FINDINGS: mass\nINDICATION: PNA? Pedal edema, pulmonary edema, body mass index 30, Pleuraerguss")
    assert all(note.kept[start:end] == word for start, end, word, _ in note.leaks)
    assert [(word, label) for *_, word, label in note.leaks] == [
        ("PNA", "Pneumonia"), ("edema", "Edema"), ("Pleuraerguss", "Pleural Effusion")]


def test_every_observation_has_a_word_that_leaks():
    words = ("normal chest", "widened mediastinum", "enlarged heart", "opacity", "lung nodule", "pulmonary oedema",
             "consolidation", "pneumonia", "atelectasis", "pneumothorax", "effusion", "pleural plaques",
             "rib fractures", "pacemaker")
    assert [filter_sections(word).leaks[-1][3] for word in words] == list(OBSERVATIONS)


def test_a_note_beyond_any_note_is_refused():
    with pytest.raises(InputError) as caught:
        filter_sections("a" * (LONGEST + 1))
    assert caught.value.field == "note"


@pytest.mark.parametrize(("note", "left"), [
    ("Cough but no fever.", "Cough."),
    ("No fever, productive cough for 3 days.", "productive cough for 3 days."),
    ("No fever, cough since Monday", "cough since Monday"),
    ("No fever, chills or cough. Dyspnea.", "Dyspnea."),
    ("No fever, productive cough, or dyspnea", ""),
    ("Patient denies fever, chills, and cough, but reports chest pain.", "reports chest pain."),
    ("Denies: fever,\nchills. Cough", "Cough"),
    ("Dyspnea without chest pain", "Dyspnea"),
    ("Negative for pneumonia, effusion", ""),
    ("There is no evidence of pneumonia but there is a cough.", "there is a cough."),
    ("She has no fever and productive cough for 3 days", "productive cough for 3 days"),
    ("Cough present, fever absent", "Cough present"),
    ("Fever, chills and cough are denied. Fall.", "Fall."),
    ("Pneumonia was ruled out. Cough", "Cough"),
    ("Fever: no. Cough: yes.", "Cough: yes."),
    ("Has not had fever. Weight loss.", "Weight loss."),
    ("Afebrile, short of breath.", "short of breath."),
    ("cough (no sputum), temperature 38.5", "cough, temperature 38.5"),
    ("History: No fever. Cough.", "Cough."),
    ("No fever\nProductive cough", "Productive cough"),
    ("Kein Fieber, aber Husten seit 3 Tagen.", "Husten seit 3 Tagen."),
    ("Husten ohne Auswurf, keine Dyspnoe", "Husten"),
    ("Weder Fieber noch Husten, Dyspnoe seit 2 Tagen", "Dyspnoe seit 2 Tagen"),
    ("Fieber wird verneint, Husten seit gestern", "Husten seit gestern"),
])
def test_negated_phrases_leave(note: str, left: str):
    assert without_negated(note) == left


@pytest.mark.parametrize("note", [
    "", "Age 60 years. Male. AP view, portable. Follow-up 3.", "Rule out pneumonia", "Pneumonia to be ruled out",
    "Pneumonia cannot be excluded", "No improvement of the cough on antibiotics", "Not able to lie flat, cannot sleep",
    "Gram negative sepsis", "Absent breath sounds on the left", "Follow-up no. 3, dyspnea",
    "Keine Besserung der Dyspnoe", "HISTORY:\n  Cough,  fever\n\n\nand  chills",
])
def test_what_is_not_negated_stays_as_it_is(note: str):
    assert without_negated(note) == note


def test_negation_does_not_move_the_embedding_towards_what_it_negates():
    from core.text import embed

    cough, fever = embed(["Cough."], "minilm")[0], embed(["Fever."], "minilm")[0]
    raw, stripped = embed(["Cough, no fever.", without_negated("Cough, no fever.")], "minilm")
    assert raw @ fever > stripped @ fever
    np.testing.assert_allclose(stripped, cough, atol=1e-5)


@pytest.mark.parametrize("piece", [
    "no a, known b ", "no ", "fever, ", "is ", " ", "\n", "findings and ", "history, ", "(-) "])
def test_hostile_notes_take_no_longer_than_seconds(piece: str):
    note = (piece * LONGEST)[:LONGEST]
    start = time.process_time()
    without_negated(filter_sections(note).kept)
    assert time.process_time() - start < 20


def test_fields_as_a_note():
    assert render(60, "male", "AP", True, 3) == "Age 60 years. Male. AP view, portable. Follow-up 3."
    assert render(0.5, None, "lateral", False, 0) == "Age 0.5 years. Lateral view. Follow-up 0."
    assert render(None, "female", None, True, None) == "Female. Portable."
    assert render(float("nan"), None, None, None, float("nan")) == render(None, None, None, None, None) == ""


def test_compose_joins_fields_and_the_cleaned_note():
    note = "INDICATION: Cough, no fever. FINDINGS: Mass."
    study = CxrStudy(np.zeros((4, 4), np.float32), note=note, view="PA", age=60)
    assert compose(study) == "Age 60 years. PA view. INDICATION: Cough."
    assert compose(CxrStudy(np.zeros((4, 4), np.float32))) == ""


def test_the_generator_writes_the_published_form_and_gives_the_labels_away():
    labels = {"Cardiomegaly": 1, "Edema": 1, "Pleural Effusion": 1, "Fracture": 0, "Pneumonia": -1}
    note = generate(labels, seed=3)
    assert note == generate(labels, seed=3)
    assert len({generate(labels, seed) for seed in range(20)}) > 5
    assert note.startswith("Chief complaint: Patient presenting with ")
    assert " History: " in note
    assert note.endswith("Indication: Evaluate for cardiomegaly, edema.")
    assert {label for *_, label in filter_sections(note).leaks} == {"Cardiomegaly", "Edema"}
    assert "cardiopulmonary disease" in generate({"No Finding": 1}, 0)
    assert "labels" in MARK
    with pytest.raises(InputError):
        generate({"Oedema": 1}, 0)
