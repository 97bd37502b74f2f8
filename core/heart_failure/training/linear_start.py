"""A ridge Cox model on what M-PRTM sees, by cohort: the network starts from it and learns only the rest."""

from __future__ import annotations

import numpy as np
import torch

from core.heart_failure.network import MPrtm, settle
from core.heart_failure.training.fit import newton
from core.heart_failure.training.outcomes import Patients


@torch.no_grad()
def begin(model: MPrtm, patients: Patients, penalty: float) -> None:
    """Standardise, fit the linear part and its uncertainty, and make the scores of the modalities comparable.

    Args:
        penalty: of coefficients of standardised inputs; what is missing, and rare flags, are penalised as if they had
            unit variance, so that they count for less.
    """
    values, known = _scaled(model, patients.numbers)
    model.centre.copy_(_mean(values, known))
    model.spread.copy_(_deviation(values, known))
    cine_known = ~patients.scar.isnan()
    model.cine_centre.copy_(_mean(patients.scar, cine_known))
    model.cine_spread.copy_(_deviation(patients.scar, cine_known))
    said = patients.has_text
    if said.any():
        model.read_centre.copy_(patients.read[said].mean((0, 1)))
    parts = model.parts(**patients.inputs())
    design, present = parts["design"], parts["present"]
    model.trained.copy_(present.any(0))
    variance = design.double().var(0).numpy()
    text = slice(2 * model.fields, 2 * model.fields + model.flags)
    weight = np.ones(len(variance))
    weight[text] = np.clip(variance[text], 0.02, None)  # flags between 0 and 1: as if they were standardised
    beta, covariance = newton(design.double().numpy(), patients.time.numpy(), patients.event.numpy(),
                              patients.cohort.numpy(), penalty * weight)
    model.linear.copy_(torch.from_numpy(np.where(variance > 0, beta, 0.0)))
    model.uncertainty.copy_(torch.from_numpy(np.linalg.cholesky(covariance * (variance > 0) + 1e-10 * np.eye(len(beta)))))
    settle(model, **patients.inputs())


def _scaled(model: MPrtm, numbers: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    model.centre.zero_()
    model.spread.fill_(1)
    return model.scaled(numbers)


def _mean(values: torch.Tensor, known: torch.Tensor) -> torch.Tensor:
    return torch.where(known, values, 0.0).sum(0) / known.sum(0).clamp(min=1)


def _deviation(values: torch.Tensor, known: torch.Tensor) -> torch.Tensor:
    mean = _mean(values, known)
    found = (torch.where(known, (values - mean).square(), 0.0).sum(0) / known.sum(0).clamp(min=1)).sqrt()
    return torch.where(found > 1e-6, found, 1.0)
