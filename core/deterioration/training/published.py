"""Open intensive-care stays to train on."""

from __future__ import annotations

from core.training.publisher import Dataset, Part

FILES = "https://physionet.org/files/challenge-2012/1.0.0/"


def published() -> tuple[Dataset, ...]:
    """Set A of the 2012 challenge with its outcomes; both are checked against the publisher's list."""
    return (Dataset(
        "physionet2012", "PhysioNet/CinC Challenge 2012, set A", "https://physionet.org/content/challenge-2012/1.0.0/",
        "ODC-By 1.0", "Silva et al. 2012, Comput Cardiol 39:245", bytes=10_000_000, sums=f"{FILES}SHA256SUMS.txt",
        parts=(Part(f"{FILES}set-a.zip", "set-a.zip", members=("set-a/*.txt",)),
               Part(f"{FILES}Outcomes-a.txt", "Outcomes-a.txt"))),)
