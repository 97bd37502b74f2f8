"""What was recognised in the prescriptions, as chips by class, and the four pillars of treatment. Not a page."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from core.drugs import CLASSES
from core.heart_failure.drugs import PILLARS
from core.heart_failure.prescriptions import Mention, pillars, recognise

SAID = {"current": "present", "planned": "planned", "intolerant": "not tolerated", "stopped": "stopped", "never": "not taken"}
TAKEN_NOT = ("intolerant", "stopped", "never")


def recognised(text: str) -> None:
    """Chips of the drugs, and of each pillar whether the text names it. Advises nothing."""
    if not text.strip():
        return
    mentions = recognise(text)
    if not mentions:
        st.caption("No drug was recognised in the text.")
        return
    st.html(f"<div class='drugs'>{chips(mentions)}{of_pillars(text)}</div>")
    st.caption("As read from the text; what it does not mention may have its reasons. This is no advice on treatment.")


def chips(mentions: Sequence[Mention]) -> str:
    """By class, in the order of the text."""
    by_class: dict[str, list[Mention]] = {}
    for mention in mentions:
        by_class.setdefault(mention.drug_class, []).append(mention)
    rows = []
    for code, found in by_class.items():
        chips = dict.fromkeys(f"<span class='drug {m.status}'>{words(m)}</span>" for m in found)
        rows.append(f"<dt>{escape(CLASSES[code])}</dt><dd>{''.join(chips)}</dd>")
    return f"<dl>{''.join(rows)}</dl>"


def words(mention: Mention) -> str:
    """HTML of ``bisoprolol 5 mg ×1``; what is not taken is struck through and says why."""
    dose = "" if mention.dose is None else f" {mention.dose:g} {mention.unit or ''}".rstrip()
    times = "" if mention.times_per_day is None else f" ×{mention.times_per_day:g}"
    name, status = escape(f"{mention.drug}{dose}{times}"), mention.status
    if status in TAKEN_NOT:
        return f"<s>{name}</s> {SAID[status]}"
    return name if status == "current" else f"{name}, {status}"


def of_pillars(text: str) -> str:
    """The four pillars, each with what the text says of it."""
    cells = "".join(
        f"<li class='{status or 'open'}'><b>{escape(PILLARS[code][0][:1].upper() + PILLARS[code][0][1:])}</b> "
        f"{SAID.get(status, 'not mentioned')}</li>" for code, status in pillars(text).items())
    return f"<ul class='pillars' aria-label='Four pillars of treatment'>{cells}</ul>"
