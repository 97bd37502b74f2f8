"""Made-up cohorts in publishers' layouts: the hazard depends on age, sodium and loop diuretics."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

DRUGS = ("betablok", "dilver", "nifed", "acei", "angioten.II", "anti.arrhy", "anti.coag", "aspirin", "digoxin", "nitrates",
         "vasodilator", "diuretic.loop", "diuretic.thiazide", "diuretic.potassium.spar", "lipidrx.statin", "insulin")
YES_NO = ("surgery.pacemaker", "surgery.cabg", "surgery.pci", "surgery.aicd.implant", "smknow", "q.wave.mi", "niddm", "cad",
          "male", "black")


def peakvo2(path: Path, n: int = 240, seed: int = 0) -> Path:
    rng = np.random.default_rng(seed)
    table = pd.DataFrame({"patient_id": np.arange(n), **{name: rng.integers(0, 2, n) for name in (*DRUGS, *YES_NO)}})
    normal = {"age": (62, 10), "resting.systolic.bp": (115, 15), "resting.hr": (72, 10), "bmi": (28, 4), "lvef.metabl": (25, 6),
              "peak.rer": (1.1, 0.08), "peak.vo2": (16, 3), "interval": (500, 90), "bun": (25, 6), "sodium": (139, 3),
              "hgb": (13, 1.2), "glucose": (110, 15), "crcl": (80, 15)}
    for name, (mean, deviation) in normal.items():
        table[name] = rng.normal(0, 1, n).clip(-2, 2) * deviation + mean
    log_hazard = (table["age"] - 62) / 10 - (table["sodium"] - 139) / 3 + 0.8 * table["diuretic.loop"]
    time = rng.exponential(6 * np.exp(-log_hazard))
    watched = rng.uniform(2, 7, n)
    table["died"], table["ttodead"] = (time <= watched).astype(int), np.minimum(time, watched)
    table.to_csv(path, index=False)
    return path


def uci(path: Path, n: int = 80, seed: int = 1) -> Path:
    rng = np.random.default_rng(seed)
    age = rng.uniform(45, 85, n)
    time = rng.exponential(200 * np.exp(-(age - 65) / 10))
    pd.DataFrame({
        "age": age.round(), "anaemia": rng.integers(0, 2, n), "creatinine_phosphokinase": rng.integers(50, 800, n),
        "diabetes": rng.integers(0, 2, n), "ejection_fraction": rng.integers(20, 60, n),
        "high_blood_pressure": rng.integers(0, 2, n), "platelets": rng.uniform(150e3, 350e3, n),
        "serum_creatinine": rng.uniform(0.7, 2, n).round(1), "serum_sodium": rng.integers(130, 145, n),
        "sex": rng.integers(0, 2, n), "smoking": rng.integers(0, 2, n), "time": np.minimum(time, 250).round().clip(1),
        "DEATH_EVENT": (time <= 250).astype(int)}).to_csv(path, index=False)
    return path
