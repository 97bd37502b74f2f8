"""What reports are made of: picture, details and the wording of every label, in both languages."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from PIL import Image

from core.assessment import Notice
from core.ecg import ROOM
from core.ecg.assess import assess
from core.ecg.examples import examples
from core.ecg.export import entry
from core.ecg.read import read


@pytest.fixture(scope="module")
def recorded():
    one = next(iter(examples()))
    study = read(one.files)
    return study, assess(study)


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_label_has_its_wording(recorded, language):
    study, assessment = recorded
    made = entry(study, assessment, language)
    assert (made.room, made.assessment, made.details) == (ROOM, assessment, study.source)
    wanted = {(f.group, f.code) for f in assessment.findings} | {("group", f.group) for f in assessment.findings}
    wanted |= {("measurement", m.code) for m in (*assessment.measurements, *assessment.comparators)}
    wanted |= {("group", m.group) for m in assessment.measurements if m.group}
    assert wanted <= made.labels.keys()
    with Image.open(io.BytesIO(made.picture)) as picture:
        assert picture.info["dpi"][0] == pytest.approx(150, abs=0.1)  # so that it is printed true to scale


def test_english_labels_are_those_of_the_assessment(recorded):
    study, assessment = recorded
    labels = entry(study, assessment).labels
    assert all(labels[f.group, f.code] == f.label for f in assessment.findings)
    assert all(labels["measurement", m.code] == m.label for m in (*assessment.measurements, *assessment.comparators))
    assert labels["group", "superclass"] == "Diagnostic superclasses"


def test_german(recorded):
    labels = entry(*recorded, "de").labels
    assert labels["statement", "AFIB"] == "Vorhofflimmern"
    assert labels["measurement", "pr_interval"] == "PQ-Zeit"
    assert labels["measurement", "rate_by_rule"] == "Frequenz nach Regel"
    assert labels["measurement", "reconstruction_error_avr"] == "Rekonstruktionsfehler, aVR"
    assert labels["group", "statement"] == "Einzelbefunde"


def test_the_german_report_has_no_english_rule_or_note(recorded):
    study, assessment = recorded
    for age in (study.age, 6.0, 0.1):
        made = replace(study, age=age)
        labels = entry(made, assess(made), "de").labels
        said = " ".join(text for (kind, _), text in labels.items() if kind in ("note", "value"))
        assert "Perzentile" in said or age == study.age
        for word in ("beats", "below", "above", "normal rate", "percentile", "years", "months", " from ", " at "):
            assert word not in said, said
    labels = entry(study, assessment, "de").labels
    assert (labels["room", "title"], labels["detail", "device"]) == ("EKG", "Gerät")


def test_a_refused_recording_is_shown_with_its_reason(recorded):
    study = replace(recorded[0], notices=(Notice("refuse", "Not an ECG."),))
    made = entry(study, assess(study))
    assert made.assessment.refused
    assert made.picture.startswith(b"\x89PNG")
