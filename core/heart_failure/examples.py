"""Made-up patients to try; nobody's data."""

from __future__ import annotations

from collections.abc import Iterator

from core.contract import Input
from core.uploads import Upload

_YOUNG = {
    "age": 38, "sex": "female", "weight": 68, "height": 170, "nyha": "II", "setting": "outpatient", "systolic": 108,
    "diastolic": 66, "heart_rate": 62, "aetiology": "dilated", "duration": 14, "diabetes": False, "hypertension": False,
    "smoker": False, "copd": False, "infarction": False, "fibrillation": False, "device": "no device", "creatinine": 0.8,
    "sodium": 140, "potassium": 4.4, "haemoglobin": 13.4, "nt_probnp": 620, "lvef": 31, "lvedd": 64, "lvesd": 54,
    "rhythm": "sinus", "qrs": 104, "qtc": 428, "scar_share": 4.0, "scar_adjustment": True,
    "prescriptions": "Sacubitril/valsartan 97/103 mg bd\nBisoprolol 10 mg od\nSpironolactone 25 mg od\nDapagliflozin 10 mg od",
}
_ELDERLY = {
    "age": 78, "sex": "male", "weight": 74, "height": 172, "nyha": "III", "setting": "outpatient", "systolic": 104,
    "diastolic": 62, "heart_rate": 88, "aetiology": "ischaemic", "duration": 96, "diabetes": True, "hypertension": True,
    "dyslipidaemia": True, "smoker": False, "copd": True, "infarction": True, "revascularised": True, "fibrillation": True,
    "device": "ICD", "creatinine": 2.1, "bun": 48, "sodium": 134, "potassium": 4.9, "haemoglobin": 10.9, "nt_probnp": 6400,
    "albumin": 3.4, "cholesterol": 138, "uric_acid": 9.1, "lvef": 24, "lvedd": 68, "left_atrium": 53, "regurgitation": "2",
    "cardiothoracic_ratio": 0.61, "congestion": True, "rhythm": "fibrillation", "qrs": 148,
    "prescriptions": "Ramipril 2.5 mg od, furosemide 80 mg bd, apixaban 2.5 mg bd, atorvastatin 40 mg od. "
                     "Bisoprolol stopped in March for hypotension. Intolerant of spironolactone (hyperkalaemia).",
}
_SPARSE = {"age": 66, "sex": "male", "lvef": 37, "sodium": 138}


_TABLE = (b"age,sex,bmi,nyha,lvef,e_over_e,pulmonary_pressure,fibrillation,systolic,creatinine,sodium,prescriptions\n"
          b"74,female,33.5,III,58,14,41,yes,146,1.2,139,\"Candesartan 16 mg od, amlodipine 5 mg od, apixaban 5 mg bd\"\n")


def examples() -> Iterator[Input]:
    """From much known to little."""
    yield Input("Made-up: dilated cardiomyopathy, four drug classes, NYHA II", (), _YOUNG)
    yield Input("Made-up: ischaemic, renal dysfunction, beta-blocker stopped, NYHA III", (), _ELDERLY)
    yield Input("Made-up: age, sex, LVEF and sodium alone", (), _SPARSE)
    yield Input("Made-up: preserved ejection fraction, a table with one row", (Upload("patient.csv", _TABLE),))
