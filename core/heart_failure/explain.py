"""Why the log hazard of a patient is what it is: per number, per drug and per word of the prescriptions.

The log hazard is what both risks follow from, so both targets have one explanation. Contributions are in its unit: 0.7 is
about twice the hazard.
"""

from __future__ import annotations

import time

import numpy as np
import torch

from core import attribution
from core.assessment import Attribution
from core.drugs import CLASSES
from core.heart_failure import shares
from core.heart_failure.cox import MarginalCox
from core.heart_failure.drugs import FLAGS
from core.heart_failure.patient import Patient, patient, unscaled
from core.heart_failure.prognosis import cohort_of
from core.heart_failure.study import HeartFailureStudy
from core.heart_failure.variables import ASKED, ENCODED, scaled
from core.heart_failure.words import by_class, by_mention
from core.progress import Done, report
from core.serving import get
from core.uploads import InputError

TARGETS = ("death:1y", "death:3y")
IG_STEPS = 32
NEAR = 0.05  # of the difference: what contributions may miss of it
FEW = 10  # inputs below which the check takes larger steps


def explain(
    study: HeartFailureStudy, target: str, method: str = "shapley", weights: str = "heart_failure_cox", done: Done | None = None
) -> Attribution:
    """What each input adds to the log hazard.

    ``shapley``: against a patient of whom nothing is known; an input's share is how the log hazard moves when it becomes known,
    on average over the orders in which all become known. ``integrated_gradients``: against a patient who is average in all that
    is known.

    Returns:
        Attribution shaped like ``study.numbers``, 0 where unknown. ``parameters``: "fields" [[field, label, value]], the largest
        first, with the prescriptions as a whole; "drugs" [[flag, label, value]]; "words" [[start, end, value]] of ``study.text``;
        "counts", the share of a log hazard that the risk in the patient's cohort follows.
        Its faithfulness has the deletion check (inputs made unknown, the most important first) and how near the sum of the
        contributions comes to the difference that they explain.

    Raises:
        InputError: a refused study, unknown target or method.
        Cancelled: ``done`` returned False.
    """
    began, served = time.perf_counter(), get(weights)
    reason = next((notice for notice in study.notices if notice.level == "refuse"), None)
    if reason is not None:
        raise InputError("age", f"There is no finding to explain. {reason.message}", "Enter more of the patient first.")
    if target not in TARGETS:
        raise InputError("target", f"There is no finding {target!r}.", f"Choose one of {', '.join(TARGETS)}.")
    if method not in _METHODS:
        raise InputError("method", f"There is no method {method!r}.", f"Choose one of {', '.join(_METHODS)}.")
    who = patient(served, study)
    found, words, about = _METHODS[method](who, done)
    numbers, drugs, text = who.split(found)
    if words is None:
        words = by_mention(study.text, dict(zip(FLAGS, drugs.tolist(), strict=True)))
    told = [[flag, CLASSES[flag], value] for flag, value in zip(FLAGS, drugs.tolist(), strict=True)] if who.reads_flags else (
        by_class(study.text, words))
    slope = served.config.extra["cohorts"][cohort_of(study.values.get("setting"))].get("slope", 1.0)
    fields = _fields(numbers, float(drugs.sum() + text), bool(study.text))
    about |= {"unit": "log hazard", "counts": slope, "fields": fields, "drugs": told, "words": words}
    return Attribution(numbers.astype(np.float32), target, method, about, _check(who, found, about),
                       round(time.perf_counter() - began, 3))


def _shapley(who: Patient, done: Done | None) -> tuple[np.ndarray, list | None, dict]:
    """Contribution of each input, of each word where the model reads text, and what is said of them."""
    if isinstance(who.served.model, MarginalCox):
        found, error = shares.gaussian(who)
        report(done, 1, 1)
    else:
        found, error = shares.sampled(who, done)
    kept = np.ones((1, len(who.inputs)), bool)
    whole, nothing = float(who.score(kept)[0]), float(who.score(~kept)[0])
    words = None if who.reads_flags else who.without_words()
    return found, words, {"reference": "a patient of whom nothing is known", "difference": whole - nothing, "error": error}


def _integrated_gradients(who: Patient, done: Done | None) -> tuple[np.ndarray, list | None, dict]:
    columns = [column for kind, column in who.inputs if kind == "number"]
    number = torch.from_numpy(scaled(who.numbers)[columns])
    average = who.centre[columns]
    flags = torch.from_numpy(who.flags[[column for kind, column in who.inputs if kind == "flag"]])
    states = torch.zeros(0) if who.states is None else who.states[0].flatten().cpu()
    size, many = len(number), len(number) + len(flags)

    def forward(rows: torch.Tensor) -> torch.Tensor:
        numbers = torch.full((len(rows), len(ENCODED)), torch.nan)
        numbers[:, columns] = unscaled(rows[:, :size], columns)
        drugs = torch.full((len(rows), len(FLAGS)), torch.nan)
        drugs[:, who.flag_columns] = rows[:, size:many]
        text = None if who.states is None else rows[:, many:].reshape(len(rows), *who.states.shape[1:])
        return who.run(numbers, drugs, text)[:, None]

    x = torch.cat([number, flags, states])[None]
    baseline = torch.cat([average, who.flag_centre[who.flag_columns], torch.zeros_like(states)])[None]
    values, delta = attribution.integrated_gradients(forward, x, baseline, 0, IG_STEPS)
    report(done, 1, 1)
    with torch.no_grad():
        difference = float(forward(x)[0, 0] - forward(baseline)[0, 0])
    values = values[0].numpy().astype(float)
    tokens, words = values[many:], None
    if who.states is not None:
        words = who.of_words(tokens.reshape(who.states.shape[1], -1).sum(1))
    found = np.concatenate([values[:many], [tokens.sum()]] if who.states is not None else [values[:many]])
    return found, words, {"reference": "a patient who is average in all that is known, and text that says nothing",
                          "difference": difference, "steps": IG_STEPS, "convergence_delta": round(delta, 5)}


_METHODS = {"shapley": _shapley, "integrated_gradients": _integrated_gradients}


def _fields(numbers: np.ndarray, prescriptions: float, told: bool) -> list[list]:
    """Field, label and contribution, the largest first; several numbers of one field together."""
    sums: dict[str, float] = {}
    for one, value in zip(ENCODED, numbers.tolist(), strict=True):
        sums[one.field] = sums.get(one.field, 0.0) + value
    rows = [[name, ASKED[name].label, value] for name, value in sums.items() if value]
    if told:
        rows.append(["prescriptions", "Prescriptions", prescriptions])
    return sorted(rows, key=lambda row: -abs(row[2]))


def _check(who: Patient, found: np.ndarray, about: dict) -> dict:
    fractions = (0.1, 0.2, 0.3, 0.5) if len(found) >= FEW else (0.25, 0.5, 0.75)
    check = attribution.deletion(who.score, lambda gone: ~gone, found, fractions)
    missed = abs(float(found.sum()) - about["difference"])
    complete = missed <= NEAR * max(abs(about["difference"]), 0.1)
    return check | {"sum": float(found.sum()), "difference": about["difference"], "complete": complete,
                    "holds": check["holds"] and complete}
