"""A minute's training of the heart-failure room: cohorts of nobody as MUSIC, peakVO2 and SUPPORT2 are published.

Their hazard is that of a rule: older, weaker and more congested hearts die earlier. It is made for this, not measured.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.heart_failure.formats import music, peakvo2, support2
from core.heart_failure.formats.music import DAYS

SIZES = {"music": 200, "peakvo2": 240, "support2": 160}
TABLES = {"music": "music/subject-info.csv", "peakvo2": "peakvo2.csv", "support2": "support2.csv"}
# mean, standard deviation, and what a standard deviation adds to the log hazard; log-normal where the mean is below 10 in logs
NORMAL = {"age": (66, 10, 0.45), "systolic": (122, 18, -0.15), "heart_rate": (73, 12, 0.1), "bmi": (27.5, 4, -0.1),
          "lvef": (33, 9, -0.35), "sodium": (139, 3, -0.25), "haemoglobin": (13.3, 1.6, -0.15), "albumin": (4.0, 0.4, -0.1),
          "peak_vo2": (16.5, 4.5, -0.4)}
SKEWED = {"creatinine": (0.2, 0.3, 0.25), "nt_probnp": (6.9, 1.0, 0.4), "bun": (3.1, 0.4, 0.2), "glucose": (4.7, 0.25, 0.05)}
DRUG_EFFECT = {"beta_blocker": -0.25, "loop": 0.35, "acei": -0.15}
BASE = {"music": 0.06, "peakvo2": 0.06, "support2": 0.7}  # deaths per year
WATCHED = {"music": (2.5, 5.0), "peakvo2": (2.0, 7.0), "support2": (1.0, 5.0)}  # years


def generate(folder: Path, learn: bool, seed: int) -> None:
    """The three tables; without ``learn``, of other patients."""
    for k, (name, size) in enumerate(SIZES.items()):
        path = folder / TABLES[name]
        path.parent.mkdir(parents=True, exist_ok=True)
        people = _people(name, size, np.random.default_rng([seed, k]))
        {"music": _music, "peakvo2": _peakvo2, "support2": _support2}[name](people).to_csv(path, index=False)


def quick(folder: Path) -> dict[str, Any]:
    """The Cox model on the three cohorts, once through the five folds, beside a ridge."""
    return {"data": str(folder / "music"), "peakvo2": str(folder / TABLES["peakvo2"]),
            "support2": str(folder / TABLES["support2"]), "model": "cox", "compared": ["ridge"], "repeats": 1}


def _people(cohort: str, count: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Values in our fields and units, 0 and 1 of what is yes or no; ``time`` in years and ``died``."""
    found, hazard = {}, np.zeros(count)
    for name, (mean, deviation, effect) in (NORMAL | SKEWED).items():
        z = rng.standard_normal(count).clip(-2.2, 2.2)
        found[name] = np.exp(mean + deviation * z) if name in SKEWED else mean + deviation * z
        hazard += effect * z
    for name in ("male", "diabetes", "hypertension", "ischaemic", "infarction", "smoker", "pacemaker", "defibrillator", "statin",
                 *(DRUG_EFFECT)):
        found[name] = (rng.random(count) < 0.45).astype(int)
        hazard += DRUG_EFFECT.get(name, 0.1 * (name in ("diabetes", "ischaemic"))) * (found[name] - 0.45)
    found["nyha"] = np.clip(np.round(2.2 + 0.5 * hazard + 0.5 * rng.standard_normal(count)), 1, 4).astype(int)
    death, watched = rng.exponential(np.exp(-hazard) / BASE[cohort]), rng.uniform(*WATCHED[cohort], count)
    return found | {"time": np.minimum(death, watched), "died": (death <= watched).astype(int),
                    "id": np.array([f"G{k:04d}" for k in range(count)])}


def _drugs(layout, people: dict[str, np.ndarray]) -> dict[str, Any]:
    """Every column of drugs that the layout has; those that nobody was given are 0."""
    none = np.zeros(len(people["id"]), int)
    return {column: people.get(name, none) for name, columns in layout.drugs.items() for column in columns[:1]} | {
        column: none for columns in layout.drugs.values() for column in columns[1:]}


def _music(people: dict[str, np.ndarray]) -> pd.DataFrame:
    height = np.where(people["male"] == 1, 172.0, 160.0)
    return pd.DataFrame({
        "Patient ID": people["id"], "Age": people["age"].round(), "Gender (male=1)": people["male"],
        "Weight (kg)": (people["bmi"] * (height / 100) ** 2).round(1), "Height (cm)": height,
        "Body Mass Index (Kg/m2)": people["bmi"].round(1), "NYHA class": people["nyha"],
        "Systolic blood pressure (mmHg)": people["systolic"].round(),
        "Diastolic blood  pressure (mmHg)": (0.6 * people["systolic"]).round(),
        "Average RR (ms) ": (60_000 / people["heart_rate"]).round(),
        "HF etiology - Diagnosis": np.where(people["ischaemic"] == 1, 2, 1), "Diabetes (yes=1)": people["diabetes"],
        "History of hypertension (yes=1)": people["hypertension"], "Prior Myocardial Infarction (yes=1)": people["infarction"],
        "Prior implantable device": np.where(people["defibrillator"] == 1, 5, people["pacemaker"]),
        "Albumin (g/L)": (10 * people["albumin"]).round(1), "Creatinine (µmol/L)": (88.42 * people["creatinine"]).round(),
        "Hemoglobin (g/L)": (10 * people["haemoglobin"]).round(), "Sodium (mEq/L)": people["sodium"].round(),
        "Pro-BNP (ng/L)": people["nt_probnp"].round(), "Urea (mg/dL)": (people["bun"] / 2.801).round(1),
        "Glucose (mmol/L)": (people["glucose"] / 18.016).round(1), "LVEF (%)": people["lvef"].round(),
        **_drugs(music.LAYOUT, people), "Follow-up period from enrollment (days)": (DAYS * people["time"]).round().clip(1),
        "Exit of the study": np.where(people["died"] == 1, "3", ""), "Cause of death": people["died"]})


def _peakvo2(people: dict[str, np.ndarray]) -> pd.DataFrame:
    return pd.DataFrame({
        "patient_id": people["id"], "age": people["age"].round(1), "male": people["male"], "bmi": people["bmi"].round(1),
        "resting.systolic.bp": people["systolic"].round(), "resting.hr": people["heart_rate"].round(), "cad": people["ischaemic"],
        "niddm": people["diabetes"], "smknow": people["smoker"], "surgery.cabg": people["infarction"], "surgery.pci": 0,
        "q.wave.mi": people["infarction"], "surgery.aicd.implant": people["defibrillator"],
        "surgery.pacemaker": people["pacemaker"], "crcl": (90 / people["creatinine"]).round(1), "bun": people["bun"].round(1),
        "sodium": people["sodium"].round(), "hgb": people["haemoglobin"].round(1), "glucose": people["glucose"].round(),
        "lvef.metabl": people["lvef"].round(), "peak.vo2": people["peak_vo2"].round(1), "peak.rer": 1.1,
        **_drugs(peakvo2.LAYOUT, people), "ttodead": people["time"].round(3), "died": people["died"]})


def _support2(people: dict[str, np.ndarray]) -> pd.DataFrame:
    return pd.DataFrame({
        "patient_id": people["id"], "age": people["age"].round(1), "sex": np.where(people["male"] == 1, "male", "female"),
        "dzgroup": "CHF", "diabetes": people["diabetes"], "meanbp": (0.73 * people["systolic"]).round(),
        "hrt": people["heart_rate"].round(), "wblc": 9.0, "alb": people["albumin"].round(1),
        "crea": people["creatinine"].round(2),
        "sod": people["sodium"].round(), "glucose": people["glucose"].round(), "bun": people["bun"].round(1),
        "d.time": (DAYS * people["time"]).round().clip(1), "death": people["died"],
        **{column: np.nan for column in {name for one in support2.LAYOUT.sources for name in one.columns} - {
            "age", "sex", "diabetes", "meanbp", "hrt", "wblc", "alb", "crea", "sod", "glucose", "bun"}}})
