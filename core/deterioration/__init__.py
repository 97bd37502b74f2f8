"""Deterioration: announced, not built yet."""

from core.contract import Modality

ROOM = Modality("deterioration", "Deterioration", "Six vital signs over time, and the notes, to an early warning.",
                "vital_signs", accepts=("csv", "tsv", "txt", "npz", "gz", "zip"), methods=("occlusion", "integrated_gradients"),
                built=False)
