import torch

from core.assessment import Assessment, Curve, Finding, Measurement
from core.serving import get


def assess(study, weights="sixth", done=None):
    served = get(weights)
    if study.notices:
        return Assessment("sixth", served.identity, notices=study.notices)
    with served.lock, torch.inference_mode():
        p = float(served.model(torch.tensor([[study.rate]])).sigmoid())
    course = Curve("Pulse", (0.0, 1.0), (study.rate, study.rate), (), (), "min", "/min")
    return Assessment("sixth", served.identity, (Finding("rhythm", "fast", "Fast heart", p, 0.5),),
                      (Measurement("rate", "Pulse", study.rate, "/min", 50, 100, loinc="8867-4"),), (course,),
                      report={"en": (f"Pulse {study.rate:.0f} /min.",)})
