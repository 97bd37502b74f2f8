"""HL7 annotated ECG (aECG, Implementation Guide of 21 March 2005)."""

from __future__ import annotations

from xml.etree.ElementTree import Element

import numpy as np

from core.assessment import Measurement
from core.ecg.formats.leads import canonical, in_millivolts
from core.ecg.formats.recording import Channel, Recording, measurement
from core.ecg.formats.xml_text import parsed
from core.patient import age_between, clean, sex_of
from core.uploads import InputError

_SECONDS = {"s": 1.0, "ms": 1e-3, "us": 1e-6}


def read(text: str) -> Recording:
    """The longest recorded series with the leads, sex, age and the device's global measurements.

    Raises:
        InputError: damaged, another kind of XML, no leads.
    """
    root = parsed(text)
    if _tag(root) != "AnnotatedECG":
        raise InputError("files", f"This XML file is no ECG that is read but: {clean(_tag(root), 40)}.",
                         "Export the recording as HL7 aECG, MUSE or Sierra XML, DICOM or CSV.")
    sets = [(series, s) for series in root.iter() if _tag(series) == "series" for s in _paths(series, "component/sequenceSet")]
    if not sets:
        raise InputError("files", "The aECG file holds no recorded series.", "Export the recording with its waveform.")
    series, best = max(sets, key=lambda pair: _worth(pair[1]))
    rate = _rate(best)
    channels = tuple(_channel(label, value, rate) for label, value in _leads(best))
    person = next((e for e in root.iter() if _tag(e) == "subjectDemographicPerson"), root)
    sex = sex_of(_attribute(person, "administrativeGenderCode", "code"))
    age = age_between(_attribute(person, "birthTime", "value"), _start(root))
    source = {"format": "HL7 aECG"}
    device = next((e for e in series.iter() if _tag(e) == "manufacturedSeriesDevice"), None)
    model = _paths(device, "manufacturerModelName") if device is not None else []
    if model and clean(model[0].text):
        source["device"] = clean(model[0].text)
    return Recording(channels, sex, age, source, _measurements(series))


def _tag(element: Element) -> str:
    return element.tag.rsplit("}", 1)[-1]


def _paths(element: Element, path: str) -> list[Element]:
    """Children along a path of tag names, in any namespace."""
    found = [element]
    for name in path.split("/"):
        found = [child for parent in found for child in parent if _tag(child) == name]
    return found


def _attribute(element: Element, path: str, name: str) -> str:
    found = _paths(element, path)
    return found[0].get(name, "") if found else ""


def _start(root: Element) -> str:
    for path in ("effectiveTime/low", "effectiveTime/center", "effectiveTime"):
        if value := _attribute(root, path, "value"):
            return value
    return ""


def _leads(sequence_set: Element) -> list[tuple[str, Element]]:
    leads = []
    for sequence in _paths(sequence_set, "component/sequence"):
        label, values = _attribute(sequence, "code", "code"), _paths(sequence, "value")
        if values and _paths(values[0], "digits") and canonical(label):
            leads.append((label, values[0]))
    return leads


def _rate(sequence_set: Element) -> float | None:
    for sequence in _paths(sequence_set, "component/sequence"):
        if _attribute(sequence, "code", "code").startswith("TIME"):
            step = _attribute(sequence, "value/increment", "value")
            unit = _attribute(sequence, "value/increment", "unit") or "s"
            if step and unit in _SECONDS and float(step) > 0:
                return 1 / (float(step) * _SECONDS[unit])
    return None


def _worth(sequence_set: Element) -> tuple[int, float]:
    """Enough leads first, then the longest: an averaged beat has as many leads as the rhythm, and three seconds too few."""
    leads = _leads(sequence_set)
    digits = max((len((_paths(value, "digits")[0].text or "").split()) for _, value in leads), default=0)
    return min(len(leads), 8), digits / (_rate(sequence_set) or 1000.0)


def _channel(label: str, value: Element, rate: float | None) -> Channel:
    """SLIST_PQ: origin + scale * digits, in the unit of the scale."""
    digits = np.array((_paths(value, "digits")[0].text or "").split(), dtype=np.float64)
    unit, other = _attribute(value, "scale", "unit"), _attribute(value, "origin", "unit")
    scale, origin = float(_attribute(value, "scale", "value") or 1), float(_attribute(value, "origin", "value") or 0)
    if origin and in_millivolts(unit) and in_millivolts(other):
        origin *= in_millivolts(other) / in_millivolts(unit)
    return Channel(label, origin + scale * digits, unit, rate)


def _measurements(series: Element) -> tuple[Measurement, ...]:
    found: dict[str, Measurement] = {}
    for annotation in series.iter():
        if _tag(annotation) == "annotation":
            unit = _attribute(annotation, "value", "unit")
            known = measurement(_attribute(annotation, "code", "code"), _attribute(annotation, "value", "value"), unit)
            if known:
                found.setdefault(known.code, known)
    return tuple(found.values())
