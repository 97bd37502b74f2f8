"""Small made-up tables in the layouts of their publishers."""

from __future__ import annotations

from core.heart_failure.formats import music, peakvo2
from core.heart_failure.formats.layout import Layout

_MUSIC = {
    "Patient ID": "M1", "Age": "70", "Gender (male=1)": "1", "Weight (kg)": "80", "Height (cm)": "160",
    "Body Mass Index (Kg/m2)": "31,2", "NYHA class": "3", "Diastolic blood  pressure (mmHg)": "75",
    "Systolic blood pressure (mmHg)": "110", "Average RR (ms) ": "1000", "HF etiology - Diagnosis": "2",
    "Albumin (g/L)": "42,5", "Total Cholesterol (mmol/L)": "5", "Creatinine (µmol/L)": "88,42", "Glucose (mmol/L)": "10",
    "Hemoglobin (g/L)": "132", "HDL (mmol/L)": "1", "LDL (mmol/L)": "3", "Potassium (mEq/L)": "4,5", "Sodium (mEq/L)": "140",
    "Pro-BNP (ng/L)": "1834", "TSH (mIU/L)": "2", "Urea (mg/dL)": "10", "Cardiothoracic ratio": "0,55",
    "Left atrial size (mm)": "50", "LVEF (%)": "35", "Mitral valve insufficiency ": "3", "Mitral flow pattern": "3",
    "Septal thickness (mm)": "10", "Left ventricle end-diastolic diameter (mm)": "72",
    "Left ventricle end-systolic diameter (mm)": "60", "ECG rhythm ": "1", "PR interval (ms)": "999", "QRS duration (ms)": "132",
    "QT corrected ": "425", "Intraventricular conduction disorder": "2", "Number of ventricular premature beats in 24h": "2400",
    "Ventricular Tachycardia": "1", "SDNN (ms)": "107", "daily smoking (cigarretes/day)": "20", "smoke-free time (years)": "0",
    "Follow-up period from enrollment (days)": "1461", "Exit of the study": "", "Cause of death": "0",
    "days_4years": "1460", "SCD_4years SinusRhythm": "0", "HF_4years SinusRhythm": "0", "Average RR (ms)": "800",
    "Number of ventricular premature contractions per hour": "0", "ALT or GPT (IU/L)": "20", "AST or GOT (IU/L)": "20",
    "Gamma-glutamil transpeptidase (IU/L)": "30",
}


def columns(layout: Layout) -> list[str]:
    """Every column that a layout takes, its outcome last."""
    named = [layout.ident, *(name for source in layout.sources for name in source.columns),
             *(name for names in layout.drugs.values() for name in names), *(layout.outcome or ((), None))[0]]
    return list(dict.fromkeys(name for name in named if name))


def music_row(**changed: str) -> dict[str, str]:
    """A row of MUSIC; what is not said is 0. Names may be given with ``**{"Age": ...}``."""
    return {**dict.fromkeys(columns(music.LAYOUT), "0"), **_MUSIC, **changed}


def peakvo2_row(**changed: str) -> dict[str, str]:
    return {**dict.fromkeys(columns(peakvo2.LAYOUT), "0"), "patient_id": "7", "age": "55", "male": "1", "bmi": "28.5",
            "resting.systolic.bp": "110", "resting.hr": "75", "crcl": "83.2", "bun": "23", "sodium": "139.8", "hgb": "13.6",
            "glucose": "97", "lvef.metabl": "20", "peak.vo2": "15.7", "peak.rer": "1.1", "ttodead": "5.25", "died": "1",
            **changed}


def written(*rows: dict[str, str], separator: str = ",") -> bytes:
    """The rows as a table, in the encoding of MUSIC where it has a micro sign."""
    lines = [list(rows[0]), *(list(row.values()) for row in rows)]
    return "\n".join(separator.join(line) for line in lines).encode("latin-1")
