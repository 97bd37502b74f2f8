"""The view of a film from the words that files and forms use."""

from __future__ import annotations

import re

_LATERAL = r"LL|RL|LAT|LATERAL|LEFT LATERAL|RIGHT LATERAL|L LAT|R LAT|LLAT|RLAT"
_FRONTAL = r"(PA|AP|POSTERO ?ANTERIOR|ANTERO ?POSTERIOR)\b"


def view_of(text: object) -> str | None:
    """ "PA", "AP" or "lateral" from what a file or a form says, or None."""
    words = " ".join(re.split(r"[^A-Z]+", str(text or "").upper())).strip()
    if re.fullmatch(_LATERAL, words):
        return "lateral"
    found = re.match(_FRONTAL, words)
    return ("PA" if found[1].startswith("P") else "AP") if found else None
