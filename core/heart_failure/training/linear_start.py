"""The Cox model that M-PRTM starts from, so that the network learns only the rest."""

from __future__ import annotations

import numpy as np
import torch

from core.heart_failure.network import MPrtm, settle
from core.heart_failure.training.data import Data
from core.heart_failure.training.fit import Ridge, fit_cox, newton
from core.heart_failure.training.outcomes import Patients

PENALTY = 30.0  # of what the cardiac MR says: no open cohort has any, and simulated ones are large


@torch.no_grad()
def begin(model: MPrtm, patients: Patients, ridge: Ridge) -> None:
    """Fit the start on numbers and on the flags as read; then the linear part of the cardiac MR, where there is one."""
    flags = torch.where(patients.has_text[:, None], patients.read[:, 0], torch.nan).numpy()
    n = len(patients)
    data = Data(np.arange(n), patients.numbers.numpy(), flags, ("",) * n, patients.time.double().numpy(),
                patients.event.numpy(), patients.cohort.numpy(), np.full(n, ""), {})
    model.start.load_state_dict(fit_cox(data, np.arange(n), ridge).state_dict())
    known = ~patients.scar.isnan()
    model.cine_centre.copy_(_mean(patients.scar, known))
    deviation = _mean((patients.scar - model.cine_centre).square(), known).sqrt()
    model.cine_spread.copy_(torch.where(deviation > 1e-6, deviation, 1.0))
    parts = model.parts(**patients.inputs())
    model.trained.copy_(parts["present"].any(0))
    if model.trained[2]:
        rows = parts["present"][:, 2]
        design = torch.cat([parts["start"][:, :2], parts["cine"] * rows[:, None]], 1).double().numpy()
        penalty = np.full(design.shape[1], PENALTY)
        penalty[:2] = 1e-3
        beta, _ = newton(design, data.time, data.event, data.cohort, penalty)
        model.cine_beta.copy_(torch.from_numpy(beta[2:]))
    settle(model, **patients.inputs())


def _mean(values: torch.Tensor, known: torch.Tensor) -> torch.Tensor:
    return torch.where(known, values, 0.0).sum(0) / known.sum(0).clamp(min=1)
