"""From a finding to its reason in the recording."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

from core import attribution, progress
from core.assessment import Attribution
from core.ecg import delineation, heartbeat
from core.ecg.model import AT_ONCE, INNER, PADDED, standardise
from core.ecg.signal import SAMPLING_RATE, WINDOW, stitch, windows
from core.ecg.statements import LABELS
from core.ecg.study import LEADS, EcgStudy
from core.serving import Served, get
from core.uploads import InputError

CELL = 0.2  # seconds: what the deletion check erases at a time
IG_STEPS = 24
Seen = Callable[[int], None]  # how many windows are explained


def explain(
    study: EcgStudy, target: str, method: str = "grad_cam", weights: str = "ecg", done: progress.Done | None = None
) -> Attribution:
    """Why the model gave ``target`` ("statement:IMI", "superclass:MI" ...) its probability.

    ``grad_cam`` says when (the same for all leads), ``integrated_gradients`` when and in which lead.

    Returns:
        Attribution whose values are ``[12, samples]`` at the study's sampling rate, largest magnitude 1; its
        faithfulness is the deletion check on the window that speaks most for the target.

    Raises:
        InputError: a refused recording, unknown target or method.
        Cancelled: ``done`` returned False.
    """
    began, served = time.perf_counter(), get(weights)
    reason = next((notice for notice in study.notices if notice.level == "refuse"), None)
    if reason is not None:
        raise InputError("files", f"There is no finding to explain. {reason.message}", "Upload another recording.")
    if study.withheld:
        raise InputError("files", f"There is no finding to explain. {study.withheld}", "Upload a whole 12-lead recording.")
    if (reason := heartbeat.refusal(study, delineation.delineate(study))) is not None:
        raise InputError("files", f"There is no finding to explain. {reason.message}", "Upload another recording.")
    group, _, code = target.rpartition(":")
    label = (group or "statement", code)
    if label not in LABELS:
        raise InputError("target", f"There is no finding {target!r}.", "Name it as group:code, for example statement:IMI.")
    if method not in _METHODS:
        raise InputError("method", f"There is no method {method!r}.", f"Choose one of {', '.join(_METHODS)}.")
    k = LABELS.index(label)
    batch = torch.from_numpy(windows(study)).to(served.device)
    signal, amplitude = standardise(batch)
    steps = len(batch) + 1  # and the check
    values, parameters = _METHODS[method](served, signal, amplitude, k, lambda seen: progress.report(done, seen, steps))
    strongest = _strongest(served, signal, amplitude, k)
    check = _deletion(served, signal[strongest], amplitude[strongest], values[strongest], k)
    progress.report(done, steps, steps)
    stitched = np.nan_to_num(stitch(values[..., INNER], study))
    return Attribution(
        values=(stitched / max(np.abs(stitched).max(), 1e-12)).astype(np.float32), target=":".join(label), method=method,
        parameters=parameters, faithfulness=check, seconds=round(time.perf_counter() - began, 3),
    )


def _grad_cam(served: Served, signal: Tensor, amplitude: Tensor, k: int, seen: Seen) -> tuple[np.ndarray, dict]:
    names, maps = served.config.extra["attribution_layers"], []
    for part, loud in zip(signal.split(AT_ONCE), amplitude.split(AT_ONCE), strict=True):
        upright = []  # one map of each layer, [windows, 1, time]
        for name in names:
            with served.lock:  # while Captum's hook is on the layer, nobody else may run the model
                one, = attribution.grad_cam(_logits(served, loud), [served.model.get_submodule(name)], part, k)
            upright.append(nn.functional.interpolate(one, size=PADDED, mode="linear"))
        maps.append(torch.stack(upright).sum(0).expand(-1, len(LEADS), -1))
        seen(sum(map(len, maps)))
    return torch.cat(maps).cpu().numpy(), {"layers": names}


def _integrated_gradients(
    served: Served, signal: Tensor, amplitude: Tensor, k: int, seen: Seen
) -> tuple[np.ndarray, dict]:
    parts, deltas = [], []
    for one, loud in zip(signal.split(1), amplitude.split(1), strict=True):
        values, delta = attribution.integrated_gradients(_logits(served, loud), one, torch.zeros_like(one), k, IG_STEPS)
        parts.append(values)
        deltas.append(delta)
        seen(len(parts))
    parameters = {"steps": IG_STEPS, "baseline": "flat line", "convergence_delta": round(max(deltas), 4)}
    return torch.cat(parts).cpu().numpy(), parameters


_METHODS = {"grad_cam": _grad_cam, "integrated_gradients": _integrated_gradients}


def _logits(served: Served, amplitude: Tensor) -> attribution.Forward:
    """The network from the standardised signal on, the amplitudes held fixed; each pass holds the model's lock.

    Attribution starts here because standardising makes the path from a flat line to the recording a jump.

    Args:
        amplitude: ``[windows, 12]``, or ``[1, 12]`` for any number of inputs.
    """
    model = served.model

    def forward(signal: Tensor) -> Tensor:
        loud = amplitude.expand(len(signal), -1)
        with served.lock:
            return model.head(torch.cat([branch(signal, loud) for branch in model.branches], 1))

    return forward


@torch.inference_mode()
def _strongest(served: Served, signal: Tensor, amplitude: Tensor, k: int) -> int:
    """The window that speaks most for the target."""
    parts = zip(signal.split(AT_ONCE), amplitude.split(AT_ONCE), strict=True)
    return int(torch.cat([_logits(served, loud)(part)[:, k] for part, loud in parts]).argmax())


def _deletion(served: Served, signal: Tensor, amplitude: Tensor, values: np.ndarray, k: int) -> dict:
    """Erase cells of 0.2 s (all leads at once where the map is the same in all leads)."""
    length = int(CELL * SAMPLING_RATE)
    cells = np.maximum(values[:, INNER], 0).reshape(len(LEADS), WINDOW // length, length).mean(-1)
    if np.allclose(values, values[:1]):
        cells = cells[:1]
    original, forward = signal.cpu().numpy(), _logits(served, amplitude[None])

    def erase(mask: np.ndarray) -> np.ndarray:
        erased = original.copy()
        whole = np.broadcast_to(np.repeat(mask, length, axis=1), (len(LEADS), WINDOW))
        erased[:, INNER][whole] = 0.0
        return erased

    @torch.inference_mode()
    def score(batch: np.ndarray) -> np.ndarray:
        return forward(torch.from_numpy(batch).to(signal.device))[:, k].cpu().numpy()

    return attribution.deletion(score, erase, cells)
