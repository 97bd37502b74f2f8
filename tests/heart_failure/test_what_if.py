"""One thing otherwise, all else as it is."""

from __future__ import annotations

import math

import pytest

from core.heart_failure.read import read
from core.heart_failure.what_if import vary, with_class
from core.uploads import InputError
from tests.heart_failure.standin import weights

KNOWN = {"age": 75, "lvef": 25, "sodium": 135, "nt_probnp": math.exp(8), "weight": 80, "height": 180,
         "prescriptions": "Furosemide 40 mg"}


def test_the_log_hazard_moves_by_the_coefficient():
    found = vary(read(**KNOWN), "sodium", [135, 139], weights())
    assert found.values == (135, 139)
    assert found.prognosis.log_hazard[1] - found.prognosis.log_hazard[0] == pytest.approx(-0.2, abs=1e-5)


def test_a_class_is_added_and_stopped_by_what_the_text_says():
    text = KNOWN["prescriptions"]
    texts = [text, with_class(text, "beta_blocker", True), with_class(text, "loop", False)]
    log = vary(read(**KNOWN), "prescriptions", texts, weights()).prognosis.log_hazard
    assert log[1] - log[0] == pytest.approx(-0.3, abs=1e-5)
    assert log[2] - log[0] == pytest.approx(-0.25, abs=1e-5)


def test_what_is_computed_follows():
    study = read(**KNOWN)
    assert "bmi" in study.computed
    vary(study, "weight", [60.0], weights())  # a body mass index that was kept would not fit the weight
    assert study.values["weight"] == 80


def test_what_treatment_does_not_change_is_not_varied():
    with pytest.raises(InputError, match="age does not change"):
        vary(read(**KNOWN), "age", [50], weights())
