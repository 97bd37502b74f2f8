"""Late-enhancement cardiac MR to scar and its burden."""

from core.contract import Modality

ROOM = Modality(
    "cmr", "Cardiac MR", "Late-enhancement stack to fibrosis overlay and burden.", "view_in_ar",
    accepts=("nii", "gz", "dcm", "dicom", "ima", "nrrd", "nhdr", "raw", "hdr", "img", "png", "zip"),
    methods=("grad_cam", "integrated_gradients"),
    weights={"cmr": "U-Net cascade (default)", "cmr_dae_former": "DAE-Former"},
)
