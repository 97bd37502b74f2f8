"""The labels of the chest X-ray models, and how each dataset's own names map to them.

Observations are the 14 of CheXpert (Irvin et al. 2019, arXiv 1901.07031, which also gives the hierarchy);
the further findings are those of NIH ChestX-ray14 (Wang et al. 2017, arXiv 1705.02315) that CheXpert does not have.
"""

from __future__ import annotations

OBSERVATIONS = (
    "No Finding", "Enlarged Cardiomediastinum", "Cardiomegaly", "Lung Opacity", "Lung Lesion", "Edema", "Consolidation",
    "Pneumonia", "Atelectasis", "Pneumothorax", "Pleural Effusion", "Pleural Other", "Fracture", "Support Devices",
)
FURTHER = ("Infiltration", "Mass", "Nodule", "Emphysema", "Fibrosis", "Pleural Thickening", "Hernia")
CHILD = ("Pneumonia",)  # on children's films, from the Kermany collection

GROUPS = {"observation": OBSERVATIONS, "further": FURTHER, "child": CHILD}
LABELS: tuple[tuple[str, str], ...] = tuple((group, code) for group, codes in GROUPS.items() for code in codes)
INDEX = {label: k for k, label in enumerate(LABELS)}

# CheXpert's hierarchy: the parent is present whenever a child is.
CHILDREN = {
    "Lung Opacity": ("Edema", "Consolidation", "Pneumonia", "Lung Lesion", "Atelectasis"),
    "Enlarged Cardiomediastinum": ("Cardiomegaly",),
    "Consolidation": ("Pneumonia",),
}

# ChestX-ray14 -> our labels; a finding may raise several.
NIH = {
    "Atelectasis": (("observation", "Atelectasis"), ("observation", "Lung Opacity")),
    "Cardiomegaly": (("observation", "Cardiomegaly"),),
    "Effusion": (("observation", "Pleural Effusion"),),
    "Infiltration": (("further", "Infiltration"), ("observation", "Lung Opacity")),
    "Mass": (("further", "Mass"), ("observation", "Lung Lesion"), ("observation", "Lung Opacity")),
    "Nodule": (("further", "Nodule"), ("observation", "Lung Lesion"), ("observation", "Lung Opacity")),
    "Pneumonia": (("observation", "Pneumonia"), ("observation", "Lung Opacity")),
    "Pneumothorax": (("observation", "Pneumothorax"),),
    "Consolidation": (("observation", "Consolidation"), ("observation", "Lung Opacity")),
    "Edema": (("observation", "Edema"), ("observation", "Lung Opacity")),
    "Emphysema": (("further", "Emphysema"),),
    "Fibrosis": (("further", "Fibrosis"),),
    "Pleural_Thickening": (("further", "Pleural Thickening"), ("observation", "Pleural Other")),
    "Hernia": (("further", "Hernia"),),
    "No Finding": (("observation", "No Finding"),),
}
# What the annotators of ChestX-ray14 looked for: every label of ours that one of its names raises.
NIH_LABELLED = tuple(sorted({label for raised in NIH.values() for label in raised}, key=INDEX.__getitem__))
