"""The ECG viewer as a Streamlit component. Not a page: navigation.py alone says what is one."""

from __future__ import annotations

import base64
import zlib
from dataclasses import asdict
from functools import cache
from typing import Literal

import numpy as np
import streamlit as st

from core.assessment import Attribution
from core.ecg.paper import DERIVED, Layout, centred, coarse, extent, lead_notes, levels
from core.ecg.study import LEADS, EcgStudy
from core.plot_style import DARK, LIGHT
from core.settings import ROOT

ASSETS = ROOT / "assets"
FOLDER = ASSETS / "ecg_viewer"
PARTS = ("study", "paper", "trace", "marks", "calipers", "view", "input", "viewer")
SCRIPTS = (ASSETS / "viewer_input.js", *(FOLDER / f"{part}.js" for part in PARTS))  # joined in this order


@cache
def _component():
    return st.components.v2.component(
        "cardioscope_ecg_viewer",
        html=(FOLDER / "viewer.html").read_text("utf-8"),
        css=(FOLDER / "viewer.css").read_text("utf-8"),
        js="\n".join(script.read_text("utf-8") for script in SCRIPTS),
    )


def _packed(array: np.ndarray, dtype: str) -> str:
    return base64.b64encode(np.ascontiguousarray(array, dtype=dtype).tobytes()).decode("ascii")


def payload(
    study: EcgStudy, marks: np.ndarray | None = None, attribution: Attribution | np.ndarray | None = None,
    flags: dict[str, str] | None = None,
) -> dict:
    """What the browser gets: integers in base64, about 160 kB for ten seconds of twelve leads at 500 Hz.

    One count is 1 uV, more where the recording exceeds what 16 bits of microvolts hold.
    """
    signal = centred(study)
    unit = max(0.001, float(np.abs(signal).max()) / 32767)
    counts = np.round(signal / unit)
    packed = _packed(counts, "<i2")
    notes = lead_notes(study) if flags is None else flags
    data = {
        "id": zlib.crc32(packed.encode(), int(study.sampling_rate * 1000)), "signal": packed, "unit": unit,
        "rate": study.sampling_rate, "leads": list(LEADS), "extent": extent(signal).round(4).tolist(),
        "missing": list(study.missing), "flags": notes,
        "mild": [lead for lead, note in notes.items() if note == DERIVED],
        "description": f"Twelve-lead ECG, {study.duration:.1f} seconds at {study.sampling_rate:g} hertz. Arrow keys move "
                       "the paper, plus and minus zoom, C turns the calipers on.",
        "palettes": {"light": asdict(LIGHT), "dark": asdict(DARK)},
    }
    if marks is not None and len(marks):
        data["marks"] = _packed(marks, "<i4")
    if attribution is not None:
        known = isinstance(attribution, Attribution)
        values = coarse(attribution.values if known else attribution, round(100 * study.duration))  # as the model reads
        scaled, signed = levels(values)
        values = _packed(np.round(scaled * 127), "i1")
        title = f"{attribution.target}, {attribution.method.replace('_', ' ')}" if known else "Attribution"
        data["attribution"] = {"id": zlib.crc32(values.encode()), "values": values, "signed": signed, "title": title}
    return data


def ecg_viewer(
    study: EcgStudy, *, marks: np.ndarray | None = None, attribution: Attribution | np.ndarray | None = None,
    flags: dict[str, str] | None = None, layout: Layout = "3x4", speed: Literal[25, 50] = 25,
    gain: Literal[5, 10, 20] = 10, key: str,
) -> None:
    """Show the recording on paper that can be zoomed and measured.

    Args:
        marks: ``[n, 5]`` int: lead, wave (0 P, 1 QRS, 2 T), onset, peak, end in samples; -1 where absent.
        attribution: ``[12, steps]`` over the whole recording, drawn under the trace.
        flags: note beside a lead's name, by lead; by default those of ``core.ecg.paper.lead_notes``.
        layout, speed, gain: what the viewer opens with; after that its own controls rule.
    """
    data = payload(study, marks, attribution, flags)
    data["options"] = {"layout": layout, "speed": speed, "gain": gain}
    _component()(data=data, key=key)
