"""Each publisher's layout: units by hand, code books, drugs, outcome."""

from __future__ import annotations

import pytest

from core.heart_failure.layouts import cohort
from core.heart_failure.rows import Row
from core.uploads import Upload
from tests.heart_failure.formats.cohorts import music_row, peakvo2_row, written

UCI = ("age,anaemia,creatinine_phosphokinase,diabetes,ejection_fraction,high_blood_pressure,platelets,serum_creatinine,"
       "serum_sodium,sex,smoking,time,DEATH_EVENT\n75,0,582,0,20,1,265000,1.9,130,1,0,4,1\n")
SUPPORT2 = ("patient_id,age,death,sex,d.time,dzgroup,diabetes,meanbp,wblc,hrt,resp,temp,alb,bili,crea,sod,glucose,bun\n"
            "0,62.5,1,male,1461,CHF,1,78,11.7,120,28,37.4,4.8,,1.6,132,,\n"
            "1,70,0,female,10,CHF,0,0,9,0,0,36.5,NA,1,2,139,110,30\n2,70,0,female,10,Coma,0,70,9,80,20,36.5,3,1,2,139,110,30\n")
TRACE = "id,wmi,status,chf,age,sex,diabetes,time,vf\n9,1.4,9,1,66.1,0,1,6.2,0\n8,1.0,0,0,50,1,0,7,0\n7,1,8,0,50,1,0,7,0\n"


def read(data: bytes) -> list[Row]:
    return list(cohort(Upload("a.csv", data)))


def music(**changed: str) -> Row:
    row, = read(written(music_row(**changed), separator=";"))
    return row


def test_music_in_our_units():
    row = music()
    assert row.error is None
    assert (row.id, row.cohort, row.values["setting"]) == ("M1", "music", "outpatient")
    expected = {"age": 70, "sex": "male", "bmi": 31.2, "nyha": "III", "systolic": 110, "diastolic": 75, "heart_rate": 60,
                "aetiology": "ischaemic", "albumin": 4.25, "cholesterol": 193.35, "creatinine": 1.0, "glucose": 180.16,
                "haemoglobin": 13.2, "hdl": 38.67, "ldl": 116.01, "potassium": 4.5, "bun": 28.01, "lvef": 35,
                "regurgitation": "3", "restrictive": True, "rhythm": "fibrillation", "lbbb": True, "vpb_hour": 100, "nsvt": True,
                "smoker": True, "diabetes": False, "device": "no device", "nt_probnp": 1834, "cardiothoracic_ratio": 0.55}
    for name, value in expected.items():
        assert row.values[name] == (pytest.approx(value) if isinstance(value, float) else value), name
    assert "pr" not in row.values  # 999
    assert row.values["prescriptions"] == "no drugs"


@pytest.mark.parametrize(("exit_code", "cause", "event"), [
    ("", "0", False), ("0", "0", False), ("1", "0", False), ("2", "0", False), ("3", "1", True), ("3", "3", True),
    ("3", "7", True), ("3", "", True), ("", "", None),
])
def test_music_ends_with_death_of_any_cause(exit_code, cause, event):
    row = music(**{"Exit of the study": exit_code, "Cause of death": cause})
    assert row.time == pytest.approx(4.0)
    assert row.event is event


def test_music_that_contradicts_itself_is_an_error():
    assert "does not agree with the cause of death" in str(music(**{"Exit of the study": "2", "Cause of death": "3"}).error)


@pytest.mark.parametrize(("cells", "field", "value"), [
    ({"Prior implantable device": "6"}, "device", None), ({"Prior implantable device": "2"}, "device", "pacemaker"),
    ({"Prior implantable device": "5"}, "device", "ICD"), ({"Prior implantable device": "8"}, "device", "CRT-P"),
    ({"Mitral flow pattern": "9"}, "restrictive", None), ({"Mitral flow pattern": "2"}, "restrictive", False),
    ({"Intraventricular conduction disorder": "1"}, "lbbb", False), ({"PR interval (ms)": "180"}, "pr", 180),
    ({"smoke-free time (years)": "3"}, "smoker", False), ({"daily smoking (cigarretes/day)": "0"}, "smoker", False),
    ({"Ventricular Tachycardia": ""}, "nsvt", None), ({"Number of ventricular premature beats in 24h": ""}, "vpb_hour", None),
    ({"HF etiology - Diagnosis": "1"}, "aetiology", "dilated"), ({"HF etiology - Diagnosis": "6"}, "aetiology", "dilated"),
    ({"HF etiology - Diagnosis": "8"}, "aetiology", "hypertensive"), ({"Pro-BNP (ng/L)": ""}, "nt_probnp", None),
    ({"Prior Revascularization": "3"}, "revascularised", True), ({"Syncope": "2"}, "syncope", True),
])
def test_music_by_its_code_book(cells, field, value):
    row = music(**cells)
    assert row.error is None
    assert row.values.get(field) == value


def test_music_tells_an_age_above_89():
    row = music(Age=">89")
    assert row.values["age"] == 90
    assert [(notice.level, notice.subject) for notice in row.noticed] == [("info", "age")]


def test_a_code_that_no_book_has_is_an_error_of_its_column():
    row = music(**{"NYHA class": "5"})
    assert "column “NYHA class”: “5” is none of the codes 1, 2, 3, 4" in row.error.message
    assert row.error.field == "nyha"


def test_drugs_become_a_list_only_where_all_are_known():
    drugs = {"ACE inhibitor (yes=1)": "1", "Spironolactone (yes=1)": "1", "Amiodarone (yes=1)": "1"}
    assert music(**drugs).values["prescriptions"] == "ACE inhibitor, mineralocorticoid receptor antagonist, antiarrhythmic"
    assert "prescriptions" not in music(**drugs, **{"Statins (yes=1)": ""}).values
    assert "is neither 0 nor 1" in str(music(**{"Statins (yes=1)": "2"}).error)


def test_withheld_outcomes_leave_the_rest():
    row = music_row()
    for name in ("Follow-up period from enrollment (days)", "Exit of the study", "Cause of death", "days_4years"):
        del row[name]
    found, = read(written(row, separator=";"))
    assert (found.time, found.event, found.error) == (None, None, None)
    assert found.values["age"] == 70
    found, = read(written(music_row(**{"Follow-up period from enrollment (days)": ""}), separator=";"))
    assert (found.time, found.event) == (None, None)


def test_outcomes_are_never_inputs():
    alive, dead = music(), music(**{"Exit of the study": "3", "Cause of death": "3", "days_4years": "9",
                                    "SCD_4years SinusRhythm": "1", "HF_4years SinusRhythm": "1",
                                    "Follow-up period from enrollment (days)": "9"})
    assert alive.values == dead.values


def test_peakvo2():
    row, = read(written(peakvo2_row(**{"cad": "1", "insulin": "1", "surgery.pacemaker": "1", "surgery.pci": "1", "aspirin": "1",
                                       "diuretic.potassium.spar": "1", "nifed": "1", "vasodilator": "1"})))
    assert row.error is None
    assert (row.id, row.time, row.event, row.cohort, row.values["setting"]) == ("7", 5.25, True, "peakvo2", "exercise")
    expected = {"clearance": 83.2, "lvef": 20, "bun": 23, "haemoglobin": 13.6, "glucose": 97, "sex": "male", "diabetes": True,
                "aetiology": "ischaemic", "device": "pacemaker", "revascularised": True, "peak_vo2": 15.7, "peak_rer": 1.1,
                "q_waves": False, "smoker": False}
    assert {name: row.values[name] for name in expected} == expected
    assert row.values["prescriptions"] == ("mineralocorticoid receptor antagonist, antithrombotic, hydralazine, "
                                           "calcium channel blocker, antidiabetic")


def test_a_defibrillator_wins_over_a_pacemaker_and_no_coronary_disease_is_another_cause():
    row, = read(written(peakvo2_row(**{"surgery.aicd.implant": "1", "surgery.pacemaker": "1"})))
    assert (row.values["device"], row.values["aetiology"]) == ("ICD", "another")


def test_support2_where_zero_was_not_measured():
    first, second, third = read(SUPPORT2.encode())
    assert (first.time, first.event, first.values["setting"]) == (pytest.approx(4.0), True, "inpatient")
    assert first.values["mean_pressure"] == 78
    assert first.values["creatinine"] == 1.6
    assert not {"bilirubin", "glucose", "bun", "prescriptions", "lvef"} & first.values.keys()
    assert not {"mean_pressure", "heart_rate", "respiration", "albumin"} & second.values.keys()
    assert second.event is False
    assert "“Coma” is not CHF" in str(third.error)


def test_uci():
    row, = read(UCI.encode())
    assert row.values == {"age": 75, "creatine_kinase": 582, "diabetes": False, "lvef": 20, "hypertension": True,
                          "platelets": 265, "creatinine": 1.9, "sodium": 130, "sex": "male", "smoker": False}
    assert (row.id, row.event) == ("row 2", True)
    assert row.time == pytest.approx(4 / 365.25)


def test_trace():
    dead, alive, unsure = read(TRACE.encode())
    assert dead.values == {"age": 66.1, "sex": "female", "diabetes": True, "lvef": pytest.approx(42), "infarction": True}
    assert (dead.event, alive.event, unsure.event) == (True, False, None)
