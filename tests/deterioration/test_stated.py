import numpy as np
import pytest

from core.deterioration.stated import MEASURES, ROWS, STATED, rows, stated


@pytest.mark.parametrize(("sentence", "name", "value"), [
    ("Lactate 4.2, creatinine 2.1 rising.", "lactate:now", 4.2),
    ("Lactate 4.2, creatinine 2.1 rising.", "creatinine:trend", 1),
    ("Creatinine went from 1.2 to 2.3", "creatinine:now", 2.3),
    ("Potassium was very high at 6.0 mmol/L, now normal.", "potassium:worst", 6.0),
    ("Potassium was very high at 6.0 mmol/L, now normal.", "potassium:now", 4.1),
    ("Normal sodium, potassium 5.9 mmol/L", "sodium:now", 139),
    ("pH 7.21, normal sodium", "ph:now", 7.21),
    ("pH 7.21, normal sodium", "sodium:now", 139),
    ("Blood glucose is raised, 380 mg/dL, falling.", "glucose:now", 380),
    ("WBC 14,000/mm3", "wbc:now", 14),
    ("WBC 12.3x10^9/L", "wbc:now", 12.3),
    ("plts 80k", "platelets:now", 80),
    ("54 yo M with sepsis", "age", 54),
    ("54 yo M with sepsis", "male", 1),
    ("72F, found down", "male", 0),
    ("Admitted to cardiac surgery ICU.", "cardiac surgery", 1),
    ("GCS E1V1M4 = 6", "gcs", 6),
    ("GCS was as low as 7.", "gcs_lowest", 7),
    ("FiO2 0.4", "fio2", 40),
    ("P/F ratio 180, gas exchange very poor.", "pao2_fio2", 180),
    ("Not ventilated.", "ventilated", 0),
    ("Weaned from the ventilator.", "ventilated", 0.5),
    ("Urine output poor, about 20 mL an hour.", "urine", 20),
])
def test_values_are_read_by_name(sentence, name, value):
    assert stated(sentence)[name] == pytest.approx(value)


@pytest.mark.parametrize(("sentence", "name", "value"), [  # by hand, with the factors of the laboratories
    ("Sodium 131 mEq/L", "sodium:now", 131),
    ("Creat 180 umol/L", "creatinine:now", 180 / 88.4),
    ("Urea 25 mmol/L", "bun:now", 25 * 2.8),
    ("PaCO2 9.3 kPa", "paco2:now", 9.3 * 7.50062),
    ("Glucose 11.2 mmol/l", "glucose:now", 11.2 * 18.02),
    ("Troponin T 45 ng/L", "troponin_t:now", 0.045),
    ("Bilirubin 34 µmol/L", "bilirubin:now", 34 / 17.1),
])
def test_other_units_are_converted(sentence, name, value):
    assert stated(sentence)[name] == pytest.approx(value)


@pytest.mark.parametrize("sentence", [
    "", "na", "na 130", "lactate not sent", "creatinine pending, 3 units given", "given 2 mg morphine", "Vitamin K 10 mg given",
    "Morphine 5 MG 10", "lactate not normal", "sodium higher than normal", "creatinine 900", "pH 74", "GCS 20", "FiO2 0.1",
    "POTASSIUM CHLORIDE 10 MEQ", "potassium 10 mEq given", "sodium bicarbonate 50 mEq", "albumin 5 % 250 mL", "Glucose 50 g",
    "Ringer lactate 20 mL/h", "magnesium 2 g", "no urine in 4 hours",
    "seen at 12:30", "BP 120/80, pulse 88", "potassium checked on the 3rd",
])
def test_what_is_not_told_is_not_guessed(sentence):
    assert stated(sentence) == {}


def test_of_a_note_what_is_said_last_counts():
    found = rows([["Lactate 4.0 mmol/L.", "Age unknown.", "Lactate 2.0 mmol/L."], []])
    assert found.shape == (2, len(STATED))
    assert found[0, ROWS["lactate:now"]] == 2
    assert np.isfinite(found[0]).sum() == 3
    assert np.isnan(found[1]).all()


def test_what_normal_stands_for_can_be():
    for one in MEASURES:
        assert one.low < one.normal < one.high
        assert stated(f"{one.label} normal.") == {f"{one.code}:now": one.normal, f"{one.code}:worst": one.normal,
                                                  f"{one.code}:trend": 0}
