"""What is left out of a result and what contradicts itself, from findings and measurements set by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.assessment import Finding, Notice
from core.ecg import intervals
from core.ecg.disagreement import disagreement
from core.ecg.marks import Delineation
from core.ecg.measurements import measurement
from core.ecg.report import write
from core.ecg.statements import BY_CODE, LABELS, term
from core.ecg.study import EcgStudy
from core.ecg.withhold import withhold

STUDY = EcgStudy(np.zeros((12, 5000), np.float32), 500.0, age=60)
ALL = tuple(LABELS)


def findings(*present: str, group: str = "statement") -> tuple[Finding, ...]:
    """All labels at 0.1, those named at 0.9."""
    return tuple(Finding(g, c, term(g, c).label, 0.9 if c in present and g == group else 0.1, 0.5) for g, c in ALL)


def measured(**values: float):
    return tuple(measurement(code, value, "delineation") for code, value in values.items())


def marks(with_p: bool = True) -> Delineation:
    presence = np.ones((10, 3), bool)
    presence[:, 0] = with_p
    return Delineation(np.zeros((0, 5), np.int64), np.zeros(0, np.int64), np.arange(10.0), presence, 500.0)


def codes(found) -> set[str]:
    return {f.code for f in found}


def test_nothing_is_withheld_of_an_adult_with_twelve_leads():
    held = withhold(STUDY, findings("IMI"), measured(qrs_duration=90))
    assert held.findings == findings("IMI")
    assert held.notices == held.reasons == ()


def test_few_leads_give_no_statements():
    held = withhold(replace(STUDY, withheld="1 lead of 12."), findings("SR"), ())
    assert held.findings == ()
    assert held.notices[0].message == "1 lead of 12."


@pytest.mark.parametrize(("study", "found", "similar"), [
    (replace(STUDY, pacing=(0.1, 1.1, 2.1)), findings("SR", "IMI", "CLBBB"), []),
    (STUDY, findings("PACE", "ASMI"), []),
    (STUDY, findings("SR", "CLBBB"), [frozenset({"PACE"})] * 3 + [frozenset({"NORM"})] * 2),
])
def test_a_pacemaker_vetoes_infarction_block_and_axis(study, found, similar):
    held = withhold(study, found, measured(qrs_duration=150), similar)
    assert held.paced
    assert not codes(held.findings) & {"IMI", "ASMI", "CLBBB", "MI", "NORM", "LVH"}
    assert {"SR", "AFIB", "PACE", "PVC"} <= codes(held.findings)
    assert "imitate" in held.notices[0].message
    rules = {c.code for c in intervals.comparators(study, measured(qrs_axis=-80, qrs_duration=150), held.paced)}
    assert rules == {"qrs_by_rule"}
    text = " ".join(write(held.findings, measured(qrs_axis=-80, qrs_duration=150), held.notices, "en", held.reasons))
    assert "Axis: -80°." in text
    assert "not assessed in paced beats" in text
    assert "infarction" not in text.replace("Infarction, ischaemia, ST-T: not assessed", "").lower()


def test_a_paced_atrium_with_narrow_beats_vetoes_nothing():
    assert not withhold(replace(STUDY, pacing=(0.1, 1.1, 2.1)), findings("IMI"), measured(qrs_duration=90)).paced


def test_children_get_no_adult_judgements():
    child = replace(STUDY, age=6.0)
    numbers = measured(heart_rate=125, qrs_axis=110, pr_interval=110, qrs_duration=70)
    held = withhold(child, findings("STACH", "RVH", "SR"), numbers)
    assert {"SR", "AFIB"} <= codes(held.findings)
    assert not codes(held.findings) & {"STACH", "SBRAD", "RVH", "NORM", "HYP", "LAFB"}
    assert "under 16" in held.notices[0].message
    assert "5 to 8 years" in held.notices[0].message
    assert not any("-30" in str(c.source) or "Surawicz" in str(c.source) for c in intervals.comparators(child, numbers))
    text = " ".join(write(held.findings, numbers, held.notices, "en", held.reasons))
    assert "right" not in text
    assert "Rate: 125/min." in text
    assert "learnt from adults" in text
    assert "no limits" in withhold(replace(STUDY, age=0.0), findings("SR"), numbers).notices[0].message
    assert withhold(replace(STUDY, age=16.0), findings("RVH"), numbers).reasons == ()


def test_only_the_rhythm_is_judged_where_the_amplitude_is_in_doubt():
    doubtful = replace(STUDY, notices=(Notice("caution", "Most leads span 12 mV.", "amplitude"),))
    held = withhold(doubtful, findings("LVH", "IMI", "ISC_"), measured(qrs_duration=90))
    assert not codes(held.findings) & {"LVH", "HYP", "VCLVH", "NORM", "IMI", "ISC_", "MI"}
    assert {"SR", "AFIB", "PVC"} <= codes(held.findings)
    entered = replace(STUDY, notices=(Notice("caution", "The file says uV; the entered mV was used.", "unit"),))
    assert withhold(entered, findings("IMI"), measured(qrs_duration=90)).findings == findings("IMI")


def test_a_wide_qrs_that_no_statement_explains_is_called_so():
    line = next(x for x in write(findings("SR"), measured(qrs_duration=134), (), "en") if x.startswith("Conduction"))
    assert line == "Conduction: wide QRS, unclassified."
    line = next(x for x in write(findings("SR"), measured(qrs_duration=100), (), "en") if x.startswith("Conduction"))
    assert line == "Conduction: none detected."


@pytest.mark.parametrize(("found", "numbers", "words"), [
    (findings("SR"), {"qrs_duration": 134}, "134 ms wide, and no statement explains it"),
    (findings("SR", "CLBBB"), {"qrs_duration": 92}, "complete left bundle branch block is stated, and the QRS is 92 ms"),
    (findings("SBRAD"), {"heart_rate": 80}, "sinus bradycardia is stated, and the rate is 80/min"),
    (findings("SR", "NORM", "IMI"), {}, "a normal ECG and inferior myocardial infarction are both stated"),
    (findings("SR"), {"pr_interval": 260}, "PR is 260 ms, and no statement names a block"),
])
def test_contradictions_are_said_on_one_card(found, numbers, words):
    notice = disagreement(STUDY, found, measured(**numbers), marks())
    assert words in notice.message
    assert notice.subject == "disagreement"


def test_similar_reports_and_p_waves_contradict_too_and_agreement_is_silent():
    assert disagreement(STUDY, findings("SR", "NORM"), measured(qrs_duration=90, heart_rate=70, pr_interval=150), marks()) is None
    similar = [frozenset({"AFIB"})] * 4 + [frozenset({"SR"})]
    assert "4 of 5 similar reports name atrial fibrillation" in disagreement(STUDY, findings("SR"), (), marks(), similar).message
    assert "no P waves are found" in disagreement(STUDY, findings("SR"), (), marks(with_p=False)).message
    assert disagreement(STUDY, findings("AFIB"), (), marks(with_p=False)) is None


def test_the_devices_own_figures_are_compared():
    device = replace(STUDY, device_measurements=measured(heart_rate=48, qrs_duration=96, qrs_axis=-170))
    assert intervals.against_device(device, measured(heart_rate=49, qrs_duration=104, qrs_axis=175)) is None
    said = intervals.against_device(device, measured(heart_rate=57, qrs_duration=104, qrs_axis=175))
    assert said.level == "caution"
    assert "Heart rate 48 against 57 /min here" in said.message
    assert "QRS" not in said.message


def test_a_qtc_of_the_healthy_is_not_flagged_short():
    ranges = intervals._ranges(STUDY)
    assert ranges["qtc_fridericia"][0] == 350
    rule = {c.code: c.value for c in intervals.comparators(
        STUDY, (measurement("qtc_fridericia", 372, "delineation", low=350, high=460),))}
    assert rule["qtc_by_rule"] == "normal"


def test_every_kept_code_is_known():
    assert codes(findings("SR")) >= set(BY_CODE)
