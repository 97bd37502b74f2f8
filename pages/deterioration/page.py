"""The deterioration room: a stay replayed hour by hour, its running risk and NEWS2, and the reason for each rise."""

from __future__ import annotations

from core.modality import get
from pages import room
from pages.deterioration import alarm
from pages.deterioration.compare import compare
from pages.deterioration.inputs import about, inputs, source
from pages.deterioration.picture import picture
from pages.deterioration.tabs import findings
from pages.deterioration.why import tab
from pages.state import RoomState


def options(held: RoomState) -> dict:
    """The hand-over has the alarm line that the page shows."""
    return {"alarm": alarm.chosen(held)}


room.page(get("deterioration"), room.Layout(
    title="Stay", empty=("No stay yet", "Drop a table of vital signs on the left, type or paste one, or choose an example. "
                         "Each hour is judged from its past alone, and the stay can be replayed."),
    doing="Reading the stay", source=source, inputs=inputs, about=about, picture=picture, findings=findings, why=tab,
    compare=compare, options=options, headline=0,
    note="The text of the note is not in these files: who wrote it may have named the patient.",
))
