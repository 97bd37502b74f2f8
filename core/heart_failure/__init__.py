"""Numbers, prescriptions and scar of a patient with heart failure to a survival curve."""

from core.contract import Modality

ROOM = Modality(
    "heart_failure", "Heart failure",
    "Numbers and prescriptions to a survival curve, with its interval, its reasons and the established scores beside it.",
    "monitor_heart", accepts=("csv", "tsv", "txt", "gz", "xz", "zip"),
    methods=("shapley", "integrated_gradients"),
    weights={"heart_failure_cox": "Cox model, marginalised", "heart_failure": "M-PRTM network"},
)
