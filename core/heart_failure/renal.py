"""What creatinine says of the kidneys."""

from __future__ import annotations


def egfr(creatinine: float, age: float, sex: str) -> float:
    """Estimated glomerular filtration rate, ml/min/1.73 m², CKD-EPI 2021 (Inker et al. 2021, NEJM 385:1737).

    Args:
        creatinine: mg/dl. age: years, adults. sex: "female" or "male".
    """
    kappa, alpha, factor = (0.7, -0.241, 1.012) if sex == "female" else (0.9, -0.302, 1.0)
    ratio = creatinine / kappa
    return 142 * min(ratio, 1) ** alpha * max(ratio, 1) ** -1.2 * 0.9938**age * factor


def cockcroft_gault(creatinine: float, age: float, sex: str, weight: float) -> float:
    """Creatinine clearance, ml/min (Cockcroft and Gault 1976, Nephron 16:31).

    Args:
        creatinine: mg/dl. age: years. weight: kg.
    """
    return max(140 - age, 1) * weight / (72 * creatinine) * (0.85 if sex == "female" else 1.0)
