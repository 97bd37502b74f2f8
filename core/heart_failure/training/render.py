"""True text for training: the drugs that a cohort's row has, written as prescriptions.

What is taken and what is not is the row's. Which drug of the class, its dose, and why one is not taken ("stopped", "intolerant
of") is drawn, so that the same row reads differently each time; none of it is drawn with the outcome in sight.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from core.heart_failure.drugs import FLAGS
from core.heart_failure.training.prescribed import CLASS_NAMES, DRUGS, FREQUENCY

_HEADERS = ("Current medication", "Medication", "Medications", "Drugs", "Rx", "Drug history", "Prescriptions", "Home meds",
            "Current treatment", "Discharge medication")
_OPENINGS = ("Takes", "On", "Currently on", "Treated with", "The patient is taking", "Maintained on", "Continues")
_NOT_TAKEN = ("No {name}", "Not on {name}", "Never on {name}", "{Name} stopped",
              "{Name} stopped {year}", "Stopped {name} in {year}",
              "Intolerant of {name}", "{Name} not tolerated", "{Name} discontinued", "{Name}: no",
              "{Name} held", "Allergic to {name}",
              "{Name} contraindicated", "Without {name}", "No longer on {name}",
              "{Name} (stopped {year})", "{Name} - discontinued",
              "Consider {name}", "Off {name}")
_NONE = ("No drugs", "No medication", "No regular medication", "Takes no drugs", "Not on any medication", "Medication: none")
_DEVICES = {"no device": ("No implanted device",), "pacemaker": ("Pacemaker implanted", "Permanent pacemaker"),
            "ICD": ("ICD implanted", "Implantable defibrillator"), "CRT-P": ("CRT-P implanted", "Biventricular pacemaker"),
            "CRT-D": ("CRT-D implanted", "Biventricular defibrillator")}
_HISTORY: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {  # field -> where it is so, and where it is not
    "diabetes": (("Diabetes mellitus", "Known diabetes"), ("No diabetes",)),
    "infarction": (("Prior myocardial infarction", "Old MI", "S/p myocardial infarction"), ("No prior myocardial infarction",)),
    "revascularised": (("Coronary revascularisation", "S/p revascularisation"), ("No revascularisation",)),
    "hypertension": (("Hypertension",), ("No hypertension",)),
    "dyslipidaemia": (("Dyslipidaemia",), ("No dyslipidaemia",)),
    "fibrillation": (("Atrial fibrillation",), ("No atrial fibrillation",)),
    "copd": (("COPD",), ("No COPD",)),
    "smoker": (("Current smoker",), ("Non-smoker at present",)),
}


def render(flags: Sequence[float] | np.ndarray, rng: np.random.Generator, known: Mapping[str, Any] | None = None) -> str:
    """Args:
        flags: ``[14]`` in the order of ``FLAGS``; of those that are NaN nothing is written.
        rng: the same state gives the same text.
        known: fields of the row that may be written as history: device and those of ``_HISTORY``; none is by default.
    """
    taken = [flag for flag, value in zip(FLAGS, flags, strict=True) if value == 1]
    absent = [flag for flag, value in zip(FLAGS, flags, strict=True) if value == 0]
    if not taken and not absent:
        return _joined(_history(known or {}, rng), rng)
    rng.shuffle(taken)
    rng.shuffle(absent)
    named = absent[:int(rng.integers(0, 4))]
    if not taken and (not named or rng.random() < 0.5):
        body, named = [_one(_NONE, rng)], []
    else:
        body = [_one((_listed, _inline, _sentence, _table), rng)(taken, rng)] if taken else []
    body += [_not_taken(flag, rng) for flag in named]
    if len(body) > 1 and rng.random() < 0.3 and "\n" not in body[0]:
        rng.shuffle(body)
    history = _history(known or {}, rng)
    return _joined([*history, *body] if rng.random() < 0.7 else [*body, *history], rng)


def _one(choices: Sequence, rng: np.random.Generator) -> Any:
    return choices[int(rng.integers(len(choices)))]


def _drug(flag: str, rng: np.random.Generator) -> str:
    """"Bisoprolol 5 mg od", or the class alone."""
    if rng.random() < 0.12:
        return _one(CLASS_NAMES[flag], rng)
    names, strengths, unit, often = _one(DRUGS[flag], rng)
    name = names[0] if rng.random() < 0.6 else _one(names, rng)
    style = rng.random()
    if style < 0.15:
        return name
    dose = f"{_one(strengths, rng)}{'' if rng.random() < 0.2 and unit == 'mg' else ' '}{unit}"
    if style < 0.3:
        return f"{name} {dose}"
    if style < 0.35:
        return f"{dose} {name} {_one(FREQUENCY[often][:3], rng)}"
    return f"{name} {dose} {_one(FREQUENCY[often], rng)}"


def _cased(written: str, rng: np.random.Generator) -> str:
    style = rng.random()
    return written.upper() if style < 0.05 else written[0].upper() + written[1:] if style < 0.6 else written


def _listed(taken: Sequence[str], rng: np.random.Generator) -> str:
    bullet = _one(("- ", "", "* ", "• ", "# "), rng)
    if bullet == "# ":
        lines = [f"{k}. {_cased(_drug(flag, rng), rng)}" for k, flag in enumerate(taken, 1)]
    else:
        lines = [bullet + _cased(_drug(flag, rng), rng) for flag in taken]
    return "\n".join([*([f"{_one(_HEADERS, rng)}:"] if rng.random() < 0.7 else []), *lines]) + "\n"


def _inline(taken: Sequence[str], rng: np.random.Generator) -> str:
    header = f"{_one(_HEADERS, rng)}: " if rng.random() < 0.7 else ""
    return header + _one((", ", "; ", ", ", " | "), rng).join(_drug(flag, rng) for flag in taken)


def _sentence(taken: Sequence[str], rng: np.random.Generator) -> str:
    drugs = [_drug(flag, rng) for flag in taken]
    return f"{_one(_OPENINGS, rng)} {', '.join(drugs[:-1])}{' and ' if drugs[:-1] else ''}{drugs[-1]}"


def _table(taken: Sequence[str], rng: np.random.Generator) -> str:
    apart = _one((" | ", "\t", ": "), rng)
    rows = []
    for flag in taken:
        names, strengths, unit, often = _one(DRUGS[flag], rng)
        rows.append(apart.join((_one(names, rng), f"{_one(strengths, rng)} {unit}")) + f" {_one(FREQUENCY[often], rng)}")
    return "\n".join(rows) + "\n"


def _not_taken(flag: str, rng: np.random.Generator) -> str:
    name = _one(CLASS_NAMES[flag], rng) if rng.random() < 0.6 else _one(_one(DRUGS[flag], rng)[0], rng)
    return _one(_NOT_TAKEN, rng).format(name=name, Name=name[0].upper() + name[1:], year=int(rng.integers(1998, 2024)))


def _history(known: Mapping[str, Any], rng: np.random.Generator) -> list[str]:
    found = [_one(_DEVICES[known["device"]], rng)] if known.get("device") in _DEVICES and rng.random() < 0.8 else []
    for field, (there, not_there) in _HISTORY.items():
        value = known.get(field)
        if value is not None and not (isinstance(value, float) and math.isnan(value)) and rng.random() < (0.8 if value else 0.2):
            found.append(_one(there if value else not_there, rng))
    rng.shuffle(found)
    return found


def _joined(parts: Sequence[str], rng: np.random.Generator) -> str:
    """Sentences or lines; a list or a table keeps its own."""
    lines = rng.random() < 0.4
    return "".join(part if part.endswith("\n") else part + ("\n" if lines else ". ") for part in parts).strip()
