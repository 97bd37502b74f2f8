"""Vital signs over time, and the nurse's note, to a running risk that never looks ahead."""

from core.contract import Modality

ROOM = Modality(
    "deterioration", "Deterioration",
    "Six vital signs over time and the nurse's note to a running risk of death in hospital, with NEWS2 beside it.",
    "vital_signs", accepts=("csv", "tsv", "txt", "npz", "gz", "zip"), methods=("integrated_gradients", "occlusion"),
    weights={"deterioration": "Vital signs and note, 3 networks"},
)
