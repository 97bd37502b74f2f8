"""The ECG room: a recording on paper, what the model finds in it, why, and what else speaks to it."""

from __future__ import annotations

from functools import partial

from core.modality import get
from pages import form, room, why
from pages.ecg.inputs import FORMATS, about
from pages.ecg.tabs import WHY, compare, files, findings
from pages.ecg.viewer import elsewhere, recording

room.page(get("ecg"), room.Layout(
    title="Recording", empty=("No recording yet", "Drop a twelve-lead ECG on the left, or choose an example. It is read in "
                              "memory, drawn on calibrated paper and assessed within a second."),
    doing="Reading the recording", step="Window",
    source=partial(form.source, label="Twelve-lead ECG", formats=FORMATS, needs_files=True), about=about,
    picture=recording, elsewhere=elsewhere, findings=findings, why=partial(why.tab, why=WHY), compare=compare, files=files,
    headline=-1,
))
