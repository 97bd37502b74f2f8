"""Open cohorts of patients with heart failure: one to train on, one to compare on."""

from __future__ import annotations

from core.heart_failure.layouts import MUSIC_TABLE
from core.training.publisher import Dataset, Part

MUSIC = "https://physionet.org/files/music-sudden-cardiac-death/1.0.1/"


def published() -> tuple[Dataset, ...]:
    """MUSIC's table, checked against the publisher's list; UCI's publishes no checksum."""
    return (
        Dataset("music", "MUSIC 1.0.1, the table of patients", "https://physionet.org/content/music-sudden-cardiac-death/1.0.1/",
                "ODbL 1.0", "Martin-Yebra et al. 2024, doi 10.13026/cec2-9w70", bytes=1_000_000, sums=f"{MUSIC}SHA256SUMS.txt",
                parts=(Part(f"{MUSIC}{MUSIC_TABLE}", MUSIC_TABLE),), settings={"model": "cox", "compared": ["ridge"]}),
        Dataset("uci", "UCI heart failure clinical records, 299 patients", "https://archive.ics.uci.edu/dataset/519", "CC BY 4.0",
                "Chicco and Jurman 2020, doi 10.24432/C5Z89R", bytes=10_000, learned=False,
                data="heart_failure_clinical_records_dataset.csv",
                parts=(Part("https://archive.ics.uci.edu/static/public/519/heart+failure+clinical+records.zip", "uci519.zip",
                            members=("heart_failure_clinical_records_dataset.csv",)),)),
    )
