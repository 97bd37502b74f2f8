"""Ready sweeps of the deterioration room."""

from __future__ import annotations

from core.training.grids import Goal, Grid

GOAL = Goal("AUROC, vital signs and note")
_SOURCE = ("vitals-lstm.md, Architecture and Troubleshooting: two layers of 128, notes of 384, batches of 32, or 16 where "
           "memory is short")
GRIDS = {
    "Vital signs and notes, ours": Grid(
        f"{_SOURCE}. It names no learning rate: those of our network are ours",
        {"batch": [16, 32, 64], "schedule.learning_rate": [1e-3, 2e-3, 4e-3], "note.learning_rate": [1e-3, 2e-3, 4e-3]},
        {"published_too": False, "members": 1}),
    "The source's network": Grid(
        f"{_SOURCE}. It names no learning rate: these are ours; larger ones than 1e-3 kill its units here",
        {"batch": [16, 32], "published.learning_rate": [1e-4, 5e-4, 1e-3]}, {"members": 1}),
}
