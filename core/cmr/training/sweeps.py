"""Ready sweeps of the cardiac MR room: the segmentation of its source."""

from __future__ import annotations

from core.training.grids import Goal, Grid

GOAL = Goal("Dice, infarct, cases with infarct")
_SOURCE = ("m-prtm.md, Training Parameters: AdamW, learning rate 1e-4, batches of 16, 200 epochs. It tried no other values: "
           "those around them are ours")
GRIDS = {
    "DAE-Former, as published": Grid(
        _SOURCE, {"segmenter.learning_rate": [5e-5, 1e-4, 5e-4], "batch": [8, 16]},
        {"preset": "published", "segmenter": {"epochs": 200}}, needs="a GPU of 16 GB"),
    "DAE-Former, compact": Grid(
        f"{_SOURCE}; 45 epochs, which is what the compact network takes",
        {"segmenter.learning_rate": [1e-4, 5e-4, 1e-3], "segmenter.weight_decay": [0.01, 0.001], "batch": [8, 16]},
        {"preset": "dae_former"}, needs="hours of two cores for each trial"),
}
