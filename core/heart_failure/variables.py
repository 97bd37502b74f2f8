"""What is asked about a patient, once: wording, unit, what is possible and what is usual; and how models see it.

The fields are those of ``read``. ``ENCODED`` is the row of numbers that models take: what is unknown is NaN there and is
never filled in. Units of laboratories elsewhere are in ``UNITS``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np

from core.fields import Field
from core.patient import Age, Sex

Values = Mapping[str, Any]  # what is known of a patient, by field, in the units below

NYHA = ("I", "II", "III", "IV")
AETIOLOGIES = {"ischaemic": "ischaemic", "dilated": "idiopathic dilated", "hypertensive": "hypertensive", "valvular": "valvular",
               "hypertrophic": "hypertrophic", "toxic": "alcoholic or toxic", "another": "another one"}
DEVICES = {"no device": "none", "pacemaker": "pacemaker", "ICD": "ICD", "CRT-P": "CRT pacemaker", "CRT-D": "CRT defibrillator"}
RHYTHMS = {"sinus": "sinus rhythm", "fibrillation": "atrial fibrillation", "flutter": "atrial flutter", "paced": "paced"}
REGURGITATION = {"0": "no", "1": "mild", "2": "moderate", "3": "moderate to severe", "4": "severe"}
SETTINGS = {"outpatient": "heart-failure clinic", "exercise": "referred for exercise testing", "inpatient": "in hospital"}

FIELDS: dict[str, Field] = {
    "weight": Field("Weight", "kg", low=25, high=350),
    "height": Field("Height", "cm", low=100, high=230),
    "bmi": Field("Body mass index", "kg/m²", low=10, high=90, help="Computed where weight and height are given."),
    "nyha": Field("NYHA class"),
    "setting": Field("Cared for", wording=SETTINGS, help="Whose course the patient is held against: each cohort has a baseline "
                     "risk of its own. A heart-failure clinic, where left open."),
    "systolic": Field("Systolic blood pressure", "mmHg", low=50, high=280),
    "diastolic": Field("Diastolic blood pressure", "mmHg", low=20, high=180),
    "mean_pressure": Field("Mean arterial pressure", "mmHg", low=20, high=200, help="Computed from the other two where given."),
    "heart_rate": Field("Heart rate", "/min", low=20, high=250),
    "duration": Field("Heart failure known for", "months", low=0, high=720),
    "aetiology": Field("Cause of heart failure", wording=AETIOLOGIES),
    "diabetes": Field("Diabetes"),
    "hypertension": Field("History of hypertension"),
    "dyslipidaemia": Field("History of dyslipidaemia"),
    "smoker": Field("Current smoker"),
    "copd": Field("COPD"),
    "infarction": Field("Prior myocardial infarction"),
    "revascularised": Field("Prior revascularisation", help="Percutaneous or surgical."),
    "arterial_disease": Field("Peripheral vascular disease"),
    "syncope": Field("Syncope"),
    "fibrillation": Field("Atrial fibrillation, now or before"),
    "device": Field("Implanted device", wording=DEVICES),
    "creatinine": Field("Creatinine", "mg/dl", low=0.1, high=25),
    "clearance": Field("Creatinine clearance", "ml/min", low=1, high=400,
                       help="Computed (Cockcroft and Gault 1976) where creatinine, age, sex and weight are given."),
    "bun": Field("Blood urea nitrogen", "mg/dl", low=1, high=250),
    "sodium": Field("Sodium", "mmol/l", low=100, high=180),
    "potassium": Field("Potassium", "mmol/l", low=1.5, high=9),
    "haemoglobin": Field("Haemoglobin", "g/dl", low=3, high=25),
    "nt_probnp": Field("NT-proBNP", "ng/l", low=5, high=200_000),
    "albumin": Field("Albumin", "g/dl", low=1, high=7),
    "cholesterol": Field("Total cholesterol", "mg/dl", low=30, high=1000),
    "ldl": Field("LDL cholesterol", "mg/dl", low=5, high=700),
    "hdl": Field("HDL cholesterol", "mg/dl", low=4, high=200),
    "glucose": Field("Glucose", "mg/dl", low=20, high=1500),
    "uric_acid": Field("Uric acid", "mg/dl", low=0.5, high=30),
    "bilirubin": Field("Bilirubin", "mg/dl", low=0.05, high=60),
    "alt": Field("ALT", "U/l", low=1, high=10_000),
    "ast": Field("AST", "U/l", low=1, high=20_000),
    "ggt": Field("Gamma-GT", "U/l", low=1, high=5_000),
    "creatine_kinase": Field("Creatine kinase", "U/l", low=5, high=100_000),
    "tsh": Field("TSH", "mU/l", low=0.001, high=150),
    "leukocytes": Field("White blood cells", "10⁹/l", low=0.1, high=300),
    "lymphocytes": Field("Lymphocytes", "% of white cells", low=0.1, high=95),
    "platelets": Field("Platelets", "10⁹/l", low=2, high=2000),
    "rdw": Field("Red cell distribution width", "%", low=8, high=40),
    "lvef": Field("LV ejection fraction", "%", low=5, high=85),
    "lvedd": Field("LV end-diastolic diameter", "mm", low=20, high=120),
    "lvesd": Field("LV end-systolic diameter", "mm", low=10, high=115),
    "left_atrium": Field("Left atrial diameter", "mm", low=10, high=120),
    "septum": Field("Septal thickness", "mm", low=3, high=40),
    "regurgitation": Field("Mitral regurgitation", wording=REGURGITATION),
    "restrictive": Field("Restrictive mitral flow"),
    "rv_impaired": Field("Impaired right ventricle"),
    "e_over_e": Field("E/e′", low=1, high=60),
    "pulmonary_pressure": Field("Pulmonary artery systolic pressure", "mmHg", low=8, high=150),
    "cardiothoracic_ratio": Field("Cardiothoracic ratio", low=0.25, high=0.95, help="Of the chest film."),
    "congestion": Field("Pulmonary venous hypertension on the film"),
    "rhythm": Field("Rhythm on the ECG", wording=RHYTHMS),
    "pr": Field("PR interval", "ms", low=60, high=600),
    "qrs": Field("QRS duration", "ms", low=40, high=320),
    "qtc": Field("QTc", "ms", low=250, high=800),
    "q_waves": Field("Q waves of an infarct"),
    "hypertrophy": Field("LV hypertrophy on the ECG"),
    "lbbb": Field("Left bundle branch block"),
    "vpb_hour": Field("Ventricular premature beats", "per hour", low=0, high=6000),
    "nsvt": Field("Non-sustained ventricular tachycardia"),
    "sdnn": Field("SDNN", "ms", low=1, high=500, help="Of 24 hours."),
    "peak_vo2": Field("Peak oxygen uptake", "ml/kg/min", low=2, high=80),
    "peak_rer": Field("Peak respiratory exchange ratio", low=0.5, high=2),
    "respiration": Field("Respiratory rate", "/min", low=4, high=80),
    "temperature": Field("Temperature", "°C", low=28, high=43),
    "scar_share": Field("Late gadolinium enhancement", "% of the myocardium", low=0, high=80, help="Of the cardiac MR room."),
    "scar_segments": Field("Segments more than half transmural", "of 17", low=0, high=17),
    "scar_adjustment": Field("Draw the published effect of scar", help="A line of its own: no open cohort links scar and "
                             "survival, so nothing of it was learned."),
    "prescriptions": Field("Prescriptions, plan and history", multiline=True, longest=6000,
                           help="One or more lines. Brand names, doses, “stopped” and “intolerant of” are understood. A list "
                           "is taken to be complete; left empty, nothing is known of the drugs."),
}

ASKED: dict[str, Field] = {"age": get_args(Age)[1], "sex": get_args(Sex)[1], **FIELDS}  # with those that every room asks

GROUPS: dict[str, tuple[str, ...]] = {  # how a form is divided; the first is what most patients have
    "Patient": ("age", "sex", "weight", "height", "bmi", "nyha", "systolic", "diastolic", "heart_rate", "setting"),
    "History": ("aetiology", "duration", "diabetes", "hypertension", "dyslipidaemia", "smoker", "copd", "infarction",
                "revascularised", "arterial_disease", "syncope", "fibrillation", "device"),
    "Laboratory": ("creatinine", "clearance", "bun", "sodium", "potassium", "haemoglobin", "nt_probnp", "albumin", "cholesterol",
                   "ldl", "hdl", "glucose", "uric_acid", "bilirubin", "alt", "ast", "ggt", "creatine_kinase", "tsh",
                   "leukocytes", "lymphocytes", "platelets", "rdw"),
    "Echocardiogram": ("lvef", "lvedd", "lvesd", "left_atrium", "septum", "regurgitation", "restrictive", "rv_impaired",
                       "e_over_e", "pulmonary_pressure"),
    "Chest film": ("cardiothoracic_ratio", "congestion"),
    "ECG and Holter": ("rhythm", "pr", "qrs", "qtc", "q_waves", "hypertrophy", "lbbb", "vpb_hour", "nsvt", "sdnn"),
    "Exercise and ward": ("peak_vo2", "peak_rer", "mean_pressure", "respiration", "temperature"),
    "Cardiac MR": ("scar_share", "scar_segments", "scar_adjustment"),
}

# other units of the same thing: (name of the unit, how many of ours one of it is)
UNITS: dict[str, tuple[tuple[str, float], ...]] = {
    "weight": (("lb", 0.45359237),),
    "height": (("in", 2.54),),
    "creatinine": (("µmol/l", 1 / 88.42),),
    "bun": (("urea, mmol/l", 2.801), ("urea, mg/dl", 0.467)),
    "haemoglobin": (("g/l", 0.1), ("mmol/l", 1.6114)),
    "nt_probnp": (("pmol/l", 8.457),),
    "albumin": (("g/l", 0.1),),
    "cholesterol": (("mmol/l", 38.67),),
    "ldl": (("mmol/l", 38.67),),
    "hdl": (("mmol/l", 38.67),),
    "glucose": (("mmol/l", 18.016),),
    "uric_acid": (("µmol/l", 1 / 59.48),),
    "bilirubin": (("µmol/l", 1 / 17.1),),
    "duration": (("years", 12),),
}

USUAL: dict[str, tuple[float, float]] = {  # outside: possible, rare enough to ask whether it was meant
    "age": (18, 100), "weight": (35, 200), "height": (130, 210), "bmi": (14, 60), "systolic": (70, 220), "diastolic": (35, 130),
    "heart_rate": (35, 170), "creatinine": (0.3, 12), "clearance": (5, 220), "bun": (3, 150), "sodium": (115, 160),
    "potassium": (2.4, 7), "haemoglobin": (6, 20), "nt_probnp": (10, 70_000), "albumin": (1.5, 6), "cholesterol": (60, 450),
    "ldl": (15, 350), "hdl": (10, 130), "glucose": (40, 700), "uric_acid": (1, 20), "bilirubin": (0.1, 25), "alt": (3, 2000),
    "ast": (3, 3000), "ggt": (3, 1500), "creatine_kinase": (10, 10_000), "tsh": (0.01, 60), "leukocytes": (1, 60),
    "lymphocytes": (2, 70), "platelets": (20, 1000), "rdw": (10, 30), "lvef": (8, 80), "lvedd": (30, 100), "lvesd": (15, 95),
    "left_atrium": (20, 80), "septum": (5, 25), "cardiothoracic_ratio": (0.35, 0.85), "pr": (90, 400), "qrs": (60, 240),
    "qtc": (320, 620), "sdnn": (15, 300), "peak_vo2": (5, 60), "peak_rer": (0.7, 1.6), "respiration": (8, 50),
    "temperature": (33, 41), "scar_share": (0, 60), "e_over_e": (3, 40), "pulmonary_pressure": (12, 110),
}

MODIFIABLE = ("systolic", "heart_rate", "weight", "smoker", "sodium", "potassium", "haemoglobin", "nt_probnp", "glucose",
              "congestion", "prescriptions")  # what changes with treatment; for "what if", which shows associations


@dataclass(frozen=True)
class Encoded:
    """One number that models take.

    Attributes:
        field: of ``read``, where it comes from. scale: "log" of what is skewed, "log1p" where zero occurs, "one" of the rest.
    """

    name: str
    field: str
    label: str
    of: Callable[[Values], float]
    scale: str = "one"


def _number(field: str, scale: str = "one", label: str = "") -> Encoded:
    return Encoded(field, field, label or FIELDS[field].label, lambda v: _float(v.get(field)), scale)


def _float(value: Any) -> float:
    return math.nan if value is None else float(value)


def _is(field: str, *choices: str) -> Callable[[Values], float]:
    return lambda v: math.nan if v.get(field) is None else float(v[field] in choices)


def _rank(field: str, choices: tuple[str, ...]) -> Callable[[Values], float]:
    return lambda v: math.nan if v.get(field) is None else float(choices.index(v[field]))


def _any(*parts: Callable[[Values], float]) -> Callable[[Values], float]:
    """1 where one is, 0 where one is known not to be and none is."""
    def value(v: Values) -> float:
        found = [part(v) for part in parts]
        return 1.0 if 1.0 in found else 0.0 if 0.0 in found else math.nan
    return value


ENCODED: tuple[Encoded, ...] = (
    Encoded("age", "age", "Age", lambda v: _float(v.get("age"))),
    Encoded("male", "sex", "Male sex", _is("sex", "male")),
    _number("bmi"),
    Encoded("nyha", "nyha", "NYHA class", lambda v: _rank("nyha", NYHA)(v) + 1),
    _number("systolic"), _number("diastolic"), _number("mean_pressure"), _number("heart_rate"),
    _number("duration", "log1p"),
    Encoded("ischaemic", "aetiology", "Ischaemic cause", _is("aetiology", "ischaemic")),
    Encoded("valvular", "aetiology", "Valvular cause", _is("aetiology", "valvular")),
    *(_number(name) for name in ("diabetes", "hypertension", "dyslipidaemia", "smoker", "copd", "infarction", "revascularised",
                                 "arterial_disease", "syncope")),
    Encoded("fibrillation", "fibrillation", "Atrial fibrillation or flutter",
            _any(lambda v: _float(v.get("fibrillation")), _is("rhythm", "fibrillation", "flutter"))),
    Encoded("pacemaker", "device", "Pacemaker", _any(_is("device", "pacemaker", "CRT-P"), _is("rhythm", "paced"))),
    Encoded("defibrillator", "device", "Defibrillator", _is("device", "ICD", "CRT-D")),
    Encoded("resynchronised", "device", "Resynchronisation", _is("device", "CRT-P", "CRT-D")),
    _number("creatinine", "log"), _number("clearance", "log"), _number("bun", "log"), _number("sodium"), _number("potassium"),
    _number("haemoglobin"), _number("nt_probnp", "log"), _number("albumin"), _number("cholesterol"), _number("ldl"),
    _number("hdl", "log"), *(_number(name, "log") for name in (
        "glucose", "uric_acid", "bilirubin", "alt", "ast", "ggt", "creatine_kinase", "tsh", "leukocytes")),
    _number("platelets"),
    _number("lvef"), _number("lvedd"), _number("lvesd"), _number("left_atrium"), _number("septum"),
    Encoded("regurgitation", "regurgitation", "Mitral regurgitation", lambda v: _float(v.get("regurgitation"))),
    _number("restrictive"), _number("rv_impaired"), _number("cardiothoracic_ratio"), _number("congestion"),
    _number("pr"), _number("qrs"), _number("qtc"), _number("q_waves"), _number("hypertrophy"), _number("lbbb"),
    _number("vpb_hour", "log1p"), _number("nsvt"), _number("sdnn", "log"),
    _number("peak_vo2", "log"), _number("peak_rer"), _number("respiration"), _number("temperature"),
)
NAMES = tuple(one.name for one in ENCODED)
_SCALES = {"one": lambda x: x, "log": np.log, "log1p": np.log1p}


def inside(label: str) -> str:
    """A label within a sentence; "NYHA class" and "E/e′" stay as they are."""
    return label if label[1:2].isupper() or label[1:2] == "/" else label[0].lower() + label[1:]


def encode(values: Values) -> np.ndarray:
    """float32 ``[len(ENCODED)]``, in clinical units, NaN where unknown."""
    return np.array([one.of(values) for one in ENCODED], np.float32)


def scaled(numbers: np.ndarray) -> np.ndarray:
    """Skewed ones as logarithms; ``[..., len(ENCODED)]`` as ``encode`` makes them."""
    return np.stack([_SCALES[one.scale](numbers[..., k]) for k, one in enumerate(ENCODED)], -1).astype(np.float32)


def in_ours(field: str, value: float, unit: str) -> float:
    """A value in another unit of ``UNITS``, in that of the field.

    Raises:
        KeyError: the field has no such unit.
    """
    return value * dict(UNITS[field])[unit]
