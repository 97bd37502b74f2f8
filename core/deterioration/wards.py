"""Kinds of ward a stay is on, and how files spell them."""

from __future__ import annotations

WARDS = {
    "coronary": "Coronary care", "cardiac surgery": "Cardiac surgery", "medical": "Medical intensive care",
    "surgical": "Surgical intensive care", "mixed": "Medical and surgical intensive care",
    "neurological": "Neurological intensive care", "emergency": "Emergency department", "ward": "General ward",
}
_SPELT = {
    "ccu": "coronary", "coronary care unit": "coronary", "coronary care unit (ccu)": "coronary", "cardiac icu": "coronary",
    "ccu-cticu": "coronary", "csru": "cardiac surgery", "cvicu": "cardiac surgery", "cticu": "cardiac surgery",
    "csicu": "cardiac surgery", "cardiac surgery recovery unit": "cardiac surgery",
    "cardiac vascular intensive care unit (cvicu)": "cardiac surgery", "micu": "medical",
    "medical icu": "medical", "medical intensive care unit (micu)": "medical", "sicu": "surgical", "tsicu": "surgical",
    "surgical icu": "surgical", "surgical intensive care unit (sicu)": "surgical", "trauma sicu (tsicu)": "surgical",
    "med-surg icu": "mixed", "medical/surgical intensive care unit (micu/sicu)": "mixed",
    "neuro icu": "neurological", "neuro surgical intensive care unit (neuro sicu)": "neurological",
    "ed": "emergency", "er": "emergency", "emergency department": "emergency", "general ward": "ward", "floor": "ward",
}


def ward_of(text: object) -> str | None:
    """One of WARDS, or None where the word is none that is known."""
    word = str(text or "").strip().lower()
    return word if word in WARDS else _SPELT.get(word)
