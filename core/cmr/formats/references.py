"""What of a DICOM header a segmentation of its pictures must refer to, and nothing that names the patient."""

from __future__ import annotations

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian

_KEPT = {
    "SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID",
    "PositionReferenceIndicator", "Modality", "SeriesNumber", "InstanceNumber", "ImagePositionPatient",
    "ImageOrientationPatient", "PixelSpacing", "SliceThickness", "SpacingBetweenSlices", "Rows", "Columns",
    "NumberOfFrames", "SamplesPerPixel", "PhotometricInterpretation", "BitsAllocated", "BitsStored", "HighBit",
    "PixelRepresentation", "ImageType",
    # the same inside the functional groups of a multi-frame file (PS3.3 C.7.6.16)
    "SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence", "PlanePositionSequence",
    "PlaneOrientationSequence", "PixelMeasuresSequence", "FrameContentSequence", "StackID", "InStackPositionNumber",
    "DimensionIndexValues", "DimensionOrganizationSequence", "DimensionOrganizationUID", "DimensionIndexSequence",
    "DimensionIndexPointer", "FunctionalGroupPointer",
}
_EMPTY = ("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime", "StudyID",
          "AccessionNumber", "ReferringPhysicianName")  # the standard wants them there


def reference(dataset: Dataset) -> Dataset:
    """The header of a file without pixels, names, numbers of the patient and dates.

    UIDs stay: they are what links a segmentation to its pictures.
    """
    kept = _only(dataset)
    for keyword in _EMPTY:
        setattr(kept, keyword, "")
    kept.file_meta = meta()
    return kept


def meta() -> FileMetaDataset:
    """Meta information that a header without pixels needs to be complete in memory."""
    found = FileMetaDataset()
    found.TransferSyntaxUID = ExplicitVRLittleEndian
    return found


def _only(dataset: Dataset) -> Dataset:
    kept = Dataset()
    for element in dataset:
        if element.keyword not in _KEPT:
            continue
        if element.VR == "SQ":
            setattr(kept, element.keyword, Sequence([_only(item) for item in element.value]))
        else:
            kept.add(element)
    return kept
