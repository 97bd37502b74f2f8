"""The heart-failure room: what is known of a patient to a survival curve, its reason and the established scores beside it."""

from __future__ import annotations

from core.modality import get
from pages import room
from pages.heart_failure import cohort, why
from pages.heart_failure.desk import cohort_is_open
from pages.heart_failure.inputs import about, beside_its_field, inputs, source
from pages.heart_failure.picture import curve
from pages.heart_failure.tabs import compare, findings

ROOM = get("heart_failure")

if cohort_is_open(ROOM):
    cohort.page(ROOM)
else:
    room.page(ROOM, room.Layout(
        title="Patient", widths=(1, 2), empty=(
            "Nothing entered yet", "Age and one further value are enough for a first curve; every field may stay open. Or "
            "choose an example."),
        doing="Computing", elsewhere=beside_its_field, source=source, inputs=inputs, about=about, picture=curve,
        findings=findings, why=why.tab, compare=compare, headline=0,
        note="The text of the prescriptions is in no file, only the drugs that were recognised.",
    ))
