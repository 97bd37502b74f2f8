"""Forms with nothing of the patient in them, beside prescriptions that tell much: what the room must refuse."""

from __future__ import annotations

from collections.abc import Iterator

from core.contract import Input

_TELLING = "Levosimendan weekly, furosemide 250 mg bd, metolazone 5 mg od. On the list for transplantation; palliative care."


def mirages() -> Iterator[Input]:
    """An empty form, text alone, and text beside what says where a patient is cared for, not who it is."""
    yield Input("nothing entered")
    yield Input("blank prescriptions", (), {"prescriptions": "   "})
    yield Input("prescriptions alone", (), {"prescriptions": _TELLING})
    yield Input("prescriptions and setting", (), {"prescriptions": _TELLING, "setting": "inpatient"})
    yield Input("prescriptions and a switch", (), {"prescriptions": _TELLING, "scar_adjustment": True})
