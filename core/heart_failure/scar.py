"""What is published of scar and survival: a line of its own beside the model's, never a part of the model.

No open cohort links late enhancement and survival, so nothing here was learned. Halliday et al. 2019 (JACC Cardiovasc
Imaging 12:1645, doi 10.1016/j.jcmg.2018.07.015): 874 patients with dilated cardiomyopathy, 300 of them (34.3 %) with
late enhancement, followed for a median of 4.9 years. Adjusted hazard ratios of death of any cause against patients
without: 1.59 (0.99 to 2.55) up to 2.55 % of the myocardium, 1.56 (0.96 to 2.54) up to 5.10 %, 2.31 (1.50 to 3.55) above.

The model knows nothing of the patient's scar, so its curve is that of a patient with the average one. A ratio against
"no scar" would count twice what that average holds. It is divided by the mean hazard of the published cohort:
``M = 1 + 0.343 * (mean of the three ratios - 1) = 1.28``. The paper's abstract does not say how many patients each of the
three bands holds; they are taken as equal (with all in the lowest or in the highest, M were 1.19 or 1.45).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from core.assessment import Curve
from core.heart_failure.survival import Z
from core.heart_failure.variables import AETIOLOGIES, Values

SOURCE = "Halliday et al. 2019, JACC Cardiovasc Imaging 12:1645 (874 patients with dilated cardiomyopathy)"
PREVALENCE = 300 / 874  # patients with late enhancement
BANDS = ((2.55, 1.59, 0.99, 2.55), (5.10, 1.56, 0.96, 2.54), (math.inf, 2.31, 1.50, 3.55))  # up to %, ratio, 95 % interval
CURVE = "Survival with scar, published effect"
ASSUMED = ("relative to the average patient of that cohort, of whom 34 % had late enhancement, taken as equally many in each of "
           "its three bands")
_OTHER_SCAR = ("ischaemic", "valvular", "hypertensive", "hypertrophic")  # causes that the published cohort left out


@dataclass(frozen=True)
class Effect:
    """How scar of this extent shifts the log hazard against the average patient of the published cohort.

    Attributes:
        band: in words. published: hazard ratio against no late enhancement with its interval; None where there is none.
        shift, error: of the log hazard, and its standard error.
    """

    band: str
    published: tuple[float, float, float] | None
    shift: float
    error: float

    @property
    def ratio(self) -> tuple[float, float, float]:
        """Hazard ratio against the average patient, with its 95 % interval."""
        return tuple(math.exp(self.shift + z * self.error) for z in (0.0, -Z, Z))


def effect(share: float) -> Effect:
    """The published effect of late enhancement of ``share`` percent of the myocardium.

    The error is that of the three log ratios, taken as independent, through the ratio and through the mean (delta method).
    """
    ratios = np.array([ratio for _, ratio, _, _ in BANDS])
    errors = np.array([math.log(high / low) / (2 * Z) for _, _, low, high in BANDS])
    mean = 1 + PREVALENCE * (ratios.mean() - 1)
    slopes = -PREVALENCE / len(BANDS) * ratios / mean
    if share <= 0:
        return Effect("no late enhancement", None, -math.log(mean), float(np.sqrt(((slopes * errors) ** 2).sum())))
    k = next(k for k, (most, *_) in enumerate(BANDS) if share <= most)
    slopes[k] += 1
    below = BANDS[k - 1][0] if k else 0
    words = f"more than {below:g} %" if k == len(BANDS) - 1 else f"up to {BANDS[k][0]:g} %" if k == 0 else (
        f"{below:g} to {BANDS[k][0]:g} %")
    return Effect(words, BANDS[k][1:], math.log(ratios[k] / mean), float(np.sqrt(((slopes * errors) ** 2).sum())))


def why_not(values: Values) -> str:
    """Why the published effect is not drawn for this patient, as a sentence; empty where it is."""
    if values.get("scar_share") is None:
        return "No share of late enhancement is given, so the published effect of scar is not drawn."
    cause = values.get("aetiology")
    if cause in _OTHER_SCAR or values.get("infarction"):
        stated = "prior myocardial infarction" if values.get("infarction") else f"{AETIOLOGIES[cause]} cause"
        return (f"The published effect of scar is of dilated cardiomyopathy and is not drawn with {stated}: scar there is of "
                "another kind.")
    return ""


def adjusted(survival: Curve, share: float) -> Curve:
    """A survival curve in percent with the published effect of scar, and a band that holds both uncertainties.

    On the scale of ``log(-log S)`` the effect is a shift, and the variances of curve and effect add.
    """
    found = effect(share)
    middle, low, high = (_cloglog(np.array(course)) for course in (survival.y, survival.high, survival.low))
    up = np.sqrt((high - middle) ** 2 + (Z * found.error) ** 2)
    down = np.sqrt((middle - low) ** 2 + (Z * found.error) ** 2)
    y, better, worse = (_percent(middle + found.shift + move) for move in (0, -down, up))
    return Curve(CURVE, survival.x, y, worse, better, survival.x_unit, survival.y_unit)


def _cloglog(percent: np.ndarray) -> np.ndarray:
    """-inf where nobody has died yet; certain survival or death cannot move."""
    share = np.clip(percent / 100, 1e-12, 1 - 1e-12)
    return np.log(-np.log(share))


def _percent(values: np.ndarray) -> tuple[float, ...]:
    return tuple((100 * np.exp(-np.exp(values))).round(6).tolist())
