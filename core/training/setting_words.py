"""How settings that recipes have are called for people, what they do, and within which bounds a form asks for them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    label: str
    help: str = ""
    low: float | None = None
    high: float | None = None
    advanced: bool = False


WORDS = {
    "data": Words("Dataset folder", "In the layout of its publisher; the check says what was found."),
    "name": Words("Name of the run", "Left empty, the run gets a name of its own."),
    "preset": Words("Architecture", "The compact ones ship; the published ones want a GPU."),
    "model": Words("Model"),
    "epochs": Words("Epochs", "Passes over the training data.", 1, 10_000),
    "learning_rate": Words("Learning rate", "The largest; it warms up to it and falls to zero as a cosine.", 1e-7, 1.0),
    "weight_decay": Words("Weight decay", "On the matrices of linear and convolution layers only.", 0.0, 10.0),
    "batch": Words("Batch", "Studies per step.", 1, 4096),
    "seed": Words("Seed", "The same seed, data and settings give the same run.", 0, 2**31 - 1),
    "dropout": Words("Dropout", "", 0.0, 0.95),
    "note_dropout": Words("Note dropout", "Share of the studies that are shown without their note.", 0.0, 0.95),
    "heads": Words("Fusion heads", "Attention heads between picture and note.", 1, 64),
    "tuned": Words("Trained end to end", "Encoder and all on it together; wants ten thousand films.", advanced=True),
    "side": Words("Side of the picture", "Pixels.", 8, 4096, True),
    "still": Words("Still blocks", "Of the encoder, which are not trained.", 0, 1000, True),
    "freeze": Words("Frozen image encoder", "Read out a frozen encoder; training all of it end to end wants a GPU."),
    "pretrained": Words("Pretrained backbone", "State dict of the image encoder, a safetensors file."),
    "patience": Words("Early stopping", "Validations without a better figure before it stops, the best kept; 0: never.", 0,
                      1000),
    "watch": Words("Watched figure", "Of the validation, for early stopping; empty: its first.", advanced=True),
    "accumulate": Words("Parts of a batch", "Computed one after the other, for a memory that does not hold it.", 1, 1024, True),
    "outcomes": Words("Outcomes", "A table of ecg_id, time and event; empty: a simulated hazard, as a proof."),
    "alpha": Words("Weight of the reconstruction", "Beside the risk.", 0.0, 1.0, True),
    "weights": Words("Starts from", "The weights of the encoder.", advanced=True),
    "steps": Words("Steps", "", 1, 1_000_000),
    "warm_up": Words("Warm-up", "Share of the steps.", 0.0, 0.99, True),
    "averaging": Words("Weight averaging", "Decay of the moving average of the weights, which is kept.", 0.0, 0.99999, True),
    "clip": Words("Gradient clipping", "Largest norm of the gradient.", 1e-6, 1e6, True),
    "precision": Words("Precision", "bf16 only where the processor knows it.", advanced=True),
    "text_encoder": Words("Text encoder", "minilm, or a Hub id such as emilyalsentzer/Bio_ClinicalBERT.", advanced=True),
    "mixup": Words("Mixup", "Strength of mixing two records; 0 mixes none.", 0.0, 10.0, True),
    "members": Words("Networks of the ensemble", "", 1, 20, True),
    "repeats": Words("Repeats of the validation", "", 1, 100, True),
    "views": Words("Views of a film", "Distorted views of each, the undistorted one among them.", 1, 64, True),
    "notes": Words("Notes", "generated: written from the labels, for the published reproduction alone.", advanced=True),
    "gate_pictures": Words("Pictures for the input gate", "Of every kind that is no proper film.", 10, 10_000, True),
    "probe_strength": Words("Strength of the probe", "C of the logistic regressions.", 1e-9, 1e6, True),
    "eta": Words("Low-rank weight", "Of the truncated nuclear norm.", 0.0, 1e3, True),
    "kept_rank": Words("Kept rank", "Singular values that the norm leaves alone.", 1, 4096, True),
    "records": Words("Records", "Train on the first so many only; 0: all.", 0, 10**9, True),
    "compared": Words("Compared models", "Separated by commas.", advanced=True),
    "published_too": Words("The source's network, too", "On the same folds.", advanced=True),
}
