"""Open late-enhancement stacks with contours."""

from __future__ import annotations

from core.training.publisher import Dataset


def published() -> tuple[Dataset, ...]:
    """EMIDEC is the one collection in the layout that the room learns from; its publisher gives it on request."""
    return (Dataset(
        "emidec", "EMIDEC, 100 training cases", "https://emidec.com/dataset", "CC BY-NC-SA 4.0", "Lalande et al. 2020, Data 5:89",
        bytes=0, why_not="EMIDEC is given by its publisher on request, not for a program to fetch."),)
