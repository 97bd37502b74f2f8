"""GE CardioSoft and CASE XML (root ``CardiologyXML``): the strip of all leads, samples as text."""

from __future__ import annotations

from xml.etree.ElementTree import Element

import numpy as np

from core.assessment import Measurement
from core.ecg.formats.age import in_unit
from core.ecg.formats.recording import Channel, Recording, measurement
from core.ecg.formats.xml_text import parsed
from core.patient import age_between, clean, sex_of
from core.uploads import InputError

_MEASURED = {"VentricularRate": "heart rate", "PQInterval": "PR", "PRInterval": "PR", "QRSDuration": "QRS", "QTInterval": "QT",
             "QTCInterval": "QTc", "PDuration": "P duration", "PAxis": "P axis", "RAxis": "R axis", "TAxis": "T axis"}


def read(text: str) -> Recording:
    """The recording of a resting ECG, never its averaged beat; sex, age and the device's measurements.

    Raises:
        InputError: damaged, no strip in it.
    """
    root = parsed(text)
    strips = [strip for strip in root.iter("StripData") if strip.find("WaveformData") is not None]
    if not strips:
        raise InputError("files", "The CardioSoft file holds no recorded strip.", "Export the resting ECG with its waveforms.")
    strip = strips[0]
    rate, scale = _number(strip, "SampleRate"), _number(strip, "Resolution")
    unit = (_first(strip, "Resolution").get("units", "") if _first(strip, "Resolution") is not None else "").lower()
    channels = []
    for lead in strip.iter("WaveformData"):
        label = lead.get("lead", "")
        if lead.text:
            samples = np.array(lead.text.replace(",", " ").split(), np.float64)
            channels.append(Channel(label, samples * (scale or 1.0), "uV" if scale and unit.startswith("uv") else "", rate))
    years = _first(root, "Age")
    sex, age = _text(root, "Gender"), None if years is None else in_unit(_text(root, "Age"), years.get("units", "years"))
    if age is None:
        age = age_between(_date(root, "BirthDateTime"), _date(root, "ObservationDateTime"))
    source = {"format": "CardioSoft XML"}
    if device := clean(_text(root, "DeviceType") or _text(root, "DeviceName")):
        source["device"] = device
    return Recording(tuple(channels), sex_of(sex), age, source, _measurements(root))


def _first(element: Element, name: str) -> Element | None:
    return next(element.iter(name), None)


def _text(element: Element, name: str) -> str:
    found = _first(element, name)
    return (found.text or "").strip() if found is not None else ""


def _number(element: Element, name: str) -> float | None:
    try:
        return float(_text(element, name))
    except ValueError:
        return None


def _date(root: Element, name: str) -> str:
    found = _first(root, name)
    if found is None:
        return ""
    parts = [_text(found, part) for part in ("Year", "Month", "Day")]
    return "".join(part.zfill(2) for part in parts)


def _measurements(root: Element) -> tuple[Measurement, ...]:
    table = _first(root, "RestingECGMeasurements")
    if table is None:
        return ()
    known = [measurement(_MEASURED[e.tag], e.text or "", e.get("units", "")) for e in table if e.tag in _MEASURED]
    return tuple({m.code: m for m in known if m is not None}.values())
