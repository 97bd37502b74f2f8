"""Lead names of every maker, units, and the leads that follow from others."""

from __future__ import annotations

import re

import numpy as np

from core.ecg.study import LEADS
from core.uploads import InputError

_CANONICAL = {lead.upper(): lead for lead in LEADS}
_ROMAN = {"D1": "I", "D2": "II", "D3": "III", "DI": "I", "DII": "II", "DIII": "III",
          "L1": "I", "L2": "II", "L3": "III", "LI": "I", "LII": "II", "LIII": "III", "VR": "aVR", "VL": "aVL",
          "VF": "aVF", "MLI": "I", "MLII": "II", "MLIII": "III", **{f"C{i}": f"V{i}" for i in range(1, 7)}}
_FILLER = r"MDC|ECG|EKG|LEAD|CHANNEL|DERIV(?:ATION)?|EINTHOVEN|GOLDBERGER|WILSON|UNIPOLAR|AUGMENTED|ELECTRODE"
_FACTOR = {"0.1mv": 0.1, "mv": 1.0, "millivolt": 1.0, "millivolts": 1.0, "uv": 1e-3, "microvolt": 1e-3, "microvolts": 1e-3,
           "nv": 1e-6, "nanovolt": 1e-6, "nanovolts": 1e-6, "v": 1e3, "volt": 1e3, "volts": 1e3}
UNITS = {1.0: "mV", 0.1: "0.1mV", 1e-3: "uV", 1e-6: "nV", 1e3: "V"}  # by factor to millivolts

# Limb leads on the basis (I, II): Einthoven's law I + III = II and Goldberger's equations. Any two of
# them are independent, so any two recorded limb leads give the other four.
LIMB = {"I": (1.0, 0.0), "II": (0.0, 1.0), "III": (-1.0, 1.0),
        "aVR": (-0.5, -0.5), "aVL": (1.0, -0.5), "aVF": (-0.5, 1.0)}


def canonical(label: str) -> str | None:
    """The lead a label means ("avr", "Lead I (Einthoven)", "ECG I", "MDC_ECG_LEAD_V1", "I-Lead"), or None."""
    text = re.sub(r"[\[(].*?[\])]", " ", label).upper()[:60]
    words = [w for w in re.split(r"[^A-Z0-9]+", text) if w and not re.fullmatch(_FILLER, w)]
    words = [w for w in words if w.lower() not in _FACTOR or w == "V"]
    name = "".join(words)
    name = re.sub(r"^(LEAD|ECG|EKG)(?=.)", "", name)
    if name.startswith("MINUS") or "-AVR" in text.replace(" ", "") or name == "AVRNEG":
        return None  # inverted aVR is a lead of its own (Cabrera); it is derived from I and II instead
    return _CANONICAL.get(name) or _ROMAN.get(name)


def in_millivolts(unit: str) -> float | None:
    """Factor to millivolts: "mV" 1, "0.1mV" 0.1, "uV" 0.001, "nV" 1e-6, "V" 1000; None for anything else."""
    return _FACTOR.get(unit.strip().strip("()[]").lower().replace("0.1 mv", "0.1mv").replace("µ", "u").replace("μ", "u"))


def unit_of(text: object) -> str | None:
    """One of UNITS from what a form or a table says ("µV", "microvolt"), or None."""
    factor = in_millivolts(str(text))
    return None if factor is None else UNITS[factor]


def derive(leads: dict[str, np.ndarray]) -> tuple[dict[str, np.ndarray], tuple[str, ...]]:
    """Complete the limb leads from any two of them (I and II where both are there, else least squares).

    Returns:
        All leads known or derived, and the names of the derived ones in the order of LEADS.
    """
    known = [name for name in LIMB if name in leads]
    absent = [name for name in LIMB if name not in leads]
    if len(known) < 2 or not absent:
        return dict(leads), ()
    chosen = ["I", "II"] if {"I", "II"} <= set(known) else known
    basis, *_ = np.linalg.lstsq(np.array([LIMB[n] for n in chosen]), np.stack([leads[n] for n in chosen]), rcond=None)
    return {**leads, **{name: np.asarray(LIMB[name]) @ basis for name in absent}}, tuple(absent)


def listed(text: str) -> tuple[str, ...]:
    """Lead names of "I, II, V1" in the usual spelling; "-" for a channel that is none.

    Raises:
        InputError: a name of no lead, or one twice.
    """
    words = [word for word in re.split(r"[\s,;|/]+", text) if word]
    names = tuple("-" if re.fullmatch(r"[-–_x]", word.lower()) else canonical(word) for word in words)
    kept = [name for name in names if name != "-"]
    if None in names or len(kept) != len(set(kept)):
        what = "is named twice" if None not in names else "is no lead of the twelve"
        raise InputError("leads", f"One of the names that were entered {what}.", "Name each channel once, for example I, II, V1.")
    return names
