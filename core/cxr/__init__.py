"""Chest radiograph and clinical context to findings."""

from core.contract import Modality

ROOM = Modality(
    "cxr", "Chest X-ray", "Radiograph and clinical context to findings, each with how far it can be trusted.", "radiology",
    accepts=("dcm", "png", "jpg", "jpeg", "tif", "tiff", "zip"),
    methods=("grad_cam", "integrated_gradients", "occlusion", "attention"),
    weights={"cxr": "Cross-attention, MobileNetV2"},
    report=("30745-4", "XR Chest Views"),
)
