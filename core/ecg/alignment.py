"""ECG and report text in one space (the alignment of the ECG-report source, with negatives).

A loss that only pulls pairs together is solved by one constant vector, so reports of *other* statement
sets in the batch push apart: cosine embedding loss with a margin, on the hardest of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.ecg.statements import structured_report
from core.text import TextEncoder, aggregate

SHARED = 128
MARGIN = 0.2
HARDEST = 8  # negatives per ECG and batch that count; the mean over all lets rare statements drown
Bank = list[dict[str, object]]


class Alignment(nn.Module):
    """Two projections into the shared space; outputs are unit vectors ``[batch, 128]``."""

    def __init__(self, ecg_width: int, text_width: int):
        super().__init__()
        self.ecg = nn.Linear(ecg_width, SHARED)
        self.text = nn.Linear(text_width, SHARED)

    def project_ecg(self, z: Tensor) -> Tensor:
        return F.normalize(self.ecg(z), dim=-1)

    def project_text(self, embedding: Tensor) -> Tensor:
        return F.normalize(self.text(embedding), dim=-1)


def alignment_loss(ecg: Tensor, text: Tensor, same: Tensor) -> Tensor:
    """Cosine embedding loss: each ECG to its own report, away from the hardest reports of other statement sets.

    Args:
        ecg, text: unit vectors ``[batch, 128]``.
        same: bool ``[batch, batch]``, the report describes the same statement set as the ECG's own.
    """
    cosine = ecg @ text.T
    others = cosine.masked_fill(same, -1.0).topk(min(HARDEST, len(cosine) - 1)).values
    return (1 - cosine.diagonal()).mean() + F.relu(others - MARGIN).mean()


def embed_reports(reports: Sequence[dict[str, float]], encoder: TextEncoder) -> np.ndarray:
    """One vector per report ``[n, width]``: each line embedded, weighted by its confidence, aggregated.

    PTB-XL gives form and rhythm statements a likelihood of 0 ("not stated"): they count as 100 here.
    """
    stated = [{code: confidence or 100.0 for code, confidence in report.items()} for report in reports]
    lines = sorted({line for report in stated for line in structured_report(report)})
    vectors = dict(zip(lines, encoder.embed(lines), strict=True))
    return np.stack([
        aggregate(np.stack([vectors[line] for line in structured_report(report)]), np.array(list(report.values())))
        for report in stated
    ])


def report_bank(reports: Sequence[dict[str, float]], least: int = 5) -> Bank:
    """Statement sets that at least ``least`` training records share, most frequent first, with mean likelihoods.

    No single record can be read back from it.
    """
    counts = Counter(tuple(sorted(report)) for report in reports)
    bank: Bank = []
    for codes, count in counts.most_common():
        if count < least:
            break
        members = [report for report in reports if tuple(sorted(report)) == codes]
        means = {code: round(float(np.mean([m[code] or 100.0 for m in members]))) for code in codes}
        bank.append({"codes": means, "count": count})
    return bank


def nearest(ecg: Tensor, bank: Tensor, top: int) -> tuple[list[int], list[float]]:
    """Indices and cosines of the ``top`` bank entries closest to one projected ECG ``[128]``."""
    cosine = bank @ ecg
    values, indices = torch.topk(cosine, min(top, len(bank)))
    return indices.tolist(), values.tolist()
