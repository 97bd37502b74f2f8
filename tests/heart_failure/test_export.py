"""What leaves the room: complete, in both languages, without the text that was typed."""

from __future__ import annotations

import io

import pytest
from PIL import Image
from pypdf import PdfReader

from core.drugs import CLASSES
from core.export.fhir import diagnostic_report
from core.export.pdf import case_pdf
from core.fields import fields_of
from core.heart_failure import german
from core.heart_failure.assess import assess
from core.heart_failure.drug_status import STATUSES
from core.heart_failure.export import entry, worded
from core.heart_failure.read import read
from tests.heart_failure.standin import weights

KNOWN = {"age": 75, "sex": "male", "weight": 80, "height": 180, "lvef": 25, "sodium": 135, "creatinine": 1.5, "nyha": "III",
         "aetiology": "dilated", "regurgitation": "0", "smoker": False, "scar_share": 3.5, "scar_adjustment": True,
         "prescriptions": "Mr Miller: bisoprolol 2.5 mg od; ramipril stopped, =cmd|'/c calc'!A1, <b>furosemide</b> 40 mg bd"}


def of(language="en", **fields):
    study = read(**{**KNOWN, **fields})
    return entry(study, assess(study, weights()), language)


def test_german_has_a_word_for_everything():
    asked = fields_of(read)
    assert set(german.FIELDS) == set(asked)
    for one in asked.values():
        for choice in one.choices:
            assert worded(one.field, choice, "de")
    assert set(german.CLASSES) == set(CLASSES)
    assert set(german.STATUSES) == set(STATUSES)
    assert {unit for one in asked.values() if (unit := one.field.unit)} >= set(german.UNITS)


def test_tables_say_what_is_known_and_what_was_recognised():
    tables = of("de").tables
    known = {label: (value, unit) for label, value, unit in tables["Was bekannt ist"][1:]}
    assert known["Alter"] == ("75", "Jahre")
    assert known["Late Enhancement"] == ("3,5", "% des Myokards")
    assert known["Body-Mass-Index (berechnet)"] == ("24,69", "kg/m²")
    assert known["Mitralinsuffizienz"] == ("nein", "–")
    assert known["Raucht derzeit"] == ("nein", "–")
    drugs = {name: rest for name, *rest in tables["Erkannte Medikamente"][1:]}
    assert drugs == {"bisoprolol": ["Betablocker", "2,5 mg, 1 mal täglich", "genommen"],
                     "ramipril": ["ACE-Hemmer", "–", "abgesetzt"],
                     "furosemide": ["Schleifendiuretikum", "40 mg, 2 mal täglich", "genommen"]}
    scores = tables["Etablierte Scores"]
    assert scores[1][0] == "MAGGIC"
    assert scores[1][4].startswith("0,71 (")
    assert all(len(row) == len(scores[0]) for row in scores)


@pytest.mark.parametrize("language", ["en", "de"])
def test_reports_are_made_and_do_not_have_the_text(language):
    made = of(language)
    pages = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(case_pdf([made], language))).pages)
    assert "bisoprolol" in pages
    for words in ("Miller", "cmd|"):
        assert words not in pages
        assert words not in str(diagnostic_report(made, language))
    with Image.open(io.BytesIO(made.picture)) as picture:
        assert picture.size[0] > 1000
        assert "dpi" not in picture.info


def test_a_refused_patient_has_no_curve_and_no_scores():
    made = of(age=12)
    assert made.picture is None
    assert list(made.tables) == ["What is known", "Drugs recognised"]
    case_pdf([made])


def test_the_same_patient_is_the_same_picture():
    assert of().picture == of().picture
