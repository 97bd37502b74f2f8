"""Ready sweeps of the heart-failure room: the network of its source, and ours beside it."""

from __future__ import annotations

from core.training.grids import Goal, Grid

GOAL = Goal("MUSIC: C-index, everything")
GRIDS = {
    "M-PRTM, as published and compact": Grid(
        "m-prtm.md, Training Parameters: 200 epochs at most with early stopping, batches of 16, AdamW at 1e-4, which the preset "
        "published is. It tried no other values: the compact network beside it is ours",
        {"preset": ["published", "compact"]}, {"model": "mprtm", "compared": ["cox"], "repeats": 1}),
    "Model against model": Grid(
        "m-prtm.md, Key Features: several modalities against single ones. The Cox model beside the network is ours",
        {"model": ["cox", "mprtm"]}, {"compared": ["ridge"], "repeats": 2}),
}
