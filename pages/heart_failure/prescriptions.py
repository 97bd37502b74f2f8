"""What was recognised in the prescriptions, as chips by class, and the four pillars of treatment. Not a page."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from core.contract import Modality
from core.heart_failure.drugs import CLASSES
from core.heart_failure.prescriptions import Mention, recognise

PILLARS = {"RAS inhibitor": ("arni", "acei", "arb"), "Beta-blocker": ("beta_blocker",), "MRA": ("mra",),
           "SGLT2 inhibitor": ("sglt2",)}  # foundational drugs where the ejection fraction is reduced (ESC 2021, ehab368)
RANK = ("current", "planned", "intolerant", "stopped", "never")  # of several mentions, the first of these is said
PILLAR = {"current": "present", "planned": "planned", "intolerant": "not tolerated", "stopped": "stopped", "never": "never given"}


def recognised(room: Modality, text: str) -> None:
    """Chips of the drugs, and of each pillar whether the text names it. Advises nothing."""
    if not text.strip():
        return
    mentions = recognise(text)
    if not mentions:
        st.caption("No drug was recognised in the text.")
        return
    st.html(f"<div class='drugs'>{chips(mentions)}{pillars(mentions)}</div>")
    st.caption("As read from the text. What is not mentioned may have its reasons: no advice on treatment.")


def chips(mentions: Sequence[Mention]) -> str:
    """By class, in the order of the text."""
    by_class: dict[str, list[Mention]] = {}
    for mention in mentions:
        by_class.setdefault(mention.drug_class, []).append(mention)
    rows = []
    for code, found in by_class.items():
        row = "".join(f"<span class='drug {m.status}'>{escape(words(m))}</span>" for m in found)
        rows.append(f"<dt>{escape(CLASSES[code])}</dt><dd>{row}</dd>")
    return f"<dl>{''.join(rows)}</dl>"


def words(mention: Mention) -> str:
    """``bisoprolol 5 mg ×1``, and what is not current says so."""
    dose = "" if mention.dose is None else f" {mention.dose:g} {mention.unit}".rstrip()
    times = f" ×{mention.times_per_day:g}" if mention.times_per_day else ""
    status = "" if mention.status == "current" else f", {mention.status}"
    return f"{mention.drug}{dose}{times}{status}"


def pillar_status(mentions: Sequence[Mention]) -> dict[str, str]:
    """Of each pillar what the text says of it: a status of RANK, or "" where it is not mentioned."""
    found = {}
    for name, codes in PILLARS.items():
        said = {m.status for m in mentions if m.drug_class in codes}
        found[name] = next((status for status in RANK if status in said), "")
    return found


def pillars(mentions: Sequence[Mention]) -> str:
    cells = "".join(f"<li class='{status or 'open'}'><b>{escape(name)}</b> {PILLAR.get(status, 'not mentioned')}</li>"
                    for name, status in pillar_status(mentions).items())
    return f"<ul class='pillars' aria-label='Four pillars of treatment'>{cells}</ul>"
