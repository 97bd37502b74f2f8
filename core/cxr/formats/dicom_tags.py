"""What a DICOM header says of the patient, the view and the device, without anything that identifies.

Names, identifiers, dates, institutions and UIDs are never kept; a date of birth serves for the age only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from pydicom.dataset import Dataset

from core.assessment import Notice
from core.cxr.formats.scaling import number
from core.cxr.formats.view import view_of
from core.patient import age_between, age_of, clean, sex_of

_VIEW_WORDS = ("ViewPosition", "SeriesDescription", "ProtocolName", "AcquisitionDeviceProcessingDescription")
_PLACE_WORDS = (*_VIEW_WORDS, "StudyDescription", "StationName", "PerformedProcedureStepDescription",
                "RequestedProcedureDescription")
_CODES = {  # PS3.16 CID 4010: SNOMED CT and its older form
    "272479007": "PA", "R-10214": "PA", "399348003": "AP", "R-10206": "AP", "399067008": "lateral",
    "R-10236": "lateral", "399173006": "lateral", "R-10232": "lateral", "399198007": "lateral", "R-10228": "lateral",
}
_CHEST = r"CHEST|THORAX|TORAX|TH[OÓ]RAX|LUNG|PULM|RIB|STERN|HEART|CARDI|CLAVIC|POUMON|BRUST|WHOLE ?BODY"
_FORMATS = {"CR": "DICOM computed radiography", "DX": "DICOM digital radiography", "DR": "DICOM digital radiography",
            "RG": "DICOM radiograph", "XC": "DICOM photograph"}


@dataclass(frozen=True)
class Described:
    """What the header tells. ``spacing`` in mm per pixel (row, column); other fields as in CxrStudy."""

    view: str | None
    portable: bool | None
    sex: str | None
    age: float | None
    spacing: tuple[float, float] | None
    source: dict[str, str]
    notices: tuple[Notice, ...]


def described(dataset: Dataset) -> Described:
    """View, bedside film, sex, age, spacing and source of one DICOM header."""
    age = age_of(dataset.get("PatientAge"))
    if not age:  # 000Y is how some devices leave it open
        recorded = dataset.get("AcquisitionDate") or dataset.get("ContentDate") or dataset.get("StudyDate")
        age = age_between(dataset.get("PatientBirthDate"), recorded)
    notices = []
    if word(dataset, "BurnedInAnnotation") == "YES":
        message = "The file says that the picture has names burned into it; cover them before you share it."
        notices.append(Notice("caution", message, "identity"))
    part = word(dataset, "BodyPartExamined")
    if part and not re.search(_CHEST, part):
        message = f"The file names another body part than the chest ({clean(part.lower(), 20)})."
        notices.append(Notice("caution", message, "body part"))
    view, side_on = _view(dataset), any(way[:1] in ("A", "P") for way in _ways(dataset))
    if side_on and view in ("PA", "AP"):
        message = f"The file calls the view {view}, but its orientation is that of a lateral film."
        notices.append(Notice("caution", message, "orientation"))
    return Described("lateral" if side_on else view, _portable(dataset), sex_of(dataset.get("PatientSex")), age,
                     _spacing(dataset), _source(dataset), tuple(notices))


def upright(dataset: Dataset, pixels: np.ndarray) -> tuple[np.ndarray, bool]:
    """The film head up with the patient's left at the right edge, and whether it had to be turned.

    Args:
        dataset: its PatientOrientation names where rows and columns run to (PS3.3 C.7.6.1.1.1), L and F as a rule.
        pixels: ``[height, width]``.
    """
    ways = _ways(dataset)
    if len(ways) != 2:
        return pixels, False
    row, column = ways
    turned = pixels
    if sideways(dataset):
        turned, row, column = turned.T, column, row
    if row not in ("L", "R") or column not in ("F", "H"):
        return pixels, False  # lateral, or an axis in between
    turned = turned[:, ::-1] if row == "R" else turned
    turned = turned[::-1] if column == "H" else turned
    return np.ascontiguousarray(turned), turned is not pixels


def sideways(dataset: Dataset) -> bool:
    """Whether the rows run along the patient."""
    ways = _ways(dataset)
    return len(ways) == 2 and ways[0] in ("F", "H") and ways[1] in ("L", "R")


def _ways(dataset: Dataset) -> list[str]:
    """Where rows and columns run to, capitals."""
    return [str(way).strip().upper() for way in dataset.get("PatientOrientation") or ()]


def word(dataset: Dataset, keyword: str) -> str:
    """The value as one line of capitals, "" where it is missing."""
    return clean(dataset.get(keyword), 120).upper()


def _view(dataset: Dataset) -> str | None:
    found = view_of(dataset.get("ViewPosition"))
    codes = dataset.get("ViewCodeSequence") or ()
    found = found or next((_CODES[c] for item in codes if (c := str(item.get("CodeValue", ""))) in _CODES), None)
    if found:
        return found
    views = {v for key in _VIEW_WORDS[1:] for w in re.findall(r"[A-Z]+", word(dataset, key)) if (v := view_of(w))}
    return views.pop() if len(views) == 1 else None


def _portable(dataset: Dataset) -> bool | None:
    words = " | ".join(word(dataset, keyword) for keyword in _PLACE_WORDS)
    return True if re.search(r"(?<!NON )(?<!NON-)(?<!NOT )\b(PORTABLE|PORT|BEDSIDE|MOBILE)\b", words) else None


def _spacing(dataset: Dataset) -> tuple[float, float] | None:
    for keyword in ("PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing"):
        values = dataset.get(keyword)
        if values is not None and not isinstance(values, (str, bytes, float)) and len(values) == 2:
            row, column = (number(v) for v in values)
            if row and column and 0.01 < row < 10 and 0.01 < column < 10:
                return row, column
    return None


def _source(dataset: Dataset) -> dict[str, str]:
    source = {"format": _FORMATS.get(word(dataset, "Modality"), "DICOM image")}
    device = clean(f"{dataset.get('Manufacturer', '')} {dataset.get('ManufacturerModelName', '')}")
    if device:
        source["device"] = device
    part = clean(dataset.get("BodyPartExamined"), 20)
    if part:
        source["body part"] = part.lower()
    return source
