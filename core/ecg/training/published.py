"""Open electrocardiograms to train on."""

from __future__ import annotations

from core.training.publisher import Dataset, Part

PTBXL = "https://physionet.org/content/ptb-xl/1.0.3/"


def published() -> tuple[Dataset, ...]:
    """PTB-XL: the 100 Hz records out of the one archive; every file of it is checked against the publisher's list."""
    return (Dataset(
        "ptbxl", "PTB-XL 1.0.3", PTBXL, "CC BY 4.0", "Wagner et al. 2020, Sci Data 7:154, doi 10.1038/s41597-020-0495-6",
        bytes=1_839_504_686, sums="https://physionet.org/files/ptb-xl/1.0.3/SHA256SUMS.txt",
        parts=(Part("https://physionet.org/content/ptb-xl/get-zip/1.0.3/", "ptb-xl-1.0.3.zip", 1_839_504_686, bare=True,
                    members=("ptbxl_database.csv", "scp_statements.csv", "LICENSE.txt", "records100/*")),)),)
