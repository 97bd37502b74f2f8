"""Ready sweeps of the chest X-ray room: what its two sources tried."""

from __future__ import annotations

from core.training.grids import Goal, Grid

GOAL = Goal("Macro AUC, 14 findings, film and note")
_REASONING = ("cxr-reasoning.md, Hyperparameter Tuning: lr, batch_size, dropout, fusion_heads, freeze_encoders, weight_decay; "
              "10 epochs, the shortest of its full trainings (10 to 20)")
_GRID = {"fusion.learning_rate": [1e-5, 5e-5, 1e-4, 5e-4], "batch": [8, 16, 32, 64], "dropout": [0.1, 0.2, 0.3],
         "fusion.weight_decay": [0.01, 0.001, 0.0001]}
GRIDS = {
    "Reasoning, as published": Grid(
        _REASONING, {**_GRID, "heads": [4, 8, 12], "freeze": [True, False]},
        {"preset": "published", "text_encoder": "emilyalsentzer/Bio_ClinicalBERT", "fusion": {"epochs": 10}},
        needs="a GPU of 16 GB, and the ImageNet weights of timm's vit_base_patch16_224 as pretrained"),
    "Reasoning, on the compact network": Grid(
        f"{_REASONING}. Of the compact network: 4 or 8 heads, for 12 do not divide its width; a frozen image encoder", {
            **_GRID, "heads": [4, 8]}, {"preset": "compact", "freeze": True, "fusion": {"epochs": 10}}),
    "Low-rank scores": Grid(
        "mavl-lrfl.md, Training and Phase 1: Adam 1e-3, batch 64, 100 epochs, rank 64, eta 1e-3. It tried no other values: "
        "those around its learning rate and eta, and how many singular values go free, are ours",
        {"aspects.learning_rate": [3e-4, 1e-3, 3e-3], "eta": [1e-4, 1e-3, 1e-2], "kept_rank": [8, 16, 32]},
        {"batch": 64, "aspects": {"epochs": 100}}),
}
