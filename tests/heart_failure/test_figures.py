"""Charts hold what the assessment holds."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.heart_failure import figures, scores, strata
from core.heart_failure.assess import assess
from core.heart_failure.explain import explain
from core.heart_failure.read import read
from core.heart_failure.what_if import vary
from core.serving import get
from tests.heart_failure.standin import weights

KNOWN = {"age": 70, "sex": "female", "lvef": 25, "sodium": 136, "haemoglobin": 12, "creatinine": 1.1, "bun": 20, "systolic": 110,
         "diastolic": 70, "weight": 70, "height": 168, "nyha": "III", "setting": "outpatient", "duration": 30, "smoker": False,
         "diabetes": False, "copd": False, "aetiology": "dilated", "scar_share": 8, "scar_adjustment": True,
         "prescriptions": "Bisoprolol 5 mg, furosemide 40 mg od"}


def of(figure, name: str):
    return next(trace for trace in figure.data if trace.name and name in trace.name)


def test_survival_shows_patient_cohort_scar_and_scores():
    study = read(**KNOWN)
    assessment = assess(study, weights())
    results = scores.of(study)
    figure = figures.survival(assessment, results)
    assert tuple(of(figure, "this patient").y) == assessment.curves[0].y
    assert tuple(of(figure, "cohort").y) == assessment.curves[1].y
    assert tuple(of(figure, "not learned").y) == assessment.curves[2].y
    maggic = next(one for one in results if one.code == "maggic")
    assert of(figure, "MAGGIC").y[0] == pytest.approx(100 - maggic.risk_1y[0])
    wide = figures.survival(assessment, [replace(maggic, wide=True)])
    assert not [trace for trace in wide.data if trace.name == "MAGGIC"]
    assert not [trace for trace in figures.survival(assessment).data if trace.name == "MAGGIC"]


def test_contributions_stand_by_field_and_the_rest_is_summed():
    reason = explain(read(**KNOWN), "death:1y", "shapley", weights())
    rows = reason.parameters["fields"]
    bars = figures.contributions(reason, most=2).data[0]
    assert list(bars.y[:2]) == [label for _, label, _ in rows[:2]]
    assert bars.y[2] == f"{len(rows) - 2} further fields"
    assert sum(bars.x) == pytest.approx(sum(value for *_, value in rows))


def test_a_model_without_branches_has_no_weights_to_show():
    assert figures.modalities(assess(read(**KNOWN), weights())) is None


def test_the_stratum_s_steps_and_patients_at_risk():
    own = strata.nearest(get(weights()).config, "outpatient", 0.3)
    assessment = assess(read(**KNOWN), weights())
    figure = figures.stratum(own, assessment.curves[0])
    assert of(figure, "observed").line.shape == "hv"
    texts = [note.text for note in figure.layout.annotations]
    assert texts[:-1] == [str(count) for count in own.at_risk]
    assert figures._steps((0, 1, 2), (1, 0.5, 0.25)) == ([0, 1, 1, 2, 2], [100, 100, 50, 50, 25])


@pytest.mark.parametrize("dark", [False, True])
def test_variation_shows_both_years(dark):
    found = vary(read(**KNOWN), "sodium", [130, 140], weights())
    figure = figures.variation(found, title="Sodium, mmol/l", dark=dark)
    assert list(of(figure, "three years").y) == pytest.approx(found.prognosis.risk(3)[0].tolist())
    assert len(figure.data) == 2
