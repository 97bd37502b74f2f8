"""From a recording to an Assessment, and from a finding to its reason."""

from __future__ import annotations

import time

import numpy as np
import torch
from torch import Tensor, nn

from core import attribution
from core.assessment import Assessment, Attribution, Finding, Related
from core.calibration import Platt
from core.ecg import delineation, intervals, report
from core.ecg.alignment import nearest
from core.ecg.model import PADDED, SAMPLING_RATE, WINDOW, EcgNet, standardise
from core.ecg.signal import windows
from core.ecg.statements import BY_CODE, LABELS, structured_report, term
from core.ecg.study import LEADS, EcgStudy
from core.serving import Served, get, timed
from core.uploads import InputError
from core.weights import Config

CELL = 0.2  # seconds: what the deletion check erases at a time
IG_STEPS = 24
_EDGE = (PADDED - WINDOW) // 2


def assess(study: EcgStudy, weights: str = "ecg") -> Assessment:
    """Findings, intervals, report, similar reports and reconstruction of one recording.

    Recordings longer than 10 s are read in 10-s windows whose logits are averaged.
    """
    served, timings = get(weights), {}
    with timed(timings, "prepare"):
        batch = torch.from_numpy(windows(study)).to(served.device)
    with timed(timings, "network"), served.lock, torch.inference_mode():
        rebuilt, z = served.model.reconstruct(batch)
        logits = served.model.head(z).mean(0).cpu().numpy()
    with timed(timings, "delineation"):
        marks = delineation.delineate(study)
        measurements = intervals.measure(study, marks)
    reconstruction, errors = _in_millivolts(rebuilt[:1], batch[:1])
    with timed(timings, "similar reports"), served.lock, torch.inference_mode():
        related = _related(served, z.mean(0))
    found = () if any(n.level == "refuse" for n in study.notices) else findings(logits, served.config)
    with timed(timings, "report"):
        text = {language: report.write(found, measurements, study.notices, language) for language in ("en", "de")}
    return Assessment(
        modality="ecg", model=served.identity, findings=found, measurements=measurements,
        comparators=intervals.comparators(study, measurements), notices=study.notices, related=related, report=text,
        overlays={"marks": marks.marks, "reconstruction": reconstruction, "reconstruction_error": errors},
        timings_ms=timings,
    )


def findings(logits: np.ndarray, config: Config) -> tuple[Finding, ...]:
    """The 99 labels with calibrated probability, operating point and interval; untrained labels say so."""
    rows = []
    for k, (group, code) in enumerate(LABELS):
        kinds = BY_CODE[code].kinds if group == "statement" else ("diagnostic",)
        about = {"group": group, "code": code, "label": term(group, code).label,
                 "category": "rhythm" if "rhythm" in kinds else "diagnostic" if "diagnostic" in kinds else "form"}
        if not config.extra["trained"][k]:
            rows.append(Finding(probability=None, threshold=None, trained=False, **about))
            continue
        scale, point = Platt(**config.extra["calibration"][k]), config.extra["operating_points"][k]
        rows.append(Finding(
            probability=float(scale.probability(logits[k])), threshold=point["threshold"], calibrated=True,
            interval=scale.interval(float(logits[k])), sensitivity=point["sensitivity"],
            specificity=point["specificity"], **about,
        ))
    return tuple(rows)


def explain(study: EcgStudy, target: str, method: str = "grad_cam", weights: str = "ecg") -> Attribution:
    """Why the model gave ``target`` ("statement:IMI", "superclass:MI" ...) its probability.

    ``grad_cam`` says when (the same for all leads), ``integrated_gradients`` when and in which lead.

    Returns:
        Attribution whose values are ``[12, samples]`` at the study's sampling rate, largest magnitude 1; its
        faithfulness is the deletion check on the window that speaks most for the target.

    Raises:
        InputError: unknown target or method.
    """
    began, served = time.perf_counter(), get(weights)
    group, _, code = target.rpartition(":")
    label = (group or "statement", code)
    if label not in LABELS:
        raise InputError("target", f"There is no finding {target!r}.", "Name it as group:code, for example statement:IMI.")
    if method not in _METHODS:
        raise InputError("method", f"There is no method {method!r}.", f"Choose one of {', '.join(_METHODS)}.")
    k = LABELS.index(label)
    batch = torch.from_numpy(windows(study)).to(served.device)
    signal, amplitude = standardise(batch)
    with served.lock:
        values, parameters = _METHODS[method](served, signal, amplitude, k)
        strongest = int(served.model(batch)[:, k].argmax())
        check = _deletion(served, signal[strongest], amplitude[strongest], values[strongest], k)
    stitched = _stitch(values[:, :, _EDGE: _EDGE + WINDOW], study)
    return Attribution(
        values=(stitched / max(np.abs(stitched).max(), 1e-12)).astype(np.float32), target=":".join(label), method=method,
        parameters=parameters, faithfulness=check, seconds=round(time.perf_counter() - began, 3),
    )


def _grad_cam(served: Served, signal: Tensor, amplitude: Tensor, k: int) -> tuple[np.ndarray, dict]:
    names = served.config.extra["attribution_layers"]
    layers = [served.model.get_submodule(name) for name in names]
    maps = attribution.grad_cam(_Logits(served.model, amplitude), layers, signal, k)
    upright = [nn.functional.interpolate(m, size=PADDED, mode="linear") for m in maps]  # each [windows, 1, time]
    total = torch.stack(upright).sum(0).expand(-1, len(LEADS), -1)
    return total.cpu().numpy(), {"layers": names}


def _integrated_gradients(served: Served, signal: Tensor, amplitude: Tensor, k: int) -> tuple[np.ndarray, dict]:
    parts, deltas = [], []
    for one, loud in zip(signal.split(1), amplitude.split(1), strict=True):
        values, delta = attribution.integrated_gradients(
            _Logits(served.model, loud), one, torch.zeros_like(one), k, IG_STEPS
        )
        parts.append(values)
        deltas.append(delta)
    parameters = {"steps": IG_STEPS, "baseline": "flat line", "convergence_delta": round(max(deltas), 4)}
    return torch.cat(parts).cpu().numpy(), parameters


_METHODS = {"grad_cam": _grad_cam, "integrated_gradients": _integrated_gradients}


class _Logits(nn.Module):
    """The network from the standardised signal on, the amplitudes held fixed.

    Attribution starts here because standardising makes the path from a flat line to the recording a jump.
    """

    def __init__(self, model: EcgNet, amplitude: Tensor):
        super().__init__()
        self.model, self.amplitude = model, amplitude

    def forward(self, signal: Tensor) -> Tensor:
        if len(self.amplitude) != len(signal):
            amplitude = self.amplitude[:1].expand(len(signal), -1)
        else:
            amplitude = self.amplitude
        return self.model.head(torch.cat([branch(signal, amplitude) for branch in self.model.branches], 1))


def _deletion(served: Served, signal: Tensor, amplitude: Tensor, values: np.ndarray, k: int) -> dict:
    """Erase cells of 0.2 s (all leads at once where the map is the same in all leads)."""
    length = int(CELL * SAMPLING_RATE)
    cells = np.maximum(values[:, _EDGE: _EDGE + WINDOW], 0).reshape(len(LEADS), WINDOW // length, length).mean(-1)
    if np.allclose(values, values[:1]):
        cells = cells[:1]
    original = signal.cpu().numpy()

    def erase(mask: np.ndarray) -> np.ndarray:
        erased = original.copy()
        whole = np.broadcast_to(np.repeat(mask, length, axis=1), (len(LEADS), WINDOW))
        erased[:, _EDGE: _EDGE + WINDOW][whole] = 0.0
        return erased

    def score(batch: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            return _Logits(served.model, amplitude[None])(torch.from_numpy(batch).to(signal.device))[:, k].cpu().numpy()

    return attribution.deletion(score, erase, cells)


def _stitch(values: np.ndarray, study: EcgStudy) -> np.ndarray:
    """Windows ``[w, 12, 1000]`` back onto the recording ``[12, samples]``; where they overlap, the mean."""
    samples = study.millivolts.shape[1]
    length = max(round(samples * SAMPLING_RATE / study.sampling_rate), WINDOW)
    total, count = np.zeros((len(LEADS), length)), np.zeros(length)
    for i, one in enumerate(values):
        first = min(i * WINDOW, length - WINDOW)
        total[:, first: first + WINDOW] += one
        count[first: first + WINDOW] += 1
    seconds = np.arange(samples) / study.sampling_rate
    at = np.arange(length) / SAMPLING_RATE
    return np.stack([np.interp(seconds, at, lead) for lead in total / count])


def _in_millivolts(rebuilt: Tensor, batch: Tensor) -> tuple[np.ndarray, np.ndarray]:
    """First window in mV ``[12, 1000]`` and the share of each lead's variance the decoder misses ``[12]``."""
    rebuilt, signal = (x[0, :, _EDGE: _EDGE + WINDOW] for x in (rebuilt, standardise(batch)[0]))
    missed = ((rebuilt - signal) ** 2).mean(-1) / signal.var(-1, correction=0).clamp_min(1e-6)
    spread = batch[0].std(-1, keepdim=True, correction=0)
    back = torch.where(spread > 0, rebuilt * (spread + 0.01) + batch[0].mean(-1, keepdim=True), 0.0)
    missed = torch.where(spread[:, 0] > 0, missed, torch.nan)
    return back.cpu().numpy().astype(np.float32), missed.cpu().numpy().astype(np.float32)


def _related(served: Served, z: Tensor, top: int = 5) -> tuple[Related, ...]:
    """Reports of the training folds nearest in the shared ECG-text space; text and counts only."""
    entries = served.config.extra["bank"]
    indices, cosines = nearest(served.model.alignment.project_ecg(z), served.model.bank, top)
    return tuple(
        Related("\n".join(structured_report(entries[i]["codes"])), round(cosine, 4), entries[i]["count"])
        for i, cosine in zip(indices, cosines, strict=True)
    )
