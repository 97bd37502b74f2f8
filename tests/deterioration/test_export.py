"""What leaves the room: the hand-over, complete in both languages, without the note that was typed."""

from __future__ import annotations

import io
from collections import Counter
from dataclasses import replace
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from PIL import Image
from pypdf import PdfReader

from core.assessment import Notice, to_json
from core.deterioration import german, news2
from core.deterioration.assess import assess
from core.deterioration.export import entry
from core.deterioration.names import ENOUGH
from core.deterioration.printed import drawn
from core.deterioration.read import read
from core.deterioration.scales import AWAKE
from core.deterioration.vitals import CODES
from core.export.fhir import diagnostic_report
from core.export.pdf import case_pdf
from core.uploads import Upload
from tests.deterioration.standin import ALARMS, WEIGHTS, standin, stay, worsening  # noqa: F401
from tests.export.profile import broken, loinc_of, vital_signs

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


def test_every_vital_sign_in_fhir_follows_its_profile_and_is_there_once_an_hour():
    report = diagnostic_report(of())
    rows = vital_signs(report)
    assert [list(broken(row, report)) for row in rows] == [[]] * len(rows)
    counts = Counter(map(loinc_of, rows))
    assert counts == {"8867-4": 11, "9279-1": 11, "8310-5": 3, "2708-6": 11, "85354-9": 11}  # no pressure of its own
    rates = [row["valueQuantity"]["value"] for row in rows if loinc_of(row) == "8867-4"]
    assert rates == [85 + 5 * hour for hour in range(11)]
    pressures = [row for row in rows if loinc_of(row) == "85354-9"]
    assert [part["valueQuantity"]["value"] for part in pressures[-1]["component"]] == [80, 55]
    assert rows[0]["interpretation"][0]["coding"][0]["code"] == "N"
    assert rows[0]["note"][0]["text"] == "At 0 h of the stay."
    assert all("device" not in row for row in rows)


def test_news2_in_fhir_is_coded_by_snomed_ct_for_loinc_has_no_code():
    (row,) = (one for one in diagnostic_report(of())["contained"]
              if one.get("valueQuantity", {}).get("unit") == "points" and one["code"]["text"] == "NEWS2")
    assert [(one["system"], one["code"]) for one in row["code"]["coding"]] == [("http://snomed.info/sct", "1104051000000101")]


DATED = "time,HR,RR,temp,SBP,DBP,SpO2,oxygen\n" + "".join(
    f"2026-03-2{8 + (hour + 20) // 24} {(hour + 20) % 24:02}:15{{zone}},{90 + hour},18,37.1,120,,9{hour},{int(hour > 3)}\n"
    for hour in range(6))


@pytest.mark.parametrize(("written", "zone", "first", "last"), [
    ("", ZoneInfo("Europe/Berlin"), "2026-03-28T20:15:00+01:00", "2026-03-29T01:15:00+01:00"),
    ("+02:00", None, "2026-03-28T20:15:00+02:00", "2026-03-29T01:15:00+02:00"),
    ("", None, "2026-03-28", "2026-03-29")])
def test_dates_of_the_table_are_the_times_of_its_vital_signs(written, zone, first, last):
    study = read([Upload("a.csv", DATED.format(zone=written).encode())])
    report = diagnostic_report(of(study=study), zone=zone)
    rows = vital_signs(report)
    assert [list(broken(row, report)) for row in rows] == [[]] * len(rows)
    assert (rows[0]["effectiveDateTime"], rows[-1]["effectiveDateTime"]) == (first, last)
    assert "2026-03" not in to_json(of(study=study).assessment)


def test_a_reference_of_scale_2_is_that_of_its_hour():
    study = read([Upload("a.csv", DATED.format(zone="").encode())], hypercapnic=True)
    ranges = [row["referenceRange"][0] for row in vital_signs(diagnostic_report(of(study=study))) if loinc_of(row) == "2708-6"]
    assert ["high" in one for one in ranges] == [False] * 4 + [True] * 2  # room air, then oxygen


def test_of_a_recording_of_minutes_the_last_of_each_hour_is_told():
    hours = np.arange(0, 30 * 24, 1 / 60)
    text = "minutes,HR\n" + "".join(f"{round(60 * hour)},{80 + hour % 7:.0f}\n" for hour in hours)
    made = of(study=read([Upload("a.csv", text.encode())]))
    rows = vital_signs(diagnostic_report(made))
    assert len(rows) == 49
    assert {row["method"]["text"] for row in rows} == {"medians of 9 min"}


def test_a_refused_stay_has_no_picture_and_no_tables():
    made = of(study=worsening(notices=(Notice("refuse", "No stay."),)))
    assert made.picture is None
    assert made.tables == {}
    case_pdf([made])


@pytest.mark.parametrize("language", ["en", "de"])
def test_what_the_lines_are_is_written_beside_them_and_over_none(language):
    study = worsening(**NOTE)
    thin = replace(assess(study, WEIGHTS), overlays={ENOUGH: np.array([0, 0, *[1] * 9], np.uint8)})
    figure = drawn(study, thin, language)
    figure.canvas.draw()
    (legend,) = figure.legends
    box = legend.get_window_extent()
    assert len(legend.get_texts()) == 5
    assert not any(box.overlaps(axes.get_window_extent()) for axes in figure.axes)
    assert not any(box.overlaps(axes._left_title.get_window_extent()) for axes in figure.axes)
    assert box.x1 <= figure.bbox.x1


def test_the_line_that_was_chosen_is_the_one_that_is_drawn():
    study = worsening()
    assessment = assess(study, WEIGHTS)
    for alarm, place, label in ((None, 20, "threshold"), (ALARMS[0], 40, "alarm line (5 alerts per 100 patient-days)")):
        axes = drawn(study, assessment, "en", alarm).axes[0]
        (line,) = [one for one in axes.lines if one.get_label() == label]
        assert set(line.get_ydata()) == {place}
    assert entry(study, assessment, "en", ALARMS[0]).picture != entry(study, assessment, "en").picture


def test_the_same_stay_is_the_same_picture():
    assert of().picture == of().picture
