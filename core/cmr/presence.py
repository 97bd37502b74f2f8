"""Is there a left ventricle, and an infarct in it? Few numbers of a segmentation, judged by unseen stacks."""

from __future__ import annotations

import numpy as np

from core.assessment import Notice
from core.cmr.segment import Segmentation
from core.weights import Config


def presence_score(found: Segmentation | None) -> float:
    """The log odds of the mean infarct probability over the myocardium."""
    share = 0.0 if found is None else soft_share(found.probability)
    return float(np.log((share + 1e-3) / (1 - share + 1e-3)))


def soft_share(probability: np.ndarray) -> float:
    """Mean probability of infarct over the myocardium of ``[n, 5, rows, columns]``, 0 to 1."""
    heart = probability[:, 2:].sum(1)
    inside = heart > 0.5
    return float(probability[:, 3:].sum(1)[inside].sum() / max(heart[inside].sum(), 1e-6))


def gate(seen: list[Segmentation]) -> dict[str, float]:
    """Limits that all but one in a hundred proper stacks pass.

    The certainty decides; of the localisers half as much is demanded, for theirs depends on the field of view.
    """
    return {"certainty": round(float(np.quantile([s.certainty for s in seen], 0.01)), 4),
            "located": round(float(np.quantile([s.located for s in seen], 0.01)) / 2, 4)}


def passes(found: Segmentation | None, limits: dict[str, float]) -> bool:
    """Whether there is a left ventricle to speak of."""
    return found is not None and found.certainty >= limits["certainty"] and found.located >= limits["located"]


def refusal(found: Segmentation | None, config: Config) -> Notice | None:
    """Refuse rather than invent a ring."""
    if passes(found, config.extra["gate"]):
        return None
    return Notice("refuse", "No left ventricle was found in these slices. This room reads short-axis late-enhancement "
                            "stacks.", "heart")
