"""From a recording to an Assessment."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from core import progress
from core.assessment import Assessment, Curve, Finding, Measurement, Related, refused
from core.ecg import delineation, heartbeat, intervals, report
from core.ecg.alignment import nearest
from core.ecg.disagreement import disagreement
from core.ecg.model import AT_ONCE, INNER, standardise
from core.ecg.signal import stitch, windows
from core.ecg.statements import BY_CODE, LABELS, structured_report, term
from core.ecg.study import LEADS, EcgStudy
from core.ecg.withhold import withhold
from core.findings import named, told
from core.serving import Served, get, timed
from core.weights import Config

LANGUAGES = ("en", "de")


def assess(study: EcgStudy, weights: str = "ecg", done: progress.Done | None = None) -> Assessment:
    """Findings, intervals, report, similar reports and reconstruction of one recording.

    Recordings longer than 10 s are read in 10-s windows whose logits are averaged; the first of them is rebuilt.

    Raises:
        Cancelled: ``done`` returned False.
    """
    served, timings = get(weights), {}
    reason = next((notice for notice in study.notices if notice.level == "refuse"), None)
    if reason is not None:
        return refused("ecg", served.identity, reason, study.notices)
    if study.withheld:
        return _measured_alone(study, served, timings, done)
    with timed(timings, "prepare"):
        batch = torch.from_numpy(windows(study)).to(served.device)
    before = delineation.passes(study)
    passes = before + len(batch)
    with timed(timings, "delineation"):
        marks = delineation.delineate(study, done=lambda steps, _: progress.report(done, steps, passes))
    if (reason := heartbeat.refusal(study, marks)) is not None:
        return refused("ecg", served.identity, reason, study.notices, timings)
    with timed(timings, "network"):
        first, latents = None, []
        for part in batch.split(AT_ONCE):
            with served.lock, torch.inference_mode():
                rebuilt, z = served.model.reconstruct(part)
            first = rebuilt[:1] if first is None else first
            latents.append(z)
            progress.report(done, before + sum(map(len, latents)), passes)
        z = torch.cat(latents)
        with served.lock, torch.inference_mode():
            logits = served.model.head(z).mean(0).cpu().numpy()
    every = findings(logits, served.config)
    with timed(timings, "intervals"):
        marks = marks.without("P") if fibrillating(every) else marks
        measured = intervals.measure(study, marks)
    reconstruction, errors = _in_millivolts(first, batch[:1])
    with timed(timings, "similar reports"), served.lock, torch.inference_mode():
        related, similar = _related(served, z.mean(0))
    held = withhold(study, every, measured, similar)
    said = (disagreement(study, held.findings, measured, marks, similar, held.paced), *held.notices,
            intervals.against_device(study, measured))
    notices = (*filter(None, said), *study.notices)
    with timed(timings, "report"):
        text = {language: report.write(held.findings, measured, notices, language, held.reasons) for language in LANGUAGES}
    return Assessment(
        modality="ecg", model=served.identity, findings=held.findings, measurements=measured + errors,
        comparators=intervals.comparators(study, measured, held.paced), notices=notices, related=related, report=text,
        overlays={"marks": marks.marks, "reconstruction": stitch(reconstruction, study).astype(np.float32)},
        curves=courses(study), timings_ms=timings,
    )


def _measured_alone(study: EcgStudy, served: Served, timings: dict[str, float], done: progress.Done | None) -> Assessment:
    """Of a recording of few leads or of parts of them: what is measured, and no statement."""
    with timed(timings, "delineation"):
        marks = delineation.delineate(study, done=done)
    if (reason := heartbeat.refusal(study, marks)) is not None:
        return refused("ecg", served.identity, reason, study.notices, timings)
    with timed(timings, "intervals"):
        measured = intervals.measure(study, marks)
    held = withhold(study, (), measured)
    notices = (*held.notices, *filter(None, [intervals.against_device(study, measured)]), *study.notices)
    text = {language: report.write((), measured, notices, language, held.reasons) for language in LANGUAGES}
    return Assessment(
        modality="ecg", model=served.identity, measurements=measured, comparators=intervals.comparators(study, measured),
        notices=notices, report=text, overlays={"marks": marks.marks}, curves=courses(study), timings_ms=timings)


def courses(study: EcgStudy) -> tuple[Curve, ...]:
    """The heart rate over a long recording, of which a window was read."""
    if not study.trend:
        return ()
    minutes, rates = zip(*study.trend, strict=True)
    return (Curve("Heart rate over the whole recording", minutes, rates, (), (), "min", "/min"),)


def fibrillating(found: Sequence[Finding]) -> bool:
    """Whether fibrillation or flutter, stated or not, is more probable than a sinus rhythm: then no P wave is to be marked.

    ``benchmarks/ecg_quality.py --p-waves`` prints in how many recordings of either that withholds the PR interval.
    """
    base = {f.code: f.probability for f in found if f.group == "statement" and f.probability is not None}
    atrial = max((base[code] for code in ("AFIB", "AFLT") if code in base), default=0.0)
    return atrial > max((base[code] for code in ("SR", "STACH", "SBRAD", "SARRH") if code in base), default=0.0)


def findings(logits: np.ndarray, config: Config) -> tuple[Finding, ...]:
    """The 99 labels with calibrated probability, operating point and interval; untrained labels say so."""
    rows = []
    for k, (group, code) in enumerate(LABELS):
        kinds = BY_CODE[code].kinds if group == "statement" else ("diagnostic",)
        category = "rhythm" if "rhythm" in kinds else "diagnostic" if "diagnostic" in kinds else "form"
        finding = named(group, code, term(group, code).label, category)
        if config.extra["trained"][k]:
            finding = told(finding, logits[k], config.extra["calibration"][k], config.extra["operating_points"][k])
        rows.append(finding)
    return tuple(rows)


def _in_millivolts(rebuilt: Tensor, batch: Tensor) -> tuple[np.ndarray, tuple[Measurement, ...]]:
    """A rebuilt window in mV ``[1, 12, 1000]``, NaN in flat leads, and what the decoder misses of each lead.

    Args:
        rebuilt: ``[1, 12, 1024]`` standardised. batch: ``[1, 12, 1000]`` mV, what was rebuilt.
    """
    rebuilt, signal = rebuilt[..., INNER], standardise(batch)[0][..., INNER]
    missed = ((rebuilt - signal) ** 2).mean(-1) / signal.var(-1, correction=0).clamp_min(1e-6)
    spread = batch.std(-1, keepdim=True, correction=0)
    back = torch.where(spread > 0, rebuilt * (spread + 0.01) + batch.mean(-1, keepdim=True), torch.nan)
    shares = torch.where(spread > 0, missed[..., None], torch.nan).flatten().tolist()
    return back.cpu().numpy(), tuple(_error(lead, share) for lead, share in zip(LEADS, shares, strict=True))


def _error(lead: str, share: float) -> Measurement:
    known = np.isfinite(share)
    return Measurement(f"reconstruction_error_{lead.lower()}", f"Reconstruction error, {lead}",
                       round(100 * share, 2) if known else None, "%", source="decoder", group="reconstruction",
                       note="Share of the lead's variance that the decoder misses." if known else "The lead is flat.")


def _related(served: Served, z: Tensor, top: int = 5) -> tuple[tuple[Related, ...], list[frozenset[str]]]:
    """Reports of the training folds nearest in the shared ECG-text space; text and counts only; and the codes of each."""
    entries = served.config.extra["bank"]
    indices, cosines = nearest(served.model.alignment.project_ecg(z), served.model.bank, top)
    return tuple(
        Related("\n".join(structured_report(entries[i]["codes"])), round(cosine, 4), entries[i]["count"])
        for i, cosine in zip(indices, cosines, strict=True)
    ), [frozenset(entries[i]["codes"]) for i in indices]
