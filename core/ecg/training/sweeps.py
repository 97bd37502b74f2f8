"""Ready sweeps of the ECG room: its source names steps and losses, and hardly a number."""

from __future__ import annotations

from core.training.grids import Goal, Grid

GOAL = Goal("auc_statement", watch="auc_statement")
_LOSSES = ("ecg-report.md, 3 to 5: embeddings of 512, alignment by cosine distance, reconstruction by mean squared error. It "
           "names no learning rate and no number of epochs: these are ours. It judges by the losses, and so does this sweep")
_FEW = {"records": 4000}
GRIDS = {
    "Alignment with reports": Grid(
        _LOSSES, {"alignment.learning_rate": [1e-3, 3e-3, 1e-2], "alignment.epochs": [20, 40]}, _FEW,
        needs="hours of two cores for each trial", goal=Goal("alignment/loss", "minimize")),
    "Reconstruction": Grid(
        _LOSSES, {"decoder.learning_rate": [1e-3, 2e-3, 4e-3], "decoder.epochs": [4, 8]}, _FEW,
        needs="hours of two cores for each trial", goal=Goal("decoder/loss", "minimize")),
    "How many records": Grid(
        "ecg-report.md, Scaling: it was tried on few records only. A learning curve: AUC of the statements by number of records",
        {"records": [500, 1000, 2000, 4000, 8000]}, needs="hours of two cores for each trial"),
}
