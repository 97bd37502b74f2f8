"""What leaves the room: the hand-over, complete in both languages, without the note that was typed."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image
from pypdf import PdfReader

from core.assessment import Notice
from core.deterioration import german, news2
from core.deterioration.assess import assess
from core.deterioration.export import entry
from core.deterioration.scales import AWAKE
from core.deterioration.vitals import CODES, VITALS
from core.export.fhir import diagnostic_report
from core.export.pdf import case_pdf
from tests.deterioration.standin import WEIGHTS, standin, stay, worsening  # noqa: F401

NOTE = {"note": "Mr Miller, mottled, =cmd|'/c calc'!A1", "note_hour": 5.0}


def of(language="en", study=None):
    study = worsening(**NOTE) if study is None else study
    return entry(study, assess(study, WEIGHTS), language)


def test_german_has_a_word_for_everything():
    assert set(german.VITALS) == set(CODES)
    assert set(german.PARAMETERS) == set(news2.PARAMETERS)
    assert set(german.CONSCIOUSNESS) == set(AWAKE)
    assert set(german.TIERS) == set(news2.TIERS)
    assert set(german.RISKS) == set(german.LEVELS) == {tier.risk for tier in news2.TIERS.values()}
    made = of("de")
    codes = {one.code for one in made.assessment.measurements if not one.group}
    assert {("measurement", code) for code in codes} <= set(made.labels)


def test_the_hand_over_has_the_last_observations():
    rows = {row[0]: row[1:] for row in of().tables["Hand-over: last observations"]}
    assert rows["Heart rate"] == ["135", "/min", "10", "0", "105 to 135"]
    assert rows["Temperature"] == ["37.8", "°C", "8", "2", "37.4 to 37.8"]
    assert rows["Consciousness"][0] == "alert"
    assert rows["Supplemental oxygen"][0] == "room air"
    german_rows = {row[0]: row[1:] for row in of("de").tables["Übergabe: letzte Beobachtungen"]}
    assert german_rows["Temperatur"] == ["37,8", "°C", "8", "2", "37,4 bis 37,8"]
    sparse = of(study=stay([0, 9], [[90, *[np.nan] * 5], [np.nan, 20, *[np.nan] * 4]]))
    rows = {row[0]: row[1:] for row in sparse.tables["Hand-over: last observations"]}
    assert rows["Heart rate"] == ["90", "/min", "0", "9", "–"]
    assert rows["Temperature"][0] == "–"
    assert "Consciousness" not in rows


def test_news2_stands_with_its_points_and_the_response_of_the_rcp():
    rows = {row[0]: row[1] for row in of().tables["NEWS2 (RCP 2017)"]}
    assert rows["Respiratory rate"] == "3"
    assert rows["Total"] == "12"
    assert rows["Response, RCP 2017"] == news2.TIERS["high"].response
    open_ = of(study=stay([0], [[80, 16, 37, 120, 70, 98]])).tables["NEWS2 (RCP 2017)"]
    assert ["Total", "0 to 5"] in open_
    assert ["Consciousness", "not recorded"] in open_
    assert [row[1] for row in open_ if row[0].startswith("Response")] == [
        news2.TIERS["zero"].response, news2.TIERS["medium"].response]


def test_alarms_stand_in_the_language_of_the_report():
    assert of().tables["Alarms of the model"][1][::2] == [
        "10", "Alarm line at 25.0 %; sensitivity 70 %; predictive value 40 %."]
    assert of("de").tables["Alarme des Modells"][1][2] == (
        "Alarmlinie bei 25,0 %; Sensitivität 70 %; positiver Vorhersagewert 40 %.")


@pytest.mark.parametrize("language", ["en", "de"])
def test_reports_are_made_and_do_not_have_the_note(language):
    made = of(language)
    pages = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(case_pdf([made], language))).pages)
    report = diagnostic_report(made, language)
    for words in ("Miller", "cmd|"):
        assert words not in pages
        assert words not in str(report)
    with Image.open(io.BytesIO(made.picture)) as picture:
        assert picture.size[0] > 1000
        assert "dpi" not in picture.info


def test_fhir_has_the_vital_signs_by_loinc_and_ucum():
    report = diagnostic_report(of())
    found = {one["code"]["coding"][0]["code"]: one for one in report["contained"]
             if one["resourceType"] == "Observation" and one["code"].get("coding", [{}])[0].get("system") == "http://loinc.org"}
    assert set(found) == {vital.loinc for vital in VITALS}
    units = {vital.loinc: found[vital.loinc]["valueQuantity"]["code"] for vital in VITALS}
    assert units == {"8867-4": "/min", "9279-1": "/min", "8310-5": "Cel", "8480-6": "mm[Hg]", "8462-4": "mm[Hg]", "2708-6": "%"}
    assert found["8867-4"]["interpretation"][0]["coding"][0]["code"] == "H"


def test_a_refused_stay_has_no_picture_and_no_tables():
    made = of(study=worsening(notices=(Notice("refuse", "No stay."),)))
    assert made.picture is None
    assert made.tables == {}
    case_pdf([made])


def test_the_same_stay_is_the_same_picture():
    assert of().picture == of().picture
