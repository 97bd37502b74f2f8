"""The recording on paper in its viewer."""

from __future__ import annotations

import zlib
from dataclasses import asdict
from typing import Literal

import numpy as np
import streamlit as st

from core.assessment import Attribution, Notice
from core.ecg.disagreement import SUBJECT
from core.ecg.sheet import DERIVED, Layout, centred, coarse, extent, lead_notes
from core.ecg.study import LEADS, EcgStudy
from core.ecg.usable import runs
from core.figures import levels
from core.pictures import text
from core.plot_style import DARK, LIGHT
from pages.state import RoomState, widget
from pages.viewer import viewer
from pages.words import plain

SCRIPTS = ("study", "paper", "trace", "marks", "calipers", "view", "input", "viewer")


def recording(held: RoomState) -> None:
    """The recording with its marks, and what a finding rests on under the trace."""
    contradiction = next((n for n in held.assessment.notices if n.subject == SUBJECT), None)
    if contradiction is not None:
        with st.container(border=True, key=widget(held.room, "disagreement")):
            st.markdown(f":orange[:material/compare_arrows:] &ensp;**Disagreement** &ensp;{plain(_said(contradiction.message))}")
    marks, key = held.assessment.overlays.get("marks"), widget(held.room, "viewer")
    ecg_viewer(held.study, marks=marks, attribution=held.attribution, key=key)


def elsewhere(notice: Notice) -> bool:
    """The disagreement stands above the trace."""
    return notice.subject == SUBJECT


def _said(message: str) -> str:
    text = message.removeprefix("Disagreement: ")
    return text[:1].upper() + text[1:]


def packed(array: np.ndarray, dtype: str) -> str:
    return text(np.ascontiguousarray(array, dtype=dtype).tobytes())


def payload(
    study: EcgStudy, marks: np.ndarray | None = None, attribution: Attribution | np.ndarray | None = None,
    flags: dict[str, str] | None = None,
) -> dict:
    """What the browser gets: integers in base64, about 160 kB for ten seconds of twelve leads at 500 Hz.

    One count is 1 uV, more where the recording exceeds what 16 bits of microvolts hold.
    """
    signal = centred(study)
    unit = max(0.001, float(np.nanmax(np.abs(signal))) / 32767)
    counts = packed(np.round(np.nan_to_num(signal) / unit), "<i2")
    gaps = [[lead, *span] for lead, row in enumerate(np.isnan(signal)) for span in runs(row).tolist()]
    notes = lead_notes(study) if flags is None else flags
    data = {
        "id": zlib.crc32(counts.encode(), int(study.sampling_rate * 1000)), "signal": counts, "unit": unit,
        "rate": study.sampling_rate, "leads": list(LEADS), "extent": extent(signal).round(4).tolist(),
        "missing": list(study.missing), "gaps": gaps, "flags": notes,
        "mild": [lead for lead, note in notes.items() if note == DERIVED],
        "description": f"Twelve-lead ECG, {study.duration:.1f} seconds at {study.sampling_rate:g} hertz. Arrow keys move "
                       "the paper, plus and minus zoom, C turns the calipers on.",
        "palettes": {"light": asdict(LIGHT), "dark": asdict(DARK)},
    }
    if marks is not None and len(marks):
        data["marks"] = packed(marks, "<i4")
    if attribution is not None:
        known = isinstance(attribution, Attribution)
        values = coarse(attribution.values if known else attribution, round(100 * study.duration))  # as the model reads
        scaled, signed = levels(values)
        values = packed(np.round(scaled * 127), "i1")
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
        flags: note beside a lead's name, by lead; by default those of ``core.ecg.sheet.lead_notes``.
        layout, speed, gain: what the viewer opens with; after that its own controls rule.
    """
    data = payload(study, marks, attribution, flags)
    data["options"] = {"layout": layout, "speed": speed, "gain": gain}
    viewer("ecg_viewer", SCRIPTS)(data=data, key=key)
