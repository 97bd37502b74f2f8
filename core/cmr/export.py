"""What leaves the room: a mask and its segments as NIfTI, DICOM SEG and CSV, and what reports are made of."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Mapping, Sequence
from dataclasses import fields

import nibabel
import numpy as np
from pydicom import Dataset
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code

from core.assessment import Assessment, ModelId
from core.cmr import ROOM
from core.cmr.figures import montage
from core.cmr.formats.geometry import usable
from core.cmr.formats.references import reference
from core.cmr.quantify import agreement
from core.cmr.segments import Segment
from core.cmr.study import CAVITY, INFARCT, MYOCARDIUM, NO_REFLOW, CmrStudy, on_grid
from core.cmr.tables import LABELS, WORDS, tables
from core.cmr.thresholds import compared
from core.export.entry import CaseEntry, Language
from core.pictures import png
from core.uploads import InputError

SERIES = 9001  # number of the series of masks: behind those of a scanner
# Label, wording, SNOMED or DICOM category, type and place. There is no code of no-reflow; microvessels are obstructed.
SEGMENTS: tuple[tuple[int, str, Code, Code, Code | None], ...] = (
    (CAVITY, "Left ventricular cavity", codes.SCT.AnatomicalStructure, codes.SCT.LeftVentricle, None),
    (MYOCARDIUM, "Normal myocardium", codes.SCT.AnatomicalStructure, codes.DCM.NormalMyocardium,
     codes.SCT.StructureOfMyocardiumOfLeftVentricle),
    (INFARCT, "Infarct", codes.SCT.MorphologicallyAbnormalStructure, codes.SCT.MyocardialInfarction,
     codes.SCT.StructureOfMyocardiumOfLeftVentricle),
    (NO_REFLOW, "No-reflow (microvascular obstruction)", codes.SCT.MorphologicallyAbnormalStructure,
     codes.SCT.Obstruction, codes.SCT.StructureOfMyocardiumOfLeftVentricle),
)


def entry(
    study: CmrStudy, assessment: Assessment, language: Language = "en", sd: float = 5, by_hand: bool = False,
    beside: Mapping[str, np.ndarray] | None = None,
) -> CaseEntry:
    """What reports are made of; a refused stack is shown without a mask.

    Args:
        sd: how many standard deviations above remote myocardium the reader chose as threshold; it is listed with the
            usual ones. by_hand: the mask was corrected by hand.
        beside: scar by name of further methods, bool ``[n, rows, columns]``: of another model, or of the model before a
            correction.
    """
    words, details = WORDS[language], dict(study.source)
    labels = assessment.overlays.get("labels")
    if labels is None:
        return CaseEntry(ROOM, assessment, picture=png(montage(study, None)), details=details, labels=LABELS[language])
    masks = compared(study.slices, labels, sd) | dict(beside or {})
    rows = agreement(labels, masks, words["by_hand" if by_hand else "model"])
    return CaseEntry(
        ROOM, assessment, picture=png(montage(study, labels)), labels=LABELS[language],
        details=details | ({words["mask"]: words["corrected"]} if by_hand else {}), tables=tables(assessment, rows, language))


def nifti(study: CmrStudy, labels: np.ndarray) -> bytes:
    """The mask ``[n, rows, columns]`` on the grid of the input array, compressed, labels 0 to 4 as EMIDEC writes them.

    A study without geometry gets the identity as affine. The same mask gives the same bytes.

    Raises:
        ValueError: the mask does not fit the study.
    """
    _fits(study, labels)
    affine = np.eye(4) if study.affine is None or not usable(study.affine) else study.affine
    image = nibabel.Nifti1Image(np.ascontiguousarray(on_grid(study, labels), np.uint8), affine)
    if study.spacing_mm is not None and np.allclose(nibabel.affines.voxel_sizes(affine), 1):  # never filled in, as in the scan
        rows, columns, between = study.spacing_mm
        image.header.set_zooms([size for _, size in sorted(zip(study.axes, (between, rows, columns), strict=True))])
    if study.affine is not None and study.spacing_mm is not None:
        image.header.set_xyzt_units("mm")
    return gzip.compress(image.to_bytes(), mtime=0)


def mask(study: CmrStudy, assessment: Assessment) -> bytes | None:
    """The assessment's mask as NIfTI; None where the study was refused."""
    labels = assessment.overlays.get("labels")
    return None if labels is None else nifti(study, labels)


def dicom_seg(study: CmrStudy, labels: np.ndarray, model: ModelId) -> bytes:
    """The mask ``[n, rows, columns]`` as a DICOM Segmentation that points at the slices it was drawn on.

    Segments that are empty are described without frames.

    Raises:
        InputError: the study was not read from DICOM that says where its slices lie, or the mask is empty.
        ValueError: the mask does not fit the study.
    """
    _fits(study, labels)
    if not labels.any():
        raise InputError("export", "The mask is empty.", "There is nothing to export from this scan.")
    file = io.BytesIO()
    try:
        _segmentation(study, labels, model).save_as(file)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:  # headers may lack or break anything
        raise InputError("export", "A DICOM segmentation needs DICOM files that say where the slices lie.",
                         "Download the mask as NIfTI instead, or upload the scan as a DICOM series.") from error
    return file.getvalue()


def _segmentation(study: CmrStudy, labels: np.ndarray, model: ModelId) -> Dataset:
    from highdicom import UID, AlgorithmIdentificationSequence  # slow to import, and needed for this alone
    from highdicom.seg import Segmentation, SegmentDescription

    algorithm = AlgorithmIdentificationSequence(name=model.name, family=codes.DCM.ArtificialIntelligence,
                                                version=model.version)
    described = [
        SegmentDescription(number, wording, category, kind, "AUTOMATIC", algorithm,
                           anatomic_regions=None if place is None else [place])
        for number, wording, category, kind, place in SEGMENTS
    ]
    made = Segmentation(
        _headers(study), np.ascontiguousarray(_in_file_order(study, labels), np.uint8), "BINARY", described,
        series_instance_uid=UID(), series_number=SERIES, sop_instance_uid=UID(), instance_number=1,
        manufacturer="Cardioscope", manufacturer_model_name=model.name, software_versions=model.version,
        device_serial_number=model.sha256[:16], content_label="LGE", omit_empty_frames=True,
        content_description="Research use only; not reviewed",
    )
    made.SeriesDescription = "Cardioscope late enhancement mask"
    return made


def segments_csv(rows: Sequence[Segment]) -> bytes:
    """One line per segment, columns named as the fields of ``Segment``; what is not known stays empty. UTF-8."""
    names = [f.name for f in fields(Segment)]
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(names)
    for row in rows:
        values = [getattr(row, name) for name in names]
        writer.writerow(["" if v is None else f"{v:.2f}" if isinstance(v, float) else v for v in values])
    return text.getvalue().encode()


def _fits(study: CmrStudy, labels: np.ndarray) -> None:
    if labels.shape != study.slices.shape:
        raise ValueError(f"a mask of shape {labels.shape} does not fit slices of shape {study.slices.shape}")


def _headers(study: CmrStudy) -> list[Dataset]:
    """The headers without identity; where one leaves the thickness open, a slice reaches to the next."""
    headers = [reference(header) for header in study.references]
    for header in headers:
        if header.get("SliceThickness") is None and study.spacing_mm is not None:
            header.SliceThickness = study.spacing_mm[2]
    return headers


def _in_file_order(study: CmrStudy, labels: np.ndarray) -> np.ndarray:
    """The mask in the order of the pictures that ``references`` speak of."""
    frames = study.references[0].get("PerFrameFunctionalGroupsSequence")
    if frames is None:
        return labels
    shared = study.references[0].SharedFunctionalGroupsSequence[0]
    turned = shared if "PlaneOrientationSequence" in shared else frames[0]
    axes = np.array(turned.PlaneOrientationSequence[0].ImageOrientationPatient, float).reshape(2, 3)
    places = np.array([frame.PlanePositionSequence[0].ImagePositionPatient for frame in frames], float)
    return labels[np.argsort(np.argsort(places @ np.cross(*axes), kind="stable"))]  # a study runs along the normal
