"""Forms with nothing of the patient in them, beside prescriptions that tell much: what the room must refuse."""

from __future__ import annotations

from collections.abc import Iterator

from core.contract import Input

_TELLING = "Levosimendan weekly, furosemide 250 mg bd, metolazone 5 mg od. On the list for transplantation; palliative care."
_INTENDED = {
    "use": "Research: to estimate survival over one to three years of an adult with heart failure, beside "
           "established scores.",
    "users": "Clinicians and researchers who can judge the patient's prognosis themselves. Not patients.",
    "out_of_scope": "Decisions on treatment, devices, transplantation or palliation; acute illness; people without heart "
                    "failure; answers on what a drug would do.",
    "risks": "Risk is that of cohorts from before ARNI and SGLT2 inhibitors, and too high where treatment is better "
             "today.",
    "outputs": "Survival curve with band, risks at one and three years with intervals, contributions of each input, "
               "MAGGIC and other scores.",
    "bias": "Outpatients of Spain and of one American clinic; inpatients have a baseline alone. Patients "
            "over 84 are beyond 98 % of them.",
}


def mirages() -> Iterator[Input]:
    """An empty form, text alone, and text beside what says where a patient is cared for, not who it is."""
    yield Input("nothing entered")
    yield Input("blank prescriptions", (), {"prescriptions": "   "})
    yield Input("prescriptions alone", (), {"prescriptions": _TELLING})
    yield Input("prescriptions and setting", (), {"prescriptions": _TELLING, "setting": "inpatient"})
    yield Input("prescriptions and a switch", (), {"prescriptions": _TELLING, "scar_adjustment": True})


def intended(weights: str) -> dict[str, str]:
    """What a model of the room is for, by field of ``core.model_facts``."""
    return _INTENDED
