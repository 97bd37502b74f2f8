"""Synthetic notes written from the labels, to reproduce the published training set-up and nothing else.

THESE NOTES LEAK THE LABELS. The reasoning source trained and validated on notes generated from the very labels the
model is asked for (its example: Cardiomegaly, Edema and Pleural Effusion become "Chief complaint: Patient presenting
with dyspnea and leg swelling for 3 days. History: history of heart failure. Indication: Evaluate for cardiomegaly,
edema."). A model can read the answer off such a note, so no figure obtained with them says anything about films, and
no shipped weight has seen one. Off by default: only a recipe with ``notes="generated"`` reads them.
The published form is kept; the phrases per label are our own, as the source prints a single example.
"""

from __future__ import annotations

import random
from collections.abc import Mapping

from core.cxr.labels import OBSERVATIONS
from core.uploads import InputError

MARK = "synthetic note written from the labels"  # shown and stored wherever such a note was used

# Per observation: symptoms and histories that fit it.
_PHRASES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "Enlarged Cardiomediastinum": (("chest pain", "back pain"), ("history of hypertension", "known aortic aneurysm")),
    "Cardiomegaly": (("dyspnea", "fatigue"), ("history of heart failure", "history of hypertension")),
    "Lung Opacity": (("cough", "dyspnea"), ("history of smoking", "recent respiratory infection")),
    "Lung Lesion": (("weight loss", "chronic cough"), ("history of smoking", "history of malignancy")),
    "Edema": (("leg swelling", "orthopnea"), ("history of heart failure", "chronic kidney disease")),
    "Consolidation": (("fever", "productive cough"), ("recent hospital stay", "recent respiratory infection")),
    "Pneumonia": (("fever", "productive cough"), ("recent respiratory infection", "immunosuppression")),
    "Atelectasis": (("shortness of breath", "shallow breathing"), ("recent surgery", "prolonged bed rest")),
    "Pneumothorax": (("sudden chest pain", "acute dyspnea"), ("history of emphysema", "recent chest trauma")),
    "Pleural Effusion": (("dyspnea", "pleuritic chest pain"), ("history of heart failure", "history of malignancy")),
    "Pleural Other": (("pleuritic chest pain", "dyspnea"), ("asbestos exposure", "history of tuberculosis")),
    "Fracture": (("chest wall pain", "pain after a fall"), ("recent fall", "history of osteoporosis")),
    "Support Devices": (("altered consciousness", "respiratory distress"), ("intensive care", "recent intubation")),
}
_LISTED = 2  # symptoms, and observations in the indication; the published example names two of each for three labels


def generate(labels: Mapping[str, int], seed: int) -> str:
    """The note of one row, from its labels. It leaks them: see the module.

    Args:
        labels: observation -> 1 where present; 0, -1 (uncertain) and anything else count as not present.
        seed: the same seed and labels give the same note.

    Raises:
        InputError: a label that is none of the 14 observations.
    """
    unknown = sorted(set(labels) - set(OBSERVATIONS))
    if unknown:
        raise InputError("labels", f"{unknown[0]!r} is not an observation of CheXpert.",
                         f"Use the names {', '.join(OBSERVATIONS)}.")
    draw = random.Random(seed)
    present = [name for name in OBSERVATIONS if name in _PHRASES and labels.get(name) == 1]
    days = draw.randint(1, 14)
    if not present:
        return (f"Chief complaint: Patient presenting with nonspecific symptoms for {_days(days)}. "
                "History: unremarkable history. Indication: Evaluate for cardiopulmonary disease.")
    symptoms = list(dict.fromkeys(draw.choice(_PHRASES[name][0]) for name in present))[:_LISTED]
    history = draw.choice(_PHRASES[draw.choice(present)][1])
    asked = ", ".join(name.lower() for name in present[:_LISTED])
    return (f"Chief complaint: Patient presenting with {' and '.join(symptoms)} for {_days(days)}. "
            f"History: {history}. Indication: Evaluate for {asked}.")


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"
