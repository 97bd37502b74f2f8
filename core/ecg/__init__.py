"""Twelve-lead ECG to a structured report."""

from core.contract import Modality

ROOM = Modality(
    "ecg", "ECG", "Twelve-lead recording to a structured report, intervals and the reason for each finding.", "cardiology",
    accepts=("hea", "dat", "mat", "zip", "dcm", "xml", "scp", "ecg", "edf", "json", "csv", "txt", "tsv", "npy"),
    methods=("grad_cam", "integrated_gradients"),
    weights={"ecg": "Residual and state-space networks"}, parts=("ecg_delineation",),
    report=("11524-6", "EKG study"),
)
