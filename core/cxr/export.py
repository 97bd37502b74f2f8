"""What reports are made of: the film, what it is, and the wording of its findings."""

from __future__ import annotations

from dataclasses import replace

from core.assessment import Assessment, Attribution
from core.cxr import ROOM, figures, german
from core.cxr.study import CxrStudy
from core.export.entry import CaseEntry, Language
from core.pictures import png, reduced

PRINTED = 1200  # pixels of the film's longer side
METHODS = {"grad_cam": "Grad-CAM", "integrated_gradients": "Integrated gradients", "occlusion": "Occlusion",
           "attention": "Attention", "xrv": "Grad-CAM of TorchXRayVision"}
GROUPS: dict[Language, dict[str, str]] = {
    "en": {"observation": "Observations (CheXpert)", "further": "Further findings (ChestX-ray14)", "child": "Children's films"},
    "de": {"observation": "Befunde (CheXpert)", "further": "Weitere Befunde (ChestX-ray14)", "child": "Kinderaufnahmen"},
}
_MAP: dict[Language, tuple[str, str, str]] = {  # name of the detail, what is said of a map that holds, and of one that fails
    "en": ("heat map", "its deletion check holds", "its deletion check is inconclusive: do not rely on the map"),
    "de": ("Heatmap", "Löschprobe bestanden", "Löschprobe ohne klares Ergebnis: nicht auf die Heatmap verlassen"),
}


def entry(
    study: CxrStudy, assessment: Assessment, language: Language = "en", attribution: Attribution | None = None
) -> CaseEntry:
    """The film with its assessment, under the heat map of ``attribution`` if one is given."""
    details = dict(study.source)
    if attribution is not None:
        name, holds, fails = _MAP[language]
        check = holds if attribution.faithfulness["holds"] else fails
        details[name] = f"{attribution.target.partition(':')[2]}, {METHODS[attribution.method]}; {check}"
    labels = {("group", group): words for group, words in GROUPS[language].items()}
    if language == "de":
        labels |= {("room", "title"): "Röntgen-Thorax", ("detail", "format"): "Format", ("detail", "size"): "Größe",
                   ("detail", "depth"): "Tiefe"}
        labels |= {(f.group, f.code): german.label(f) for f in assessment.own}
    return CaseEntry(ROOM, assessment, picture=picture(study, attribution), details=details, labels=labels)


def picture(study: CxrStudy, attribution: Attribution | None = None) -> bytes:
    """The film as PNG, at most 1,200 pixels a side, under a heat map if one is given."""
    small = replace(study, pixels=reduced(study.pixels, PRINTED))
    if attribution is None:
        return png(figures.film(small))
    return figures.overlay_png(small, reduced(attribution.values, PRINTED))
