"""Who speaks of the labels beside the room's own model.

What they say are findings in groups of their own, named after the group of the label: ``observation_low_rank``.
"""

from __future__ import annotations

from collections.abc import Iterable

from core.assessment import Finding
from core.cxr.labels import GROUPS

FILM_ALONE, LOW_RANK, XRV = "film_alone", "low_rank", "xrv"
SOURCES = {FILM_ALONE: "model without the note", LOW_RANK: "low-rank scores", XRV: "TorchXRayVision"}


def probabilities(findings: Iterable[Finding], who: str = "") -> dict[str, float]:
    """By "group:code" of a label, what the room's own model says of it, or one of SOURCES."""
    groups = {f"{group}_{who}" if who else group: group for group in GROUPS}
    return {f"{groups[f.group]}:{f.code}": f.probability for f in findings
            if f.group in groups and f.probability is not None}
