"""Sentences: numbers as the language writes them, curves read at whole years."""

from __future__ import annotations

import pytest

from core.heart_failure.assess import assess
from core.heart_failure.read import read
from core.heart_failure.report import number, percent
from tests.heart_failure.standin import weights


@pytest.mark.parametrize(("value", "english", "german"), [
    (7.04, "7.0", "7,0"), (9.96, "10", "10"), (23.6, "24", "24"), (0, "0.0", "0,0")])
def test_a_decimal_where_it_matters(value, english, german):
    assert (number(value, "en"), number(value, "de")) == (english, german)
    assert percent(value, "de") == f"{german} %"


def test_every_line_says_what_the_assessment_says():
    assessment = assess(read(age=70, lvef=25, aetiology="dilated", scar_share=8, scar_adjustment=True), weights())
    lines = dict(line.split(": ", 1) for line in assessment.report["en"])
    assert list(lines) == ["Conclusion", "Cohort", "Stratum", "Established scores", "Scar", "Known", "Limits"]
    scar = assessment.curves[-1]
    assert f"{100 - scar.y[36]:.0f} % ({100 - scar.high[36]:.0f} to {100 - scar.low[36]:.0f} %)" in lines["Scar"]
    assert lines["Cohort"].startswith("of the patients it is held against (MUSIC), 7.7 % died")
    assert "nothing is known of the drugs" in lines["Known"]
    assert len(assessment.report["de"]) == len(lines)
