import numpy as np
import torch

from core.assessment import Attribution
from core.serving import get
from core.uploads import InputError


def explain(study, target, method="gradient", weights="sixth", done=None):
    if target != "rhythm:fast" or method != "gradient":
        raise InputError("target", f"There is no finding {target!r}.", "Ask for rhythm:fast by gradient.")
    served, rate = get(weights), torch.tensor([[study.rate]], requires_grad=True)
    with served.lock:
        served.model(rate).sum().backward()
    return Attribution(np.array(rate.grad[0]), target, method, {}, {}, 0.0)
